package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/report"
)

// compared is a run in which A is 30 µs slower than B by Handshake, which ran
// the two modes named.
func compared() probe.Result {
	plan := probe.DefaultPlan()
	plan.Blocks, plan.Rate = 6, 100
	r := probe.Result{
		Plan: plan, Started: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Environment: probe.Environment{Kernel: "5.15.0-105-generic"}, SelfCheck: probe.SelfCheck{Usable: true},
		Labels: map[string]string{report.LabelModeA: "iptables", report.LabelModeB: "nftables", report.LabelServices: "900"},
	}
	for i, name := range []string{"A", "B"} {
		address := []string{"10.0.0.1:80", "10.0.0.2:80"}[i]
		s := probe.Series{Target: probe.Target{Name: name, Address: address, Kind: probe.TCP}, Resolved: address, Requests: 60}
		for round := range 6 {
			b := probe.Block{Round: round, Requests: 10}
			for _, ph := range []probe.Phase{probe.Handshake, probe.Connect} {
				b.N[ph], b.MedianNs[ph] = 10, 40_000-float64(i)*30_000+float64(round*100*i)
			}
			s.Blocks = append(s.Blocks, b)
		}
		r.Series = append(r.Series, s)
	}
	return r
}

// save writes a result as --save does. The phases of these have no histogram.
func save(t *testing.T, r probe.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := probe.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "run.json")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// one is the only comparison there is.
func one(found []advisor.Comparison, err error) (advisor.Comparison, error) {
	if len(found) != 1 {
		return advisor.Comparison{}, errors.Join(err, fmt.Errorf("%d comparisons", len(found)))
	}
	return found[0], err
}

// TestLabEvidence: of a lab each pair of modes is evidence, iptables by its
// cheaper backend, which is named.
func TestLabEvidence(t *testing.T) {
	r := compared()
	r.Labels = map[string]string{report.LabelLab: "this machine, 900 Services", report.LabelServices: "900"}
	base := r.Series[0]
	r.Series = nil
	for _, lane := range []struct {
		mode lab.Mode
		ns   float64
	}{{lab.Direct, 10e3}, {lab.IPTablesLegacy, 25e3}, {lab.IPTablesNFT, 40e3}, {lab.NFTables, 21e3}, {lab.IPVS, 30e3}} {
		s := base
		s.Target.Name, s.Resolved = string(lane.mode), "10.0.0.1:80"
		s.Blocks = slices.Clone(s.Blocks)
		for i := range s.Blocks {
			s.Blocks[i].N[probe.Handshake], s.Blocks[i].MedianNs[probe.Handshake] = 10, lane.ns+float64(i)
		}
		s.Phases[probe.Handshake].N, s.Phases[probe.Handshake].MedianNs = 60, int64(lane.ns)
		r.Series = append(r.Series, s)
	}
	found, err := evidence(r)
	if err != nil || len(found) != 3 {
		t.Fatalf("%+v, %v", found, err)
	}
	for i, want := range []struct {
		a, b  advisor.Mode
		ns    int64
		where string
	}{
		{advisor.IPTables, advisor.NFTables, 4000, "iptables-legacy"},
		{advisor.IPTables, advisor.IPVS, -5000, "iptables-legacy"},
		{advisor.IPVS, advisor.NFTables, 9000, "lab on this machine, 900 Services by handshake"},
	} {
		c := found[i]
		if c.A != want.a || c.B != want.b || c.MedianDiffNs != want.ns || !c.Detected || !c.Single || c.Services != 900 || !strings.Contains(c.Where, want.where) {
			t.Errorf("%+v, want %+v", c, want)
		}
	}
	r.Labels[report.LabelLab] = "user-mode Linux, 900 Services"
	if found, err = evidence(r); err != nil || found[0].Kernel != "5.15.0-105-generic, user-mode Linux" {
		t.Errorf("%+v, %v: it stands for no node", found, err)
	}
	r.Series = r.Series[:3]
	if _, err := evidence(r); err == nil || !strings.Contains(err.Error(), "fewer than two modes") {
		t.Errorf("iptables alone: %v", err)
	}
}

