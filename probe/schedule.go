package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Turn is one block of one target in the order of a run.
type Turn struct {
	Target int  // index of the target
	Round  int  // from 0; warm-up and measured rounds are counted apart
	Warm   bool // not counted
}

// Order is the sequence of blocks: in each round every target once, in balanced
// order, so that neither drift nor the place within a round nor who went before
// favours a target. Rounds are the rows of a Williams design, in an order and with
// targets drawn from the seed anew each time the rows are used up: of two targets
// ABBA or BAAB; of n, within n rounds (2n if n is odd) each target is in each place
// equally often and follows each other one equally often.
func Order(targets, warmUp, blocks int, seed uint64) []Turn {
	random := rand.New(rand.NewPCG(seed, 0x6b70726f6265)) //nolint:gosec // not a secret
	turns := make([]Turn, 0, targets*(warmUp+blocks))
	add := func(rounds int, warm bool) {
		var rows [][]int
		for round := range rounds {
			if len(rows) == 0 {
				rows = williams(random.Perm(targets))
				random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			}
			for _, target := range rows[0] {
				turns = append(turns, Turn{Target: target, Round: round, Warm: warm})
			}
			rows = rows[1:]
		}
	}
	add(warmUp, true)
	add(blocks, false)
	return turns
}

// williams are the rows of the design (E. J. Williams, 1949) for treatments with
// these names: 0, 1, n-1, 2, n-2, ... and its shifts; if n is odd, their mirror
// images too.
func williams(names []int) [][]int {
	n := len(names)
	var rows [][]int
	for shift := range n {
		row := make([]int, n)
		for i := range row {
			step := (i + 1) / 2
			if i%2 == 0 {
				step = n - step
			}
			row[i] = names[(step+shift)%n]
		}
		rows = append(rows, row)
	}
	if n%2 == 1 && n > 1 {
		for _, row := range rows[:n:n] {
			mirrored := slices.Clone(row)
			slices.Reverse(mirrored)
			rows = append(rows, mirrored)
		}
	}
	return rows
}

// NewSeed draws a seed, small enough for any reader of JSON and for a command line.
func NewSeed() uint64 { return uint64(1 + rand.Uint32N(math.MaxUint32)) } //nolint:gosec // not a secret

// Due is when hit n of an open loop is due, counted from the start of its
// block. It depends on n alone: a stall delays sends, never due times.
func Due(n int64, rate float64) time.Duration {
	return time.Duration(float64(n) / rate * float64(time.Second))
}

// jitter moves the due times of one block within their slots.
type jitter struct{ seed, block uint64 }

// due is as Due, but anywhere from there to the due time of the next hit, all
// equally likely: hits do not march in step with a timer of whoever answers.
func (j jitter) due(n int64, rate float64) time.Duration {
	const blockBits, mantissa = 40, 53
	var random rand.PCG
	random.Seed(j.seed, j.block<<blockBits|uint64(n)) //nolint:gosec // n counts from 0
	within := float64(random.Uint64()>>(64-mantissa)) / (1 << mantissa)
	return time.Duration((float64(n) + within) / rate * float64(time.Second))
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
