package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui"
)

// newRun prepares a run of the probe for the screens.
func newRun(plan probe.Plan, targets ...probe.Target) (tui.Prober, error) {
	return probe.NewRunner(plan, targets...)
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
	return saveNew(name, func(w io.Writer) error { return report.DrillJSON(w, report.Drill{Result: r}) })
}

// saveRun writes a run under the proposed name, or a numbered one if that is
// taken, and returns the absolute path.
func saveRun(r probe.Result, name string) (string, error) {
	return saveNew(name, func(w io.Writer) error { return probe.Write(w, r) })
}

// saveNew creates a file that is not there yet.
func saveNew(name string, write func(io.Writer) error) (string, error) {
	f, err := createNew(name)
	if err != nil {
		return "", fmt.Errorf("create the file: %w", err)
	}
	err = write(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("write the file: %w", err)
	}
	return filepath.Abs(f.Name())
}
