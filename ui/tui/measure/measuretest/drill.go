package measuretest

import (
	"context"
	"errors"
	"sync"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/tui/measure/tools"
)

// Drill is a drill whose numbers are made up. Like the real one it refuses
// what cannot be run, and keeps what was seen when it is closed.
type Drill struct {
	Hold    chan struct{} // it is over when something comes out; nil is at once
	Waiting chan struct{} // something comes out when its end is waited for; nil is not told
	Err     error         // why it cannot be started
	Unclear bool          // it ends before anything can be told

	mu     sync.Mutex
	state  lab.DrillState
	plan   drill.Plan
	in     lab.Where
	starts int
	closed int
}

// Begin is what starts it, as [tools.LabBench] says.
func (f *Drill) Begin(_ context.Context, o lab.DrillOptions) (tools.Drill, error) {
	if err := errors.Join(o.Validate(), f.Err); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.starts++
	f.plan, f.in = o.Plan, o.In
	f.state = DrillState(o.Plan, o.Plan.Length()/2)
	return f, nil
}

// State implements [tools.Drill].
func (f *Drill) State() lab.DrillState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Wait implements [tools.Drill].
func (f *Drill) Wait(ctx context.Context) {
	if f.Waiting != nil {
		f.Waiting <- struct{}{}
	}
	if f.Hold != nil {
		select {
		case <-f.Hold:
		case <-ctx.Done():
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = DrillState(f.plan, f.plan.Length())
	f.end()
}

// Close implements [tools.Drill].
func (f *Drill) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed++; !f.state.Finished {
		f.end()
	}
}

// end makes a result of what was seen; the lock must be held.
func (f *Drill) end() {
	f.state.Finished = true
	if f.Unclear {
		f.state = DrillState(f.plan, f.plan.Length()/4)
		f.state.Finished = true
	}
	f.state.Result = &lab.DrillResult{
		Schema: lab.DrillSchema, Rows: f.state.Rows, Missing: f.state.Missing, Plan: f.plan, Environment: f.state.Environment,
	}
}

// DrillState is a drill that has come so far: two configurations, of which IPVS
// loses connections once the pod is gone.
func DrillState(p drill.Plan, at time.Duration) lab.DrillState {
	s := lab.DrillState{
		Environment: lab.DrillEnvironment{Kernel: "6.1.176", Where: lab.InUML, CPUs: 2, Started: time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC), Notes: []string{}},
		Missing:     []lab.Missing{{Mode: lab.NFTables, Reason: "this kernel has no nf_tables for IPv4 (CONFIG_NF_TABLES_IPV4)", Remedy: "run the lab on another kernel: make uml-kernel builds a user-mode Linux with every mode, for --in uml --uml-kernel PATH"}},
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
			i := drill.Interval{At: t, OK: 7, MedianNs: int64(60e3 * (1 + Wobble(int(t/p.IntervalLength()), len(c.Mode))/3))}
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

// Starts counts how often it was started.
func (f *Drill) Starts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.starts
}

// Closed counts how often it was closed.
func (f *Drill) Closed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// Set changes what it says of itself.
func (f *Drill) Set(change func(s *lab.DrillState)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
}
