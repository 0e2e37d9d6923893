package advisor

import "fmt"

// verdict is what the procedure comes to.
type verdict struct {
	mode     Mode // recommended; empty for measure between two, none and unknown
	action   Action
	headline string
	because  []Reason
	weak     bool // taken with a known drawback: never high confidence
}

func cannotTell(headline string, r Reason) verdict {
	return verdict{action: CannotTell, headline: headline, because: []Reason{r}}
}

// decide is the decision procedure, top to bottom. The first question that
// settles the matter ends it.
//
//  1. Does kube-proxy run on any Linux node?          no  -> none
//  2. Are the Services load and the versions known?   no  -> cannot tell
//  3. Is a mode in force that cannot run here?        yes -> change
//  4. Do several modes run?                           yes -> change to the best one
//  5. Is no mode visible?                             yes -> name the best one
//  6. What of the one mode in force: nftables, IPVS or iptables?
func (s *situation) decide() verdict {
	if v, done := s.noKubeProxy(); done {
		return v
	}
	if v, done := s.keyFactsMissing(); done {
		return v
	}
	if v, done := s.cannotRun(); done {
		return v
	}
	known, unseen := s.modes()
	switch {
	case unseen && s.kernelsUnknown():
		return s.kernelsMissing("open: the mode in force is not visible either")
	case len(known) > 1:
		return s.mixed(known)
	case len(known) == 0:
		return s.unseen()
	}
	switch known[0].Mode {
	case NFTables:
		return s.onNFTables()
	case IPVS:
		return s.onIPVS()
	default:
		return s.onIPTables()
	}
}

// noKubeProxy stops where something else programs Services.
func (s *situation) noKubeProxy() (verdict, bool) {
	if len(s.facts.Groups) == 0 || len(s.proxied()) > 0 || !s.allNodes {
		return verdict{}, false
	}
	if len(s.groups) == 0 {
		return verdict{action: None, headline: "No Linux node here: Windows nodes know no choice of mode",
			because: []Reason{{Text: "kube-proxy on Windows always runs in kernelspace mode.", Source: "kubernetes pkg/proxy/apis/config/types.go"}}}, true
	}
	instead, source := "nothing that was recognised", ""
	for _, c := range s.current() {
		if c.Implementation != "" && c.Implementation != KubeProxy {
			instead = string(c.Implementation)
			break
		}
	}
	for _, g := range s.groups {
		if g.Proxy.Implementation.IsKnown() {
			source = g.Proxy.Implementation.Source
			break
		}
	}
	v := verdict{action: None, headline: fmt.Sprintf("No kube-proxy runs here: %s programs Services", instead)}
	v.because = []Reason{{Text: fmt.Sprintf("Services are programmed by %s. A kube-proxy mode would change nothing.", instead), Source: source}}
	if s.reason("KPA072").Rule != "" {
		v.because = append(v.because, s.reason("KPA072"))
	}
	return v, true
}

// keyFactsMissing refuses to judge without the load and the versions. Kernels
// are asked for where a verdict depends on them.
func (s *situation) keyFactsMissing() (verdict, bool) {
	switch {
	case !s.load.known:
		return cannotTell("Cannot tell: the Services of this cluster were not read",
			Reason{Text: "The number of Services decides, and it is not known. Give it with --services.", Source: s.missing(s.facts.Services.Why)}), true
	case !s.oldest.IsKnown():
		return cannotTell("Cannot tell: the Kubernetes version is not known",
			Reason{Text: "The version decides which modes exist. Give it with --kubernetes-version.", Source: s.missing(s.facts.Version.Why)}), true
	}
	return verdict{}, false
}

func (s *situation) missing(why Why) string {
	if why == NotAsked {
		return "not read"
	}
	return string(why)
}

func (s *situation) kernelsMissing(instead string) verdict {
	return cannotTell("Cannot tell: the kernels of the Linux nodes are not known",
		Reason{Text: "nftables needs kernel 5.13 on every Linux node; without it the answer is " + instead + ". Give it with --kernel.", Source: "kubernetes pkg/proxy/nftables/supported.go"})
}

