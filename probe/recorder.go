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

// tally is all that is known of one target. It is guarded by recorder.mu.
type tally struct {
	target   Target
	phases   PerPhase[*distribution] // measured blocks
	block    PerPhase[*distribution] // the current block
	micros   micros                  // Handshake of the current block
	requests int64
	errors   [classCount]int64
	other    string // the first OtherFailure in words
	events   Events
	blocks   []Block
	ring     *ring
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
}

func newRecorder(targets []Target, openLoop bool) *recorder {
	r := &recorder{openLoop: openLoop, lateness: newDistribution()}
	for _, t := range targets {
		y := &tally{target: t, ring: newRing()}
		for _, p := range Phases() {
			y.phases[p], y.block[p] = newDistribution(), newDistribution()
		}
		r.tallies = append(r.tallies, y)
	}
	return r
}

// begin starts a block.
func (r *recorder) begin(turn Turn, now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current, r.turn, r.began, r.hits, r.failed = r.tallies[turn.Target], turn, now, 0, 0
	r.current.ring.begin(now, turn)
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
	band, late := bandOf(h.connected - h.sent)
	late = late && h.reached >= connected
	if late {
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
	if r.turn.Warm {
		return
	}
	r.lateness.record(h.sent - h.due)
	t.count(h)
	if late {
		switch band {
		case Band1s:
			t.events.From1s++
		case Band3s:
			t.events.From3s++
		case Band7s:
			t.events.From7s++
		}
	}
}

// count adds a measured hit to the counters.
func (t *tally) count(h *hit) {
	t.requests++
	t.events.ResentSYNs += h.resentSYNs
	if h.failure == NoFailure {
		return
	}
	t.errors[h.failure]++
	if h.failure == Timeout && h.reached == begun {
		t.events.SYNTimeouts++
	}
	if h.failure == OtherFailure && t.other == "" && h.err != nil {
		t.other = h.err.Error()
	}
}

// end closes the block and keeps it as an observation if it was measured and
// is whole; of a cancelled block only the hits count.
func (r *recorder) end(now int64, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.current
	t.ring.end(now)
	if !r.turn.Warm && whole {
		b := Block{
			Round: r.turn.Round, At: time.Duration(r.began), Length: time.Duration(now - r.began),
			Requests: r.hits, Failed: r.failed,
		}
		for _, p := range Phases() {
			if b.N[p] = t.block[p].n; b.N[p] > 0 {
				b.MedianNs[p] = float64(t.block[p].median())
			}
		}
		if fine, ok := t.micros.median(); ok {
			b.MedianNs[Handshake] = fine
		}
		t.blocks = append(t.blocks, b)
	}
	for _, p := range Phases() {
		t.block[p].reset()
	}
	t.micros.reset()
	r.current = nil
}
