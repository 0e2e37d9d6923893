package measure

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/tools"
)

// labRun is one size of the lab, measured: a Prober. The lab itself stays for
// the next size.
type labRun struct {
	bench   *bench
	options lab.Options

	mu      sync.Mutex
	lab     tools.Lab // nil until it is started
	started time.Time
}

// stopWithin is how long a lab has to give back what it has measured.
const stopWithin = 5 * time.Second

// Run builds what differs from the last size and measures it.
func (r *labRun) Run(ctx context.Context) (probe.Result, error) {
	r.mu.Lock()
	r.started = time.Now()
	r.mu.Unlock()
	l, err := r.open()
	if err != nil {
		return probe.Result{}, err
	}
	r.mu.Lock()
	r.lab = l
	r.mu.Unlock()
	state := l.Wait(ctx)
	if !state.Finished {
		if err := l.Stop(); err != nil {
			return probe.Result{}, err
		}
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		state = l.Wait(patience)
	}
	switch {
	case state.Result != nil:
		return *state.Result, nil
	case state.Err != nil:
		return probe.Result{}, state.Err
	case ctx.Err() != nil:
		return probe.Result{}, context.Cause(ctx)
	}
	return probe.Result{}, errors.New("the lab says neither what it measured nor why not")
}

// open is the lab of the run before, if it differs in size alone, or a new one.
func (r *labRun) open() (tools.Lab, error) {
	b, o := r.bench, r.options
	was := b.built
	b.built = o
	was.Shape.Services = o.Shape.Services
	if b.lab != nil && len(o.Shape.Distribution) == 0 && reflect.DeepEqual(was, o) && !broken(b.lab.State()) {
		return b.lab, b.lab.Resize(o.Shape.Services)
	}
	b.close()
	l, err := b.tools.Lab.Start(b.ctx, o)
	if err == nil {
		b.lab = l
	}
	return l, err
}

// broken reports a lab that failed and may not answer any more.
func broken(s lab.State) bool { return s.Finished && s.Err != nil }

// state is what the lab says of itself, which belongs to this run once it is
// started, and when that was.
func (r *labRun) state() (lab.State, time.Time) {
	r.mu.Lock()
	l, started := r.lab, r.started
	r.mu.Unlock()
	if l == nil {
		return lab.State{}, started
	}
	return l.State(), started
}

// Snapshot is what has been measured, or what is being built meanwhile.
func (r *labRun) Snapshot() probe.Snapshot {
	s, _ := r.look()
	return s
}

// look is a Snapshot with what the lab says of itself at the same moment.
func (r *labRun) look() (probe.Snapshot, *lab.State) {
	st, started := r.state()
	s := st.Snapshot
	if st.Stage.What != "measuring" {
		s.Progress = probe.Progress{State: probe.State(st.Stage.What), Why: page.StageLine(r.bench.palette.Voice, st.Stage)}
		if !started.IsZero() {
			s.Elapsed = time.Since(started)
		}
	}
	return s, &st
}

func (r *labRun) says() *lab.State {
	st, _ := r.state()
	return &st
}

func (r *labRun) pauses() bool { return false }

// Pause does nothing: the lab cannot wait.
func (r *labRun) Pause(bool) {}

// Rollouts is nothing: nobody rolls out a lab.
func (r *labRun) Rollouts(string) ([]time.Time, string) { return nil, "" }
