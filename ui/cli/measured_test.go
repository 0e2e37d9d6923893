package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/probe"
	"kpadvisor/ui/evidence/evidencetest"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

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

// A saved result weighs in the advice as measured, and stands apart from the
// estimates.
func TestAuditMeasured(t *testing.T) {
	typed := []string{
		"audit", "--services", "900", "--endpoints", "7200", "--kernel", "5.15.0-105-generic", "--kubernetes-version", "1.36",
		"--proxy-mode", "iptables", "--connections", "short",
	}
	run(t, typed...).wants(t, Fine, "Keep iptables", "")
	file := save(t, evidencetest.Run())
	o := run(t, append(typed, "--measured", file)...)
	o.wants(t, ChangeAdvised, "Measured, not estimated: a new connection, in µs", "")
	o.wants(t, ChangeAdvised, "30 µs per new connection slower than nftables,", "")
	if at, estimates := strings.Index(o.out, "Measured, not estimated"), strings.Index(o.out, "(estimate, not measured)"); at < 0 || estimates < 0 || at > estimates {
		t.Errorf("measured at %d, estimates at %d", at, estimates)
	}
	o = run(t, append(typed, "--measured", file, "--measured", file, "-o", "json")...)
	var doc struct{ Measured []advisor.Comparison }
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || len(doc.Measured) != 2 || doc.Measured[1].A != advisor.IPTables {
		t.Errorf("%v, %+v", err, doc)
	}
	r := evidencetest.Run()
	r.Labels = nil
	for _, bad := range []string{save(t, r), "/does/not/exist", filepath.Join("testdata", "help.txt")} {
		o := run(t, append(typed, "--measured", bad)...)
		o.wants(t, Failure, "", "is no evidence")
		o.isOneSentence(t)
	}
}

func TestBreakEvensOfASweep(t *testing.T) {
	r := evidencetest.Sweep()
	var b bytes.Buffer
	if err := report.LabJSON(&b, page.Lab{Result: r}); err != nil {
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

// What no sweep can have come to is no evidence.
func TestSweepsThatAreNone(t *testing.T) {
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

// A file that never ends is refused, not read.
func TestMeasuredIsBounded(t *testing.T) {
	if _, err := readMeasured(t.Context(), []string{"/dev/zero"}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
}
