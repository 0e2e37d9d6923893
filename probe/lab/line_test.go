package lab

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"kpadvisor/probe/lab/rules"
)

// cost is how a mode's connections were made up: ns without a Service, ns for
// each, and how much builds differ, in ns and as a share of what Services cost.
type made struct {
	base, perService, noise, share float64
	bend                           float64 // share by which the cost per Service grows up to 10,000
}

// points makes those of a mode, three builds at each size.
func (c made) points(rng *rand.Rand, m Mode, sizes ...int) []Point {
	var points []Point
	for _, n := range sizes {
		p := Point{Mode: m, Services: n, Position: rules.Middle}
		for b := range 3 {
			services := c.perService * float64(n) * (1 + c.bend*float64(n)/10_000)
			ns := c.base + services + math.Hypot(c.noise, c.share*services)*rng.NormFloat64()
			p.Builds = append(p.Builds, Observation{Build: b, HotNs: int64(ns), ColdNs: int64(ns)})
		}
		points = append(points, p)
	}
	return points
}

func TestFindBreakEven(t *testing.T) {
	sizes := SweepSizes()
	for _, c := range []struct {
		name string
		a, b made
		want Outcome
		at   int
	}{
		{"crosses at 1,000", made{base: 40_000, perService: 3, noise: 100}, made{base: 43_000, noise: 100}, Crosses, 1000},
		{"crosses at 3,500", made{base: 20_000, perService: 4, noise: 300}, made{base: 34_000, noise: 300}, Crosses, 3500},
		{"a cheaper up to 10,000", made{base: 10_000, perService: 1, noise: 100}, made{base: 43_000, noise: 100}, AlwaysA, 0},
		{"b cheaper from the start", made{base: 50_000, perService: 3, noise: 100}, made{base: 40_000, noise: 100}, AlwaysB, 0},
		{"equal at first, then dearer", made{base: 30_000, perService: 1, noise: 1500}, made{base: 30_000, noise: 1500}, AtMost, 0},
		{"flat against flat", made{base: 30_000, noise: 300}, made{base: 30_000, noise: 300}, Unclear, 0},
		{"bent, by more than builds differ", made{base: 40_000, perService: 1, noise: 100, bend: 5}, made{base: 42_000, noise: 100}, Crosses, 1236},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		points := append(c.a.points(rng, IPTablesLegacy, sizes...), c.b.points(rng, IPVS, sizes...)...)
		got := FindBreakEven(points, Cold, IPTablesLegacy, IPVS)
		if got.Outcome != c.want || got.Builds != 3*len(sizes) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if c.want != Crosses {
			continue
		}
		if got.Low > c.at || got.High < c.at || got.High-got.Low > c.at/2 || got.Services < got.Low || got.Services > got.High {
			t.Errorf("%s: %+v", c.name, got)
		}
		if again := FindBreakEven(points, Cold, IPTablesLegacy, IPVS); again != got {
			t.Errorf("%s: not the same twice: %+v, %+v", c.name, got, again)
		}
	}
}

// Of a hundred sweeps at least 90 have an interval that holds the true break-even,
// whatever the builds differ by. (A bootstrap over the blocks of one build, as
// here before, held it in 20 to 63.)
func TestBreakEvenCoverage(t *testing.T) {
	const sweeps = 400
	for _, noise := range []float64{300, 600, 1000} {
		for _, share := range []float64{0, 0.05} {
			for _, perService := range []float64{1.5, 7} {
				for _, sizes := range [][]int{SweepSizes(), QuickSizes()} {
					t.Run(fmt.Sprintf("%g ns, %g, %g, %d sizes", noise, share, perService, len(sizes)), func(t *testing.T) {
						rng := rand.New(rand.NewPCG(uint64(noise), uint64(len(sizes))))
						held := 0
						for range sweeps {
							points := append(
								made{base: 50_000, perService: perService, noise: noise, share: share}.points(rng, IPTablesLegacy, sizes...),
								made{base: 50_000 + 1000*perService, noise: noise}.points(rng, NFTables, sizes...)...)
							if e := FindBreakEven(points, Cold, IPTablesLegacy, NFTables); e.Low <= 1000 && e.High >= 1000 {
								held++
							}
						}
						if held < sweeps*90/100 {
							t.Errorf("%d of %d intervals hold 1,000", held, sweeps)
						}
					})
				}
			}
		}
	}
}

