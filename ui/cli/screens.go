package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui"
)

// live is a source of facts that a screen may look at while it fills.
type live struct {
	reading func() advisor.Reading
	stop    func() advisor.Reading // ends the read, waits for it, and returns how far it came
	said    func() []string        // what the figures given contradict, once the read has ended; nil without a cluster
	client  *cluster.Client        // the same
	podsConfig
}

func still(r advisor.Reading) live {
	r.Done = true
	same := func() advisor.Reading { return r }
	return live{reading: same, stop: same}
}

// survey is such a source as the screens see it.
type survey struct {
	live
	ctx context.Context // of the program: what ended with it was interrupted
}

// Reading implements [tui.Survey].
func (s survey) Reading() advisor.Reading { return s.reading() }

// Explain implements [tui.Survey].
func (s survey) Explain(err error) (sentence, remedy string) {
	f := explain(s.ctx, err)
	return f.Sentence, f.Remedy
}

// offline is what the screens offer without a cluster.
type offline struct{ *app }

// Demos implements [tui.Offline].
func (offline) Demos() []advisor.Facts { return cluster.Demos() }

// Open implements [tui.Offline]. Standard input is the keyboard.
func (o offline) Open(ctx context.Context, path string) (advisor.Facts, error) {
	if path == "-" {
		path = "./-"
	}
	return o.readFacts(ctx, path)
}

// Typed implements [tui.Offline].
func (offline) Typed(services, endpoints, nodes, kernel, version, mode string) (advisor.Facts, error) {
	return typedText(services, endpoints, nodes, kernel, version, mode)
}

// screens runs the terminal interface and prints the report when it is left.
func (a *app) screens(ctx context.Context, cmd *cobra.Command, t terminal, h advisor.Habits) error {
	log, closeLog, err := quiet(a.flags.log)
	if err != nil {
		return err
	}
	defer closeLog()
	source, err := a.open(ctx, cmd)
	if err != nil {
		return err
	}
	release := func() {}
	leaving := func(what string) { // what the cluster has of ours is removed, however long that takes
		release = a.ending.hold()
		fmt.Fprintln(a.err, what)
	}
	result, err := tui.Run(ctx, tui.Options{
		Survey: survey{source, ctx}, Offline: offline{a}, Habits: h, Command: a.sameFacts(cmd),
		Engine: engine{source}, Lab: labBench{}, Cluster: source.bench(leaving), Store: store{a}, Measured: a.measured,
		Style: t.style(a.voice), AskBackground: t.ask, In: a.in, Out: a.screen, Env: a.env, Version: a.version(),
	})
	release()
	last := source.stop()
	if source.said != nil {
		for _, s := range source.said() {
			fmt.Fprintln(a.err, a.voice.Said(s))
		}
	}
	if err != nil && ctx.Err() == nil {
		a.keep(result)
		return broken(log, err)
	}
	return a.leave(ctx, result, last, t)
}