// cannotRun handles modes that are in force although this version or kernel
// rules them out: userspace from 1.26, nftables before 1.31 or on old kernels,
// IPVS from 1.43.
func (s *situation) cannotRun() (verdict, bool) {
	var bad Mode
	var why Reason
	switch {
	case s.inForce(Userspace):
		bad, why = Userspace, Reason{Rule: "KPA054", Text: "Mode userspace was removed in 1.26.", Source: "kubernetes PR 112133"}
	case s.inForce(NFTables) && s.nftPossible() == no:
		bad, why = NFTables, s.nftImpossible()
	case s.inForce(IPVS) && s.newest.Value.AtLeast(43):
		bad, why = IPVS, Reason{Rule: "KPA033", Text: "IPVS mode is removed from 1.43 on: kube-proxy does not start.", Source: srcKEP5495}
	default:
		return verdict{}, false
	}
	v := s.best()
	if v.action == CannotTell || v.mode == "" {
		v.because = append([]Reason{why}, v.because...)
		return v, true
	}
	v.action = Change
	v.headline = fmt.Sprintf("Move from %s to %s: it cannot run here", bad.title(), v.mode.title())
	v.because = append([]Reason{why}, v.because...)
	return v, true
}

// mixed wants one mode everywhere: permanent mixing makes nodes behave apart.
func (s *situation) mixed(known []ModeCount) verdict {
	v := s.best()
	if v.action == CannotTell {
		return v
	}
	if v.mode == "" { // inside the band: the mode of most nodes is the smaller change
		v.mode = IPTables
		if known[0].Mode == IPVS && s.reuseSafe() == yes {
			v.mode = IPVS
		}
		v.headline = ""
	}
	v.action = Change
	v.headline = fmt.Sprintf("%s on every node: two modes in one cluster behave differently per node", upper(v.mode.title()))
	v.because = append([]Reason{s.reason("KPA052")}, v.because...)
	return v
}

// unseen names the mode to run where none is visible (a systemd unit, an
// embedded kube-proxy): nothing says that it differs, so the action is keep and
// the headline says to make it so where it is not.
func (s *situation) unseen() verdict {
	v := s.best()
	if v.action == CannotTell || v.action == Measure {
		return v
	}
	v.action = Keep
	v.headline = fmt.Sprintf("Run %s: make it so where it is not (the mode in force is not visible)", v.mode.title())
	v.because = append(v.because, s.reason("KPA055"))
	return v
}

func (s *situation) onNFTables() verdict {
	v := verdict{mode: NFTables, action: Keep, headline: "Keep nftables: it is where kube-proxy is going"}
	v.because = append(v.because, s.reason("KPA011"), s.reason("KPA012"))
	if r := s.weakSpot(); r.Rule != "" {
		v.weak = true
		v.headline = "Keep nftables, but upgrade: this many endpoints meet its weak spot"
		v.because = append(v.because, r)
	}
	return v
}

// onIPVS plans the way out: to nftables where it is stable and possible, from
// 1.35 on in any case; before that IPVS may stay while issue 81775 spares it.
func (s *situation) onIPVS() verdict {
	stable := s.since(33)
	nft := s.nftPossible()
	switch {
	case stable && nft == yes && s.weakSpot().Rule != "":
		return verdict{mode: NFTables, action: Measure, weak: true,
			headline: "Leave IPVS for nftables, but upgrade and measure first at this many endpoints",
			because:  []Reason{s.weakSpot(), s.ipvsEnd()}}
	case stable && nft == yes:
		v := verdict{mode: NFTables, action: Change, headline: "Move from IPVS to nftables: IPVS is at its end, nftables is stable here"}
		v.because = append(v.because, s.ipvsEnd(), s.reason("KPA011"))
		if s.steady() {
			v.headline = "Move from IPVS to nftables before 1.40; with long-lived connections no hurry"
			v.because = append(v.because, s.reason("KPA061"))
		}
		return v
	case stable && nft == unclear:
		return s.kernelsMissing("iptables or, before 1.35, IPVS for a while")
	case s.since(35):
		return verdict{mode: IPTables, action: Change, weak: true,
			headline: "Move from IPVS to iptables; to nftables once every kernel is 5.13 or later",
			because:  []Reason{s.ipvsEnd(), s.nftImpossible()}}
	}
	return s.ipvsForAWhile(nft)
}

