package report

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kpadvisor/ui/page"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
)

// labResult is made by a formula: p10 is a base and so many ns per rule passed.
func labResult(sizes ...int) lab.Result {
	r := lab.Result{Schema: lab.Schema, Points: []lab.Point{}, Missing: []lab.Missing{}, BreakEven: []lab.BreakEven{}}
	r.Environment = lab.Environment{
		Kernel: "6.1.0-9", Where: "user-mode Linux", UMLKernel: "linux.uml", CPUs: 2, IPTables: "iptables v1.8.9 (nf_tables)", NFT: "nftables v1.0.6",
		Seed: 1, RulesPerPort: 1, Builds: 3, Rounds: 8, Block: 200, Cold: lab.Pacing{PerSecond: 100, EvictBytes: 8 << 20}, Started: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Notes: []string{page.LabScope, "5 endpoints in each Service; rules per port in iptables mode: 1."},
	}
	add := func(m lab.Mode, n int, at rules.Position, p10 int64) {
		p := lab.Point{Mode: m, Services: n, Endpoints: 5, Position: at, Connect: lab.Quantiles{P10Ns: p10, P50Ns: p10 * 11 / 10, P99Ns: p10 * 5}, Connections: 4000, CPUNs: 2 * p10}
		for i := range int64(24) {
			p.BlocksNs = append(p.BlocksNs, p10+i*40)
		}
		for i := range 3 {
			o := lab.Observation{Build: i, HotNs: p10 + int64((i*5+n/100+len(m))%7-3)*60}
			if at == rules.Middle || at == lab.NoPosition {
				p.Cold, p.ColdConnections = lab.Quantiles{P10Ns: 2 * p10, P50Ns: 3*p10 - 20_000, P99Ns: 9 * p10}, 240
				o.ColdNs = p.Cold.P50Ns + int64((i*3+n/100+len(m))%7-3)*300
			}
			p.Builds = append(p.Builds, o)
		}
		if m != lab.Direct && m != lab.Bare {
			p.ProgramNs, p.UpdateNs, p.Rules, p.MemoryBytes = int64(n)*150_000, 9_000_000, 17*n, int64(n)<<12
		}
		r.Points = append(r.Points, p)
	}
	for _, n := range sizes {
		add(lab.Direct, n, lab.NoPosition, 18_000)
		add(lab.Bare, n, lab.NoPosition, 16_000)
		for _, at := range rules.Positions() {
			passed := int64(rules.Shape{Services: n, Seed: 1}.Index(at))
			add(lab.IPTablesLegacy, n, at, 22_000+passed*6)
			add(lab.IPVS, n, at, 25_500)
			add(lab.NFTables, n, at, 24_000)
			if len(sizes) == 1 { // all five modes in one table
				add(lab.IPTablesNFT, n, at, 23_000+passed*14)
			}
		}
	}
	r.BreakEven, r.Effects, r.Flat = append(r.BreakEven, lab.BreakEvens(r.Points)...), lab.Effects(r.Points), lab.Flats(r.Points)
	return r
}

func labCases() map[string]page.Lab {
	sweep := labResult(lab.SweepSizes()...)
	sweep.Missing = []lab.Missing{{Mode: lab.IPTablesNFT, Reason: "no iptables-restore with the nf_tables backend is installed", Remedy: "install the package iptables"}}
	sweep.Skipped = []lab.Skipped{{Mode: lab.NFTables, Services: 10_000, Reason: "programming took longer than 20s"}}
	partial := labResult(100, 500)
	partial.Points[5].Failed = 3 // iptables-legacy in the middle
	refused := page.Lab{Problem: &plain.Problem{Sentence: "This machine does not let you make user namespaces.", Remedy: "Run the lab as root, in its own namespaces it touches nothing of the host."}, Version: "v0.1.0"}
	return map[string]page.Lab{
		"run":     {Result: labResult(1000), Position: rules.Last, Version: "v0.1.0"},
		"sweep":   {Result: sweep, Version: "v0.1.0"},
		"partial": {Result: partial, Version: "v0.1.0", Problem: &plain.Problem{Sentence: "Interrupted before all was measured.", Remedy: "Run it again and let it finish, or take fewer Services."}},
		"refused": refused,
	}
}

// JSON is long and the same for all: one case is enough.
func TestLabGolden(t *testing.T) {
	formats := goldenFormats(Labs())
	compareGoldens(t, "lab-", map[string]page.Lab{"run": labCases()["run"]}, formats)
	delete(formats, "json")
	compareGoldens(t, "lab-", labCases(), formats)
}

func TestNoLabLineIsWiderThanThePage(t *testing.T) { checkWidths(t, Labs(), labCases(), nil) }

func TestLabFailingWriter(t *testing.T) {
	checkFailingWriter(t, goldenFormats(Labs()), labCases()["sweep"])
}

// A tool's own words may be anything.
func TestLabHostileStrings(t *testing.T) {
	l := labCases()["sweep"]
	l.Result.Missing[0].Reason, l.Result.Skipped[0].Reason, l.Result.Environment.IPTables, l.Result.Environment.Kernel = hostile, hostile, hostile, hostile
	checkHostile(t, map[string]func(io.Writer, page.Lab) error{"text": Labs().in(Style{}), "md": Labs().markdown}, l)
}

// What JSON writes fits the schema and is a lab's result again.
func TestLabJSON(t *testing.T) {
	const schema = "sweep-v1.schema.json"
	docs := map[string]any{}
	for name, l := range labCases() {
		var b bytes.Buffer
		if err := LabJSON(&b, l); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			lab.Result
			Error *plain.Problem
		}
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc.Schema != lab.Schema || len(doc.Points) != len(l.Result.Points) || (doc.Error == nil) != (l.Problem == nil) {
			t.Errorf("%s: %v, %d points of schema %q, error %v", name, err, len(doc.Points), doc.Schema, doc.Error)
		}
		var anything any
		if err := json.Unmarshal(b.Bytes(), &anything); err != nil {
			t.Fatal(err)
		}
		docs[name] = anything
	}
	fitsSchema(t, schema, docs)
	schemaRefuses(t, schema, filepath.Join("testdata", "lab-run.json"), map[string]func(map[string]any){
		"another schema":  func(d map[string]any) { d["schema"] = "kpadvisor.probe/v1" },
		"null for a list": func(d map[string]any) { d["missing"] = nil },
		"an unknown mode": func(d map[string]any) { d["points"].([]any)[0].(map[string]any)["mode"] = "userspace" },
		"a renamed time": func(d map[string]any) {
			delete(d["points"].([]any)[0].(map[string]any)["connect"].(map[string]any), "p10Ns")
		},
		"no environment": func(d map[string]any) { delete(d, "environment") },
	})
}

// The report says what every lab must say.
func TestLabSaysWhatItIs(t *testing.T) {
	for format, write := range map[string]func(io.Writer, page.Lab) error{"text": Labs().in(Style{Width: 400}), "Markdown": Labs().markdown} {
		var b bytes.Buffer
		if err := write(&b, labCases()["sweep"]); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{page.LabScope, "95 % interval", "IPVS from about 1,000 Services", "89.6", "no iptables-restore with the nf_tables backend", "install the package iptables", "programming took longer than 20s"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q", format, want)
			}
		}
	}
}
