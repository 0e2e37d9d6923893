package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"sync"
	"time"
)

// Runner measures its targets by its plan, once. One Runner at a time may run
// in a process: it raises GOMAXPROCS while it does (see Run).
type Runner struct {
	plan     Plan
	targets  []Target
	recorder *recorder
	arm      armourer
	engine   string // name of what arm makes

	before func(context.Context, Turn) error // see Hooks

	mu       sync.Mutex
	progress Progress
	started  time.Time
	ran      bool
	resume   chan struct{} // closed to go on; nil when not paused
}

// State is what a run is doing.
type State string

// The states.
const (
	Idle      State = "idle"
	PortsWait State = "waiting for source ports"
	TurnWait  State = "waiting for its turn"
	WarmingUp State = "warming up"
	Measuring State = "measuring"
	Paused    State = "paused"
	Finished  State = "finished"
)

// Progress says where a run is.
type Progress struct {
	State   State
	Target  int           // index of the target of the current block
	Turn    int           // blocks finished, warm-up included
	Turns   int           // of how many
	Elapsed time.Duration // since the start of the run
	Why     string        // what is waited for
}

// Snapshot is a copy of the counters. Series carry Quantiles in the place of Histograms,
// and no Conditions; Compare may be called on them for the difference so far.
type Snapshot struct {
	Progress
	Series []Series
	Units  []Unit // of a run from several nodes
}

// NewRunner checks plan and targets; it opens nothing.
func NewRunner(plan Plan, targets ...Target) (*Runner, error) {
	if len(targets) == 0 {
		return nil, errors.New("there is no target to measure")
	}
	for _, t := range targets {
		if err := t.Validate(); err != nil {
			return nil, err
		}
	}
	if err := plan.Validate(targets); err != nil {
		return nil, err
	}
	turns := len(targets) * (plan.Blocks + plan.WarmUp)
	return &Runner{
		plan: plan, targets: targets, recorder: newRecorder(targets, plan.OpenLoop()), arm: newShooter, engine: engineName,
		progress: Progress{State: Idle, Turns: turns},
	}, nil
}

// Hooks let somebody take part in a run; each may be nil.
type Hooks struct {
	// Before is called before each block, which begins when it returns; its error
	// ends the run. What passes meanwhile is no part of anything measured.
	Before func(ctx context.Context, turn Turn) error
	// After is told of each block that ended, in the order in which they did, also
	// of one that was cut short. The next block waits for it.
	After func(r Record)
	// Raw gets each hit as a line of CSV, warm-up marked; nil if nobody wants that. If
	// that fails the run goes on, and Result.Notes says so.
	Raw io.Writer
}

// Hook sets the hooks; it is called before Run.
func (r *Runner) Hook(h Hooks) {
	r.before, r.recorder.after = h.Before, h.After
	if h.Raw != nil {
		r.recorder.raw = newRaw(h.Raw)
	}
}

// Snapshot copies the counters; it may be called any time, by anybody, and
// costs well under a millisecond. A worker that finds the counters taken keeps
// its hits and goes on.
func (r *Runner) Snapshot() Snapshot {
	r.mu.Lock()
	s := Snapshot{Progress: r.progress}
	if !r.started.IsZero() && s.State != Finished {
		s.Elapsed = time.Since(r.started)
	}
	r.mu.Unlock()
	r.recorder.mu.Lock()
	defer r.recorder.mu.Unlock()
	if r.recorder.current != nil {
		r.recorder.current.ring.advance(int64(s.Elapsed))
	}
	for _, t := range r.recorder.ledgers {
		s.Series = append(s.Series, t.series())
	}
	return s
}

// Run fires the plan. Cancelled, it returns what was measured so far with
// Partial set and a nil error; every worker has ended before it returns. It
// fails if a target has no address, if the port budget refuses (BudgetError),
// if the machine can't make the threads, or with the context's error if it was
// cancelled before the first hit that counts.
//
// While it runs GOMAXPROCS is raised by the number of workers: on Linux each of
// them keeps its share of the Go scheduler while it waits in connect(), so that
// it need not queue for one when it comes back, which would be measured.
func (r *Runner) Run(ctx context.Context) (Result, error) {
	if err := r.start(); err != nil {
		return Result{}, err
	}
	s, err := r.aim(ctx)
	if err != nil {
		return Result{}, err
	}
	budget, err := r.await(ctx, func() (Budget, error) { return budgetOf(r.plan, r.targets, s.addresses()) })
	if err != nil {
		return Result{}, err
	}
	if budget.Verdict == Refuse && !r.plan.Force {
		return Result{}, &BudgetError{Budget: budget}
	}
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(before + r.plan.Workers())
	defer runtime.GOMAXPROCS(before)

	machine := machineTimes()
	s.started = time.Now()
	r.mu.Lock()
	r.started = s.started
	r.mu.Unlock()
	r.recorder.breaker = newBreaker(r.plan, func() { s.stop.Store(true) })
	unhook := context.AfterFunc(ctx, func() { s.stop.Store(true) })
	defer unhook()
	crew, err := r.hire(s)
	if err == nil {
		err = r.fire(ctx, s, crew)
	}
	waited, crewErr := crew.dismiss()
	if err = errors.Join(err, crewErr); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return Result{}, err
	}
	r.report(func(p *Progress) { p.State, p.Elapsed = Finished, time.Since(s.started) })
	if ctx.Err() != nil && r.recorder.lateness.n == 0 { // the workers have ended: nobody else looks
		return Result{}, fmt.Errorf("stopped before the first hit that counts: %w", ctx.Err())
	}
	return r.result(s, budget, waited, machineTimes().since(machine), s.stop.Load())
}

