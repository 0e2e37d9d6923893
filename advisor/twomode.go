package advisor

import (
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
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

func (b band) text(v say.Voice) string {
	return v.Sprintf("%s to %s ports at %s each", plain.Number(b.low), plain.Number(b.high), v.Count(b.rules, "rule"))
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

// twoGround is what the answer between two modes rests on: it decides the words.
type twoGround int

const (
	twoNoLoad  twoGround = iota // the load is not known
	twoNoBand                   // nor is the version, and it decides
	twoNoIPVS                   // IPVS no longer exists
	twoBelow                    // below the band
	twoInside                   // inside it: measure
	twoInReuse                  // inside it, and issue 81775 rules IPVS out
	twoInShort                  // inside it, and issue 81775 is open
	twoSteady                   // above it, with long-lived connections
	twoSafe                     // above it, and issue 81775 spares these nodes
	twoReuse                    // above it, and issue 81775 rules IPVS out
	twoShort                    // above it, with short connections, and issue 81775 is open
	twoOpen                     // above it, and issue 81775 is open
)

// twoMode answers the guide's question, iptables or IPVS, as if nftables did not
// exist: it is the same whatever the verdict.
func (s *situation) twoMode() (TwoModeAnswer, twoGround) {
	place, known := s.placeOf()
	switch {
	case !s.load.known:
		return TwoUnknown, twoNoLoad
	case !known:
		return TwoUnknown, twoNoBand
	case s.oldest.IsKnown() && s.oldest.Value.AtLeast(43):
		return TwoIPTables, twoNoIPVS
	}
	switch place {
	case -1:
		return TwoIPTables, twoBelow
	case 0:
		return s.insideBand()
	}
	return s.aboveBand()
}

// insideBand leaves either, unless issue 81775 rules IPVS out: what it rules out
// above the band, where IPVS is the cheaper one, it rules out here as well.
func (s *situation) insideBand() (TwoModeAnswer, twoGround) {
	switch {
	case s.steady() || s.reuseSafe() == yes:
	case s.reuseSafe() == no:
		return TwoIPTables, twoInReuse
	case s.pattern() == Short:
		return TwoIPTables, twoInShort
	}
	return TwoEither, twoInside
}

// aboveBand decides where IPVS is the cheaper one: unless connections are short
// and issue 81775 would meet them.
func (s *situation) aboveBand() (TwoModeAnswer, twoGround) {
	if s.steady() {
		return TwoIPVS, twoSteady
	}
	switch s.reuseSafe() {
	case yes:
		return TwoIPVS, twoSafe
	case no:
		return TwoIPTables, twoReuse
	}
	if s.pattern() == Short {
		return TwoIPTables, twoShort
	}
	return TwoIPVS, twoOpen
}

// twoModeWhy puts the ground of that answer into words.
func (s *situation) twoModeWhy(g twoGround) string {
	at := s.Count(s.load.entries(), "Service port")
	if v, ok := s.oldest.Get(); ok && g > twoNoIPVS {
		at = s.Sprintf("%s, %s", at, s.bandText(v))
	}
	switch g {
	case twoNoLoad:
		return s.Text("The Services load is not known.")
	case twoNoBand:
		return s.Sprintf("%s: below or above the break-even band, depending on the kube-proxy version, which is not known.", at)
	case twoNoIPVS:
		return s.Text("IPVS no longer exists in kube-proxy 1.43.")
	case twoBelow:
		return s.Sprintf("%s: below it iptables is as good or better.", at)
	case twoInReuse:
		return s.Sprintf("%s: inside it neither is better by rule, and issue 81775, which %s are exposed to, rules IPVS out.", at, s.theseNodes())
	case twoInShort:
		return s.Sprintf("%s: inside it neither is better by rule; iptables for short connections until issue 81775 is ruled out here.", at)
	case twoSteady:
		return s.Sprintf("%s, and long-lived connections: IPVS. Reused 5-tuples are rare with them.", at)
	case twoSafe:
		return s.Sprintf("%s: IPVS, and issue 81775 does not bite on %s.", at, s.theseNodes())
	case twoReuse:
		return s.Sprintf("%s: IPVS, were it not for issue 81775, which %s are exposed to.", at, s.theseNodes())
	case twoShort:
		return s.Sprintf("%s: IPVS by count, but iptables for short connections until issue 81775 is ruled out here.", at)
	case twoOpen:
		return s.Sprintf("%s: IPVS by count. Rule out issue 81775 first, it is not known for %s.", at, s.theseNodes())
	}
	return s.Sprintf("%s: inside it neither is better by rule; measure.", at)
}

// bandText names the band that decides: the published one, a measured one, or
// both where they decide over different nodes.
func (s *situation) bandText(v release.Version) string {
	published := s.Sprintf("break-even band %s", bandOf(v).text(s.Voice))
	measured, all := s.measuredBands()
	switch {
	case len(measured) == 0:
		return published
	case all:
		return s.Join(measured)
	}
	return s.Sprintf("%s, on the other nodes %s", s.Join(measured), published)
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
		} else if !slices.Contains(said, by.says(s.Voice)) {
			said = append(said, by.says(s.Voice))
		}
	}
	return said, all
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
