// Package measuretest measures what a test says: fakes of what the Probe screen measures
// with, which refuse what the real ones refuse, and runs whose numbers are made up.
package measuretest

import (
	"context"
	"errors"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/tui/measure/tools"
)

// errNotHere is what is not wanted in a test.
var errNotHere = errors.New("not in this test")

// Engine has Enough ports, and prepares what a test says.
type Engine struct {
	Budgets  func(ctx context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error)
	Prepares func(plan probe.Plan, targets ...probe.Target) (tools.Prober, error)
}

// EngineOf is the fake of these.
func EngineOf(o *tools.Tools) *Engine {
	f, ok := o.Engine.(*Engine)
	if !ok {
		f = &Engine{
			Budgets: func(_ context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error) {
				if err := plan.Validate(targets); err != nil {
					return probe.Budget{}, err
				}
				return Enough(plan), nil
			},
			Prepares: func(probe.Plan, ...probe.Target) (tools.Prober, error) { return nil, errNotHere },
		}
		o.Engine = f
	}
	return f
}

// Budget implements [tools.Engine].
func (f *Engine) Budget(ctx context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error) {
	return f.Budgets(ctx, plan, targets...)
}

// Prepare implements [tools.Engine].
func (f *Engine) Prepare(plan probe.Plan, targets ...probe.Target) (tools.Prober, error) {
	return f.Prepares(plan, targets...)
}

// Bench can build what a test says.
type Bench struct {
	Checks func(ctx context.Context, o lab.Options) (lab.Environment, []lab.Missing, error)
	Starts func(ctx context.Context, o lab.Options) (tools.Lab, error)
	Drills func(ctx context.Context, o lab.DrillOptions) (tools.Drill, error)
}

// BenchOf is the fake of these.
func BenchOf(o *tools.Tools) *Bench {
	f, ok := o.Lab.(*Bench)
	if !ok {
		f = &Bench{
			Checks: func(context.Context, lab.Options) (lab.Environment, []lab.Missing, error) {
				return lab.Environment{}, nil, errNotHere
			},
			Starts: func(context.Context, lab.Options) (tools.Lab, error) { return nil, errNotHere },
			Drills: func(context.Context, lab.DrillOptions) (tools.Drill, error) { return nil, errNotHere },
		}
		o.Lab = f
	}
	return f
}

// Check implements [tools.LabBench].
func (f *Bench) Check(ctx context.Context, o lab.Options) (lab.Environment, []lab.Missing, error) {
	return f.Checks(ctx, o)
}

// Start implements [tools.LabBench].
func (f *Bench) Start(ctx context.Context, o lab.Options) (tools.Lab, error) { return f.Starts(ctx, o) }

// Drill implements [tools.LabBench].
func (f *Bench) Drill(ctx context.Context, o lab.DrillOptions) (tools.Drill, error) {
	return f.Drills(ctx, o)
}

// Cluster has to measure what a test says.
type Cluster struct {
	Lists   func(ctx context.Context) ([]tools.Offer, error)
	Decides func(ctx context.Context, r tools.NodesRequest) (tools.NodesPlan, error)
}

// ClusterOf is the fake of these.
func ClusterOf(o *tools.Tools) *Cluster {
	f, ok := o.Cluster.(*Cluster)
	if !ok {
		f = &Cluster{
			Lists: func(context.Context) ([]tools.Offer, error) { return nil, errNotHere },
			Decides: func(context.Context, tools.NodesRequest) (tools.NodesPlan, error) {
				return tools.NodesPlan{}, errNotHere
			},
		}
		o.Cluster = f
	}
	return f
}

// Offers implements [tools.ClusterBench].
func (f *Cluster) Offers(ctx context.Context) ([]tools.Offer, error) { return f.Lists(ctx) }

// Leaving implements [tools.ClusterBench].
func (f *Cluster) Leaving(string) {}

// Nodes implements [tools.ClusterBench].
func (f *Cluster) Nodes(ctx context.Context, r tools.NodesRequest) (tools.NodesPlan, error) {
	return f.Decides(ctx, r)
}

// Store has room for everything.
type Store struct{}

// SaveRun implements [tools.Store].
func (Store) SaveRun(_ probe.Result, name string) (string, error) { return "/tmp/" + name, nil }

// SaveDrill implements [tools.Store].
func (Store) SaveDrill(_ lab.DrillResult, name string) (string, error) {
	return "/tmp/" + name, nil
}

// Everything measures: that run and no other, the lab, and what the cluster has.
func Everything(p *Prober) tools.Tools {
	t := tools.Tools{Store: Store{}}
	EngineOf(&t).Prepares = func(plan probe.Plan, targets ...probe.Target) (tools.Prober, error) {
		if _, err := probe.NewRunner(plan, targets...); err != nil {
			return nil, err
		}
		return p, nil
	}
	SetLab(&t, &Lab{})
	ClusterOf(&t).Lists = func(context.Context) ([]tools.Offer, error) { return Offered(), nil }
	return t
}

// SetLab makes that lab the one that can be started, on a kernel without IPVS.
func SetLab(t *tools.Tools, f *Lab) {
	BenchOf(t).Starts = f.Begin
	BenchOf(t).Checks = func(_ context.Context, o lab.Options) (lab.Environment, []lab.Missing, error) {
		if o.Shape.Services = 1; o.Validate() != nil {
			return lab.Environment{}, nil, o.Validate()
		}
		return lab.Environment{Kernel: "6.18.44", Where: "this machine"}, NoIPVS(), nil
	}
}
