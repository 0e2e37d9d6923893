package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kpadvisor/probe/lab/rules"
)

// lab is the inner half: nodes around one client pod.
type lab struct {
	client *namespace
	out    *eventWriter
	nodes  []*node
	able   []Mode // found by a live job's check; nil before
	pace   *pace  // of live jobs

	total, steps float64 // of Stage.Share
}

func (l *lab) job(ctx context.Context, r request) error {
	if r.Do == doDrill {
		return l.drill(ctx, r.Drill)
	}
	if err := r.Options.Validate(); err != nil {
		return err
	}
	o := r.Options.withDefaults()
	switch r.Do {
	case doPreflight:
		_, err := l.check(ctx, o)
		return err
	case doSweep:
		return l.sweep(ctx, o)
	case doLive:
		return l.live(ctx, o)
	case doStop:
		return nil // the job that ran has been ended to begin this one
	}
	return fmt.Errorf("unknown request %q", r.Do)
}

func (l *lab) done(err error) {
	d := &Done{}
	if err != nil {
		d.Error, d.Remedy = Explain(err)
	}
	_ = l.out.write(Event{Done: d}) // nobody is left to tell if this fails
}

func (l *lab) closeNodes() {
	for _, n := range l.nodes {
		n.close()
	}
	l.nodes = nil
}

// stage reports progress within the current step of a job.
func (l *lab) stage(m Mode, services int, what string, within float64) {
	share := 0.0
	if l.total > 0 {
		share = min(1, (l.steps+within)/l.total)
	}
	_ = l.out.write(Event{Stage: &Stage{Mode: m, Services: services, What: what, Share: share}})
}

// check tries each mode with one Service and one connection, which answers all
// questions about tools, modules and permissions at once. It returns the modes
// that work.
func (l *lab) check(ctx context.Context, o Options) ([]Mode, error) {
	if err := l.out.write(Event{Environment: ptr(environment(o))}); err != nil {
		return nil, err
	}
	var able []Mode
	for _, m := range o.Modes {
		l.stage(m, 1, "checking", 0)
		err := l.try(ctx, m)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			able = append(able, m)
			continue
		}
		if err := l.out.write(Event{Missing: ptr(missing(m, err))}); err != nil {
			return nil, err
		}
	}
	return able, nil
}

// try builds a mode's smallest lab.
func (l *lab) try(ctx context.Context, m Mode) error {
	shape := rules.Shape{Services: 1, Endpoints: 2}
	n, err := newNode(l.client, m, 2, 1)
	if err != nil {
		return err
	}
	defer n.close()
	if _, err := n.program(ctx, shape.List(n.cluster)); err != nil {
		return causeOf(n.ns, m, err)
	}
	_, err = connectOnce(n.target(shape, rules.First))
	if err != nil {
		return fmt.Errorf("the rules load but do not forward: %w", err)
	}
	return nil
}

// causeOf finds a better reason why a mode's rules did not load: iptables-nft's
// own message says nothing of the cause.
func causeOf(ns *namespace, m Mode, err error) error {
	if m == IPTablesNFT {
		if cause := ns.do(func() error { _, err := newNFTPlane(); return err }); cause != nil {
			return cause
		}
	}
	return err
}

// sweep measures every size with fresh nodes, all modes of a size interleaved.
func (l *lab) sweep(ctx context.Context, o Options) error {
	modes, err := l.check(ctx, o)
	if err != nil {
		return err
	}
	pace := newPace(o.MaxProgram)
	l.total = 2 * float64(len(o.Sizes))
	for i, size := range slices.Sorted(slices.Values(o.Sizes)) {
		l.steps = 2 * float64(i)
		shape := o.Shape
		shape.Services = size
		if modes, err = l.size(ctx, o, shape, modes, pace); err != nil {
			return err
		}
	}
	return nil
}

// built is what programming a node took.
type built struct {
	program, update time.Duration
	memory          int64
	counts          Counts
}

