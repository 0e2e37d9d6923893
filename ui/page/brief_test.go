package page

import (
	"slices"
	"testing"
)

// TestBrief: what is left out is one command away, or nothing is said of it.
func TestBrief(t *testing.T) {
	t.Parallel()
	d := Document{Title: "Keep iptables", Sections: []Section{{ID: "verdict"}, {ID: "first"}, {ID: "ranking"}, {ID: "habits"}}}
	ids := func(d Document) (out []string) {
		for _, s := range d.Sections {
			out = append(out, s.ID)
		}
		return out
	}
	if got := ids(d.Brief("kpadvisor audit", false)); !slices.Equal(got, []string{"verdict", "first", "all"}) {
		t.Errorf("with a command: %v", got)
	}
	if got := ids(d.Brief("", false)); !slices.Equal(got, []string{"verdict", "first"}) {
		t.Errorf("without: %v", got)
	}
	if got := ids(d.Brief("", true)); !slices.Equal(got, []string{"verdict", "first", "habits"}) {
		t.Errorf("with the habits: %v", got)
	}
	if got := ids(d); len(got) != 4 {
		t.Errorf("the document itself was changed: %v", got)
	}
}
