package advisor

// onIPVS plans the way out: to nftables where it is stable and possible, from
// 1.35 on in any case; before that IPVS may stay while issue 81775 spares it.
func (s *situation) onIPVS() verdict {
	stable := s.since(33)
	nft := s.nftPossible()
	switch {
	case stable && nft == yes && s.weakSpot().Rule != "":
		return verdict{
			mode: NFTables, action: Measure, weak: true,
			headline: "Leave IPVS for nftables, but upgrade and measure first at this many endpoints",
			because:  []Reason{s.weakSpot(), s.ipvsEnd()},
		}
	case stable && nft == yes:
		v := verdict{mode: NFTables, action: Change, headline: "Move from IPVS to nftables: IPVS is at its end, nftables is stable here"}
		v.because = append(v.because, s.ipvsEnd(), s.reason("KPA011"))
		if s.steady() {
			v.headline = "Move from IPVS to nftables before 1.40; with long-lived connections no hurry"
			v.because = append(v.because, s.reason("KPA061"))
		}
		return v
	case stable && nft == unclear:
		return s.kernelsMissing()
	case s.since(35):
		return verdict{
			mode: IPTables, action: Change, weak: true,
			headline: "Move from IPVS to iptables; to nftables once every kernel is 5.13 or later",
			because:  []Reason{s.ipvsEnd(), s.nftImpossible()},
		}
	}
	return s.ipvsForAWhile(nft)
}

// ipvsForAWhile judges IPVS where nftables is not stable or not possible and
// IPVS is not yet deprecated: issue 81775 decides.
func (s *situation) ipvsForAWhile(nft tri) verdict {
	two, _ := s.twoMode()
	stay := verdict{mode: IPVS, action: Keep, headline: "Keep IPVS for now; plan to leave it before 1.40", because: []Reason{s.ipvsEnd()}}
	if s.since(31) && nft == unclear {
		return s.kernelsMissing()
	}
	switch s.reuseSafe() {
	case yes:
		stay.because = append([]Reason{{Text: "Issue 81775 does not bite on these nodes: no reason to hurry.", Source: src81775}}, stay.because...)
		return stay
	case unclear:
		if s.kernelsUnknown() {
			return s.kernelsMissing()
		}
		stay.weak = true
		stay.headline = "Keep IPVS only if its sysctls check out; plan to leave it before 1.40"
		stay.because = append([]Reason{s.reason("KPA044"), s.reason("KPA045")}, stay.because...)
		return stay
	}
	exposed := firstReason(s.reason("KPA041"), s.reason("KPA042"))
	switch {
	case two == TwoIPVS: // long-lived connections, many Services
		stay.weak = true
		stay.headline = "Keep IPVS for its many long-lived connections, and fix issue 81775 on it"
		stay.because = append([]Reason{exposed, s.reason("KPA061")}, stay.because...)
		return stay
	case s.since(31) && nft == yes:
		return verdict{
			mode: NFTables, action: Change, weak: true,
			headline: "Move from IPVS to nftables (beta here): IPVS sends traffic to destroyed pods",
			because:  []Reason{exposed, s.reason("KPA012")},
		}
	}
	return verdict{
		mode: IPTables, action: Change,
		headline: "Move from IPVS to iptables: IPVS is exposed to issue 81775 on these nodes",
		because:  []Reason{exposed, s.twoModeReason(), s.costReason()},
	}
}