// ipvsForAWhile judges IPVS where nftables is not stable or not possible and
// IPVS is not yet deprecated: issue 81775 decides.
func (s *situation) ipvsForAWhile(nft tri) verdict {
	two, _ := s.twoMode()
	stay := verdict{mode: IPVS, action: Keep, headline: "Keep IPVS for now; plan to leave it before 1.40", because: []Reason{s.ipvsEnd()}}
	if s.since(31) && nft == unclear {
		return s.kernelsMissing("decided by issue 81775, which needs the kernel too")
	}
	switch s.reuseSafe() {
	case yes:
		stay.because = append([]Reason{{Text: "Issue 81775 does not bite on these nodes: no reason to hurry.", Source: src81775}}, stay.because...)
		return stay
	case unclear:
		if s.every(func(g group) tri { return knownTri(g.kernel.IsKnown()) }) != yes {
			return s.kernelsMissing("decided by issue 81775, which needs the kernel too")
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
		return verdict{mode: NFTables, action: Change, weak: true,
			headline: "Move from IPVS to nftables (beta here): IPVS sends traffic to destroyed pods",
			because:  []Reason{exposed, s.reason("KPA012")}}
	}
	return verdict{mode: IPTables, action: Change,
		headline: "Move from IPVS to iptables: short connections meet issue 81775 here",
		because:  []Reason{exposed, s.twoModeReason()}}
}

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
	g := s.gainOf(IPTables, NFTables)
	worth, why := g.worth(s, IPTables, NFTables)
	if r := s.reason("KPA024"); !worth && r.Rule != "" && s.weakSpot().Rule == "" {
		worth, why = true, r
	}
	if !worth {
		if s.kernelsUnknown() && !s.smallForSure() {
			return s.kernelsMissing("iptables")
		}
		keep.headline = fmt.Sprintf("Keep iptables: at %s nothing is gained by a change", plural(s.load.entries(), "Service port"))
		if s.steady() {
			keep.headline = "Keep iptables: with long-lived connections there is no hurry"
		}
		keep.because = append(keep.because, g.small(s, NFTables), s.direction())
		return keep
	}
	switch s.nftPossible() {
	case unclear:
		return s.kernelsMissing("iptables")
	case no:
		keep.headline = "Keep iptables until every Linux node has kernel 5.13: then nftables"
		keep.because = append(keep.because, s.nftImpossible(), why)
		keep.weak = true
		return keep
	}
	if weak := s.weakSpot(); weak.Rule != "" {
		if s.reason("KPA024").Rule != "" {
			return verdict{mode: NFTables, action: Measure, weak: true,
				headline: "iptables or nftables: measure; both suffer at this many endpoints",
				because:  []Reason{weak, s.reason("KPA024"), why}}
		}
		keep.headline = "Keep iptables until kube-proxy 1.36: nftables has a weak spot at this size"
		if s.since(36) {
			return verdict{mode: NFTables, action: Measure, weak: true,
				headline: "iptables or nftables: measure; this kernel programs huge nftables slowly",
				because:  []Reason{weak, why}}
		}
		keep.because = append(keep.because, weak, why)
		keep.weak = true
		return keep
	}
	v := verdict{mode: NFTables, action: Change, because: []Reason{why, s.reason("KPA011")}}
	v.headline = fmt.Sprintf("Move from iptables to nftables: it is flat, iptables costs +%s per connection", micros(g.connectionNs))
	if s.steady() || g.connectionNs < floorNs {
		v.headline = "Move from iptables to nftables for its cheaper updates; no hurry"
		if s.steady() {
			v.because = append(v.because, s.reason("KPA061"))
		}
	}
	return v
}

