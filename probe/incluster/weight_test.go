package incluster

import (
	"strings"
	"testing"
	"time"

	"kpadvisor/jobs"
	"kpadvisor/probe"
)

// TestHeavy: what wants a second word, and what others pay.
func TestHeavy(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Spec)
		heavy  string // with a bar between two
		costs  []string
	}{
		"a usual run":      {func(*Spec) {}, "", []string{"The 16 Services have 2 endpoints each, 32 together.", "name no PriorityClass"}},
		"no cap":           {func(s *Spec) { s.Plan.Rate = 0 }, "no cap on its rate", nil},
		"many nodes":       {func(s *Spec) { s.Pair = pairOf(21) }, "start on 42 nodes", nil},
		"few enough":       {func(s *Spec) { s.Pair = pairOf(MostUnasked) }, "", nil},
		"many endpoints":   {func(s *Spec) { s.Pair, s.Services = pairOf(20), 64 }, "64 echo Services have 2560 endpoints", nil},
		"both":             {func(s *Spec) { s.Pair, s.Plan.Rate = pairOf(21), 0 }, "no cap|42 nodes", nil},
		"a Service by tcp": {func(s *Spec) { s.Service = &Service{Kind: probe.TCP} }, "", []string{"max_connect_errors", "name no PriorityClass"}},
		"one by http":      {func(s *Spec) { s.Service, s.PriorityClass = &Service{Kind: probe.HTTP}, "low" }, "", []string{}},
	} {
		s := Spec{Pods: jobs.Pods{Run: "x7k2qa", Namespace: "default", Image: "x"}, Pair: pairOf(1), Plan: DefaultPlan()}
		c.change(&s)
		s = NewSpec(s, time.Unix(0, 0))
		heavy := s.Heavy()
		var want []string
		if c.heavy != "" {
			want = strings.Split(c.heavy, "|")
		}
		if len(heavy) != len(want) {
			t.Errorf("%s: %q", name, heavy)
			continue
		}
		for i := range want {
			if !strings.Contains(heavy[i], want[i]) {
				t.Errorf("%s: %q, want %q", name, heavy[i], want[i])
			}
		}
		costs := s.Costs()
		if c.costs != nil && len(costs) != len(c.costs) {
			t.Errorf("%s: %q", name, costs)
		}
		for i := range c.costs {
			if !strings.Contains(costs[i], c.costs[i]) {
				t.Errorf("%s: %q, want %q", name, costs[i], c.costs[i])
			}
		}
	}
}

// TestUsualServices: many nodes have fewer echo Services, so that what every
// kube-proxy is sent stays within bounds.
func TestUsualServices(t *testing.T) {
	for each, want := range map[int]int{1: 16, 50: 16, 51: 15, 100: 8, 1000: 1} {
		if got := usualServices(each); got != want {
			t.Errorf("%d nodes on each side: %d Services, want %d", each, got, want)
		}
	}
}
