package advisor

import (
	"fmt"
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

const srcUK8S = "UK8S kube-proxy mode guide"

// The break-even band between iptables and IPVS, in KUBE-SERVICES rules. The
// UK8S guide finds iptables better at 500 Services, both equal at 1,000 and IPVS
// better at 2,000, each with two rules per port: half of that in rules examined
// is where IPVS's fixed cost (18 us) is reached. In Services: 700 to 1,500 up to
// kube-proxy 1.21, 1,400 to 3,000 from 1.22 on.
const (
	bandLow  = 1_400
	bandHigh = 3_000
)

// band is the break-even band in Service ports for a kube-proxy version.
type band struct{ low, high, rules int }

func bandOf(v release.Version) band {
	r := rulesPerPort(v)
	return band{bandLow / r, bandHigh / r, r}
}

// place says where a number of entries lies: -1 below the band, 0 in it, 1 above.
func (b band) place(entries int) int {
	switch {
	case entries < b.low:
		return -1
	case entries > b.high:
		return 1
	default:
		return 0
	}
}

func (b band) String() string {
	return fmt.Sprintf("%s to %s ports at %s each", plain.Number(b.low), plain.Number(b.high), plain.Count(b.rules, "rule"))
}

// placeOf returns where the cluster lies. A break-even measured on the kernel of
// a node group beats the published band for its nodes; nodes that differ then
// make a cluster in which neither mode is better by rule.
func (s *situation) placeOf() (place int, known bool) {
	if !s.load.known {
		return 0, false
	}
	inTable, tableKnown := s.tablePlace()
	place, known = inTable, tableKnown
	if len(s.measured.BreakEvens) == 0 {
		return place, known
	}
	for i, g := range s.proxied {
		p, _, ok := s.measuredPlace(g)
		if !ok && !tableKnown {
			return 0, false
		} else if !ok {
			p = inTable
		}
		switch {
		case i == 0:
			place, known = p, true
		case p != place:
			place = 0
		}
	}
	if known && !s.allNodes { // the nodes that were not read keep the band
		if !tableKnown {
			return 0, false
		} else if place != inTable {
			place = 0
		}
	}
	return place, known
}

// tablePlace is where the cluster lies by the published band. Without a version
// it is known only where both layouts agree.
func (s *situation) tablePlace() (place int, known bool) {
	n := s.load.entries()
	if v, ok := s.oldest.Get(); ok {
		return bandOf(v).place(n), true
	}
	before, after := bandOf(release.V1(21, 0)).place(n), bandOf(release.V1(22, 0)).place(n)
	return before, before == after
}

// twoMode answers the guide's question, iptables or IPVS, as if nftables did not
// exist: it is the same whatever the verdict.
func (s *situation) twoMode() (TwoModeAnswer, string) {
	place, known := s.placeOf()
	if !s.load.known {
		return TwoUnknown, "The Services load is not known."
	}
	ports := plain.Count(s.load.entries(), "Service port")
	if !known {
		return TwoUnknown, fmt.Sprintf("%s: below or above the break-even band, depending on the kube-proxy version, which is not known.", ports)
	}
	at := ports
	if v, ok := s.oldest.Get(); ok {
		if v.AtLeast(43) {
			return TwoIPTables, "IPVS no longer exists in kube-proxy 1.43."
		}
		at = ports + ", " + s.bandText(v)
	}
	switch place {
	case -1:
		return TwoIPTables, at + ": below it iptables is as good or better."
	case 0:
		return s.insideBand(at)
	}
	return s.aboveBand(at)
}

// insideBand leaves either, unless issue 81775 rules IPVS out: what it rules out
// above the band, where IPVS is the cheaper one, it rules out here as well.
func (s *situation) insideBand(at string) (TwoModeAnswer, string) {
	switch {
	case s.steady() || s.reuseSafe() == yes:
	case s.reuseSafe() == no:
		return TwoIPTables, at + ": inside it neither is better by rule, and issue 81775, which " + s.theseNodes() + " are exposed to, rules IPVS out."
	case s.pattern() == Short:
		return TwoIPTables, at + ": inside it neither is better by rule; iptables for short connections until issue 81775 is ruled out here."
	}
	return TwoEither, at + ": inside it neither is better by rule; measure."
}

// bandText names the band that decides: the published one, a measured one, or
// both where they decide over different nodes.
func (s *situation) bandText(v release.Version) string {
	published := "break-even band " + bandOf(v).String()
	measured, all := s.measuredBands()
	switch {
	case len(measured) == 0:
		return published
	case all:
		return list(measured)
	}
	return list(measured) + ", on the other nodes " + published
}

// measuredBands says what was measured of iptables and IPVS on kernels of this
// cluster, and whether that holds for every node.
func (s *situation) measuredBands() (said []string, all bool) {
	if len(s.measured.BreakEvens) == 0 {
		return nil, false
	}
	all = s.allNodes
	for _, g := range s.proxied {
		if _, by, ok := s.measuredPlace(g); !ok {
			all = false
		} else if !slices.Contains(said, by.says()) {
			said = append(said, by.says())
		}
	}
	return said, all
}

// aboveBand decides where IPVS is the cheaper one: unless connections are short
// and issue 81775 would meet them.
func (s *situation) aboveBand(at string) (TwoModeAnswer, string) {
	if s.steady() {
		return TwoIPVS, at + ", and long-lived connections: IPVS. Reused 5-tuples are rare with them."
	}
	switch s.reuseSafe() {
	case yes:
		return TwoIPVS, at + ": IPVS, and issue 81775 does not bite on " + s.theseNodes() + "."
	case no:
		return TwoIPTables, at + ": IPVS, were it not for issue 81775, which " + s.theseNodes() + " are exposed to."
	}
	if s.pattern() == Short {
		return TwoIPTables, at + ": IPVS by count, but iptables for short connections until issue 81775 is ruled out here."
	}
	return TwoIPVS, at + ": IPVS by count. Rule out issue 81775 first, it is not known for " + s.theseNodes() + "."
}

// reuseSafe reports whether IPVS would be safe from issue 81775 on every node.
func (s *situation) reuseSafe() tri {
	return s.every(func(c class) tri { return reuseSafe(c.reuse.Exposure) })
}

// reuseSafe folds an exposure: if-sysctl-0 counts as safe, since the value is 1
// unless something wrote 0 and one command restores it.
func reuseSafe(e reuse.Exposure) tri {
	switch e {
	case reuse.Safe, reuse.IfSysctl0:
		return yes
	case reuse.StalePod, reuse.SynDelay:
		return no
	default:
		return unclear
	}
}
