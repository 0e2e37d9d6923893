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
		want    string
	}{
		{"heights", Spark{Width: 8, Top: 8}, values(1, 2, 3, 4, 5, 6, 7, 8), "▁▂▃▄▅▆▇█"},
		{"heights in ASCII", Spark{Width: 8, Top: 8, ASCII: true}, values(1, 2, 3, 4, 5, 6, 7, 8), ".:-=+*#@"},
		{"marks", Spark{Width: 8, Top: 8}, marks, "▄×!│· █▲"},
		{"marks in ASCII", Spark{Width: 8, Top: 8, ASCII: true}, marks, "=x!|_ @^"},
		{"what is not above 0 is lowest", Spark{Width: 3, Top: 8}, values(0, -1, 1e-9), "▁▁▁"},
		{"no number", Spark{Width: 3, Top: 8}, values(math.NaN(), math.Inf(1), math.Inf(-1)), " ▲▁"},
		{"no scale", Spark{Width: 3}, values(0, 1, 1e300), "▁▁▁"},
		{"a scale without end", Spark{Width: 2, Top: math.Inf(1)}, values(1, 1e300), "▁▁"},
		{"few", Spark{Width: 5, Top: 8}, values(4, 8), "   ▄█"},
		{"many", Spark{Width: 3, Top: 8}, values(1, 2, 3, 4), "▂▃▄"},
		{"nothing", Spark{Width: 3, Top: 8}, nil, "   "},
		{"no room", Spark{Top: 8}, values(1), ""},
	} {
		if got := text(tt.style.Row(tt.columns)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestEveryWidth: a row is exactly as wide as asked for, its runs differ from
// their neighbours, and its characters are of the set.
func TestEveryWidth(t *testing.T) {
	t.Parallel()
	var all []Column
	for i := range 130 {
		all = append(all, Column{Mark(i % 7), float64(i*i%97) - 3})
	}
	for w := range 121 {
		for _, style := range []Spark{{Width: w, Top: 60}, {Width: w, Top: 60, ASCII: true}, {Width: w}} {
			for n := range len(all) {
				held := all[max(0, n-100):n]
				runs := style.Row(held)
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
			}
		}
	}
}

// TestGlyphsDiffer: without colour every mark and every height is told apart.
func TestGlyphsDiffer(t *testing.T) {
	t.Parallel()
	for _, ascii := range []bool{false, true} {
		s := Spark{Width: 8, Top: 8, ASCII: ascii}
		seen := text(s.Row(values(1, 2, 3, 4, 5, 6, 7, 8)))
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
	f.Add(20, 50.0, 3.0, 7.0)
	f.Fuzz(func(t *testing.T, w int, top, a, b float64) {
		s := Spark{Width: (w%300 + 300) % 300, Top: top}
		if got := ansi.StringWidth(text(s.Row(values(a, b, a-b)))); got != s.Width {
			t.Fatalf("%d wide, want %d", got, s.Width)
		}
	})
}
