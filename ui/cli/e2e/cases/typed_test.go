package cases

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestTyped runs the cases that flags describe. No cluster is read.
func TestTyped(t *testing.T) {
	topics := tables(t, "typed")
	for _, name := range slices.Sorted(maps.Keys(topics)) {
		for _, c := range topics[name].Cases {
			t.Run(name+"/"+c.ID, func(t *testing.T) {
				given := topics[name].Flags.list(t, c.Flags, c.Args)
				if c.Sysctls != "" {
					given = append(given, "--sysctls=-")
				}
				c.judge(t, audit(t, c.Sysctls, given...))
			})
		}
	}
}

// judge prints one line for a case that does not hold.
func (c kase) judge(t *testing.T, o outcome) {
	t.Helper()
	if wrong := slices.Concat(c.Want.wrong(o), malformed(o)); len(wrong) > 0 {
		t.Errorf("%s: %s", c.ID, strings.Join(wrong, "; "))
	}
}

// sweep walks one input. The recommended mode changes only through "measure":
// no step of a few in a thousand turns one plain verdict into another.
type sweep struct {
	ID     string `json:"id"`
	Why    string `json:"why"`
	Source string `json:"source"`
	Flags  flags  `json:"flags"`
	Flag   string `json:"flag"`   // the one that is walked
	Values []int  `json:"values"` // in order
	// Each is what must hold at every step.
	Each want `json:"each"`
	// With is another flag that keeps its ratio to Flag.
	With map[string]int `json:"with"`
}

func TestSweeps(t *testing.T) {
	var all []sweep
	read(t, "testdata/sweeps.yaml", &all)
	for _, s := range all {
		t.Run(s.ID, func(t *testing.T) {
			var last outcome
			for i, v := range s.Values {
				own := flags{s.Flag: float64(v)}
				for name, times := range s.With {
					own[name] = float64(v * times)
				}
				o := audit(t, "", s.Flags.list(t, own, nil)...)
				if wrong := slices.Concat(s.Each.wrong(o), malformed(o)); len(wrong) > 0 {
					t.Errorf("%s: at %d: %s", s.ID, v, strings.Join(wrong, "; "))
				}
				if i > 0 && o.Recommended != last.Recommended && o.Action != "measure" && last.Action != "measure" {
					t.Errorf("%s: --%s %d %s, %d %s", s.ID, s.Flag, s.Values[i-1], plainly(last), v, plainly(o))
				}
				last = o
			}
		})
	}
}

func plainly(o outcome) string { return fmt.Sprintf("%s %q (%s)", o.Action, o.Recommended, o.Headline) }
