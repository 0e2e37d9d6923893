package cli

import (
	"context"
	"net/netip"

	"github.com/spf13/cobra"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/tui"
)

// live is a source of facts that a screen may look at while it fills.
type live struct {
	reading func() advisor.Reading
	stop    func()          // ends the read and waits for it
	said    func() []string // what the figures given contradict, once the read has ended; nil without a cluster
	client  *cluster.Client // nil without a cluster
	// addresses are the nodes' own, by name, once the read has ended; nil without a cluster.
	addresses func() map[netip.Addr]string
	podsConfig
}

// still is a source of which nothing more comes.
func (l live) still(r advisor.Reading) live {
	r.Done = true
	l.reading, l.stop = func() advisor.Reading { return r }, func() {}
	return l
}

// begin reads the cluster until that is done, or ctx is, or somebody stops it.
func (l live) begin(ctx context.Context, figures cluster.TypedFacts, reports []advisor.NodeReport) live {
	ctx, cancel := context.WithCancel(ctx)
	survey := l.client.Start(ctx)
	whole := &completing{reading: survey.Reading, figures: figures, reports: reports}
	l.reading, l.addresses = whole.look, survey.Addresses
	l.stop = func() {
		cancel()
		whole.finish(survey.Wait())
	}
	l.said = func() []string { return whole.said }
	return l
}

// survey is such a source as the screens see it.
type survey struct {
	live
	ctx context.Context // of the program: what ended with it was interrupted
}

// Reading implements [tui.Survey].
func (s survey) Reading() advisor.Reading { return s.reading() }

// Stop implements [tui.Survey].
func (s survey) Stop() { s.stop() }

// Explain implements [tui.Survey].
func (s survey) Explain(err error) (sentence, remedy string) {
	f := explain(s.ctx, err)
	return f.Sentence, f.Remedy
}

// offline is what the screens offer without a cluster.
type offline struct {
	*app
	cmd *cobra.Command
}

// source is facts that do not come from a cluster, and the flag that gives them again.
func (o offline) source(f advisor.Facts, flag string) tui.Source {
	out := tui.Source{Survey: tui.Fixed(f), Engine: engine{}, Asker: o.askerOf(f)}
	if flag != "" {
		out.Command = o.program + " audit " + flag
	}
	return out
}

// Demos implements [tui.Offline].
func (o offline) Demos() []tui.Source {
	var out []tui.Source
	for _, f := range cluster.Demos() {
		out = append(out, o.source(f, "--demo "+demoName(f.Name)))
	}
	return out
}

// Open implements [tui.Offline]. Standard input is the keyboard.
func (o offline) Open(ctx context.Context, path string) (tui.Source, error) {
	if path == "-" {
		path = "./-"
	}
	f, err := o.readFacts(ctx, path)
	return o.source(f, "--facts "+shellWord(path)), err
}

// Typed implements [tui.Offline].
func (o offline) Typed(services, endpoints, nodes, kernel, version, mode string) (tui.Source, error) {
	t, err := typedCounts(services, endpoints, nodes, kernel, version, mode)
	if err != nil {
		return tui.Source{}, err
	}
	f, err := cluster.Typed(t)
	return o.source(f, typedAgain(t)), err
}
