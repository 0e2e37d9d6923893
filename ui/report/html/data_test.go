package html

import (
	"strings"
	"testing"

	"kpadvisor/ui/page"
)

// TestData: what a page was made from is read back from it, whatever it is, and it is no
// part of any section.
func TestData(t *testing.T) {
	for _, text := range []string{"{\n  \"a\": \"b\"\n}", dataBegin + "x" + dataEnd, "</pre></main><section id=\"y\">&amp;&lt;'\"", "\n\n x  \n", "\u96c6\u7fa4"} {
		p := Page(page.Document{Title: dataBegin, Data: text, Sections: []page.Section{{ID: "x", Title: "</main>" + dataBegin}}})
		if got, ok := Data(p); !ok || got != text {
			t.Errorf("%q, %v; want %q", got, ok, text)
		}
		checkNodes(t, parsed(t, p))
	}
	for _, p := range []string{"", Page(page.Document{Title: dataBegin}), dataBegin} {
		if text, ok := Data(p); ok {
			t.Errorf("%q of a page without data", text)
		}
	}
}

func TestPlace(t *testing.T) {
	p := Page(page.Document{Title: "x", Data: "y", Sections: []page.Section{{ID: "first", Title: "aaa"}, {ID: "second", Title: "bbb"}}})
	for text, want := range map[string]string{"<title>": "", "aaa</h2>": "first", "bbb</h2>": "second", "</main>": "second", dataBegin: ""} {
		at := strings.Index(p, text)
		if got := Place(p, at); at < 0 || got != want {
			t.Errorf("%s is in %q, want %q", text, got, want)
		}
	}
	if got := Place(p, strings.Index(p, `second">`)+3); got != "second" { // within its name
		t.Errorf("%q", got)
	}
	if got := Place(p, 2*len(p)); got != "" {
		t.Errorf("%q", got)
	}
}
