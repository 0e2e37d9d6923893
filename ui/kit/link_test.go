package kit

import (
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestLink: a link changes nothing of what is seen, wherever its line is cut or broken,
// and every sequence that opens one is closed on its line.
func TestLink(t *testing.T) {
	t.Parallel()
	const address = "https://example.org/a?b=c;d#e"
	linked, unlinked := NewPalette(Style{Color: true, Links: true}), NewPalette(Style{Color: true})
	l := Line{linked.Text("see "), linked.Muted("the first of two pages").To(address), linked.Muted(" and no more"), linked.Strong(" 名名").To(address)}
	opened := regexp.MustCompile("\x1b\\]8;;([^\a\x1b]*)\a")
	for w := 4; w < 50; w++ {
		for name, lines := range map[string][]Line{"cut": {l.Cut(w, "…")}, "wrapped": Wrap(l, w, 2)} {
			with, without := linked.Paint(lines, w), unlinked.Paint(lines, w)
			if strings.Contains(without, "\x1b]8") || ansi.Strip(with) != ansi.Strip(without) {
				t.Errorf("%s at %d: %q is seen as %q", name, w, with, without)
			}
			for _, row := range strings.Split(with, "\n") {
				open := false
				for _, found := range opened.FindAllStringSubmatch(row, -1) {
					if closes := found[1] == ""; closes != open || !closes && found[1] != address {
						t.Errorf("%s at %d: not balanced: %q", name, w, row)
					}
					open = found[1] != ""
				}
				if open || ansi.StringWidth(row) > w {
					t.Errorf("%s at %d: %q", name, w, row)
				}
			}
			if name == "wrapped" && !strings.Contains(with, address) {
				t.Errorf("at %d the link is lost: %q", w, with)
			}
		}
	}
}

// TestHostileLink: an address that could do more than be followed is none.
func TestHostileLink(t *testing.T) {
	t.Parallel()
	p := NewPalette(Style{Links: true})
	for _, address := range []string{
		"", "https://", "http://example.org", "javascript:alert(1)", "file:///etc/passwd", "//example.org", "example.org",
		"https://example.org/\a\x1b[2J", "https://example.org/\x1b\\\x1b]0;owned\a", "https://example.org/\u009c", "https://example.org/a b",
		"https://bank.example@evil.example/", "https://user:pass@evil.example/", "https://example.org/\n", "https://ex\u202eample.org/",
		"https://example.org/" + strings.Repeat("a", mostAddress), hostile,
	} {
		if got := p.Paint([]Line{{p.Text("x").To(address)}}, 10); got != "x" {
			t.Errorf("%q is followed: %q", address, got)
		}
	}
}
