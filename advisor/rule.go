package advisor

import (
	"cmp"
	"slices"

	"kpadvisor/say"
)

// Sources that several texts share.
const (
	srcKEP3866 = "KEP-3866 chart"
	srcKEP5495 = "KEP-5495"
	srcKEP5343 = "KEP-5343 (provisional)"
	srcSync    = "measured, Linux 6.18, 2 vCPU, kube-proxy 1.37.2 rules"
	srcBackend = "measured, kube-proxy 1.37.2, 100,000 endpoints, iptables 1.8.9, Linux 6.18, 2 vCPU"
	srcGuessi  = "guessi/kube-proxy-benchmark (kube-proxy 1.32.6)"
	src81775   = "kubernetes issue 81775"
	srcPick    = "kubernetes pkg/proxy/iptables writeServiceToEndpointRules; measured, iptables-legacy, Linux 6.18"
)

// rulesDate is when the rule table was last checked against its sources.
const rulesDate = "2026-11-29"

// Rule is one row of the rule table: what it looks at, when it fires and what
// it says.
type Rule struct {
	ID       RuleID
	Severity Severity
	Needs    []Need // facts without which it cannot say anything
	Remedy   string // what to do about it, empty where there is nothing to do
	Source   string

	// Exactly one of the next two is set. fires looks at the whole cluster;
	// group at one Linux node group that runs kube-proxy (or, with anyProxy,
	// whatever runs there), and one group is enough.
	fires    func(*situation) bool
	group    func(*situation, *group) bool
	anyProxy bool
	text     func(s *situation, hits []*group) string
}

// Need is a fact that a rule needs.
type Need string

// The facts that rules need. Those of a node group must be known of a group
// that fires; a group where they are not leaves the rule undecided.
const (
	NeedLoad           Need = "Services load"
	NeedEndpoints      Need = "endpoints"
	NeedServices       Need = "Service counts"
	NeedLargest        Need = "endpoints of the largest Service"
	NeedVersion        Need = "kube-proxy version"
	NeedKernel         Need = "kernel"
	NeedMode           Need = "kube-proxy mode"
	NeedImplementation Need = "what programs Services"
	NeedOSImage        Need = "OS image"
	NeedMinSync        Need = "minSyncPeriod"
	NeedScheduler      Need = "IPVS scheduler"
	NeedNodePortAddrs  Need = "nodePortAddresses"
	NeedLiberal        Need = "conntrack.tcpBeLiberal"
	NeedSysctls        Need = "live sysctls"
	NeedNodes          Need = "nodes"
	NeedPattern        Need = "connection pattern"
	NeedRate           Need = "new connections per second"
	NeedDraining       Need = "draining"
	NeedExpected       Need = "expected Services"
	NeedPlatform       Need = "platform"
	NeedBreakEven      Need = "measured break-even"
	NeedComponents     Need = "components seen"
	NeedServiceObjects Need = "Service objects" // read, not counts somebody typed
	NeedDetectLocal    Need = "detectLocalMode"
	NeedReports        Need = "reports of the nodes themselves"
	NeedWaiting        Need = "syncs in the reports of nodes"
	NeedBackends       Need = "iptables backends in the reports of nodes"
	NeedLeftovers      Need = "tables of other modes in the reports of nodes"
	NeedRules          Need = "rules in the reports of nodes"
	NeedIPVS           Need = "tables of IPVS in the reports of nodes"
	NeedHabits         Need = "habits measured on nodes"
	NeedReuse          Need = "reuse of 5-tuples measured on nodes"
)

// Outcome is what a rule came to.
type Outcome string

// The outcomes of a rule.
const (
	Hit     Outcome = "hit"
	Miss    Outcome = "miss"
	CantSay Outcome = "unknown" // a fact it needs is not known
)

// Rules returns the rule table in the order of the IDs.
func Rules() []Rule {
	return rulesIn(say.Voice{})
}

