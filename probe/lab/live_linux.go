package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// live runs the probe against every mode that can run here, at one size. Nodes
// stay when the job ends: the next one, another size, changes only what differs.
func (l *lab) live(ctx context.Context, o Options) error {
	modes, err := l.modesOf(ctx, o)
	if err != nil {
		return err
	}
	if err := l.ensureNodes(ctx, o, modes); err != nil {
		return err
	}
	if len(l.nodes) == 0 {
		return plain.Fail(fmt.Sprintf("no mode could be built with %s Services", plain.Number(o.Shape.Services)), "take fewer Services, or other modes", nil)
	}
	if err := fitsConntrack(o.Plan); err != nil {
		return err
	}
	if o.Plan.OpenLoop() {
		if err := l.hotFirst(ctx, o); err != nil {
			return err
		}
	}
	var targets []probe.Target
	dropped := map[Mode]int64{}
	for _, n := range l.nodes {
		n.forget()
		dropped[n.mode] = n.dropped()
		targets = append(targets, probe.Target{Name: string(n.mode), Address: n.target(o.Shape, o.Position).String(), Kind: o.Kind})
	}
	runner, err := probe.NewRunner(o.Plan, targets...)
	if err != nil {
		return err
	}
	if o.Plan.OpenLoop() { // the cold load
		others, err := startOthers(o.Cold)
		if err != nil {
			return err
		}
		defer others.close()
	}
	if err := pastFirstSecond(ctx); err != nil {
		return err
	}
	l.stage("", o.Shape.Services, "measuring", 0)
	return l.watch(ctx, runner, func() []string { return conntrackNotes(l.nodes, dropped) })
}

// hotFirst measures the other load for a moment before a paced plan, so that both can
// be shown side by side.
func (l *lab) hotFirst(ctx context.Context, o Options) error {
	l.stage("", o.Shape.Services, "measuring hot", 0)
	var lanes []*lane
	for _, n := range l.nodes {
		at := o.Position
		if !n.mode.hasRules() {
			at = NoPosition
		}
		lanes = append(lanes, &lane{node: n, position: at, addr: n.target(o.Shape, o.Position)})
	}
	if err := measure(ctx, lanes, o.Rounds, o.Shape.Seed, hot(o.Block), func(float64) {}); err != nil {
		return err
	}
	seen := records{}
	for _, lane := range lanes {
		if err := l.out.write(Event{Point: ptr(seen.add(0, lane, o.Shape, cost{}))}); err != nil {
			return err
		}
	}
	return nil
}

