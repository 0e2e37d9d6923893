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

// ledger is all that is known of one target. It is guarded by recorder.mu.
type ledger struct {
	target Target
	phases PerPhase[*distribution] // measured blocks
	block  PerPhase[*distribution] // the current block
	micros PerPhase[*micros]       // the current block, of the kernel's times; nil of others
	counters
	warm   Tally // of blocks that do not count
	blocks []Block
	ring   *ring
}

func newLedger(t Target) *ledger {
	y := &ledger{target: t, ring: newRing()}
	for _, p := range Phases() {
		y.phases[p], y.block[p] = newDistribution(), newDistribution()
		if p.Kernel() {
			y.micros[p] = &micros{}
		}
	}
	return y
}

// recorder takes in hits and gives out copies. Workers hand it their hits in
// small batches between two hits, so no measured time contains its lock.
type recorder struct {
	mu       sync.Mutex
	openLoop bool
	ledgers  []*ledger
	lateness *distribution // sent minus due, measured blocks of all targets
	current  *ledger       // of the block being fired, nil between blocks
	turn     Turn
	began    int64 // of the current block
	failed   int64 // in the current block
	hits     int64 // in the current block
	dropped  int64
	after    func(Record) // told of each block that ended; nil if nobody listens
	block    heard        // what after is told of the current block
	breaker  breaker
	raw      *rawSamples // nil if nobody wants each hit
}

func newRecorder(targets []Target, openLoop bool) *recorder {
	r := &recorder{openLoop: openLoop, lateness: newDistribution()}
	for _, t := range targets {
		r.ledgers = append(r.ledgers, newLedger(t))
	}
	return r
}

// begin starts a block.
func (r *recorder) begin(turn Turn, now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current, r.turn, r.began, r.hits, r.failed = r.ledgers[turn.Target], turn, now, 0, 0
	r.current.ring.begin(now, turn)
	if r.raw != nil {
		r.raw.begin(r.current.target)
	}
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
	failed := r.failed
	for i := range batch {
		r.record(&batch[i])
	}
	if r.failed > failed {
		r.breaker.look(r.current)
	}
	return true
}

func (r *recorder) record(h *hit) {
	if h.dropped {
		r.dropped++
		return
	}
	t := r.current
	if r.raw != nil {
		r.raw.hit(h, r.turn, r.openLoop)
	}
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
		if m := t.micros[p]; m != nil {
			m.record(ns)
		}
		if !r.turn.Warm {
			t.phases[p].record(ns)
		}
		if r.after != nil {
			r.block.places.record(h.place, p, ns)
		}
	}
	if r.after != nil {
		r.block.lateness.record(h.sent - h.due)
		r.block.count(h)
	}
	if r.turn.Warm {
		t.warm.count(h)
		return
	}
	r.lateness.record(h.sent - h.due)
	t.count(h)
}

// count adds a hit to the counters.
func (c *counters) count(h *hit) {
	c.requests++
	c.events.ResentSYNs += h.resentSYNs
	if h.resentRequest {
		c.events.ResentRequests++
	}
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

// count adds a hit.
func (t *Tally) count(h *hit) {
	t.Requests++
	t.ResentSYNs += h.resentSYNs
	if h.failure != NoFailure {
		t.Failed++
	}
	if _, late := bandOf(h.connected - h.sent); late && h.reached >= connected {
		t.Late++
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
func (r *recorder) end(now, notSent int64, whole bool) {
	r.mu.Lock()
	t := r.current
	if !r.turn.Warm {
		t.events.NotSent += notSent
	}
	r.block.events.NotSent += notSent
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
func (t *ledger) observe(b Block) Block {
	for _, p := range Phases() {
		if b.N[p] = t.block[p].n; b.N[p] > 0 {
			b.MedianNs[p] = float64(t.block[p].median())
		}
		t.block[p].reset()
		if m := t.micros[p]; m != nil {
			if fine, ok := m.median(); ok {
				b.MedianNs[p] = fine
			}
			m.reset()
		}
	}
	return b
}