func TestEvidence(t *testing.T) {
	r := compared()
	r.Series[0].Phases[probe.Handshake].N = 60
	c, err := one(evidence(r))
	if err != nil {
		t.Fatal(err)
	}
	want := advisor.Comparison{
		A: advisor.IPTables, B: advisor.NFTables, Kernel: "5.15.0-105-generic", Services: 900, Detected: true, Blocks: 6, Arrival: advisor.Cold,
		MedianDiffNs: 29_750, LowNs: 29_500, HighNs: 30_000, Where: "probe of 10.0.0.1:80 and 10.0.0.2:80 by handshake, 2026-11-23; one Service, whose place among the rules of iptables changes with each sync",
	}
	if c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
	for name, c := range map[string]struct {
		spoil func(*probe.Result)
		says  string
	}{
		"one target":       {func(r *probe.Result) { r.Series = r.Series[:1] }, "1 targets"},
		"no modes":         {func(r *probe.Result) { r.Labels = nil }, "which two modes"},
		"unknown mode":     {func(r *probe.Result) { r.Labels[report.LabelModeB] = "userspace" }, "which two modes"},
		"one mode":         {func(r *probe.Result) { r.Labels[report.LabelModeB] = "iptables" }, "which two modes"},
		"same address":     {func(r *probe.Result) { r.Series[1].Resolved = r.Series[0].Resolved }, "same address"},
		"failed check":     {func(r *probe.Result) { r.SelfCheck.Usable = false }, "no conclusion"},
		"too few blocks":   {func(r *probe.Result) { r.Series[0].Blocks = r.Series[0].Blocks[:5] }, "5 blocks are too few"},
		"services in word": {func(r *probe.Result) { r.Labels[report.LabelServices] = "many" }, "not a number"},
	} {
		r := compared()
		c.spoil(&r)
		if _, err := evidence(r); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	r = compared()
	r.Series[1].Target.Kind = probe.HTTP
	r.Series[1].Phases[probe.Connect].N = 60
	if c, err := one(evidence(r)); err != nil || !strings.Contains(c.Where, "by connect") || !strings.Contains(c.Where, "A and B differ in kind") {
		t.Errorf("%v, %q: the warnings of a comparison belong to it", err, c.Where)
	}
}

// A saved result weighs in the advice as measured, and stands apart from the
// estimates.
func TestAuditMeasured(t *testing.T) {
	typed := []string{
		"audit", "--services", "900", "--endpoints", "7200", "--kernel", "5.15.0-105-generic", "--kubernetes-version", "1.36",
		"--proxy-mode", "iptables", "--connections", "short",
	}
	run(t, typed...).wants(t, Fine, "Keep iptables", "")
	file := save(t, compared())
	o := run(t, append(typed, "--measured", file)...)
	o.wants(t, ChangeAdvised, "Measured, not estimated: a new connection, in us", "")
	o.wants(t, ChangeAdvised, "30 us per new connection slower than nftables, measured on", "")
	if at, estimates := strings.Index(o.out, "Measured, not estimated"), strings.Index(o.out, "(estimate, not measured)"); at < 0 || estimates < 0 || at > estimates {
		t.Errorf("measured at %d, estimates at %d", at, estimates)
	}
	o = run(t, append(typed, "--measured", file, "--measured", file, "-o", "json")...)
	var doc struct{ Measured []advisor.Comparison }
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || len(doc.Measured) != 2 || doc.Measured[1].A != advisor.IPTables {
		t.Errorf("%v, %+v", err, doc)
	}
	r := compared()
	r.Labels = nil
	for _, bad := range []string{save(t, r), "/does/not/exist", filepath.Join("testdata", "help.txt")} {
		o := run(t, append(typed, "--measured", bad)...)
		o.wants(t, Failure, "", "is no evidence")
		o.isOneSentence(t)
	}
}

// sweep is a result of the lab in which iptables-legacy crosses IPVS at 1,200
// Services and iptables-nft was measured at one size alone.
func sweep() lab.Result {
	r := lab.Result{Schema: lab.Schema, Environment: lab.Environment{
		Kernel: "5.15.0-105-generic", Where: lab.OnThisMachine, RulesPerPort: 1, Cold: lab.Pacing{PerSecond: 100, EvictBytes: 8 << 20}, Started: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), Notes: []string{},
	}}
	add := func(m lab.Mode, services int, ns int64) {
		p := lab.Point{Mode: m, Services: services, Position: rules.Middle}
		for i := range 3 {
			p.Builds = append(p.Builds, lab.Observation{Build: i, HotNs: ns / 2, ColdNs: ns + int64(i*len(m))})
		}
		r.Points = append(r.Points, p)
	}
	for _, n := range []int{100, 1000, 4000} {
		add(lab.IPTablesLegacy, n, 40_000+int64(5*n))
		add(lab.IPVS, n, 46_000)
	}
	add(lab.IPTablesNFT, 100, 41_000)
	return r
}

