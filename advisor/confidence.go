package advisor

import (
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/say"
)

// doubt is one input that is unknown, assumed or a default: what it is, how to
// settle it, and the plausible ways it may turn out.
type doubt struct {
	what string // "how clients connect"
	look string // "--connections"
	mode bool   // it is the mode in force itself
	ways []func(*situation) *situation
}

// maxTrials bounds how many combinations of doubts are tried. Where there are
// more, nothing is proved and the confidence is not high.
const maxTrials = 4_096

// confidence is computed, not set: every doubt is settled in every plausible
// way, together with all others. What no combination changes is high; otherwise
// the inputs that change it are named. Some doubts cannot be tried, since nothing
// here decides by them: they are told, and cost the high confidence too.
func (s *situation) confidence(d decision) (Confidence, []Reason) {
	if d.action == CannotTell && d.mode == "" {
		return Low, nil
	}
	if d.action == None {
		if s.facts.Coverage.Complete() {
			return High, nil
		}
		return Medium, []Reason{{Text: s.unread(), Source: "coverage of this reading"}}
	}
	open := s.untried(d)
	flips, tried := s.flipping(d)
	for _, f := range flips {
		open = append(open, Reason{Text: s.Sprintf("%s; another answer changes the verdict.", f), Source: "what is not known, tried both ways"})
	}
	switch {
	case len(open) == 0 && !d.weak():
		text := s.Text("nothing that this advice had to assume changes it.")
		if tried > 1 {
			text = s.Sprintf("%s of what is not known here were tried, and none changes the verdict.", s.Count(tried, "combination"))
		}
		return High, []Reason{{Text: text, Source: "this rule table"}}
	case len(open) > 2 || d.action == CannotTell && len(open) > 1:
		return Low, open
	}
	if len(open) == 0 { // weak: what it costs is said with the verdict
		open = append(open, Reason{Text: s.Text("it has a drawback that is known and said above."), Source: "this rule table"})
	}
	return Medium, open
}

// flipping names the doubts that change a decision, alone or together.
func (s *situation) flipping(d decision) (names []string, tried int) {
	doubts := s.doubts()
	if _, unseen := s.modes(); unseen || d.ground == gFailing { // said already, and any mode would make it another verdict
		doubts = slices.DeleteFunc(doubts, func(x doubt) bool { return x.mode })
	}
	for _, x := range doubts {
		if slices.ContainsFunc(x.ways, func(way func(*situation) *situation) bool { return !way(s).decide().same(d) }) {
			names = append(names, x.name(s.Voice))
		}
	}
	tried = 1
	for _, x := range doubts {
		tried *= max(1, len(x.ways))
		if tried > maxTrials {
			return append(names, s.Text("more is unknown here than can be tried together")), tried
		}
	}
	if len(names) == 0 && !holds(s, doubts, d) {
		var all []string
		for _, x := range doubts {
			all = append(all, x.name(s.Voice))
		}
		names = append(names, s.Sprintf("together, %s", s.Join(all)))
	}
	return names, tried
}

// name says what is in doubt, and how to settle it.
func (x doubt) name(v say.Voice) string {
	if x.look == "" {
		return x.what
	}
	return v.Sprintf("%s (%s)", x.what, x.look)
}

// holds reports whether a decision survives every combination.
func holds(s *situation, doubts []doubt, d decision) bool {
	if len(doubts) == 0 {
		return s.decide().same(d)
	}
	for _, way := range doubts[0].ways {
		if !holds(way(s), doubts[1:], d) {
			return false
		}
	}
	return true
}

