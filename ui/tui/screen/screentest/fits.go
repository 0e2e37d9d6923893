package screentest

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/plain/plaintest"
)

// Checker judges what is drawn.
type Checker struct {
	listed *plaintest.Checker
	colour *regexp.Regexp
}

// NewChecker makes one.
func NewChecker(t *testing.T) Checker {
	t.Helper()
	return Checker{plaintest.NewChecker(t), regexp.MustCompile("\x1b\\[[0-9;]*m")}
}

// Fits fails unless what is drawn fits the screen, and holds no control character but the
// program's own colours.
func (c Checker) Fits(t *testing.T, name, drawn string, w, h int, asciiOnly bool) {
	t.Helper()
	lines := strings.Split(drawn, "\n")
	if len(lines) > h {
		t.Fatalf("%s %dx%d: %d lines", name, w, h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > w {
			t.Fatalf("%s %dx%d: line %d is %d wide: %q", name, w, h, i, n, l)
		}
		for _, r := range c.colour.ReplaceAllString(l, "") {
			if c.listed.Hidden(r) || asciiOnly && r > unicode.MaxASCII {
				t.Fatalf("%s %dx%d: line %d holds %U: %q", name, w, h, i, r, l)
			}
		}
	}
}
