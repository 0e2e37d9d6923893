package probe

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kpadvisor/plain"
)

func pairOfTargets() []Target {
	return []Target{
		{Name: "A", Address: "10.96.0.1:80", Kind: HTTP, Path: "/"},
		{Name: "B", Address: "10.96.0.1:80", Kind: HTTP, Path: "/"},
	}
}

// randomHit is a hit as a real target gives them: most are good, some fail or come late.
func randomHit(r *rand.Rand, at int64) hit {
	h := goodHit(at, 20_000+int64(r.ExpFloat64()*30_000))
	h.handshakeNs = (10 + int64(r.ExpFloat64()*40)) * 1000
	switch r.IntN(50) {
	case 0:
		h = hit{due: at, sent: at, connected: at + 5, done: at + 5, failure: Refused}
	case 1:
		h.connected, h.hasHandshake, h.resentSYNs = h.sent+1_020_000_000, false, 1
		h.done = h.connected + 1000
	}
	return h
}

// recorded fires rounds of random hits at both targets, and returns the recorder
// with what its listener was told.
func recorded(rounds, hits int, seed uint64) (*recorder, []Record) {
	r := newRecorder(pairOfTargets(), true)
	var told []Record
	r.after = func(x Record) { told = append(told, x) }
	random := rand.New(rand.NewPCG(seed, 1))
	now := int64(0)
	for _, turn := range Order(2, 1, rounds, seed) {
		r.begin(turn, now)
		var batch []hit
		for i := range hits {
			batch = append(batch, randomHit(random, now+int64(i)*1_000_000))
		}
		r.add(batch, true)
		now += int64(hits)*1_000_000 + 3_000_000_000
		r.end(now, 0, true)
	}
	return r, told
}

// alike compares two distributions' figures: merging may round the last digit.
func alike(a, b Stats) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-9*math.Max(math.Abs(x), 1) }
	return near(a.MeanNs, b.MeanNs) && near(a.SDNs, b.SDNs) && func() bool {
		a.MeanNs, a.SDNs, b.MeanNs, b.SDNs = 0, 0, 0, 0
		return a == b
	}()
}

// sameSeries fails the test where the collected series is not the recorded one.
func sameSeries(t *testing.T, got, want Series) {
	t.Helper()
	if got.Requests != want.Requests || !reflect.DeepEqual(got.Errors, want.Errors) || got.Events != want.Events {
		t.Errorf("%d requests, errors %v, events %+v; want %d, %v, %+v", got.Requests, got.Errors, got.Events, want.Requests, want.Errors, want.Events)
	}
	for _, p := range Phases() {
		if !alike(got.Phases[p], want.Phases[p]) {
			t.Errorf("%s: %+v, want %+v", p, got.Phases[p], want.Phases[p])
		}
	}
	if !reflect.DeepEqual(got.Blocks, want.Blocks) {
		t.Errorf("blocks %+v\nwant %+v", got.Blocks, want.Blocks)
	}
}

// TestCollectorIsTheRunner: what one Runner tells gives, through JSON, in any
// order and twice over, the very result that the Runner has.
func TestCollectorIsTheRunner(t *testing.T) {
	r, told := recorded(8, 120, 7)
	wire, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range []uint64{1, 2, 3} {
		var records []Record
		if err := json.Unmarshal(wire, &records); err != nil {
			t.Fatal(err)
		}
		records = append(records, records...)
		rand.New(rand.NewPCG(order, 0)).Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		c := NewCollector(DefaultPlan(), pairOfTargets(), nil)
		c.Expect(0, 0, 1)
		c.Begin(0)
		for _, x := range records {
			if err := c.Add(0, x); err != nil {
				t.Fatal(err)
			}
		}
		if complete, dropped := c.Rounds(); complete != 8 || dropped != 0 {
			t.Errorf("%d rounds, %d dropped", complete, dropped)
		}
		for i, got := range c.Series() {
			sameSeries(t, got, r.ledgers[i].series())
		}
		result, err := c.Result(Gathered{Environment: Environment{Engine: engineName}, Started: time.Unix(1, 0)})
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range result.Series {
			for _, p := range Phases() {
				want, err := encode(r.ledgers[i].phases[p])
				if err != nil || s.Histograms[p] != want {
					t.Errorf("the histogram of %s is another one (%v)", p, err)
				}
			}
		}
	}
}

