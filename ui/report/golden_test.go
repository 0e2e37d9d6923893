package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type writer func(io.Writer, Document) error

func textIn(s Style) writer {
	return func(w io.Writer, d Document) error { return Text(w, d, s) }
}

func cases(t *testing.T) map[string]Document {
	interrupted := large(t)
	interrupted.Problem = &Problem{Sentence: "Interrupted before everything was read.", Remedy: "run it again and let it finish"}
	return map[string]Document{"large": large(t), "bare": bare(), "failed": failed(), "interrupted": interrupted}
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
