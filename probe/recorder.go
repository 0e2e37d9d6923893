package probe

import (
	"sync"
	"time"
)

// Block is one observation: the medians of one target in one round.
type Block struct {
	Round    int               `json:"round"`
	At       time.Duration     `json:"atNs"` // its start, since the start of the run
	Length   time.Duration     `json:"lengthNs"`
	Requests int64             `json:"requests"`
	Failed   int64             `json:"failed"`
	N        PerPhase[int64]   `json:"n"`
	MedianNs PerPhase[float64] `json:"medianNs"` // means nothing where N is 0
}

// counters are what is counted of hits beside their times.
type counters struct {
	requests int64
	errors   [classCount]int64
	other    string // the first OtherFailure in words
	events   Events
}

// tally is all that is known of one target. It is guarded by recorder.mu.
type tally struct {
	target Target
	phases PerPhase[*distribution] // measured blocks
	block  PerPhase[*distribution] // the current block
	micros micros                  // Handshake of the current block
	counters
	blocks []Block
	ring   *ring
}

func newTally(t Target) *tally {
	y := &tally{target: t, ring: newRing()}
	for _, p := range Phases() {
		y.phases[p], y.block[p] = newDistribution(), newDistribution()
	}
	return y
}

// recorder takes in hits and gives out copies. Workers hand it their hits in
// small batches between two hits, so no measured time contains its lock.
type recorder struct {
	mu       sync.Mutex
	openLoop bool
	tallies  []*tally
	lateness *distribution // sent minus due, measured blocks of all targets
	current  *tally        // of the block being fired, nil between blocks
	turn     Turn
	began    int64 // of the current block
	failed   int64 // in the current block
	hits     int64 // in the current block
	dropped  int64
	after    func(Record) // told of each block that ended; nil if nobody listens
	block    heard        // what after is told of the current block
}

func newRecorder(targets []Target, openLoop bool) *recorder {
	r := &recorder{openLoop: openLoop, lateness: newDistribution()}
	for _, t := range targets {
		r.tallies = append(r.tallies, newTally(t))
	}
	return r
}

// begin starts a block.
func (r *recorder) begin(turn Turn, now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current, r.turn, r.began, r.hits, r.failed = r.tallies[turn.Target], turn, now, 0, 0
	r.current.ring.begin(now, turn)
	if r.after != nil {
		r.block.reset()
	}
}

// add takes a batch of the current block. With wait unset it gives up when
// somebody holds the lock and says so: the worker keeps the batch and goes on.
func (r *recorder) add(batch []hit, wait bool) bool {
	if wait {
		r.mu.Lock()
	} else if !r.mu.TryLock() {
		return false
	}
	defer r.mu.Unlock()
	for i := range batch {
		r.record(&batch[i])
	}
	return true
}

func (r *recorder) record(h *hit) {
	if h.dropped {
		r.dropped++
		return
	}
	t := r.current
	t.ring.advance(h.done)
	r.hits++
	if h.failure != NoFailure {
		r.failed++
		t.ring.current.Errors++
	}
	t.ring.current.Requests++
	if _, late := bandOf(h.connected - h.sent); late && h.reached >= connected {
		t.ring.current.Retransmitted++
	}
	for _, p := range Phases() {
		ns, ok := h.phase(p, r.openLoop)
		if !ok {
			continue
		}
		t.ring.record(p, ns)
		t.block[p].record(ns)
		if p == Handshake {
			t.micros.record(ns)
		}
		if !r.turn.Warm {
			t.phases[p].record(ns)
		}
	}
	if r.after != nil {
		r.block.lateness.record(h.sent - h.due)
		r.block.count(h)
	}
	if r.turn.Warm {
		return
	}
	r.lateness.record(h.sent - h.due)
	t.count(h)
}

// count adds a hit to the counters.
func (c *counters) count(h *hit) {
	c.requests++
	c.events.ResentSYNs += h.resentSYNs
	if band, late := bandOf(h.connected - h.sent); late && h.reached >= connected {
		switch band {
		case Band1s:
			c.events.From1s++
		case Band3s:
			c.events.From3s++
		case Band7s:
			c.events.From7s++
		}
	}
	if h.failure == NoFailure {
		return
	}
	c.errors[h.failure]++
	if h.failure == Timeout && h.reached == begun {
		c.events.SYNTimeouts++
	}
	if h.failure == OtherFailure && c.other == "" && h.err != nil {
		c.other = h.err.Error()
	}
}

// add adds what others counted.
func (c *counters) add(d counters) {
	c.requests += d.requests
	for class := range c.errors {
		c.errors[class] += d.errors[class]
	}
	if c.other == "" {
		c.other = d.other
	}
	c.events.add(d.events)
}

// end closes the block and keeps it as an observation if it was measured and
// is whole; of a cancelled block only the hits count.
func (r *recorder) end(now int64, whole bool) {
	r.mu.Lock()
	t := r.current
	t.ring.end(now)
	b := Block{
		Round: r.turn.Round, At: time.Duration(r.began), Length: time.Duration(now - r.began),
		Requests: r.hits, Failed: r.failed,
	}
	var told Record
	if r.after != nil {
		told = r.block.record(r.turn, whole, b, t)
	}
	b = t.observe(b)
	if !r.turn.Warm && whole {
		t.blocks = append(t.blocks, b)
	}
	r.current = nil
	r.mu.Unlock()
	if r.after != nil {
		r.after(told)
	}
}

// observe fills in the medians of the current block, and empties it.
func (t *tally) observe(b Block) Block {
	for _, p := range Phases() {
		if b.N[p] = t.block[p].n; b.N[p] > 0 {
			b.MedianNs[p] = float64(t.block[p].median())
		}
		t.block[p].reset()
	}
	if fine, ok := t.micros.median(); ok {
		b.MedianNs[Handshake] = fine
	}
	t.micros.reset()
	return b
}
