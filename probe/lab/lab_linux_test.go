package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

// within bounds a test that builds a lab, and skips it where none can be built.
// Temporary files go where only this test's are, so that look sees no others.
func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("builds network namespaces")
	}
	if box, err := openSandbox(context.Background(), Here, ""); err != nil {
		skip(t, err.Error())
	} else {
		box.close()
	}
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// skip leaves out what this machine cannot run; make test accepts no gap.
func skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("KPADVISOR_REQUIRE_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// needs skips a test that is about modes which cannot run here.
func needs(ctx context.Context, t *testing.T, modes ...Mode) {
	t.Helper()
	_, missing, err := Preflight(ctx, Options{Modes: modes})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range missing {
		skip(t, fmt.Sprintf("%s cannot run here: %s", m.Mode, m.Reason))
	}
}

// footprint is what a lab could leave behind on this machine.
type footprint struct{ rules, links, files string }

func look(t *testing.T) footprint {
	t.Helper()
	var f footprint
	for _, c := range []string{"iptables-legacy-save", "iptables-nft-save", "ipset save"} {
		f.rules += tool(c)
	}
	f.rules += tool("nft list ruleset")
	f.links = tool("ip -o link") + tool("ip route") + tool("ip netns")
	names, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	f.files = strings.Join(names, "\n")
	return f
}

// tool is what a program prints, without comments, which hold the time.
func tool(command string) string {
	args := strings.Fields(command)
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return err.Error()
	}
	var kept []byte
	for l := range bytes.Lines(out) {
		if !bytes.HasPrefix(l, []byte("#")) {
			kept = append(kept, l...)
		}
	}
	return string(kept)
}

