package tui

import (
	"context"
	"errors"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/page"
)

var errNotHere = errors.New("not in this test")

// fakeEngine has enough ports, and prepares what a test says.
type fakeEngine struct {
	budget  func(ctx context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error)
	prepare func(plan probe.Plan, targets ...probe.Target) (Prober, error)
}

// engineOf is the fake of these options.
func engineOf(o *Options) *fakeEngine {
	f, ok := o.Engine.(*fakeEngine)
	if !ok {
		f = &fakeEngine{
			budget: func(_ context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error) {
				if err := plan.Validate(targets); err != nil {
					return probe.Budget{}, err
				}
				return enough(plan), nil
			},
			prepare: func(probe.Plan, ...probe.Target) (Prober, error) { return nil, errNotHere },
		}
		o.Engine = f
	}
	return f
}

func (f *fakeEngine) Budget(ctx context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error) {
	return f.budget(ctx, plan, targets...)
}

func (f *fakeEngine) Prepare(plan probe.Plan, targets ...probe.Target) (Prober, error) {
	return f.prepare(plan, targets...)
}

// fakeBench can build what a test says.
type fakeBench struct {
	check func(ctx context.Context, o lab.Options) (lab.Environment, []lab.Missing, error)
	start func(ctx context.Context, o lab.Options) (Lab, error)
	drill func(ctx context.Context, o lab.DrillOptions) (Drill, error)
}

// benchOf is the fake of these options.
func benchOf(o *Options) *fakeBench {
	f, ok := o.Lab.(*fakeBench)
	if !ok {
		f = &fakeBench{
			check: func(context.Context, lab.Options) (lab.Environment, []lab.Missing, error) {
				return lab.Environment{}, nil, errNotHere
			},
			start: func(context.Context, lab.Options) (Lab, error) { return nil, errNotHere },
			drill: func(context.Context, lab.DrillOptions) (Drill, error) { return nil, errNotHere },
		}
		o.Lab = f
	}
	return f
}

func (f *fakeBench) Check(ctx context.Context, o lab.Options) (lab.Environment, []lab.Missing, error) {
	return f.check(ctx, o)
}

func (f *fakeBench) Start(ctx context.Context, o lab.Options) (Lab, error) { return f.start(ctx, o) }

func (f *fakeBench) Drill(ctx context.Context, o lab.DrillOptions) (Drill, error) {
	return f.drill(ctx, o)
}

// fakeCluster has to measure what a test says.
type fakeCluster struct {
	offers func(ctx context.Context) ([]Offer, error)
	nodes  func(ctx context.Context, r NodesRequest) (NodesPlan, error)
}

// clusterOf is the fake of these options.
func clusterOf(o *Options) *fakeCluster {
	f, ok := o.Cluster.(*fakeCluster)
	if !ok {
		f = &fakeCluster{
			offers: func(context.Context) ([]Offer, error) { return nil, errNotHere },
			nodes:  func(context.Context, NodesRequest) (NodesPlan, error) { return NodesPlan{}, errNotHere },
		}
		o.Cluster = f
	}
	return f
}

func (f *fakeCluster) Offers(ctx context.Context) ([]Offer, error) { return f.offers(ctx) }

func (f *fakeCluster) Leaving(string) {}

func (f *fakeCluster) Nodes(ctx context.Context, r NodesRequest) (NodesPlan, error) {
	return f.nodes(ctx, r)
}

// fakeStore has room for everything.
type fakeStore struct{}

func (fakeStore) SaveReport(_ page.Audit, name string) (string, error) { return "/tmp/" + name, nil }

func (fakeStore) SaveRun(_ probe.Result, name string) (string, error) { return "/tmp/" + name, nil }

func (fakeStore) SaveDrill(_ lab.DrillResult, name string) (string, error) {
	return "/tmp/" + name, nil
}
