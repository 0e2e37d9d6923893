package tui

import (
	"strings"
	"testing"
	"unicode"

	"kpadvisor/plain"
)

func flat(lines []line) []string {
	var out []string
	for _, l := range lines {
		s := ""
		for _, sp := range l {
			s += sp.text
		}
		out = append(out, s)
	}
	return out
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		text    line
		w, hang int
		want    []string
	}{
		{"fits", line{{text: "  a b"}}, 5, 0, []string{"  a b"}},
		{"breaks between words", line{{text: "one two three"}}, 8, 2, []string{"one two", "  three"}},
		{"styles do not break a word", line{{text: "one t"}, {strong, "wo"}, {text: " x"}}, 6, 0, []string{"one", "two x"}},
		{"a long word is broken, not lost", line{{text: "abcdefghij k"}}, 6, 2, []string{"abcdef", "  ghij", "  k"}},
		{"wide characters count twice", line{{text: "名名名名"}}, 5, 0, []string{"名名", "名名"}},
		{"columns keep their blanks", line{{text: "a    b"}}, 10, 0, []string{"a    b"}},
		{"a whole note stays on one line", line{{text: "one "}, span{text: "two three"}.whole(10)}, 10, 0, []string{"one", "two three"}},
		{"unless it does not fit", line{span{text: "two three"}.whole(8)}, 8, 0, []string{"two", "three"}},
		{"nothing", nil, 10, 0, []string{""}},
	} {
		if got := flat(wrap(tt.text, tt.w, tt.hang)); strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, ellipsis string
		w            int
		want         string
	}{
		{"abcdef", "…", 6, "abcdef"},
		{"abcdef", "…", 5, "abcd…"},
		{"abcdef", "...", 5, "ab..."},
		{"名名名", "…", 4, "名…"},
		{"abcdef", "...", 2, ".."},
	} {
		if got := flat([]line{line{{text: tt.in}}.cut(tt.w, tt.ellipsis)})[0]; got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.w, got, tt.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("one two three", 20, 2)
	f.Add(hostile(), 30, 4)
	f.Add("\u0301\u0301 名\U0001F469", 20, 0)
	f.Fuzz(func(t *testing.T, s string, w, hang int) {
		w, hang = 20+abs(w)%140, abs(hang)%20
		for _, p := range []palette{newPalette(Style{}), newPalette(Style{ASCII: true})} {
			sp := p.text(s)
			var joined string
			for _, l := range wrap(line{sp}, w, hang) {
				if l.width() > w {
					t.Fatalf("%q is %d wide, more than %d", flat([]line{l}), l.width(), w)
				}
				joined += flat([]line{l})[0]
			}
			if got, want := squeeze(joined), squeeze(sp.text); got != want {
				t.Fatalf("wrap lost text: %q became %q", want, got)
			}
			if c := (line{sp}).cut(w, p.ellipsis); c.width() > w {
				t.Fatalf("cut to %d is %d wide", w, c.width())
			}
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

func squeeze(s string) string {
	return strings.NewReplacer(" ", "", glue, "").Replace(s)
}

// FuzzClean checks that nothing passes that does more than show a character.
func FuzzClean(f *testing.F) {
	f.Add(hostile())
	f.Add("\x1b[31mred\x1b[0m\u009b2J\u2066x")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range plain.Text(s) {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("plain.Text(%q) leaves %U", s, r)
			}
		}
		folded := fold(plain.Text(s))
		for i := range len(folded) {
			if folded[i] < ' ' || folded[i] > '~' {
				t.Fatalf("fold(%q) leaves byte %#x", s, folded[i])
			}
		}
	})
}

func TestASCIIKeepsMeaning(t *testing.T) {
	t.Parallel()
	if got := newPalette(Style{ASCII: true}).fit("a → b … 5 µs ≥ 3 · 名"); got != "a -> b ... 5 us >= 3 - ?" {
		t.Errorf("got %q", got)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		plain.Number(0): "0", plain.Number(999): "999", plain.Number(1000): "1,000", plain.Number(-1234567): "-1,234,567",
		plain.Count(1, "node"): "1 node", plain.Count(2000, "node"): "2,000 nodes",
		latency(0): "about 0", latency(30): "< 0.1 us", latency(1249): "+1.2 us", latency(48710): "+49 us", latency(999_400): "+999 us",
		latency(999_600): "+1.0 ms", latency(-2000): "-2.0 us",
		decimal(14): "14", decimal(0.25): "0.25", decimal(1234.5): "1,234.5", decimal(0): "0",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if cells(latency(1<<40)) == 0 {
		t.Error("a huge latency has no text")
	}
}
