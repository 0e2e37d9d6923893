package probe

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The interval over runs holds the truth as often as it claims though each run is off
// by as much as it likes, which the runs' own intervals do not.
func TestPoolCountsWhatDiffersBetweenRuns(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	const simulations, truth, between, within = 3000, 6000.0, 1500.0, 100.0
	for _, runs := range []int{2, 3, 5, 6, 12} {
		covered, single := 0, 0
		for range simulations {
			values, reach := make([]float64, runs), make([]float64, runs)
			for i := range values {
				values[i], reach[i] = truth+random.NormFloat64()*between, 2*within
			}
			s := Pool(values, reach)
			if !s.Bounded || s.Runs != runs || s.WithinNs != 2*within || (s.Method == StudentT) != (runs < MinBlocks) {
				t.Fatalf("%+v", s)
			}
			if s.LowNs <= truth && truth <= s.HighNs {
				covered++
			}
			if math.Abs(values[0]-truth) <= 2*within {
				single++
			}
		}
		share := float64(covered) / simulations
		if least := 0.95 - 4*math.Sqrt(0.95*0.05/simulations); share < least || float64(single)/simulations > 0.5 {
			t.Errorf("%d runs: the interval holds the truth in %.1f %% of simulations, that of one run in %.1f %%", runs, share*100, 100*float64(single)/simulations)
		}
	}
	if s := Pool([]float64{5}, nil); s.Bounded || s.CentreNs != 5 || s.Detected() {
		t.Errorf("one run: %+v", s)
	}
	if s := Pool(nil, nil); s.Runs != 0 || s.Bounded {
		t.Errorf("no run: %+v", s)
	}
	if s := Pool([]float64{1, 3, 8}, []float64{2}); s.CentreNs != 4 || math.Abs(s.BetweenNs-3.606) > 0.001 {
		t.Errorf("three runs: %+v", s)
	}
}

// manyRuns are runs of A and B in which A is slower by about so much.
func manyRuns(t *testing.T, name string, differences ...float64) []NamedRun {
	var out []NamedRun
	for i, d := range differences {
		r := sampleResult(t)
		for b := range r.Series[0].Blocks {
			r.Series[0].Blocks[b].MedianNs[Handshake] = r.Series[1].Blocks[b].MedianNs[Handshake] + d + float64(b%3)
		}
		out = append(out, NamedRun{Name: name + string(rune('1'+i)), Result: r})
	}
	return out
}

func TestCompareRuns(t *testing.T) {
	row := func(c Runs, what string) RunsRow {
		i := slices.IndexFunc(c.Rows, func(r RunsRow) bool { return r.What == what })
		if i < 0 {
			t.Fatalf("no row %s in %+v", what, c.Rows)
		}
		return c.Rows[i]
	}
	a := manyRuns(t, "a", 6000, 6500, 5500, 7000, 5000, 6100, 5900)
	one, err := CompareRuns(Handshake, a, nil)
	if err != nil || len(one.Rows) != 3 || len(one.A) != 7 || one.Warnings != nil {
		t.Fatalf("%+v, %v", one, err)
	}
	if r := row(one, "A - B"); !r.Detected || !r.Difference || r.A.Runs != 7 || r.A.CentreNs != 6001 || r.A.LowNs != 5001 || r.A.HighNs != 7001 || r.A.WithinNs > 2 {
		t.Errorf("%+v", r)
	}
	if r := row(one, "A"); r.Detected || r.Difference || r.A.CentreNs <= row(one, "B").A.CentreNs {
		t.Errorf("%+v", r)
	}
	b := manyRuns(t, "b", 100, -200, 300, -100, 200)
	two, err := CompareRuns(Handshake, a, b)
	if r := row(two, "A - B"); err != nil || !r.Detected || r.P > 0.05 || r.B.Runs != 5 || r.B.Method != StudentT || math.Abs(r.DiffNs-5940) > 50 {
		t.Errorf("%+v %+v, %v", r, r.B, err)
	}
	if r := row(two, "B"); r.Detected || r.DiffNs != 0 {
		t.Errorf("B is the same in all runs: %+v", r)
	}
	few, err := CompareRuns(Handshake, a[:2], b[:2])
	if r := row(few, "A - B"); err != nil || r.Detected || len(few.Warnings) == 0 {
		t.Errorf("two runs against two: %+v, %q, %v", r, few.Warnings, err)
	}
}

func TestRunsThatDoNotFit(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Result)
		err    string
		warns  string
	}{
		"nothing":           {func(*Result) {}, "", ""},
		"the self-check":    {func(r *Result) { r.SelfCheck.Usable = false }, "", "a2 is left out"},
		"another kernel":    {func(r *Result) { r.Series[0].Conditions.Kernel = "5.4" }, "", "a2, target A: another kernel than a1 (5.4, not 6.1.0)"},
		"one target":        {func(r *Result) { r.Series = r.Series[:1] }, "a1 has 2 targets and a2 has 1", ""},
		"no target":         {func(r *Result) { r.Series = nil }, "a2 holds no target", ""},
		"other concurrency": {func(r *Result) { r.Series[1].Conditions.Plan.Concurrency = 9 }, "", "concurrency"},
	} {
		a := manyRuns(t, "a", 6000, 6500, 5500)
		tt.change(&a[1].Result)
		got, err := CompareRuns(Handshake, a, nil)
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v", name, err)
		}
		if all := strings.Join(got.Warnings, "\n"); err == nil && ((all == "") != (tt.warns == "") || !strings.Contains(all, tt.warns)) {
			t.Errorf("%s: %q, want %q", name, all, tt.warns)
		}
	}
	if _, err := CompareRuns(KeptAlive, manyRuns(t, "a", 1, 2), nil); err == nil || !strings.Contains(err.Error(), "no run has measured kept-alive") {
		t.Errorf("what nobody measured: %v", err)
	}
	broken := manyRuns(t, "a", 1)
	broken[0].Result.SelfCheck.Usable = false
	if _, err := CompareRuns(Handshake, broken, nil); err == nil {
		t.Error("no usable run passes")
	}
}

// Raw samples are one line a hit, with a time in each phase that it has.
func TestRaw(t *testing.T) {
	var out bytes.Buffer
	r := newRecorder([]Target{{Name: "A"}, {Name: "it's, B"}}, false)
	r.raw = newRaw(&out)
	r.begin(Turn{Target: 1, Round: 3}, 0)
	late := goodHit(2000, 50)
	late.hasHandshake, late.resentSYNs = false, 2
	r.add([]hit{goodHit(1000, 50), late, {due: 1, sent: 2, connected: 9, done: 9, failure: Refused}, {dropped: true}}, true)
	r.end(1e9, 0, true)
	if err := r.raw.flush(); err != nil {
		t.Fatal(err)
	}
	want := `target,round,warm,due_ns,sent_ns,done_ns,handshake_ns,established_ns,first-packet_ns,connect_ns,processing_ns,waiting_ns,total_ns,kept-alive_ns,resent_syns,failure
"it's, B",3,false,990,1000,1250,7000,5000,2000,50,200,95,250,,0,
"it's, B",3,false,1990,2000,2250,,5000,,50,200,95,250,,2,
"it's, B",3,false,1,2,9,,,,,,,,,0,refused
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
