// Package ask is the page on which somebody asks nodes of a group what runs there: the
// ways there are, what each of them takes and creates, and what came of it. Nothing is
// sent before somebody said so on the page.
package ask

import (
	"context"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/ui/tui/measure/tools"
)

// Way is a way to read a node.
type Way int

// The ways, in the order in which they are offered.
const (
	Script     Way = iota // a script that somebody runs there, whose report is read from a file
	Forward               // port-forward to kube-proxy
	Prometheus            // what a Prometheus server keeps of it
	Pods                  // a pod that lives for seconds or minutes there
)

// Asker asks nodes of one cluster, or of what stands in for one. Each of its errors is one
// sentence, and a remedy where there is one.
type Asker interface {
	// Ways are those that can be gone here.
	Ways() []Way
	// Commands are what a person may run to get a report of a node, one a line.
	Commands(node string) []string
	// File reads reports that came back; with a node the one report in it is of that.
	File(ctx context.Context, path, node string) (Answer, error)
	// Plan decides on a request and reviews what it takes. It creates nothing, and asks
	// nobody but the API server for its rights.
	Plan(ctx context.Context, r Request) (Plan, error)
	// Leaving is told, once the terminal is as it was, what is waited for before the
	// program may end.
	Leaving(what string)
}

// Scope is which nodes are asked.
type Scope int

// The scopes.
const (
	OneNode   Scope = iota // of the group, another one if that does not answer
	AllNodes               // of the group
	EachGroup              // one of each group of the cluster
)

// Depth is how much a pod may see.
type Depth int

// The depths. Each sees what those before it see.
const (
	Plain       Depth = iota // what any process on the node's network may read
	Connections              // and how many connections its processes have: hostPID
	Deep                     // and rules and events of conntrack: root with NET_ADMIN
)

// Request is what somebody asks for. The zero values of what belongs to another way do not
// count.
type Request struct {
	Way   Way
	Group advisor.NodeGroup
	Scope Scope

	URL, Match string // of Prometheus, and which of its series are this cluster's

	Depth     Depth         // of a pod
	For       time.Duration // how long it counts connections
	Image     string
	Namespace string // empty is that of the context, "temporary" one of the run's own
}

// Plan is a request as it was decided on. Nothing of it exists yet, and nothing was sent to
// a node.
type Plan struct {
	Does      []string // what is sent to whom, what runs where, and what that sees; a sentence each
	Objects   []string // that are created, and removed afterwards; none for most ways
	Count     int      // of the objects
	Rights    []tools.RightNeeded
	Denied    string // which of them are missing, and the way to get them; empty if none is needed that is missing
	Manifests string
	Heavy     []string      // why it wants a second word, as clauses
	Lasts     time.Duration // about
	Deadline  time.Duration // after it the cluster itself ends what is left; 0 if nothing can be
	Asking    Asking
}

// Asking is one that was planned.
type Asking interface {
	// Ask asks, once. What it created is removed when it returns. Beside an error the answer
	// holds what came until then.
	Ask(ctx context.Context) (Answer, error)
	Progress() Progress // at once, any time
}

// Progress is how far an asking has come.
type Progress struct {
	Done, Of int    // nodes; Of is 0 while that is not known
	Doing    string // what it waits for, in a clause; may be empty
}

// Answer is what came of asking.
type Answer struct {
	Reports []advisor.NodeReport
	Said    []string // a sentence for each node of which there is no report, and why
	Again   string   // the flag that reads the same once more: "--node-report node-1.txt"; empty where none does
}

// Session is what the page needs of those beside it.
type Session interface {
	Facts() advisor.Facts
	// Heard places reports in the facts, and says in a sentence each which could not be.
	Heard(a Answer) (placed int, said []string)
	// Verdict is the headline of the advice in force; empty while there is none.
	Verdict() string
}
