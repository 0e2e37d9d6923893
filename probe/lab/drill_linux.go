package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
)

// drill runs a plan: it builds a node for each configuration, then updates all
// of them at the same time, under connections.
func (l *lab) drill(ctx context.Context, p drill.Plan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := l.out.write(Event{DrillEnvironment: ptr(drillEnvironment())}); err != nil {
		return err
	}
	rows, err := l.buildDrill(ctx, p)
	defer func() {
		for _, r := range rows {
			r.node.close()
		}
	}()
	if err != nil || len(rows) == 0 {
		return err
	}
	return l.watchDrill(ctx, p, rows)
}

// buildDrill builds what can be built here. A mode that cannot is reported once,
// and its other configurations are not tried.
func (l *lab) buildDrill(ctx context.Context, p drill.Plan) ([]*drillRow, error) {
	var rows []*drillRow
	absent := make(map[string]bool)
	l.total = float64(len(p.Configs))
	for i, c := range p.Configs {
		l.steps = float64(i)
		l.stage(Mode(c.Mode), 1, "building", 0)
		if absent[c.Mode] {
			continue
		}
		n, err := newDrillNode(ctx, l.client, i, c, p.Backends)
		if err == nil {
			if err = tryDrill(ctx, p, n); err != nil {
				n.close()
			}
		}
		if ctx.Err() != nil {
			return rows, ctx.Err()
		}
		if err != nil {
			absent[c.Mode] = true
			if err := l.out.write(Event{Missing: ptr(missing(Mode(c.Mode), err))}); err != nil {
				return rows, err
			}
			continue
		}
		rows = append(rows, &drillRow{node: n, plan: p, tally: drill.NewTally(p, c)})
	}
	return rows, nil
}

// tryDrill makes one connection, from a port that the drill will use again.
func tryDrill(ctx context.Context, p drill.Plan, n *drillNode) error {
	if _, err := newDrillClient(n.target(), p, time.Now()).exchange(ctx, drillFirstPort, &drill.Conn{}); err != nil {
		return fmt.Errorf("the rules load but do not forward: %w", err)
	}
	return nil
}

// watchDrill runs all rows and sends what they counted now and then.
func (l *lab) watchDrill(ctx context.Context, p drill.Plan, rows []*drillRow) error {
	ctx, cancel := context.WithCancel(ctx)
	began := time.Now()
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	for _, r := range rows {
		working.Go(func() {
			if err := guarded(func() error { return r.run(ctx, began) }); err != nil && !errors.Is(err, context.Canceled) {
				r.stop(err)
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		working.Wait()
		close(ended)
	}()
	tick := time.NewTicker(snapshotEvery)
	defer tick.Stop()
	for going := true; going; {
		select {
		case <-tick.C:
		case <-ended:
			going = false
		}
		now := time.Since(began)
		progress := DrillProgress{Elapsed: now, Length: p.Length()}
		for _, r := range rows {
			progress.Rows = append(progress.Rows, r.take(now, !going))
		}
		if err := l.out.write(Event{Drill: &progress}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// drillRow is one configuration at work.
type drillRow struct {
	node *drillNode
	plan drill.Plan

	mu      sync.Mutex // of what follows
	tally   *drill.Tally
	pending []strayConn
}

// strayConn is a failed connection of IPVS that has still to be looked up.
type strayConn struct {
	port int
	conn drill.Conn
}

// run connects and takes the steps of the update until the end.
func (r *drillRow) run(ctx context.Context, began time.Time) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := newDrillClient(r.node.target(), r.plan, began)
	client.skipped = func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tally.Skip()
	}
	client.ended = r.ended
	stop := make(chan struct{})
	connecting := make(chan error, 1)
	go func() { connecting <- guarded(func() error { return client.run(ctx, stop) }) }()
	err := guarded(func() error { return r.update(ctx, began, client) })
	close(stop)
	r.mu.Lock()
	r.tally.Close(time.Since(began))
	r.mu.Unlock()
	if err != nil {
		cancel()
	}
	if stopped := <-connecting; err == nil {
		err = stopped
	}
	return err
}

// stop notes in the row what went wrong: the other rows go on.
func (r *drillRow) stop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sentence, _ := Explain(err)
	r.tally.Stop(sentence)
}

// update takes the steps, each when it is due: as long after the one before as
// planned, and where that matters not before all source ports came round.
func (r *drillRow) update(ctx context.Context, began time.Time, client *drillClient) error {
	deleted := false
	planned, done := time.Duration(0), time.Duration(0)
	for _, s := range r.plan.Steps(r.node.config.Sysctls != nil) {
		begun := client.begun.Load()
		if err := sleepUntil(ctx, began.Add(done+s.At-planned)); err != nil {
			return err
		}
		if s.Do.AfterRound() {
			if err := r.awaitRound(ctx, client, begun); err != nil {
				return err
			}
		}
		planned, done = s.At, time.Since(began)
		if s.Do == drill.End || s.Do == drill.Check && deleted {
			continue
		}
		left, err := r.node.act(ctx, s.Do)
		if err != nil {
			return err
		}
		done = time.Since(began)
		r.mark(drill.Mark{Do: s.Do, At: done, Connections: left})
		if left != nil && *left == 0 {
			deleted = true
			r.mark(drill.Mark{Do: drill.ServerDeleted, At: done})
		}
	}
	return nil
}

// awaitRound waits, for a while, until the client has begun as many connections
// as it has ports since it had begun so many.
func (r *drillRow) awaitRound(ctx context.Context, client *drillClient, begun int64) error {
	const patience, look = 10 * time.Second, 20 * time.Millisecond
	for limit := time.Now().Add(patience); client.begun.Load()-begun < int64(r.plan.Ports) && time.Now().Before(limit); {
		if err := sleepUntil(ctx, time.Now().Add(look)); err != nil {
			return err
		}
	}
	return nil
}

func (r *drillRow) mark(m drill.Mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally.Mark(m)
}

// ended takes in a connection. Where IPVS sent one that failed is looked up
// with the next take, for all of them at once.
func (r *drillRow) ended(port int, c drill.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.Class != probe.NoFailure && r.node.config.Sysctls != nil {
		r.pending = append(r.pending, strayConn{port, c})
		return
	}
	r.tally.Add(c)
}

// take looks up where failed connections went and returns what was counted
// since the last take. last closes the interval that is being filled.
func (r *drillRow) take(now time.Duration, last bool) drill.Row {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) > 0 {
		sentTo, err := r.node.entries()
		if err != nil {
			r.tally.Stop(err.Error())
		}
		for _, s := range r.pending {
			s.conn.ToOldPod = sentTo[s.port] == r.node.old()
			r.tally.Add(s.conn)
		}
		r.pending = nil
	}
	r.tally.Advance(now)
	return r.tally.Take(last)
}

// sleepUntil waits until a moment, or until ctx ends.
func sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
