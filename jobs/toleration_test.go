package jobs

import "testing"

func TestTolerations(t *testing.T) {
	for _, c := range []struct {
		text, taint string
		tolerates   bool
		fail        bool
	}{
		{text: "all", taint: "x:NoExecute", tolerates: true},
		{text: "x", taint: "x=y:NoSchedule", tolerates: true},
		{text: "x", taint: "x:NoSchedule", tolerates: true},
		{text: "x=y", taint: "x=y:NoSchedule", tolerates: true},
		{text: "x=y", taint: "x=z:NoSchedule"},
		{text: "x:NoExecute", taint: "x:NoSchedule"},
		{text: "z", taint: "x:NoSchedule"},
		{text: "", fail: true},
		{text: "=y", fail: true},
		{text: "x:Never", fail: true},
	} {
		toleration, err := ParseToleration(c.text)
		if (err != nil) != c.fail {
			t.Errorf("%q: %v", c.text, err)
		}
		if err != nil {
			continue
		}
		if got := toleration.Tolerates(c.taint); got != c.tolerates {
			t.Errorf("%q tolerates %q: %v", c.text, c.taint, got)
		}
		if again, err := ParseToleration(toleration.String()); err != nil || again != toleration {
			t.Errorf("%q is written as %q", c.text, toleration)
		}
	}
}

// FuzzToleration: what is read is read again from what it is written as.
func FuzzToleration(f *testing.F) {
	for _, s := range []string{"all", "dedicated=gpu:NoSchedule", "key", "key:NoExecute", "=x", "a=b=c:NoSchedule", "key:", "all:NoSchedule"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseToleration(text)
		if err != nil {
			return
		}
		if again, err := ParseToleration(r.String()); err != nil || again != r {
			t.Errorf("%q is read as %+v, which is written %q and read as %+v, %v", text, r, r, again, err)
		}
	})
}
