package advisor

import (
	"maps"
	"math"
	"slices"
	"strings"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Arrival is how the connections of a measurement came.
type Arrival string

// The ways. What a rule costs depends on whether the CPU still holds it in its
// caches: back to back, iptables minus nftables is three to five times smaller
// than on a node that does other work between two connections. So only what was
// measured paced weighs; back to back is shown, as the least that modes differ by.
const (
	Hot  Arrival = "hot"  // back to back
	Cold Arrival = "cold" // paced, on a node or with caches that other work has used
)

// differing is one measured difference of two modes with its 95 % interval.
type differing struct {
	span
	where, kernel string
	services      int
	arrival       Arrival
	backend       release.Backend // of iptables; unknown where the measurement does not say
	holds         bool            // made on a kernel of this cluster, with enough Services
	single        bool            // of two nodes or two builds, and not of modes
}

// weighing is what all measurements that hold here say together of two modes.
type weighing struct {
	span
	by         []differing
	contradict bool // two of them exclude each other
}

// measurements are those of from minus to, from probes and from the curves of
// sweeps at this load.
func (s *situation) measurements(from, to Mode) []differing {
	var out []differing
	for _, c := range s.measured.Comparisons {
		if d, ok := s.compared(c, from, to); ok {
			out = append(out, d)
		}
	}
	for _, e := range s.measured.BreakEvens {
		if from == IPTables && e.A == IPTables && e.B == to {
			if d, ok := s.swept(e); ok {
				out = append(out, d)
			}
		}
	}
	return out
}

func (s *situation) compared(c Comparison, from, to Mode) (differing, bool) {
	d := differing{
		span: span{c.LowNs, c.MedianDiffNs, c.HighNs}, where: c.Where, kernel: c.Kernel, services: c.Services, arrival: c.Arrival, single: c.Single,
		holds: s.hasKernel(c.Kernel) && float64(c.Services) >= measuredMin*float64(s.load.entries()),
	}
	switch {
	case c.Blocks == 0:
		return d, false
	case c.A == to && c.B == from:
		d.span = point(0).minus(d.span)
	case c.A != from || c.B != to:
		return d, false
	}
	return d, true
}

func (s *situation) swept(e BreakEven) (differing, bool) {
	at, reaches := e.difference(s.load.entries())
	if !reaches {
		return differing{}, false
	}
	return differing{
		span: at, where: e.Where, kernel: e.Kernel, services: s.load.entries(), arrival: e.Arrival, backend: e.Backend,
		// Other nodes keep the estimate, and one verdict is for all.
		holds: s.every(func(c class) tri { return triOf(e.holds(*c.group)) }) == yes,
	}, true
}

// weigh pools what holds here. Sweeps through both backends of iptables hold where
// nobody knows which one runs: each backend is pooled with all that is of no backend,
// and the one with the smaller difference counts, for iptables must not look dearer
// than it may be. False where nothing holds.
func (s *situation) weigh(from, to Mode) (weighing, bool) {
	byBackend := map[release.Backend][]differing{}
	for _, d := range s.measurements(from, to) {
		if d.holds && d.arrival == Cold && !d.single {
			byBackend[d.backend] = append(byBackend[d.backend], d)
		}
	}
	common := byBackend[release.BackendUnknown]
	if len(byBackend) > 1 {
		delete(byBackend, release.BackendUnknown)
	}
	var least weighing
	for _, backend := range slices.Sorted(maps.Keys(byBackend)) {
		w := weighing{by: byBackend[backend]}
		if backend != release.BackendUnknown {
			w.by = slices.Concat(w.by, common)
		}
		w.span, w.contradict = pool(w.by)
		if least.by == nil || abs64(w.mid) < abs64(least.mid) {
			least = w
		}
	}
	return least, least.by != nil
}

// pool puts measurements together: each weighs by its own variance and by what
// they differ from one another by (DerSimonian and Laird 1986). Where two exclude
// each other the interval is that of both and all between.
func pool(of []differing) (all span, contradict bool) {
	all = of[0].span
	for _, d := range of[1:] {
		all.low, all.high = min(all.low, d.low), max(all.high, d.high)
	}
	var sum, sumSquares, weighted float64
	for i, d := range of {
		w := 1 / variance(d.span)
		sum, sumSquares, weighted = sum+w, sumSquares+w*w, weighted+w*float64(d.mid)
		for _, e := range of[:i] {
			contradict = contradict || d.low > e.high || e.low > d.high
		}
	}
	mean := weighted / sum
	if all.mid = int64(math.Round(mean)); contradict || len(of) == 1 {
		return all, contradict
	}
	var off float64
	for _, d := range of {
		off += (float64(d.mid) - mean) * (float64(d.mid) - mean) / variance(d.span)
	}
	apart := max(0, (off-float64(len(of)-1))/(sum-sumSquares/sum))
	sum, weighted = 0, 0
	for _, d := range of {
		w := 1 / (variance(d.span) + apart)
		sum, weighted = sum+w, weighted+w*float64(d.mid)
	}
	mean, reach := weighted/sum, normal95/math.Sqrt(sum)
	return span{int64(math.Round(mean - reach)), int64(math.Round(mean)), int64(math.Round(mean + reach))}, false
}

// normal95 is how many standard errors a 95 % interval reaches to either side.
const normal95 = 1.96

// variance is that of a measurement, read off its interval; at least that of the
// clock, so that none outweighs all others without bound.
func variance(s span) float64 {
	return max(1, math.Pow(float64(s.high-s.low)/(2*normal95), 2))
}

// settles reports whether the interval lies on one side of what is worth a change,
// or is at least as narrow as the estimate that it would replace.
func (w weighing) settles(base, estimate span) bool {
	return judge(w.span, base) != unclear || w.high-w.low <= estimate.high-estimate.low
}

// place says where the interval lies: below, above, or on both sides of the floor.
func (w weighing) place(v say.Voice, base span) string {
	switch judge(w.span, base) {
	case yes:
		return v.Text("above what is worth a change")
	case no:
		return v.Text("below what is worth a change")
	default:
		return v.Text("on both sides of what is worth a change: measure more")
	}
}

// text shows the weighing.
func (w weighing) text(v say.Voice, from, to Mode, base span) string {
	of := ""
	if n := len(w.by); n > 1 {
		of = v.Sprintf(", %s together", v.Count(n, "measurement"))
	}
	out := v.Sprintf("Weighed: %s minus %s is %s per new connection, 95 %% interval %s to %s%s: %s (%s, and a third of the first packet's round trip).",
		from.title(), to.title(), signedMicros(v, w.mid), signedMicros(v, w.low), signedMicros(v, w.high), of, w.place(v, base), micros(v, floorNs))
	if w.contradict {
		out = v.Sentences(out, v.Text("Two of them exclude each other, so the interval is that of both: something besides the mode differs between the runs."))
	}
	return out
}

// where lists what was weighed.
func (w weighing) where() string {
	var out []string
	for _, d := range w.by {
		out = append(out, plain.Text(d.where))
	}
	return "measured: " + strings.Join(slices.Compact(out), "; ")
}