// TestCollectorOfMany: three sources on one target are one source that made all
// their hits, block by block.
func TestCollectorOfMany(t *testing.T) {
	const sources, rounds = 3, 7
	c := NewCollector(DefaultPlan(), pairOfTargets(), nil)
	all := newRecorder(pairOfTargets(), true)
	random := rand.New(rand.NewPCG(9, 9))
	for s := range sources {
		c.Expect(s, 0, 1)
	}
	c.Begin(0)
	var waiting []func()
	for round := range rounds {
		for target := range 2 {
			turn := Turn{Target: target, Round: round}
			all.begin(turn, 0)
			for s := range sources {
				one := newRecorder(pairOfTargets(), true)
				one.after = func(x Record) {
					waiting = append(waiting, func() {
						if err := c.Add(s, x); err != nil {
							t.Error(err)
						}
					})
				}
				one.begin(turn, 0)
				var batch []hit
				for range 40 {
					batch = append(batch, randomHit(random, 1000))
				}
				one.add(batch, true)
				all.add(batch, true)
				one.end(5e9, 0, true)
			}
			all.end(5e9, 0, true)
		}
	}
	random.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
	for _, add := range waiting {
		add()
	}
	for i, got := range c.Series() {
		sameSeries(t, got, all.ledgers[i].series())
	}
}

// block is a record of one hit.
func block(target, round int) Record {
	one := Sample{N: 1, MinNs: 5000, MaxNs: 5000, MeanNs: 5000, Counts: []int64{5000, 1}}
	return Record{Target: target, Whole: true, Block: Block{Round: round, Requests: 1}, Phases: PerPhase[Sample]{Handshake: one, Connect: one}}
}

// TestCollectorRounds: which rounds count.
func TestCollectorRounds(t *testing.T) {
	type told struct {
		source int
		record Record
	}
	warm, cut := block(0, 3), block(0, 3)
	warm.Warm, cut.Whole = true, false
	for _, c := range []struct {
		name  string
		first int
		told  []told
		leave int // source that leaves at the end; 0 is none
		want  int
	}{
		{name: "nothing"},
		{name: "one source alone", told: []told{{1, block(0, 3)}}},
		{name: "both", told: []told{{1, block(0, 3)}, {2, block(1, 3)}}, want: 1},
		{name: "twice", told: []told{{1, block(0, 3)}, {2, block(1, 3)}, {1, block(0, 3)}, {2, block(1, 3)}}, want: 1},
		{name: "different rounds", told: []told{{1, block(0, 3)}, {2, block(1, 4)}}},
		{name: "before the first", first: 4, told: []told{{1, block(0, 3)}, {2, block(1, 3)}, {1, block(0, 4)}, {2, block(1, 4)}}, want: 1},
		{name: "warm-up", told: []told{{1, warm}, {2, block(1, 3)}}},
		{name: "cut short", told: []told{{1, cut}, {2, block(1, 3)}}},
		{name: "one of two on a side is gone", told: []told{{1, block(0, 3)}, {2, block(1, 3)}, {1, block(0, 4)}, {2, block(1, 4)}}, leave: 3, want: 2},
		{name: "a whole side is gone", told: []told{{1, block(0, 3)}}, leave: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			collector := NewCollector(DefaultPlan(), pairOfTargets(), nil)
			collector.Expect(1, 0)
			collector.Expect(2, 1)
			if c.leave == 3 {
				collector.Expect(3, 1)
			}
			for _, x := range c.told { // some arrive before it is known which is the first
				if err := collector.Add(x.source, x.record); err != nil {
					t.Fatal(err)
				}
			}
			collector.Begin(c.first)
			if c.leave > 0 {
				collector.Leave(c.leave)
			}
			if got, _ := collector.Rounds(); got != c.want {
				t.Errorf("%d rounds count, want %d", got, c.want)
			}
			for _, s := range collector.Series() {
				if int(s.Requests) != c.want || len(s.Blocks) != c.want {
					t.Errorf("%s has %d hits in %d blocks, want %d", s.Target.Name, s.Requests, len(s.Blocks), c.want)
				}
			}
		})
	}
}

