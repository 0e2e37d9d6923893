package report

import (
	"bytes"
	"strings"
	"testing"

	"kpadvisor/ui/page"
	"kpadvisor/ui/page/pagetest"
)

// TestEveryBlockInEveryFace: no face leaves out anything that is said, wide or narrow.
func TestEveryBlockInEveryFace(t *testing.T) {
	t.Parallel()
	doc, _ := pagetest.Full()
	for name, width := range map[string]int{"text": 0, "wide text": 400, "narrow text": minWidth} {
		var b bytes.Buffer
		if err := Text(&b, doc, Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		pagetest.Drawn(t, name, b.String())
	}
	var b bytes.Buffer
	if err := Markdown(&b, doc); err != nil {
		t.Fatal(err)
	}
	pagetest.Drawn(t, "Markdown", b.String())
}

// TestNoBlockIsWiderThanThePage also holds for pictures.
func TestNoBlockIsWiderThanThePage(t *testing.T) {
	t.Parallel()
	doc, _ := pagetest.Full()
	for width := minWidth; width <= 130; width++ {
		for _, s := range doc.Sections {
			var b bytes.Buffer
			if err := Text(&b, page.Document{Sections: []page.Section{s}}, Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
					t.Errorf("%s at %d columns: %d in %q", s.ID, width, n, line)
				}
			}
		}
	}
}