// onOldIPTables is the guide's question: before 1.31 only IPVS competes.
func (s *situation) onOldIPTables() verdict {
	keep := verdict{mode: IPTables, action: Keep, headline: "Keep iptables", because: []Reason{s.twoModeReason()}}
	if s.kernelsUnknown() && !s.smallForSure() {
		return s.kernelsMissing("IPVS or iptables, by issue 81775")
	}
	two, _ := s.twoMode()
	switch two {
	case TwoEither:
		return s.inBand()
	case TwoIPVS:
		g := s.gainOf(IPTables, IPVS)
		worth, why := g.worth(s, IPTables, IPVS)
		switch {
		case s.ipvsPossible() != yes || s.since(31):
			return keep
		case !worth:
			keep.headline = "Keep iptables: IPVS would not gain enough, and it is being removed"
			keep.because = append(keep.because, g.small(s, IPVS), s.ipvsEnd())
			return keep
		case s.steady() || s.reuseSafe() == yes:
			return verdict{mode: IPVS, action: Change, weak: true,
				headline: fmt.Sprintf("IPVS for %s, or upgrade to 1.33 and take nftables", plural(s.load.entries(), "Service port")),
				because:  []Reason{s.twoModeReason(), why, s.ipvsEnd()}}
		case s.kernelsUnknown():
			return s.kernelsMissing("IPVS or iptables, by issue 81775")
		}
		keep.headline = "Keep iptables until issue 81775 is ruled out on these kernels"
		keep.weak = true
		return keep
	}
	if place, _ := s.placeOf(); place == 1 {
		if s.kernelsUnknown() && s.reuseSafe() != no {
			return s.kernelsMissing("IPVS or iptables, by issue 81775")
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
		m := Reason{Text: fmt.Sprintf("Measured on %s, iptables minus IPVS is %s per new connection.", c.Kernel, micros(diff)), Source: "measured: " + c.Where}
		if diff >= floorNs && s.reuseSafe() == yes {
			return verdict{mode: IPVS, action: Change, weak: true, headline: "IPVS: measured faster here, inside the break-even band", because: []Reason{m, s.ipvsEnd()}}
		}
		return verdict{mode: IPTables, action: Keep, headline: "Keep iptables: measured inside the break-even band, IPVS gains too little", because: []Reason{m}}
	}
	return verdict{action: Measure, headline: fmt.Sprintf("iptables or IPVS: either at %s; measure", plural(s.load.entries(), "Service port")),
		because: []Reason{s.twoModeReason(), s.reason("KPA062")}}
}

// best is the mode to run if none were in force yet; mode is empty and the
// action Measure inside the break-even band of two old modes.
func (s *situation) best() verdict {
	if s.since(33) {
		switch s.nftPossible() {
		case yes:
			if weak := s.weakSpot(); weak.Rule != "" && !s.since(36) && s.backend() != BackendNFT {
				return verdict{mode: IPTables, because: []Reason{weak}, weak: true}
			} else if weak.Rule != "" {
				return verdict{mode: NFTables, because: []Reason{s.reason("KPA011"), weak}, weak: true}
			}
			return verdict{mode: NFTables, because: []Reason{s.reason("KPA011"), s.direction()}}
		case unclear:
			return s.kernelsMissing("iptables")
		}
		return verdict{mode: IPTables, because: []Reason{s.nftImpossible(), s.ipvsEnd()}}
	}
	if s.since(31) {
		return verdict{mode: IPTables, because: []Reason{s.reason("KPA012"), s.ipvsEnd()}}
	}
	two, _ := s.twoMode()
	switch {
	case two == TwoEither:
		return s.inBand()
	case two == TwoIPVS && s.ipvsPossible() == yes && (s.steady() || s.reuseSafe() == yes):
		return verdict{mode: IPVS, weak: true, because: []Reason{s.twoModeReason(), s.ipvsEnd()}}
	case s.kernelsUnknown() && !s.steady() && s.reuseSafe() != no:
		if place, _ := s.placeOf(); place == 1 {
			return s.kernelsMissing("IPVS or iptables, by issue 81775")
		}
	}
	return verdict{mode: IPTables, because: []Reason{s.twoModeReason()}}
}
