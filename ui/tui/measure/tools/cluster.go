package tools

import (
	"context"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
)

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

// Offer is something in the cluster that can be measured.
type Offer struct {
	Name string // "shop/cart:http"
	What string // "10.96.0.10:80 and a pod behind it"
	// Ends looks up the two targets. Its error is one sentence.
	Ends func(ctx context.Context) (Ends, error)
}

// Ends are two targets, as a user would type them, and the modes they run, if
// that is known.
type Ends struct {
	A, B         string
	ModeA, ModeB advisor.Mode
}

// NodesRequest is what is asked for of a probe from pods.
type NodesRequest struct {
	Service      string // namespace/name:port; empty is an echo server of the run's own
	Image        string
	Namespace    string // empty is that of the context, "temporary" one of the run's own
	NodeA, NodeB string // empty: two are picked that differ in the mode alone
	Nodes        int    // on each side; 0 is two where there are
	Rate         float64
	Blocks       int
}

// NodesPlan is a probe from pods as it was decided on. Nothing of it exists yet.
type NodesPlan struct {
	Sides     []string // who is A and who is B
	Why       string   // why these nodes
	Differ    []string // what they differ in besides the mode
	Load      string   // the cap
	Costs     []string // what others in the cluster pay for it, a sentence each
	Lasts     time.Duration
	Deadline  time.Duration // after it the cluster itself ends what is left
	Rights    []RightNeeded
	Denied    string // which of them are missing and needed; empty if none is
	Objects   []string
	Count     int // of the objects; those of a kind are one line
	Manifests string
	Plan      probe.Plan
	Targets   []probe.Target // A and B
	Labels    map[string]string
	// Begin prepares the run; the objects are created when it is run, and have been
	// removed when it returns.
	Begin func() (Prober, error)
}

// RightNeeded is a right, why it is needed, and whether it is there.
type RightNeeded struct {
	Text, Why string
	Allowed   bool
}
