package measure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen/screentest"
)

// benching is the plan page of the lab.
func benching(f *measuretest.Lab) app {
	o := with(&measuretest.Prober{})
	measuretest.SetLab(&o.Tools, f)
	return start(o, 80, 24).press("enter")
}

func TestReadBench(t *testing.T) {
	t.Parallel()
	like := func() (rules.Shape, error) {
		return rules.Shape{Services: 3, Distribution: []int{0, 1, 9}, Seed: 1}, nil
	}
	none := func() (rules.Shape, error) { return rules.Shape{}, errors.New("nothing is known") }
	for _, tt := range []struct {
		name   string
		change map[int]string
		like   func() (rules.Shape, error)
		want   func(o lab.Options) bool
		err    string
	}{
		{"the defaults", nil, like, func(o lab.Options) bool {
			return o.Shape.Services == 1000 && o.Shape.Endpoints == 5 && len(o.Modes) == 5 && o.Position == rules.Random &&
				o.Plan.Concurrency == 1 && o.Plan.Requests == 20_000 && o.Plan.Blocks == benchBlocks && o.In == lab.Here && o.MaxProgram == maxProgram
		}, ""},
		{"iptables is both backends, direct is always there", map[int]string{2: " IPtables, nftables"}, like, func(o lab.Options) bool {
			return fmt.Sprint(o.Modes) == "[direct iptables-legacy iptables-nft nftables]"
		}, ""},
		{"one backend", map[int]string{2: "iptables-nft ipvs"}, like, func(o lab.Options) bool { return fmt.Sprint(o.Modes) == "[direct iptables-nft ipvs]" }, ""},
		{"user-mode Linux has time", map[int]string{6: "UML"}, like, func(o lab.Options) bool { return o.In == lab.UML && o.MaxProgram == maxProgramUML }, ""},
		{"a kernel of one's own", map[int]string{6: "uml /opt/linux"}, like, func(o lab.Options) bool { return o.In == lab.UML && o.UMLKernel == "/opt/linux" }, ""},
		{"in so many words", map[int]string{6: "User-mode Linux"}, like, func(o lab.Options) bool { return o.In == lab.UML && o.UMLKernel == "" }, ""},
		{"like the cluster", map[int]string{0: "cluster"}, like, func(o lab.Options) bool {
			return o.Shape.Services == 3 && len(o.Shape.Distribution) == 3
		}, ""},
		{"like no cluster", map[int]string{0: "cluster"}, none, nil, "nothing is known"},
		{"words", map[int]string{0: "many"}, like, nil, `services: "many" is not a whole number`},
		{"absurd", map[int]string{0: "50001"}, like, nil, "the lab takes 1 to 50,000"},
		{"too many endpoints", map[int]string{0: "50000", 1: "1000"}, like, nil, "more than 1,000,000 endpoints"},
		{"the first of two faults", map[int]string{1: "x", 5: "y"}, like, nil, "endpoints each"},
		{"no mode", map[int]string{2: "userspace"}, like, nil, `modes: "userspace" is none of`},
		{"no place", map[int]string{3: "top"}, like, nil, "place of target"},
		{"nowhere", map[int]string{6: "moon"}, like, nil, "kernel"},
		{"cold", map[int]string{4: "cold", 5: ""}, like, func(o lab.Options) bool {
			return o.Plan.Rate == lab.DefaultPerSecond && o.Plan.Requests == 600
		}, ""},
		{"hot", map[int]string{4: "Hot", 5: ""}, like, func(o lab.Options) bool {
			return !o.Plan.OpenLoop() && o.Plan.Concurrency == 1 && o.Plan.Requests == 20_000
		}, ""},
		{"lukewarm", map[int]string{4: "warm"}, like, nil, "load"},
		{"nothing to measure", map[int]string{5: "3"}, like, nil, "too few for 20 blocks"},
	} {
		fields := []string{"1,000", "5", "all", "random", "1", "20000", "this machine"}
		for i, v := range tt.change {
			fields[i] = v
		}
		o, err := readBench(fields, tt.like)
		switch {
		case tt.err == "" && (err != nil || !tt.want(o)):
			t.Errorf("%s: %+v, %v", tt.name, o, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

// TestBenchProposesTheCluster: the number of Services is that of the cluster
// until somebody types another.
func TestBenchProposesTheCluster(t *testing.T) {
	t.Parallel()
	a := benching(&measuretest.Lab{})
	a.wants(t, "[ 4,871 ", "4,871 Services of 5 endpoints", "IPVS       missing: this kernel has no IPVS", "nftables   can run")
	a.press("a").wants(t, "[ cluster ", "4,871 Services, endpoints as in the cluster")
	a.press("a").wants(t, "[ 4,871 ")
	a.press("t", "ctrl+u").typed("700").press("esc", "esc", "enter").wants(t, "[ 700 ")

	o := with(&measuretest.Prober{})
	o.facts = advisor.Facts{}
	start(o, 80, 24).press("enter").wants(t, "[ 1,000 ")
}

// TestResizing: another size is measured in the same lab, another mode in another.
func TestResizing(t *testing.T) {
	t.Parallel()
	f := measuretest.HeldLab()
	a := benching(f).begin()
	<-f.Waiting
	a.look().wants(t, "Lab: 4,871 Services", "measuring ipt nft", "IPVS       missing", "[ ] Services")
	a.Update(screentest.Press("]")) // while it measures
	a.end()
	<-f.Waiting
	a.look().wants(t, "Lab: 10,000 Services")
	a.press("enter").end().wants(t, "stopped after 16 of 80 blocks")
	a.Update(screentest.Press("["))
	<-f.Waiting
	a.press("enter").end()
	if fmt.Sprint(f.Sizes()) != "[4871 10000 4000]" || len(f.Started()) != 1 || f.Closed() != 0 {
		t.Errorf("sizes %v in %d labs, %d closed", f.Sizes(), len(f.Started()), f.Closed())
	}
	a.press("esc", "t", "tab", "tab", "ctrl+u").typed("ipvs").press("esc").begin()
	<-f.Waiting
	if len(f.Started()) != 2 || f.Closed() != 1 {
		t.Errorf("another mode: %d labs, %d closed", len(f.Started()), f.Closed())
	}
	if r, _ := a.Leave(); r == nil || !r.Partial || len(r.Series) != 4 || f.Closed() != 2 {
		t.Errorf("left with %+v, %d closed", r, f.Closed())
	}
}

// TestLabThatCannotRun: nothing is started, and enter asks again.
func TestLabThatCannotRun(t *testing.T) {
	t.Parallel()
	o := with(&measuretest.Prober{})
	asked := 0
	measuretest.BenchOf(&o.Tools).Checks = func(context.Context, lab.Options) (lab.Environment, []lab.Missing, error) {
		asked++
		return lab.Environment{}, nil, errors.New("this machine does not let you make user namespaces")
	}
	a := start(o, 80, 24).press("enter")
	a.wants(t, "No lab here: this machine does not let you make user namespaces", "enter ask again")
	if a.press("enter"); a.run.trial != nil || asked != 2 {
		t.Errorf("asked %d times, started %v", asked, a.run.trial != nil)
	}
}

// TestLabFails: a lab that ends by itself is told of, and the next run has a new one.
func TestLabFails(t *testing.T) {
	t.Parallel()
	f := &measuretest.Lab{Err: errors.New("the lab ended without saying so")}
	a := benching(f).begin().end()
	a.wants(t, "The run failed: the lab ended without saying so", "enter again")
	f.Err = nil
	a.begin().end().wants(t, "finished, 80 blocks", "nftables is 9.4 µs faster than ipt nft", "over direct, 95 %")
	if len(f.Started()) != 2 || f.Closed() != 1 {
		t.Errorf("%d labs, %d closed", len(f.Started()), f.Closed())
	}
	if r, _ := a.Leave(); r == nil || f.Closed() != 2 {
		t.Errorf("%d closed at the end", f.Closed())
	}
}

// TestLabRefused: what cannot be started is said under the form.
func TestLabRefused(t *testing.T) {
	t.Parallel()
	o := with(&measuretest.Prober{})
	measuretest.BenchOf(&o.Tools).Starts = func(context.Context, lab.Options) (tools.Lab, error) { return nil, errors.New("the lab needs Linux") }
	start(o, 80, 24).press("enter").begin().end().wants(t, "The run failed: the lab needs Linux")
}
