package drill

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kpadvisor/probe"
)

func marks(steps ...Mark) []Mark { return steps }

// A connection belongs to the phase it was begun in, whatever comes first.
func TestPhaseAt(t *testing.T) {
	const s = time.Second
	drained := marks(Mark{Do: NewPod, At: 4 * s}, Mark{Do: Terminating, At: 6 * s}, Mark{Do: ListenerDown, At: 9 * s}, Mark{Do: AddressGone, At: 10 * s}, Mark{Do: Check, At: 12 * s}, Mark{Do: ServerDeleted, At: 12 * s})
	lost := marks(Mark{Do: ListenerDown, At: 6 * s}, Mark{Do: AddressGone, At: 7 * s}, Mark{Do: Terminating, At: 10 * s})
	early := marks(Mark{Do: Terminating, At: 6 * s}, Mark{Do: ServerDeleted, At: 6 * s}, Mark{Do: ListenerDown, At: 9 * s}) // no connection was left
	for _, c := range []struct {
		marks []Mark
		at    time.Duration
		want  Part
	}{
		{nil, 0, Steady},
		{drained, 5 * s, Steady},
		{drained, 6 * s, Draining},
		{drained, 9*s - 1, Draining},
		{drained, 9 * s, PodGone},
		{drained, 12 * s, Deleted},
		{lost, 5 * s, Steady},
		{lost, 6 * s, Unheard},
		{lost, 9 * s, Unheard},
		{lost, 10 * s, PodGone},
		{lost, 99 * s, PodGone},
		{early, 7 * s, Draining},
		{early, 9 * s, Deleted},
	} {
		if got := phaseAt(c.marks, c.at); got != c.want {
			t.Errorf("at %v of %v: %s, want %s", c.at, c.marks, got, c.want)
		}
	}
}

// Nothing is counted twice or lost, however connections and looks interleave.
func TestTallyAddsUp(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := DefaultPlan()
		p.Lost = seed%2 == 0
		tally := NewTally(p, InIPVS(0, 0, 1))
		steps := p.Steps(true)
		var want Counts
		var seen []Interval
		now := time.Duration(0)
		for now < p.Length()+5*time.Second {
			now += time.Duration(rng.Int64N(int64(60 * time.Millisecond)))
			for len(steps) > 0 && steps[0].At <= now {
				tally.Mark(Mark{Do: steps[0].Do, At: now})
				steps = steps[1:]
			}
			c := Conn{Begun: now - time.Duration(rng.Int64N(int64(time.Second))), Ended: now, Connect: time.Duration(rng.Int64N(int64(time.Second))), Resent: rng.IntN(20) == 0}
			if rng.IntN(3) == 0 {
				c.Class = probe.Classes()[rng.IntN(len(probe.Classes()))]
				want.Failed++
			} else {
				want.OK++
			}
			if c.ToOldPod = rng.IntN(2) == 0; c.ToOldPod {
				want.ToOldPod++
			}
			tally.Add(c)
			if rng.IntN(10) == 0 {
				tally.Advance(now)
				seen = append(seen, tally.Take(false).Intervals...)
			}
			if now > p.Length() { // what still comes stands in the last interval
				tally.Close(now)
			}
		}
		last := tally.Take(true)
		seen = append(seen, last.Intervals...)
		if err := last.Validate(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		got := last.Total()
		if got.OK != want.OK || got.Failed != want.Failed || got.ToOldPod != want.ToOldPod {
			t.Errorf("seed %d: %+v, want %+v", seed, got, want)
		}
		if _, has := last.Phases[Unheard]; has != p.Lost {
			t.Errorf("seed %d: lost %t, unheard %t", seed, p.Lost, has)
		}
		var sum Counts
		for i, n := range seen {
			sum.OK, sum.Failed, sum.ToOldPod = sum.OK+n.OK, sum.Failed+n.Failed, sum.ToOldPod+n.ToOldPod
			if n.At != time.Duration(i)*p.IntervalLength() || n.At > p.Length()+time.Second {
				t.Fatalf("seed %d: interval %d at %v", seed, i, n.At)
			}
		}
		if sum.OK != want.OK || sum.Failed != want.Failed || sum.ToOldPod != want.ToOldPod {
			t.Errorf("seed %d: the intervals hold %+v of %+v", seed, sum, want)
		}
	}
}

func TestTakeIsACopy(t *testing.T) {
	tally := NewTally(DefaultPlan(), InIPVS(0, 0, 1))
	tally.Add(Conn{Class: probe.Reset})
	tally.Mark(Mark{Do: NewPod})
	r := tally.Take(false)
	r.Marks[0].Do = End
	r.Phases[Steady].ByClass[probe.Reset] = 99
	if again := tally.Take(false); again.Marks[0].Do != NewPod || again.Phases[Steady].ByClass[probe.Reset] != 1 {
		t.Errorf("%+v", again)
	}
}

