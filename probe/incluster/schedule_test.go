package incluster

import (
	"slices"
	"testing"
	"time"
)

func schedule() Schedule {
	return Schedule{Epoch: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), Slot: 1200 * time.Millisecond, Guard: 200 * time.Millisecond, Groups: 2, Blocks: 2, Seed: 1}
}

// TestNeverTwoAtOnce: within a round every group has its slots, and no two
// blocks touch: between any two there is the guard.
func TestNeverTwoAtOnce(t *testing.T) {
	for _, s := range []Schedule{schedule(), {Epoch: schedule().Epoch, Slot: time.Second, Guard: 100 * time.Millisecond, Groups: 3, Blocks: 1, Seed: 9}} {
		var starts []time.Time
		const rounds = 50
		for round := range rounds {
			for group := range s.Groups {
				for block := range s.Blocks {
					starts = append(starts, s.Start(round, group, block))
				}
			}
		}
		slices.SortFunc(starts, time.Time.Compare)
		for i := range starts[1:] {
			if gap := starts[i+1].Sub(starts[i]); gap != s.Slot {
				t.Fatalf("block %d begins %v after the one before it, a slot is %v", i+1, gap, s.Slot)
			}
		}
		if len(starts) != rounds*s.Groups*s.Blocks || !starts[0].Equal(s.Epoch) {
			t.Errorf("%d slots from %v", len(starts), starts[0])
		}
	}
}

// TestOrderIsDrawn: neither group is favoured by its place, and both sides know
// the same order.
func TestOrderIsDrawn(t *testing.T) {
	s, first := schedule(), 0
	for round := range 1000 {
		if !slices.Equal(s.order(round), s.order(round)) {
			t.Fatal("a round has two orders")
		}
		first += s.order(round)[0]
	}
	if first < 400 || first > 600 {
		t.Errorf("group 1 comes first in %d rounds of 1000", first)
	}
	other := s
	other.Seed = 2
	same := 0
	for round := range 1000 {
		if slices.Equal(s.order(round), other.order(round)) {
			same++
		}
	}
	if same > 600 {
		t.Errorf("another seed gives the same order in %d rounds of 1000", same)
	}
}

func TestFirstRound(t *testing.T) {
	s := schedule()
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{-time.Hour, 0}, {0, 0}, {1, 1}, {4800 * time.Millisecond, 1}, {4801 * time.Millisecond, 2}} {
		if got := s.First(s.Epoch.Add(c.after)); got != c.want {
			t.Errorf("%v after the epoch the first round is %d, want %d", c.after, got, c.want)
		}
	}
}

// TestGroupAt agrees with Start.
func TestGroupAt(t *testing.T) {
	s := schedule()
	for round := range 20 {
		for group := range s.Groups {
			for block := range s.Blocks {
				for _, in := range []time.Duration{0, s.Slot / 2, s.Slot - 1} {
					if got := s.Group(s.Start(round, group, block).Add(in)); got != group {
						t.Fatalf("round %d block %d of group %d, %v in: it is the turn of %d", round, block, group, in, got)
					}
				}
			}
		}
	}
}

func TestScheduleValidate(t *testing.T) {
	for name, spoil := range map[string]func(*Schedule){
		"no epoch": func(s *Schedule) { s.Epoch = time.Time{} }, "no slot": func(s *Schedule) { s.Slot = 0 },
		"only guard": func(s *Schedule) { s.Guard = s.Slot }, "no groups": func(s *Schedule) { s.Groups = 0 },
		"many blocks": func(s *Schedule) { s.Blocks = 1 << 40 },
	} {
		s := schedule()
		spoil(&s)
		if s.Validate() == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := schedule().Validate(); err != nil {
		t.Error(err)
	}
}
