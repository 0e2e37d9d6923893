package probe

import (
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
	first := 0
	for i := 0; i < len(turns); i += 2 {
		a, b := turns[i], turns[i+1]
		if a.Target == b.Target || a.Round != b.Round || a.Warm != b.Warm || a.Warm != (i == 0) {
			t.Errorf("round %d is %+v %+v", i/2, a, b)
		}
		if !a.Warm && a.Target == 0 {
			first++
		}
	}
	if first < 10 || first > 40 {
		t.Errorf("target 0 comes first in %d of 50 rounds: not random", first)
	}
	if !slices.Equal(turns, Order(2, 1, 50, 7)) || slices.Equal(turns, Order(2, 1, 50, 8)) {
		t.Error("the order does not follow from the seed")
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
