package advisor

import (
	"fmt"
	"testing"

	"kpadvisor/advisor/release"
)

// walk is a way through sizes of a cluster: at(n) is the cluster of size n.
type walk struct {
	name string
	to   int
	at   func(n int) *situation
}

// walks are typical clusters that grow in Services with a fixed number of
// endpoints each, or in endpoints with a fixed number of Services.
func walks(yield func(walk)) {
	versions := []string{"v1.20.4", "v1.28.4", "v1.32.4", "v1.35.4", "v1.36.1", "v1.37.2"}
	if testing.Short() {
		versions = versions[1:4]
	}
	rules := newSituation(Facts{}, Habits{}, Measured{})
	for _, version := range versions {
		for _, kernel := range []string{"5.4.170", "5.15.0-105-generic", "6.12.46"} {
			for _, mode := range []Mode{IPTables, IPVS, NFTables, ""} {
				if v, _ := release.ParseVersion(version); mode == NFTables && !v.AtLeast(33) {
					continue
				}
				for _, pattern := range []string{"short", "long"} {
					var h Habits
					image := "Ubuntu 22.04.4 LTS"
					if pattern != "" {
						h, image = habits("connections", pattern), ""
					}
					cluster := func(services, endpoints int) *situation {
						f := typed(services, endpoints, kernel, version, mode)
						f.Groups[0].OSImage = image
						return rules.with(f, h)
					}
					name := fmt.Sprintf("%s, %s, %q, %q, %q", version, kernel, mode, pattern, image)
					for _, k := range []int{1, 20} {
						yield(walk{fmt.Sprintf("%s: Services with %d endpoints", name, k), 50_000, func(n int) *situation { return cluster(n, n*k) }})
					}
					yield(walk{name + ": endpoints of 5,000 Services", 400_000, func(n int) *situation { return cluster(5_000, n) }})
				}
			}
		}
	}
}

// jump returns a size at which one settled answer turns into another without a
// band between: it looks between lo and hi where their answers differ.
func jump(lo, hi int, answer func(int) string, open func(string) bool) (int, bool) {
	a, b := answer(lo), answer(hi)
	if a == b {
		return 0, false
	}
	if hi-lo == 1 {
		return hi, !open(a) && !open(b)
	}
	mid := lo + (hi-lo)/2
	if n, found := jump(lo, mid, answer, open); found {
		return n, true
	}
	return jump(mid, hi, answer, open)
}

// steps are the sizes looked at, each 25 % larger.
func steps(to int) []int {
	out := []int{1}
	for n := 2; n < to; n = max(n+1, n*125/100) {
		out = append(out, n)
	}
	return append(out, to)
}

func (w walk) check(t *testing.T, what string, answer func(*situation) string, open func(string) bool) {
	t.Helper()
	memo := map[int]string{}
	at := func(n int) string {
		if a, ok := memo[n]; ok {
			return a
		}
		memo[n] = answer(w.at(n))
		return memo[n]
	}
	sizes := steps(w.to)
	for i := 1; i < len(sizes); i++ {
		if n, found := jump(sizes[i-1], sizes[i], at, open); found {
			t.Errorf("%s, %s: %s at %d, %s at %d", w.name, what, at(n-1), n-1, at(n), n)
			return
		}
	}
}

// TestGainHasBands: whether a change gains enough goes from no to yes through
// "by a measurement", never at one more Service or endpoint.
func TestGainHasBands(t *testing.T) {
	open := func(a string) bool { return a == "unclear" }
	word := map[tri]string{yes: "yes", no: "no", unclear: "unclear"}
	walks(func(w walk) {
		for _, to := range []Mode{NFTables, IPVS} {
			w.check(t, "gain of "+string(to), func(s *situation) string {
				worth, _ := s.gainOf(to).worth(s, to)
				return word[worth]
			}, open)
		}
	})
}

// TestTwoModeHasBands: between iptables and IPVS lies either.
func TestTwoModeHasBands(t *testing.T) {
	walks(func(w walk) {
		w.check(t, "two modes", func(s *situation) string {
			two, _ := s.twoMode()
			return string(two)
		}, func(a string) bool { return a == string(TwoEither) || a == string(TwoUnknown) })
	})
}

// TestFirstSyncHasBands: the weight of the first sync grows by one band at a
// time, and more Services or endpoints never make it lighter.
func TestFirstSyncHasBands(t *testing.T) {
	walks(func(w walk) {
		last := syncNone
		for _, n := range steps(w.to) {
			now := w.at(n).nftWeight()
			if now < last {
				t.Errorf("%s: weight %d at %d, %d before", w.name, now, n, last)
			}
			last = now
		}
		w.check(t, "first sync", func(s *situation) string { return fmt.Sprint(s.nftWeight()) }, func(a string) bool {
			return a == fmt.Sprint(syncSome) || a == fmt.Sprint(syncHeavy)
		})
	})
}

// TestVerdictHasBands: a verdict that says keep, or change, or names the mode to
// run, turns into another such one only through measure.
func TestVerdictHasBands(t *testing.T) {
	walks(func(w walk) {
		w.check(t, "verdict", func(s *situation) string {
			v := s.decide()
			return string(v.mode) + " " + string(v.action)
		}, func(a string) bool {
			return a == string(NFTables)+" measure" || a == string(IPVS)+" measure" || a == " measure"
		})
	})
}
