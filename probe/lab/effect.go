package lab

import (
	"math"

	"github.com/aclements/go-moremath/stats"
)

// Effect is how much dearer a new connection is in mode A than in mode B at a
// number of Services, negative if it is cheaper: in the mean of builds, with a
// 95 % interval that covers the build.
type Effect struct {
	A        Mode  `json:"a"`
	B        Mode  `json:"b"`
	Load     Load  `json:"load"`
	Services int   `json:"services"`
	Ns       int64 `json:"diffNs"`
	LowNs    int64 `json:"lowNs"`
	HighNs   int64 `json:"highNs"`
	Builds   int   `json:"builds"` // pairs of builds at this size; the interval draws on those of the next size too
}

// Detected reports whether the interval lies on one side of zero.
func (e Effect) Detected() bool { return e.LowNs > 0 || e.HighNs < 0 }

// SmallestNs is the least difference that so many builds, varying as these do,
// would have shown: half of the interval.
func (e Effect) SmallestNs() int64 { return (e.HighNs - e.LowNs + 1) / 2 }

// Effects are those of each pair of modes that a reader chooses between, and what
// connection tracking and the rules of a flat mode cost, by load and size.
func Effects(points []Point) []Effect {
	out := []Effect{}
	for _, load := range Loads() {
		for _, pair := range [][2]Mode{
			{IPTablesLegacy, NFTables},
			{IPTablesNFT, NFTables},
			{IPTablesLegacy, IPVS},
			{IPTablesNFT, IPVS},
			{IPVS, NFTables},
			{NFTables, Direct},
			{Direct, Bare},
		} {
			out = append(out, EffectsOf(points, load, pair[0], pair[1])...)
		}
	}
	return out
}

// EffectsOf are those of a and b at each size both were measured at, ascending: the
// means of each size by itself, for a line through all sizes would be wrong at most of
// them where the cost bends, and by more than its interval.
func EffectsOf(points []Point, load Load, a, b Mode) []Effect {
	found := pairs(points, load, a, b)
	fit, ok := fitSteps(found)
	if !ok {
		return nil
	}
	var out []Effect
	for _, n := range sizesOf(found) {
		ns, low, high := interval(fit, float64(n))
		e := Effect{A: a, B: b, Load: load, Services: n, Ns: round(ns), LowNs: round(low), HighNs: round(high)}
		for _, o := range found {
			if o.services == n {
				e.Builds++
			}
		}
		out = append(out, e)
	}
	return out
}

// Flat is the check that a sweep carries in itself: how much dearer a mode whose cost
// does not depend on the number of Services was than Direct, and by how much that
// differed between builds and sizes all the same. Less than that means nothing in any
// other mode.
type Flat struct {
	Mode   Mode  `json:"mode"`
	Load   Load  `json:"load"`
	MeanNs int64 `json:"meanNs"` // over Direct in the same build
	SDNs   int64 `json:"sdNs"`   // standard deviation of a build
	Builds int   `json:"builds"`
}

// Flats are those of the flat modes, where Direct was measured beside them.
func Flats(points []Point) []Flat {
	out := []Flat{}
	for _, load := range Loads() {
		for _, m := range []Mode{NFTables, IPVS} {
			found := pairs(points, load, m, Direct)
			if len(found) < 2 {
				continue
			}
			var over []float64
			for _, o := range found {
				over = append(over, o.ns)
			}
			out = append(out, Flat{Mode: m, Load: load, MeanNs: round(stats.Mean(over)), SDNs: round(stats.StdDev(over)), Builds: len(over)})
		}
	}
	return out
}

func round(ns float64) int64 { return int64(math.Round(ns)) }
