package lab

import (
	"math"
	"math/rand/v2"
	"slices"

	"kpadvisor/probe/lab/rules"
)

// BreakEven is the number of Services from which on a new connection is dearer
// in mode A than in mode B, for a target in the middle of the rules, which is
// where kube-proxy's random order puts it on average.
type BreakEven struct {
	A        Mode    `json:"a"`
	B        Mode    `json:"b"`
	Outcome  Outcome `json:"outcome"`
	Services int     `json:"services"` // 0 unless Outcome is Crosses
	Low      int     `json:"low"`      // 95 % interval; the smallest or largest size
	High     int     `json:"high"`     // measured where the interval goes beyond
}

// Outcome says whether two modes change places within the sizes measured.
type Outcome string

// The outcomes.
const (
	Crosses   Outcome = "crosses"          // A becomes dearer than B at Services
	AlwaysA   Outcome = "a-always-cheaper" // at every size measured
	AlwaysB   Outcome = "b-always-cheaper"
	AtMost    Outcome = "at-most"      // A is dearer from High on at the latest; below that no difference was detected
	Unclear   Outcome = "not-detected" // the difference stays within the noise
	OneSize   Outcome = "one-size"     // a curve needs two sizes
	resamples         = 1000
)

// BreakEvens compares each iptables backend with every flat mode measured.
func BreakEvens(points []Point) []BreakEven {
	var out []BreakEven
	for _, a := range []Mode{IPTablesLegacy, IPTablesNFT} {
		for _, b := range []Mode{IPVS, NFTables} {
			if len(curve(points, a)) > 0 && len(curve(points, b)) > 0 {
				out = append(out, FindBreakEven(points, a, b))
			}
		}
	}
	return out
}

// FindBreakEven finds where the cost of a rises above that of b: the difference
// of the lower quartiles of block p10s, straight lines between the sizes
// measured, and a bootstrap over blocks for the interval. It is deterministic.
func FindBreakEven(points []Point, a, b Mode) BreakEven {
	e := BreakEven{A: a, B: b}
	as, bs := curve(points, a), curve(points, b)
	sizes := common(as, bs)
	if len(sizes) < 2 {
		e.Outcome = OneSize
		return e
	}
	rng := rand.New(rand.NewPCG(81775, uint64(len(sizes))))
	same := func(x []int64) []int64 { return x }
	drawn := func(x []int64) []int64 { return resample(rng, x) }

	crossings := make([]float64, 0, resamples)
	dearer := make([]int, len(sizes)) // resamples in which a was dearer at a size
	for range resamples {
		diffs := differences(sizes, as, bs, drawn)
		for i, d := range diffs {
			if d > 0 {
				dearer[i]++
			}
		}
		crossings = append(crossings, crossing(sizes, diffs))
	}
	slices.Sort(crossings)
	e.Low, e.High = clamp(crossings[resamples*25/1000], sizes), clamp(crossings[resamples*975/1000], sizes)
	at := crossing(sizes, differences(sizes, as, bs, same))
	const sure = resamples * 975 / 1000
	switch {
	case slices.Max(dearer) <= resamples-sure:
		e.Outcome = AlwaysA
	case slices.Min(dearer) >= sure:
		e.Outcome = AlwaysB
	case dearer[len(sizes)-1] >= sure && slices.Min(dearer) > resamples-sure:
		e.Outcome = AtMost // nowhere is A surely cheaper: there may be no crossing at all
	case dearer[len(sizes)-1] >= sure && !math.IsInf(at, 0):
		e.Outcome, e.Services = Crosses, int(math.Round(at))
	default:
		e.Outcome = Unclear
	}
	return e
}

// SizeDifference is how much dearer a new connection is in one mode than in
// another at a number of Services, negative if it is cheaper.
type SizeDifference struct {
	Services int
	Ns       int64
}

// Differences are those of a and b at each size both were measured at, ascending:
// the line of which FindBreakEven looks for the crossing.
func Differences(points []Point, a, b Mode) []SizeDifference {
	as, bs := curve(points, a), curve(points, b)
	sizes := common(as, bs)
	same := func(x []int64) []int64 { return x }
	var out []SizeDifference
	for i, ns := range differences(sizes, as, bs, same) {
		out = append(out, SizeDifference{sizes[i], int64(math.Round(ns))})
	}
	return out
}

// curve is the block observations of a mode at each size, middle position.
func curve(points []Point, m Mode) map[int][]int64 {
	c := make(map[int][]int64)
	for _, p := range points {
		if p.Mode == m && p.Position == rules.Middle && len(p.BlocksNs) > 0 {
			c[p.Services] = append(c[p.Services], p.BlocksNs...)
		}
	}
	return c
}

// common are the sizes both curves have, ascending.
func common(as, bs map[int][]int64) []int {
	var sizes []int
	for n := range as {
		if _, both := bs[n]; both {
			sizes = append(sizes, n)
		}
	}
	slices.Sort(sizes)
	return sizes
}

// differences are how much dearer a is than b at each size, negative if cheaper.
func differences(sizes []int, as, bs map[int][]int64, draw func([]int64) []int64) []float64 {
	diffs := make([]float64, len(sizes))
	for i, n := range sizes {
		diffs[i] = undisturbed(draw(as[n])) - undisturbed(draw(bs[n]))
	}
	return diffs
}

// crossing is the last size at which the differences go from below to above
// zero; -Inf when they are above at every size, +Inf when at the largest they
// are not.
func crossing(sizes []int, diffs []float64) float64 {
	at := math.Inf(-1)
	for i, d := range diffs {
		switch {
		case d <= 0:
			at = math.Inf(1)
		case i > 0 && diffs[i-1] <= 0:
			at = float64(sizes[i-1]) + float64(sizes[i]-sizes[i-1])*-diffs[i-1]/(d-diffs[i-1])
		}
	}
	return at
}

// clamp keeps an end of the interval within what was measured.
func clamp(x float64, sizes []int) int {
	return int(math.Round(min(max(x, float64(sizes[0])), float64(sizes[len(sizes)-1]))))
}

func resample(rng *rand.Rand, x []int64) []int64 {
	out := make([]int64, len(x))
	for i := range out {
		out[i] = x[rng.IntN(len(x))]
	}
	return out
}

// undisturbed is the lower quartile of at least one block: other work on the
// machine only ever makes a block slower, and in user-mode Linux it may do so to
// most of them.
func undisturbed(blocks []int64) float64 {
	return float64(quantile(slices.Sorted(slices.Values(blocks)), 0.25))
}

// quantile of sorted values, 0 if there are none.
func quantile(sorted []int64, q float64) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}
