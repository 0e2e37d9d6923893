package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

// measure says what the run will need, makes it, and returns also what there is
// of an interrupted one.
func (a *app) measure(ctx context.Context, plan probe.Plan, targets []probe.Target, t terminal) (probe.Result, error) {
	budget, err := probe.ReadBudget(ctx, plan, targets...)
	if err != nil {
		return probe.Result{}, notMeasured(ctx, err)
	}
	if budget.Verdict == probe.Refuse && !plan.Force {
		return probe.Result{}, notMeasured(ctx, &probe.BudgetError{Budget: budget})
	}
	fmt.Fprintln(a.err, a.voice.Sprintf("Source ports: %s", page.BudgetLine(a.voice, budget)))
	if plan.Reuses() {
		fmt.Fprintln(a.err, a.voice.Text("Warning: source ports are reused on purpose. A Service in IPVS mode may send such connections to pods that are gone, or answer them a second late (Kubernetes issue 81775)."))
	}
	runner, err := probe.NewRunner(plan, targets...)
	if err != nil {
		return probe.Result{}, notMeasured(ctx, err)
	}
	var raw *files.File
	if file := a.flags.probe.raw; file != "" {
		raw, err = files.Create(file, files.Ordinary)
		if err != nil {
			return probe.Result{}, notSaved(err)
		}
		runner.Hook(probe.Hooks{Raw: raw})
	}
	stop := func() {}
	if t.progress {
		stop = showProgress(a.cursor, true, func() string { return probeLine(a.voice, runner.Snapshot()) })
	}
	release := func() {}
	if !files.Waits(a.flags.probe.raw) { // the engine ends at once, but for who does not read what it writes
		release = a.ending.hold() // what was measured is not left behind on a busy machine
	}
	result, err := runner.Run(ctx)
	release()
	stop()
	if raw != nil {
		if err := raw.Commit(); err != nil {
			note := "the raw samples could not be written: " + plain.Text(err.Error())
			if !slices.Contains(result.Notes, note) {
				result.Notes = append(result.Notes, note)
			}
		}
	}
	measured := slices.ContainsFunc(result.Series, func(s probe.Series) bool { return s.Requests > 0 })
	switch {
	case err == nil && result.Stopped != "" && !measured:
		return probe.Result{}, failure{*stopped(result.Stopped), Failure}
	case err != nil || result.Partial && !measured:
		return probe.Result{}, notMeasured(ctx, err)
	}
	result.Environment.Version = a.version()
	return result, nil
}

// stopped finds the words for a run that ended itself.
func stopped(why string) *plain.Problem {
	return &plain.Problem{
		Sentence: "Stopped by itself: " + plain.Text(why) + ".",
		Remedy:   "Look at the target first: more load would not mend it. --stop-at-failed 0 lets a run go on whatever fails.",
	}
}

// notMeasured finds the words for a run that did not begin.
func notMeasured(ctx context.Context, err error) error {
	var ports *probe.BudgetError
	switch {
	case ctx.Err() != nil:
		return failure{plain.Problem{Sentence: "Interrupted before anything was measured.", Remedy: "Run it again and let it finish."}, Interrupted}
	case errors.As(err, &ports):
		return failure{plain.Problem{
			Sentence: sentence(ports.Error()),
			Remedy:   "Change the plan as it says, or --force the run: hits without a source port then count as \"address not available\".",
		}, Failure}
	}
	return failure{plain.Problem{Sentence: sentence(plain.Text(err.Error())), Remedy: "Check the targets and the flags of the plan; an IP address needs no name service."}, Failure}
}

// probeLine is "measuring A: block 14 of 42, 812 hits, 3 failed, 12s".
func probeLine(v say.Voice, s probe.Snapshot) string {
	var line string
	switch s.State {
	case probe.Idle, probe.Finished:
		return ""
	case probe.Measuring, probe.WarmingUp, probe.Paused:
		var hits, failed int64
		for _, series := range s.Series {
			hits, failed = hits+series.Requests, failed+series.Failed()
		}
		line = v.Sprintf("%s %s: block %d of %d, %d hits, %d failed, %v", v.Said(string(s.State)), s.Series[s.Target].Target.Name,
			min(s.Turn+1, s.Turns), s.Turns, hits, failed, s.Elapsed.Truncate(time.Second))
		if s.Why != "" {
			line = v.Clauses(line, v.Said(s.Why))
		}
	default: // waiting for something, or a stage of a run in the cluster
		line = v.Said(string(s.State))
		if s.Why != "" {
			line = v.Sprintf("%s: %s", line, v.Said(s.Why))
		}
	}
	return plain.Text(line)
}
