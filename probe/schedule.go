package probe

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Turn is one block of one target in the order of a run.
type Turn struct {
	Target int  // index of the target
	Round  int  // from 0; warm-up and measured rounds are counted apart
	Warm   bool // not counted
}

// Order is the sequence of blocks: in each round every target once, in an
// order drawn from the seed, so that neither drift nor the place within a
// round favours a target.
func Order(targets, warmUp, blocks int, seed uint64) []Turn {
	random := rand.New(rand.NewPCG(seed, 0x6b70726f6265)) //nolint:gosec // not a secret
	turns := make([]Turn, 0, targets*(warmUp+blocks))
	for i := range warmUp + blocks {
		turn := Turn{Round: i, Warm: true}
		if i >= warmUp {
			turn = Turn{Round: i - warmUp}
		}
		for _, turn.Target = range random.Perm(targets) {
			turns = append(turns, turn)
		}
	}
	return turns
}

// Due is when hit n of an open loop is due, counted from the start of its
// block. It depends on n alone: a stall delays sends, never due times.
func Due(n int64, rate float64) time.Duration {
	return time.Duration(float64(n) / rate * float64(time.Second))
}

// users are the virtual users of a closed loop that has more of them than
// threads: each is due again the moment its hit ended, and the one that has
// waited longest goes next.
type users struct {
	mu    sync.Mutex
	due   []int64 // a ring of due times, oldest at head
	head  int
	count int
}

func newUsers(n int, start int64) *users {
	u := &users{due: make([]int64, n), count: n}
	for i := range u.due {
		u.due[i] = start
	}
	return u
}

// next takes the user that is due longest. It can't be empty: a worker holds
// one user at most and there are more users than workers.
func (u *users) next() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	due := u.due[u.head]
	u.head = (u.head + 1) % len(u.due)
	u.count--
	return due
}

// finished puts a user back, due at now.
func (u *users) finished(now int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.due[(u.head+u.count)%len(u.due)] = now
	u.count++
}
