package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
)

// fakeDrill is a drill whose numbers are made up. Like the real one it refuses
// what cannot be run, and keeps what was seen when it is closed.
type fakeDrill struct {
	hold    chan struct{} // it is over when something comes out; nil is at once
	waiting chan struct{} // something comes out when its end is waited for; nil is not told
	err     error         // why it cannot be started
	unclear bool          // it ends before anything can be told

	mu     sync.Mutex
	state  lab.DrillState
	plan   drill.Plan
	in     lab.Where
	starts int
	closed int
}

func (f *fakeDrill) start(_ context.Context, o lab.DrillOptions) (Drill, error) {
	if err := errors.Join(o.Validate(), f.err); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.starts++
	f.plan, f.in = o.Plan, o.In
	f.state = drillState(o.Plan, o.Plan.Length()/2)
	return f, nil
}

func (f *fakeDrill) State() lab.DrillState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *fakeDrill) Wait(ctx context.Context) {
	if f.waiting != nil {
		f.waiting <- struct{}{}
	}
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = drillState(f.plan, f.plan.Length())
	f.end()
}

func (f *fakeDrill) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed++; !f.state.Finished {
		f.end()
	}
}

// end makes a result of what was seen; the lock must be held.
func (f *fakeDrill) end() {
	f.state.Finished = true
	if f.unclear {
		f.state = drillState(f.plan, f.plan.Length()/4)
		f.state.Finished = true
	}
	f.state.Result = &lab.DrillResult{
		Schema: lab.DrillSchema, Rows: f.state.Rows, Missing: f.state.Missing, Plan: f.plan, Environment: f.state.Environment,
	}
}

// drillState is a drill that has come so far: two configurations, of which IPVS
// loses connections once the pod is gone.
func drillState(p drill.Plan, at time.Duration) lab.DrillState {
	s := lab.DrillState{
		Environment: lab.DrillEnvironment{Kernel: "6.1.176", Where: lab.InUML, CPUs: 2, Started: time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC), Notes: []string{}},
		Missing:     []lab.Missing{{Mode: lab.NFTables, Reason: "this kernel has no nf_tables for IPv4 (CONFIG_NF_TABLES_IPV4)", Remedy: "run the lab on another kernel"}},
		Elapsed:     at, Length: p.Length(),
	}
	for _, c := range []drill.Config{{Mode: drill.IPTablesLegacy}, drill.InIPVS(0, 0, 1)} {
		r := drill.Row{Config: c, Phases: map[drill.Part]drill.Counts{}}
		phase := drill.Steady
		for _, step := range p.Steps(c.Sysctls != nil) {
			if step.At > at || step.Do == drill.End {
				continue
			}
			left := 12
			m := drill.Mark{Do: step.Do, At: step.At}
			if c.Sysctls != nil {
				m.Connections = &left
			}
			r.Marks = append(r.Marks, m)
		}
		for t := time.Duration(0); t < at; t += p.IntervalLength() {
			for _, m := range r.Marks {
				switch {
				case m.At > t:
				case m.Do == drill.Terminating:
					phase = drill.Draining
				case m.Do == drill.ListenerDown:
					phase = drill.PodGone
				}
			}
			i := drill.Interval{At: t, OK: 7, MedianNs: int64(60e3 * (1 + wobble(int(t/p.IntervalLength()), len(c.Mode))/3))}
			counts := r.Phases[phase]
			if phase == drill.PodGone && c.Sysctls != nil {
				i.Failed, i.ToOldPod = 3, 3
			}
			r.Intervals = append(r.Intervals, i)
			add := drill.Counts{OK: i.OK, Failed: i.Failed, ToOldPod: i.ToOldPod, ByClass: map[probe.Class]int{}}
			if i.Failed > 0 {
				add.ByClass[probe.Timeout] = i.Failed
			}
			r.Phases[phase] = counts.Plus(add)
		}
		s.Rows = append(s.Rows, r)
	}
	return s
}

// withDrill is a screen on which that drill can be started.
func withDrill(o Options, f *fakeDrill) Options {
	benchOf(&o).drill = f.start
	o.Store = fakeStore{}
	return o
}

// drillStates are the faces of the drill on the Probe screen.
func drillStates() map[string]func(o Options, w, h int) app {
	planned := func(o Options, w, h int, f *fakeDrill) app {
		r := withDrill(withLab(done(mixedFacts()), &fakeLab{}), f)
		r.Style = o.Style
		return start(r, w, h).read().press("4", "G", "enter")
	}
	running := func(o Options, w, h int) app {
		f := &fakeDrill{hold: make(chan struct{}), waiting: make(chan struct{}, 1)}
		a := planned(o, w, h, f).begin()
		<-f.waiting
		return a.lookAtDrill()
	}
	return map[string]func(o Options, w, h int) app{
		"drill-plan":    func(o Options, w, h int) app { return planned(o, w, h, &fakeDrill{}) },
		"drill-running": running,
		"drill-building": func(o Options, w, h int) app {
			f := &fakeDrill{hold: make(chan struct{}), waiting: make(chan struct{}, 1)}
			a := planned(o, w, h, f).begin()
			<-f.waiting
			f.mu.Lock()
			f.state.Rows, f.state.Elapsed = nil, 0
			f.state.Stage = lab.Stage{Mode: lab.IPVS, What: "building", Share: 0.36}
			f.mu.Unlock()
			return a.lookAtDrill()
		},
		"drill-finished": func(o Options, w, h int) app { return planned(o, w, h, &fakeDrill{}).begin().endDrill() },
		"drill-failed": func(o Options, w, h int) app {
			return planned(o, w, h, &fakeDrill{err: errors.New("this machine does not let you make user namespaces")}).begin().endDrill()
		},
	}
}

// lookAtDrill takes one look at the drill.
func (a app) lookAtDrill() app {
	t := a.probe.drill.trial
	a.Update(drillMsg{trial: t, state: t.state()})
	return a
}

// endDrill waits for the drill and tells the screen.
func (a app) endDrill() app {
	t := a.probe.drill.trial
	<-t.ended
	a.Update(drillMsg{t, t.state(), true})
	return a
}
