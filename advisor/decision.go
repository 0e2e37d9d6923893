package advisor

import "kpadvisor/advisor/release"

// decision is what the procedure comes to, without words: what two settled doubts
// are compared by.
type decision struct {
	mode   Mode // recommended; empty for measure between two, none and unknown
	action Action
	ground ground // the step that settled it: decides the words
	renew  bool   // nodes that cannot run the mode are to be renewed first
	lift   bool   // kube-proxy is to be upgraded first, where it lags behind its nodes
}

// same reports whether two decisions ask for the same.
func (d decision) same(e decision) bool { return d.mode == e.mode && d.action == e.action }

// ground is the step of the procedure that settled the matter.
type ground int

// The grounds, in the order of the procedure.
const (
	gNone             ground = iota
	gNoLinux                 // Windows alone
	gManaged                 // every node is run by somebody else
	gReplaced                // something else programs Services
	gNoLoad                  // the Services were not read
	gNoVersion               // no version known
	gNoKernels               // kernels decide, and some are not known
	gFailing                 // no kube-proxy runs
	gUserspace               // userspace ends at 1.26
	gCannotRun               // the mode in force cannot run here
	gFinish                  // some nodes run nftables already
	gMixed                   // several old modes
	gUnseen                  // no mode visible
	gKeepNFT                 // nftables runs
	gKeepNFTAlpha            // nftables runs, unsupported
	gKeepNFTFault            // nftables runs, with a fault that an upgrade mends
	gKeepNFTSlow             // nftables runs, and meets its weak spot
	gLeaveIPVS               // to nftables
	gLeaveIPVSSlow           // to nftables, which meets its weak spot: measure
	gLeaveIPVSOld            // to iptables: nothing else is left
	gIPVSUpgrade             // kube-proxy itself lags: upgrade it, then nftables
	gIPVSSafe                // stays for a while: issue 81775 spares it
	gIPVSCheck               // stays if the sysctls check out
	gIPVSLatent              // exposed, and hardly ever hit: fix at leisure
	gIPVSLong                // exposed, but for long-lived connections to many Services
	gIPVSEither              // exposed, but for long-lived connections, inside the band: measure
	gIPVSExposed             // exposed: to iptables
	gIPVSExposedBeta         // exposed: to nftables, beta
	gKeepIPTBeta             // nftables is not stable yet
	gKeepIPTSmall            // a change gains too little
	gKeepIPTKernels          // nftables would gain, old kernels hold it
	gKeepIPTSlow             // nftables would gain, its weak spot holds it
	gEitherIPT               // iptables or nftables: within what the estimate cannot tell
	gMeasureIPT              // both suffer at this size: measure
	gMoveIPT                 // to nftables
	gEitherOld               // iptables or IPVS: inside the break-even band
	gBandIPVS                // iptables or IPVS: measured, IPVS
	gBandIPT                 // iptables or IPVS: measured, IPVS gains too little
	gKeepOldUpgrade          // IPVS would gain, an upgrade to nftables gains more
	gKeepOldIPVSStart        // IPVS would gain, and would not start
	gKeepOldSmall            // IPVS would gain too little
	gKeepOld81775            // IPVS would gain, issue 81775 holds it
	gKeepOld                 // iptables is right for this size
	gMoveOldIPVS             // to IPVS
	gBestNFT                 // best: nftables
	gBestNFTSlow             // best: nftables, but its weak spot
	gBestIPT                 // best: iptables
	gBestIPTSlow             // best: iptables, for nftables' weak spot
	gBestIPVS                // best: IPVS
)

// decide is the procedure, under one proviso: nothing but keep, none and cannot
// tell is said while a kernel is unknown that could rule the mode out.
func (s *situation) decide() decision {
	d := s.procedure()
	if (d.action == Change || d.action == Measure) && s.kernelsUnknown() && !d.renew {
		return decision{action: CannotTell, ground: gNoKernels}
	}
	return d
}

