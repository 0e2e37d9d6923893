package advisor

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kpadvisor/advisor/release"
)

// comparedAt is a cold measurement of iptables minus nftables at 5,000 Services.
func comparedAt(low, mid, high int64) Comparison {
	return Comparison{
		A: IPTables, B: NFTables, Where: "lab", Kernel: "6.6.10", Services: 5_000, MedianDiffNs: mid, LowNs: low, HighNs: high,
		Detected: low > 0 || high < 0, Blocks: 6, Arrival: Cold,
	}
}

// What was measured decides by its interval: below the floor, above it, or on both
// sides, which says to measure more. Only paced measurements weigh.
func TestWeighing(t *testing.T) {
	hot := comparedAt(5_000, 6_300, 7_000)
	hot.Arrival = Hot
	old := comparedAt(5_000, 6_300, 7_000)
	old.Arrival = ""
	nodes := comparedAt(1_000, 2_000, 3_000)
	nodes.Single = true
	for name, c := range map[string]struct {
		services   int
		of         []Comparison
		action     Action
		says       string
		confidence Confidence // empty: any
	}{
		"none, 5,000 Services":                 {5_000, nil, Change, "(estimate)", ""},
		"above":                                {5_000, []Comparison{comparedAt(26_000, 28_000, 30_000)}, Change, "28 us per new connection slower", ""},
		"below":                                {5_000, []Comparison{comparedAt(1_000, 2_000, 3_000)}, Keep, "would save 2.0 us", ""},
		"hot decides nothing":                  {5_000, []Comparison{hot}, Change, "back to back", ""},
		"of unknown arrival decides nothing":   {5_000, []Comparison{old}, Change, "back to back", ""},
		"one node with one decides nothing":    {5_000, []Comparison{nodes}, Change, "one node, or one build", ""},
		"too wide to replace the estimate":     {5_000, []Comparison{comparedAt(-60_000, 5_000, 70_000)}, Change, "measure more", Medium},
		"on both sides, narrower than a guess": {5_000, []Comparison{comparedAt(6_000, 11_000, 16_000)}, Measure, "Measure more", ""},
		"two that agree":                       {5_000, []Comparison{comparedAt(20_000, 28_000, 36_000), comparedAt(18_000, 26_000, 34_000)}, Change, "2 measurements together", ""},
		"two that exclude each other":          {5_000, []Comparison{comparedAt(26_000, 28_000, 30_000), comparedAt(1_000, 2_000, 3_000)}, Change, "exclude each other", Medium},
	} {
		a := Decide(typed(c.services, 2*c.services, "6.6.10", "v1.36.0", IPTables), habits("connections", "short"), Measured{Comparisons: c.of})
		var said []string
		for _, r := range a.Because {
			said = append(said, r.Text)
		}
		said = append(said, a.ConfidenceBecause...)
		text := a.Headline + "\n" + strings.Join(said, "\n")
		if a.Action != c.action || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s, want %s with %q\n%s", name, a.Action, c.action, c.says, text)
		}
		if c.confidence != "" && a.Confidence == High {
			t.Errorf("%s: confidence %s", name, a.Confidence)
		}
	}
}

// Pooled, measurements are never surer than the best of them by more than their
// number, and what lies between them is covered.
func TestPool(t *testing.T) {
	of := func(spans ...span) (all []differing) {
		for _, s := range spans {
			all = append(all, differing{span: s})
		}
		return all
	}
	if got, contradict := pool(of(span{10, 20, 30})); contradict || got != (span{10, 20, 30}) {
		t.Errorf("one: %v %t", got, contradict)
	}
	got, contradict := pool(of(span{0, 2_000, 4_000}, span{1_000, 3_000, 5_000}))
	if contradict || got.mid != 2_500 || got.high-got.low >= 4_000 || got.high-got.low < 2_000 {
		t.Errorf("two that agree: %v %t", got, contradict)
	}
	if got, contradict := pool(of(span{0, 1_000, 2_000}, span{9_000, 10_000, 11_000})); !contradict || got.low != 0 || got.high != 11_000 {
		t.Errorf("two that exclude each other: %v %t", got, contradict)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		var all []differing
		narrowest, lowest, highest := int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MinInt64)
		for range 1 + rng.IntN(5) {
			mid, half := rng.Int64N(40_000)-20_000, 1+rng.Int64N(20_000)
			all = append(all, differing{span: span{mid - half, mid, mid + half}})
			narrowest, lowest, highest = min(narrowest, 2*half), min(lowest, mid), max(highest, mid)
		}
		got, _ := pool(all)
		if got.low > got.mid || got.mid > got.high || got.mid < lowest || got.mid > highest {
			t.Fatalf("%v of %v", got, all)
		}
		if float64(got.high-got.low) < float64(narrowest)/math.Sqrt(float64(len(all)))*0.99-2 {
			t.Fatalf("%v is narrower than %d measurements allow: %v", got, len(all), all)
		}
	}
}

// Sweeps of several files through both backends: each backend is pooled over the
// files, and the cheaper one counts, whole and not by its least file.
func TestWeighingBothBackends(t *testing.T) {
	swept := func(backend release.Backend, where string, ns int64) BreakEven {
		e := sweptAt(NFTables, backend)
		e.Kernel, e.Where = "6.6.10", where
		for i := range e.Differences {
			e.Differences[i] = SizeDifference{e.Differences[i].Services, ns, ns - 4_000, ns + 4_000}
		}
		return e
	}
	s := newSituation(typed(5_000, 10_000, "6.6.10", "v1.36.0", IPTables), Habits{}, Measured{BreakEvens: []BreakEven{
		swept(release.BackendLegacy, "first", 26_000), swept(release.BackendNFT, "first", 60_000),
		swept(release.BackendLegacy, "second", 30_000), swept(release.BackendNFT, "second", 64_000),
	}})
	if w, ok := s.weigh(IPTables, NFTables); !ok || len(w.by) != 2 || w.mid != 28_000 || w.contradict {
		t.Errorf("%+v, %v", w, ok)
	}
}
