package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"kpadvisor/advisor"
	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
	"kpadvisor/ui/state"
	"kpadvisor/ui/tui"
	"kpadvisor/ui/tui/screen"
)

// screens runs the terminal interface and prints the report when it is left.
func (a *app) screens(ctx context.Context, cmd *cobra.Command, t terminal, h advisor.Habits) error {
	log, closeLog, err := quiet(a.flags.log)
	if err != nil {
		return err
	}
	defer closeLog()
	release := func() {}
	leaving := func(what string) { // what the cluster has of ours is removed, however long that takes
		release = a.ending.hold()
		fmt.Fprintln(a.err, what)
	}
	options := tui.Options{
		Offline: offline{a, cmd}, Habits: h, Lab: labBench{}, Store: store{a}, State: a.state(), Measured: a.measured,
		Style: t.style(a.voice), AskBackground: t.ask, In: a.in, Out: a.screen, Env: a.env, Version: a.version(),
	}
	if options.Source, options.Contexts, err = a.open(ctx, cmd, leaving); err != nil {
		return err
	}
	result, err := tui.Run(ctx, options)
	release()
	if s, ok := result.Survey.(survey); ok && s.said != nil {
		for _, said := range s.said() {
			fmt.Fprintln(a.err, a.voice.Said(said))
		}
	}
	if result.NotKept != nil {
		fmt.Fprintln(a.err, a.voice.Sprintf("Answers could not be kept: %s.", a.voice.Said(plain.Line(result.NotKept.Error(), 0))))
	}
	if err != nil && ctx.Err() == nil {
		a.keep(result)
		return broken(log, err)
	}
	return a.leave(ctx, result, t)
}

// state is where the screens keep answers.
func (a *app) state() state.Store {
	if a.flags.display.noState {
		return state.Store{}
	}
	return state.In(state.Folder(lookup(a.env)))
}

// open prepares what the screens look at first, and what else they can read. Without a
// cluster that is no error: the screens say why and offer something else.
func (a *app) open(ctx context.Context, cmd *cobra.Command, leaving func(string)) (tui.Source, tui.Contexts, error) {
	if f, ok, err := a.fixed(ctx, cmd); ok || err != nil {
		return tui.Source{Survey: tui.Fixed(f), Command: a.sameFacts(cmd), Engine: engine{}, Asker: a.askerOf(f)}, nil, err
	}
	client, config, err := a.connect()
	if err != nil {
		if missing := a.nothingToComplete(cmd, err); isUsage(missing) {
			return tui.Source{}, nil, missing
		}
	}
	all := a.contexts(ctx, cmd, config, leaving)
	first := &connection{of: all, name: all.current(), client: client, config: config, err: err}
	if err == nil {
		err = a.signIn(ctx, client, config)
		var stuck failure
		if ctx.Err() != nil || errors.As(err, &stuck) {
			return tui.Source{}, nil, err
		}
		first.err = err
	}
	return first.Start(ctx), all, nil
}

// leave prints the report on what the user looked at last, and what was measured,
// whether there is a cluster or not.
func (a *app) leave(ctx context.Context, result tui.Result, t terminal) error {
	unread := a.printAdvice(result, t)
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
func (a *app) printAdvice(result tui.Result, t terminal) error {
	facts := result.Facts
	var last advisor.Reading
	if result.Survey != nil {
		last = result.Survey.Reading()
	}
	var problem *plain.Problem
	if facts.Origin == "" || facts.Origin == advisor.FromCluster {
		facts, _ = advisor.WithReports(last.Facts, result.Reports)
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
	return report.Text(a.out, doc.Page().Brief(result.Command, result.Earlier), t.report())
}

// printRuns prints what was measured on the Probe screen.
func (a *app) printRuns(result tui.Result, t terminal) error {
	for _, r := range result.Drills {
		if err := report.Text(a.out, page.Drill{Voice: a.voice, Result: r, Version: a.version()}.Page(), t.report()); err != nil {
			return err
		}
	}
	for _, r := range result.Probes {
		doc := page.Probe{Voice: a.voice, Result: r, Basis: page.Basis(r), Version: a.version()}
		if err := report.Text(a.out, doc.Page(), t.report()); err != nil {
			return err
		}
	}
	return nil
}

// keep saves what was measured on screens that broke, as JSON alone: what made them stop
// could stop another face as well.
func (a *app) keep(result tui.Result) {
	for _, r := range result.Probes {
		a.keepOne("kpadvisor-probe-"+r.Started.UTC().Format(inNames), func(w io.Writer) error { return probe.Write(w, r) })
	}
	for _, r := range result.Drills {
		a.keepOne("kpadvisor-drill-"+r.Environment.Started.UTC().Format(inNames), func(w io.Writer) error {
			return report.DrillJSON(w, page.Drill{Result: r, Version: a.version()})
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
	var defect *screen.Defect
	if errors.As(err, &defect) {
		fmt.Fprintf(log, "%v\n%s", defect.Value, defect.Stack)
	}
	return failure{plain.Problem{
		Sentence: sentence(err.Error()),
		Remedy:   "\"kpadvisor audit\" prints the report without screens; --log FILE keeps the details for a bug report.",
	}, Failure}
}
