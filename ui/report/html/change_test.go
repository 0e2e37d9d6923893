package html

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/ui/page"
)

// request is a change request on a made-up cluster, with evidence of each kind, names and
// data.
func request(t *testing.T, to advisor.Mode) page.Document {
	t.Helper()
	f := cluster.Demos()[1]
	for i := range f.Groups {
		f.Groups[i].NodeNames = []string{"node-1", "node-2", "node-3"}
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	m := advisor.Measured{
		Comparisons: []advisor.Comparison{
			{A: advisor.IPTables, B: advisor.NFTables, Where: "probe of address 1 and address 2 by handshake, 2026-11-23", Kernel: "5.15.0-105-generic", Services: 4000, MedianDiffNs: 11_900, LowNs: 11_500, HighNs: 12_500, Detected: true, Blocks: 20, Arrival: advisor.Cold},
			{A: advisor.IPVS, B: advisor.NFTables, Where: "lab on this machine", Kernel: "6.1.0", MedianDiffNs: 300, LowNs: -900, HighNs: 1_400, Blocks: 14, Arrival: advisor.Hot},
		},
		BreakEvens: []advisor.BreakEven{{
			A: advisor.IPTables, Backend: release.BackendLegacy, B: advisor.IPVS, Outcome: advisor.Crosses, Services: 1190, Low: 1050, High: 1400, RulesPerPort: 1, Kernel: "6.1.0-18-amd64",
			Where: "lab sweep, this machine, 2026-11-25", Arrival: advisor.Cold, Differences: []advisor.SizeDifference{{Services: 100, DiffNs: -2600, LowNs: -3000, HighNs: -2200}, {Services: 10_000, DiffNs: 22_000, LowNs: 19_000, HighNs: 25_000}},
		}},
		Drills: []advisor.Drill{{Kernel: "5.4.0-96-generic", Where: "drill in user-mode Linux, 2026-11-23", Rows: []advisor.DrillRow{{Config: reuse.Config{Mode: "ipvs", ExpireNodestConn: 1, Conntrack: 1}, Seen: reuse.StalePod, After: 659, Failed: 159, ToOldPod: 159}}}},
	}
	h := advisor.Prefill(f, advisor.Habits{})
	move := advisor.MoveTo(f, h, m, to)
	return page.Change{Named: true, Data: string(data), Audit: page.Audit{Advice: advisor.Decide(f, h, m), Facts: f, Habits: h, Measured: m, Move: &move, Version: "v1.2.0"}}.Page()
}

// TestRequestInBrowser: a whole change request, on screens in light and dark and on paper;
// its data are there for who opens them, and not on paper.
func TestRequestInBrowser(t *testing.T) {
	for name, c := range map[string]struct {
		to     advisor.Mode
		scheme string
		paper  bool
	}{
		"light": {advisor.NFTables, "--blink-settings=preferredColorScheme=1", false},
		"dark":  {advisor.IPVS, "--blink-settings=preferredColorScheme=0", false},
		"paper": {advisor.NFTables, "--blink-settings=preferredColorScheme=1", true},
	} {
		p := Page(request(t, c.to))
		checkNodes(t, parsed(t, p))
		if c.paper {
			p = strings.ReplaceAll(p, "@media print", "@media all")
		}
		found, said := browse(t, p, c.scheme)
		if len(said) > 0 {
			t.Errorf("%s: %q", name, said)
		}
		for _, f := range found {
			if c.paper && f.Width != 700 {
				continue
			}
			if f.check(t, name); f.Texts < 150 {
				t.Errorf("%s: %d texts", name, f.Texts)
			}
			inData := func(s string) bool { return strings.Contains(s, `"kubernetesVersion"`) }
			if c.paper != slices.Contains(f.Opened, "For example node-1, node-2, node-3.") || slices.ContainsFunc(f.Opened, inData) {
				t.Errorf("%s: open: %.300q", name, f.Opened)
			}
		}
		opened, _ := browse(t, strings.ReplaceAll(p, "<details>", "<details open>"), c.scheme)
		for _, f := range opened {
			if c.paper {
				continue
			}
			f.check(t, name+", opened")
			if !slices.ContainsFunc(f.Opened, func(s string) bool { return strings.Contains(s, `"kubernetesVersion"`) }) {
				t.Errorf("%s: the data cannot be opened", name)
			}
		}
	}
}
