package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/evidence/evidencetest"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

func TestDrillUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"now"}, `"now"`},
		{[]string{"--modes", "userspace"}, "userspace"},
		{[]string{"--conn-reuse-mode", "2"}, "--conn-reuse-mode takes 0, 1 or both"},
		{[]string{"--expire-nodest-conn", "-1"}, "--expire-nodest-conn takes"},
		{[]string{"--conntrack", "x"}, "conntrack"},
		{[]string{"--in", "moon"}, "here, uml"},
		{[]string{"-o", "yaml"}, "yaml"},
		{[]string{"--speed", "0"}, "Speed 0"},
		{[]string{"--speed", "NaN"}, "Speed NaN"},
		{[]string{"--speed", "1000000"}, "to 30"},
		{[]string{"--rate", "-5"}, "-5 connections per second"},
		{[]string{"--rate", "1e9"}, "1 to 1000"},
		{[]string{"--ports", "1"}, "1 source ports"},
		{[]string{"--ports", "4000"}, "come round every"},
		{[]string{"--speed", "30"}, "less speed"},
		{[]string{"--backends", "1"}, "1 backends"},
		{[]string{"--backends", "999999"}, "999999 backends"},
		{[]string{"--timeout", "0s"}, "timeout of 0s"},
		{[]string{"--timeout", "1h"}, "timeout of 1h"},
		{[]string{"--like-cluster", "x", "--conntrack", "1"}, "takes --conntrack from the snapshot"},
	} {
		o := run(t, append([]string{"lab", "drill"}, c.args...)...)
		o.wants(t, Usage, "", c.want)
		o.isOneSentence(t)
	}
	o := run(t, "lab", "drill", "-o", "json", "--speed", "0")
	var doc struct {
		Schema string
		Error  *plain.Problem
	}
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || doc.Schema != lab.DrillSchema || doc.Error == nil {
		t.Errorf("%v: %s", err, o.out)
	}
	run(t, "lab", "drill", "--like-cluster", "/does/not/exist").wants(t, Failure, "", "cannot be read")
	run(t, "lab", "drill", "-O", "/does/not/exist/drill.json").wants(t, Failure, "", "cannot be saved")
}

