package report

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"kpadvisor/ui/page"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func cases(t *testing.T) map[string]page.Audit {
	interrupted := large(t)
	interrupted.Problem = &plain.Problem{Sentence: "Interrupted before everything was read.", Remedy: "run it again and let it finish"}
	measured := bare()
	measured.Measured = advisor.Measured{Comparisons: []advisor.Comparison{
		{A: advisor.IPTables, B: advisor.NFTables, Where: "probe of 10.0.0.1:80 and 10.0.0.2:80 by handshake, 2026-11-23", Kernel: "5.15.0-105-generic", Services: 4000, MedianDiffNs: 11_900, LowNs: 11_500, HighNs: 12_500, Detected: true, Blocks: 20, Arrival: advisor.Cold},
		{A: advisor.IPVS, B: advisor.NFTables, Where: "lab", Kernel: "6.1.0", MedianDiffNs: 300, LowNs: -900, HighNs: 1_400, Blocks: 14, Arrival: advisor.Hot},
	}, BreakEvens: []advisor.BreakEven{
		{
			A: advisor.IPTables, Backend: release.BackendLegacy, B: advisor.IPVS, Outcome: advisor.Crosses, Services: 1190, Low: 1050, High: 1400, RulesPerPort: 1,
			Kernel: "6.1.0-18-amd64", Where: "lab sweep, this machine, 2026-11-25", Arrival: advisor.Cold,
			Differences: []advisor.SizeDifference{{Services: 100, DiffNs: -2600, LowNs: -3000, HighNs: -2200}, {Services: 1000, DiffNs: -400, LowNs: -800, HighNs: 0}, {Services: 10_000, DiffNs: 22_000, LowNs: 19_000, HighNs: 25_000}},
		},
		{
			A: advisor.IPTables, Backend: release.BackendNFT, B: advisor.NFTables, Outcome: advisor.AtMost, Low: 100, High: 1123, RulesPerPort: 1,
			Kernel: "6.12.117-kpadvisor, user-mode Linux", Where: "lab sweep, user-mode Linux, 2026-11-25", Arrival: advisor.Cold,
			Differences: []advisor.SizeDifference{{Services: 100, DiffNs: 0, LowNs: -900, HighNs: 900}, {Services: 4000, DiffNs: 30_000, LowNs: 28_000, HighNs: 32_000}},
		},
	}}
	return map[string]page.Audit{"large": large(t), "bare": bare(), "failed": failed(), "interrupted": interrupted, "measured": measured, "move": moving()}
}

func TestGolden(t *testing.T) { compareGoldens(t, "", cases(t), goldenFormats(Audits())) }

// goldenFormats are the forms that goldens are kept in, by the end of the file's name.
func goldenFormats[D Paged](w Writers[D]) map[string]func(io.Writer, D) error {
	all := map[string]func(io.Writer, D) error{
		"80.txt": w.in(Style{}), "120.txt": w.in(Style{Width: 120}), "80-ascii.txt": w.in(Style{ASCII: true}), "80-color.txt": w.in(Style{Color: true}),
		"md": w.markdown, "json": w.JSON,
	}
	if w.CSV != nil {
		all["csv"] = w.CSV
	}
	return all
}

// in is the text in one style.
func (w Writers[D]) in(s Style) func(io.Writer, D) error {
	return func(out io.Writer, doc D) error { return Text(out, doc.Page(), s) }
}

func (w Writers[D]) markdown(out io.Writer, doc D) error { return Markdown(out, doc.Page()) }

// compareGoldens compares every case in every format with its file.
func compareGoldens[D any](t *testing.T, prefix string, cases map[string]D, formats map[string]func(io.Writer, D) error) {
	t.Helper()
	for name, doc := range cases {
		for format, write := range formats {
			t.Run(name+"."+format, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b, doc); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", prefix+name+"."+format)
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

// checkWidths draws every case at every width: no line is wider than the page
// unless it is a command, which stays whole, and none ends with a space.
func checkWidths[D Paged](t *testing.T, w Writers[D], cases map[string]D, isCommand func(doc D, line string) bool) {
	t.Helper()
	for name, doc := range cases {
		for width := minWidth; width <= 130; width++ {
			var b bytes.Buffer
			style := Style{Width: width, Color: width%2 == 0, ASCII: width%3 == 0}
			if err := Text(&b, doc.Page(), style); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				line = ansi.Strip(strings.TrimSuffix(line, "\n"))
				switch {
				case ansi.StringWidth(line) > width && (isCommand == nil || !isCommand(doc, line)):
					t.Errorf("%s at %d columns: %d in %q", name, width, ansi.StringWidth(line), line)
				case line != strings.TrimRight(line, " "):
					t.Errorf("%s at %d columns: space at the end of %q", name, width, line)
				case style.ASCII && strings.IndexFunc(line, func(r rune) bool { return r > unicode.MaxASCII }) >= 0:
					t.Errorf("%s: not ASCII: %q", name, line)
				}
			}
		}
	}
}

// checkFailingWriter lets every write fail once; the error must come out.
func checkFailingWriter[D any](t *testing.T, formats map[string]func(io.Writer, D) error, doc D) {
	t.Helper()
	for format, write := range formats {
		for n := 0; ; n++ {
			w := &failing{n}
			err := write(w, doc)
			if w.n >= 0 { // fewer than n writes were made: the report is whole
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

// hostile is what a string from outside may hold.
const hostile = "\x1b]0;owned\x07\x1b[2Jshop\u009b31m\u202e\r\ncart|<b>`*[x](y)\U000e0041"

// checkHostile writes a document full of hostile strings: none of what a
// terminal would obey comes out.
func checkHostile[D any](t *testing.T, formats map[string]func(io.Writer, D) error, doc D) {
	t.Helper()
	for format, write := range formats {
		var b bytes.Buffer
		if err := write(&b, doc); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool {
			return r != '\n' && (unicode.IsControl(r) || (r < 0x10000 && unicode.Is(unicode.Cf, r)))
		}); i >= 0 {
			t.Errorf("%s holds %q", format, b.String()[i:i+8])
		}
	}
}

// Every format has its name, and no other name is taken for one.
func TestFormats(t *testing.T) {
	var b bytes.Buffer
	for _, name := range Probes().Formats() {
		if err := Probes().Write(&b, refused(t), name, Style{}); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", "csv", "yaml"} {
		if err := Audits().Write(&b, failed(), name, Style{}); err == nil {
			t.Errorf("advice was written as %q", name)
		}
	}
}
