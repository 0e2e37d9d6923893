package advisor

import (
	"kpadvisor/plain"
)

const srcSupported = "kubernetes pkg/proxy/nftables/supported.go"

// wordIPVS is for clusters in IPVS mode.
func (s *situation) wordIPVS(d decision) (string, []Reason) {
	exposed := firstReason(s.reason(KPA041), s.reason(KPA042))
	switch d.ground {
	case gLeaveIPVS, gIPVSUpgrade:
		return s.wordLeaveIPVS(d)
	case gLeaveIPVSSlow:
		return s.Text("Leave IPVS for nftables, but upgrade and measure first at this size"), append([]Reason{s.weakSpot(), s.ipvsEnd()}, s.heldReasons(d)...)
	case gLeaveIPVSOld:
		return s.Text("Move from IPVS to iptables now; to nftables once every kernel is 5.13 or later"), []Reason{s.ipvsEnd(), s.nftImpossible()}
	case gIPVSSafe:
		return s.Text("Keep IPVS for now; plan to leave it before 1.40"),
			[]Reason{{Text: s.Sprintf("Issue 81775 does not bite on %s: no reason to hurry.", s.theseNodes()), Source: src81775}, s.upgradeForNFTables(), s.ipvsEnd()}
	case gIPVSCheck:
		return s.Text("Keep IPVS only if its sysctls check out; plan to leave it before 1.40"),
			[]Reason{s.reason(KPA044), s.reason(KPA045), s.upgradeForNFTables(), s.ipvsEnd()}
	case gIPVSLatent:
		return s.Sprintf("Keep IPVS: issue 81775 is %s here; fix the sysctl or the kernel at leisure", s.likelihood().In(s.Voice)),
			[]Reason{{Text: s.reuseLoad(), Source: src81775}, exposed, s.upgradeForNFTables(), s.ipvsEnd()}
	case gIPVSLong:
		return s.Text("Keep IPVS for its many long-lived connections, and fix issue 81775 on it"), []Reason{exposed, s.reason(KPA061), s.ipvsEnd()}
	case gIPVSEither:
		return s.Text("IPVS or iptables: either with long-lived connections; fix issue 81775 where IPVS stays"), []Reason{exposed, s.twoModeReason(), s.reason(KPA061)}
	case gIPVSExposedBeta:
		return s.Text("Move from IPVS to nftables (beta here): IPVS sends traffic to destroyed pods"), []Reason{exposed, s.reason(KPA012)}
	}
	return s.Sprintf("Move from IPVS to iptables: IPVS is exposed to issue 81775 on %s", s.theseNodes()),
		[]Reason{exposed, s.twoModeReason(), s.costReason(), s.upgradeForNFTables()}
}

func (s *situation) wordLeaveIPVS(d decision) (string, []Reason) {
	headline := s.Text("Move from IPVS to nftables: IPVS is at its end, nftables is stable here")
	if s.steady() {
		headline = s.Sprintf("Move from IPVS to nftables %s; with long-lived connections no hurry", s.before140())
	}
	out := []Reason{s.ipvsEnd(), s.reason(KPA011)}
	if d.renew && !d.lift && len(s.heldByKernel()) == len(s.classes) {
		headline = s.Sprintf("Renew %s (kernel before 5.13), then move from IPVS to nftables in one step", nodesText(s.Voice, nodesIn(s.classes)))
		out = append(out, s.heldReasons(d)...)
		out = append(out, Reason{Text: s.Sprintf("If the nodes cannot be renewed %s: iptables as a stopgap, and nftables later.", s.before140()), Source: srcKEP5495})
		return headline, out
	}
	out = append(out, s.heldReasons(d)...)
	if s.steady() {
		out = append(out, s.reason(KPA061))
	}
	return s.firstThen(d, headline), out
}

// before140 is "before 1.40", or "now" where that has passed.
func (s *situation) before140() string {
	if s.newest.Value.AtLeast(40) {
		return s.Text("now")
	}
	return s.Text("before 1.40")
}

// upgradeForNFTables says that an upgrade of Kubernetes is what nftables waits
// for, where the kernels are ready.
func (s *situation) upgradeForNFTables() Reason {
	if s.since(33) || !s.nft5_13() {
		return Reason{}
	}
	return Reason{Text: s.Text("Every kernel here can run nftables: what it waits for is Kubernetes 1.33."), Source: "KEP-3866"}
}