// doubts lists what is not known and could turn out one way or another.
func (s *situation) doubts() []doubt {
	var out []doubt
	add := func(when bool, what, look string, ways ...func(*situation) *situation) {
		if when {
			out = append(out, doubt{what: what, look: look, mode: look == "--proxy-mode", ways: ways})
		}
	}
	is := func(ask func(class) bool) bool { return slices.ContainsFunc(s.classes, ask) }
	kernelOf := func(release string) func(*situation) *situation {
		return eachClass(func(c *class) {
			if !c.kernel.IsKnown() {
				c.setKernel(release)
			}
		})
	}
	modeOf := func(m Mode) func(*situation) *situation {
		return eachClass(func(c *class) {
			if _, known := c.inMode(); !known && !c.failing {
				c.setMode(m)
			}
		})
	}
	add(is(func(c class) bool { return !c.kernel.IsKnown() }), s.Text("not every kernel is known"), "--kernel", kernelOf("5.4.0"), kernelOf("6.12.0"))
	add(is(func(c class) bool { _, known := c.inMode(); return !known && !c.failing }), s.Text("the mode in force is not visible everywhere"), "--proxy-mode",
		modeOf(IPTables), modeOf(IPVS), modeOf(NFTables))
	older := func(m Mode) func(*situation) *situation {
		return eachClass(func(c *class) {
			if c.open {
				c.setMode(m)
			}
		})
	}
	add(is(func(c class) bool { return c.open }), s.Text("kube-proxy is older than its configuration"), s.Text("/proxyMode on a node, or a restart"),
		unchanged, older(IPTables), older(IPVS), older(NFTables))
	add(is(func(c class) bool { return c.unsure }), s.Text("kube-proxy before 1.26 falls back to iptables silently where IPVS is not usable"), s.Text("ipvsadm -Ln, or /proxyMode on a node"),
		unchanged, eachClass(func(c *class) {
			if c.unsure {
				c.setMode(IPTables)
			}
		}))
	add(is(func(c class) bool { return len(c.outcomes) > 1 }), s.Text("what issue 81775 does on these kernels is not settled"), s.Sprintf("sysctl %s and the kernel's patch level", reuse.SysctlReuse),
		eachClass(func(c *class) { c.settle(true) }), eachClass(func(c *class) { c.settle(false) }))
	guessed := func(c class) bool {
		m, known := c.inMode()
		return known && m == IPTables && !c.Proxy.IPTables.IsKnown()
	}
	add(is(guessed) && s.load.known && iptablesChains(s.load.Load) >= manyChains,
		s.Text("the backend of iptables is guessed from the OS image"), s.Text("iptables --version on a node"),
		eachClass(func(c *class) { c.guess(release.BackendLegacy) }), eachClass(func(c *class) { c.guess(release.BackendNFT) }))
	add(s.load.known && !s.load.endpointsKnown, s.Text("endpoints are not known"), "--endpoints", withEndpoints(1), withEndpoints(20), withEndpoints(100))
	add(!s.allNodes && len(s.classes) > 0, s.Text("not every node was read"), "", unchanged, withUnreadNode("5.4.0"))
	return append(out, s.habitDoubts()...)
}

// habitDoubts are the habits that nobody answered and that a decision looks at:
// those of issue 81775 only where it could bite.
func (s *situation) habitDoubts() []doubt {
	var out []doubt
	add := func(id HabitID, what string, answers ...string) {
		if _, _, known := s.habits.Answer(id); known {
			return
		}
		x := doubt{what: what, look: "--" + string(id)}
		for _, a := range answers {
			x.ways = append(x.ways, func(t *situation) *situation {
				h, err := t.habits.Set(id, a, "tried")
				if err != nil {
					return t
				}
				return t.withHabits(h)
			})
		}
		out = append(out, x)
	}
	add(HabitConnections, s.Text("how clients connect is not known"), string(LongLived), string(Short))
	if slices.ContainsFunc(s.classes, func(c class) bool { return c.inForce && slices.ContainsFunc(c.outcomes, reuse.Exposure.Bites) }) && !s.stable() {
		if !s.reuseTold() {
			add(HabitNewConnections, s.Text("the rate of new connections is not known"), "1", "20", "300")
			add(HabitBehindNAT, s.Text("whether clients are behind one NAT is not known"), "yes", "no")
		}
		add(HabitRolloutsPerDay, s.Text("how often pods are replaced is not known"), "0", "10")
	}
	return out
}

func unchanged(s *situation) *situation { return s }

func eachClass(edit func(*class)) func(*situation) *situation {
	return func(s *situation) *situation { return s.withClasses(edit) }
}

// withEndpoints gives every Service port so many endpoints.
func withEndpoints(each int) func(*situation) *situation {
	return func(s *situation) *situation {
		l := s.load.Load
		l.Endpoints = each * l.Ports
		return s.withLoad(l)
	}
}

// withUnreadNode adds a node of the most frequent kind with another kernel.
func withUnreadNode(kernel string) func(*situation) *situation {
	return func(s *situation) *situation {
		t := s.copy()
		one := s.classes[0]
		one.count, one.failing, one.open = 1, false, false
		one.setKernel(kernel)
		t.classes = append(slices.Clone(s.classes), one)
		return t
	}
}

// setKernel makes a class one of another kernel.
func (c *class) setKernel(release string) {
	c.own()
	c.Kernel = release
	c.kernel = kernelFact(release, "")
	c.judge()
}

// setMode makes a class one in a mode that is known for sure.
func (c *class) setMode(m Mode) {
	c.own()
	setMode(&c.Proxy, m)
	c.Proxy.Stale, c.Proxy.Failing = 0, 0
	c.mode, c.runs, c.router = c.Proxy.Mode, yes, false
	c.inForce = m == IPVS
	c.open, c.unsure, c.failing = false, false, false
	c.settled = false
	c.judge()
}

// setVersion makes a class one of another kube-proxy.
func (c *class) setVersion(v Fact[release.Version]) {
	c.own()
	c.version = v
	if c.Proxy.Version.IsKnown() {
		c.Proxy.Version = KnownFrom("v"+v.Value.String(), "tried")
	}
	c.unsure = c.unsure && c.mayFallBack()
	c.judge()
}

// judge judges issue 81775 anew, unless its outcome was settled.
func (c *class) judge() {
	if c.settled {
		return
	}
	in := c.reuseInput()
	c.reuse, c.outcomes = in.Judge(), worstFirst(in.Outcomes())
}

