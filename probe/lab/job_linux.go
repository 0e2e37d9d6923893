package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"kpadvisor/plain"
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

// sweep measures every size with fresh nodes, all modes of a size interleaved. It
// builds each size o.Builds times, every time with a new order of rules, and goes
// up and down through the sizes in turn, so that what changes over time does not
// look like a cost of size.
func (l *lab) sweep(ctx context.Context, o Options) error {
	modes, err := l.check(ctx, o)
	if err != nil {
		return err
	}
	if slices.Contains(modes, Direct) {
		modes = append(modes, Bare)
	}
	s := &sweep{options: o, pace: newPace(o.MaxProgram), able: modes, skipped: map[build]map[Mode]bool{}, records: records{}}
	sizes := slices.Sorted(slices.Values(o.Sizes))
	l.total, l.steps = 2*float64(len(sizes)*o.Builds), 0
	for number := range o.Builds {
		for _, size := range sizes {
			if err := l.build(ctx, s, build{size, number}); err != nil {
				return err
			}
			l.steps = 2 * math.Ceil((l.steps+1)/2)
		}
		slices.Reverse(sizes)
	}
	return nil
}

// sweep is a job that measures one or more sizes.
type sweep struct {
	options Options
	pace    *pace
	able    []Mode                  // that have not failed
	skipped map[build]map[Mode]bool // at a size (of no build)
	records records
}

// shape is that of a build: the order of rules and the random place are its own.
func (s *sweep) shape(b build) rules.Shape {
	shape := s.options.Shape
	shape.Services = b.services
	shape.Order = shape.Seed + uint64(b.number) + 1
	shape.Seed += uint64(b.number)
	return shape
}

// cost is what programming a node took.
type cost struct {
	program, update time.Duration
	memory          int64
	counts          Counts
}

// build builds, measures and takes down one size. A mode that fails is left out
// from then on.
func (l *lab) build(ctx context.Context, s *sweep, b build) error {
	l.closeNodes()
	defer l.closeNodes()
	shape, costs := s.shape(b), make(map[Mode]cost)
	size := build{services: b.services}
	for i, m := range slices.Clone(s.able) {
		if s.skipped[size][m] {
			continue
		}
		l.stage(m, shape.Services, "programming", float64(i)/float64(len(s.able)))
		n, took, why, err := l.tryBuild(ctx, s, shape, m)
		switch {
		case err != nil:
			return err
		case why == "":
			costs[m], l.nodes = took, append(l.nodes, n)
			continue
		case s.skipped[size] == nil:
			s.skipped[size] = map[Mode]bool{}
		}
		s.skipped[size][m] = true
		if err := l.skip(m, shape.Services, why); err != nil {
			return err
		}
	}
	l.steps++
	return l.measureBuild(ctx, s, b, shape, costs)
}

// tryBuild says why a mode is left out at a size; its error ends the job.
func (l *lab) tryBuild(ctx context.Context, s *sweep, shape rules.Shape, m Mode) (_ *node, took cost, why string, err error) {
	if why := s.pace.tooSlow(m, shape.Services); why != "" {
		return nil, took, why, nil
	}
	n, took, err := l.newBuild(ctx, s.options, shape, m)
	switch {
	case ctx.Err() != nil:
		n.close()
		return nil, took, "", ctx.Err()
	case err == nil:
		s.pace.record(m, shape.Services, took.program)
		return n, took, "", nil
	case errors.Is(err, context.DeadlineExceeded):
		s.pace.record(m, shape.Services, s.options.MaxProgram)
		return nil, took, s.pace.overLimit(), nil
	}
	s.able = slices.DeleteFunc(s.able, func(x Mode) bool { return x == m })
	return nil, took, reason(err), nil
}

// measureBuild measures the nodes there are, hot and cold, and tells what is known
// of the size now.
func (l *lab) measureBuild(ctx context.Context, s *sweep, b build, shape rules.Shape, costs map[Mode]cost) error {
	lanes, seed := lanesOf(l.nodes, shape), shape.Seed+uint64(shape.Services)
	err := measure(ctx, lanes, s.options.Rounds, seed, hot(s.options.Block), func(share float64) {
		l.stage("", shape.Services, "measuring hot", share/4)
	})
	if err != nil {
		return err
	}
	pacer, err := newPacer(s.options.Cold, seed)
	if err != nil {
		return err
	}
	defer pacer.close()
	paced := slices.DeleteFunc(slices.Clone(lanes), func(l *lane) bool {
		return l.position != rules.Middle && l.position != NoPosition
	})
	err = measure(ctx, paced, s.options.Rounds, seed, pacer.fire, func(share float64) {
		l.stage("", shape.Services, "measuring cold", (1+3*share)/4)
	})
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		if err := l.out.write(Event{Point: ptr(s.records.add(b.number, lane, shape, costs[lane.node.mode]))}); err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) skip(m Mode, services int, why string) error {
	return l.out.write(Event{Skipped: &Skipped{Mode: m, Services: services, Reason: why}})
}

// newBuild makes a node of this shape and changes one endpoint there and back.
func (l *lab) newBuild(ctx context.Context, o Options, shape rules.Shape, m Mode) (_ *node, took cost, err error) {
	n, err := newNode(l.client, m, mostEndpoints(shape), o.Shape.RulesPerPort)
	if err != nil {
		return nil, took, err
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
	if took.program, err = n.program(limited, services); err != nil {
		return nil, took, whyEnded(limited, fmt.Errorf("could not program %s Services in %s mode: %w", plain.Number(shape.Services), m, err))
	}
	took.memory = max(0, kernelMemory()-before)
	took.counts = n.plane.counts(services)
	if took.update, err = n.update(ctx); err != nil {
		return nil, took, fmt.Errorf("could not change one endpoint in %s mode: %w", m, err)
	}
	return n, took, nil
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

// lanesOf are all positions of all nodes; those without rules have none.
func lanesOf(nodes []*node, shape rules.Shape) []*lane {
	var lanes []*lane
	for _, n := range nodes {
		positions := rules.Positions()
		if !n.mode.hasRules() {
			positions = []rules.Position{NoPosition}
		}
		for _, p := range positions {
			lanes = append(lanes, &lane{node: n, position: p, addr: n.target(shape, p)})
		}
	}
	return lanes
}