// wordIPTables is for clusters in iptables mode from 1.31 on.
func (s *situation) wordIPTables(d decision) (string, []Reason) {
	g := s.gainOf(NFTables)
	_, why := g.worth(s, NFTables)
	switch d.ground {
	case gKeepIPTBeta:
		return s.Text("Keep iptables; nftables is beta until 1.33"), []Reason{s.reason(KPA012), s.costReason()}
	case gKeepIPTSmall:
		headline := s.Sprintf("Keep iptables: at %s a change would gain too little", s.Count(s.load.entries(), "Service port"))
		if s.steady() {
			headline = s.Text("Keep iptables: with long-lived connections there is no hurry")
		}
		return headline, []Reason{g.small(s, NFTables), s.direction()}
	case gKeepIPTKernels:
		headline := s.Text("Keep iptables until every Linux node has kernel 5.13: then nftables")
		if n := nodesIn(s.heldByKernel()); d.renew && n > 0 && s.someCanNFTables() {
			headline = s.Sprintf("Keep iptables until %s renewed (kernel before 5.13); then nftables everywhere", s.Plural(n, "node is", "nodes are"))
		}
		return headline, append([]Reason{s.nftImpossible(), why}, s.heldReasons(d)...)
	case gKeepIPTSlow:
		return s.Text("Keep iptables until kube-proxy 1.37: nftables takes minutes to start at this size before it"), []Reason{s.weakSpot(), why}
	case gMeasureIPT:
		if s.manyNFTChains() {
			return s.Text("iptables or nftables: measure; both suffer at this size"), []Reason{s.weakSpot(), s.reason(KPA024), why}
		}
		return s.Text("iptables or nftables: measure; nftables starts slowly at this size"), []Reason{s.weakSpot(), why}
	case gEitherIPT:
		headline := s.Sprintf("iptables or nftables: either is right at %s; nftables with the next node image", s.Count(s.load.entries(), "Service port"))
		if why.Rule == KPA026 {
			headline = s.Sprintf("iptables or nftables: measure, for one Service has %s", s.Count(int(s.load.worst), "endpoint"))
		}
		return headline, []Reason{why, g.slower(s), s.direction()}
	}
	headline := s.Sprintf("Move from iptables to nftables: it is flat, iptables costs %s per new connection", g.connection.added(s.Voice))
	out := []Reason{why, s.reason(KPA011), g.slower(s)}
	if s.steady() || g.connectionNs < floorNs {
		headline = s.Text("Move from iptables to nftables for its cheaper updates; no hurry")
		if s.steady() {
			out = append(out, s.reason(KPA061))
		}
	}
	return headline, out
}

// wordOld is for clusters in iptables mode before 1.31, where only IPVS competes.
func (s *situation) wordOld(d decision) (string, []Reason) {
	g := s.gainOf(IPVS)
	two := s.twoModeReason()
	switch d.ground {
	case gEitherOld:
		return s.Sprintf("iptables or IPVS: either at %s; measure", s.Count(s.load.entries(), "Service port")), []Reason{two, s.reason(KPA061)}
	case gBandIPVS:
		return s.Text("IPVS: measured faster here, inside the break-even band"), []Reason{s.measuredIPVS(), s.ipvsEnd()}
	case gBandIPT:
		return s.Text("Keep iptables: measured inside the break-even band, IPVS gains too little"), []Reason{s.measuredIPVS()}
	case gKeepOldUpgrade:
		return s.Text("Keep iptables: an upgrade to 1.33 brings nftables, and IPVS is at its end"), []Reason{two, s.upgradeForNFTables(), s.ipvsEnd()}
	case gKeepOldIPVSStart:
		return s.Text("Keep iptables: kube-proxy would not start in IPVS mode on every node"), []Reason{two, s.ipvsCannot()}
	case gKeepOldSmall:
		return s.Text("Keep iptables: IPVS would not gain enough, and it is being removed"), []Reason{two, g.small(s, IPVS), s.ipvsEnd()}
	case gKeepOld81775:
		return s.Text("Keep iptables: IPVS is faster here, but issue 81775 would lose connections"), []Reason{two}
	case gMoveOldIPVS:
		_, why := g.worth(s, IPVS)
		return s.Sprintf("Move from iptables to IPVS for %s, until new node images and an upgrade bring nftables", s.Count(s.load.entries(), "Service port")),
			[]Reason{two, why, s.ipvsEnd()}
	}
	return s.Sprintf("Keep iptables: right for %s", s.Count(s.load.entries(), "Service port")), []Reason{two}
}

func (s *situation) measuredIPVS() Reason {
	w, ok := s.weigh(IPTables, IPVS)
	if !ok {
		return Reason{}
	}
	return Reason{
		Text:   s.Sprintf("Measured on %s, iptables minus IPVS is %s per new connection.", plain.Text(w.by[0].kernel), signedMicros(s.Voice, w.mid)),
		Source: w.where(),
	}
}

// wordBest is for the mode to run where none is in force yet.
func (s *situation) wordBest(d decision) (string, []Reason) {
	switch d.ground {
	case gBestNFT:
		return s.Text("Run nftables"), append([]Reason{s.reason(KPA011), s.direction()}, s.heldReasons(d)...)
	case gBestNFTSlow:
		return s.Text("nftables is the direction, but measure first: this size meets its weak spot"), []Reason{s.reason(KPA011), s.weakSpot()}
	case gBestIPTSlow:
		return s.Text("Run iptables"), []Reason{s.weakSpot()}
	case gBestIPVS:
		return s.Text("Run IPVS"), []Reason{s.twoModeReason(), s.ipvsEnd()}
	}
	switch {
	case s.since(33):
		return s.Text("Run iptables"), []Reason{s.nftImpossible(), s.ipvsEnd()}
	case s.newest.Value.AtLeast(31) || s.nft5_13():
		return s.Text("Run iptables"), []Reason{s.reason(KPA012), s.reason(KPA013), s.upgradeForNFTables(), s.ipvsEnd()}
	}
	return s.Text("Run iptables"), []Reason{s.twoModeReason()}
}

