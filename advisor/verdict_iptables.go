package advisor

import "fmt"

// onIPTables keeps a healthy iptables unless another mode gains enough to be
// worth touching every node.
func (s *situation) onIPTables() verdict {
	if !s.since(31) {
		return s.onOldIPTables()
	}
	keep := verdict{mode: IPTables, action: Keep, headline: "Keep iptables"}
	if !s.since(33) {
		keep.headline = "Keep iptables; nftables is beta until 1.33"
		keep.because = append(keep.because, s.reason("KPA012"), s.costReason())
		return keep
	}
	g := s.gainOf(NFTables)
	worth, why := g.worth(s, NFTables)
	if r := s.reason("KPA024"); !worth && r.Rule != "" && s.since(36) {
		worth, why = true, r
	}
	if !worth {
		if s.kernelsUnknown() && !s.smallForSure() {
			return s.kernelsMissing()
		}
		keep.headline = fmt.Sprintf("Keep iptables: at %s a change would gain too little", plural(s.load.entries(), "Service port"))
		if s.steady() {
			keep.headline = "Keep iptables: with long-lived connections there is no hurry"
		}
		keep.because = append(keep.because, g.small(s, NFTables), s.direction())
		return keep
	}
	switch s.nftPossible() {
	case unclear:
		return s.kernelsMissing()
	case no:
		keep.headline = "Keep iptables until every Linux node has kernel 5.13: then nftables"
		keep.because = append(keep.because, s.nftImpossible(), why)
		keep.weak = true
		return keep
	}
	if s.weakSpot().Rule != "" {
		return s.atWeakSpot(why)
	}
	v := verdict{mode: NFTables, action: Change, because: []Reason{why, s.reason("KPA011"), g.slower()}}
	v.headline = fmt.Sprintf("Move from iptables to nftables: it is flat, iptables costs +%s per new connection", micros(g.connectionNs))
	if s.steady() || g.connectionNs < floorNs {
		v.headline = "Move from iptables to nftables for its cheaper updates; no hurry"
		if s.steady() {
			v.because = append(v.because, s.reason("KPA061"))
		}
	}
	return v
}

// atWeakSpot weighs a worthwhile move to nftables against its weak spot: keep
// iptables until the upgrade that cures it, and measure where iptables suffers
// as well or no upgrade is at hand.
func (s *situation) atWeakSpot(why Reason) verdict {
	weak, nftBackend := s.weakSpot(), s.reason("KPA024")
	switch {
	case nftBackend.Rule != "":
		return verdict{
			mode: NFTables, action: Measure, weak: true,
			headline: "iptables or nftables: measure; both suffer at this many endpoints",
			because:  []Reason{weak, nftBackend, why},
		}
	case s.since(36):
		return verdict{
			mode: NFTables, action: Measure, weak: true,
			headline: "iptables or nftables: measure; this kernel programs huge nftables slowly",
			because:  []Reason{weak, why},
		}
	default:
		return verdict{
			mode: IPTables, action: Keep, weak: true,
			headline: "Keep iptables until kube-proxy 1.36: nftables has a weak spot at this size",
			because:  []Reason{weak, why},
		}
	}
}

// onOldIPTables is the guide's question: before 1.31 only IPVS competes.
func (s *situation) onOldIPTables() verdict {
	keep := verdict{mode: IPTables, action: Keep, headline: "Keep iptables", because: []Reason{s.twoModeReason()}}
	if s.kernelsUnknown() && !s.smallForSure() {
		return s.kernelsMissing()
	}
	two, _ := s.twoMode()
	switch {
	case two == TwoEither:
		return s.inBand()
	case two == TwoIPVS && s.kernelsUnknown():
		return s.kernelsMissing()
	case two == TwoIPVS:
		g := s.gainOf(IPVS)
		worth, why := g.worth(s, IPVS)
		switch {
		case s.newest.Value.AtLeast(31):
			keep.headline = "Keep iptables: bring every node to 1.33 rather than move to IPVS"
			return keep
		case s.ipvsPossible() != yes:
			keep.headline = "Keep iptables: kube-proxy would not start in IPVS mode on every node"
			return keep
		case !worth:
			keep.headline = "Keep iptables: IPVS would not gain enough, and it is being removed"
			keep.because = append(keep.because, g.small(s, IPVS), s.ipvsEnd())
			return keep
		case s.steady() || s.reuseSafe() == yes:
			return verdict{
				mode: IPVS, action: Change, weak: true,
				headline: fmt.Sprintf("Move from iptables to IPVS for %s, until an upgrade brings nftables", plural(s.load.entries(), "Service port")),
				because:  []Reason{s.twoModeReason(), why, s.ipvsEnd()},
			}
		}
		keep.headline = "Keep iptables until issue 81775 is ruled out on these kernels"
		keep.weak = true
		return keep
	}
	if place, _ := s.placeOf(); place == 1 {
		if s.kernelsUnknown() && s.reuseSafe() != no {
			return s.kernelsMissing()
		}
		keep.headline = "Keep iptables: IPVS is faster here, but issue 81775 would lose connections"
		keep.weak = true
	} else {
		keep.headline = fmt.Sprintf("Keep iptables: right for %s", plural(s.load.entries(), "Service port"))
	}
	return keep
}

// inBand is iptables against IPVS where neither is better by rule: a
// measurement that holds here settles it, else the answer is to make one.
func (s *situation) inBand() verdict {
	if c, diff, ok := s.measurement(IPTables, IPVS); ok {
		m := Reason{Text: fmt.Sprintf("Measured on %s, iptables minus IPVS is %s per new connection.", printable(c.Kernel), signedMicros(diff)), Source: "measured: " + c.Where}
		if diff >= floorNs && s.reuseSafe() == yes {
			return verdict{mode: IPVS, action: Change, weak: true, headline: "IPVS: measured faster here, inside the break-even band", because: []Reason{m, s.ipvsEnd()}}
		}
		return verdict{mode: IPTables, action: Keep, headline: "Keep iptables: measured inside the break-even band, IPVS gains too little", because: []Reason{m}}
	}
	return verdict{
		action: Measure, headline: fmt.Sprintf("iptables or IPVS: either at %s; measure", plural(s.load.entries(), "Service port")),
		because: []Reason{s.twoModeReason(), s.reason("KPA061")},
	}
}
