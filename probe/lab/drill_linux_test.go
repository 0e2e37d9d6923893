package lab

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/probe/lab/drill"
)

// quickDrill is as fast as a drill may be.
func quickDrill(configs ...drill.Config) drill.Plan {
	p := drill.DefaultPlan()
	p.Configs, p.Speed, p.Rate, p.Ports, p.Timeout = configs, drill.MaxSpeed, 20, 18, 4*time.Second
	return p
}

// drilled runs a drill, and repeats those of its configurations that this machine was too
// busy for: everything slower each time, with as many connections, up to five times in all.
func drilled(ctx context.Context, t *testing.T, o DrillOptions) DrillResult {
	t.Helper()
	var first DrillResult
	plan := o.Plan
	for slower := 1; ; slower++ {
		n := float64(slower)
		o.Plan.Speed, o.Plan.Rate, o.Plan.Timeout = plan.Speed/n, plan.Rate/n, plan.Timeout*time.Duration(slower)
		r, err := Drill(ctx, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if slower == 1 {
			first = r
		}
		o.Plan.Configs = nil
		for _, row := range r.Rows {
			logRow(t, row)
			first.Rows[slices.IndexFunc(first.Rows, func(f drill.Row) bool { return f.Config.Same(row.Config) })] = row
			if row.Phases[drill.Steady].Failed > 0 || row.Outcome() == drill.Unclear {
				o.Plan.Configs = append(o.Plan.Configs, row.Config)
			}
		}
		if len(o.Plan.Configs) == 0 || slower == 5 {
			return first
		}
	}
}

// logRow tells what to look at when an assertion fails.
func logRow(t *testing.T, r drill.Row) {
	t.Helper()
	left, _ := r.Left()
	t.Logf("%s: %s, left %d, skipped %d, problem %q", r.Config, r.Outcome(), left, r.Skipped, r.Problem)
	for _, p := range drill.Parts() {
		if c := r.Phases[p]; c.Total() > 0 {
			t.Logf("  %-9s %+v", p, c)
		}
	}
}

// wantsSafe asserts that no connection is sent to the dead pod once kube-proxy knows, and
// that the update went to its end. A busy machine may lose one now and then.
func wantsSafe(t *testing.T, r drill.Row) {
	t.Helper()
	if after := r.AfterDeath(); r.Outcome() != drill.Safe {
		t.Errorf("%s is %s: %d of %d failed after the pod's death, %d sent to it", r.Config, r.Outcome(), after.Failed, after.Total(), after.ToOldPod)
	}
	if r.Sysctls != nil && !r.Reached(drill.ServerDeleted) {
		t.Errorf("%s: the real server was never deleted: %+v", r.Config, r.Marks)
	}
}

// wantsStale asserts that connections go on failing, to the very end, by being
// sent to the dead pod, and that this keeps the real server.
func wantsStale(t *testing.T, r drill.Row) {
	t.Helper()
	after := r.AfterDeath()
	left, known := r.Left()
	if r.Outcome() != drill.StalePod || after.ToOldPod < 5 || after.ToOldPod*2 < after.Failed || after.OK == 0 {
		t.Errorf("%s is %s: %d of %d failed after the pod's death, %d sent to it", r.Config, r.Outcome(), after.Failed, after.Total(), after.ToOldPod)
	}
	if !known || left == 0 || r.Reached(drill.ServerDeleted) {
		t.Errorf("%s: %d connections left, and the real server is gone: %t", r.Config, left, r.Reached(drill.ServerDeleted))
	}
	late := 0
	for _, i := range r.Intervals[len(r.Intervals)*8/10:] {
		late += i.ToOldPod
	}
	if late == 0 {
		t.Errorf("%s: nothing fails any more at the end", r.Config)
	}
}

// row is the row of a configuration.
func row(t *testing.T, r DrillResult, c drill.Config) drill.Row {
	t.Helper()
	for _, row := range r.Rows {
		if row.Config.Same(c) {
			return row
		}
	}
	t.Fatalf("no row of %s; missing %+v", c, r.Missing)
	return drill.Row{}
}

// On a kernel without IPVS the other modes are tried, and IPVS is missing with
// its reason; in none of them does a dead pod get a connection.
func TestDrillHere(t *testing.T) {
	ctx := within(t, patience)
	needs(ctx, t, IPTablesLegacy, IPTablesNFT, NFTables)
	before := look(t)
	p := quickDrill(drill.Config{Mode: drill.IPTablesLegacy}, drill.Config{Mode: drill.IPTablesNFT}, drill.Config{Mode: drill.NFTables}, drill.InIPVS(0, 0, 1), drill.InIPVS(1, 1, 1))
	r := drilled(ctx, t, DrillOptions{Plan: p})
	for _, c := range p.Configs[:3] {
		row := row(t, r, c)
		wantsSafe(t, row)
		if steady, draining := row.Phases[drill.Steady], row.Phases[drill.Draining]; steady.ToOldPod == 0 || draining.ToOldPod > 0 {
			t.Errorf("%s: steady %+v, draining %+v: the old pod takes part until its endpoint terminates", c, steady, draining)
		}
	}
	if len(r.Rows)+len(r.Missing) == 3+1 {
		if m := r.Missing[0]; m.Mode != IPVS || m.Reason == "" || m.Remedy == "" {
			t.Errorf("missing is %+v", r.Missing)
		}
	} else if len(r.Rows) != 5 { // a kernel with IPVS
		t.Errorf("%d rows, missing %+v", len(r.Rows), r.Missing)
	}
	if r.Environment.Kernel == "" || r.Environment.Where != "this machine" {
		t.Errorf("environment is %+v", r.Environment)
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

// The decision table on the kernel of user-mode Linux, which has c95c07836fa4: a
// pod that drained fails connections for good with both switches off, and with
// no other setting.
func TestUserModeLinuxDrill(t *testing.T) {
	ctx := within(t, patience)
	kernel := oldestUML(t)
	p := quickDrill(drill.Config{Mode: drill.IPTablesLegacy}, drill.InIPVS(0, 0, 1), drill.InIPVS(0, 1, 1), drill.InIPVS(1, 0, 1), drill.InIPVS(1, 1, 1), drill.InIPVS(0, 0, 0))
	r := drilled(ctx, t, DrillOptions{In: UML, UMLKernel: kernel, Plan: p})
	if r.Environment.Where != "user-mode Linux" || !strings.HasPrefix(r.Environment.Kernel, "6.") {
		t.Errorf("environment is %+v", r.Environment)
	}
	for i, c := range p.Configs {
		row := row(t, r, c)
		if stale := i == 1 || i == 5; stale {
			wantsStale(t, row)
			if row.Phases[drill.Draining].ToOldPod == 0 {
				t.Errorf("%s: no connection is pinned to the pod that drains", c)
			}
			continue
		}
		wantsSafe(t, row)
		if n := row.Phases[drill.Draining].ToOldPod; n > 0 {
			t.Errorf("%s: %d connections to the pod that drains", c, n)
		}
	}
}

// A pod that was lost with its node leaves entries outside TIME_WAIT: without
// expire_nodest_conn not even conn_reuse_mode=1 gets away from them.
func TestUserModeLinuxDrillOfLostPod(t *testing.T) {
	ctx := within(t, patience)
	o := needsUML(t)["own"]
	p := quickDrill(drill.InIPVS(1, 0, 1), drill.InIPVS(1, 1, 1))
	p.Lost = true
	r := drilled(ctx, t, DrillOptions{In: UML, UMLKernel: o.UMLKernel, Plan: p})
	for _, c := range p.Configs {
		row := row(t, r, c)
		if unheard := row.Phases[drill.Unheard]; unheard.Failed == 0 || unheard.ToOldPod == 0 {
			t.Errorf("%s: while nobody knows that the pod is dead: %+v", c, unheard)
		}
	}
	wantsStale(t, row(t, r, p.Configs[0]))
	wantsSafe(t, row(t, r, p.Configs[1]))
}

// Cancelled at any moment, the drill keeps what it has seen and is gone.
func TestDrillCancelled(t *testing.T) {
	outer := within(t, 3*time.Minute)
	needs(outer, t, IPTablesLegacy)
	before := look(t)
	for _, after := range []time.Duration{0, 30, 150, 2500} {
		ctx, cancel := context.WithTimeout(outer, after*time.Millisecond)
		r, err := Drill(ctx, DrillOptions{Plan: quickDrill(drill.Config{Mode: drill.IPTablesLegacy})}, nil)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled after %v: %v", after*time.Millisecond, err)
		}
		if r.Schema != DrillSchema || r.Rows == nil {
			t.Errorf("cancelled after %v: %+v", after*time.Millisecond, r)
		}
		if late := after == 2500; late && (len(r.Rows) != 1 || r.Rows[0].Total().OK == 0) {
			t.Errorf("nothing of %v was kept: %+v", after*time.Millisecond, r)
		}
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

// A screen looks at a drill while it runs and may leave at any time.
func TestDrillSession(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	needs(ctx, t, NFTables)
	s, err := StartDrill(ctx, DrillOptions{Plan: quickDrill(drill.Config{Mode: drill.NFTables})})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var st DrillState
	for st = s.State(); !st.Finished && (len(st.Rows) == 0 || len(st.Rows[0].Marks) == 0) && ctx.Err() == nil; st = s.State() {
		time.Sleep(20 * time.Millisecond)
	}
	if st.Err != nil || len(st.Rows) != 1 || st.Elapsed <= 0 || st.Length != quickDrill().Length() || len(st.Rows[0].Intervals) == 0 || st.Rows[0].Part() != drill.Steady {
		t.Errorf("while it runs: %+v", st)
	}
	s.Close()
	if st = s.State(); !st.Finished || st.Result == nil || len(st.Result.Rows) != 1 || st.Result.Rows[0].Total().OK == 0 {
		t.Errorf("after it was left: %+v", st)
	}
}

// A tool that fails in the middle of the update ends its row, which says so;
// the others go on.
func TestDrillToolFailsHalfWay(t *testing.T) {
	ctx := within(t, 3*time.Minute)
	needs(ctx, t, IPTablesLegacy, NFTables)
	tool, err := exec.LookPath("iptables-legacy-restore")
	if err != nil {
		skip(t, err.Error())
	}
	dir := toolDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// The first run builds, the second adds the new pod, the third takes the old one out.
	script := "#!/bin/sh\necho run >> " + dir + "/runs\n[ $(wc -l < " + dir + "/runs) -lt 3 ] && exec " + tool + " \"$@\"\ncat > /dev/null\necho 'line 7 failed: no such thing' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "iptables-legacy-restore"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	r, err := Drill(ctx, DrillOptions{Plan: quickDrill(drill.Config{Mode: drill.IPTablesLegacy}, drill.Config{Mode: drill.NFTables})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	broken := row(t, r, drill.Config{Mode: drill.IPTablesLegacy})
	if !strings.Contains(broken.Problem, "line 7 failed: no such thing") || strings.Contains(broken.Problem, "\n") || broken.Outcome() != drill.Unclear || !broken.Reached(drill.NewPod) || broken.Reached(drill.Terminating) {
		t.Errorf("%+v", broken)
	}
	wantsSafe(t, row(t, r, drill.Config{Mode: drill.NFTables}))
}

func TestParseEntries(t *testing.T) {
	got, err := parseEntries(strings.NewReader(`Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT       119
TCP 0ADF0001 4E21 0A60000A 0050 0AC00102 1F90 SYN_RECV         59
TCP fe80:0000:0000:0000:0000:0000:0000:0001 4E22 fe80:0000:0000:0000:0000:0000:0000:0002 0050 fe80:0000:0000:0000:0000:0000:0000:0003 1F90 TIME_WAIT 3
TCP nonsense 4E23 0A60000A 0050 XXXXXXXX 1F90 TIME_WAIT 3
short
`))
	if err != nil || len(got) != 2 || got[20000] != netip.MustParseAddrPort("10.192.0.1:8080") || got[20001] != netip.MustParseAddrPort("10.192.1.2:8080") {
		t.Errorf("%v, %v", got, err)
	}
}
