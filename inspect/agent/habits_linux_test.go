package agent

import (
	"math"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
)

// TestHabits: beside loads that are known the agent finds their rates within 5 %, their
// lives, what is open, and what is used again; and what it cannot know it says not.
func TestHabits(t *testing.T) {
	const short = 8 * time.Second
	for name, c := range map[string]struct {
		load
		rate   float64       // to be sure that the load is what it should be: loosely
		life   time.Duration // 0 is too short for sockets to tell
		open   int           // at least and about
		reused float64       // negative: cannot be known
		seen   int           // addresses, by conntrack
	}{
		"short":             {load: load{Pods: 2, PerSecond: 100, Before: 50, For: short, Host: true}, rate: 200, seen: 3},
		"pooled":            {load: load{Pods: 1, Pool: 50, For: short}, open: 50, reused: -1},
		"two seconds":       {load: load{Pods: 1, PerSecond: 25, Hold: 2 * time.Second, Before: 75, For: 10 * time.Second}, rate: 25, life: 2 * time.Second, open: 50, seen: 1},
		"reset":             {load: load{Pods: 1, PerSecond: 50, Reset: true, Before: 50, For: short}, rate: 50, reused: -1, seen: 1},
		"reused":            {load: load{Pods: 1, PerSecond: 25, Ports: 50, Server: true, Before: 75, For: short}, rate: 25, reused: 1, seen: 1},
		"reused, short":     {load: load{Pods: 1, PerSecond: 25, Ports: 50, Server: true, Before: 75, For: short, Keeps: "60"}, rate: 25, reused: 1, seen: 1},
		"new, forgotten":    {load: load{Pods: 1, PerSecond: 25, Before: 25, For: short, Keeps: "60"}, rate: 25, reused: -1, seen: 1},
		"behind NAT":        {load: load{Pods: 1, PerSecond: 80, Sources: 20, Before: 80, For: short}, rate: 80, seen: 1},
		"short, by script":  {load: load{Pods: 2, PerSecond: 100, Before: 50, For: short, Host: true, Script: true}, rate: 200, seen: 3},
		"longer, by script": {load: load{Pods: 1, PerSecond: 25, Hold: 2 * time.Second, Before: 75, For: 10 * time.Second, Script: true}, rate: 25, life: 2 * time.Second, open: 50, seen: 1},
		"reused, by script": {load: load{Pods: 1, PerSecond: 25, Ports: 50, Server: true, Before: 75, For: short, Script: true}, rate: 25, reused: 1, seen: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, byEvents, byProcesses := c.heard(t)
			t.Logf("conntrack %+v", byEvents)
			t.Logf("processes %+v", byProcesses)
			pods, most, _ := all.begun(byProcesses.Over)
			about(t, "load", (pods.low+pods.high)/2, exactly(c.rate), 0.25)
			about(t, "rate by processes", byProcesses.New.Or(-1), pods, 0.05)
			about(t, "busiest by processes", byProcesses.Busiest.Or(-1), most, 0.05)
			late := int((pods.high - pods.low) * byProcesses.Over.Seconds())
			if !c.Script {
				atLeast(t, "open by processes", byProcesses.Open, c.open, late)
			}
			pods, _, own := all.begun(byEvents.Over)
			about(t, "rate by events", byEvents.New.Or(-1), pods.plus(own), 0.05)
			about(t, "of it onward", byEvents.Onward.Or(-1), exactly(byEvents.New.Or(-2)), 0.001)
			atLeast(t, "open by events", byEvents.Open, c.open, late)
			if byEvents.Addresses.Or(-1) != c.seen {
				t.Errorf("%v addresses seen", byEvents.Addresses)
			}
			if share, known := byEvents.Reused.Get(); known != (c.reused >= 0) || known && math.Abs(share-c.reused) > 0.03 {
				t.Errorf("reused %+v", byEvents.Reused)
			}
			if c.Ports > 0 {
				about(t, "what was really reused", all.Reused, exactly(c.reused), 0.05)
			}
			if byProcesses.Reused.IsKnown() {
				t.Errorf("by processes reused %+v", byProcesses.Reused)
			}
			if c.life > 0 {
				about(t, "life by events", byEvents.Life.Value.Seconds(), exactly(c.life.Seconds()), 0.05)
			}
			if c.life > 0 && !c.Script {
				about(t, "life by processes", byProcesses.Life.Value.Seconds(), exactly(c.life.Seconds()), 0.1)
			}
			if c.rate > 0 && byEvents.Life.Or(time.Hour) > c.life+200*time.Millisecond {
				t.Errorf("life by events %v", byEvents.Life)
			}
		})
	}
}

// heard runs a rig until no events were lost, as a kernel short of memory loses some.
func (l load) heard(t *testing.T) (all told, byEvents, byProcesses advisor.NodeHabits) {
	t.Helper()
	for range 3 {
		all = l.run(t)
		reports, err := node.Parse([]byte(all.Report))
		if err != nil || !reports[0].Whole || len(reports[0].Habits) != 2 {
			t.Fatalf("%v: %s", err, all.Report)
		}
		if all.Problems > 0 {
			t.Fatalf("%d connections failed", all.Problems)
		}
		byEvents, byProcesses = reports[0].Habits[0], reports[0].Habits[1]
		if !strings.Contains(byEvents.New.Detail, "were lost") {
			return all, byEvents, byProcesses
		}
	}
	t.Fatal("events were lost three times")
	return all, byEvents, byProcesses
}

// slack is what a figure may be off besides: one connection more or less.
const slack = 1.0 / 8

// about fails if a figure is further from what it must be than a share of that.
func about(t *testing.T, what string, is float64, right figure, off float64) {
	t.Helper()
	if is < right.low*(1-off)-slack || is > right.high*(1+off)+slack {
		t.Errorf("%s: %.3f instead of %.3f to %.3f", what, is, right.low, right.high)
	}
}

func exactly(x float64) figure { return figure{x, x} }

// atLeast fails if not so many are open, and some that have just begun or are late.
func atLeast(t *testing.T, what string, is advisor.Fact[int], right, late int) {
	t.Helper()
	if n := is.Or(-1); n < right*9/10-late || n > right+right/10+5+late {
		t.Errorf("%s: %v instead of %d", what, is, right)
	}
}

// TestSilent: a node that tells no events, and one where nothing is tracked, are not said
// to be quiet.
func TestSilent(t *testing.T) {
	all := load{Pods: 1, PerSecond: 20, Before: 1, For: node.ShortestCount, Silent: true}.run(t)
	reports, err := node.Parse([]byte(all.Report))
	if err != nil {
		t.Fatal(err)
	}
	h := reports[0].Habits[0]
	if h.Method != advisor.ByConntrack || h.New.IsKnown() || h.New.Detail != errNoEvents.Error() || h.Reused.IsKnown() ||
		h.Open.IsKnown() {
		t.Errorf("%+v", h)
	}
}