// Of a hundred effects at least 87 are within their interval at each size, also where
// the cost bends and builds of many Services vary more. (The interval of a line through
// all sizes held 30 of them then.)
func TestEffectCoverage(t *testing.T) {
	const runs = 400
	for _, sizes := range [][]int{{4000}, {100, 1000}, QuickSizes(), SweepSizes()} {
		for _, share := range []float64{0, 0.05} {
			for _, bend := range []float64{0, 0.3} {
				t.Run(fmt.Sprintf("%d sizes, %g, %g", len(sizes), share, bend), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(5, uint64(len(sizes))))
					held := map[int]int{}
					for range runs {
						points := append(
							made{base: 50_000, perService: 7, noise: 800, share: share, bend: bend}.points(rng, IPTablesLegacy, sizes...),
							made{base: 57_000, noise: 800}.points(rng, NFTables, sizes...)...)
						for _, e := range EffectsOf(points, Cold, IPTablesLegacy, NFTables) {
							n := float64(e.Services)
							if truth := int64(7*n*(1+bend*n/10_000)) - 7_000; e.LowNs <= truth && e.HighNs >= truth {
								held[e.Services]++
							}
						}
					}
					for _, n := range sizes {
						if held[n] < runs*87/100 || held[n] == runs {
							t.Errorf("%d of %d intervals hold the effect at %d", held[n], runs, n)
						}
					}
				})
			}
		}
	}
}

// More noise must widen the interval.
func TestBreakEvenIntervalGrowsWithNoise(t *testing.T) {
	width := func(noise float64) int {
		rng := rand.New(rand.NewPCG(3, 4))
		points := append(
			made{base: 40_000, perService: 3, noise: noise}.points(rng, IPTablesLegacy, SweepSizes()...),
			made{base: 46_000, noise: noise}.points(rng, IPVS, SweepSizes()...)...)
		e := FindBreakEven(points, Hot, IPTablesLegacy, IPVS)
		return e.High - e.Low
	}
	if quiet, loud := width(50), width(2000); loud < 3*quiet {
		t.Errorf("interval of %d Services in quiet, %d in noise", quiet, loud)
	}
}

// What one build or one size says has no interval, and is not made to have one.
func TestTooLittleForAnInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	points := append(made{base: 1000, perService: 1}.points(rng, IPTablesLegacy, 100), made{base: 1000}.points(rng, NFTables, 100)...)
	if e := FindBreakEven(points, Hot, IPTablesLegacy, NFTables); e.Outcome != OneSize {
		t.Errorf("%+v", e)
	}
	if e := FindBreakEven(nil, Hot, IPTablesLegacy, NFTables); e.Outcome != OneSize {
		t.Errorf("%+v", e)
	}
	if found := BreakEvens(points); len(found) != 2 { // hot and cold
		t.Errorf("%d comparisons of two modes", len(found))
	}
	for i := range points {
		points[i].Builds = points[i].Builds[:1]
	}
	if found := Effects(points); len(found) > 0 {
		t.Errorf("one build has effects %+v", found)
	}
}

// A file of before there were builds has one at each size, hot; it is read as
// that and moves nothing that is cold.
func TestOldPoints(t *testing.T) {
	var points []Point
	for _, g := range Guide() {
		points = append(points,
			Point{Mode: IPTablesLegacy, Services: g.Services, Position: rules.Middle, BlocksNs: []int64{int64(g.IPTablesTotal * 1000)}},
			Point{Mode: IPVS, Services: g.Services, Position: rules.Middle, BlocksNs: []int64{int64(g.IPVSTotal * 1000)}})
	}
	if found := BreakEvens(points); len(found) != 1 || found[0].Load != Hot {
		t.Errorf("%+v", found)
	}
	// The guide's own figures cross where the guide says.
	if e := FindBreakEven(points, Hot, IPTablesLegacy, IPVS); e.Outcome != Crosses || e.Services < 500 || e.Services > 1100 {
		t.Errorf("%+v", e)
	}
}

// The line is the least-squares one, and its interval that of the mean response.
func TestLine(t *testing.T) {
	of := []sized{{100, 10}, {100, 30}, {200, 40}, {200, 40}, {300, 50}, {300, 70}}
	l, ok := fitLine(of)
	if !ok || math.Abs(l.slope-0.2) > 1e-9 || math.Abs(l.base) > 1e-9 {
		t.Fatalf("%+v, %v", l, ok)
	}
	if mean, low, high := interval(l, 200); math.Abs(mean-40) > 1e-9 || math.Abs(high+low-80) > 1e-9 || high-low < 10 || high-low > 50 {
		t.Errorf("%v [%v, %v]", mean, low, high)
	}
	s, ok := fitSteps(of)
	if p := s.misfit(); !ok || p < 0.3 {
		t.Errorf("sizes on the line: %v", p)
	}
	if q := studentQuantile(19); math.Abs(q-2.093) > 0.001 {
		t.Errorf("Student's t of 19: %v", q)
	}
}
