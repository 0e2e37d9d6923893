package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/plain/plaintest"
)

// TestLinks: a report with links reads as one without, each link is closed on its line,
// and leads to a page that the text names, whatever stands in the cluster.
func TestLinks(t *testing.T) {
	t.Parallel()
	doc := decided(t)
	hostile := doc
	plaintest.Fill(&hostile, plaintest.Hostile+" issue 81775\x1b]8;;https://evil.example\a")
	for name, page := range map[string]Paged{"decided": doc, "hostile": hostile} {
		for _, style := range []Style{{Width: 40}, {Width: 80, Color: true}, {Width: 120, ASCII: true}} {
			var with, without strings.Builder
			if err := Text(&without, page.Page(), style); err != nil {
				t.Fatal(err)
			}
			style.Links = true
			if err := Text(&with, page.Page(), style); err != nil {
				t.Fatal(err)
			}
			if got := stripped(with.String()); got != without.String() {
				t.Errorf("%s at %d reads otherwise with links", name, style.Width)
			}
			n := 0
			for _, line := range strings.Split(with.String(), "\n") {
				for i, found := range osc8.FindAllStringSubmatch(line, -1) {
					opens := i%2 == 0
					if opens != (found[1] != "") || opens && !known.MatchString(found[1]) {
						t.Errorf("%s at %d: %q", name, style.Width, line)
					}
					n++
				}
				if n%2 != 0 {
					t.Fatalf("%s at %d: a link is open at the end of %q", name, style.Width, line)
				}
			}
			if n == 0 {
				t.Errorf("%s at %d: no links", name, style.Width)
			}
			if ansi.Strip(with.String()) != ansi.Strip(without.String()) {
				t.Errorf("%s at %d: what is seen differs", name, style.Width)
			}
		}
	}
}

var (
	osc8  = regexp.MustCompile("\x1b\\]8;;([^\a]*)\a")
	known = regexp.MustCompile(`^https://(github\.com|git\.kernel\.org)/[!-~]+$`)
)

func stripped(s string) string { return osc8.ReplaceAllString(s, "") }
