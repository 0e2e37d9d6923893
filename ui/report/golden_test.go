package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"kpadvisor/advisor"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type writer func(io.Writer, Document) error

func textIn(s Style) writer {
	return func(w io.Writer, d Document) error { return Text(w, d, s) }
}

func cases(t *testing.T) map[string]Document {
	interrupted := large(t)
	interrupted.Problem = &Problem{Sentence: "Interrupted before everything was read.", Remedy: "run it again and let it finish"}
	measured := bare()
	measured.Measured = advisor.Measured{Comparisons: []advisor.Comparison{
		{A: advisor.IPTables, B: advisor.NFTables, Where: "probe of 10.0.0.1:80 and 10.0.0.2:80 by handshake, 2026-11-23", Kernel: "5.15.0-105-generic", Services: 4000, MedianDiffNs: 11_900, LowNs: 11_500, HighNs: 12_500, Detected: true, Blocks: 20},
		{A: advisor.IPVS, B: advisor.NFTables, Where: "lab", Kernel: "6.1.0", MedianDiffNs: 300, LowNs: -900, HighNs: 1_400, Blocks: 14},
	}}
	return map[string]Document{"large": large(t), "bare": bare(), "failed": failed(), "interrupted": interrupted, "measured": measured}
}

func writers() map[string]writer {
	return map[string]writer{
		"80.txt":       textIn(Style{}),
		"120.txt":      textIn(Style{Width: 120}),
		"80-ascii.txt": textIn(Style{ASCII: true}),
		"80-color.txt": textIn(Style{Color: true}),
		"md":           Markdown,
		"json":         JSON,
	}
}

func TestGolden(t *testing.T) {
	for name, doc := range cases(t) {
		for format, write := range writers() {
			t.Run(name+"."+format, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b, doc); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", name+"."+format)
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
