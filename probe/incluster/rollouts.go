package incluster

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// Watcher reports changes behind an address until ctx ends, as
// [Client.WatchEndpoints] does.
type Watcher func(ctx context.Context, address string, each func(at time.Time, what string)) error

// mostMarks is how many changes of one address are kept: more than a screen shows.
const mostMarks = 4096

// rollouts are the changes behind the addresses of one run, from watches that last
// as long as the run.
type rollouts struct {
	watch Watcher // nil without a cluster

	mu   sync.Mutex
	seen map[string]*marks // by address
}

// marks are the changes behind one address.
type marks struct {
	at   []time.Time // oldest first; only appended to
	what []string    // what each was
	gap  string      // why nothing more is seen
}

// Rollouts lists when the backends of an address changed, oldest first, and says in
// one sentence why there is nothing to list; empty if there is no reason. The list
// only grows.
func (r *rollouts) Rollouts(address string) (at []time.Time, gap string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.seen[address]
	if m == nil {
		return nil, ""
	}
	return slices.Clip(m.at), m.gap
}

// changes are the same with what each of them was, as times since start.
func (r *rollouts) changes(address string, start time.Time) []probe.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.seen[address]
	if m == nil {
		return nil
	}
	var out []probe.Change
	for i, at := range m.at {
		out = append(out, probe.Change{At: max(0, at.Sub(start)), What: m.what[i]})
	}
	return out
}

// begin forgets what an earlier run saw, and watches each address until end is
// called, which waits for the last watch.
func (r *rollouts) begin(ctx context.Context, addresses ...string) (end func()) {
	if r.watch == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	r.mu.Lock()
	r.seen = map[string]*marks{}
	for _, address := range addresses {
		r.seen[address] = &marks{}
	}
	all := r.seen
	r.mu.Unlock()
	var watches sync.WaitGroup
	for address, m := range all {
		watches.Go(func() { r.follow(ctx, address, m) })
	}
	return func() {
		cancel()
		watches.Wait()
	}
}

// follow watches one address until ctx ends.
func (r *rollouts) follow(ctx context.Context, address string, m *marks) {
	miss := func(why string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		m.gap = "rollout marks: " + plain.Text(why)
	}
	defer func() {
		if v := recover(); v != nil {
			miss(fmt.Sprintf("a defect in kpadvisor: %v", v))
		}
	}()
	err := r.watch(ctx, address, func(at time.Time, what string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(m.at) < mostMarks {
			m.at, m.what = append(m.at, at), append(m.what, plain.Text(what))
		}
	})
	if err != nil {
		miss(err.Error())
	}
}

// Watched is a run made elsewhere than in the cluster, whose targets are watched in
// it while the run lasts.
type Watched struct {
	engine
	rollouts
	addresses []string
}

// engine is what is watched; a [probe.Runner] is one.
type engine interface {
	Run(ctx context.Context) (probe.Result, error)
	Snapshot() probe.Snapshot
	Pause(on bool)
}

// Watch makes a watched run. Without a watcher it is the run and no more.
func Watch(e engine, watch Watcher, targets ...probe.Target) *Watched {
	out := &Watched{engine: e, rollouts: rollouts{watch: watch}}
	for _, t := range targets {
		out.addresses = append(out.addresses, t.Address)
	}
	return out
}

// Run makes the run and, beside it, the watches; they have ended when it returns.
func (w *Watched) Run(ctx context.Context) (probe.Result, error) {
	defer w.begin(ctx, w.addresses...)()
	return w.engine.Run(ctx)
}