// open prepares the facts for the screens. Without a cluster that is no error:
// the screens say why and offer something else.
func (a *app) open(ctx context.Context, cmd *cobra.Command) (live, error) {
	if f, ok, err := a.fixed(ctx, cmd); ok || err != nil {
		return still(advisor.Reading{Facts: f}), err
	}
	client, config, err := a.connect()
	if err != nil {
		if missing := a.nothingToComplete(cmd, err); isUsage(missing) {
			return live{}, missing
		}
		return still(advisor.Reading{Err: err}), nil
	}
	err = a.signIn(ctx, client, config)
	var stuck failure
	switch {
	case ctx.Err() != nil, errors.As(err, &stuck):
		return live{}, err
	case err != nil:
		return still(advisor.Reading{Err: err}), nil
	}
	namespace, _, err := a.flags.connection.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return live{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	survey := client.Start(ctx)
	whole := &completing{reading: survey.Reading, figures: a.figures(), reports: a.reports}
	return live{whole.look, func() advisor.Reading {
		cancel()
		return whole.finish(survey.Wait())
	}, func() []string { return whole.said }, client, podsConfig{config, namespace}}, nil
}

// leave prints the report on what the user looked at last, and what was measured,
// whether there is a cluster or not.
func (a *app) leave(ctx context.Context, result tui.Result, last advisor.Reading, t terminal) error {
	unread := a.printAdvice(result, last, t)
	if err := a.printRuns(result, t); err != nil {
		return err
	}
	if unread == nil && ctx.Err() != nil {
		return exit(Interrupted)
	}
	return unread
}

// printAdvice prints what the report on the facts comes to, unless the error says why
// there are none.
func (a *app) printAdvice(result tui.Result, last advisor.Reading, t terminal) error {
	facts := result.Facts
	var problem *plain.Problem
	if facts.Origin == "" || facts.Origin == advisor.FromCluster {
		facts = last.Facts
		if last.Err != nil && !errors.Is(last.Err, context.Canceled) {
			return last.Err
		}
		if last.Err != nil {
			problem = &plain.Problem{Sentence: "Left before everything was read.", Remedy: "Run it again and let it finish."}
		}
	}
	if !facts.Services.IsKnown() && !facts.Nodes.IsKnown() {
		return nil
	}
	if err := a.saveFacts(facts); err != nil {
		return err
	}
	a.measured = result.Measured
	doc := a.document(facts, result.Habits, a.voice)
	doc.Problem = problem
	return report.Text(a.out, doc.Page().Brief(result.Command), t.report())
}

// printRuns prints what was measured on the Probe screen.
func (a *app) printRuns(result tui.Result, t terminal) error {
	if r := result.Drill; r != nil {
		if err := report.Text(a.out, page.Drill{Voice: a.voice, Result: *r, Version: a.version()}.Page(), t.report()); err != nil {
			return err
		}
	}
	if r := result.Probe; r != nil {
		doc := page.Probe{Voice: a.voice, Result: *r, Basis: page.Basis(*r), Version: a.version()}
		return report.Text(a.out, doc.Page(), t.report())
	}
	return nil
}

// keep saves what was measured on screens that broke, as JSON alone: what made them stop
// could stop another face as well.
func (a *app) keep(result tui.Result) {
	if r := result.Probe; r != nil {
		a.keepOne("kpadvisor-probe-"+r.Started.UTC().Format(inNames), func(w io.Writer) error { return probe.Write(w, *r) })
	}
	if r := result.Drill; r != nil {
		a.keepOne("kpadvisor-drill-"+r.Environment.Started.UTC().Format(inNames), func(w io.Writer) error {
			return report.DrillJSON(w, page.Drill{Result: *r, Version: a.version()})
		})
	}
}

// keepOne writes a file that is not there yet, and says where it is.
func (a *app) keepOne(name string, write func(io.Writer) error) {
	var b bytes.Buffer
	err := write(&b)
	var paths []string
	if err == nil {
		paths, err = files.New(name, files.Ordinary, files.Part{End: ".json", Content: b.Bytes()})
	}
	if err != nil {
		fmt.Fprintln(a.err, a.voice.Sprintf("What was measured could not be saved: %s.", a.voice.Said(plain.Text(err.Error()))))
		return
	}
	fmt.Fprintln(a.err, a.voice.Text("What was measured is saved: ")+plain.Text(paths[0]))
}

// inNames is a time in the name of a file.
const inNames = "20060102-1504"

// broken is the failure of the screens themselves. The stack of a defect goes
// to the log: it is of no use on a terminal.
func broken(log io.Writer, err error) error {
	var defect *tui.Defect
	if errors.As(err, &defect) {
		fmt.Fprintf(log, "%v\n%s", defect.Value, defect.Stack)
	}
	return failure{plain.Problem{
		Sentence: sentence(err.Error()),
		Remedy:   "\"kpadvisor audit\" prints the report without screens; --log FILE keeps the details for a bug report.",
	}, Failure}
}