// nftImpossible says what rules nftables out.
func (s *situation) nftImpossible() Reason {
	return firstReason(s.reason(KPA013), s.reason(KPA014),
		Reason{Text: s.Text("nftables mode cannot run on every node."), Source: srcSupported})
}

// ipvsCannot says what rules IPVS out.
func (s *situation) ipvsCannot() Reason {
	for _, c := range s.classes {
		if c.can(IPVS) == yes || !c.kernel.IsKnown() {
			continue
		}
		if !c.version.IsKnown() {
			return Reason{Text: s.Text("kube-proxy has IPVS mode from 1.9 to 1.42, and not every version is known."), Source: srcKEP5495}
		}
		if c.version.Value.AtLeast(40) && !c.version.Value.AtLeast(43) {
			return Reason{Text: s.Text("From 1.40 on kube-proxy refuses IPVS mode unless the gate KubeProxyIPVS is on."), Source: srcKEP5495}
		}
		if _, why, source := c.kernel.Value.IPVS(s.Voice); why != "" {
			return Reason{Text: s.Sprintf("%s.", plain.Upper(why)), Source: source}
		}
		return Reason{Text: s.Text("kube-proxy would not start in IPVS mode on every node here."), Source: "kubernetes issue 82065"}
	}
	return Reason{}
}

// ipvsEnd says what awaits IPVS after the versions of this cluster, in the tense
// that they call for.
func (s *situation) ipvsEnd() Reason {
	v := s.newest.Value
	text := s.Text("IPVS is deprecated from 1.35, refuses to start by default from 1.40 and is removed in 1.43.")
	switch {
	case s.newest.IsKnown() && v.AtLeast(43):
		text = s.Sprintf("IPVS is gone from kube-proxy since 1.43; here %s.", v.MinorText())
	case s.newest.IsKnown() && v.AtLeast(40):
		text = s.Sprintf("IPVS refuses to start by default here (%s, since 1.40, gate KubeProxyIPVS) and is removed in 1.43.", v.MinorText())
	case s.newest.IsKnown() && v.AtLeast(35):
		text = s.Sprintf("IPVS is deprecated here (%s), refuses to start by default from 1.40 and is removed in 1.43.", v.MinorText())
	}
	return Reason{Text: text, Source: srcKEP5495}
}

// direction says where upstream goes and what would make it worth it now.
func (s *situation) direction() Reason {
	becomes := s.Text("is the direction and becomes the default in 1.40")
	if s.newest.Value.AtLeast(40) {
		becomes = s.Text("is the default since 1.40")
	}
	if s.steady() {
		return Reason{Text: s.Sprintf("nftables %s: take it with the next node image.", becomes), Source: srcKEP5343}
	}
	per := serviceNs()
	return Reason{Text: s.Sprintf("nftables %s. From somewhere between %s and %s Service ports, or with the next node image, the move is worth it.",
		becomes, plain.Number(floorNs/int(per.high)), plain.Number(floorNs/int(per.low))), Source: srcKEP5343}
}

// twoModeReason is the guide's answer as a reason.
func (s *situation) twoModeReason() Reason {
	_, ground := s.twoMode()
	return Reason{Text: s.twoModeWhy(ground), Source: srcUK8S}
}

// firstReason returns the first reason that says something.
func firstReason(reasons ...Reason) Reason {
	for _, r := range reasons {
		if r.Text != "" {
			return r
		}
	}
	return Reason{}
}

// weakSpot is nftables' own: a first sync of minutes, from very many endpoints
// before 1.36, very many Services, or a slow kernel.
func (s *situation) weakSpot() Reason {
	if s.nftWeight() < syncHeavy {
		return Reason{}
	}
	return firstReason(s.reason(KPA015), s.reason(KPA017), s.reason(KPA016))
}

// costReason is what iptables costs here.
func (s *situation) costReason() Reason {
	cost, at := s.common(IPTables).text(s.Voice), s.Count(s.load.entries(), "Service port")
	text := s.Sprintf("iptables adds %s to each new connection at %s (estimate).", cost, at)
	if worst := s.worstText(); worst != "" {
		text = s.Sprintf("iptables adds %s to each new connection at %s (estimate); to %s.", cost, at, worst)
	}
	return Reason{Text: text, Source: srcKEP3866}
}

// theseNodes is "these nodes", or "this node" where there is but one.
func (s *situation) theseNodes() string {
	if s.oneNode() {
		return s.Text("this node")
	}
	return s.Text("these nodes")
}

// oneNode reports a cluster whose decision is about a single node.
func (s *situation) oneNode() bool { return nodesIn(s.classes) == 1 && s.facts.Nodes.Or(1) == 1 }
