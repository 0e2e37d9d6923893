package lab

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/probe/lab/rules"
)

// needsUML skips a test where there is no user-mode Linux, and under the race
// detector, where TestUserModeLinuxWithoutRace stands in.
func needsUML(t *testing.T) {
	t.Helper()
	if err := umlProblem(); err != nil {
		skip(t, err.Error())
	}
	if underRace {
		t.Skip("the race detector's memory does not fit into user-mode Linux")
	}
}

// TestUserModeLinuxWithoutRace runs the tests of this file in a test binary
// built without the race detector, if this one has it.
func TestUserModeLinuxWithoutRace(t *testing.T) {
	if !underRace {
		t.Skip("its tests run in this binary")
	}
	if err := umlProblem(); err != nil {
		skip(t, err.Error())
	}
	ctx := within(t, 12*time.Minute)
	binary := filepath.Join(t.TempDir(), "plain.test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.CommandContext(ctx, binary, "-test.run=^TestUserModeLinux", "-test.v").CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// The modes that user-mode Linux has really forward there, IPVS among them.
func TestUserModeLinuxHasIPVS(t *testing.T) {
	ctx := within(t, 10*time.Minute)
	needsUML(t)
	before := look(t)
	r, err := Run(ctx, Options{
		In: UML, Shape: rules.Shape{Services: 20, Endpoints: 2, Seed: 1}, Rounds: 2, Block: 40,
		Modes: []Mode{Direct, IPTablesLegacy, IPVS}, MaxProgram: time.Minute,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Environment.Where != "user-mode Linux" {
		t.Errorf("environment is %+v", r.Environment)
	}
	for _, m := range []Mode{Direct, IPTablesLegacy, IPVS} {
		i := slices.IndexFunc(r.Points, func(p Point) bool { return p.Mode == m })
		if i < 0 {
			t.Errorf("no point of %s: missing %+v, skipped %+v", m, r.Missing, r.Skipped)
			continue
		}
		if p := r.Points[i]; p.Connections < 70 || p.Connect.P10Ns <= 0 {
			t.Errorf("%+v", p)
		}
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

// Cancelled while it boots or works, all its processes are gone.
func TestUserModeLinuxEndsAtOnce(t *testing.T) {
	outer := within(t, 5*time.Minute)
	needsUML(t)
	for _, after := range []time.Duration{100 * time.Millisecond, time.Second, 4 * time.Second} {
		ctx, cancel := context.WithTimeout(outer, after)
		box, err := openSandbox(ctx, UML)
		if err != nil {
			t.Fatal(err)
		}
		if err := box.ask(doPreflight, 0, Options{In: UML, Shape: rules.Shape{Services: 1}}); err != nil {
			t.Fatal(err)
		}
		if _, err := box.listen(ctx, func(Event) {}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", after, err)
		}
		inside := children(box.cmd.Process.Pid)
		box.close()
		cancel()
		for _, pid := range inside {
			if unix.Kill(pid, 0) == nil {
				t.Errorf("process %d outlived its lab", pid)
			}
		}
	}
}
