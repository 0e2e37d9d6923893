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

// decide is the procedure, under one proviso: nothing but keep, none and cannot
// tell is said while a kernel is unknown.
func (s *situation) decide() verdict {
	v := s.procedure()
	if (v.action == Change || v.action == Measure) && s.kernelsUnknown() {
		return s.kernelsMissing(v.because...)
	}
	return v
}

// procedure is the decision, top to bottom. The first question that settles the
// matter ends it.
//
//  1. Does kube-proxy run on any Linux node?          no  -> none
//  2. Are the Services load and the versions known?   no  -> cannot tell
//  3. Is a mode in force that cannot run here?        yes -> change
//  4. Do several modes run?                           yes -> change to the best one
//  5. Is no mode visible?                             yes -> name the best one
//  6. What of the one mode in force: nftables, IPVS or iptables?
func (s *situation) procedure() verdict {
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
		return s.kernelsMissing()
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
	if len(s.facts.Groups) == 0 || len(s.proxied) > 0 || !s.allNodes {
		return verdict{}, false
	}
	if len(s.groups) == 0 {
		return verdict{
			action: None, headline: "No Linux node here: Windows nodes know no choice of mode",
			because: []Reason{{Text: "kube-proxy on Windows always runs in kernelspace mode.", Source: "kubernetes pkg/proxy/apis/config/types.go"}},
		}, true
	}
	instead, source := "", ""
	for _, c := range s.current() {
		if c.Implementation != "" && c.Implementation != KubeProxy {
			instead = string(c.Implementation)
			break
		}
	}
	for _, g := range s.groups {
		if g.Proxy.Implementation.State != Unknown {
			source = g.Proxy.Implementation.Source
			break
		}
	}
	v := verdict{action: None, headline: fmt.Sprintf("No kube-proxy runs here: %s programs Services", instead)}
	if instead == "" {
		v.headline = "No kube-proxy runs here: there is no mode to choose"
		instead = "something that was not recognised"
	}
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

// kernelsMissing refuses to judge where the kernels decide.
func (s *situation) kernelsMissing(because ...Reason) verdict {
	r := Reason{Text: "Issue 81775 depends on the kernel of every node, and not every one is known. Give it with --kernel.", Source: src81775}
	if s.since(31) {
		r = Reason{Text: "nftables needs kernel 5.13 on every Linux node, and not every kernel is known. Give it with --kernel.", Source: "kubernetes pkg/proxy/nftables/supported.go"}
	}
	v := cannotTell("Cannot tell: the kernels of the Linux nodes are not known", r)
	v.because = append(v.because, because...)
	return v
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
	v.because = append([]Reason{why}, v.because...)
	if v.action == CannotTell {
		return v, true
	}
	if v.mode == "" { // inside the break-even band: either will do
		v.mode = IPTables
	}
	v.action = Change
	v.headline = fmt.Sprintf("Move to %s: %s cannot run here", v.mode.title(), bad.title())
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
	}
	v.action = Change
	v.headline = fmt.Sprintf("%s on every node: two modes in one cluster behave differently per node", upper(v.mode.title()))
	if n := s.exposedNodes(); n > 0 && v.mode != IPVS {
		v.headline = fmt.Sprintf("%s on every node; first the %s exposed to issue 81775", upper(v.mode.title()), plural(n, "node"))
	}
	v.because = append([]Reason{s.reason("KPA052"), s.reason("KPA041"), s.reason("KPA042")}, v.because...)
	return v
}

// unseen names the mode to run where none is visible (a systemd unit, an
// embedded kube-proxy). Whether that is a change cannot be told, and neither is
// it: a mode nobody saw is not one to keep.
func (s *situation) unseen() verdict {
	v := s.best()
	if v.action == CannotTell || v.action == Measure {
		return v
	}
	v.action = CannotTell
	v.headline = fmt.Sprintf("Run %s; the mode in force is not visible, so look before you change", v.mode.title())
	v.because = append(v.because, s.reason("KPA055"))
	if g := s.gainOf(NFTables); v.mode == NFTables {
		if worth, _ := g.worth(s, NFTables); !worth {
			v.because = append(v.because, Reason{Text: "Where a healthy iptables runs, it may stay for now. " + g.small(s, NFTables).Text, Source: srcKEP3866})
		}
	}
	return v
}

// exposedNodes counts the nodes where issue 81775 can bite now.
func (s *situation) exposedNodes() int {
	n := 0
	for _, g := range s.groups {
		if e := g.reuse.exposure; g.inForce && (e == StalePod || e == SynDelay) {
			n += g.Nodes
		}
	}
	return n
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

// best is the mode to run if none were in force yet; mode is empty and the
// action Measure inside the break-even band of two old modes.
func (s *situation) best() verdict {
	if s.since(33) {
		switch s.nftPossible() {
		case yes:
			weak := s.weakSpot()
			switch {
			case weak.Rule == "":
				return verdict{mode: NFTables, because: []Reason{s.reason("KPA011"), s.direction()}}
			case !s.since(36) && s.backend() != BackendNFT:
				return verdict{mode: IPTables, because: []Reason{weak}, weak: true}
			}
			return verdict{
				mode: NFTables, action: Measure, weak: true,
				headline: "nftables is the direction, but measure first: this size meets its weak spot",
				because:  []Reason{s.reason("KPA011"), weak},
			}
		case unclear:
			return s.kernelsMissing()
		}
		return verdict{mode: IPTables, because: []Reason{s.nftImpossible(), s.ipvsEnd()}}
	}
	if s.newest.Value.AtLeast(31) { // no new use of IPVS from here on
		return verdict{mode: IPTables, because: []Reason{s.reason("KPA012"), s.reason("KPA013"), s.ipvsEnd()}}
	}
	two, _ := s.twoMode()
	switch {
	case two == TwoEither:
		return s.inBand()
	case two == TwoIPVS && s.ipvsPossible() == yes && (s.steady() || s.reuseSafe() == yes):
		return verdict{mode: IPVS, weak: true, because: []Reason{s.twoModeReason(), s.ipvsEnd()}}
	case s.kernelsUnknown() && !s.steady() && s.reuseSafe() != no:
		if place, _ := s.placeOf(); place == 1 {
			return s.kernelsMissing()
		}
	}
	return verdict{mode: IPTables, because: []Reason{s.twoModeReason()}}
}
