package measuretest

import (
	"context"
	"errors"
	"sync"
	"time"

	"kpadvisor/probe"
)

// Prober is a run whose numbers are made up. Like the real one it runs once,
// refuses what the real one refuses, and returns what there is when it is cancelled.
type Prober struct {
	Shows   func() probe.Snapshot
	Result  probe.Result
	Err     error
	Hold    chan struct{} // Run returns when it is closed or ctx ends; nil is at once
	Changes []time.Time
	Gaps    map[string]string // by address

	mu     sync.Mutex
	ran    bool
	paused []bool
	looks  int
}

// Rollouts implements [tools.Prober].
func (f *Prober) Rollouts(address string) ([]time.Time, string) {
	return f.Changes, f.Gaps[address]
}

// Run implements [tools.Prober].
func (f *Prober) Run(ctx context.Context) (probe.Result, error) {
	f.mu.Lock()
	again := f.ran
	f.ran = true
	f.mu.Unlock()
	if again {
		return probe.Result{}, errors.New("this runner has run already; make another")
	}
	if f.Hold == nil {
		return f.Result, f.Err
	}
	select {
	case <-f.Hold:
		return f.Result, f.Err
	case <-ctx.Done():
		r := f.Result
		r.Partial = true
		return r, nil
	}
}

// Snapshot implements [tools.Prober].
func (f *Prober) Snapshot() probe.Snapshot {
	f.mu.Lock()
	f.looks++
	f.mu.Unlock()
	return f.Shows()
}

// Looked counts the snapshots that were taken.
func (f *Prober) Looked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.looks
}

// Pause implements [tools.Prober].
func (f *Prober) Pause(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = append(f.paused, on)
}

// Paused lists what it was told.
func (f *Prober) Paused() []bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.paused
}

// Enough is a budget of source ports that suffices.
func Enough(plan probe.Plan) probe.Budget {
	return probe.Budget{
		Verdict: probe.Enough, Target: "A", Ports: 28232, Free: 28231, Need: plan.Workers(),
		Why: "8 connections at once need as many source ports; 28231 of 28232 are free",
	}
}
