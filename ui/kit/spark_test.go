package kit

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

func values(v ...float64) []Column {
	var out []Column
	for _, x := range v {
		out = append(out, Column{MarkValue, x})
	}
	return out
}

func text(runs []Run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

func TestRow(t *testing.T) {
	t.Parallel()
	marks := []Column{{MarkValue, 4}, {MarkNoReply, 0}, {MarkLate, 9}, {MarkRollout, 0}, {MarkStalled, 0}, {MarkNone, 0}, {MarkWarm, 8}, {MarkValue, 9}}
	for _, tt := range []struct {
		name    string
		style   Spark
		columns []Column
		total   int
		want    string
	}{
		{"heights", Spark{Width: 8, Top: 8, Scroll: true}, values(1, 2, 3, 4, 5, 6, 7, 8), 8, "▁▂▃▄▅▆▇█"},
		{"heights in ASCII", Spark{Width: 8, Top: 8, Scroll: true, ASCII: true}, values(1, 2, 3, 4, 5, 6, 7, 8), 8, ".:-=+*#@"},
		{"marks", Spark{Width: 8, Top: 8, Scroll: true}, marks, 8, "▄×!│· █▲"},
		{"marks in ASCII", Spark{Width: 8, Top: 8, Scroll: true, ASCII: true}, marks, 8, "=x!|_ @^"},
		{"what is not above 0 is lowest", Spark{Width: 3, Top: 8, Scroll: true}, values(0, -1, 1e-9), 3, "▁▁▁"},
		{"no number", Spark{Width: 3, Top: 8, Scroll: true}, values(math.NaN(), math.Inf(1), math.Inf(-1)), 3, " ▲▁"},
		{"no scale", Spark{Width: 3, Scroll: true}, values(0, 1, 1e300), 3, "▁▁▁"},
		{"a scale without end", Spark{Width: 2, Top: math.Inf(1), Scroll: true}, values(1, 1e300), 2, "▁▁"},
		{"scrolling, few", Spark{Width: 5, Top: 8, Scroll: true}, values(4, 8), 2, "   ▄█"},
		{"scrolling, many", Spark{Width: 3, Top: 8, Scroll: true}, values(1, 2, 3, 4), 9, "▂▃▄"},
		{"sweeping, few", Spark{Width: 5, Top: 8}, values(4, 8), 2, "▄█   "},
		{"sweeping, full", Spark{Width: 5, Top: 8}, values(1, 2, 3, 4), 4, "▁▂▃▄ "},
		{"sweeping, the gap at the start", Spark{Width: 5, Top: 8}, values(1, 2, 3, 4, 5), 5, " ▂▃▄▅"},
		{"sweeping, over the oldest", Spark{Width: 5, Top: 8}, values(1, 2, 3, 4, 5, 6), 6, "▆ ▃▄▅"},
		{"sweeping, the oldest forgotten", Spark{Width: 5, Top: 8}, values(5, 6), 6, "▆   ▅"},
		{"nothing", Spark{Width: 3, Top: 8}, nil, 0, "   "},
		{"no room", Spark{Top: 8}, values(1), 1, ""},
	} {
		if got := text(tt.style.Row(tt.columns, tt.total)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestEveryWidth: a row is exactly as wide as asked for, its runs differ from
// their neighbours, its characters are of the set, and between two drawings of a
// sweep only the newest column and the gap change.
func TestEveryWidth(t *testing.T) {
	t.Parallel()
	var all []Column
	for i := range 130 {
		all = append(all, Column{Mark(i % 7), float64(i*i%97) - 3})
	}
	for w := range 121 {
		for _, style := range []Spark{{Width: w, Top: 60}, {Width: w, Top: 60, ASCII: true}, {Width: w, Top: 60, Scroll: true}, {Width: w}} {
			before := ""
			for n := range len(all) {
				held := all[max(0, n-100):n]
				runs := style.Row(held, n)
				now := text(runs)
				if len([]rune(now)) != w || n == w && ansi.StringWidth(now) != w {
					t.Fatalf("%+v, %d columns: not so wide: %q", style, n, now)
				}
				for i, r := range runs {
					if r.Text == "" || i > 0 && r.Mark == runs[i-1].Mark {
						t.Fatalf("%+v: run %d of %+v", style, i, runs)
					}
				}
				if style.ASCII && strings.ContainsFunc(now, func(r rune) bool { return r > unicode.MaxASCII }) {
					t.Fatalf("not ASCII: %q", now)
				}
				if n > 0 && !style.Scroll && differing(before, now) > 2 {
					t.Fatalf("%+v, column %d: a sweep changed more than its newest and its gap\n%q\n%q", style, n, before, now)
				}
				if got := style.Shown(len(held)); w > 0 && (got > w || got > len(held) || style.Scroll && got != min(w, len(held))) {
					t.Fatalf("%+v shows %d of %d", style, got, len(held))
				}
				before = now
			}
		}
	}
}

func differing(a, b string) int {
	n, other := 0, []rune(b)
	for i, r := range []rune(a) {
		if r != other[i] {
			n++
		}
	}
	return n
}

// TestGlyphsDiffer: without colour every mark and every height is told apart.
func TestGlyphsDiffer(t *testing.T) {
	t.Parallel()
	for _, ascii := range []bool{false, true} {
		s := Spark{Width: 8, Top: 8, Scroll: true, ASCII: ascii}
		seen := text(s.Row(values(1, 2, 3, 4, 5, 6, 7, 8), 8))
		for _, m := range Marks() {
			seen += s.Glyph(m)
		}
		for i, r := range []rune(seen) {
			if r == ' ' || strings.ContainsRune(string([]rune(seen)[:i]), r) {
				t.Errorf("%q has %q twice, or a blank", seen, r)
			}
		}
	}
}

func TestStep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v     float64
		steps int
		want  float64
	}{
		{0, 0, 1e3},
		{math.NaN(), 0, 1e3},
		{-5, 0, 1e3},
		{1e3, 0, 1e3},
		{1001, 0, 2e3},
		{43e3, 0, 50e3},
		{50e3, 1, 70e3},
		{50e3, -1, 30e3},
		{1e3, -1, 1e3},
		{1e30, 0, 100e9},
		{100e9, 1, 100e9},
		{math.Inf(1), 3, 100e9},
	} {
		if got := Step(tt.v, tt.steps); math.Abs(got-tt.want) > 1e-6*tt.want {
			t.Errorf("Step(%g, %d) = %g, want %g", tt.v, tt.steps, got, tt.want)
		}
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	flat := func(n int, v float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = v
		}
		return out
	}
	var s Scale
	for i, tt := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{flat(50, 30e3), 50e3},
		{append(flat(50, 30e3), 9e6), 50e3}, // one of many is marked, not made room for
		{flat(50, 70e3), 100e3},
		{flat(50, 20e3), 100e3}, // does not shrink at once
		{flat(50, 10e3), 20e3},
	} {
		if s = s.Follow(tt.values); s.Top != tt.want {
			t.Errorf("step %d: top %g, want %g", i, s.Top, tt.want)
		}
	}
	s = s.Larger()
	if s.Top != 30e3 || !s.Fixed || s.Follow(flat(9, 9e9)) != s || s.Smaller().Top != 20e3 {
		t.Errorf("a scale set by hand: %+v, %+v", s, s.Follow(flat(9, 9e9)))
	}
}

func FuzzRow(f *testing.F) {
	f.Add(20, 50.0, 3.0, 7.0, 100, true)
	f.Fuzz(func(t *testing.T, w int, top, a, b float64, total int, scroll bool) {
		s := Spark{Width: mod(w, 300), Top: top, Scroll: scroll}
		if got := ansi.StringWidth(text(s.Row(values(a, b, a-b), mod(total, 1<<30)+3))); got != s.Width {
			t.Fatalf("%d wide, want %d", got, s.Width)
		}
	})
}
