package html

import (
	"flag"
	"os"
	"strings"
	"testing"

	"kpadvisor/ui/page"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	const file = "testdata/every.html"
	got := Page(every())
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read the diff)", file)
	}
}

// TestTitleOnce: a card that says what the title says does not say it again.
func TestTitleOnce(t *testing.T) {
	d := page.Document{Title: "Stay.", Sections: []page.Section{{Blocks: []page.Block{page.Card{Do: "Stay.", Confidence: "high"}, page.Card{Do: "Go."}}}}}
	if p := Page(d); strings.Count(p, ">Stay.<") != 2 || strings.Count(p, ">Go.<") != 1 { // in the head, and above all
		t.Error(p[strings.Index(p, "<body"):])
	}
}

// TestContents: many sections are named where somebody asks for their names.
func TestContents(t *testing.T) {
	for n, opens := range map[int]bool{1: false, leastContents: false, mostContents: false, mostContents + 1: true} {
		d := page.Document{Sections: make([]page.Section, n)}
		for i := range d.Sections {
			d.Sections[i].Title = "x"
		}
		p := Page(d)
		parsed(t, p)
		if got := strings.Contains(p, "<nav"); got != (n >= leastContents) {
			t.Errorf("%d sections: contents %v", n, got)
		}
		if got := strings.Contains(p, "<details"); got != opens {
			t.Errorf("%d sections: behind a title %v", n, got)
		}
	}
}
