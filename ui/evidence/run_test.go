package evidence_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/evidence/evidencetest"
)

// one is the only comparison there is.
func one(found []advisor.Comparison, err error) (advisor.Comparison, error) {
	if len(found) != 1 {
		return advisor.Comparison{}, errors.Join(err, fmt.Errorf("%d comparisons", len(found)))
	}
	return found[0], err
}

// TestOfALab: of a lab each pair of modes is evidence, iptables by its
// cheaper backend, which is named.
func TestOfALab(t *testing.T) {
	r := evidencetest.Run()
	r.Labels = map[string]string{evidence.LabelLab: "this machine, 900 Services", evidence.LabelServices: "900"}
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
	found, err := evidence.OfRun(r)
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
	r.Labels[evidence.LabelLab] = "user-mode Linux, 900 Services"
	if found, err = evidence.OfRun(r); err != nil || found[0].Kernel != "5.15.0-105-generic, user-mode Linux" {
		t.Errorf("%+v, %v: it stands for no node", found, err)
	}
	r.Series = r.Series[:3]
	if _, err := evidence.OfRun(r); err == nil || !strings.Contains(err.Error(), "fewer than two modes") {
		t.Errorf("iptables alone: %v", err)
	}
}

func TestOfARun(t *testing.T) {
	r := evidencetest.Run()
	r.Series[0].Phases[probe.Handshake].N = 60
	c, err := one(evidence.OfRun(r))
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
		"unknown mode":     {func(r *probe.Result) { r.Labels[evidence.LabelModeB] = "userspace" }, "which two modes"},
		"one mode":         {func(r *probe.Result) { r.Labels[evidence.LabelModeB] = "iptables" }, "which two modes"},
		"same address":     {func(r *probe.Result) { r.Series[1].Resolved = r.Series[0].Resolved }, "same address"},
		"failed check":     {func(r *probe.Result) { r.SelfCheck.Usable = false }, "no conclusion"},
		"too few blocks":   {func(r *probe.Result) { r.Series[0].Blocks = r.Series[0].Blocks[:5] }, "5 blocks are too few"},
		"stopped":          {func(r *probe.Result) { r.Partial = true }, "stopped before its plan was done"},
		"services in word": {func(r *probe.Result) { r.Labels[evidence.LabelServices] = "many" }, "not a number"},
	} {
		r := evidencetest.Run()
		c.spoil(&r)
		if _, err := evidence.OfRun(r); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	r = evidencetest.Run()
	r.Series[1].Target.Kind = probe.HTTP
	r.Series[1].Phases[probe.Connect].N = 60
	if c, err := one(evidence.OfRun(r)); err != nil || !strings.Contains(c.Where, "by connect") || !strings.Contains(c.Where, "A and B differ in kind") {
		t.Errorf("%v, %q: the warnings of a comparison belong to it", err, c.Where)
	}
}

// User-mode Linux stands for no node, and a sweep of nothing is no evidence.
func TestOfASweep(t *testing.T) {
	r := evidencetest.Sweep()
	r.BreakEven = lab.BreakEvens(r.Points)
	r.Environment.Where = lab.InUML
	if found, err := evidence.OfSweep(r); err != nil || found[0].Kernel != "5.15.0-105-generic, user-mode Linux" {
		t.Errorf("%v, %+v", err, found)
	}
	if _, err := evidence.OfSweep(lab.Result{}); err == nil {
		t.Error("nothing was taken for evidence")
	}
}

func TestOfADrill(t *testing.T) {
	for _, c := range []struct {
		outcome drill.Outcome
		kernel  string
		seen    reuse.Exposure
		refused string
	}{
		{drill.StalePod, "6.1.176", reuse.StalePod, ""},
		{drill.Safe, "6.1.176\x1b[2J", reuse.Safe, ""},
		{drill.Unclear, "6.1.176", "", "none of its configurations was seen to its end"},
		{drill.Safe, "", "", "no kernel"},
	} {
		d, err := evidence.OfDrill(evidencetest.Drill(c.kernel, c.outcome))
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s on %q: %v, want %q", c.outcome, c.kernel, err, c.refused)
			}
			continue
		}
		if err != nil || d.Where != "drill in user-mode Linux, 2026-11-23" || d.Kernel != plain.Text(c.kernel) || d.Lost || len(d.Rows) != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		if r := d.Rows[0]; r.Seen != c.seen || r.Mode != "ipvs" || r.ExpireNodestConn != 1 || r.Conntrack != 1 || r.After < 500 || r.Failed != r.ToOldPod {
			t.Errorf("%+v", r)
		}
	}
}

// The advice knows one iptables mode and the lab two.
func TestReuseConfigNamesModesAsTheAdviceDoes(t *testing.T) {
	for _, c := range drill.Matrix() {
		got := evidence.ReuseConfig(c)
		if !slices.Contains(advisor.Modes(), advisor.Mode(got.Mode)) {
			t.Errorf("%s became %q", c, got.Mode)
		}
		if s := c.Sysctls; s != nil && (got.ConnReuseMode != s.ConnReuseMode || got.ExpireNodestConn != s.ExpireNodestConn || got.Conntrack != s.Conntrack) {
			t.Errorf("%s became %+v", c, got)
		}
	}
}
