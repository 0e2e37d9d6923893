package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
)

// labResult is made by a formula: p10 is a base and so many ns per rule passed.
func labResult(sizes ...int) lab.Result {
	r := lab.Result{Schema: lab.Schema, Points: []lab.Point{}, Missing: []lab.Missing{}, BreakEven: []lab.BreakEven{}}
	r.Environment = lab.Environment{
		Kernel: "6.1.0-9", Where: "user-mode Linux", CPUs: 2, IPTables: "iptables v1.8.9 (nf_tables)", NFT: "nftables v1.0.6",
		Seed: 1, Rounds: 20, Block: 200, Started: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Notes: []string{labScope, "5 endpoints in each Service."},
	}
	add := func(m lab.Mode, n int, at rules.Position, p10 int64) {
		p := lab.Point{Mode: m, Services: n, Endpoints: 5, Position: at, Connect: lab.Quantiles{P10Ns: p10, P50Ns: p10 * 11 / 10, P99Ns: p10 * 5}, Connections: 4000, CPUNs: 2 * p10}
		for i := range int64(20) {
			p.BlocksNs = append(p.BlocksNs, p10+i*40)
		}
		if m != lab.Direct {
			p.ProgramNs, p.UpdateNs, p.Rules, p.MemoryBytes = int64(n)*150_000, 9_000_000, 17*n, int64(n)<<12
		}
		r.Points = append(r.Points, p)
	}
	for _, n := range sizes {
		add(lab.Direct, n, lab.NoPosition, 18_000)
		for _, at := range rules.Positions() {
			passed := int64(rules.Shape{Services: n, Seed: 1}.Index(at))
			add(lab.IPTablesLegacy, n, at, 22_000+passed*6)
			add(lab.IPVS, n, at, 25_500)
			add(lab.NFTables, n, at, 24_000)
		}
	}
	r.BreakEven = append(r.BreakEven, lab.BreakEvens(r.Points)...)
	return r
}

func labCases() map[string]Lab {
	sweep := labResult(lab.SweepSizes()...)
	sweep.Missing = []lab.Missing{{Mode: lab.IPTablesNFT, Reason: "no iptables-restore with the nf_tables backend is installed", Remedy: "install the package iptables"}}
	sweep.Skipped = []lab.Skipped{{Mode: lab.NFTables, Services: 10_000, Reason: "programming took longer than 20s"}}
	partial := labResult(100, 500)
	partial.Points[4].Failed = 3 // iptables-legacy in the middle
	refused := Lab{Problem: &Problem{Sentence: "This machine does not let you make user namespaces.", Remedy: "Run the lab as root."}, Version: "v0.1.0"}
	return map[string]Lab{
		"run":     {Result: labResult(1000), Position: rules.Last, Version: "v0.1.0"},
		"sweep":   {Result: sweep, Version: "v0.1.0"},
		"partial": {Result: partial, Version: "v0.1.0", Problem: &Problem{Sentence: "Interrupted before all was measured.", Remedy: "Run it again."}},
		"refused": refused,
	}
}

type labWriter func(io.Writer, Lab) error

func labIn(s Style) labWriter { return func(w io.Writer, l Lab) error { return LabText(w, l, s) } }

func labWriters() map[string]labWriter {
	return map[string]labWriter{
		"80.txt": labIn(Style{}), "120.txt": labIn(Style{Width: 120}), "80-ascii.txt": labIn(Style{ASCII: true}), "80-color.txt": labIn(Style{Color: true}),
		"md": LabMarkdown, "csv": LabCSV, "json": LabJSON,
	}
}

func TestLabGolden(t *testing.T) {
	for name, l := range labCases() {
		for format, write := range labWriters() {
			if format == "json" && name != "run" {
				continue // long, and the same
			}
			t.Run(name+"."+format, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b, l); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", "lab-"+name+"."+format)
				if *update {
					if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(b.Bytes(), want) {
					t.Errorf("%s differs (run with -update and read the diff):\n%s", file, b.String())
				}
			})
		}
	}
}

func TestNoLabLineIsWiderThanThePage(t *testing.T) {
	for name, l := range labCases() {
		for w := minWidth; w <= 130; w++ {
			var b bytes.Buffer
			if err := LabText(&b, l, Style{Width: w, Color: w%2 == 0, ASCII: w%3 == 0}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				line = ansi.Strip(strings.TrimSuffix(line, "\n"))
				if ansi.StringWidth(line) > w {
					t.Errorf("%s at %d columns: %d in %q", name, w, ansi.StringWidth(line), line)
				}
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%s at %d columns: space at the end of %q", name, w, line)
				}
				if w%3 == 0 && strings.IndexFunc(line, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
					t.Errorf("%s: not ASCII: %q", name, line)
				}
			}
		}
	}
}

func TestLabFailingWriter(t *testing.T) {
	for format, write := range labWriters() {
		for n := 0; ; n++ {
			w := &failing{n}
			err := write(w, labCases()["sweep"])
			if w.n >= 0 {
				if err != nil {
					t.Errorf("%s: %v with a working writer", format, err)
				}
				break
			}
			if !errors.Is(err, errFull) {
				t.Errorf("%s: write %d failed and the error is %v", format, n, err)
			}
		}
	}
}

// A tool's own words may be anything.
func TestLabHostileStrings(t *testing.T) {
	l := labCases()["sweep"]
	evil := "\x1b]0;owned\x07\x1b[2Jshop\u009b31m\u202e\r\ncart|<b>`*[x](y)"
	l.Result.Missing[0].Reason, l.Result.Skipped[0].Reason, l.Result.Environment.IPTables, l.Result.Environment.Kernel = evil, evil, evil, evil
	for format, write := range map[string]labWriter{"text": labIn(Style{}), "md": LabMarkdown} {
		var b bytes.Buffer
		if err := write(&b, l); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool {
			return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
		}); i >= 0 {
			t.Errorf("%s holds %q", format, b.String()[i:i+8])
		}
	}
}

// What JSON writes is a lab's result again.
func TestLabJSON(t *testing.T) {
	for name, l := range labCases() {
		var b bytes.Buffer
		if err := LabJSON(&b, l); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			lab.Result
			Error *Problem
		}
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc.Schema != lab.Schema || len(doc.Points) != len(l.Result.Points) || (doc.Error == nil) != (l.Problem == nil) {
			t.Errorf("%s: %v, %d points of schema %q, error %v", name, err, len(doc.Points), doc.Schema, doc.Error)
		}
	}
}

// The report says what every lab must say.
func TestLabSaysWhatItIs(t *testing.T) {
	for format, write := range map[string]labWriter{"text": labIn(Style{Width: 400}), "Markdown": LabMarkdown} {
		var b bytes.Buffer
		if err := write(&b, labCases()["sweep"]); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{labScope, "95 % interval", "IPVS from about 1,000 Services", "89.6", "no iptables-restore with the nf_tables backend", "install the package iptables", "programming took longer than 20s"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q", format, want)
			}
		}
	}
}
