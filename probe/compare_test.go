package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// blockSeries makes two series of block medians: a slow drift both share, noise
// with a long tail, and B shifted by -diff.
func blockSeries(random *rand.Rand, blocks int, diff float64) (a, b Series) {
	a.Target, b.Target = Target{Name: "A", Address: "a:1"}, Target{Name: "B", Address: "b:1"}
	drift := random.Float64() * 500
	noise := func() float64 { return 15_000 + math.Exp(random.NormFloat64()*0.8+6) }
	for i := range blocks {
		at, bt := Block{Round: i}, Block{Round: i}
		at.N[Handshake], bt.N[Handshake] = 1, 1
		first, second := drift*float64(2*i), drift*float64(2*i+1)
		if random.IntN(2) == 0 {
			first, second = second, first
		}
		at.MedianNs[Handshake], bt.MedianNs[Handshake] = noise()+first+diff, noise()+second
		a.Blocks, b.Blocks = append(a.Blocks, at), append(b.Blocks, bt)
	}
	return a, b
}

// The interval holds the true difference in 95 % of runs, neither less nor
// uselessly more, and so A/A shows a difference in at most 5 %.
func TestIntervalCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const runs = 4000
	for _, blocks := range []int{6, 10, 20, 50} {
		for _, truth := range []float64{0, 2000} {
			covered, found, confidence := 0, 0, 0.0
			for range runs {
				a, b := blockSeries(random, blocks, truth)
				d := Compare(a, b).Phases[Handshake]
				if !d.Bounded {
					t.Fatalf("%d blocks give no interval", blocks)
				}
				if d.LowNs <= truth && truth <= d.HighNs {
					covered++
				}
				if d.Detected {
					found++
				}
				confidence = d.Confidence
			}
			share := float64(covered) / runs
			deviation := 4 * math.Sqrt(confidence*(1-confidence)/runs)
			if confidence < 0.95 || math.Abs(share-confidence) > deviation {
				t.Errorf("%d blocks, difference %g: the interval holds it in %.1f %%, it claims %.1f %%", blocks, truth, share*100, confidence*100)
			}
			// 5 % and what 4000 runs can stray from it (99.9 %).
			if truth == 0 && float64(found)/runs > 0.05+3.1*math.Sqrt(0.05*0.95/runs) {
				t.Errorf("%d blocks, A/A: a difference in %.2f %% of runs", blocks, 100*float64(found)/runs)
			}
		}
	}
}

// Blocks of a real machine are not independent: it drifts, its speed changes for
// seconds, one block's noise is half in the next. In the order that the engine uses
// the interval still holds the truth in 95 % of runs or more, and A/A shows a
// difference in 5 % at most.
func TestIntervalOfDependentBlocks(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	const runs, blocks, truth = 3000, 20, 700.0
	for name, noise := range map[string]func() func(i int) float64{
		"drift": func() func(int) float64 {
			slope := random.NormFloat64() * 300
			return func(i int) float64 { return slope * float64(i) }
		},
		"curved drift": func() func(int) float64 {
			c := random.NormFloat64() * 20
			return func(i int) float64 { return c * float64(i*i) }
		},
		"each like the last": func() func(int) float64 {
			last := random.NormFloat64()
			return func(int) float64 { last = 0.7*last + math.Sqrt(1-0.49)*random.NormFloat64(); return 1000 * last }
		},
		"two speeds": func() func(int) float64 {
			slow := 0.0
			return func(int) float64 {
				if random.IntN(6) == 0 {
					slow = 5000 - slow
				}
				return slow
			}
		},
	} {
		covered := 0
		for range runs {
			series := [2]Series{{Target: Target{Name: "A"}}, {Target: Target{Name: "B"}}}
			of := noise()
			for i, turn := range Order(2, 0, blocks, random.Uint64()) {
				b := Block{Round: turn.Round}
				b.N[Handshake], b.MedianNs[Handshake] = 1, 15_000+of(i)+random.NormFloat64()*300
				if turn.Target == 0 {
					b.MedianNs[Handshake] += truth
				}
				series[turn.Target].Blocks = append(series[turn.Target].Blocks, b)
			}
			if d := Compare(series[0], series[1]).Phases[Handshake]; d.LowNs <= truth && truth <= d.HighNs {
				covered++
			}
		}
		// What 3000 runs can stray from 95 % (4 standard deviations).
		if share := float64(covered) / runs; share < 0.95-4*math.Sqrt(0.95*0.05/runs) {
			t.Errorf("%s: the interval holds the truth in %.1f %% of runs", name, share*100)
		}
	}
}

// Ties, as a clock of whole µs makes them, must not create differences.
func TestIntervalWithTies(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	found := 0
	const runs = 4000
	for range runs {
		diffs := make([]float64, 20)
		for i := range diffs {
			diffs[i] = math.Round(random.NormFloat64())
		}
		if difference(diffs).Detected {
			found++
		}
	}
	if share := float64(found) / runs; share > 0.05 {
		t.Errorf("a difference in %.2f %% of runs", share*100)
	}
}

