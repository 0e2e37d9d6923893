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
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/report"
)

// compared is a run in which A is 30 µs slower than B by Handshake, which ran
// the two modes named.
func compared() probe.Result {
	plan := probe.DefaultPlan()
	plan.Blocks = 6
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
		if c.A != want.a || c.B != want.b || c.MedianDiffNs != want.ns || !c.Detected || c.Services != 900 || !strings.Contains(c.Where, want.where) {
			t.Errorf("%+v, want %+v", c, want)
		}
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
		A: advisor.IPTables, B: advisor.NFTables, Kernel: "5.15.0-105-generic", Services: 900, Detected: true, Blocks: 6,
		MedianDiffNs: 29_750, LowNs: 29_500, HighNs: 30_000, Where: "probe of 10.0.0.1:80 and 10.0.0.2:80 by handshake, 2026-11-23",
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
