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

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

// wrap puts scripts before the real tools; REAL in a script is the real one. They
// are readable by any user, for the lab may run as one.
func wrap(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := toolDir(t)
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	for tool, script := range scripts {
		real, err := exec.LookPath(tool)
		if err != nil {
			skip(t, err.Error())
		}
		if err := os.WriteFile(filepath.Join(dir, tool), []byte("#!/bin/sh\n"+strings.ReplaceAll(script, "REAL", real)+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

// sweepOf runs a small sweep of two sizes and says at which sizes each mode has points.
func sweepOf(ctx context.Context, t *testing.T, small, large int) (Result, map[Mode][]int) {
	t.Helper()
	before := look(t)
	r, err := Sweep(ctx, Options{
		Shape: rules.Shape{Endpoints: 5, Seed: 1}, Sizes: []int{small, large}, Modes: []Mode{Direct, IPTablesLegacy, NFTables},
		Rounds: 2, Block: 20, MaxProgram: time.Minute,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
	sizes := make(map[Mode][]int)
	for _, p := range r.Points {
		if !slices.Contains(sizes[p.Mode], p.Services) {
			sizes[p.Mode] = append(sizes[p.Mode], p.Services)
		}
	}
	return r, sizes
}

// A tool that fails at one size costs its mode from there on, and nothing else;
// the reason is the tool's own.
func TestToolThatFailsHalfWay(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	wrap(t, map[string]string{"iptables-legacy-restore": `input=$(cat)
if [ ${#input} -gt 100000 ]; then echo "iptables-restore: line 4711 failed: Resource temporarily unavailable" >&2; exit 4; fi
printf "%s\n" "$input" | exec REAL "$@"`})
	r, sizes := sweepOf(ctx, t, 20, 300)
	if want := map[Mode][]int{Bare: {20, 300}, Direct: {20, 300}, IPTablesLegacy: {20}, NFTables: {20, 300}}; !equalSizes(sizes, want) {
		t.Errorf("measured %v, want %v; missing %+v", sizes, want, r.Missing)
	}
	if len(r.Skipped) != 1 || r.Skipped[0].Services != 300 || !strings.Contains(r.Skipped[0].Reason, "line 4711 failed: Resource temporarily unavailable") {
		t.Errorf("skipped %+v", r.Skipped)
	}
}

// Out of memory, each tool says so in words of its own, and all are told apart
// from a mistake.
func TestToolOutOfMemory(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	wrap(t, map[string]string{"iptables-legacy-restore": `ulimit -v 20000; exec REAL "$@"`, "nft": `ulimit -v 24000; exec REAL "$@"`})
	r, sizes := sweepOf(ctx, t, 20, 5000)
	if want := map[Mode][]int{Bare: {20, 5000}, Direct: {20, 5000}, IPTablesLegacy: {20}, NFTables: {20}}; !equalSizes(sizes, want) {
		t.Errorf("measured %v, want %v; missing %+v", sizes, want, r.Missing)
	}
	if len(r.Skipped) != 2 {
		t.Errorf("skipped %+v", r.Skipped)
	}
	for _, k := range r.Skipped {
		if !strings.Contains(k.Reason, "ran out of memory") || !strings.Contains(k.Reason, "take fewer Services") {
			t.Errorf("%s: %q", k.Mode, k.Reason)
		}
	}
}

func equalSizes(a, b map[Mode][]int) bool {
	return len(a) == len(b) && !slices.ContainsFunc(Modes(), func(m Mode) bool { return !slices.Equal(a[m], b[m]) })
}

// What kills a tool is told apart from what the tool says, and from our own kill.
func TestToolError(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	killed := exec.Command("sh", "-c", "kill -KILL $$").Run()
	failed := exec.Command("false").Run()
	for _, c := range []struct {
		ctx    context.Context
		err    error
		stderr string
		want   string
	}{
		{t.Context(), nil, "a warning", ""},
		{t.Context(), killed, "", "nft was killed, which a system does when memory runs out"},
		{ended, killed, "", "context canceled"},
		{t.Context(), failed, "Error: Could not process rule: Cannot allocate memory\nmore", "nft ran out of memory: Error: Could not process rule: Cannot allocate memory"},
		{t.Context(), failed, "Error: syntax error\nmore", "nft failed: exit status 1: Error: syntax error"},
		{t.Context(), fmt.Errorf("could not list: %w", failed), "", "nft failed: could not list: exit status 1"},
	} {
		err := toolError(c.ctx, "nft", c.err, c.stderr)
		got := ""
		if err != nil {
			got, _ = Explain(err)
		}
		if strings.TrimSuffix(got, ": ") != c.want {
			t.Errorf("%v, %q: %q, want %q", c.err, c.stderr, got, c.want)
		}
	}
}

// TestHelperPreflight is run again by the tests below where something is taken
// away.
func TestHelperPreflight(t *testing.T) {
	if os.Getenv("LAB_PREFLIGHT") == "" {
		t.Skip("is started by other tests")
	}
	_, missing, err := Preflight(context.Background(), Options{})
	if err != nil {
		sentence, remedy := Explain(err)
		fmt.Printf("NO LAB: %s / %s\n", sentence, remedy)
	}
	for _, m := range missing {
		fmt.Printf("MISSING %s: %s / %s\n", m.Mode, m.Reason, m.Remedy)
	}
}

// preflightUnder runs the preflight after a shell has taken something away, in
// namespaces of its own.
func preflightUnder(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "unshare", "--map-root-user", "--mount", "sh", "-c", script, os.Args[0], "-test.run=^TestHelperPreflight$")
	cmd.Env = append(os.Environ(), "LAB_PREFLIGHT=1", "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// Where a tool is not installed its modes are missing, by name and with what to
// install; direct, which needs none, runs.
func TestMissingTools(t *testing.T) {
	within(t, time.Minute)
	empty := t.TempDir()
	out := preflightUnder(t, `for dir in /usr/sbin /sbin /usr/local/sbin; do mount --bind `+empty+` "$(readlink -f $dir)"; done; exec "$0" "$@"`)
	for _, want := range []string{
		"MISSING iptables-legacy: no iptables-restore with the legacy backend is installed / install the package iptables",
		"MISSING iptables-nft: no iptables-restore with the nf_tables backend is installed / install the package iptables",
		"MISSING nftables: nft is not installed / install the package nftables",
		"MISSING ipvs: no iptables-restore with the nf_tables backend is installed / install the package iptables",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "direct") || strings.Contains(out, "NO LAB") {
		t.Errorf("more is missing than was taken away:\n%s", out)
	}
}

// Without the right to make namespaces there is no lab, in one sentence.
func TestUserNamespacesOff(t *testing.T) {
	within(t, time.Minute)
	out := preflightUnder(t, `echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --bounding-set=-all "$0" "$@"`)
	if want := "NO LAB: this machine does not let you make user namespaces / allow them: sysctl user.max_user_namespaces=1000, or run the lab as root"; !strings.Contains(out, want) {
		t.Errorf("lacks %q:\n%s", want, out)
	}
}

// Each way a distribution has to switch user namespaces off is known by name.
func TestUserNamespaceRemedies(t *testing.T) {
	for path, c := range map[string]struct{ value, remedy string }{
		"kernel/apparmor_restrict_unprivileged_userns": {"1\n", "kernel.apparmor_restrict_unprivileged_userns=0"},
		"kernel/unprivileged_userns_clone":             {"0\n", "kernel.unprivileged_userns_clone=1"},
		"user/max_user_namespaces":                     {"0\n", "user.max_user_namespaces=1000"},
		"kernel/other":                                 {"0\n", "run the lab as root"},
	} {
		root := t.TempDir()
		file := filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(c.value), 0o600)); err != nil {
			t.Fatal(err)
		}
		if sentence, remedy := Explain(userNamespaceProblem(root, errors.New("refused"))); !strings.Contains(remedy, c.remedy) || sentence == "" {
			t.Errorf("%s: %q, %q", path, sentence, remedy)
		}
	}
}

// A session whose lab is killed ends, and says so.
func TestKilledSession(t *testing.T) {
	ctx := within(t, time.Minute)
	s, err := Start(ctx, Options{Shape: rules.Shape{Services: 2000, Endpoints: 5}, Plan: probe.DefaultPlan()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.sandbox.kill()
	<-s.ended
	if st := s.State(); !st.Finished || !errors.Is(st.Err, errStream) {
		t.Errorf("finished %t, %v", st.Finished, st.Err)
	}
	if err := s.Resize(10); err == nil {
		t.Error("a lab that is gone took another size")
	}
}

// A lab that the system kills says so, and what helps.
func TestKilledLabSaysSo(t *testing.T) {
	ctx := within(t, time.Minute)
	box, err := openSandbox(ctx, Here, "")
	if err != nil {
		t.Fatal(err)
	}
	defer box.close()
	if err := box.ask(doSweep, 0, Options{Shape: rules.Shape{Endpoints: 5}, Sizes: []int{2000}}); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(100*time.Millisecond, box.kill)
	_, err = box.listen(ctx, func(Event) {})
	if sentence, remedy := Explain(err); !strings.Contains(sentence, "the lab was killed") || remedy == "" || !errors.Is(err, errStream) {
		t.Errorf("%v: %q, %q", err, sentence, remedy)
	}
}
