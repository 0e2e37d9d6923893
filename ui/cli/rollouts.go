package cli

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/tui"
)

// watcher reports changes behind an address until ctx ends, as
// cluster.Client.WatchEndpoints does.
type watcher func(ctx context.Context, address string, each func(at time.Time, what string)) error

// maxMarks is how many changes of one target are kept: more than a screen shows.
const maxMarks = 4096

// rollouts are the changes behind the targets of the current run, from watches
// that last as long as the run.
type rollouts struct {
	watch watcher // nil without a cluster

	mu   sync.Mutex
	seen map[string][]time.Time // by address
	what map[string][]string    // by address: what each was
	gap  map[string]string      // by address: why nothing is seen
}

// prepare is a run of the probe, with a seed of its own, whose targets are watched
// while it lasts.
func (r *rollouts) prepare(plan probe.Plan, targets ...probe.Target) (tui.Prober, error) {
	plan.Seed = probe.NewSeed()
	p, err := newRun(plan, targets...)
	if err != nil || r.watch == nil {
		return p, err
	}
	return &watchedRun{p, r, targets}, nil
}

// times are the changes behind an address, oldest first, for tui.Options.
func (r *rollouts) times(address string) []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.seen[address]) // only appended to
}

// changes are the same with what each of them was, as times since start.
func (r *rollouts) changes(address string, start time.Time) []probe.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []probe.Change
	for i, at := range r.seen[address] {
		out = append(out, probe.Change{At: max(0, at.Sub(start)), What: plain.Text(r.what[address][i])})
	}
	return out
}

// missing says in one sentence why an address has no changes, for tui.Options.
func (r *rollouts) missing(address string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gap[address]
}

// follow watches one address until ctx ends.
func (r *rollouts) follow(ctx context.Context, address string) {
	defer func() {
		if v := recover(); v != nil {
			r.miss(address, fmt.Sprintf("a defect in kpadvisor: %v", v))
		}
	}()
	err := r.watch(ctx, address, func(at time.Time, what string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.seen[address]) < maxMarks {
			r.seen[address], r.what[address] = append(r.seen[address], at), append(r.what[address], what)
		}
	})
	if err != nil {
		r.miss(address, err.Error())
	}
}

func (r *rollouts) miss(address, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gap[address] = "rollout marks: " + plain.Text(why)
}

// watchedRun is a run whose targets are watched.
type watchedRun struct {
	tui.Prober
	rollouts *rollouts
	targets  []probe.Target
}

// Run runs the probe and, beside it, the watches; they have ended when it returns.
func (w *watchedRun) Run(ctx context.Context) (probe.Result, error) {
	r := w.rollouts
	r.mu.Lock()
	r.seen, r.what, r.gap = map[string][]time.Time{}, map[string][]string{}, map[string]string{}
	r.mu.Unlock()
	watching, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	var begun []string
	for _, t := range w.targets {
		if !slices.Contains(begun, t.Address) {
			begun = append(begun, t.Address)
			all.Go(func() { r.follow(watching, t.Address) })
		}
	}
	defer all.Wait()
	defer stop()
	return w.Prober.Run(ctx)
}
