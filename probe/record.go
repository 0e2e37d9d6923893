package probe

import (
	"errors"
	"fmt"
	"math"

	"kpadvisor/plain"
)

// Record is one block of one target with all that it takes to add it to others:
// what a Runner tells of each block that ended (see Hooks), and a Collector
// takes in. In JSON it is a few KB at most, whatever the block's length.
type Record struct {
	Target     int              `json:"target"` // index
	Warm       bool             `json:"warm,omitempty"`
	Whole      bool             `json:"whole"` // not cut short
	Block      Block            `json:"block"` // without medians, which are of the phases below
	Errors     map[Class]int64  `json:"errors,omitempty"`
	OtherError string           `json:"otherError,omitempty"`
	Events     Events           `json:"events"`
	Lateness   Sample           `json:"lateness"`
	Phases     PerPhase[Sample] `json:"phases"`
	Places     []Place          `json:"places,omitempty"` // by address
}

// Sample is a distribution in a form that can be added to another: exact
// moments and ends, and the counts of a histogram of 3 significant digits.
type Sample struct {
	N         int64   `json:"n"`
	MinNs     int64   `json:"minNs,omitempty"`
	MaxNs     int64   `json:"maxNs,omitempty"`
	MeanNs    float64 `json:"meanNs,omitempty"`
	SquareNs2 float64 `json:"squareNs2,omitempty"` // sum of the squared distances from the mean
	Over60s   int64   `json:"over60s,omitempty"`
	Counts    []int64 `json:"counts,omitempty"` // value in ns, how often, value, how often, ...; ascending
}

// heard is what a Runner's listener is told of the current block, beside its times.
type heard struct {
	counters
	lateness *distribution
	places   places
}

func (h *heard) reset() {
	h.counters = counters{}
	if h.lateness == nil {
		h.lateness, h.places = newDistribution(), places{}
	}
	h.lateness.reset()
	clear(h.places)
}

// record is the block that ends. The recorder's lock must be held.
func (h *heard) record(turn Turn, whole bool, b Block, t *ledger) Record {
	out := Record{
		Target: turn.Target, Warm: turn.Warm, Whole: whole, Block: b, OtherError: h.other, Events: h.events,
		Errors: h.classes(), Lateness: h.lateness.sample(), Places: h.places.whole(),
	}
	for _, p := range Phases() {
		out.Phases[p] = t.block[p].sample()
	}
	return out
}

// classes are the errors by class; a class without any is absent.
func (c *counters) classes() map[Class]int64 {
	out := map[Class]int64{}
	for _, class := range Classes() {
		if c.errors[class] > 0 {
			out[class] = c.errors[class]
		}
	}
	return out
}

// sample copies the distribution.
func (d *distribution) sample() Sample {
	s := Sample{N: d.n, MinNs: d.min, MaxNs: d.max, MeanNs: d.mean, SquareNs2: d.m2, Over60s: d.over}
	if d.n == 0 {
		return Sample{}
	}
	for _, bar := range d.histogram.Distribution() {
		if bar.Count > 0 {
			s.Counts = append(s.Counts, bar.From, bar.Count)
		}
	}
	return s
}

// Validate says in one sentence what cannot be of a sample that comes from
// somewhere else.
func (s Sample) Validate() error {
	if s.N == 0 {
		if len(s.Counts) > 0 {
			return errors.New("a sample without values counts some")
		}
		return nil
	}
	switch {
	case s.N < 0, s.MinNs < 0, s.MinNs > s.MaxNs, s.Over60s < 0, s.Over60s > s.N:
		return errors.New("a sample has a count or a time that cannot be")
	case !(s.MeanNs >= float64(s.MinNs)-1 && s.MeanNs <= float64(s.MaxNs)+1), !(s.SquareNs2 >= 0), math.IsInf(s.SquareNs2, 1):
		return errors.New("a sample has a mean or a spread that cannot be")
	case len(s.Counts)%2 != 0:
		return errors.New("a sample has a value without a count")
	}
	var n int64
	last := int64(-1)
	for i := 0; i < len(s.Counts); i += 2 {
		value, count := s.Counts[i], s.Counts[i+1]
		if value <= last || value > histogramHighest || count <= 0 || count > s.N-n {
			return errors.New("a sample has counts that cannot be")
		}
		last, n = value, n+count
	}
	if n != s.N {
		return fmt.Errorf("a sample counts %d values of %d", n, s.N)
	}
	return nil
}

