package probe

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A sparkline's column is one interval; the ring keeps the last ones.
const (
	intervalLength = 100 * time.Millisecond
	ringSize       = 256
)

// Interval is what one target did in up to 100 ms of one of its blocks. N is 0
// when nothing was answered in that time; then it failed (Errors), or all stood still
// (Empty): hits wait for their answers, or this machine stalled.
type Interval struct {
	At            time.Duration   `json:"atNs"` // its start, since the start of the run
	Length        time.Duration   `json:"lengthNs"`
	Round         int             `json:"round"` // see Turn
	Warm          bool            `json:"warm,omitempty"`
	N             PerPhase[int64] `json:"n"`
	MedianNs      PerPhase[int64] `json:"medianNs"` // right to 2 digits
	MaxNs         PerPhase[int64] `json:"maxNs"`
	Requests      int64           `json:"requests,omitempty"`      // hits that ended in it
	Errors        int64           `json:"errors,omitempty"`        // of them
	Retransmitted int64           `json:"retransmitted,omitempty"` // connected late, see Events
}

// Empty reports whether nothing at all came back in the interval.
func (i Interval) Empty() bool { return i.N[Connect] == 0 && i.N[Total] == 0 && i.Errors == 0 }

// ring holds the last intervals of one target and the one being filled. Its
// clock is the run's, in ns; between the target's blocks it stands still.
type ring struct {
	kept    [ringSize]Interval
	next    int // where the next one goes
	count   int
	open    bool
	current Interval
	phases  PerPhase[*hdrhistogram.Histogram]
}

func newRing() *ring {
	r := &ring{}
	for _, p := range Phases() {
		r.phases[p] = hdrhistogram.New(histogramLowest, histogramHighest, 2)
	}
	return r
}

// begin opens the first interval of a block.
func (r *ring) begin(now int64, turn Turn) {
	r.current = Interval{At: time.Duration(now), Round: turn.Round, Warm: turn.Warm}
	r.open = true
}

// advance closes every interval that ended before now, the empty ones too: a
// target that does not answer must leave a mark. Only the last ringSize of
// them can be seen, so a longer gap is skipped over.
func (r *ring) advance(now int64) {
	if !r.open {
		return
	}
	if missed := (now - int64(r.current.At)) / int64(intervalLength); missed > ringSize {
		r.current.At += time.Duration(missed-ringSize) * intervalLength
	}
	for now >= int64(r.current.At+intervalLength) {
		r.close(intervalLength)
	}
}

// end closes the last interval of a block, if it holds anything.
func (r *ring) end(now int64) {
	r.advance(now)
	if length := time.Duration(now) - r.current.At; r.open && length > 0 && !r.current.Empty() {
		r.close(length)
	}
	r.open = false
}

func (r *ring) record(p Phase, ns int64) {
	if err := r.phases[p].RecordValue(min(max(ns, 0), histogramHighest)); err != nil {
		return // can't be: the value is within range
	}
	r.current.N[p]++
	r.current.MaxNs[p] = max(r.current.MaxNs[p], ns)
}

func (r *ring) close(length time.Duration) {
	r.current.Length = length
	for _, p := range Phases() {
		if r.current.N[p] > 0 {
			r.current.MedianNs[p] = min(r.phases[p].ValueAtQuantile(50), r.current.MaxNs[p])
			r.phases[p].Reset()
		}
	}
	r.kept[r.next] = r.current
	r.next = (r.next + 1) % ringSize
	r.count = min(r.count+1, ringSize)
	r.current = Interval{At: r.current.At + length, Round: r.current.Round, Warm: r.current.Warm}
}

// recent sums up the open interval and the last so many.
func (r *ring) recent(n int) (requests, errors int64) {
	requests, errors = r.current.Requests, r.current.Errors
	for back := 1; back <= min(n, r.count); back++ {
		i := &r.kept[(r.next-back+ringSize)%ringSize]
		requests, errors = requests+i.Requests, errors+i.Errors
	}
	return requests, errors
}

// intervals copies the closed ones, oldest first.
func (r *ring) intervals() []Interval {
	out := make([]Interval, 0, r.count)
	for i := range r.count {
		out = append(out, r.kept[(r.next-r.count+i+ringSize)%ringSize])
	}
	return out
}
