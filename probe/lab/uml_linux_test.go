package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"

	"kpadvisor/probe/lab/rules"
)

// umlKernels are the user-mode Linuxes of make test: Debian's, whose nf_tables
// knows no IPv4, and our own, which has every mode.
func umlKernels(t testing.TB) map[string]Options {
	t.Helper()
	where, err := exec.Command("umlkernel/build.sh", "--where").Output()
	if err != nil {
		skip(t, fmt.Sprintf("no user-mode Linux of our own (make uml-kernel): %v", err))
	}
	kernels := map[string]Options{
		"debian": {In: UML, Modes: []Mode{Direct, IPTablesLegacy, IPVS}},
		"own":    {In: UML, UMLKernel: strings.TrimSpace(string(where)), Modes: Modes()},
	}
	if err := savesRegisters(cpu.X86.HasAMXTile); err != nil { // there is nothing of it to test then
		t.Log(err)
		delete(kernels, "debian")
	}
	for name, o := range kernels {
		if _, err := findUML(context.Background(), o.UMLKernel); err != nil {
			skip(t, fmt.Sprintf("%s: %v", name, err))
		}
	}
	return kernels
}

// needsUML skips a test where there is no user-mode Linux, and under the race detector:
// make test runs the tests in user-mode Linux without it, and alone, since each system call
// there wakes another process of this machine and waits for it.
func needsUML(t *testing.T) map[string]Options {
	t.Helper()
	if underRace {
		t.Skip("the race detector's memory does not fit into user-mode Linux: make test has a step for this")
	}
	return umlKernels(t)
}

// oldestUML is Debian's kernel, as Options name it, or our own where Debian's cannot run.
func oldestUML(t *testing.T) string {
	t.Helper()
	kernels := needsUML(t)
	if o, ok := kernels["debian"]; ok {
		return o.UMLKernel
	}
	return kernels["own"].UMLKernel
}

// The modes that a user-mode Linux has really forward there: IPVS in Debian's,
// all of them in our own.
func TestUserModeLinuxForwards(t *testing.T) {
	ctx := within(t, patience)
	for name, o := range needsUML(t) {
		t.Run(name, func(t *testing.T) {
			before := look(t)
			o.Shape, o.Builds, o.Rounds, o.Block, o.MaxProgram = rules.Shape{Services: 10, Endpoints: 2, Seed: 1}, 1, 2, 15, patience
			r, err := Run(ctx, o, nil)
			if err != nil {
				t.Fatal(err)
			}
			if e := r.Environment; e.Where != "user-mode Linux" || e.UMLKernel == "" || e.Kernel == kernelRelease() {
				t.Errorf("environment is %+v", e)
			}
			for _, m := range o.Modes {
				i := slices.IndexFunc(r.Points, func(p Point) bool { return p.Mode == m })
				if i < 0 {
					t.Errorf("no point of %s: missing %+v, skipped %+v", m, r.Missing, r.Skipped)
					continue
				}
				if p := r.Points[i]; p.Connections < 25 || p.Connect.P10Ns <= 0 {
					t.Errorf("%+v", p)
				}
			}
			if after := look(t); after != before {
				t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
			}
		})
	}
}

// What cannot be booted is refused before anything starts, in one sentence.
func TestUserModeLinuxThatIsNone(t *testing.T) {
	script := filepath.Join(t.TempDir(), "says rubbish")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho GNU coreutils 9.1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/does/not/exist": "there is no user-mode Linux at", "/bin/false": "is no user-mode Linux", script: "is no user-mode Linux", "/etc/passwd": "there is no"} {
		_, err := Run(t.Context(), Options{In: UML, UMLKernel: path, Shape: rules.Shape{Services: 1}}, nil)
		if err == nil {
			t.Errorf("%s was booted", path)
			continue
		}
		if sentence, remedy := Explain(err); !strings.Contains(sentence, want) || remedy == "" || strings.Contains(sentence, "\n") {
			t.Errorf("%s: %q, remedy %q", path, sentence, remedy)
		}
	}
}

// What cannot save this CPU's registers is refused with what can, in one sentence.
func TestUserModeLinuxThatCannotSaveRegisters(t *testing.T) {
	if err := savesRegisters(false); err != nil {
		t.Error(err)
	}
	sentence, remedy := Explain(savesRegisters(true))
	if !strings.Contains(sentence, "AMX") || !strings.Contains(remedy, "--uml-kernel") {
		t.Errorf("%q, remedy %q", sentence, remedy)
	}
	if !cpu.X86.HasAMXTile {
		return
	}
	if _, err := Run(t.Context(), Options{In: UML, Shape: rules.Shape{Services: 1}}, nil); err == nil {
		t.Error("it was booted")
	} else if got, _ := Explain(err); !strings.Contains(got, "AMX") {
		t.Errorf("refused with %q", got)
	}
}

// Cancelled while it boots or works, all its processes are gone.
func TestUserModeLinuxEndsAtOnce(t *testing.T) {
	outer := within(t, 5*time.Minute)
	own, oldest := needsUML(t)["own"], Options{In: UML, UMLKernel: oldestUML(t)}
	for after, o := range map[time.Duration]Options{
		100 * time.Millisecond: oldest, time.Second: oldest, 4 * time.Second: oldest,
		60 * time.Millisecond: own, 500 * time.Millisecond: own,
	} {
		ctx, cancel := context.WithTimeout(outer, after)
		o.Shape.Services = 1
		box, err := openSandbox(ctx, o.In, o.UMLKernel)
		if err != nil {
			t.Fatal(err)
		}
		if err := box.ask(doPreflight, 0, o); err != nil {
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
