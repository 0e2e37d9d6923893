package kit

import (
	"math"
	"slices"
)

// Scale is the common top of rows that are to be compared. The zero value
// follows the values by itself.
type Scale struct {
	Top   float64 // 0 while there is nothing to measure by
	Fixed bool    // chosen by hand
}

// Follow adapts the top to the values to be shown, in any order, unless it was
// fixed. A twentieth of the values may be above it, so that one of them does not
// flatten the others; and it shrinks only when less than a quarter of it is used,
// so that it does not flicker.
func (s Scale) Follow(values []float64) Scale {
	if s.Fixed || len(values) == 0 {
		return s
	}
	sorted := slices.Sorted(slices.Values(values))
	want := Step(sorted[(len(sorted)-1)*19/20]*1.2, 0)
	if want > s.Top || want <= s.Top/5 {
		s.Top = want
	}
	return s
}

// Larger and Smaller fix the top one step away.
func (s Scale) Larger() Scale { return Scale{Top: Step(s.Top, 1), Fixed: true} }

// Smaller is the opposite of Larger.
func (s Scale) Smaller() Scale { return Scale{Top: Step(s.Top, -1), Fixed: true} }

// Limits of a scale in nanoseconds.
const (
	least = 1e3   // 1 µs
	most  = 100e9 // 100 s
)

// Step is the value so many steps above the first of 1, 2, 3, 5, 7, 10, 20, ... that is
// not below v, within 1 µs and 100 s in ns.
func Step(v float64, steps int) float64 {
	if math.IsNaN(v) {
		v = 0
	}
	var ladder []float64
	for decade := least; decade <= most; decade *= 10 {
		ladder = append(ladder, decade, 2*decade, 3*decade, 5*decade, 7*decade)
	}
	ladder = ladder[:len(ladder)-4]
	at, _ := slices.BinarySearch(ladder, v)
	return ladder[max(0, min(at+steps, len(ladder)-1))]
}
