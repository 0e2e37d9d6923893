package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/tui"
)

// runOnScreen is what somebody measured before the screens were left.
func runOnScreen() tui.Result {
	at := time.Date(2026, 11, 30, 6, 0, 0, 0, time.UTC)
	target := probe.Target{Name: "A", Address: "127.0.0.1:80"}
	return tui.Result{
		Probes: []probe.Result{{Started: at, Series: []probe.Series{{Target: target, Resolved: target.Address, Requests: 1}}}},
		Drills: []lab.DrillResult{{Schema: lab.DrillSchema, Plan: drill.DefaultPlan(), Environment: lab.DrillEnvironment{Kernel: "6.12", Started: at}}},
	}
}

// Without a cluster what was measured is printed all the same, and why there is no
// advice is said after it.
func TestLeaveWithoutCluster(t *testing.T) {
	var out, errOut bytes.Buffer
	a := &app{program: "kpadvisor", out: &out, err: &errOut}
	none := errors.New("nothing names a cluster")
	result := runOnScreen()
	result.Survey = survey{live{}.still(advisor.Reading{Err: none}), t.Context()}
	err := a.leave(t.Context(), result, terminal{width: 80})
	if !errors.Is(err, none) || !strings.Contains(out.String(), "127.0.0.1:80") || !strings.Contains(out.String(), "6.12") {
		t.Errorf("%v: %q", err, out.String())
	}
}

// What was measured outlives screens that broke, under names that nothing had.
func TestKeepAfterDefect(t *testing.T) {
	t.Chdir(t.TempDir())
	taken := "kpadvisor-probe-20261130-0600.json"
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	var errOut bytes.Buffer
	a := &app{err: &errOut}
	a.keep(runOnScreen())
	for _, name := range []string{"kpadvisor-probe-20261130-0600-2.json", "kpadvisor-drill-20261130-0600.json"} {
		if info, err := os.Stat(name); err != nil || info.Size() == 0 || !strings.Contains(errOut.String(), string(filepath.Separator)+name) {
			t.Errorf("%s: %v; said %q", name, err, errOut.String())
		}
	}
	if got, _ := os.ReadFile(taken); string(got) != "mine" {
		t.Errorf("%q was written over", got)
	}
	if err := os.Chmod(".", 0o500); err != nil || os.Geteuid() == 0 {
		return // root may write anyhow
	}
	errOut.Reset()
	if a.keep(runOnScreen()); !strings.Contains(errOut.String(), "could not be saved") {
		t.Errorf("%q", errOut.String())
	}
}
