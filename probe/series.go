package probe

import (
	"maps"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Series is what was measured of one target. Warm-up is not in it, except in WarmUp
// and in Intervals, where it is marked.
type Series struct {
	Target     Target
	From       string // where it was measured, if not on this machine: the name of a node
	Resolved   string // the IP:port that was connected to
	Conditions Conditions
	Requests   int64           // finished hits, failed ones included
	Errors     map[Class]int64 // failed hits by class; a class without any is absent
	OtherError string          // the first OtherFailure in words
	Events     Events
	WarmUp     Tally // of the blocks that do not count; not known of what a Collector put together
	Phases     PerPhase[Stats]
	Blocks     []Block
	Intervals  []Interval // the last ones, at most 256, oldest first
	Histograms PerPhase[Encoded]
	Quantiles  PerPhase[Quantiles] // of a Snapshot, which has no Histograms
}

// Spread is how the times of a phase are distributed, from what the series carries.
func (s Series) Spread(p Phase) (Quantiles, error) {
	if s.Quantiles[p] != nil {
		return s.Quantiles[p], nil
	}
	h, err := s.Histograms[p].Histogram()
	if err != nil || h == nil || h.TotalCount() == 0 {
		return nil, err
	}
	d := distribution{histogram: h, n: h.TotalCount(), min: s.Phases[p].MinNs, max: s.Phases[p].MaxNs}
	_, q := d.read()
	return q, nil
}

// Failed is the number of failed hits.
func (s Series) Failed() int64 {
	var n int64
	for count := range maps.Values(s.Errors) {
		n += count
	}
	return n
}

// ErrorClasses lists the classes that occurred, in the order of Classes.
func (s Series) ErrorClasses() []Class { return slices.Sorted(maps.Keys(s.Errors)) }

// Conditions are everything besides the target that must be equal before two
// series can be compared.
type Conditions struct {
	Kernel  string // uname -r of the measuring machine
	Engine  string // see Environment
	Plan    Plan
	Started time.Time // of the run; the same in all series of a run
}

// Encoded is a histogram in HdrHistogram's V2 compressed format, base64;
// empty when nothing was recorded. Any HdrHistogram library reads it.
type Encoded string

// Histogram decodes it; nil if it is empty.
func (e Encoded) Histogram() (*hdrhistogram.Histogram, error) {
	if e == "" {
		return nil, nil
	}
	return hdrhistogram.Decode([]byte(e))
}

func encode(d *distribution) (Encoded, error) {
	if d.n == 0 {
		return "", nil
	}
	text, err := d.histogram.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return Encoded(text), err
}

// series copies what a screen shows: everything but the histograms. The lock
// must be held.
func (t *ledger) series() Series {
	s := Series{
		Target: t.target, Requests: t.requests, Errors: t.classes(), OtherError: t.other,
		Events: t.events, WarmUp: t.warm, Blocks: append([]Block{}, t.blocks...), Intervals: t.ring.intervals(),
	}
	for _, p := range Phases() {
		s.Phases[p], s.Quantiles[p] = t.phases[p].read()
	}
	return s
}
