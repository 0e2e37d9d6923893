package probe

import (
	"math"
	"slices"
	"testing"
	"testing/quick"
	"time"
)

func TestOrder(t *testing.T) {
	turns := Order(2, 1, 50, 7)
	if len(turns) != 102 {
		t.Fatalf("%d turns, want 102", len(turns))
	}
	for i := 0; i < len(turns); i += 2 {
		a, b := turns[i], turns[i+1]
		if a.Target == b.Target || a.Round != b.Round || a.Warm != b.Warm || a.Warm != (i == 0) {
			t.Errorf("round %d is %+v %+v", i/2, a, b)
		}
	}
	if !slices.Equal(turns, Order(2, 1, 50, 7)) || slices.Equal(turns, Order(2, 1, 50, 8)) {
		t.Error("the order does not follow from the seed")
	}
	for n := 0; n < 1000; n++ {
		if s := NewSeed(); s == 0 || s > math.MaxUint32 {
			t.Fatalf("seed %d", s)
		}
	}
}

// Within a design each target is in each place, and after each other one, equally
// often; of two that is ABBA or BAAB, and which of them is drawn.
func TestOrderIsBalanced(t *testing.T) {
	for targets := 1; targets <= 9; targets++ {
		rounds := targets
		if targets%2 == 1 && targets > 1 {
			rounds *= 2
		}
		for seed := range uint64(20) {
			const designs = 3
			turns := Order(targets, 2, designs*rounds, seed)[2*targets:]
			for design := range designs {
				places, pairs := map[[2]int]int{}, map[[2]int]int{}
				for i, turn := range turns[design*rounds*targets : (design+1)*rounds*targets] {
					place := i % targets
					places[[2]int{turn.Target, place}]++
					if place > 0 {
						pairs[[2]int{turns[design*rounds*targets+i-1].Target, turn.Target}]++
					}
				}
				for _, counts := range []map[[2]int]int{places, pairs} {
					for what, n := range counts {
						if n != rounds/targets {
							t.Fatalf("%d targets, seed %d: %v occurs %d times, want %d", targets, seed, what, n, rounds/targets)
						}
					}
				}
				if len(places) != targets*targets || len(pairs) != targets*(targets-1) {
					t.Fatalf("%d targets: %d places, %d pairs", targets, len(places), len(pairs))
				}
			}
		}
	}
	first := 0
	for seed := range uint64(1000) {
		if Order(2, 0, 2, seed)[0].Target == 0 {
			first++
		}
	}
	if first < 400 || first > 600 { // 6 standard deviations
		t.Errorf("A is first in %d of 1000 orders", first)
	}
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		n    int64
		rate float64
		want time.Duration
	}{{0, 100, 0}, {1, 100, 10 * time.Millisecond}, {100, 100, time.Second}, {3, 0.5, 6 * time.Second}, {1_000_000_000, 1000, 1_000_000 * time.Second}} {
		if got := Due(c.n, c.rate); got != c.want {
			t.Errorf("hit %d at %g/s is due at %v, want %v", c.n, c.rate, got, c.want)
		}
	}
	ordered := func(n uint32, rate uint16) bool {
		r := float64(rate) + 0.5
		return Due(int64(n), r) <= Due(int64(n)+1, r) && Due(int64(n), r) >= 0
	}
	if err := quick.Check(ordered, nil); err != nil {
		t.Error(err)
	}
}

// Jitter keeps each hit within its slot, fills the slots evenly, and follows from
// the seed and the block.
func TestJitter(t *testing.T) {
	const rate, hits = 250.0, 20_000
	var tenths [10]int
	for n := range int64(hits) {
		due, early := jitter{7, 3}.due(n, rate), Due(n, rate)
		if due < early || due > Due(n+1, rate) {
			t.Fatalf("hit %d is due at %v, outside of %v to %v", n, due, early, Due(n+1, rate))
		}
		tenths[min(9, int((due-early).Seconds()*rate*10))]++
	}
	for i, n := range tenths {
		if n < hits/10-250 || n > hits/10+250 { // 6 standard deviations
			t.Errorf("%d of %d in tenth %d", n, hits, i)
		}
	}
	if a, b, c := (jitter{7, 3}).due(5, rate), (jitter{7, 4}).due(5, rate), (jitter{8, 3}).due(5, rate); a == b || a == c || a != (jitter{7, 3}).due(5, rate) {
		t.Errorf("due at %v, in another block %v, with another seed %v", a, b, c)
	}
	if n := testing.AllocsPerRun(100, func() { _ = jitter{7, 3}.due(5, rate) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// The user who has waited longest goes next.
func TestUsers(t *testing.T) {
	u := newUsers(3, 5)
	for range 2 {
		if due := u.next(); due != 5 {
			t.Fatalf("due %d, want 5", due)
		}
	}
	u.finished(20)
	u.finished(30)
	for _, want := range []int64{5, 20, 30} {
		if got := u.next(); got != want {
			t.Errorf("due %d, want %d", got, want)
		}
	}
}