// A true difference of the size that the run says it could have shown is found about
// every other time, one of twice that nearly always, a much smaller one hardly ever.
func TestSmallestDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	const runs = 1000
	smallest := make([]float64, runs)
	for i := range smallest {
		a, b := blockSeries(random, 20, 0)
		d := Compare(a, b).Phases[Handshake]
		smallest[i] = d.SmallestNs
		if d.SmallestNs != (d.HighNs-d.LowNs)/2 || d.SmallestNs <= 0 {
			t.Fatalf("%+v", d)
		}
	}
	slices.Sort(smallest)
	for _, c := range []struct{ times, least, most float64 }{{0.25, 0, 0.25}, {1, 0.35, 0.75}, {2, 0.9, 1}} {
		found := 0
		for range runs {
			a, b := blockSeries(random, 20, c.times*smallest[runs/2])
			if Compare(a, b).Phases[Handshake].Detected {
				found++
			}
		}
		if share := float64(found) / runs; share < c.least || share > c.most {
			t.Errorf("%g times the smallest: found in %.0f %% of runs, want %.0f to %.0f %%", c.times, share*100, c.least*100, c.most*100)
		}
	}
}

func TestDifferenceInWords(t *testing.T) {
	for _, c := range []struct {
		diffs []float64
		want  string
	}{
		{nil, "not measured"},
		{[]float64{5000, 5000, 5000, 5000, 5000}, "~ not detected (5 blocks, an interval needs 6)"},
		{[]float64{5000, 5100, 5200, 4900, 4800, 5000}, "+5.0 us [+4.8, +5.2] 97 %, 6 blocks"},
		{[]float64{-5000, -5100, -5200, -4900, -4800, -5000}, "-5.0 us [-5.2, -4.8] 97 %, 6 blocks"},
		{[]float64{0, 0, 0, 0, 0, 0}, "~ not detected (6 blocks could show one of 0.0 us)"},
		{[]float64{-1000, 1000, 500, 500, 500, 500}, "~ not detected (6 blocks could show one of 1.0 us)"},
	} {
		if got := difference(c.diffs).String(); got != c.want {
			t.Errorf("%v: %q, want %q", c.diffs, got, c.want)
		}
	}
}

func TestPairsNeedBoth(t *testing.T) {
	block := func(round int, n int64, median float64) Block {
		b := Block{Round: round}
		b.N[Connect], b.MedianNs[Connect] = n, median
		return b
	}
	a := []Block{block(0, 1, 10), block(1, 0, 0), block(2, 1, 30), block(3, 1, 40)}
	b := []Block{block(3, 1, 39), block(0, 1, 12), block(1, 1, 5)}
	got := pairs(a, b, Connect)
	if len(got) != 2 || got[0] != -2 || got[1] != 1 {
		t.Errorf("pairs give %v, want [-2 1]", got)
	}
}

func TestWarnings(t *testing.T) {
	plan := DefaultPlan()
	base := Series{Target: Target{Name: "A", Address: "a:1", Kind: HTTP, Path: "/"}, Requests: 100, Conditions: Conditions{Kernel: "6.1", Engine: "x", Plan: plan}}
	for _, c := range []struct {
		change func(*Series)
		want   string
	}{
		{func(*Series) {}, ""},
		{func(s *Series) { s.Target.Kind = TCP }, "kind"},
		{func(s *Series) { s.Target.Path = "/x" }, "path"},
		{func(s *Series) { s.Target.Host = "h" }, "Host"},
		{func(s *Series) { s.Target.Address = "a:1" }, "same address"},
		{func(s *Series) { s.Conditions.Kernel = "5.4" }, "kernel"},
		{func(s *Series) { s.Conditions.Engine = "y" }, "engine"},
		{func(s *Series) { s.Conditions.Started = time.Unix(1, 0) }, "two runs"},
		{func(s *Series) { s.Conditions.Plan.Threads = 1 }, "threads"},
		{func(s *Series) { s.Conditions.Plan.Rate = 1 }, "rate"},
		{func(s *Series) { s.Conditions.Plan.Ports = SourcePorts{Mode: ReusePorts} }, "source ports"},
		{func(s *Series) { s.Conditions.Plan.Timeout = 1 }, "timeout"},
		{func(s *Series) { s.Errors = map[Class]int64{Reset: 1} }, "B: 1 of 100 hits failed"},
		{func(s *Series) { s.Events.From3s = 1 }, "took 1 s or more"},
	} {
		b := base
		b.Target.Name, b.Target.Address = "B", "b:1"
		c.change(&b)
		got := Compare(base, b).Warnings
		if (c.want == "") != (len(got) == 0) || (c.want != "" && !strings.Contains(strings.Join(got, "; "), c.want)) {
			t.Errorf("warnings are %q, want one with %q", got, c.want)
		}
	}
}
