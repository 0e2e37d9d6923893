package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui"
)

// live is a source of facts that a screen may look at while it fills.
type live struct {
	reading func() advisor.Reading
	stop    func() advisor.Reading // ends the read, waits for it, and returns how far it came
	watch   watcher                // nil without a cluster
	client  *cluster.Client        // the same
	podsConfig
}

func still(r advisor.Reading) live {
	r.Done = true
	same := func() advisor.Reading { return r }
	return live{reading: same, stop: same}
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
	marks := &rollouts{watch: source.watch}
	result, err := tui.Run(ctx, tui.Options{
		Reading: source.reading, Habits: h, Demos: a.demos,
		Open: openFacts, Typed: typedText, Save: saveReport,
		Explain: func(err error) (string, string) {
			f := explain(ctx, err)
			return f.Sentence, f.Remedy
		},
		Nodes: source.podsOf(marks), Leaving: func(what string) { fmt.Fprintln(a.err, what) },
		Drill: startDrill, DrillLike: drillLikeFacts, DrillEvidence: drillEvidence, SaveDrill: saveDrill,
		Lab: startLab, LabCheck: lab.Preflight, LabShape: labShape,
		Offers: source.offers(), Evidence: evidence, Measured: a.measured,
		Probe: marks.prepare, Budget: probe.ReadBudget, SaveProbe: saveRun,
		Rollouts: marks.times, RolloutGap: marks.missing,
		Style: t.tui(), In: a.in, Out: a.out, Env: a.env, Version: a.version(),
	})
	last := source.stop()
	if err != nil && ctx.Err() == nil {
		return broken(log, err)
	}
	return a.leave(ctx, result, last, t)
}

// open prepares the facts for the screens. Without a cluster that is no error:
// the screens say why and offer something else.
func (a *app) open(ctx context.Context, cmd *cobra.Command) (live, error) {
	if f, ok, err := a.fixed(cmd); ok || err != nil {
		return still(advisor.Reading{Facts: f}), err
	}
	client, config, err := a.connect()
	if err != nil {
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
	return live{survey.Reading, func() advisor.Reading {
		cancel()
		return survey.Wait()
	}, client.WatchEndpoints, client, podsConfig{config, namespace}}, nil
}

// leave prints the report on what the user looked at last.
func (a *app) leave(ctx context.Context, result tui.Result, last advisor.Reading, t terminal) error {
	facts := result.Facts
	var problem *report.Problem
	if facts.Origin == "" || facts.Origin == advisor.FromCluster {
		facts = last.Facts
		if last.Err != nil && !errors.Is(last.Err, context.Canceled) {
			return last.Err
		}
		if last.Err != nil {
			problem = &report.Problem{Sentence: "Left before everything was read.", Remedy: "Run it again and let it finish."}
		}
	}
	if facts.Services.IsKnown() || facts.Nodes.IsKnown() {
		if err := a.saveFacts(facts); err != nil {
			return err
		}
		a.measured = result.Measured
		doc := a.document(facts, result.Habits)
		doc.Problem = problem
		if err := report.Text(a.out, doc, t.report()); err != nil {
			return err
		}
	}
	if r := result.Drill; r != nil {
		if err := report.DrillText(a.out, report.Drill{Result: *r, Version: a.version()}, t.report()); err != nil {
			return err
		}
	}
	if r := result.Probe; r != nil {
		doc := report.Probe{Result: *r, Basis: report.Basis(*r), Version: a.version()}
		if err := report.ProbeText(a.out, doc, t.report()); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return exit(Interrupted)
	}
	return nil
}

// broken is the failure of the screens themselves. The stack of a defect goes
// to the log: it is of no use on a terminal.
func broken(log io.Writer, err error) error {
	var defect *tui.Defect
	if errors.As(err, &defect) {
		fmt.Fprintf(log, "%v\n%s", defect.Value, defect.Stack)
	}
	return failure{report.Problem{
		Sentence: sentence(err.Error()),
		Remedy:   "\"kpadvisor audit\" prints the report without screens; --log FILE keeps the details for a bug report.",
	}, Failure}
}