// pastFirstSecond waits until the kernel is up for a second, which only a user-mode
// Linux may not be. A socket that closes before keeps second 0 as the time of its
// last timestamp, which to the kernel means that it had none: in TIME_WAIT it then
// drops half of the SYNs that come from its port after a change of size. The coarse
// clock moves with the kernel's count of seconds, the fine one is a tick ahead.
func pastFirstSecond(ctx context.Context) error {
	for {
		var up unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_COARSE, &up); err != nil {
			return fmt.Errorf("could not read how long the kernel is up: %w", err)
		}
		if up.Sec > 0 {
			return nil
		}
		select {
		case <-time.After(time.Second - time.Duration(up.Nsec)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// watch runs the probe and tells what is new in its counters now and then; notes
// are added to the result.
func (l *lab) watch(ctx context.Context, runner *probe.Runner, notes func() []string) error {
	type end struct {
		result probe.Result
		err    error
	}
	ended := make(chan end, 1)
	go func() {
		var e end
		e.err = guarded(func() (err error) {
			e.result, err = runner.Run(ctx)
			return err
		})
		ended <- e
	}()
	tick := time.NewTicker(snapshotEvery)
	defer tick.Stop()
	var room newsroom
	tell := func() error { return l.out.write(Event{Snapshot: ptr(room.news(runner.Snapshot()))}) }
	for {
		select {
		case <-tick.C:
			if err := tell(); err != nil {
				return err
			}
		case e := <-ended:
			if e.err != nil {
				return errors.Join(e.err, ctx.Err())
			}
			e.result.Notes = append(e.result.Notes, notes()...)
			// Stopped, it is a partial result.
			return errors.Join(tell(), l.out.write(Event{Result: &e.result}), ctx.Err())
		}
	}
}

// modesOf checks the modes once; a new size does not change what can run.
func (l *lab) modesOf(ctx context.Context, o Options) ([]Mode, error) {
	if l.able == nil {
		able, err := l.check(ctx, o)
		if err != nil {
			return nil, err
		}
		l.able = able
	}
	return slices.DeleteFunc(slices.Clone(o.Modes), func(m Mode) bool { return !slices.Contains(l.able, m) }), nil
}

// ensureNodes brings the nodes to the wanted modes and size.
func (l *lab) ensureNodes(ctx context.Context, o Options, modes []Mode) error {
	most := mostEndpoints(o.Shape)
	keep := func(n *node) bool {
		return slices.Contains(modes, n.mode) && n.endpoints >= most && n.rulesPerPort == o.Shape.RulesPerPort && !n.broken
	}
	for _, n := range l.nodes {
		if !keep(n) {
			n.close()
		}
	}
	l.nodes = slices.DeleteFunc(l.nodes, func(n *node) bool { return !keep(n) })
	l.total, l.steps = float64(len(modes)), 0
	if l.pace == nil || l.pace.limit != o.MaxProgram {
		l.pace = newPace(o.MaxProgram)
	}
	for _, m := range modes {
		l.stage(m, o.Shape.Services, "programming", 0)
		l.steps++
		why, err := l.ensureNode(ctx, o, m, most)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			why = reason(err)
		case why == "":
			continue
		}
		l.dropNode(m) // its rules are of another size, or half of them
		if err := l.skip(m, o.Shape.Services, why); err != nil {
			return err
		}
	}
	slices.SortFunc(l.nodes, func(a, b *node) int { return a.cluster - b.cluster })
	return nil
}

// ensureNode makes the node of a mode, or brings the one there is to another
// size. It says why a size takes too long.
func (l *lab) ensureNode(ctx context.Context, o Options, m Mode, most int) (tooSlow string, err error) {
	if why := l.pace.tooSlow(m, o.Shape.Services); why != "" {
		return why, nil
	}
	i := slices.IndexFunc(l.nodes, func(n *node) bool { return n.mode == m })
	fresh := i < 0
	if fresh {
		n, err := newNode(l.client, m, most, o.Shape.RulesPerPort)
		if err != nil {
			return "", err
		}
		l.nodes = append(l.nodes, n)
		i = len(l.nodes) - 1
	}
	n := l.nodes[i]
	limited, cancel := context.WithTimeout(ctx, o.MaxProgram)
	defer cancel()
	took, err := n.program(limited, o.Shape.List(n.cluster))
	switch {
	case limited.Err() != nil && ctx.Err() == nil:
		l.pace.record(m, o.Shape.Services, o.MaxProgram)
		return l.pace.overLimit(), nil
	case err != nil:
		return "", whyEnded(ctx, fmt.Errorf("could not program %s Services in %s mode: %w", plain.Number(o.Shape.Services), m, err))
	case fresh: // a change of size takes less than all of it
		l.pace.record(m, o.Shape.Services, took)
	}
	return "", l.out.write(Event{Built: &Built{Mode: m, Services: o.Shape.Services, ProgramNs: int64(took), Counts: n.plane.counts(n.services)}})
}

// dropNode takes down the node of a mode, if there is one.
func (l *lab) dropNode(m Mode) {
	l.nodes = slices.DeleteFunc(l.nodes, func(n *node) bool {
		if n.mode == m {
			n.close()
		}
		return n.mode == m
	})
}
