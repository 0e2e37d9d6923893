package tui

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
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

func drillingApp(f *fakeDrill) app {
	return start(withDrill(withLab(done(mixedFacts()), &fakeLab{}), f), 80, 24).read().press("4", "G", "enter")
}

// TestDrillToItsEnd: it is shown while it runs, weighed when it is over, saved,
// and leaves with the user.
func TestDrillToItsEnd(t *testing.T) {
	t.Parallel()
	f := &fakeDrill{hold: make(chan struct{}), waiting: make(chan struct{}, 1)}
	a := drillingApp(f).begin()
	<-f.waiting
	a.lookAtDrill().wants(t, "IPVS reuse 0 exp 0 ct 1", "to dead", "nftables   missing", "enter stop", "14 of 27 s")
	a.press("1").wants(t, "is running: 4 Probe")
	a.press("4")
	if a.press("esc", "G"); a.pane() != "plan" || !a.probe.drill.trial.stopped {
		t.Error("esc does not stop the drill")
	}
	a.endDrill()
	if f.closed == 0 {
		t.Error("the drill was not closed")
	}
	close(f.hold)
	a.begin()
	<-f.waiting
	a.endDrill().wants(t, "finished", "does not weigh it: no node has kernel 6.1.176", "s save drill")
	a.press("s").wants(t, "Saved: /tmp/kpadvisor-drill-20261125-0700")
	a.press("G").wants(t, "↑ ")
	if r := a.probe.leaveDrill(); r == nil || len(r.Rows) != 2 || len(a.session.result("").Measured.Drills) != 2 {
		t.Errorf("left with %+v, %d drills in the advice", r, len(a.session.result("").Measured.Drills))
	}
	a.press("esc", "esc", "G").wants(t, "The last drill")
	a.press("enter").wants(t, "finished")
}

// TestDrillLeft: nothing is left of a drill that runs when the user goes.
func TestDrillLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left
		f := &fakeDrill{hold: make(chan struct{}), waiting: make(chan struct{}, 1)}
		a := drillingApp(f).begin()
		<-f.waiting
		if a.begin(); f.starts != 1 {
			t.Error("a second drill beside the first")
		}
		if r := a.probe.leaveDrill(); r == nil || f.closed == 0 {
			t.Errorf("left with %v, closed %d times", r, f.closed)
		}
	})
}

func TestDrillFails(t *testing.T) {
	t.Parallel()
	f := &fakeDrill{err: errors.New("this machine does not let you make user namespaces")}
	a := drillingApp(f).begin().endDrill()
	a.wants(t, "The drill failed", "It ended early: this machine does not let you", "enter again")
	if a.probe.leaveDrill() != nil {
		t.Error("a drill that failed has a result")
	}
	f.err, f.unclear = nil, true
	a.begin().endDrill().wants(t, "cannot weigh this drill: none of its")
}