// TestCollectorIsBounded: a source that never tells does not make it grow.
func TestCollectorIsBounded(t *testing.T) {
	c := NewCollector(DefaultPlan(), pairOfTargets(), nil)
	c.Expect(1, 0)
	c.Expect(2, 1)
	c.Begin(0)
	for round := range 10 * maxOpen {
		if err := c.Add(1, block(0, round)); err != nil {
			t.Fatal(err)
		}
	}
	if complete, dropped := c.Rounds(); complete != 0 || dropped != 9*maxOpen || len(c.open) != maxOpen {
		t.Errorf("%d complete, %d dropped, %d open", complete, dropped, len(c.open))
	}
	if err := c.Add(2, block(1, 10*maxOpen-1)); err != nil {
		t.Fatal(err)
	}
	if complete, _ := c.Rounds(); complete != 1 {
		t.Errorf("%d complete", complete)
	}
}

// TestCollectorStops: when much arrives at once, no more counts than was planned.
func TestCollectorStops(t *testing.T) {
	plan := DefaultPlan()
	c := NewCollector(plan, pairOfTargets(), nil)
	c.Expect(0, 0, 1)
	for round := range 2 * plan.Blocks {
		for target := range 2 {
			if err := c.Add(0, block(target, 100+round)); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.Begin(100)
	if complete, _ := c.Rounds(); complete != plan.Blocks {
		t.Errorf("%d rounds count of %d planned", complete, plan.Blocks)
	}
	if b := c.Series()[0].Blocks; b[0].Round != 100 || b[len(b)-1].Round != 100+plan.Blocks-1 {
		t.Errorf("rounds %d to %d", b[0].Round, b[len(b)-1].Round)
	}
}

// TestRecordsThatCannotBe: what a stream may hold is looked at before it counts.
func TestRecordsThatCannotBe(t *testing.T) {
	for name, spoil := range map[string]func(*Record){
		"a target that is not there": func(r *Record) { r.Target = 2 },
		"a negative target":          func(r *Record) { r.Target = -1 },
		"a negative round":           func(r *Record) { r.Block.Round = -1 },
		"more errors than hits":      func(r *Record) { r.Errors = map[Class]int64{Refused: 2}; r.Block.Failed = 2 },
		"errors of no class":         func(r *Record) { r.Block.Failed = 1 },
		"more times than hits":       func(r *Record) { r.Block.Requests = 0 },
		"counts that do not add up":  func(r *Record) { r.Phases[Connect].N = 2; r.Block.Requests = 2 },
		"counts out of order": func(r *Record) {
			r.Phases[Connect].Counts = []int64{5000, 1, 4000, 1}
			r.Phases[Connect].N = 2
			r.Block.Requests = 2
		},
		"a count that overflows":                func(r *Record) { r.Phases[Connect].Counts = []int64{5000, math.MaxInt64, 5001, math.MaxInt64} },
		"a value beyond the range":              func(r *Record) { r.Phases[Connect].Counts = []int64{math.MaxInt64, 1} },
		"a place that no target has":            func(r *Record) { r.Places = []Place{{Address: MaxBesides + 1}} },
		"a place with more times than hits":     func(r *Record) { r.Places = []Place{{N: PerPhase[int64]{Connect: 2}}} },
		"a place with a time that is no number": func(r *Record) { r.Places = []Place{{MedianNs: PerPhase[float64]{Connect: math.NaN()}}} },
		"more places than a target has":         func(r *Record) { r.Places = make([]Place, MaxBesides+2) },
		"an odd list":                           func(r *Record) { r.Phases[Connect].Counts = []int64{5000} },
		"a minimum above the maximum":           func(r *Record) { r.Phases[Connect].MinNs = 9000 },
		"a mean that is no number":              func(r *Record) { r.Phases[Connect].MeanNs = math.NaN() },
		"an endless spread":                     func(r *Record) { r.Phases[Connect].SquareNs2 = math.Inf(1) },
		"late connections that overflow": func(r *Record) {
			r.Events.From1s, r.Events.From3s = math.MaxInt64, math.MaxInt64
		},
	} {
		r := block(0, 1)
		r.Phases[Connect].Counts = slices.Clone(r.Phases[Connect].Counts)
		spoil(&r)
		c := NewCollector(DefaultPlan(), pairOfTargets(), nil)
		c.Expect(0, 0)
		c.Begin(0)
		if err := c.Add(0, r); err == nil {
			t.Errorf("%s: it counts", name)
		}
	}
}

// FuzzRecord: whatever arrives, nothing breaks, and no more hits count than were said.
func FuzzRecord(f *testing.F) {
	_, told := recorded(2, 5, 3)
	for _, r := range append(told, block(0, 1)) {
		text, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r Record
		if json.Unmarshal(text, &r) != nil {
			return
		}
		c := NewCollector(DefaultPlan(), pairOfTargets()[:1], nil)
		c.Expect(0, 0)
		c.Begin(0)
		if c.Add(0, r) != nil {
			return
		}
		result, err := c.Result(Gathered{})
		if err != nil {
			t.Fatal(err)
		}
		s := result.Series[0]
		if s.Requests > r.Block.Requests || s.OtherError != plain.Text(s.OtherError) {
			t.Errorf("%d hits of %d, %q", s.Requests, r.Block.Requests, s.OtherError)
		}
	})
}

// TestControls: what is compared where each target has a control.
func TestControls(t *testing.T) {
	var r Result
	r.SelfCheck.Usable = true
	blocks := func(ns float64) (s Series) {
		for round := range 20 {
			s.Blocks = append(s.Blocks, Block{Round: round, N: PerPhase[int64]{Handshake: 1}, MedianNs: PerPhase[float64]{Handshake: ns + float64(round%3)}})
		}
		return s
	}
	r.Series = []Series{blocks(112_000), blocks(107_000)}
	if _, ok := r.Direct(); ok {
		t.Error("there are no controls to compare")
	}
	r.Controls = []Series{blocks(168_000), blocks(97_000)}
	direct, ok := r.Direct()
	if d := direct.Phases[Handshake]; !ok || !d.Detected || d.MedianDiffNs != 71_000 {
		t.Errorf("directly they differ by %v, want +71.0 us", d)
	}
	for i, want := range []float64{-56_000, 10_000} {
		cost, ok := r.Cost(i)
		if d := cost.Phases[Handshake]; !ok || d.MedianDiffNs != want {
			t.Errorf("the detour of %d costs %v, want %g ns", i, d, want)
		}
	}
}

// TestAround: windows around changes, those that overlap as one.
func TestAround(t *testing.T) {
	c := NewCollector(DefaultPlan(), pairOfTargets(), nil)
	for second := range 100 {
		i := Interval{At: time.Duration(second) * time.Second, Length: intervalLength, Requests: 10}
		if second == 21 || second == 90 {
			i.Errors = 3
		}
		c.Interval(second%2, i)
	}
	at := func(s float64, what string) Change { return Change{time.Duration(s * float64(time.Second)), what} }
	windows, others := c.Around([]Change{at(20.5, "x"), at(24, "y"), at(60, "z"), at(500, "after the end")}, 2*time.Second, 5*time.Second)
	want := []Window{
		{From: 18 * time.Second, To: 29 * time.Second, Changes: []Change{at(20.5, "x"), at(24, "y")}, Targets: []Tally{{Requests: 60, Failed: 0, Late: 0}, {Requests: 50, Failed: 3, Late: 0}}},
		{From: 58 * time.Second, To: 65 * time.Second, Changes: []Change{at(60, "z")}, Targets: []Tally{{Requests: 40, Failed: 0, Late: 0}, {Requests: 30, Failed: 0, Late: 0}}},
		{From: 498 * time.Second, To: 505 * time.Second, Changes: []Change{at(500, "after the end")}, Targets: []Tally{{}, {}}},
	}
	if !reflect.DeepEqual(windows, want) {
		t.Errorf("windows\n%+v\nwant\n%+v", windows, want)
	}
	if !reflect.DeepEqual(others, []Tally{{Requests: 400, Failed: 3, Late: 0}, {Requests: 420, Failed: 0, Late: 0}}) {
		t.Errorf("others %+v", others)
	}
}

// TestRingMerges: intervals of several sources, some of them late.
func TestRingMerges(t *testing.T) {
	at := func(slot int, n, median int64) Interval {
		return Interval{At: time.Duration(slot) * intervalLength, Length: intervalLength, N: PerPhase[int64]{Connect: n}, MedianNs: PerPhase[int64]{Connect: median}, Requests: n}
	}
	r := newRing()
	for _, i := range []Interval{at(5, 1, 100), at(7, 1, 100), at(5, 3, 200), at(6, 1, 50), at(2, 1, 10), at(8, 1, 10)} {
		r.merge(i)
	}
	var slots []int
	for _, i := range r.intervals() {
		slots = append(slots, int(i.At/intervalLength))
	}
	if !slices.Equal(slots, []int{2, 5, 6, 7, 8}) {
		t.Errorf("slots %v", slots)
	}
	if i := r.intervals()[1]; i.N[Connect] != 4 || i.MedianNs[Connect] != 175 || i.Requests != 4 {
		t.Errorf("joined %+v", i)
	}
	for slot := 10; slot < 10+3*ringSize; slot++ {
		r.merge(at(slot, 1, 1))
		r.merge(at(slot-3, 1, 1))
	}
	all := r.intervals()
	if len(all) != ringSize || !slices.IsSortedFunc(all, func(a, b Interval) int { return int(a.At - b.At) }) || all[len(all)-1].At != time.Duration(9+3*ringSize)*intervalLength {
		t.Errorf("%d kept, the last at %v", len(all), all[len(all)-1].At)
	}
	r.merge(at(1, 1, 1)) // older than everything that is kept
	if r.intervals()[0].At != all[0].At {
		t.Error("an interval from before the window came in")
	}
}

// TestHooks: a gate holds blocks back, and its error ends the run.
func TestHooks(t *testing.T) {
	target := serve(t, hello)
	r, err := NewRunner(plan60(), target)
	if err != nil {
		t.Fatal(err)
	}
	var held []Turn
	var told []Record
	r.Hook(Hooks{
		Before: func(_ context.Context, turn Turn) error {
			if s := r.Snapshot(); s.State != TurnWait {
				t.Errorf("held back while %q", s.State)
			}
			held = append(held, turn)
			return nil
		},
		After: func(x Record) { told = append(told, x) },
	})
	result, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var hits int64
	for i, x := range told {
		if x.Warm != held[i].Warm || x.Block.Round != held[i].Round || x.Validate() != nil || !x.Whole {
			t.Errorf("block %d: %+v (%v), held back as %+v", i, x, x.Validate(), held[i])
		}
		if !x.Warm {
			hits += x.Block.Requests
		}
	}
	if len(held) != 7 || len(told) != 7 || hits != result.Series[0].Requests {
		t.Errorf("%d held back, %d told, %d hits of %d", len(held), len(told), hits, result.Series[0].Requests)
	}
}

// TestBesides: hits go to all addresses of a target, in equal parts.
func TestBesides(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		var counts [3]counter
		target := serve(t, counts[0].count)
		var more []string
		for i := range counts[1:] {
			more = append(more, serve(t, counts[i+1].count).Address)
		}
		target.Besides = strings.Join(more, ",")
		result := measure(plan60(), target)
		if s := result.Series[0]; s.Requests != 60 || s.Failed() != 0 {
			t.Fatalf("%d hits, %v failed", s.Requests, s.Errors)
		}
		for i := range counts {
			if n := counts[i].n.Load(); n < 18 || n > 28 { // 70 hits with those of warm-up
				t.Errorf("address %d got %d of 70 hits", i, n)
			}
		}
	})
	for besides, want := range map[string]bool{"": true, "10.0.0.1:80": true, "10.0.0.1:80,[fd00::1]:80": true, "host:80": false, "10.0.0.1": false, "10.0.0.1:0": false, ",": false, strings.Repeat("10.0.0.1:80,", 70) + "10.0.0.1:80": false} {
		if err := (Target{Name: "A", Address: "10.0.0.1:80", Kind: TCP, Besides: besides}).Validate(); (err == nil) != want {
			t.Errorf("besides %.40q: %v", besides, err)
		}
	}
}

// counter is a server that counts.
type counter struct{ n atomic.Int64 }

func (c *counter) count(w http.ResponseWriter, r *http.Request) {
	c.n.Add(1)
	hello(w, r)
}