func worstFirst(all []reuse.Exposure) []reuse.Exposure {
	slices.SortFunc(all, func(a, b reuse.Exposure) int { return a.Rank() - b.Rank() })
	return all
}

// settle takes the worst or the best of what is possible for the truth.
func (c *class) settle(worst bool) {
	switch {
	case len(c.outcomes) < 2:
		return
	}
	c.own()
	switch {
	case worst:
		c.reuse.Exposure = c.outcomes[0]
	default:
		c.reuse.Exposure = c.outcomes[len(c.outcomes)-1]
	}
	c.settled = true
}

// untried are doubts that nothing here decides by, and that a careful reader
// would still want to have settled.
func (s *situation) untried(d decision) []Reason {
	var out []Reason
	add := func(when bool, text, source string) {
		if when {
			out = append(out, Reason{Text: text, Source: source})
		}
	}
	const coverage = "coverage of this reading"
	_, unseen := s.modes()
	add(unseen, s.Text("the mode in force is not visible everywhere."), "kubernetes API")
	add(!s.load.exact, s.Text("only totals are known, not the endpoints of each Service port."), coverage)
	add(s.load.exact && !s.facts.Coverage.Complete(), s.unread(), coverage)
	add(slices.ContainsFunc(s.classes, func(c class) bool { return c.failing }), s.Text("kube-proxy does not run on every node."), "status of the kube-proxy pods")
	contradict, wide := s.weighedBadly()
	add(contradict, s.Text("two measurements of the same modes exclude each other."), "what was measured")
	add(wide && !contradict, s.Text("what was measured lies on both sides of what is worth a change: measure more."), "what was measured")
	add(d.mode == NFTables && s.since(31) && !s.since(33), s.Text("nftables is beta before 1.33."), "KEP-3866")
	add(s.seen.sample() && s.restsOnMeasures(d), s.seen.sampleText(s.Voice), "reports of the nodes")
	moves := d.mode == NFTables && d.action == Change
	add(d.mode == IPTables && s.possible(IPTables) != yes, s.Text("whether the kernel has what iptables mode needs is not known everywhere."), "kernel release and OS image")
	if low, high, sync, known := s.nftFirstSync(); known && d.mode == NFTables && s.nftWeight() != syncNone {
		add(true, s.Sprintf("the first sync of nftables takes about %s here (estimate).", lasting(s.Voice, low, high)), sync.Source)
	}
	add(moves && len(s.faults(NFTables)) > 0, s.Text("a known fault of this kube-proxy bites in nftables mode."), "kubernetes changelogs")
	for _, id := range []RuleID{KPA076, KPA078} {
		if r := s.reason(id); moves && r.Rule != 0 {
			add(true, s.Text("what stands beside kube-proxy must be prepared first."), r.Source)
			break
		}
	}
	add(moves && !s.knowsCNI(), s.Text("whether the CNI plugin goes with nftables is open: none was seen."), "kubernetes API")
	add(moves && s.reason(KPA073).Rule != 0, platformOf(s.Voice, s.facts.Platform.Value).limit, "documentation of the platform")
	switch d.ground {
	case gIPVSSafe, gIPVSLatent, gIPVSExposed, gIPVSExposedBeta, gMoveOldIPVS:
		add(slices.ContainsFunc(s.classes, func(c class) bool {
			k, known := c.kernel.Get()
			return known && (c.reuse.ByBase || k.HidesPatch() && len(c.outcomes) > 1)
		}), s.Text("the kernel's number does not show every patch."), src81775)
	}
	return out
}

// restsOnMeasures reports that without what was measured of connections the decision could
// be another.
func (s *situation) restsOnMeasures(d decision) bool {
	h := s.habits
	if WasMeasured(h.Connections.Source) {
		h.Connections = Fact[Pattern]{}
	}
	if WasMeasured(h.NewConnectionsPerSecond.Source) {
		h.NewConnectionsPerSecond = Fact[float64]{}
	}
	without := s.withHabits(h)
	without.seen = MeasuredHabits{}
	open := s.habitDoubts()
	for _, x := range without.habitDoubts() {
		if slices.ContainsFunc(open, func(o doubt) bool { return o.look == x.look }) {
			continue // it is said already
		}
		if slices.ContainsFunc(x.ways, func(way func(*situation) *situation) bool { return !way(without).decide().same(d) }) {
			return true
		}
	}
	return false
}

// weighedBadly reports measurements that contradict each other, or that leave open
// whether a change is worth it.
func (s *situation) weighedBadly() (contradict, wide bool) {
	for _, to := range []Mode{NFTables, IPVS} {
		if w, ok := s.weigh(IPTables, to); ok && s.inForce(IPTables) {
			contradict = contradict || w.contradict
			wide = wide || judge(w.span, point(firstPacketNs+max(0, s.common(to).p50.mid+w.mid))) == unclear
		}
	}
	return contradict, wide
}

// knowsCNI reports that a CNI plugin was recognised.
func (s *situation) knowsCNI() bool {
	return slices.ContainsFunc(s.facts.Components, func(c Component) bool { return c.Name.isCNI() })
}
