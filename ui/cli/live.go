package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
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

// saveRun writes a run under the proposed name, or a numbered one if that is
// taken, and returns the absolute path.
func saveRun(r probe.Result, name string) (string, error) {
	f, err := createNew(name)
	if err != nil {
		return "", fmt.Errorf("create the file: %w", err)
	}
	err = probe.Write(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("write the run: %w", err)
	}
	return filepath.Abs(f.Name())
}
