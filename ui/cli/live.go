package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"kpadvisor/probe"
	"kpadvisor/ui/tui"
)

// newRun prepares a run of the probe for the screens.
func newRun(plan probe.Plan, targets ...probe.Target) (tui.Prober, error) {
	return probe.NewRunner(plan, targets...)
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
