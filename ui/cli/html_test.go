package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/evidence/evidencetest"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// TestHTMLEverywhere: whatever can be printed as Markdown can be printed as HTML, and the
// problem alone as well.
func TestHTMLEverywhere(t *testing.T) {
	var found []string
	eachFlag(func(command string, f *pflag.Flag) {
		if f.Name != "output" || !strings.Contains(f.Usage, "markdown") {
			return
		}
		found = append(found, command)
		words := strings.Fields(command)
		run(t, append(append([]string{"__complete"}, words...), "--output", "")...).wants(t, Fine, "html\n", "")
		if !strings.Contains(f.Usage, "html") {
			t.Errorf("%s: its help says %q", command, f.Usage)
		}
		run(t, append(words, "-o", "html", "--no-such-flag")...).wants(t, Usage, "<!DOCTYPE html>", "no-such-flag")
	})
	if len(found) != 7 {
		t.Errorf("%q", found)
	}
}

// TestHTMLOfTheLab: sweeps and drills are printed and saved as HTML, with their pictures.
func TestHTMLOfTheLab(t *testing.T) {
	for name, deliver := range map[string]func(a *app, file string) error{
		"sweep": func(a *app, file string) error {
			return deliver(a, report.Labs(), page.Lab{Result: evidencetest.Sweep()}, file, nil, Fine, terminal{})
		},
		"drill": func(a *app, file string) error {
			return deliver(a, report.Drills(), page.Drill{Result: evidencetest.Drill("6.12", drill.StalePod)}, file, nil, Fine, terminal{})
		},
	} {
		var out, errOut bytes.Buffer
		a := &app{out: &out, err: &errOut}
		a.flags.output = "html"
		file := filepath.Join(t.TempDir(), name+".html")
		if err := deliver(a, file); err != nil && err.Error() != exit(Fine).Error() {
			t.Errorf("%s: %v", name, err)
		}
		saved, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(saved, out.Bytes()) || errOut.Len() > 0 {
			t.Errorf("%s: %v, %d bytes saved and %d printed; %s", name, err, len(saved), out.Len(), errOut.String())
		}
		if p := out.String(); !strings.HasPrefix(p, "<!DOCTYPE html>") || !strings.Contains(p, "<figure") || !strings.Contains(p, "<table") {
			t.Errorf("%s: %.300s", name, p)
		}
	}
}
