package kit

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestAxisSaysAll: an axis of any values names its unit and at least one number, its
// labels stand apart, and each stands in the cell of its value, or ends there.
func TestAxisSaysAll(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 5))
	p := NewPalette(Style{})
	for range 2000 {
		low := math.Pow(10, dice.Float64()*6-3) * float64(dice.IntN(3)-1)
		r := newRuler(dice.IntN(2) == 0, low, low+math.Pow(10, dice.Float64()*6-3)).rounded(4)
		w := 24 + dice.IntN(80)
		line := flat([]Line{p.axisLine(r, w, "µs")})[0]
		if n := Cells(line); n != w || !strings.Contains(line, " µs") {
			t.Errorf("%+v in %d: %q", r, w, line)
		}
		end, said := -2, map[string]bool{}
		for _, l := range r.labels(w) {
			v, err := strconv.ParseFloat(strings.ReplaceAll(l.text, ",", ""), 64)
			place := r.share(v) * float64(w-1) // in cells; half of one is a tie
			apart := min(math.Abs(place-float64(l.at)), math.Abs(place-float64(l.at+len(l.text)-1)))
			if err != nil || apart > 0.5+1e-6 {
				t.Errorf("%+v in %d: %q is not at its value", r, w, l.text)
			}
			if said[l.text] {
				t.Errorf("%+v in %d: %q twice", r, w, l.text)
			}
			said[l.text] = true
			if l.at < end+2 && end >= 0 || l.at+len(l.text) > w {
				t.Errorf("%+v in %d: %q collides", r, w, l.text)
			}
			end = l.at + len(l.text)
		}
	}
}

func TestRounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ low, high, wantLow, wantHigh float64 }{
		{18, 480, 10, 500}, {20, 500, 20, 500}, {49, 1001, 20, 2000}, {5, 51, 5, 100}, {0.7, 0.9, 0.5, 1}, {1000, 99_999, 1000, 100_000},
	} {
		if got := (ruler{tt.low, tt.high, true}).rounded(4); math.Abs(got.low-tt.wantLow) > 1e-9*tt.wantLow || math.Abs(got.high-tt.wantHigh) > 1e-9*tt.wantHigh {
			t.Errorf("%g to %g is rounded to %g to %g", tt.low, tt.high, got.low, got.high)
		}
	}
}
