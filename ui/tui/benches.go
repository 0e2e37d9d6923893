package tui

import (
	"context"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
)

// Engine measures from this machine. Each of its errors is one sentence.
type Engine interface {
	// Budget says whether this machine has the source ports that a plan needs.
	Budget(ctx context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error)
	// Prepare prepares one run.
	Prepare(plan probe.Plan, targets ...probe.Target) (Prober, error)
}

// Prober is one run of the probe; [*incluster.Watched] and [*incluster.Session] are
// real ones.
type Prober interface {
	Run(ctx context.Context) (probe.Result, error)
	Snapshot() probe.Snapshot // at once, any time
	Pause(on bool)
	// Rollouts lists when the backends of a target (host:port) changed, oldest first,
	// and says in one sentence why there is nothing to list; empty if there is no
	// reason. The list only grows.
	Rollouts(address string) (at []time.Time, gap string)
}

// LabBench is where kube-proxy's modes are measured on this machine.
type LabBench interface {
	// Check says which modes cannot run here; an error means none can.
	Check(ctx context.Context, o lab.Options) (lab.Environment, []lab.Missing, error)
	// Start starts a lab, which ends with ctx or by Close.
	Start(ctx context.Context, o lab.Options) (Lab, error)
	// Drill starts a drill of issue 81775, which ends by itself, with ctx or by Close.
	Drill(ctx context.Context, o lab.DrillOptions) (Drill, error)
}

// ClusterBench is what can be measured in the cluster. Each of its errors is one
// sentence.
type ClusterBench interface {
	// Offers lists what the cluster has to measure from this machine. It is called when
	// somebody asks for the list.
	Offers(ctx context.Context) ([]Offer, error)
	// Nodes decides on a probe from pods and reviews what it takes; it creates nothing.
	Nodes(ctx context.Context, r NodesRequest) (NodesPlan, error)
	// Leaving is told, once the terminal is as it was, what is waited for before the
	// program may end.
	Leaving(what string)
}

// tools are what the Probe screen measures with. Each may be nil: what it would do is
// then not offered.
type tools struct {
	Engine  Engine
	Lab     LabBench
	Cluster ClusterBench
	Store   runStore
	Version string // of this program
}

func (o Options) tools() tools {
	t := tools{o.Engine, o.Lab, o.Cluster, nil, o.Version}
	if o.Store != nil {
		t.Store = o.Store
	}
	return t
}

// advised is what the Probe screen needs of the session.
type advised interface {
	facts() advisor.Facts
	// weigh and weighDrill add to what the advice rests on, and say in one sentence what
	// that means for this cluster.
	weigh(found []advisor.Comparison) string
	weighDrill(d advisor.Drill) string
}

// runStore keeps what was measured under the proposed name, and says where it went.
type runStore interface {
	SaveRun(r probe.Result, name string) (path string, err error)
	SaveDrill(r lab.DrillResult, name string) (path string, err error)
}