// asked is what a command line asks the drill for.
func asked(t *testing.T, args ...string) (lab.DrillOptions, map[string][]string) {
	t.Helper()
	a := &app{program: "kpadvisor"}
	cmd := a.labDrillCommand()
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	o, of, err := a.drillOptions(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	return o, of
}

func TestDrillConfigurations(t *testing.T) {
	names := func(o lab.DrillOptions) []string {
		var out []string
		for _, c := range o.Plan.Configs {
			out = append(out, c.String())
		}
		return out
	}
	if o, _ := asked(t); len(o.Plan.Configs) != len(drill.Matrix()) || o.In != lab.Here {
		t.Errorf("by default %v in %q", names(o), o.In)
	}
	o, _ := asked(t, "--in", "uml", "--modes", "iptables,ipvs", "--conn-reuse-mode", "0", "--conntrack", "1", "--lost")
	want := []string{"iptables-legacy", "iptables-nft", "ipvs reuse=0 expire=0 conntrack=1", "ipvs reuse=0 expire=1 conntrack=1"}
	if !slices.Equal(names(o), want) || o.In != lab.UML || !o.Plan.Lost {
		t.Errorf("%v in %q, lost %t; want %v", names(o), o.In, o.Plan.Lost, want)
	}
	// What the node groups of a snapshot have.
	file := filepath.Join(t.TempDir(), "facts.json")
	var b bytes.Buffer
	i := slices.IndexFunc(cluster.Demos(), func(f advisor.Facts) bool { return f.Name == "demo-mixed" })
	if err := cluster.WriteSnapshot(&b, cluster.Demos()[i], false); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	o, of := asked(t, "--like-cluster", file)
	want = []string{"iptables-legacy", "iptables-nft", "ipvs reuse=0 expire=1 conntrack=1"}
	if !slices.Equal(names(o), want) || !strings.Contains(strings.Join(of[want[2]], ""), "IPVS, 5.4.0-96-generic") {
		t.Errorf("like the demo: %v, %v", names(o), of)
	}
	run(t, "lab", "drill", "--like-cluster", file, "--modes", "nftables").wants(t, Usage, "", "in none of the snapshot's node groups")
}

// saved is a drill on a kernel in which conn_reuse_mode=0 with
// expire_nodest_conn=1 had an outcome.
func savedDrill(t *testing.T, kernel string, outcome drill.Outcome) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.DrillJSON(&b, page.Drill{Result: evidencetest.Drill(kernel, outcome)}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "drill.json")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A saved drill weighs for nodes with its kernel, and for no other; where it
// disagrees with the table both are told.
func TestAuditDrill(t *testing.T) {
	typed := func(kernel string) []string {
		return []string{
			"audit", "--services", "900", "--endpoints", "7200", "--kernel", kernel, "--kubernetes-version", "1.30",
			"--proxy-mode", "ipvs", "--connections", "short",
		}
	}
	const here = "5.4.0-96-generic"
	run(t, typed(here)...).wants(t, Exposed, "EXPOSED", "")
	o := run(t, append(typed(here), "--measured", savedDrill(t, here, drill.Safe))...)
	if o.code == Exposed || !strings.Contains(o.out, "Measured: drills of issue 81775") || !strings.Contains(o.out, "the table by itself: stale-pod") {
		t.Errorf("code %d:\n%s", o.code, o.out)
	}
	o = run(t, append(typed(here), "--measured", savedDrill(t, "6.1.176", drill.Safe))...)
	o.wants(t, Exposed, "which no node", "")
	o = run(t, append(typed("6.1.176"), "--measured", savedDrill(t, "6.1.176", drill.StalePod), "-o", "json")...)
	var doc struct {
		Drills []advisor.Drill
		Reuse  []advisor.Reuse `json:"reuse81775"`
	}
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || len(doc.Drills) != 1 || doc.Drills[0].Rows[0].ToOldPod != 159 || doc.Drills[0].Where != "drill in user-mode Linux, 2026-11-23" {
		t.Errorf("%v, %+v", err, doc)
	}
	// Here conn_reuse_mode is 1 unless something left 0, which is what was tried:
	// it makes the answer an if.
	if doc.Reuse[0].Exposure != reuse.IfSysctl0 || len(doc.Reuse[0].Measured) != 1 {
		t.Errorf("%+v", doc.Reuse[0])
	}
	empty := filepath.Join(t.TempDir(), "empty.json")
	if err := os.WriteFile(empty, []byte(`{"schema":"kpadvisor.drill/v1","rows":[{"mode":"ipvs"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string]string{
		savedDrill(t, here, drill.Unclear): "none of its configurations was seen to its end",
		savedDrill(t, "", drill.Safe):      "no kernel",
		empty:                              "needs its sysctls",
	} {
		o := run(t, append(typed(here), "--measured", file)...)
		o.wants(t, Failure, "", says)
		o.isOneSentence(t)
	}
}

// What was seen before an interruption is delivered, with 130.
func TestDrillDelivered(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if runtime.GOOS == "linux" {
		o := at(t, ctx, "", "lab", "drill")
		o.wants(t, Interrupted, "", "Interrupted before the first connection.")
		o.isOneSentence(t)
	}
	whole := evidencetest.Drill("6.1.176", drill.Safe)
	missing := lab.DrillResult{Missing: []lab.Missing{{Mode: lab.IPVS, Reason: "this kernel has no IPVS (ip_vs)", Remedy: "run the lab in user-mode Linux: --in uml"}}}
	for _, c := range []struct {
		ctx  context.Context
		r    lab.DrillResult
		ran  error
		code int
		says string
	}{
		{ctx, whole, ctx.Err(), Interrupted, "Interrupted before the end of the drill."},
		{t.Context(), whole, errors.New("the lab broke"), Failure, "The lab broke."},
		{t.Context(), missing, nil, Failure, "No configuration could be tried here."},
		{t.Context(), whole, nil, Fine, ""},
	} {
		var out, errOut bytes.Buffer
		a := &app{program: "kpadvisor", out: &out, err: &errOut}
		a.flags.output = "text"
		err := a.deliverDrill(c.ctx, page.Drill{Result: c.r}, c.ran, terminal{})
		if !errors.Is(err, exit(c.code)) || !strings.Contains(errOut.String(), c.says) || !strings.Contains(out.String(), c.says) {
			t.Errorf("%v, want %d and %q:\n%s%s", err, c.code, c.says, &out, &errOut)
		}
	}
	var out bytes.Buffer
	a := &app{program: "kpadvisor", out: &out, err: &out}
	if err := a.deliverDrill(t.Context(), page.Drill{}, errors.New("broken"), terminal{}); err == nil || out.Len() > 0 {
		t.Errorf("%v, %s", err, &out)
	}
}

// The view fits its terminal at any moment and shows what was lost.
func TestDrillView(t *testing.T) {
	r := evidencetest.Drill("6.1.176", drill.StalePod)
	for i := range 100 {
		lost := 0
		if i > 40 {
			lost = i % 2
		}
		r.Rows[0].Intervals = append(r.Rows[0].Intervals, drill.Interval{At: time.Duration(i) * r.Plan.IntervalLength(), OK: 6, Failed: lost, MedianNs: 500_000})
	}
	r.Rows = append(r.Rows, drill.Row{Config: drill.Config{Mode: drill.NFTables}})
	for _, width := range []int{0, 1, 40, 60, 61, 80, 200} {
		v := drillView{plan: r.Plan, width: width, ascii: width%2 == 1}
		for _, s := range []lab.DrillState{
			{},
			{Stage: lab.Stage{Mode: lab.IPVS, What: "building", Share: 0.5}},
			{Rows: r.Rows, Length: r.Plan.Length()},
			{Rows: r.Rows, Elapsed: 20 * time.Second, Length: r.Plan.Length()},
			{Rows: r.Rows, Elapsed: r.Plan.Length() + 2*time.Second, Length: r.Plan.Length()},
		} {
			v.follow(s)
			text := v.text()
			if s.Rows == nil {
				continue
			}
			for line := range strings.Lines(text) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n >= max(width, 1) {
					t.Errorf("%d columns of %d in %q", n, width, line)
				}
			}
			if width == 80 && s.Elapsed == 20*time.Second && (!strings.Contains(text, "×") || !strings.Contains(text, "159") || !strings.Contains(text, "20 of 27 s")) {
				t.Errorf("it does not show what was lost:\n%s", text)
			}
		}
	}
}
