package kit

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/plain"
	"kpadvisor/plain/plaintest"
)

func flat(lines []Line) []string {
	var out []string
	for _, l := range lines {
		s := ""
		for _, sp := range l {
			s += sp.Text
		}
		out = append(out, s)
	}
	return out
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		text    Line
		w, hang int
		want    []string
	}{
		{"fits", Line{{Text: "  a b"}}, 5, 0, []string{"  a b"}},
		{"breaks between words", Line{{Text: "one two three"}}, 8, 2, []string{"one two", "  three"}},
		{"styles do not break a word", Line{{Text: "one t"}, {Token: Strong, Text: "wo"}, {Text: " x"}}, 6, 0, []string{"one", "two x"}},
		{"a long word is broken, not lost", Line{{Text: "abcdefghij k"}}, 6, 2, []string{"abcdef", "  ghij", "  k"}},
		{"wide characters count twice", Line{{Text: "名名名名"}}, 5, 0, []string{"名名", "名名"}},
		{"columns keep their blanks", Line{{Text: "a    b"}}, 10, 0, []string{"a    b"}},
		{"a whole note stays on one line", Line{{Text: "one "}, Span{Text: "two three"}.Whole(10)}, 10, 0, []string{"one", "two three"}},
		{"unless it does not fit", Line{Span{Text: "two three"}.Whole(8)}, 8, 0, []string{"two", "three"}},
		{"Chinese breaks between characters", Line{{Text: "在节点上运行 kube-proxy 的模式"}}, 14, 2, []string{"在节点上运行", "  kube-proxy", "  的模式"}},
		{"not before what closes", Line{{Text: "模式是（好的）。再"}}, 14, 0, []string{"模式是（好", "的）。再"}},
		{"nor behind what opens", Line{{Text: "模式是（好的）"}}, 8, 0, []string{"模式是", "（好的）"}},
		{"also where the style changes", Line{{Text: "模式"}, {Token: Strong, Text: "，是"}}, 4, 0, []string{"模", "式，", "是"}},
		{"a number stays whole", Line{{Text: "约30秒"}}, 4, 0, []string{"约30", "秒"}},
		{"a whole note in Chinese", Line{{Text: "模式"}, Span{Text: "一 二三"}.Whole(10)}, 10, 0, []string{"模式", "一 二三"}},
		{"nothing", nil, 10, 0, []string{""}},
	} {
		if got := flat(Wrap(tt.text, tt.w, tt.hang)); strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestWrapEnds: also where there is no room at all.
func TestWrapEnds(t *testing.T) {
	t.Parallel()
	for w := -3; w < 8; w++ {
		for hang := range 6 {
			text := strings.Join(flat(Wrap(Line{{Text: "名a名 bb"}}, w, hang)), "")
			if got := strings.ReplaceAll(text, " ", ""); got != "名a名bb" {
				t.Errorf("width %d, hang %d: %q", w, hang, got)
			}
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
		if got := flat([]Line{Line{{Text: tt.in}}.Cut(tt.w, tt.ellipsis)})[0]; got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.w, got, tt.want)
		}
	}
}

// hostile is what a terminal obeys, hides or draws who knows how wide.
const hostile = "\x1b[2J\x1b]0;owned\a\x9b31m漢字かな交じり文\u202Eevil\u200d\r\n\t\x00👩\u200d👩\u200d👧 " + plaintest.Hostile

func FuzzWrap(f *testing.F) {
	f.Add("one two three", 20, 2)
	f.Add(hostile, 30, 4)
	f.Add("\u0301\u0301 名\U0001F469", 20, 0)
	f.Fuzz(func(t *testing.T, s string, w, hang int) {
		w, hang = 20+abs(w)%140, abs(hang)%20
		for _, p := range []Palette{NewPalette(Style{}), NewPalette(Style{ASCII: true})} {
			sp := p.Text(s)
			var joined string
			for _, l := range Wrap(Line{sp}, w, hang) {
				if l.Width() > w {
					t.Fatalf("%q is %d wide, more than %d", flat([]Line{l}), l.Width(), w)
				}
				joined += flat([]Line{l})[0]
			}
			if got, want := unspaced(joined), unspaced(sp.Text); got != want {
				t.Fatalf("wrap lost text: %q became %q", want, got)
			}
			if c := (Line{sp}).Cut(w, p.Ellipsis); c.Width() > w {
				t.Fatalf("cut to %d is %d wide", w, c.Width())
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

func unspaced(s string) string {
	return strings.NewReplacer(" ", "", glue, "").Replace(s)
}

// FuzzClean checks that nothing passes that does more than show a character.
func FuzzClean(f *testing.F) {
	f.Add(hostile)
	f.Add("\x1b[31mred\x1b[0m\u009b2J\u2066x")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range plain.Text(s) {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("plain.Text(%q) leaves %U", s, r)
			}
		}
		folded := Fold(plain.Text(s))
		for i := range len(folded) {
			if folded[i] < ' ' || folded[i] > '~' {
				t.Fatalf("fold(%q) leaves byte %#x", s, folded[i])
			}
		}
	})
}

func TestASCIIKeepsMeaning(t *testing.T) {
	t.Parallel()
	if got := NewPalette(Style{ASCII: true}).Fit("a → b … 5 µs ≥ 3 · 名"); got != "a -> b ... 5 us >= 3 - ?" {
		t.Errorf("got %q", got)
	}
}

// TestCells: what is counted at once takes as many cells as what is looked up.
func TestCells(t *testing.T) {
	t.Parallel()
	for r := rune(' '); r < 0x10000; r++ {
		for _, s := range []string{string(r), "a" + string(r), "名" + string(r) + "。", string(r) + "\u0301"} {
			if got, want := Cells(s), ansi.StringWidth(s); got != want {
				t.Fatalf("%q (%U) takes %d cells, not %d", s, r, want, got)
			}
		}
	}
}
