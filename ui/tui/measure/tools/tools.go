// Package tools is what the Probe screen measures with, as it sees it: this machine, its
// lab and the cluster, each behind an interface, and what they give back.
package tools

import (
	"context"
	"time"

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

// Tools are what the Probe screen measures with. Each may be nil: what it would do is
// then not offered.
type Tools struct {
	Engine  Engine
	Lab     LabBench
	Cluster ClusterBench
	Store   Store
	Version string // of this program
}

// Store keeps what was measured under the proposed name, and says where it went.
type Store interface {
	SaveRun(r probe.Result, name string) (path string, err error)
	SaveDrill(r lab.DrillResult, name string) (path string, err error)
}
