package html

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

func TestScale(t *testing.T) {
	for _, c := range []struct {
		name      string
		values    []float64
		log, zero bool
		low, high float64
		labels    []string
	}{
		{"nothing", nil, false, true, 0, 1, []string{"0", "0.25", "0.5", "0.75", "1"}},
		{"nothing, of powers", []float64{0, -3}, true, true, -3, 0, []string{"-3", "-2", "-1", "0"}},
		{"from 0", []float64{18, 61}, false, true, 0, 80, []string{"0", "20", "40", "60", "80"}},
		{"both sides of 0", []float64{-4, 57}, false, true, -20, 60, []string{"-20", "0", "20", "40", "60"}},
		{"below 0", []float64{-4, -57}, false, true, -60, 0, []string{"-60", "-40", "-20", "0"}},
		{"far from 0", []float64{1010, 1040}, false, false, 1010, 1040, []string{"1,010", "1,020", "1,030", "1,040"}},
		{"one value", []float64{7}, false, false, 2, 12, []string{"2", "4", "6", "8", "10", "12"}},
		{"thousands", []float64{41000}, false, true, 0, 60000, []string{"0", "20,000", "40,000", "60,000"}},
		{"powers", []float64{100, 10000}, true, false, 100, 10000, []string{"100", "200", "500", "1,000", "2,000", "5,000", "10,000"}},
		{"not whole powers", []float64{1400, 4817}, true, false, 1000, 5000, []string{"1,000", "2,000", "5,000"}},
		{"many powers", []float64{0.1, 1e6}, true, false, 0.1, 1e6, nil},
		{"one power", []float64{1000}, true, false, 500, 2000, []string{"500", "1,000", "2,000"}},
		{"no numbers", []float64{math.NaN(), math.Inf(1), 3}, false, true, 0, 3, []string{"0", "1", "2", "3"}},
	} {
		s := newScale(c.values, c.log, c.zero)
		var labels []string
		for _, k := range s.ticks() {
			labels = append(labels, k.label)
		}
		if s.low != c.low && c.labels != nil || s.high != c.high && c.labels != nil || c.labels != nil && !slices.Equal(labels, c.labels) {
			t.Errorf("%s: from %v to %v with %q, want from %v to %v with %q", c.name, s.low, s.high, labels, c.low, c.high, c.labels)
		}
		if len(labels) < 2 || len(labels) > 8 {
			t.Errorf("%s has %d numbers: %q", c.name, len(labels), labels)
		}
	}
}

// TestScaleHolds: values lie in their scale, and in their order.
func TestScaleHolds(t *testing.T) {
	for _, log := range []bool{false, true} {
		for low := 0.003; low < 1e7; low *= 2.7 {
			for high := low; high < 1e9; high *= 3.1 {
				s := newScale([]float64{low, high}, log, false)
				if s.low > low*(1+1e-9) || s.high < high*(1-1e-9) || s.at(low) > s.at(high) || s.at(s.low) != 0 || s.at(s.high) != 1 {
					t.Errorf("%v to %v, log %v: %+v", low, high, log, s)
				}
				ticks := s.ticks()
				if !slices.IsSortedFunc(ticks, func(a, b tick) int { return int(math.Copysign(1, a.at-b.at)) }) || len(ticks) < 2 || len(ticks) > 9 {
					t.Errorf("%v to %v, log %v: %+v", low, high, log, ticks)
				}
			}
		}
	}
}

func TestTimeTicks(t *testing.T) {
	for length, want := range map[time.Duration][]string{
		0: nil, -time.Second: nil, 30 * time.Second: {"0", "10 s", "20 s", "30 s"}, 130 * time.Second: {"0", "30 s", "1 min", "90 s", "2 min"},
		40 * time.Millisecond: {"0", "10 ms", "20 ms", "30 ms", "40 ms"}, 2 * time.Second: {"0", "500 ms", "1 s", "1.5 s", "2 s"}, 7 * time.Hour: {"0", "2 h", "4 h", "6 h"},
	} {
		var got []string
		for _, k := range timeTicks(length) {
			got = append(got, k.label)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", length, got, want)
		}
	}
	if n := len(timeTicks(longest)); n < 2 || n > 7 {
		t.Errorf("the longest has %d times", n)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", math.Copysign(0, -1): "0", 0.8: "0.8", 18: "18", 4817: "4,817", 48200.4: "48,200", -20: "-20", 0.30000000000000004: "0.3", 2e17: "2e+17", math.Inf(1): "?"} {
		if got := number(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

// TestLabelsApart: labels at whatever places do not cover each other while there is room.
func TestLabelsApart(t *testing.T) {
	for a := 0.0; a <= 1; a += 0.05 {
		for b := 0.0; b <= 1; b += 0.05 {
			var l labels
			l.place("you: 4,817 ports", a, 100, 120, 140)
			y := l.place("in a year: 7,200", b, 100, 120, 140)
			if first, second := labelArea("you: 4,817 ports", a, 100), labelArea("in a year: 7,200", b, y); first.left < second.right && second.left < first.right && y == 100 {
				t.Errorf("at %v and %v: %v", a, b, fmt.Sprint(first, second))
			}
		}
	}
}
