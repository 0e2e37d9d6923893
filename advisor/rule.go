package advisor

import (
	"slices"
	"strings"
)

// Rule is one row of the rule table: what it looks at, when it fires and what
// it says. An ID is never used for anything else, even after its rule is gone.
type Rule struct {
	ID       string // KPA###
	Severity Severity
	Needs    []Need // facts without which it cannot say anything
	Remedy   string // what to do about it, empty where there is nothing to do
	Source   string

	// Exactly one of the next two is set. fires looks at the whole cluster;
	// group at one Linux node group that runs kube-proxy (or, with anyProxy,
	// whatever runs there), and one group is enough.
	fires    func(*situation) bool
	group    func(*situation, group) bool
	anyProxy bool
	text     func(s *situation, hits []group) string
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
	return slices.Concat(nftablesRules(), iptablesRules(), ipvsRules(), reuseRules(), configRules(), scaleRules(), platformRules())
}

// eval applies a rule and returns the groups that fired it.
func (r Rule) eval(s *situation) (Outcome, []group) {
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
	var hits []group
	undecided := !s.allNodes
	for _, g := range groups {
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
	case NeedBreakEven:
		return len(s.measured.BreakEvens) > 0, false
	case NeedVersion:
		return s.oldest.IsKnown(), false
	default:
		return false, true
	}
}

// has reports whether a need of node groups is met; other needs are.
func (g group) has(n Need) bool {
	switch n {
	case NeedKernel:
		return g.kernel.IsKnown()
	case NeedMode:
		return g.mode.IsKnown()
	case NeedImplementation:
		return g.runs != unclear
	case NeedOSImage:
		return g.OSImage != ""
	case NeedMinSync:
		return g.Proxy.Config.MinSyncPeriod.IsKnown()
	case NeedScheduler:
		return g.Proxy.Config.Scheduler.IsKnown()
	case NeedNodePortAddrs:
		return g.Proxy.Config.NodePortAddresses.State != Unknown
	case NeedSysctls:
		return len(g.Proxy.Sysctls)+len(g.Proxy.SysctlDoubts) > 0
	case NeedLiberal:
		return g.Proxy.Config.TCPBeLiberal.State != Unknown
	default:
		return true
	}
}

// finding returns what a rule says, if it fires.
func (r Rule) finding(s *situation) (Finding, bool) {
	outcome, hits := r.eval(s)
	if outcome != Hit {
		return Finding{}, false
	}
	return Finding{Rule: r.ID, Severity: r.Severity, Text: r.text(s, hits), Remedy: r.Remedy, Source: r.Source}, true
}

// findings applies every rule: by severity, then by ID.
func (s *situation) findings() []Finding {
	out := []Finding{}
	for _, r := range s.rules {
		if f, ok := r.finding(s); ok {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		if d := a.Severity.rank() - b.Severity.rank(); d != 0 {
			return d
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return out
}

func (v Severity) rank() int { return slices.Index([]Severity{Critical, Warning, Info}, v) }

// reason returns a rule as a reason if it fires, and an empty one otherwise.
func (s *situation) reason(id string) Reason {
	for _, r := range s.rules {
		if r.ID != id {
			continue
		}
		if f, ok := r.finding(s); ok {
			return Reason{Rule: f.Rule, Text: f.Text, Source: f.Source}
		}
	}
	return Reason{}
}

// nodesOf sums the nodes of groups, as "32 nodes".
func nodesOf(groups []group) string {
	n := 0
	for _, g := range groups {
		n += g.Nodes
	}
	return nodesText(n)
}

// namesOf lists one property of groups once each, at most three of them.
func namesOf(groups []group, name func(group) string) string {
	var names []string
	for _, g := range groups {
		if n := name(g); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) > 3 {
		names = append(names[:3], "others")
	}
	return list(names)
}

func kernelName(g group) string { return g.Kernel }

// plain makes the text of a rule that says the same wherever it fires.
func plain(text string) func(*situation, []group) string {
	return func(*situation, []group) string { return text }
}
