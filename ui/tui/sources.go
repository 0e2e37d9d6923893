package tui

import (
	"context"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/tools"
)

// Survey is the read of a cluster.
type Survey interface {
	// Reading is how far it has come. It is called at most five times a second and must
	// return at once.
	Reading() advisor.Reading
	// Explain turns the error of a Reading into a sentence and a remedy.
	Explain(err error) (sentence, remedy string)
}

// Offline is what there is to look at without a cluster. Each of its errors is one
// sentence.
type Offline interface {
	Demos() []advisor.Facts
	// Open reads a snapshot file.
	Open(ctx context.Context, path string) (advisor.Facts, error)
	// Typed makes facts of counts typed in.
	Typed(services, endpoints, nodes, kernel, version, mode string) (advisor.Facts, error)
}

// Store keeps what is looked at and what was measured under the proposed name, and says
// where it went.
type Store interface {
	// SaveReport keeps a report, which doc makes in a language: it is asked away from the
	// event loop.
	SaveReport(doc func(say.Voice) page.Audit, name string) (path string, err error)
	tools.Store
}