func TestOutcome(t *testing.T) {
	of := func(n int, c probe.Class) map[probe.Class]int {
		if n == 0 {
			return nil
		}
		return map[probe.Class]int{c: n}
	}
	row := func(steady, unheard, gone, deleted Counts) Row {
		return Row{Config: InIPVS(0, 0, 1), Phases: map[Part]Counts{Steady: steady, Unheard: unheard, PodGone: gone, Deleted: deleted}}
	}
	for name, c := range map[string]struct {
		row  Row
		want Outcome
	}{
		"nothing":                     {Row{}, Unclear},
		"all well":                    {row(Counts{OK: 100, ToOldPod: 50}, Counts{}, Counts{OK: 20}, Counts{OK: 80}), Safe},
		"one went to the dead pod":    {row(Counts{OK: 100}, Counts{}, Counts{OK: 500, Failed: 1, ToOldPod: 1, ByClass: of(1, probe.NoRoute)}, Counts{}), StalePod},
		"and it ended early":          {Row{Problem: "x", Phases: map[Part]Counts{PodGone: {Failed: 1, ToOldPod: 1}}}, StalePod},
		"too few after the death":     {row(Counts{OK: 100}, Counts{}, Counts{OK: 19}, Counts{}), Unclear},
		"a busy machine":              {row(Counts{OK: 100}, Counts{}, Counts{OK: 100, Failed: 2, ByClass: of(2, probe.Timeout)}, Counts{}), Safe},
		"too busy":                    {row(Counts{OK: 100}, Counts{}, Counts{OK: 90, Failed: 10, ByClass: of(10, probe.Timeout)}, Counts{}), Unclear},
		"busy before anything":        {row(Counts{OK: 94, Failed: 6, ToOldPod: 40, ByClass: of(6, probe.Timeout)}, Counts{}, Counts{OK: 100}, Counts{}), Unclear},
		"busy, and one to the dead":   {row(Counts{OK: 94, Failed: 6, ByClass: of(6, probe.Timeout)}, Counts{}, Counts{OK: 99, Failed: 1, ToOldPod: 1, ByClass: of(1, probe.NoRoute)}, Counts{}), StalePod},
		"hardly busy":                 {row(Counts{OK: 95, Failed: 5, ByClass: of(5, probe.Timeout)}, Counts{}, Counts{OK: 100}, Counts{}), Safe},
		"second SYNs":                 {row(Counts{OK: 100, Late: 20}, Counts{}, Counts{OK: 100, Late: 10}, Counts{}), SynDelay},
		"only while nobody had heard": {row(Counts{OK: 100}, Counts{OK: 50, Late: 40}, Counts{OK: 100}, Counts{}), Safe},
		"a problem":                   {Row{Problem: "x", Phases: map[Part]Counts{PodGone: {OK: 100}}}, Unclear},
	} {
		if got := c.row.Outcome(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestRowRefuses(t *testing.T) {
	good := Row{Config: InIPVS(0, 0, 1), Phases: map[Part]Counts{PodGone: {OK: 2, Failed: 3, Late: 1, ToOldPod: 3, ByClass: map[probe.Class]int{probe.Reset: 1, probe.NoRoute: 2}}}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Counts{
		"negative":                {OK: -1},
		"more to the pod":         {OK: 1, ToOldPod: 2},
		"more late":               {OK: 1, Late: 2},
		"classes of nothing":      {ByClass: map[probe.Class]int{probe.Reset: 1}},
		"failures of no class":    {Failed: 1},
		"a negative class":        {Failed: 1, ByClass: map[probe.Class]int{probe.Reset: 2, probe.NoRoute: -1}},
		"more than can have been": {OK: MaxConnections + 1},
	} {
		if err := (Row{Config: InIPVS(0, 0, 1), Phases: map[Part]Counts{PodGone: c}}).Validate(); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := (Row{Config: InIPVS(0, 0, 1), Phases: map[Part]Counts{"later": {}}}).Validate(); err == nil {
		t.Error("an unknown phase passes")
	}
}

func TestReachedAndLeft(t *testing.T) {
	n := 30
	r := Row{Marks: marks(Mark{Do: Terminating, Connections: &n}, Mark{Do: ListenerDown})}
	if left, ok := r.Left(); !ok || left != 30 || !r.Reached(ListenerDown) || r.Reached(ServerDeleted) || r.Part() != PodGone {
		t.Errorf("%d, %t, %s", left, ok, r.Part())
	}
	if _, ok := (Row{}).Left(); ok || !slices.Equal(Parts()[:1], []Part{Steady}) {
		t.Error("nobody looked")
	}
}
