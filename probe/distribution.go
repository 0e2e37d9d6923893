package probe

import (
	"math"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The histograms hold 1 ns to 60 s with 3 significant digits, in about 220 KB
// each however long a run lasts.
const (
	histogramLowest  = 1
	histogramHighest = int64(MaxTimeout)
	histogramDigits  = 3
)

// Stats describe one phase in nanoseconds. Min, mean, sd and max are exact,
// the others are right to 3 digits; all mean nothing while N is 0.
type Stats struct {
	N        int64   `json:"n"`
	MinNs    int64   `json:"minNs"`
	MeanNs   float64 `json:"meanNs"`
	SDNs     float64 `json:"sdNs"` // of the sample, n-1
	MedianNs int64   `json:"medianNs"`
	P90Ns    int64   `json:"p90Ns"`
	P99Ns    int64   `json:"p99Ns"`
	MaxNs    int64   `json:"maxNs"`
	Over60s  int64   `json:"over60s,omitempty"` // values above 60 s, which the histogram counts as 60 s
}

// distribution is a histogram and, beside it, what a histogram only knows
// approximately.
type distribution struct {
	histogram *hdrhistogram.Histogram
	n         int64
	min, max  int64
	mean, m2  float64 // Welford's running mean and sum of squared deviations
	over      int64
}

func newDistribution() *distribution {
	return &distribution{histogram: hdrhistogram.New(histogramLowest, histogramHighest, histogramDigits)}
}

func (d *distribution) record(ns int64) {
	ns = max(ns, 0)
	held := ns
	if held > histogramHighest {
		held = histogramHighest
		d.over++
	}
	if err := d.histogram.RecordValue(held); err != nil {
		d.over++ // can't be: held is within the histogram's range
		return
	}
	if d.n == 0 || ns < d.min {
		d.min = ns
	}
	d.max = max(d.max, ns)
	d.n++
	delta := float64(ns) - d.mean
	d.mean += delta / float64(d.n)
	d.m2 += delta * (float64(ns) - d.mean)
}

func (d *distribution) stats() Stats {
	s, _ := d.read()
	return s
}

// read returns what is known of the values, in one walk over the histogram.
func (d *distribution) read() (Stats, Quantiles) {
	if d.n == 0 {
		return Stats{}, nil
	}
	s := Stats{N: d.n, MinNs: d.min, MeanNs: d.mean, MaxNs: d.max, Over60s: d.over}
	if d.n > 1 {
		s.SDNs = math.Sqrt(d.m2 / float64(d.n-1))
	}
	q := Quantiles(d.histogram.ValueAtPercentilesSlice(append([]float64{50, 90, 99}, percentiles()...)))
	for i := range q {
		q[i] = d.centre(q[i])
	}
	s.MedianNs, s.P90Ns, s.P99Ns = q[0], q[1], q[2]
	return s, q[3:]
}

// Quantiles are the values in ns that the Shares of all are not above; nil of no values.
type Quantiles []int64

// Shares are the parts of all values, ascending, that Quantiles are about.
func Shares() []float64 {
	return []float64{0.01, 0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.99, 0.999}
}

// percentiles are the Shares in percent.
func percentiles() []float64 {
	out := Shares()
	for i := range out {
		out[i] *= 100
	}
	return out
}

func (d *distribution) median() int64 { return d.centre(d.histogram.ValueAtQuantile(50)) }

// centre is the middle of the bucket whose upper end is top, which is how the
// histogram names it; with the ends a difference of two medians would be off
// by up to a bucket. Buckets hold 2048 steps from 0, then 1024 for each power
// of two.
func (d *distribution) centre(top int64) int64 {
	width := int64(1) << max(0, bits.Len64(uint64(top))-11)
	return min(max(top-(width-1)/2, d.min), d.max)
}

func (d *distribution) reset() {
	d.histogram.Reset()
	*d = distribution{histogram: d.histogram}
}

// micros counts times the kernel gives in whole µs. A difference of two modes
// is a few µs, so their medians must not be rounded to one: the median is
// interpolated inside its µs, as for any grouped data.
type micros struct {
	counts [4096]int32
	n      int64 // all, also those too long for counts
}

func (m *micros) record(ns int64) { m.add(ns, 1) }

// add records a value that occurred count times.
func (m *micros) add(ns, count int64) {
	if us := ns / 1000; us < int64(len(m.counts)) {
		m.counts[us] += int32(min(count, math.MaxInt32))
	}
	m.n += count
}

// median in ns; ok is false when it lies beyond 4 ms, where a µs is nothing.
func (m *micros) median() (ns float64, ok bool) {
	half, below := float64(m.n)/2, int64(0)
	for us, count := range m.counts {
		if count > 0 && float64(below+int64(count)) >= half {
			// The clock is cut off at both ends of the interval, so what it
			// calls 7 µs is centred at 7.
			inside := (half - float64(below)) / float64(count)
			return max(0, (float64(us)-0.5+inside)*1000), true
		}
		below += int64(count)
	}
	return 0, false
}

func (m *micros) reset() { *m = micros{} }
