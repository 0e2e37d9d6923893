package advisor

import (
	"cmp"
	"math"
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Measured is evidence somebody measured. It beats an estimate and is never a
// veto: it holds for the kernel it was measured on.
type Measured struct {
	Comparisons []Comparison `json:"comparisons,omitempty"`
	BreakEvens  []BreakEven  `json:"breakEvens,omitempty"`
	Drills      []Drill      `json:"drills,omitempty"` // of issue 81775
}

// Comparison is the measured cost of a new connection in two modes, from a
// probe or the lab. A positive difference says that A is slower than B.
type Comparison struct {
	A            Mode    `json:"a"`
	B            Mode    `json:"b"`
	Where        string  `json:"where"`    // "lab", "two addresses", "nodes n1 and n2"
	Kernel       string  `json:"kernel"`   // uname -r of the machine measured
	Services     int     `json:"services"` // programmed while measuring; 0 if not known
	MedianDiffNs int64   `json:"medianDiffNs"`
	LowNs        int64   `json:"lowNs"` // 95 % interval
	HighNs       int64   `json:"highNs"`
	Detected     bool    `json:"detected"` // the interval excludes 0
	Blocks       int     `json:"blocks"`   // observations
	Arrival      Arrival `json:"arrival,omitempty"`
	// Single: one node ran A and another one ran B, or each mode was built once. The
	// interval then does not cover what nodes or builds differ by, and is no evidence
	// of modes.
	Single bool `json:"single,omitempty"`
}

// evidence returns what was measured, as reasons: for or against the verdict.
// A measurement elsewhere (another kernel, fewer Services) is told as such and
// decides nothing.
func (s *situation) evidence(v decision) []Reason {
	if v.action == None {
		return nil
	}
	var out []Reason
	for _, c := range s.measured.Comparisons {
		if c.Blocks == 0 {
			continue
		}
		text := s.Sprintf("Measured: %s minus %s is %s per new connection, 95 %% interval %s to %s, %s.",
			c.A.title(), c.B.title(), signedMicros(s.Voice, c.MedianDiffNs), signedMicros(s.Voice, c.LowNs), signedMicros(s.Voice, c.HighNs), s.Count(c.Blocks, "block"))
		if !c.Detected {
			text = s.Sprintf("Measured: no difference detected between %s and %s in %s.", c.A.title(), c.B.title(), s.Count(c.Blocks, "block"))
		}
		switch d, _ := s.compared(c, c.A, c.B); {
		case !d.holds:
			text = s.Sentences(text, s.Sprintf("Kernel %s, %s: it does not stand for this cluster.", plain.Text(c.Kernel), s.Count(c.Services, "Service")))
		case c.NotWeighed() != "":
			text = s.Sentences(text, s.Sprintf("It is shown and not weighed: %s.", c.NotWeighedIn(s.Voice)))
		}
		out = append(out, Reason{Text: text, Source: "measured: " + plain.Text(c.Where)})
	}
	return slices.Concat(out, s.breakEvenEvidence(), s.weighed(), s.drillEvidence())
}

// NotWeighed says in a clause why the measurement decides nothing whatever the
// cluster; empty where it may.
func (c Comparison) NotWeighed() string { return c.NotWeighedIn(say.Voice{}) }

// NotWeighedIn is NotWeighed in another language.
func (c Comparison) NotWeighedIn(v say.Voice) string {
	switch {
	case c.Arrival != Cold:
		return v.Text(backToBack)
	case c.Single:
		return v.Text("one node, or one build of the rules, of each mode: its interval does not hold what nodes and builds differ by")
	}
	return ""
}

const backToBack = "connections came back to back, or faster than caches are known to empty, so that the CPU may have held the rules: the least that the modes differ by"

// weighed shows what was weighed of each pair of modes.
func (s *situation) weighed() []Reason {
	var out []Reason
	for _, pair := range [][2]Mode{{IPTables, NFTables}, {IPTables, IPVS}, {IPVS, NFTables}} {
		if w, ok := s.weigh(pair[0], pair[1]); ok {
			base := point(firstPacketNs + max(0, s.common(pair[1]).p50.mid+w.mid))
			out = append(out, Reason{Text: w.text(s.Voice, pair[0], pair[1], base), Source: w.where()})
		}
	}
	return out
}

func signedMicros(v say.Voice, ns int64) string {
	if ns < 0 {
		return "-" + micros(v, -ns)
	}
	return "+" + micros(v, ns)
}

// BreakEven is the measured number of Services from which on a new connection
// is dearer in iptables mode than in another, from a sweep of the lab. Services
// there have one port, so they are Service ports here.
type BreakEven struct {
	A            Mode             `json:"a"`       // iptables
	Backend      release.Backend  `json:"backend"` // of iptables
	B            Mode             `json:"b"`
	Outcome      BreakEvenOutcome `json:"outcome"`
	Services     int              `json:"services"` // 0 unless Outcome is Crosses
	Low          int              `json:"low"`      // 95 % interval
	High         int              `json:"high"`
	RulesPerPort int              `json:"rulesPerPort"` // KUBE-SERVICES rules of a port: 1, or 2 as up to kube-proxy 1.21
	Kernel       string           `json:"kernel"`       // uname -r of the machine measured
	Where        string           `json:"where"`        // "lab sweep on this machine, 2026-11-25"
	Differences  []SizeDifference `json:"differences"`  // at each size measured, ascending
	Arrival      Arrival          `json:"arrival,omitempty"`
}

// SizeDifference is how much dearer a new connection is in A than in B at a
// number of Services, negative if it is cheaper.
type SizeDifference struct {
	Services int   `json:"services"`
	DiffNs   int64 `json:"diffNs"`
	LowNs    int64 `json:"lowNs"` // 95 % interval
	HighNs   int64 `json:"highNs"`
}

func (d SizeDifference) span() span { return span{d.LowNs, d.DiffNs, d.HighNs} }

// BreakEvenOutcome says whether two modes change places within the sizes measured.
type BreakEvenOutcome string

// The outcomes, as the lab names them.
const (
	Crosses     BreakEvenOutcome = "crosses"
	ACheaper    BreakEvenOutcome = "a-always-cheaper" // at every size measured
	BCheaper    BreakEvenOutcome = "b-always-cheaper"
	AtMost      BreakEvenOutcome = "at-most"      // A is dearer from High on at the latest; below, no difference was detected
	NotDetected BreakEvenOutcome = "not-detected" // the difference stays within the noise
)

// from and to are the smallest and the largest size measured.
func (e BreakEven) from() int { return e.Differences[0].Services }
func (e BreakEven) to() int   { return e.Differences[len(e.Differences)-1].Services }

// place says where a number of entries lies: -1 where A is the cheaper one, 1
// where B is, 0 where neither is by this measurement; false where it does not
// reach.
func (e BreakEven) place(entries int) (int, bool) {
	switch {
	case len(e.Differences) < 2:
		return 0, false
	case e.Outcome == Crosses:
		return band{low: e.Low, high: e.High}.place(entries), true
	case e.Outcome == ACheaper:
		return -1, entries <= e.to()
	case e.Outcome == BCheaper:
		return 1, entries >= e.from()
	case e.Outcome == AtMost && entries > e.High:
		return 1, true
	case e.Outcome == AtMost, e.Outcome == NotDetected:
		return 0, e.from() <= entries && entries <= e.to()
	}
	return 0, false
}

// difference is how much dearer A is at a number of entries, on the straight
// line between the sizes measured. Beyond the largest it holds as far as any
// measurement does, see measuredMin.
func (e BreakEven) difference(entries int) (at span, ok bool) {
	d := e.Differences
	if len(d) < 2 || entries < e.from() || float64(e.to()) < measuredMin*float64(entries) {
		return span{}, false
	}
	i := slices.IndexFunc(d, func(x SizeDifference) bool { return x.Services >= entries })
	switch i {
	case -1:
		return d[len(d)-1].span(), true
	case 0:
		return d[0].span(), true
	}
	a, b := d[i-1].span(), d[i].span()
	share := float64(entries-d[i-1].Services) / float64(d[i].Services-d[i-1].Services)
	return span{along(a.low, b.low, share), along(a.mid, b.mid, share), along(a.high, b.high, share)}, true
}

func along(a, b int64, share float64) int64 { return a + int64(math.Round(float64(b-a)*share)) }

// says puts the measurement into words that can follow a comma.
func (e BreakEven) says(v say.Voice) string {
	on, b := v.Sprintf("on %s", plain.Text(e.Kernel)), e.B.title()
	if e.Arrival != Cold {
		on = v.Sprintf("on %s, back to back,", plain.Text(e.Kernel))
	}
	switch e.Outcome {
	case Crosses:
		return v.Sprintf("break-even with %s measured %s at %s ports (95 %% interval %s to %s)", b, on, plain.Number(e.Services), plain.Number(e.Low), plain.Number(e.High))
	case ACheaper:
		return v.Sprintf("no break-even with %s measured %s up to %s ports", b, on, plain.Number(e.to()))
	case BCheaper:
		return v.Sprintf("break-even with %s measured %s below %s ports", b, on, plain.Number(e.from()))
	case AtMost:
		return v.Sprintf("break-even with %s measured %s at %s ports at the latest", b, on, plain.Number(e.High))
	default:
		return v.Sprintf("no difference from %s detected %s between %s and %s ports", b, on, plain.Number(e.from()), plain.Number(e.to()))
	}
}

// holds reports whether the measurement stands for a node group: made paced, on its
// kernel release, with the rules that its kube-proxy writes and, where that is
// known, through its backend of iptables.
func (e BreakEven) holds(g group) bool {
	v, ok := g.version.Get()
	backend := g.iptablesBackend()
	return ok && e.Arrival == Cold && len(e.Differences) > 1 && e.Kernel != "" && e.Kernel == g.Kernel && e.RulesPerPort == rulesPerPort(v) &&
		(backend == release.BackendUnknown || e.Backend == backend)
}

// measuredPlace is where the load lies for a node group by what was measured of
// iptables and IPVS on its kernel. Where the backend is not known and the
// measurements of both disagree, neither mode is better by rule.
func (s *situation) measuredPlace(g group) (place int, by BreakEven, ok bool) {
	for _, e := range s.measured.BreakEvens {
		p, reaches := e.place(s.load.entries())
		switch {
		case e.A != IPTables || e.B != IPVS || !e.holds(g) || !reaches:
		case !ok:
			place, by, ok = p, e, true
		case p != place:
			place = 0
		}
	}
	return place, by, ok
}

func abs64(n int64) int64 { return max(n, -n) }

// breakEvenEvidence tells what was measured, and of how many nodes it holds.
func (s *situation) breakEvenEvidence() []Reason {
	var out []Reason
	for _, e := range s.measured.BreakEvens {
		if len(e.Differences) < 2 {
			continue
		}
		nodes, groups := 0, 0
		for _, g := range s.proxied {
			if e.holds(g) {
				nodes, groups = nodes+g.Nodes, groups+1
			}
		}
		text := s.Sprintf("Measured: iptables (%s), %s.", cmp.Or(string(e.Backend), s.Text("backend not known")), e.says(s.Voice))
		switch {
		case e.Arrival != Cold:
			text = s.Sentences(text, s.Sprintf("It is shown and not weighed: %s.", s.Text(backToBack)))
		case groups == 0:
			text = s.Sentences(text, s.Text("It does not stand for this cluster: no node with this kernel, layout of rules and backend."))
		case groups < len(s.proxied):
			text = s.Sentences(text, s.Sprintf("It holds for %s; the others keep the published band.", nodesText(s.Voice, nodes)))
		}
		out = append(out, Reason{Text: text, Source: "measured: " + plain.Text(e.Where)})
	}
	return out
}
