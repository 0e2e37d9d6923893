package advisor

import (
	"cmp"
	"fmt"
	"slices"
)

// BreakEven is the measured number of Services from which on a new connection
// is dearer in iptables mode than in another, from a sweep of the lab. Services
// there have one port, so they are Service ports here.
type BreakEven struct {
	A            Mode             `json:"a"`       // iptables
	Backend      Backend          `json:"backend"` // of iptables
	B            Mode             `json:"b"`
	Outcome      BreakEvenOutcome `json:"outcome"`
	Services     int              `json:"services"` // 0 unless Outcome is Crosses
	Low          int              `json:"low"`      // 95 % interval
	High         int              `json:"high"`
	RulesPerPort int              `json:"rulesPerPort"` // KUBE-SERVICES rules of a port: 1, or 2 as up to kube-proxy 1.21
	Kernel       string           `json:"kernel"`       // uname -r of the machine measured
	Where        string           `json:"where"`        // "lab sweep on this machine, 2026-11-25"
	Differences  []SizeDifference `json:"differences"`  // at each size measured, ascending
}

// SizeDifference is how much dearer a new connection is in A than in B at a
// number of Services, negative if it is cheaper.
type SizeDifference struct {
	Services int   `json:"services"`
	DiffNs   int64 `json:"diffNs"`
}

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
func (e BreakEven) difference(entries int) (ns int64, ok bool) {
	d := e.Differences
	if len(d) < 2 || entries < e.from() || float64(e.to()) < measuredMin*float64(entries) {
		return 0, false
	}
	if e.Outcome == NotDetected {
		return 0, true
	}
	i := slices.IndexFunc(d, func(x SizeDifference) bool { return x.Services >= entries })
	switch i {
	case -1:
		return d[len(d)-1].DiffNs, true
	case 0:
		return d[0].DiffNs, true
	}
	a, b := d[i-1], d[i]
	return a.DiffNs + (b.DiffNs-a.DiffNs)*int64(entries-a.Services)/int64(b.Services-a.Services), true
}

// says puts the measurement into words that can follow a comma.
func (e BreakEven) says() string {
	on, b := "on "+printable(e.Kernel), e.B.title()
	switch e.Outcome {
	case Crosses:
		return fmt.Sprintf("break-even with %s measured %s at %s ports (95 %% interval %s to %s)", b, on, count(e.Services), count(e.Low), count(e.High))
	case ACheaper:
		return fmt.Sprintf("no break-even with %s measured %s up to %s ports", b, on, count(e.to()))
	case BCheaper:
		return fmt.Sprintf("break-even with %s measured %s below %s ports", b, on, count(e.from()))
	case AtMost:
		return fmt.Sprintf("break-even with %s measured %s at %s ports at the latest", b, on, count(e.High))
	default:
		return fmt.Sprintf("no difference from %s detected %s between %s and %s ports", b, on, count(e.from()), count(e.to()))
	}
}

// holds reports whether the measurement stands for a node group: made on its
// kernel release, with the rules that its kube-proxy writes and, where that is
// known, through its backend of iptables.
func (e BreakEven) holds(g group) bool {
	v, ok := g.version.Get()
	backend, _ := likelyBackend(g.OSImage)
	return ok && len(e.Differences) > 1 && e.Kernel != "" && e.Kernel == g.Kernel && e.RulesPerPort == rulesPerPort(v) &&
		(backend == BackendUnknown || e.Backend == backend)
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

// measuredDifference is the measured cost of iptables over another mode at this
// load, if one was measured that holds on every node that runs kube-proxy: other
// nodes keep the estimate, and one verdict is for all. Of two backends the
// smaller difference counts.
func (s *situation) measuredDifference(to Mode) (Comparison, int64, bool) {
	var found Comparison
	var diff int64
	ok := false
	for _, e := range s.measured.BreakEvens {
		ns, reaches := e.difference(s.load.entries())
		if e.A != IPTables || e.B != to || !reaches || s.every(func(g group) tri { return triOf(e.holds(g)) }) != yes {
			continue
		}
		if !ok || abs64(ns) < abs64(diff) {
			found, diff, ok = Comparison{A: e.A, B: e.B, Where: e.Where, Kernel: e.Kernel, Services: s.load.entries()}, ns, true
		}
	}
	return found, diff, ok
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
		text := fmt.Sprintf("Measured: iptables (%s), %s.", cmp.Or(e.Backend, "backend not known"), e.says())
		switch {
		case groups == 0:
			text += " It does not stand for this cluster: no node with this kernel, layout of rules and backend."
		case groups < len(s.proxied):
			text += fmt.Sprintf(" It holds for %s; the others keep the published band.", nodesText(nodes))
		}
		out = append(out, Reason{Text: text, Source: "measured: " + printable(e.Where)})
	}
	return out
}