// size builds, measures and takes down one size. A mode that fails is left out;
// it returns the others, for the next size.
func (l *lab) size(ctx context.Context, o Options, shape rules.Shape, modes []Mode, pace *pace) (able []Mode, err error) {
	l.closeNodes()
	defer l.closeNodes()
	costs := make(map[Mode]built)
	for i, m := range modes {
		l.stage(m, shape.Services, "programming", float64(i)/float64(len(modes)))
		why := pace.tooSlow(m, shape.Services)
		failed := false
		if why == "" {
			n, cost, err := l.build(ctx, o, shape, m)
			switch {
			case ctx.Err() != nil:
				n.close()
				return nil, ctx.Err()
			case err == nil:
				pace.record(m, shape.Services, cost.program)
				costs[m], l.nodes = cost, append(l.nodes, n)
			case errors.Is(err, context.DeadlineExceeded):
				pace.record(m, shape.Services, o.MaxProgram)
				why = pace.overLimit()
			default:
				why, failed = reason(err), true
			}
		}
		if !failed {
			able = append(able, m)
		}
		if why != "" {
			if err := l.skip(m, shape.Services, why); err != nil {
				return nil, err
			}
		}
	}
	l.steps++
	return able, l.measureSize(ctx, o, shape, costs)
}

// measureSize measures the nodes there are.
func (l *lab) measureSize(ctx context.Context, o Options, shape rules.Shape, costs map[Mode]built) error {
	lanes := lanesOf(l.nodes, shape)
	err := measure(ctx, lanes, o.Rounds, o.Block, shape.Seed, func(share float64) { l.stage("", shape.Services, "measuring", share) })
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		if err := l.out.write(Event{Point: ptr(finish(lane, shape, costs[lane.node.mode]))}); err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) skip(m Mode, services int, why string) error {
	return l.out.write(Event{Skipped: &Skipped{Mode: m, Services: services, Reason: why}})
}

// build makes a node of this shape and changes one endpoint there and back.
func (l *lab) build(ctx context.Context, o Options, shape rules.Shape, m Mode) (_ *node, cost built, err error) {
	n, err := newNode(l.client, m, mostEndpoints(shape), o.Shape.RulesPerPort)
	if err != nil {
		return nil, cost, err
	}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	services := shape.List(n.cluster)
	limited, cancel := context.WithTimeout(ctx, o.MaxProgram)
	defer cancel()
	before := kernelMemory()
	if cost.program, err = n.program(limited, services); err != nil {
		return nil, cost, whyEnded(limited, fmt.Errorf("could not program %s Services in %s mode: %w", rules.Count(shape.Services), m, err))
	}
	cost.memory = max(0, kernelMemory()-before)
	cost.counts = n.plane.counts(services)
	if cost.update, err = n.update(ctx); err != nil {
		return nil, cost, fmt.Errorf("could not change one endpoint in %s mode: %w", m, err)
	}
	return n, cost, nil
}

// whyEnded prefers the context's reason: a killed tool only says "killed".
func whyEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// mostEndpoints is the most endpoints any Service of the shape may have.
func mostEndpoints(s rules.Shape) int {
	return max(s.Endpoints, slices.Max(append(s.Distribution, 1)))
}

// lanesOf are all positions of all nodes; Direct has none.
func lanesOf(nodes []*node, shape rules.Shape) []*lane {
	var lanes []*lane
	for _, n := range nodes {
		positions := rules.Positions()
		if n.mode == Direct {
			positions = []rules.Position{NoPosition}
		}
		for _, p := range positions {
			lanes = append(lanes, &lane{node: n, position: p, addr: n.target(shape, p)})
		}
	}
	return lanes
}

// finish adds to a point what is known of its node.
func finish(l *lane, shape rules.Shape, cost built) Point {
	p := l.point(shape.Services)
	p.ProgramNs, p.UpdateNs, p.MemoryBytes = int64(cost.program), int64(cost.update), cost.memory
	p.Counts, p.Rules = cost.counts, cost.counts.Rules
	if i := shape.Index(l.position); l.node.mode != Direct {
		p.Endpoints = len(l.node.services[i].Endpoints)
	}
	return p
}
