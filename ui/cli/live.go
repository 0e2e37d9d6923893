package cli

import (
	"bytes"
	"context"
	"io"

	"kpadvisor/files"
	"kpadvisor/probe"
	"kpadvisor/probe/incluster"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui"
)

// run prepares a run of the probe, with a seed of its own, for the screens. What
// happens behind its targets is watched while it lasts, where there is a cluster.
func (l live) run(plan probe.Plan, targets ...probe.Target) (tui.Prober, error) {
	plan.Seed = probe.NewSeed()
	runner, err := probe.NewRunner(plan, targets...)
	if err != nil {
		return nil, err
	}
	var watch incluster.Watcher
	if l.client != nil {
		client, err := incluster.Connect(l.config)
		if err != nil {
			return nil, err
		}
		watch = client.WatchEndpoints
	}
	return incluster.Watch(runner, watch, targets...), nil
}

// startLab starts a lab for the screens.
func startLab(ctx context.Context, o lab.Options) (tui.Lab, error) {
	s, err := lab.Start(ctx, o)
	if err != nil {
		return nil, err // a nil *lab.Session would be a lab
	}
	return s, nil
}

// startDrill starts a drill for the screens.
func startDrill(ctx context.Context, o lab.DrillOptions) (tui.Drill, error) {
	s, err := lab.StartDrill(ctx, o)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// saveDrill writes a drill under the proposed name, or a numbered one if that is
// taken, and returns the absolute path.
func saveDrill(r lab.DrillResult, name string) (string, error) {
	return saveNew(name, func(w io.Writer) error { return report.DrillJSON(w, page.Drill{Result: r}) })
}

// saveRun writes a run under the proposed name, or a numbered one if that is
// taken, and returns the absolute path.
func saveRun(r probe.Result, name string) (string, error) {
	return saveNew(name, func(w io.Writer) error { return probe.Write(w, r) })
}

// saveNew writes a file that is not there yet.
func saveNew(name string, write func(io.Writer) error) (string, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return "", err
	}
	return files.New(name, files.Ordinary, b.Bytes())
}