func TestPreflightSaysWhatIsMissing(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	env, missing, err := Preflight(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if env.Kernel == "" || env.Where != "this machine" {
		t.Errorf("environment is %+v", env)
	}
	for _, m := range missing {
		if m.Reason == "" || m.Remedy == "" || strings.Contains(m.Reason, "\n") {
			t.Errorf("%s is missing for %q, remedy %q: want one sentence each", m.Mode, m.Reason, m.Remedy)
		}
		if m.Mode == Direct {
			t.Errorf("direct needs no tool, yet: %s", m.Reason)
		}
	}
}

// A tool that fails half-way is a missing mode with the tool's own words; the
// other modes run.
func TestToolThatFails(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	dir := toolDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nread first\necho 'line 7 failed: no such thing' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "iptables-legacy-restore"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	r, err := Run(ctx, Options{Shape: rules.Shape{Services: 5, Endpoints: 1}, Modes: []Mode{Direct, IPTablesLegacy}, Rounds: 2, Block: 10}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Missing) != 1 || !strings.Contains(r.Missing[0].Reason, "line 7 failed: no such thing") {
		t.Errorf("missing is %+v", r.Missing)
	}
	if len(r.Points) != 2 || r.Points[0].Mode != Direct || r.Points[1].Mode != Bare {
		t.Errorf("%d points", len(r.Points))
	}
}

// Every mode answers at every size and place, and what the kernel holds grows
// as kube-proxy's rules do. Times are only logged: this machine is not idle.
func TestSweepMeasuresEverything(t *testing.T) {
	ctx := within(t, 5*time.Minute)
	modes := []Mode{Direct, IPTablesLegacy, IPTablesNFT, NFTables}
	needs(ctx, t, modes...)
	before := look(t)
	r, err := Sweep(ctx, Options{Shape: rules.Shape{Endpoints: 3, Seed: 1}, Sizes: []int{400, 50}, Modes: modes, Builds: 2, Rounds: 4, Block: 50, MaxProgram: time.Minute}, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]Point)
	for _, p := range r.Points {
		seen[fmt.Sprintf("%s %d %s", p.Mode, p.Services, p.Position)] = p
		if p.Connections+p.Failed != 400 || p.Connections == 0 || len(p.BlocksNs) != 8 || len(p.Builds) != 2 || p.Connect.P10Ns <= 0 || p.Connect.P10Ns > p.Connect.P50Ns || p.Connect.P50Ns > p.Connect.P99Ns {
			t.Errorf("%+v", p)
		}
		if p.Mode.hasRules() != (p.Rules > 1 && p.ProgramNs > 0 && p.UpdateNs > 0 && p.Endpoints == 3) {
			t.Errorf("%+v", p)
		}
		if paced := p.Position == rules.Middle || p.Position == NoPosition; paced != (p.ColdConnections == 80 && p.Cold.P50Ns > 0) {
			t.Errorf("%+v", p)
		}
		for _, o := range p.Builds {
			if o.HotNs <= 0 || (p.ColdConnections > 0) != (o.ColdNs > 0) {
				t.Errorf("%+v", p)
			}
		}
	}
	if len(seen) != len(r.Points) || len(seen) != 2*(2+3*len(rules.Positions())) || len(r.Skipped) > 0 {
		t.Errorf("%d points, %d of them different, skipped %+v", len(r.Points), len(seen), r.Skipped)
	}
	for _, m := range modes[1:] {
		few, many := seen[string(m)+" 50 middle"], seen[string(m)+" 400 middle"]
		t.Logf("%s: %+v, %+v", m, few.Connect, many.Connect)
		if many.Rules <= few.Rules {
			t.Errorf("%s has %d rules of 50 Services and %d of 400", m, few.Rules, many.Rules)
		}
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

func TestSessionMeasuresAndResizes(t *testing.T) {
	ctx := within(t, 5*time.Minute)
	needs(ctx, t, IPTablesLegacy)
	plan := probe.DefaultPlan()
	plan.Concurrency, plan.Requests, plan.Blocks = 1, 400, 8
	s, err := Start(ctx, Options{Shape: rules.Shape{Services: 30, Endpoints: 2, Seed: 3}, Modes: []Mode{Direct, IPTablesLegacy}, Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, size := range []int{30, 80, 10} {
		if size != 30 {
			if err := s.Resize(size); err != nil {
				t.Fatal(err)
			}
		}
		st := finished(ctx, t, s)
		for _, series := range st.Result.Series {
			if series.Requests < 300 || series.Failed() > 0 {
				t.Errorf("%d Services, %s: %d requests, %d failed", size, series.Target.Name, series.Requests, series.Failed())
			}
		}
		for _, b := range st.Built {
			if b.Services != size {
				t.Errorf("built %+v for %d Services", b, size)
			}
		}
	}
}

// A paced plan is measured beside a process that empties the caches, which ends
// with the measurement.
func TestSessionInTheColdLoad(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	needs(ctx, t, IPTablesLegacy)
	plan := probe.DefaultPlan()
	plan.Concurrency, plan.Requests, plan.Blocks, plan.WarmUp, plan.Rate = 4, 240, 6, 1, 100
	s, err := Start(ctx, Options{Shape: rules.Shape{Services: 2000, Endpoints: 1, Seed: 3}, Position: rules.Middle, Modes: []Mode{IPTablesLegacy}, Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	working := func() int { return len(emptying()) }
	for st := s.State(); len(st.Snapshot.Series) == 0 || st.Snapshot.State != probe.Measuring; st = s.State() {
		if ctx.Err() != nil || st.Err != nil {
			t.Fatalf("%v, %+v", st.Err, st)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if working() != 1 {
		t.Errorf("%d processes empty the caches", working())
	}
	st := finished(ctx, t, s)
	if series := st.Result.Series[0]; series.Requests < 200 || series.Failed() > 0 {
		t.Errorf("%+v", series)
	}
	if len(st.Hot) != 1 || st.Hot[0].Mode != IPTablesLegacy || st.Hot[0].Position != rules.Middle || st.Hot[0].Connect.P10Ns <= 0 {
		t.Errorf("hot beside it: %+v", st.Hot)
	}
	if working() != 0 {
		t.Error("the caches are emptied for ever")
	}
}

// emptying are the processes of this program that empty caches.
func emptying() (found []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if line, err := os.ReadFile(f); err == nil && bytes.Contains(line, []byte(hiddenArg+"\x00"+asOthers+"\x00")) {
			found = append(found, f)
		}
	}
	return found
}

// finished waits for the end of a session's job.
func finished(ctx context.Context, t *testing.T, s *Session) State {
	t.Helper()
	st := s.State()
	for ; !st.Finished && ctx.Err() == nil; st = s.State() {
		time.Sleep(20 * time.Millisecond)
	}
	if st.Err != nil || st.Result == nil {
		t.Fatalf("%v, %+v", st.Err, st)
	}
	return st
}

// All lanes of a screen: a mode that takes too long at a size is left out there,
// with the reason, and is back at a size that it can do. The tool of one mode hangs
// at the larger size, so no machine is too fast or too slow for this.
func TestSessionLeavesOutWhatTakesTooLong(t *testing.T) {
	ctx := within(t, 5*time.Minute)
	needs(ctx, t, IPTablesLegacy, IPTablesNFT)
	hangAbove(t, "iptables-nft-restore", 1500)
	plan := probe.DefaultPlan()
	plan.Concurrency, plan.Requests, plan.Blocks = 1, 120, 6
	o := Options{Shape: rules.Shape{Services: 200, Endpoints: 5, Seed: 3}, Modes: []Mode{Direct, IPTablesLegacy, IPTablesNFT}, Plan: plan, MaxProgram: 5 * time.Second}
	s, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, services := range []int{200, 20, 200} {
		if i > 0 {
			if err := s.Resize(services); err != nil {
				t.Fatal(err)
			}
		}
		st := finished(ctx, t, s)
		var lanes []string
		for i, series := range st.Snapshot.Series {
			lanes = append(lanes, series.Target.Name)
			if len(series.Blocks) != plan.Blocks || len(series.Intervals) == 0 {
				t.Errorf("%d Services: the snapshot of %s has %d blocks, %d intervals", services, lanes[i], len(series.Blocks), len(series.Intervals))
			}
		}
		want, skipped := []string{"direct", "iptables-legacy", "iptables-nft"}, 0
		if services == 200 {
			want, skipped = want[:2], 1
		}
		if !slices.Equal(lanes, want) || len(st.Skipped) != skipped {
			t.Errorf("%d Services: lanes %v, skipped %+v", services, lanes, st.Skipped)
		}
		for _, k := range st.Skipped {
			if k.Mode != IPTablesNFT || k.Services != services || !strings.Contains(k.Reason, "5s") {
				t.Errorf("skipped %+v", k)
			}
		}
	}
}

// hangAbove puts a tool on PATH that never ends if it is given more lines of input,
// and does its work if not.
func hangAbove(t *testing.T, tool string, lines int) {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	real, err := exec.LookPath(tool)
	if err != nil {
		skip(t, err.Error())
	}
	dir := toolDir(t)
	script := fmt.Sprintf(`#!/bin/sh
[ "$(wc -l)" -gt %d ] && exec sleep 3600
exec %s "$@" </proc/self/fd/0
`, lines, real)
	if err := errors.Join(os.WriteFile(filepath.Join(dir, tool), []byte(script), 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestBadOptionsAreRefusedBeforeAnythingStarts(t *testing.T) {
	for _, o := range []Options{
		{},
		{Shape: rules.Shape{Services: 1 << 30}},
		{Shape: rules.Shape{Services: 10}, Modes: []Mode{"userspace"}},
		{Shape: rules.Shape{Services: 10}, In: "moon"},
		{Shape: rules.Shape{Services: 10}, Rounds: 1},
		{Shape: rules.Shape{Services: 10}, Sizes: []int{10, -1}},
	} {
		if _, err := Sweep(context.Background(), o, nil); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

// held are the goroutines and open files of this process.
func held() (goroutines, descriptors int) {
	open, _ := filepath.Glob("/proc/self/fd/*")
	return runtime.NumGoroutine(), len(open)
}

// Cancelled at any moment, the lab says so and is gone, and this process holds nothing
// of it: what ends by itself is waited for.
func TestCancelAtAnyMoment(t *testing.T) {
	outer := within(t, 3*time.Minute)
	before := look(t)
	goroutines, descriptors := held()
	for _, after := range []time.Duration{0, 5, 40, 150, 400, 1500} {
		ctx, cancel := context.WithTimeout(outer, after*time.Millisecond)
		_, err := Sweep(ctx, Options{Shape: rules.Shape{Endpoints: 5, Seed: 1}, Sizes: []int{500, 5000}}, nil)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled after %v: %v", after*time.Millisecond, err)
		}
	}
	for g, d := held(); g > goroutines || d > descriptors; g, d = held() {
		if outer.Err() != nil {
			t.Fatalf("%d goroutines and %d descriptors were %d and %d", g, d, goroutines, descriptors)
		}
		runtime.Gosched()
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

// Killed with SIGKILL, the inner half takes everything along, and the outer half
// says what happened.
func TestKilledInnerHalf(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	before := look(t)
	box, err := openSandbox(ctx, Here, "")
	if err != nil {
		t.Fatal(err)
	}
	defer box.close()
	if err := box.ask(doSweep, 0, Options{Shape: rules.Shape{Endpoints: 5}, Sizes: []int{3000}}); err != nil {
		t.Fatal(err)
	}
	programming := false
	_, err = box.listen(ctx, func(e Event) {
		if e.Stage != nil && e.Stage.What == "programming" && e.Stage.Mode != Direct && !programming {
			programming = true
			time.AfterFunc(50*time.Millisecond, box.kill)
		}
	})
	if !programming || !errors.Is(err, errStream) {
		t.Errorf("killed while programming (%v): %v", programming, err)
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

// TestKilledOuterHalf kills a process that runs a lab.
func TestKilledOuterHalf(t *testing.T) {
	within(t, 3*time.Minute)
	before := look(t)
	victim := exec.Command("/proc/self/exe", "-test.run=^TestHelperSweepsUntilKilled$")
	victim.Env = append(os.Environ(), "LAB_VICTIM=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var line [64]byte
	if _, err := out.Read(line[:]); err != nil { // it says when it is programming
		t.Fatal(err)
	}
	inner := children(victim.Process.Pid)
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // killed, as it should be
	if len(inner) == 0 {
		t.Error("the victim had no inner half")
	}
	for _, pid := range inner {
		for range 3000 {
			if unix.Kill(pid, 0) != nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if unix.Kill(pid, 0) == nil {
			t.Errorf("process %d outlived its parent", pid)
		}
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

// children are the processes whose parent is pid.
func children(pid int) []int {
	var found []int
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range tasks {
		list, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		for _, p := range strings.Fields(string(list)) {
			if n, err := strconv.Atoi(p); err == nil {
				found = append(found, n)
			}
		}
	}
	return found
}

func TestHelperSweepsUntilKilled(t *testing.T) {
	if os.Getenv("LAB_VICTIM") == "" {
		t.Skip("is started by TestKilledOuterHalf")
	}
	said := false
	_, err := Sweep(context.Background(), Options{Shape: rules.Shape{Endpoints: 5}, Sizes: []int{5000}}, func(e Event) {
		if e.Stage != nil && e.Stage.What == "programming" && !said {
			said = true
			os.Stdout.WriteString("programming\n")
		}
	})
	t.Error("came back: ", err)
}

// What a lab must show anywhere: at 10,000 rules the last one costs half as much
// again as the first, and connections that come now and then cost more than those
// that come one after the other.
func TestPreconditions(t *testing.T) {
	ctx := within(t, 5*time.Minute)
	needs(ctx, t, IPTablesLegacy)
	r, err := Run(ctx, Options{Shape: rules.Shape{Services: 10_000, Endpoints: 1, Seed: 1}, Modes: []Mode{IPTablesLegacy}, Builds: 2, MaxProgram: 2 * time.Minute}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := map[rules.Position]Point{}
	for _, p := range r.Points {
		at[p.Position] = p
	}
	first, middle, last := undisturbed(at[rules.First].BlocksNs), at[rules.Middle], undisturbed(at[rules.Last].BlocksNs)
	if last*2 < first*3 {
		t.Errorf("the last of 10,000 takes %d ns, the first %d", last, first)
	}
	if middle.Cold.P50Ns < middle.Connect.P50Ns {
		t.Errorf("cold %+v, hot %+v", middle.Cold, middle.Connect)
	}
}
