package tui

import (
	"context"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/ask"
	"kpadvisor/ui/tui/measure/tools"
)

// Source is a cluster, or what stands in for one, and what it takes to measure it.
type Source struct {
	Survey  Survey             // nil: there is none
	Command string             // gives the report on the same facts: "kpadvisor audit --context prod"; empty where none does
	Engine  tools.Engine       // measures from this machine
	Cluster tools.ClusterBench // what can be measured in the cluster
	Asker   ask.Asker          // asks its nodes what runs there; nil: nobody does
}

// Survey is the read of a cluster.
type Survey interface {
	// Reading is how far it has come. It is called at most five times a second and must
	// return at once.
	Reading() advisor.Reading
	// Explain turns the error of a Reading into a sentence and a remedy.
	Explain(err error) (sentence, remedy string)
	// Stop ends the read and waits for it.
	Stop()
}

// Contexts are the clusters that a kubeconfig names, or the one that was named instead.
type Contexts interface {
	List() []Context
	// Connect prepares the read of one. Nothing is sent, and nobody asked to sign in.
	Connect(name string) Connection
}

// Context is a cluster as a kubeconfig names it.
type Context struct {
	Name    string
	Address string        // of its API server
	Server  string        // tells that from others; empty where nothing does: then nothing is kept
	Plugin  string        // the program that signs in to it, which may ask questions; empty if there is none
	Current bool          // it is read already
	Limit   time.Duration // how long its server has for an answer
}

// Connection is the way to a cluster. What is wrong with it is the error of the Reading.
type Connection interface {
	// SignIn lets the plugin ask its questions on the terminal. It is called before Start,
	// where there is a plugin, while nothing else writes there.
	SignIn(ctx context.Context)
	// Start begins to read, until that is done, or ctx is, or somebody stops it.
	Start(ctx context.Context) Source
}

// Offline is what there is to look at without a cluster. Each of its errors is one
// sentence; one of typed counts may be a [form.FieldError].
type Offline interface {
	Demos() []Source
	// Open reads a snapshot file.
	Open(ctx context.Context, path string) (Source, error)
	// Typed makes facts of counts typed in.
	Typed(services, endpoints, nodes, kernel, version, mode string) (Source, error)
}

// Store keeps what is looked at and what was measured under the proposed name, and says
// where it went.
type Store interface {
	// SaveReport keeps a report, which doc makes in a language: it is asked away from the
	// event loop.
	SaveReport(doc func(say.Voice) page.Audit, name string) (path string, err error)
	tools.Store
}

// Fixed is a survey that has ended with these facts.
type Fixed advisor.Facts

// Reading implements [Survey].
func (f Fixed) Reading() advisor.Reading { return advisor.Reading{Facts: advisor.Facts(f), Done: true} }

// Explain implements [Survey]; nothing goes wrong.
func (Fixed) Explain(err error) (sentence, remedy string) { return err.Error(), "" }

// Stop implements [Survey].
func (Fixed) Stop() {}
