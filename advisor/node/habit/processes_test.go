package habit

import (
	"testing"
	"time"
)

// TestProcesses: namespaces are added up, the busiest is found, and those that come and
// go count for what they did.
func TestProcesses(t *testing.T) {
	p := NewProcesses()
	for i := range 61 {
		n := uint64(i)
		all := []Namespace{{ID: 1, Opens: 1000 + 200*n, Open: 2}, {ID: 2, Opens: 7, Open: 50}, {ID: 3, Opens: 10 * n, Open: 0}}
		switch {
		case i >= 50: // another of the same number
			all[2] = Namespace{ID: 3, Opens: 10 * (n - 50)}
		case i >= 30: // ended for some time
			all = all[:2]
		}
		if i >= 40 { // a new one
			all = append(all, Namespace{ID: 4, Opens: 60})
		}
		p.Look(time.Duration(i)*second, all)
	}
	h := p.Habits()
	known(t, "new", h.New, (200*60.0+29*10+10*10+60)/60)
	known(t, "busiest", h.Busiest, 200)
	known(t, "open", h.Open, 52)
	known(t, "addresses", h.Addresses, 3)
	known(t, "life", h.Life, time.Duration(52/h.New.Value*1e9))
	untold(t, "reused", h.Reused, "no ports")
	if h.Over != 60*second {
		t.Error(h.Over)
	}
}

// TestProcessesUnknown: what cannot be counted is not said.
func TestProcessesUnknown(t *testing.T) {
	p := NewProcesses()
	p.Look(0, nil)
	p.Look(60*second, nil)
	untold(t, "new", p.Habits().New, "no process of a pod is seen")
	p = NewProcesses()
	for i := range 7 {
		p.Look(time.Duration(i)*10*second, []Namespace{{ID: 1, Opens: uint64(i) * 100, Open: -1}})
	}
	known(t, "new", p.Habits().New, 10)
	untold(t, "open", p.Habits().Open, "could not be counted")
	untold(t, "life", p.Habits().Life, "could not be counted")
	p = NewProcesses()
	for i := range 7 {
		p.Look(time.Duration(i)*10*second, []Namespace{{ID: 1, Opens: uint64(i) * 2000}})
	}
	untold(t, "life", p.Habits().Life, "less than 29ms") // 40 / 7 looks / 200 a second
	p = NewProcesses()
	var all []Namespace
	for i := range mostNamespaces + 1 {
		all = append(all, Namespace{ID: uint64(i + 1)})
	}
	p.Look(0, all)
	p.Look(second, all)
	untold(t, "new", p.Habits().New, "too many")
}