// Validate says in one sentence what cannot be of a record that comes from
// somewhere else.
func (r Record) Validate() error {
	if r.Block.Round < 0 || r.Block.Requests < 0 || r.Block.At < 0 || r.Block.Length < 0 {
		return errors.New("a block has a number below 0")
	}
	var failed int64
	for _, n := range r.Errors {
		if n < 0 || n > r.Block.Requests {
			return errors.New("a block has more errors than hits")
		}
		failed += n
	}
	if failed != r.Block.Failed {
		return errors.New("a block's errors are not those of its classes")
	}
	e := r.Events
	for _, n := range []int64{e.From1s, e.From3s, e.From7s, e.SYNTimeouts, e.ResentRequests, e.Retransmitted()} {
		if n < 0 || n > r.Block.Requests {
			return errors.New("a block has more late connections than hits")
		}
	}
	if e.ResentSYNs < 0 || e.NotSent < 0 {
		return errors.New("a block has a number below 0")
	}
	for _, p := range Phases() {
		if err := r.Phases[p].Validate(); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if r.Phases[p].N > r.Block.Requests {
			return fmt.Errorf("%s: more times than hits", p)
		}
	}
	if len(r.Places) > MaxBesides+1 {
		return errors.New("a block tells of more addresses than a target has")
	}
	for _, at := range r.Places {
		if err := at.validate(r.Block.Requests); err != nil {
			return err
		}
	}
	return r.Lateness.Validate()
}

// counted are the record's counters.
func (r Record) counted() counters {
	c := counters{requests: r.Block.Requests, other: plain.Text(r.OtherError), events: r.Events}
	for class, n := range r.Errors {
		if class > NoFailure && class < classCount {
			c.errors[class] += n
		}
	}
	return c
}

// merged are the moments and ends of both samples together, without their counts
// (the update of the moments is that of Chan, Golub and LeVeque).
func (s Sample) merged(o Sample) Sample {
	switch {
	case o.N == 0:
		return s
	case s.N == 0:
		o.Counts = nil
		return o
	}
	n, delta := float64(s.N+o.N), o.MeanNs-s.MeanNs
	return Sample{
		N: s.N + o.N, MinNs: min(s.MinNs, o.MinNs), MaxNs: max(s.MaxNs, o.MaxNs), Over60s: s.Over60s + o.Over60s,
		MeanNs:    s.MeanNs + delta*float64(o.N)/n,
		SquareNs2: s.SquareNs2 + o.SquareNs2 + delta*delta*float64(s.N)*float64(o.N)/n,
	}
}

// add adds a sample.
func (d *distribution) add(s Sample) {
	for i := 0; i+1 < len(s.Counts); i += 2 {
		if err := d.histogram.RecordValues(s.Counts[i], s.Counts[i+1]); err != nil {
			d.over += s.Counts[i+1] // can't be: Validate has looked
		}
	}
	m := Sample{N: d.n, MinNs: d.min, MaxNs: d.max, MeanNs: d.mean, SquareNs2: d.m2, Over60s: d.over}.merged(s)
	d.n, d.min, d.max, d.mean, d.m2, d.over = m.N, m.MinNs, m.MaxNs, m.MeanNs, m.SquareNs2, m.Over60s
}

// addSample records times of the kernel, which are whole µs: where a bucket of the
// histogram is narrower than that, the one µs in it is the value.
func (m *micros) addSample(s Sample) {
	for i := 0; i+1 < len(s.Counts); i += 2 {
		m.add((s.Counts[i]+999)/1000*1000, s.Counts[i+1])
	}
}
