package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
	var targets []probe.Target
	for _, n := range l.nodes {
		targets = append(targets, probe.Target{Name: string(n.mode), Address: n.target(o.Shape, o.Position).String(), Kind: o.Kind})
	}
	runner, err := probe.NewRunner(o.Plan, targets...)
	if err != nil {
		return err
	}
	l.stage("", o.Shape.Services, "measuring", 0)
	return l.watch(ctx, runner)
}

// watch runs the probe and sends a copy of its counters now and then.
func (l *lab) watch(ctx context.Context, runner *probe.Runner) error {
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
	for {
		select {
		case <-tick.C:
			if err := l.out.write(Event{Snapshot: ptr(runner.Snapshot())}); err != nil {
				return err
			}
		case e := <-ended:
			if err := errors.Join(e.err, ctx.Err()); err != nil {
				return err
			}
			return errors.Join(l.out.write(Event{Snapshot: ptr(runner.Snapshot())}), l.out.write(Event{Result: &e.result}))
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
	for _, m := range modes {
		l.stage(m, o.Shape.Services, "programming", 0)
		l.steps++
		if err := l.ensureNode(ctx, o, m, most); err != nil {
			return err
		}
	}
	slices.SortFunc(l.nodes, func(a, b *node) int { return a.cluster - b.cluster })
	return nil
}

func (l *lab) ensureNode(ctx context.Context, o Options, m Mode, most int) error {
	i := slices.IndexFunc(l.nodes, func(n *node) bool { return n.mode == m })
	if i < 0 {
		n, err := newNode(l.client, m, most, o.Shape.RulesPerPort)
		if err != nil {
			return err
		}
		l.nodes = append(l.nodes, n)
		i = len(l.nodes) - 1
	}
	n := l.nodes[i]
	limited, cancel := context.WithTimeout(ctx, o.MaxProgram)
	defer cancel()
	took, err := n.program(limited, o.Shape.List(n.cluster))
	if limited.Err() != nil && ctx.Err() == nil {
		n.close()
		l.nodes = slices.Delete(l.nodes, i, i+1)
		return l.skip(m, o.Shape.Services, fmt.Sprintf("programming took longer than %v", o.MaxProgram))
	}
	if err != nil {
		return fmt.Errorf("could not program %d Services in %s mode: %w", o.Shape.Services, m, err)
	}
	return l.out.write(Event{Built: &Built{Mode: m, Services: o.Shape.Services, ProgramNs: int64(took), Counts: n.plane.counts(n.services)}})
}
