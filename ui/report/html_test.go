package report

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"kpadvisor/ui/page"
)

func (w Writers[D]) html(out io.Writer, doc D) error { return HTML(out, doc.Page()) }

func TestHTML(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, page.Document{Title: "a <b>"}); err != nil || !strings.HasPrefix(b.String(), "<!DOCTYPE html>") || !strings.Contains(b.String(), "<h1>a &lt;b&gt;</h1>") {
		t.Errorf("%v: %s", err, b.String())
	}
	if err := HTML(&failing{}, page.Document{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk gave %v", err)
	}
}

// TestHostileHTML: no string of a report becomes an element. What is in a page is checked
// where pages are made.
func TestHostileHTML(t *testing.T) {
	all := hostileReports(t)["html"]
	if len(all) < 10 {
		t.Errorf("%d reports", len(all))
	}
	for name, write := range all {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		found := tags(b.String())
		for _, tag := range []string{"", "script", "img", "b", "i", "em", "iframe", "form", "input", "object"} {
			if slices.Contains(found, tag) {
				t.Errorf("%s: an element <%s> came of a string", name, tag)
			}
		}
		if n := len(slices.DeleteFunc(found, func(tag string) bool { return tag != "h1" })); n != 1 {
			t.Errorf("%s has %d titles", name, n)
		}
	}
}
