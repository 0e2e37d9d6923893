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
// of the medians of block p10s, straight lines between the sizes measured, and a
// bootstrap over blocks for the interval. It is deterministic.
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
	for range resamples {
		crossings = append(crossings, crossing(sizes, as, bs, drawn))
	}
	slices.Sort(crossings)
	low, high := crossings[resamples*25/1000], crossings[resamples*975/1000]
	e.Low, e.High = clamp(low, sizes), clamp(high, sizes)
	at := crossing(sizes, as, bs, same)
	switch {
	case math.IsInf(low, 1):
		e.Outcome = AlwaysA
	case math.IsInf(high, -1):
		e.Outcome = AlwaysB
	case math.IsInf(low, -1) && math.IsInf(high, 1) || math.IsInf(at, 0):
		e.Outcome = Unclear
	default:
		e.Outcome, e.Services = Crosses, int(math.Round(at))
	}
	return e
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

// crossing is the last size at which the difference a-b goes from below to
// above zero; -Inf when a is dearer at every size, +Inf when at the largest it
// is not.
func crossing(sizes []int, as, bs map[int][]int64, draw func([]int64) []int64) float64 {
	at := math.Inf(-1)
	var before float64
	for i, n := range sizes {
		diff := median(draw(as[n])) - median(draw(bs[n]))
		if diff <= 0 {
			at = math.Inf(1)
		} else if i > 0 && before <= 0 {
			at = float64(sizes[i-1]) + float64(n-sizes[i-1])*-before/(diff-before)
		}
		before = diff
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

// median of at least one value.
func median(x []int64) float64 {
	s := slices.Sorted(slices.Values(x))
	n := len(s)
	return float64(s[(n-1)/2]+s[n/2]) / 2
}