// procedure is the decision, top to bottom. The first question that settles the
// matter ends it.
//
//  1. Is there a node where somebody can choose?      no  -> none
//  2. Are the Services load and the versions known?   no  -> cannot tell
//  3. Does any kube-proxy run?                        no  -> repair first
//  4. Is a mode in force that ends or cannot run?     yes -> change
//  5. Do several modes run?                           yes -> finish, or change to the best one
//  6. Is no mode visible?                             yes -> name the best one
//  7. What of the one mode in force: nftables, IPVS or iptables?
func (s *situation) procedure() decision {
	if d, done := s.nothingToChoose(); done {
		return d
	}
	if d, done := s.keyFactsMissing(); done {
		return d
	}
	if len(s.classes) > 0 && len(s.running()) == 0 {
		d := s.best()
		return decision{mode: d.mode, action: CannotTell, ground: gFailing}
	}
	if d, done := s.cannotRun(); done {
		return d
	}
	known, unseen := s.modes()
	switch {
	case len(known) > 1 && s.inForce(NFTables):
		return s.finish()
	case unseen && s.kernelsUnknown():
		return decision{action: CannotTell, ground: gNoKernels}
	case len(known) > 1:
		return s.mixed(known)
	case len(known) == 0 || nodesIn(s.unseenClasses()) > known[0].Nodes:
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

// unseenClasses are those whose mode nobody could see.
func (s *situation) unseenClasses() []class {
	return where(s.classes, func(c class) bool { _, known := c.inMode(); return !known && !c.failing })
}

// running are the classes whose kube-proxy runs, as far as anybody saw.
func (s *situation) running() []class {
	return where(s.classes, func(c class) bool { return !c.failing })
}

// nothingToChoose stops where no mode of kube-proxy can be chosen.
func (s *situation) nothingToChoose() (decision, bool) {
	if len(s.facts.Groups) == 0 || len(s.classes) > 0 || !s.allNodes {
		return decision{}, false
	}
	none := decision{action: None, ground: gReplaced}
	switch {
	case len(s.groups) == 0:
		none.ground = gNoLinux
	case len(s.managed) > 0 && len(s.managed) == len(s.groups):
		none.ground = gManaged
	}
	return none, true
}

// keyFactsMissing refuses to judge without the load and the versions. Kernels
// are asked for where a decision depends on them.
func (s *situation) keyFactsMissing() (decision, bool) {
	switch {
	case !s.load.known:
		return decision{action: CannotTell, ground: gNoLoad}, true
	case !s.oldest.IsKnown():
		return decision{action: CannotTell, ground: gNoVersion}, true
	}
	return decision{}, false
}

// cannotRun handles modes in force that end or cannot run: userspace, removed in
// 1.26, nftables where no node that has it can run it, IPVS from 1.43.
func (s *situation) cannotRun() (decision, bool) {
	g := gCannotRun
	switch {
	case s.inForce(Userspace):
		g = gUserspace
	case s.inForce(NFTables) && s.noneCan(NFTables):
	case s.inForce(IPVS) && s.newest.Value.AtLeast(43):
	default:
		return decision{}, false
	}
	d := s.best()
	if d.action == CannotTell {
		return d, true
	}
	if d.mode == "" { // inside the break-even band: either will do
		d.mode = IPTables
	}
	if g == gUserspace { // the nearest mode; what is best after it is another question
		d.mode = IPTables
	}
	return decision{mode: d.mode, action: Change, ground: g}, true
}

// noneCan reports that no class in a mode can run it. Alpha, unsupported, runs.
func (s *situation) noneCan(m Mode) bool {
	in := where(s.running(), func(c class) bool { in, known := c.inMode(); return known && in == m })
	return over(in, func(c class) tri {
		if m == NFTables && s.alphaRuns(c) {
			return yes
		}
		return triOf(c.can(m) != no)
	}) == no && len(where(in, func(c class) bool { return c.can(m) != no || m == NFTables && s.alphaRuns(c) })) == 0
}

// alphaRuns reports nftables behind its alpha gate, on a kernel that can.
func (s *situation) alphaRuns(c class) bool {
	v, known := c.version.Get()
	return known && v.AtLeast(29) && !v.AtLeast(31) && nftKernel(c.group) != no
}

// finish ends a migration that has begun: iptables and nftables side by side are
// supported while it lasts (KEP-5343), and it is never taken back.
func (s *situation) finish() decision {
	return s.toNFTables(decision{action: Change, ground: gFinish})
}

// toNFTables says what must come first where not every node can.
func (s *situation) toNFTables(d decision) decision {
	d.mode = NFTables
	d.renew = len(s.heldByKernel()) > 0
	d.lift = len(s.heldByVersion()) > 0
	return d
}

// heldByKernel are classes whose kernel rules nftables out.
func (s *situation) heldByKernel() []class {
	return where(s.classes, func(c class) bool { return nftKernel(c.group) == no })
}

// heldByVersion are classes whose kube-proxy is too old for nftables: it must be
// upgraded, with the cluster or, where it was left behind, alone.
func (s *situation) heldByVersion() []class {
	return where(s.classes, func(c class) bool {
		v, known := c.version.Get()
		return known && (!v.AtLeast(31) || !v.AtLeast(33) && lagging(c.group))
	})
}

// lagging reports a kube-proxy older than 1.33 on nodes whose kubelet is not.
func lagging(g *group) bool {
	own, known := parseFact(g.Proxy.Version).Get()
	kubelet, err := release.ParseVersion(g.Kubelet)
	return known && err == nil && !own.AtLeast(33) && kubelet.AtLeast(33)
}

// mixed wants one mode everywhere: permanent mixing makes nodes behave apart.
func (s *situation) mixed(known []ModeCount) decision {
	if s.stable() && len(s.heldByKernel()) > 0 && s.someCanNFTables() {
		return s.toNFTables(decision{action: Change, ground: gMixed})
	}
	d := s.best()
	if d.action == CannotTell {
		return d
	}
	if d.mode == "" { // inside the band: the mode of most nodes is the smaller change
		d.mode = IPTables
		if known[0].Mode == IPVS && s.reuseSafe() == yes {
			d.mode = IPVS
		}
	}
	return decision{mode: d.mode, action: Change, ground: gMixed}
}

// stable reports that nftables is stable in every kube-proxy, or will be by an
// upgrade of kube-proxy alone.
func (s *situation) stable() bool {
	return len(s.classes) > 0 && len(where(s.classes, func(c class) bool {
		v, known := c.version.Get()
		return !known || !v.AtLeast(33) && !lagging(c.group)
	})) == 0
}

func (s *situation) someCanNFTables() bool {
	return len(where(s.classes, func(c class) bool { return c.can(NFTables) == yes })) > 0
}

// unseen names the mode to run where none is visible (a systemd unit, an
// embedded kube-proxy, a configuration newer than its process). Whether that is
// a change cannot be told: a mode nobody saw is not one to keep.
func (s *situation) unseen() decision {
	d := s.best()
	if d.action == CannotTell || d.action == Measure {
		return d
	}
	return decision{mode: d.mode, action: CannotTell, ground: gUnseen, renew: d.renew}
}

func (s *situation) onNFTables() decision {
	d := decision{mode: NFTables, action: Keep, ground: gKeepNFT}
	switch {
	case over(s.classes, func(c class) tri {
		return triOf(nftKernel(c.group) != no && (s.since(29) || !c.version.IsKnown() || c.version.Value.AtLeast(29)))
	}) == no:
		return s.finish() // some nodes are set to a mode that cannot run there
	case !s.since(31):
		d.ground = gKeepNFTAlpha
	case s.nftWeight() >= syncHeavy:
		d.ground = gKeepNFTSlow
	case len(s.faults(NFTables)) > 0:
		d.ground = gKeepNFTFault
	}
	return d
}

// best is the mode to run if none were in force yet; mode is empty and the
// action Measure inside the break-even band of two old modes.
func (s *situation) best() decision {
	if s.since(33) {
		return s.bestStable()
	}
	if s.newest.Value.AtLeast(31) || s.nft5_13() { // no new use of IPVS where nftables is within reach
		return decision{mode: IPTables, ground: gBestIPT}
	}
	two, _ := s.twoMode()
	switch {
	case two == TwoEither:
		return s.inBand()
	case two == TwoIPVS && s.possible(IPVS) == yes && (s.steady() || s.reuseSafe() == yes):
		return decision{mode: IPVS, ground: gBestIPVS}
	case s.kernelsUnknown() && !s.steady() && s.reuseSafe() != no:
		if place, _ := s.placeOf(); place == 1 {
			return decision{action: CannotTell, ground: gNoKernels}
		}
	}
	return decision{mode: IPTables, ground: gBestIPT}
}

// nft5_13 reports that every kernel can run nftables: upgrading Kubernetes is
// then all that IPVS would bridge.
func (s *situation) nft5_13() bool {
	return s.every(func(c class) tri { return nftKernel(c.group) }) == yes
}

func (s *situation) bestStable() decision {
	switch s.possible(NFTables) {
	case unclear:
		return decision{action: CannotTell, ground: gNoKernels}
	case no:
		if s.possible(IPTables) != yes && s.someCanNFTables() {
			return s.toNFTables(decision{ground: gBestNFT})
		}
		return decision{mode: IPTables, ground: gBestIPT}
	}
	switch {
	case s.nftWeight() < syncHeavy || s.possible(IPTables) != yes:
		return decision{mode: NFTables, ground: gBestNFT}
	case s.nftWeight() >= syncExtreme && !s.since(36) && s.backend() != release.BackendNFT:
		return decision{mode: IPTables, ground: gBestIPTSlow}
	}
	return decision{mode: NFTables, action: Measure, ground: gBestNFTSlow}
}
