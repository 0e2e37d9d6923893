package incluster

import (
	"errors"
	"math/rand/v2"
	"time"
)

// Schedule says who measures when. It is the same for all pods of a run, who
// look at nothing but their clocks.
type Schedule struct {
	Epoch  time.Time     `json:"epoch"`  // start of round 0, before the run
	Slot   time.Duration `json:"slotNs"` // of one block, its guard included
	Guard  time.Duration `json:"guardNs"`
	Groups int           `json:"groups"`
	Blocks int           `json:"blocks"` // of each group in each round, one after the other
	Seed   uint64        `json:"seed"`
}

// Validate says in one sentence what is wrong with the schedule.
func (s Schedule) Validate() error {
	switch {
	case s.Epoch.IsZero():
		return errors.New("the schedule has no beginning")
	case s.Slot <= 0 || s.Slot > time.Hour || s.Guard < 0 || s.Guard >= s.Slot:
		return errors.New("the slots of the schedule are not above 0 and at most an hour, or the guard leaves nothing of them")
	case s.Groups < 1 || s.Groups > 16 || s.Blocks < 1 || s.Blocks > 16:
		return errors.New("the schedule has no groups or blocks, or more than 16")
	}
	return nil
}

// Round is how long a round takes.
func (s Schedule) Round() time.Duration {
	return s.Slot * time.Duration(s.Groups*s.Blocks)
}

// order is which group comes first, second, ... in a round.
func (s Schedule) order(round int) []int {
	random := rand.New(rand.NewPCG(s.Seed, uint64(round))) //nolint:gosec // not a secret
	return random.Perm(s.Groups)
}

// Start is when a group begins its block number block of a round.
func (s Schedule) Start(round, group, block int) time.Time {
	place := 0
	for i, g := range s.order(round) {
		if g == group {
			place = i
		}
	}
	return s.Epoch.Add(time.Duration(round)*s.Round() + time.Duration(place*s.Blocks+block)*s.Slot)
}

// First is the first round that begins at t or later.
func (s Schedule) First(t time.Time) int {
	since := t.Sub(s.Epoch)
	if since <= 0 {
		return 0
	}
	return int((since + s.Round() - 1) / s.Round())
}

// Group is whose turn it is at t, for a screen.
func (s Schedule) Group(t time.Time) int {
	since := max(0, t.Sub(s.Epoch))
	round := int(since / s.Round())
	return s.order(round)[int(since%s.Round()/s.Slot)/s.Blocks]
}