// Pause makes the run stop after the current block, or go on. It may be called
// any time, by anybody.
func (r *Runner) Pause(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case on && r.resume == nil:
		r.resume = make(chan struct{})
	case !on && r.resume != nil:
		close(r.resume)
		r.resume = nil
	}
}

// awaitResume waits while the run is paused.
func (r *Runner) awaitResume(ctx context.Context) error {
	r.mu.Lock()
	resume := r.resume
	if resume != nil {
		r.progress.State = Paused
	}
	r.mu.Unlock()
	if resume == nil {
		return nil
	}
	select {
	case <-resume:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// aim resolves the targets and makes what the workers share.
func (r *Runner) aim(ctx context.Context) (*shared, error) {
	s := &shared{plan: r.plan}
	for _, t := range r.targets {
		addresses, err := t.resolve(ctx)
		if err != nil {
			return nil, err
		}
		for _, address := range addresses {
			for _, from := range r.plan.Sources {
				if from.Is4() != address.Addr().Is4() {
					return nil, fmt.Errorf("source address %s and target %s are not of one family", from, address)
				}
			}
		}
		question, err := t.question()
		if err != nil {
			return nil, err
		}
		a := aim{kind: t.Kind, addresses: addresses, request: t.request()}
		if t.Kind == UDP {
			a.request = question
		}
		if r.plan.KeptAlive {
			a.kept = t.keptRequest()
		}
		s.aims = append(s.aims, a)
	}
	return s, nil
}

// start makes sure that a Runner runs once: its counters are not emptied.
func (r *Runner) start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ran {
		return errors.New("this runner has run already; make another")
	}
	r.ran = true
	return nil
}

// crew is the set of workers of a run.
type crew struct {
	workers []*worker
	ended   chan error
}

// hire starts the workers and waits until each has its thread.
func (r *Runner) hire(s *shared) (*crew, error) {
	n := r.plan.Workers()
	c := &crew{ended: make(chan error, n)}
	ready := make(chan error, n)
	for i := range n {
		w := &worker{shared: s, recorder: r.recorder, jobs: make(chan *firing, 1), batch: make([]hit, 0, batchSize)}
		c.workers = append(c.workers, w)
		go func() { c.ended <- w.run(i, r.arm, ready) }()
	}
	var err error
	for range n {
		err = errors.Join(err, <-ready)
	}
	return c, err
}

// dismiss ends the workers, waits for them and sums up how their threads fared.
func (c *crew) dismiss() (cpuTimes, error) {
	for _, w := range c.workers {
		close(w.jobs)
	}
	var err error
	var waited cpuTimes
	for range c.workers {
		err = errors.Join(err, <-c.ended)
	}
	for _, w := range c.workers {
		waited = waited.plus(w.waited)
	}
	return waited, err
}

// fire runs the blocks one after the other.
func (r *Runner) fire(ctx context.Context, s *shared, c *crew) error {
	for i, turn := range Order(len(r.targets), r.plan.WarmUp, r.plan.Blocks, r.plan.Seed) {
		if err := r.awaitResume(ctx); err != nil {
			return err
		}
		most, err := r.awaitPorts(ctx, s, turn)
		if err != nil {
			return err
		}
		if err := r.awaitTurn(ctx, turn, i); err != nil {
			return err
		}
		if s.stop.Load() {
			return context.Cause(ctx)
		}
		r.report(func(p *Progress) {
			p.State, p.Target, p.Turn, p.Why = Measuring, turn.Target, i, ""
			if turn.Warm {
				p.State = WarmingUp
			}
		})
		f := r.firing(s, turn, i, most)
		r.recorder.begin(turn, f.start)
		f.done.Add(len(c.workers))
		for _, w := range c.workers {
			w.jobs <- f
		}
		f.done.Wait()
		r.recorder.end(s.now(), f.notSent.Load(), !s.stop.Load())
	}
	r.report(func(p *Progress) { p.Turn = p.Turns })
	return nil
}

// awaitTurn lets the hook hold back a block.
func (r *Runner) awaitTurn(ctx context.Context, turn Turn, i int) error {
	if r.before == nil {
		return nil
	}
	r.report(func(p *Progress) { p.State, p.Target, p.Turn, p.Why = TurnWait, turn.Target, i, "" })
	return r.before(ctx, turn)
}

// firing is block number i, that of a turn, at most so many hits.
func (r *Runner) firing(s *shared, turn Turn, i, most int) *firing {
	one := r.plan.oneBlock(turn)
	f := &firing{target: turn.Target, start: s.now(), rate: one.Rate, limit: int64(one.Requests)}
	if r.plan.OpenLoop() {
		f.overdue = int64(r.plan.Overdue())
		if r.plan.Jitter {
			f.jitter = &jitter{seed: r.plan.Seed, block: uint64(i)} //nolint:gosec // counts from 0
		}
	}
	if one.Duration > 0 {
		f.end, f.limit = f.start+int64(one.Duration), int64(most)
	}
	if !r.plan.OpenLoop() && r.plan.Concurrency > r.plan.Workers() {
		f.users = newUsers(r.plan.Concurrency, f.start)
	}
	return f
}

// report changes the progress.
func (r *Runner) report(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.progress)
}

// addresses lists what the aims resolved to, the first of each: its source ports
// are spread over the others as well, which can only make them last longer.
func (s *shared) addresses() []netip.AddrPort {
	var out []netip.AddrPort
	for _, a := range s.aims {
		out = append(out, a.addresses[0])
	}
	return out
}
