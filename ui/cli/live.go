package cli

import (
	"context"

	"kpadvisor/probe"
	"kpadvisor/probe/incluster"
	"kpadvisor/probe/lab"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui/measure/tools"
)

// engine measures from this machine, for the screens.
type engine struct{ live }

// Budget implements [tools.Engine].
func (engine) Budget(ctx context.Context, plan probe.Plan, targets ...probe.Target) (probe.Budget, error) {
	return probe.ReadBudget(ctx, plan, targets...)
}

// Prepare implements [tools.Engine]. The run has a seed of its own. What happens behind
// its targets is watched while it lasts, where there is a cluster.
func (e engine) Prepare(plan probe.Plan, targets ...probe.Target) (tools.Prober, error) {
	plan.Seed = probe.NewSeed()
	runner, err := probe.NewRunner(plan, targets...)
	if err != nil {
		return nil, err
	}
	var watch incluster.Watcher
	if e.client != nil {
		client, err := incluster.Connect(e.config)
		if err != nil {
			return nil, err
		}
		watch = client.WatchEndpoints
	}
	return incluster.Watch(runner, watch, targets...), nil
}

// labBench is the lab of this machine, for the screens.
type labBench struct{}

// Check implements [tools.LabBench].
func (labBench) Check(ctx context.Context, o lab.Options) (lab.Environment, []lab.Missing, error) {
	return lab.Preflight(ctx, o)
}

// Start implements [tools.LabBench].
func (labBench) Start(ctx context.Context, o lab.Options) (tools.Lab, error) {
	s, err := lab.Start(ctx, o)
	if err != nil {
		return nil, err // a nil *lab.Session would be a lab
	}
	return s, nil
}

// Drill implements [tools.LabBench].
func (labBench) Drill(ctx context.Context, o lab.DrillOptions) (tools.Drill, error) {
	s, err := lab.StartDrill(ctx, o)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// store saves what was measured for the screens.
type store struct{ *app }

// SaveReport implements [tui.Store].
func (s store) SaveReport(doc func(say.Voice) page.Audit, name string) (string, error) {
	return saveFaces(report.Audits(), func(format string) page.Audit { return doc(s.voiceOf(format)) }, name)
}

// SaveDrill implements [tui.Store].
func (s store) SaveDrill(r lab.DrillResult, name string) (string, error) {
	return saveFaces(report.Drills(), always(page.Drill{Voice: s.voice, Result: r, Version: s.version()}), name)
}

// SaveRun implements [tui.Store].
func (s store) SaveRun(r probe.Result, name string) (string, error) {
	return saveFaces(report.Probes(), always(page.Probe{Voice: s.voice, Result: r, Basis: page.Basis(r), Version: s.version()}), name)
}