func TestBreakEvensOfASweep(t *testing.T) {
	r := sweep()
	var b bytes.Buffer
	if err := report.LabJSON(&b, report.Lab{Result: r}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sweep.json")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := readMeasured(t.Context(), []string{file})
	if err != nil || len(m.BreakEvens) != 2 || m.BreakEvens[1].Arrival != advisor.Hot {
		t.Fatalf("%v, %+v", err, m)
	}
	e := m.BreakEvens[0]
	if e.A != advisor.IPTables || e.Backend != release.BackendLegacy || e.B != advisor.IPVS || e.Outcome != advisor.Crosses || e.Services < 1190 || e.Services > 1200 || e.RulesPerPort != 1 ||
		e.Kernel != "5.15.0-105-generic" || e.Where != "lab sweep, this machine, 2026-11-25" || len(e.Differences) != 3 || e.Arrival != advisor.Cold || e.Differences[2].DiffNs < 13_900 || e.Differences[2].LowNs >= e.Differences[2].DiffNs {
		t.Errorf("%+v", e)
	}
	typed := []string{
		"audit", "--services", "1300", "--endpoints", "10400", "--kernel", "5.15.0-105-generic", "--kubernetes-version", "1.28",
		"--proxy-mode", "iptables", "--connections", "short",
	}
	before := run(t, typed...)
	before.wants(t, Fine, "below it iptables is as good or better", "")
	o := run(t, append(typed, "--measured", file)...)
	for _, want := range []string{"break-even with IPVS measured on 5.15.0-105-generic at 1,19", "iptables (legacy) becomes dearer than IPVS at 1,19", "KPA069"} {
		if text := strings.Join(strings.Fields(o.out), " "); !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, o.out)
		}
	}
	o = run(t, append(typed, "--measured", file, "-o", "json")...)
	var doc struct {
		TwoMode            advisor.TwoModeAnswer
		MeasuredBreakEvens []advisor.BreakEven
	}
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || doc.TwoMode != advisor.TwoIPVS || len(doc.MeasuredBreakEvens) != 2 {
		t.Errorf("%v, %+v", err, doc)
	}
}

// User-mode Linux stands for no node, and a sweep of nothing is no evidence.
func TestBreakEvensThatAreNone(t *testing.T) {
	r := sweep()
	r.BreakEven = lab.BreakEvens(r.Points)
	r.Environment.Where = lab.InUML
	if found, err := breakEvens(r); err != nil || found[0].Kernel != "5.15.0-105-generic, user-mode Linux" {
		t.Errorf("%v, %+v", err, found)
	}
	if _, err := breakEvens(lab.Result{}); err == nil {
		t.Error("nothing was taken for evidence")
	}
	for name, text := range map[string]string{
		"empty":    `{"schema":"kpadvisor.sweep/v1"}`,
		"mode":     `{"schema":"kpadvisor.sweep/v1","points":[{"mode":"userspace","services":1,"position":"none"}]}`,
		"size":     `{"schema":"kpadvisor.sweep/v1","points":[{"mode":"ipvs","services":-1,"position":"none"}]}`,
		"position": `{"schema":"kpadvisor.sweep/v1","points":[{"mode":"ipvs","services":1,"position":"top"}]}`,
		"time":     `{"schema":"kpadvisor.sweep/v1","points":[{"mode":"ipvs","services":1,"position":"none","blockP10Ns":[-1]}]}`,
		"control":  `{"schema":"kpadvisor.sweep/v1","environment":{"kernel":"\u001b[2J"}}`,
		"layout":   `{"schema":"kpadvisor.sweep/v1","environment":{"rulesPerPort":7}}`,
		"no JSON":  `{"schema":"kpadvisor.sweep/v1"`,
	} {
		file := filepath.Join(t.TempDir(), "sweep.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := run(t, "audit", "--services", "10", "--measured", file)
		o.wants(t, Failure, "", "is no evidence")
		if strings.Contains(o.errOut, "\x1b") {
			t.Errorf("%s: %q", name, o.errOut)
		}
	}
}

// Only what was paced as the cold figures were that agree with the published ones is
// weighed.
func TestArrival(t *testing.T) {
	for rate, want := range map[float64]advisor.Arrival{0: advisor.Hot, 1: advisor.Cold, 100: advisor.Cold, 101: advisor.Hot, 1000: advisor.Hot} {
		if got := arrival(probe.Plan{Rate: rate}); got != want {
			t.Errorf("%g/s is %s", rate, got)
		}
	}
	for _, c := range []struct {
		load lab.Load
		pace lab.Pacing
		want advisor.Arrival
	}{
		{lab.Cold, lab.Pacing{PerSecond: lab.DefaultPerSecond, EvictBytes: lab.DefaultEvictBytes}, advisor.Cold},
		{lab.Cold, lab.Pacing{PerSecond: lab.DefaultPerSecond}, advisor.Hot},
		{lab.Cold, lab.Pacing{PerSecond: 1000, EvictBytes: lab.DefaultEvictBytes}, advisor.Hot},
		{lab.Hot, lab.Pacing{PerSecond: lab.DefaultPerSecond, EvictBytes: lab.DefaultEvictBytes}, advisor.Hot},
	} {
		if got := sweptArrival(c.load, c.pace); got != c.want {
			t.Errorf("%s at %+v is %s", c.load, c.pace, got)
		}
	}
}

// A file that never ends is refused, not read.
func TestMeasuredIsBounded(t *testing.T) {
	if _, err := readMeasured(t.Context(), []string{"/dev/zero"}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
}
