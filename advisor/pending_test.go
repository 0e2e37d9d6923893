package advisor

import (
	"reflect"
	"regexp"
	"testing"

	"kpadvisor/say"
)

// TestPending: advice on a read that goes on says of nothing that it was not read, and
// comes to the same as if it had ended.
func TestPending(t *testing.T) {
	t.Parallel()
	// What no survey reads, such as the mode behind a configuration that was edited since,
	// is said the same way before it has ended and after.
	over := map[say.Language]*regexp.Regexp{
		say.English: regexp.MustCompile(`not (everything was )?read\b|nodePortAddresses was not seen|configuration of kube-proxy was not seen|mode of .* was not seen`),
		say.Chinese: regexp.MustCompile(`没有读取|没有逐个读取|并非所有内容都已读取|没有看到.*(配置|nodePortAddresses|的模式)`),
	}
	yet := map[say.Language]*regexp.Regexp{
		say.English: regexp.MustCompile(`being read|still to be read|\byet\b: the Services|has been read yet|has not been seen yet`),
		say.Chinese: regexp.MustCompile(`正在读取|尚未逐个读取|尚未读完|尚未看到`),
	}
	said := map[say.Language]int{}
	for _, l := range say.Languages() {
		v := say.In(l)
		eachWorld(t, func(t *testing.T, w world, seed int64) {
			if seed%20 != 0 {
				return
			}
			f, h := w.hide(w.facts()), w.habits()
			ended := DecideIn(v, f, h, Measured{})
			f.Coverage.Pending = true
			pending := DecideIn(v, f, h, Measured{})
			if ended.Action != pending.Action || ended.Recommended != pending.Recommended || ended.Confidence != pending.Confidence {
				t.Errorf("%s, world %d: %s %s became %s %s", l, seed, ended.Action, ended.Recommended, pending.Action, pending.Recommended)
			}
			collect(generic(t, ended), func(_, s string) {
				if yet[l].MatchString(s) {
					t.Errorf("%s, world %d: the read has ended: %q", l, seed, s)
				}
			})
			collect(generic(t, pending), func(_, s string) {
				if over[l].MatchString(s) {
					t.Errorf("%s, world %d: the read goes on: %q", l, seed, s)
				}
				if yet[l].MatchString(s) {
					said[l]++
				}
			})
			if f.Coverage.Pending = false; !reflect.DeepEqual(DecideIn(v, f, h, Measured{}), ended) {
				t.Errorf("%s, world %d: not a function", l, seed)
			}
		})
	}
	if said[say.English] == 0 || said[say.Chinese] == 0 {
		t.Errorf("nothing was said to be on its way: %v", said)
	}
}