func rulesIn(v say.Voice) []Rule {
	all := slices.Concat(nftablesRules(v), iptablesRules(v), ipvsRules(v), reuseRules(v), configRules(v), scaleRules(v), platformRules(v),
		nodeRules(v), autopsyRules(v), habitRules(v), defectRules(v))
	slices.SortFunc(all, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// eval applies a rule and returns the groups that fired it.
func (r Rule) eval(s *situation) (Outcome, []*group) {
	for _, n := range r.Needs {
		if known, perGroup := s.has(n); !perGroup && !known {
			return CantSay, nil
		}
	}
	if r.fires != nil {
		if r.fires(s) {
			return Hit, nil
		}
		return Miss, nil
	}
	groups := s.proxied
	if r.anyProxy {
		groups = s.groups
	}
	var hits []*group
	undecided := !s.allNodes
	for i := range groups {
		g := &groups[i] // a group is large, and rules are many
		switch {
		case slices.ContainsFunc(r.Needs, func(n Need) bool { return !g.has(n) }):
			undecided = true
		case r.group(s, g):
			hits = append(hits, g)
		}
	}
	switch {
	case len(hits) > 0:
		return Hit, hits
	case undecided:
		return CantSay, nil
	default:
		return Miss, nil
	}
}

// has reports whether a need is met, and whether it is one of node groups.
func (s *situation) has(n Need) (known, perGroup bool) {
	switch n {
	case NeedLoad:
		return s.load.known, false
	case NeedEndpoints:
		return s.load.known && s.load.endpointsKnown, false
	case NeedServices:
		return s.facts.Services.IsKnown(), false
	case NeedServiceObjects:
		return s.facts.Services.IsKnown() && s.facts.Origin != FromTyped, false
	case NeedLargest:
		return s.facts.Endpoints.IsKnown(), false
	case NeedNodes:
		return s.allNodes, false
	case NeedPattern:
		return s.habits.Connections.IsKnown(), false
	case NeedRate:
		return s.habits.NewConnectionsPerSecond.IsKnown(), false
	case NeedDraining:
		return s.habits.Draining.IsKnown(), false
	case NeedExpected:
		return s.habits.ExpectedServices.IsKnown(), false
	case NeedPlatform:
		return s.facts.Platform.IsKnown(), false
	case NeedComponents:
		return len(s.facts.Components) > 0, false
	case NeedWaiting:
		return slices.ContainsFunc(s.facts.NodeReports, func(r NodeReport) bool { return r.Placed && r.Waiting.IsKnown() }), false
	case NeedBackends:
		return slices.ContainsFunc(s.facts.NodeReports, func(r NodeReport) bool {
			return r.Placed && r.Backends.LegacyChains.IsKnown() && r.Backends.NFTChains.IsKnown()
		}), false
	case NeedLeftovers:
		return len(s.opened(func(a NodeAutopsy) bool { return len(a.Looked) > 0 })) > 0, false
	case NeedRules:
		return len(s.opened(func(a NodeAutopsy) bool { return a.Rules.Compared.IsKnown() })) > 0, false
	case NeedIPVS:
		return len(s.opened(func(a NodeAutopsy) bool { return a.IPVS != nil })) > 0, false
	case NeedHabits:
		return s.seen.Pattern.IsKnown() || s.seen.Busiest.IsKnown(), false
	case NeedReuse:
		return s.seen.Reused.IsKnown(), false
	case NeedBreakEven:
		return len(s.measured.BreakEvens) > 0, false
	case NeedVersion:
		return s.oldest.IsKnown(), false
	default:
		return false, true
	}
}

// has reports whether a need of node groups is met; other needs are.
func (g *group) has(n Need) bool {
	switch n {
	case NeedKernel:
		return g.kernel.IsKnown()
	case NeedMode:
		return g.mode.IsKnown()
	case NeedImplementation:
		return g.runs != unclear
	case NeedOSImage:
		return g.OSImage != "" || g.Proxy.IPTables.IsKnown() || g.Proxy.NFT.IsKnown()
	case NeedMinSync:
		return g.Proxy.Config.MinSyncPeriod.IsKnown()
	case NeedScheduler:
		return g.Proxy.Config.Scheduler.IsKnown()
	case NeedNodePortAddrs:
		return g.Proxy.Config.NodePortAddresses.State != Unknown
	case NeedSysctls:
		return len(g.Proxy.Sysctls)+len(g.Proxy.SysctlDoubts) > 0
	case NeedReports:
		return g.Proxy.Reports > 0
	case NeedDetectLocal:
		return g.Proxy.Config.DetectLocalMode.State != Unknown
	case NeedLiberal:
		return g.Proxy.Config.TCPBeLiberal.State != Unknown
	default:
		return true
	}
}

// told holds the rule table and what each rule came to, once it was applied:
// rules look at the facts as they are, not at what is tried.
type told struct {
	rules []Rule
	said  map[RuleID]outcome
}

type outcome struct {
	Outcome
	Finding
}

func newTold(v say.Voice) *told { return &told{rulesIn(v), map[RuleID]outcome{}} }

// apply returns what a rule came to.
func (s *situation) apply(r Rule) outcome {
	if known, ok := s.told.said[r.ID]; ok {
		return known
	}
	var o outcome
	var hits []*group
	if o.Outcome, hits = r.eval(s); o.Outcome == Hit {
		o.Finding = Finding{Rule: r.ID, Severity: r.Severity, Text: r.text(s, hits), Remedy: r.Remedy, Source: r.Source}
	}
	s.told.said[r.ID] = o
	return o
}

// findings applies every rule: by severity, then by ID.
func (s *situation) findings() []Finding {
	out := []Finding{}
	for _, r := range s.told.rules {
		if o := s.apply(r); o.Outcome == Hit {
			out = append(out, o.Finding)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		if d := a.Severity.rank() - b.Severity.rank(); d != 0 {
			return d
		}
		return int(a.Rule - b.Rule)
	})
	return out
}

func (v Severity) rank() int { return slices.Index([]Severity{Critical, Warning, Info}, v) }

// reason returns a rule as a reason if it fires, and an empty one otherwise.
func (s *situation) reason(id RuleID) Reason {
	if r, ok := s.ruleOf(id); ok {
		if o := s.apply(r); o.Outcome == Hit {
			return Reason{Rule: o.Rule, Text: o.Text, Source: o.Source}
		}
	}
	return Reason{}
}

func (s *situation) ruleOf(id RuleID) (Rule, bool) {
	for _, r := range s.told.rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}

// nodesOf sums the nodes of groups, as "32 nodes".
func nodesOf(v say.Voice, groups []*group) string {
	n := 0
	for _, g := range groups {
		n += g.Nodes
	}
	return nodesText(v, n)
}

// namesOf lists one property of groups once each, at most three of them.
func namesOf(v say.Voice, groups []*group, name func(group) string) string {
	var names []string
	for _, g := range groups {
		if len(names) > 3 {
			break
		}
		if n := name(*g); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) > 3 {
		names = append(names[:3], v.Text("others"))
	}
	return v.Join(names)
}

func kernelName(g group) string { return g.Kernel }

// plain makes the text of a rule that says the same wherever it fires.
func always(text string) func(*situation, []*group) string {
	return func(*situation, []*group) string { return text }
}
