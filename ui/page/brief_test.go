package page

import (
	"slices"
	"testing"
)

// TestBrief: what is left out is one command away, or nothing is said of it.
func TestBrief(t *testing.T) {
	t.Parallel()
	d := Document{Title: "Keep iptables", Sections: []Section{{ID: "verdict"}, {ID: "first"}, {ID: "ranking"}}}
	ids := func(d Document) (out []string) {
		for _, s := range d.Sections {
			out = append(out, s.ID)
		}
		return out
	}
	if got := ids(d.Brief("kpadvisor audit")); !slices.Equal(got, []string{"verdict", "first", "all"}) {
		t.Errorf("with a command: %v", got)
	}
	if got := ids(d.Brief("")); !slices.Equal(got, []string{"verdict", "first"}) {
		t.Errorf("without: %v", got)
	}
	if got := ids(d); len(got) != 3 {
		t.Errorf("the document itself was changed: %v", got)
	}
}
