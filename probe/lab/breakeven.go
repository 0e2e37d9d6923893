package lab

import (
	"math"
	"slices"

	"kpadvisor/probe/lab/rules"
)

// BreakEven is the number of Services from which on a new connection is dearer
// in mode A than in mode B, for a target in the middle of the rules, which is
// where kube-proxy's random order puts it on average.
type BreakEven struct {
	A        Mode    `json:"a"`
	B        Mode    `json:"b"`
	Load     Load    `json:"load"` // files of before 2026-12 have none: hot
	Outcome  Outcome `json:"outcome"`
	Services int     `json:"services"` // 0 unless Outcome is Crosses
	Low      int     `json:"low"`      // 95 % interval; the smallest or largest size
	High     int     `json:"high"`     // measured where the interval goes beyond
	Builds   int     `json:"builds"`   // pairs of builds behind it, all sizes together
}

// Outcome says whether two modes change places within the sizes measured.
type Outcome string

// The outcomes.
const (
	Crosses Outcome = "crosses"          // A becomes dearer than B at Services
	AlwaysA Outcome = "a-always-cheaper" // at every size measured
	AlwaysB Outcome = "b-always-cheaper"
	AtMost  Outcome = "at-most"      // A is dearer from High on at the latest; below that no difference was detected
	Unclear Outcome = "not-detected" // the difference stays within the noise
	OneSize Outcome = "one-size"     // a curve needs two sizes, and more builds than that
)

// BreakEvens compares each iptables backend with every flat mode measured, by
// load.
func BreakEvens(points []Point) []BreakEven {
	var out []BreakEven
	for _, load := range Loads() {
		for _, pair := range [][2]Mode{{IPTablesLegacy, IPVS}, {IPTablesLegacy, NFTables}, {IPTablesNFT, IPVS}, {IPTablesNFT, NFTables}} {
			if len(pairs(points, load, pair[0], pair[1])) > 0 {
				out = append(out, FindBreakEven(points, load, pair[0], pair[1]))
			}
		}
	}
	return out
}

// FindBreakEven finds where the cost of a rises above that of b: a line through
// the differences of all builds (see trendOf), and all numbers of Services at
// which it may be zero.
func FindBreakEven(points []Point, load Load, a, b Mode) BreakEven {
	found := pairs(points, load, a, b)
	e := BreakEven{A: a, B: b, Load: load, Builds: len(found)}
	sizes := sizesOf(found)
	fit, ok := trendOf(found)
	if len(sizes) < 2 || !ok {
		e.Outcome = OneSize
		return e
	}
	e.Low, e.High = sizes[0], sizes[len(sizes)-1]
	_, lowFirst, highFirst := interval(fit, float64(e.Low))
	_, lowLast, highLast := interval(fit, float64(e.High))
	at, low, high := fit.crossing(sizes)
	switch {
	case highFirst < 0 && highLast < 0:
		e.Outcome = AlwaysA
	case lowFirst > 0 && lowLast > 0:
		e.Outcome = AlwaysB
	case lowLast > 0 && highFirst < 0:
		e.Outcome, e.Services = Crosses, int(math.Round(at))
		e.Low, e.High = int(math.Round(low)), int(math.Round(high))
	case lowLast > 0: // at the smallest there may be no difference, and so no crossing at all
		e.Outcome, e.High = AtMost, int(math.Round(high))
	default:
		e.Outcome = Unclear
	}
	return e
}

// pairs are the differences of two modes in each build that has both, in the
// middle of the rules.
func pairs(points []Point, load Load, a, b Mode) []sized {
	as, bs := builds(points, load, a), builds(points, load, b)
	var out []sized
	for at, ns := range as {
		if other, both := bs[at]; both {
			out = append(out, sized{at.services, ns - other})
		}
	}
	slices.SortFunc(out, func(x, y sized) int { // sums of floats depend on their order
		if x.services != y.services {
			return x.services - y.services
		}
		return int(math.Copysign(1, x.ns-y.ns))
	})
	return out
}

// build tells builds apart: each has its own order of rules.
type build struct{ services, number int }

// builds is what a connection took in each build of a mode.
func builds(points []Point, load Load, m Mode) map[build]float64 {
	out := make(map[build]float64)
	for _, p := range points {
		if p.Mode != m || p.Position != rules.Middle && p.Position != NoPosition {
			continue
		}
		for _, o := range p.observations() {
			if ns := o.of(load); ns > 0 {
				out[build{p.Services, o.Build}] = float64(ns)
			}
		}
	}
	return out
}

func sizesOf(of []sized) []int {
	var out []int
	for _, o := range of {
		out = append(out, o.services)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// observations are those of a point; a file of before 2026-12 has the blocks of
// one build, hot.
func (p Point) observations() []Observation {
	if len(p.Builds) > 0 || len(p.BlocksNs) == 0 {
		return p.Builds
	}
	return []Observation{{HotNs: undisturbed(p.BlocksNs)}}
}

func (o Observation) of(l Load) int64 {
	if l == Cold {
		return o.ColdNs
	}
	return o.HotNs
}

// undisturbed is the lower quartile of at least one block: other work on the
// machine only ever makes a block slower, and in user-mode Linux it may do so to
// most of them.
func undisturbed(blocks []int64) int64 {
	return quantile(slices.Sorted(slices.Values(blocks)), 0.25)
}

// quantile of sorted values, 0 if there are none.
func quantile(sorted []int64, q float64) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}
