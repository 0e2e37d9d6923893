package measure

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/tui/measure/measuretest"
)

func TestReadDrilling(t *testing.T) {
	t.Parallel()
	like := func() ([]drill.Config, error) { return []drill.Config{drill.InIPVS(0, 1, 1)}, nil }
	for _, tt := range []struct {
		name   string
		change map[int]string
		want   func(o lab.DrillOptions) bool
		err    string
	}{
		{"the defaults", nil, func(o lab.DrillOptions) bool {
			return len(o.Plan.Configs) == len(drill.Matrix()) && o.Plan.Speed == 10 && !o.Plan.Lost && o.In == lab.Here
		}, ""},
		{"some modes", map[int]string{0: "IPVS"}, func(o lab.DrillOptions) bool { return len(o.Plan.Configs) == 8 && o.Plan.Configs[0].Mode == drill.IPVS }, ""},
		{"like the cluster", map[int]string{0: "Cluster"}, func(o lab.DrillOptions) bool { return len(o.Plan.Configs) == 1 }, ""},
		{"a lost pod in a kernel of one's own", map[int]string{4: "lost", 5: "uml /opt/linux"}, func(o lab.DrillOptions) bool {
			return o.Plan.Lost && o.In == lab.UML && o.UMLKernel == "/opt/linux"
		}, ""},
		{"no mode", map[int]string{0: "userspace"}, nil, "modes:"},
		{"no rate", map[int]string{1: "fast"}, nil, "rate:"},
		{"too fast", map[int]string{3: "31"}, nil, "speed"},
		{"ports that do not come round", map[int]string{2: "4000"}, nil, "come round"},
		{"no pod", map[int]string{4: "dead"}, nil, "old pod:"},
		{"nowhere", map[int]string{5: "moon"}, nil, "kernel:"},
	} {
		fields := []string{"all", "30", "60", "10", "drains", "this machine"}
		for i, v := range tt.change {
			fields[i] = v
		}
		o, err := readDrilling(fields, like)
		switch {
		case tt.err == "" && (err != nil || !tt.want(o)):
			t.Errorf("%s: %+v, %v", tt.name, o, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

func drillingApp(f *measuretest.Drill) app {
	o := with(&measuretest.Prober{})
	measuretest.BenchOf(&o.Tools).Drills = f.Begin
	return start(o, 80, 24).press("G", "enter")
}

// TestDrillToItsEnd: it is shown while it runs, weighed when it is over, saved,
// and leaves with the user.
func TestDrillToItsEnd(t *testing.T) {
	t.Parallel()
	f := &measuretest.Drill{Hold: make(chan struct{}), Waiting: make(chan struct{}, 1)}
	a := drillingApp(f).begin()
	<-f.Waiting
	a.lookAtDrill().wants(t, "IPVS reuse 0 exp 0 ct 1", "to dead", "nftables   missing", "enter stop", "14 of 27 s")
	if a.press("esc", "G"); a.pane() != "plan" || !a.drill.trial.stopped {
		t.Error("esc does not stop the drill")
	}
	a.endDrill()
	if f.Closed() == 0 {
		t.Error("the drill was not closed")
	}
	close(f.Hold)
	a.begin()
	<-f.Waiting
	a.endDrill().wants(t, "finished", "3 Advice takes this in.", "s save drill")
	a.press("s").wants(t, "Saved: /tmp/kpadvisor-drill-20261125-0700")
	a.press("G").wants(t, "↑ ")
	if _, r := a.Leave(); r == nil || len(r.Rows) != 2 || len(a.beside.drills) != 2 {
		t.Errorf("left with %+v, %d drills in the advice", r, len(a.beside.drills))
	}
	a.press("esc", "esc", "G").wants(t, "The last drill")
	a.press("enter").wants(t, "finished")
}

// TestDrillLeft: nothing is left of a drill that runs when the user goes.
func TestDrillLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left
		f := &measuretest.Drill{Hold: make(chan struct{}), Waiting: make(chan struct{}, 1)}
		a := drillingApp(f).begin()
		<-f.Waiting
		if a.begin(); f.Starts() != 1 {
			t.Error("a second drill beside the first")
		}
		if _, r := a.Leave(); r == nil || f.Closed() == 0 {
			t.Errorf("left with %v, closed %d times", r, f.Closed())
		}
	})
}

func TestDrillFails(t *testing.T) {
	t.Parallel()
	f := &measuretest.Drill{Err: errors.New("this machine does not let you make user namespaces")}
	a := drillingApp(f).begin().endDrill()
	a.wants(t, "The drill failed", "It ended early: this machine does not let you", "enter again")
	if _, r := a.Leave(); r != nil {
		t.Error("a drill that failed has a result")
	}
	f.Err, f.Unclear = nil, true
	a.begin().endDrill().wants(t, "cannot weigh this drill: none of its")
}
