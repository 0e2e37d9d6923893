package advisor

import "kpadvisor/advisor/release"

// onIPTables keeps a healthy iptables unless another mode gains enough to be
// worth touching every node.
func (s *situation) onIPTables() decision {
	keep := decision{mode: IPTables, action: Keep, ground: gKeepIPTSmall}
	switch {
	case !s.since(31):
		return s.onOldIPTables()
	case !s.since(33):
		keep.ground = gKeepIPTBeta
		return keep
	}
	worth, _ := s.gainOf(NFTables).worth(s, NFTables)
	if worth == no {
		if s.kernelsUnknown() && !s.smallForSure() {
			return decision{action: CannotTell, ground: gNoKernels}
		}
		return keep
	}
	switch s.possible(NFTables) {
	case unclear:
		return decision{action: CannotTell, ground: gNoKernels}
	case no:
		keep.ground, keep.renew, keep.lift = gKeepIPTKernels, len(s.heldByKernel()) > 0, len(s.heldByVersion()) > 0
		return keep
	}
	if s.nftWeight() >= syncHeavy {
		return s.atWeakSpot()
	}
	if worth == unclear {
		return decision{mode: NFTables, action: Measure, ground: gEitherIPT}
	}
	return decision{mode: NFTables, action: Change, ground: gMoveIPT}
}

// atWeakSpot weighs a move to nftables that may be worth while against its weak
// spot: keep iptables until the upgrade that cures the worst of it, and measure
// where iptables suffers as well, no upgrade is at hand, or it is not that bad.
func (s *situation) atWeakSpot() decision {
	if s.manyNFTChains() || s.since(36) || s.nftWeight() < syncExtreme {
		return decision{mode: NFTables, action: Measure, ground: gMeasureIPT}
	}
	return decision{mode: IPTables, action: Keep, ground: gKeepIPTSlow}
}

// manyNFTChains reports iptables over nf_tables with so many chains that its
// full sync takes long (rule KPA024).
func (s *situation) manyNFTChains() bool {
	return s.load.endpointsKnown && iptablesChains(s.load.Load) >= manyChains &&
		len(where(s.classes, func(c class) bool {
			m, known := c.inMode()
			return known && m == IPTables && c.backend == release.BackendNFT
		})) > 0
}

// onOldIPTables is the guide's question: before 1.31 only IPVS competes.
func (s *situation) onOldIPTables() decision {
	keep := decision{mode: IPTables, action: Keep, ground: gKeepOld}
	unknown := decision{action: CannotTell, ground: gNoKernels}
	if s.kernelsUnknown() && !s.smallForSure() {
		return unknown
	}
	two, _ := s.twoMode()
	switch {
	case two == TwoEither && s.nft5_13():
		keep.ground = gKeepOldUpgrade
		return keep
	case two == TwoEither:
		return s.inBand()
	case two == TwoIPVS && s.kernelsUnknown():
		return unknown
	case two == TwoIPVS:
		return s.oldIPVS(keep)
	}
	if place, _ := s.placeOf(); place == 1 {
		if s.kernelsUnknown() && s.reuseSafe() != no {
			return unknown
		}
		keep.ground = gKeepOld81775
	}
	return keep
}

// oldIPVS weighs a move to IPVS, which is never made where the kernels can run
// nftables: upgrading Kubernetes comes first there.
func (s *situation) oldIPVS(keep decision) decision {
	worth, _ := s.gainOf(IPVS).worth(s, IPVS)
	switch {
	case s.newest.Value.AtLeast(31) || s.nft5_13():
		keep.ground = gKeepOldUpgrade
	case s.possible(IPVS) != yes:
		keep.ground = gKeepOldIPVSStart
	case worth == no:
		keep.ground = gKeepOldSmall
	case worth == unclear:
		return s.inBand()
	case s.steady() || s.reuseSafe() == yes:
		return decision{mode: IPVS, action: Change, ground: gMoveOldIPVS}
	default:
		keep.ground = gKeepOld81775
	}
	return keep
}

// inBand is iptables against IPVS where neither is better by rule: a
// measurement that holds here settles it, else the answer is to make one.
func (s *situation) inBand() decision {
	if w, ok := s.weigh(IPTables, IPVS); ok {
		if w.low < floorNs && w.high >= floorNs {
			return decision{action: Measure, ground: gEitherOld} // more than was
		}
		if w.low >= floorNs && s.reuseSafe() == yes && s.possible(IPVS) == yes {
			return decision{mode: IPVS, action: Change, ground: gBandIPVS}
		}
		return decision{mode: IPTables, action: Keep, ground: gBandIPT}
	}
	return decision{action: Measure, ground: gEitherOld}
}

// onIPVS plans the way out: to nftables where it is stable, after renewing the
// nodes that hold it, which is one move instead of two; before that IPVS may stay
// while issue 81775 spares it.
func (s *situation) onIPVS() decision {
	if !s.stable() {
		return s.ipvsForAWhile()
	}
	held := s.heldByKernel()
	switch {
	case s.every(func(c class) tri { return nftKernel(c.group) }) == unclear:
		return decision{action: CannotTell, ground: gNoKernels}
	case len(s.heldByVersion()) > 0:
		return s.toNFTables(decision{action: Change, ground: gIPVSUpgrade})
	case len(held) > 0 && s.newest.Value.AtLeast(40) && s.possible(IPTables) == yes && !s.someCanNFTables():
		return decision{mode: IPTables, action: Change, ground: gLeaveIPVSOld} // IPVS refuses to start: no time to renew
	case s.nftWeight() >= syncHeavy:
		return decision{mode: NFTables, action: Measure, ground: gLeaveIPVSSlow, renew: len(held) > 0}
	}
	return s.toNFTables(decision{action: Change, ground: gLeaveIPVS})
}

// ipvsForAWhile judges IPVS where nftables is not stable yet: whether issue 81775
// bites, and how likely, decides.
func (s *situation) ipvsForAWhile() decision {
	stay := decision{mode: IPVS, action: Keep, ground: gIPVSSafe}
	nft := s.possible(NFTables)
	if s.since(31) && nft == unclear {
		return decision{action: CannotTell, ground: gNoKernels}
	}
	switch s.reuseSafe() {
	case yes:
		return stay
	case unclear:
		if s.kernelsUnknown() {
			return decision{action: CannotTell, ground: gNoKernels}
		}
		stay.ground = gIPVSCheck
		return stay
	}
	two, _ := s.twoMode()
	switch {
	case !s.urgent():
		stay.ground = gIPVSLatent
		return stay
	case likelyReused(s.likelihood()) && s.steady(): // the rate outweighs the pattern that was answered
		return decision{mode: IPTables, action: Change, ground: gIPVSExposed}
	case two == TwoIPVS: // long-lived connections, many Services
		stay.ground = gIPVSLong
		return stay
	case two == TwoEither: // the same, inside the band
		return decision{action: Measure, ground: gIPVSEither}
	case s.since(31) && nft == yes:
		return decision{mode: NFTables, action: Change, ground: gIPVSExposedBeta}
	}
	return decision{mode: IPTables, action: Change, ground: gIPVSExposed}
}
