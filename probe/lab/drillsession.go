package lab

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"kpadvisor/probe/lab/drill"
)

// DrillOptions say where a drill runs and what it does.
type DrillOptions struct {
	In        Where
	UMLKernel string // see Options
	Plan      drill.Plan
}

// Validate says in one sentence what cannot be run.
func (o DrillOptions) Validate() error {
	if o.In != Here && o.In != UML {
		return fmt.Errorf("%q is no place for the lab: it runs here or in uml", o.In)
	}
	if o.UMLKernel != "" && o.In != UML {
		return errors.New("a kernel of user-mode Linux is for a drill in uml")
	}
	return o.Plan.Validate()
}

// DrillState is what a DrillSession knows at a moment. It is a copy.
type DrillState struct {
	Environment DrillEnvironment
	Missing     []Missing     // modes that cannot run here
	Stage       Stage         // what is being built, until the first connection
	Elapsed     time.Duration // since the first connection; 0 while building
	Length      time.Duration // of the whole drill
	Rows        []drill.Row   // in the order of the plan, without those of missing modes; none while building
	Result      *DrillResult  // once the drill is over, also where it was cut short
	Err         error         // why it was; see Explain
	Finished    bool
}

// drillKeeper collects events into a DrillState.
type drillKeeper struct {
	mu    sync.Mutex
	plan  drill.Plan
	state DrillState
}

func (k *drillKeeper) add(e Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := &k.state
	switch {
	case e.DrillEnvironment != nil:
		s.Environment = *e.DrillEnvironment
	case e.Missing != nil:
		s.Missing = append(s.Missing, *e.Missing)
	case e.Stage != nil:
		s.Stage = *e.Stage
	case e.Drill != nil:
		s.Elapsed, s.Length = e.Drill.Elapsed, e.Drill.Length
		s.Rows = joinRows(s.Rows, e.Drill.Rows)
	}
}

// joinRows puts the new intervals behind the old ones; all else is new.
func joinRows(old, now []drill.Row) []drill.Row {
	for i := range now {
		if i < len(old) {
			now[i].Intervals = append(old[i].Intervals, now[i].Intervals...)
		}
	}
	return now
}

func (k *drillKeeper) finish(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.state.Finished, k.state.Err = true, err
	k.state.Result = ptr(k.result())
}

// result is what is known so far; the lock must be held.
func (k *drillKeeper) result() DrillResult {
	s := k.copied()
	r := DrillResult{Schema: DrillSchema, Plan: k.plan, Environment: s.Environment, Rows: s.Rows, Missing: s.Missing}
	if r.Rows == nil {
		r.Rows = []drill.Row{}
	}
	if r.Missing == nil {
		r.Missing = []Missing{}
	}
	return r
}

func (k *drillKeeper) copy() DrillState {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.copied()
}

func (k *drillKeeper) copied() DrillState {
	s := k.state
	s.Missing, s.Rows = slices.Clone(s.Missing), slices.Clone(s.Rows)
	for i := range s.Rows {
		r := &s.Rows[i]
		r.Marks, r.Intervals, r.Phases = slices.Clone(r.Marks), slices.Clone(r.Intervals), maps.Clone(r.Phases)
	}
	return s
}

// Drill runs a drill to its end and calls each, if it is not nil, with the state
// a few times a second. Cancelled, it returns what was seen so far and the
// context's error. Nothing is left behind either way.
func Drill(ctx context.Context, o DrillOptions, each func(DrillState)) (DrillResult, error) {
	empty := DrillResult{Schema: DrillSchema, Rows: []drill.Row{}, Missing: []Missing{}, Plan: o.Plan}
	s, err := StartDrill(ctx, o)
	if err != nil {
		return empty, err
	}
	defer s.Close()
	tick := time.NewTicker(snapshotEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.ended:
		}
		st := s.State()
		if each != nil {
			each(st)
		}
		switch {
		case !st.Finished:
		case st.Result == nil:
			return empty, errors.Join(st.Err, ctx.Err())
		default:
			return *st.Result, st.Err
		}
	}
}
