package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Against the sorted sample: exact where it says exact, 3 digits elsewhere, and
// right for small, odd and even n.
func TestDistribution(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 4, 5, 99, 100, 101, 10_000} {
		d, values, sum := newDistribution(), []int64{}, 0.0
		for range n {
			v := int64(math.Exp(random.NormFloat64()*2 + 11)) // around 60 µs, a long tail
			d.record(v)
			values, sum = append(values, v), sum+float64(v)
		}
		slices.Sort(values)
		s := d.stats()
		if s.N != int64(n) || s.MinNs != values[0] || s.MaxNs != values[n-1] {
			t.Errorf("n=%d: n, min, max are %d %d %d", n, s.N, s.MinNs, s.MaxNs)
		}
		mean, squares := sum/float64(n), 0.0
		for _, v := range values {
			squares += (float64(v) - mean) * (float64(v) - mean)
		}
		near(t, "mean", s.MeanNs, mean, 1e-9)
		near(t, "sd", s.SDNs, math.Sqrt(squares/float64(max(1, n-1))), 1e-6)
		for _, q := range []struct {
			percent float64
			got     int64
		}{{50, s.MedianNs}, {90, s.P90Ns}, {99, s.P99Ns}} {
			rank := max(1, int(math.Ceil(q.percent/100*float64(n))))
			low, high := values[max(0, rank-2)], values[min(n-1, rank)]
			if float64(q.got) < float64(low)*0.999 || float64(q.got) > float64(high)*1.001 {
				t.Errorf("n=%d: p%g is %d, its neighbours are %d and %d", n, q.percent, q.got, low, high)
			}
		}
		d.reset()
		if d.stats() != (Stats{}) {
			t.Error("something is left after a reset")
		}
	}
}

func near(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if math.Abs(got-want) > relative*math.Abs(want)+1e-9 {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

func TestDistributionEnds(t *testing.T) {
	d := newDistribution()
	d.record(-5) // a clock can't go back; if it did, 0
	d.record(2 * histogramHighest)
	s := d.stats()
	if s.MinNs != 0 || s.MaxNs != 2*histogramHighest || s.N != 2 || s.Over60s != 1 || d.histogram.TotalCount() != 2 {
		t.Errorf("got %+v", s)
	}
}

func TestMicrosMedian(t *testing.T) {
	for _, c := range []struct {
		name  string
		us    map[int64]int // µs: how often
		want  float64       // ns
		known bool
	}{
		{"nothing", nil, 0, false},
		{"one value is its own middle", map[int64]int{7: 10}, 7000, true},
		{"half and half lies between", map[int64]int{7: 5, 8: 5}, 7500, true},
		{"three quarters at 7", map[int64]int{7: 75, 8: 25}, 7166.67, true},
		{"0 µs is not negative", map[int64]int{0: 10, 1: 1}, 0.05e3, true},
		{"beyond 4 ms", map[int64]int{5000: 10}, 0, false},
		{"a tail beyond 4 ms counts", map[int64]int{7: 6, 5000: 4}, 7333.33, true},
	} {
		var m micros
		for us, n := range c.us {
			for range n {
				m.record(us * 1000)
			}
		}
		got, known := m.median()
		if known != c.known || math.Abs(got-c.want) > 1 {
			t.Errorf("%s: %g, %v; want %g, %v", c.name, got, known, c.want, c.known)
		}
	}
}

// What the interpolation is for: a shift of 0.3 µs is seen through a clock of
// whole µs.
func TestMicrosSeeBelowOneMicrosecond(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	median := func(shift float64) float64 {
		var m micros
		for range 20_000 {
			start := random.Float64() * 1000
			ns := start + 15_000 + shift + math.Abs(random.NormFloat64())*2000
			m.record((int64(ns)/1000 - int64(start)/1000) * 1000)
		}
		ns, _ := m.median()
		return ns
	}
	if got := median(300) - median(0); math.Abs(got-300) > 60 {
		t.Errorf("a shift of 300 ns is seen as %.0f ns", got)
	}
}

// TestSpread: while a run lasts its times are spread as its result then says, and as they
// are.
func TestSpread(t *testing.T) {
	r, _ := recorded(8, 120, 7)
	for _, l := range r.ledgers {
		whole := l.series()
		for _, p := range Phases() {
			live, err := whole.Spread(p)
			if err != nil {
				t.Fatal(err)
			}
			ended := Series{Phases: whole.Phases}
			if ended.Histograms[p], err = encode(l.phases[p]); err != nil {
				t.Fatal(err)
			}
			kept, err := ended.Spread(p)
			if err != nil || !slices.Equal(live, kept) || (live == nil) != (whole.Phases[p].N == 0) {
				t.Errorf("%s: %v while it runs, %v then, %v", p, live, kept, err)
			}
			if live == nil {
				continue
			}
			if at := slices.Index(Shares(), 0.5); len(live) != len(Shares()) || !slices.IsSorted(live) || live[at] != whole.Phases[p].MedianNs {
				t.Errorf("%s: %v with a median of %d", p, live, whole.Phases[p].MedianNs)
			}
		}
	}
	if _, err := (Series{Histograms: PerPhase[Encoded]{"no histogram"}}).Spread(Handshake); err == nil {
		t.Error("what is no histogram is spread")
	}
}
