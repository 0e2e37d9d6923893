package advisor

import (
	"encoding/json"
	"slices"
	"strings"
)

// tri is yes, no, or not known: the zero value claims nothing.
type tri int

const (
	unclear tri = iota
	yes
	no
)

func triOf(b bool) tri {
	if b {
		return yes
	}
	return no
}

// situation is the input of Decide with everything derived from it once.
type situation struct {
	facts    Facts
	habits   Habits
	measured Measured

	groups  []group // Linux, in canonical order
	proxied []group // of those, the ones that run kube-proxy, or may
	windows int     // Windows nodes
	load    loadView
	oldest  Fact[Version] // of the kube-proxies, or of the API server where no node is known
	newest  Fact[Version]
	// allNodes is false where some nodes were not read: nothing can then be
	// said of "every node".
	allNodes bool
	rules    []Rule // the rule table, built once
}

// group is a node group of Linux nodes with its strings parsed.
type group struct {
	NodeGroup
	kernel  Fact[Kernel]
	version Fact[Version] // of kube-proxy; the kubelet's or the API server's where that is all there is
	mode    Fact[Mode]
	runs    tri // kube-proxy
	router  bool
	reuse   reuseVerdict // in IPVS mode, whether or not it runs
	inForce bool         // IPVS programs Services here, kube-proxy's or kube-router's
}

// newSituation derives everything; the order of the node groups given does not
// matter.
func newSituation(f Facts, h Habits, m Measured) *situation {
	return (&situation{measured: m, rules: Rules()}).with(f, h)
}

// with is the same situation with other facts or habits: for trying.
func (s *situation) with(f Facts, h Habits) *situation {
	t := &situation{facts: f, habits: h, measured: s.measured, rules: s.rules, load: newLoadView(f)}
	t.derive()
	return t
}

func (s *situation) derive() {
	f := s.facts
	sorted := slices.Clone(f.Groups)
	slices.SortFunc(sorted, compareGroups)
	seen := 0
	for _, g := range sorted {
		seen += g.Nodes
		if g.OS == "windows" {
			s.windows += g.Nodes
			continue
		}
		linux := newGroup(g, f.Version)
		linux.reuse = s.withDrills(linux)
		s.groups = append(s.groups, linux)
		if linux.runs != no {
			s.proxied = append(s.proxied, linux)
		}
	}
	s.allNodes = nodesComplete(f, seen)
	s.oldest, s.newest = s.versionRange()
}

// nodesComplete reports whether the groups hold every node there is.
func nodesComplete(f Facts, seen int) bool {
	if len(f.Groups) == 0 {
		return false
	}
	for _, m := range f.Coverage.Missing {
		if strings.EqualFold(m.What, "nodes") {
			return false
		}
	}
	total, known := f.Nodes.Get()
	return !known || f.Origin == FromTyped || seen >= total
}

func compareGroups(a, b NodeGroup) int {
	if d := b.Nodes - a.Nodes; d != 0 {
		return d
	}
	// JSON names every field, so groups that compare equal are equal.
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	if errX != nil || errY != nil {
		return strings.Compare(a.Kernel+a.OSImage, b.Kernel+b.OSImage)
	}
	return strings.Compare(string(x), string(y))
}

func newGroup(g NodeGroup, api Fact[string]) group {
	g.Kernel, g.OSImage, g.Kubelet = printable(g.Kernel), printable(g.OSImage), printable(g.Kubelet)
	out := group{NodeGroup: g, version: groupVersion(g, api)}
	if k, err := ParseKernel(g.Kernel, g.OSImage); err == nil {
		out.kernel = KnownFrom(k, "node.status.nodeInfo.kernelVersion")
	}
	switch impl, known := g.Proxy.Implementation.Get(); {
	case known:
		out.runs, out.router = triOf(impl == KubeProxy), impl == KubeRouter
	case g.Proxy.Implementation.State == Absent:
		out.runs = no
	case g.Proxy.Mode.IsKnown():
		out.runs = yes // only kube-proxy has a mode
	}
	if out.runs != no {
		out.mode = g.Proxy.Mode
	}
	out.inForce = out.router || out.mode.IsKnown() && out.mode.Value == IPVS
	out.reuse = out.reuseInput().judge()
	return out
}

func (g group) reuseInput() reuseInput {
	return reuseInput{kernel: g.kernel, version: g.version, live: g.Proxy.Sysctls, read: g.Proxy.SysctlNodes, of: g.Nodes, inForce: g.inForce, kubeRouter: g.router}
}

// groupVersion prefers kube-proxy's own version, then the kubelet's, then the
// API server's: kube-proxy is usually rolled out with one of them.
func groupVersion(g NodeGroup, api Fact[string]) Fact[Version] {
	if s, ok := g.Proxy.Version.Get(); ok {
		if v, err := ParseVersion(s); err == nil {
			return KnownFrom(v, g.Proxy.Version.Source)
		}
	}
	if v, err := ParseVersion(g.Kubelet); err == nil {
		return KnownFrom(v, "kubelet version")
	}
	return parseFact(api)
}

func parseFact(f Fact[string]) Fact[Version] {
	if s, ok := f.Get(); ok {
		if v, err := ParseVersion(s); err == nil {
			return KnownFrom(v, f.Source)
		}
	}
	return Fact[Version]{Why: f.Why, Detail: f.Detail}
}

// versionRange returns the oldest and the newest version among the nodes that
// may run kube-proxy; unknown as soon as one of them is.
func (s *situation) versionRange() (oldest, newest Fact[Version]) {
	groups := s.proxied
	if len(groups) == 0 {
		v := parseFact(s.facts.Version)
		return v, v
	}
	oldest, newest = groups[0].version, groups[0].version
	for _, g := range groups {
		if !g.version.IsKnown() {
			return Fact[Version]{}, Fact[Version]{}
		}
		if g.version.Value.compare(oldest.Value) < 0 {
			oldest = g.version
		}
		if g.version.Value.compare(newest.Value) > 0 {
			newest = g.version
		}
	}
	return oldest, newest
}

// every folds a question over the proxied groups: no beats unclear beats yes.
// No node known is unclear, and so is a yes while nodes were not read.
func (s *situation) every(ask func(group) tri) tri {
	answer := yes
	if !s.allNodes || len(s.proxied) == 0 {
		answer = unclear
	}
	for _, g := range s.proxied {
		switch ask(g) {
		case no:
			return no
		case unclear:
			answer = unclear
		}
	}
	return answer
}

// since reports whether every kube-proxy is 1.minor or newer; false where the
// version is not known.
func (s *situation) since(minor int) bool {
	v, ok := s.oldest.Get()
	return ok && v.AtLeast(minor)
}

// modes returns the known modes with their node counts and the nodes whose mode
// is not known, most nodes first.
func (s *situation) modes() (known []ModeCount, unseen bool) {
	for _, g := range s.proxied {
		m, ok := g.mode.Get()
		if !ok {
			unseen = true
			continue
		}
		known = addMode(known, ModeCount{m, KubeProxy, g.Nodes})
	}
	return known, unseen || len(s.proxied) == 0
}

func addMode(counts []ModeCount, c ModeCount) []ModeCount {
	for i := range counts {
		if counts[i].Mode == c.Mode && counts[i].Implementation == c.Implementation {
			counts[i].Nodes += c.Nodes
			return counts
		}
	}
	return append(counts, c)
}

// inForce reports whether a mode is known to run on some node.
func (s *situation) inForce(m Mode) bool {
	known, _ := s.modes()
	return slices.ContainsFunc(known, func(c ModeCount) bool { return c.Mode == m })
}

// current lists what programs Services, most nodes first.
func (s *situation) current() []ModeCount {
	counts := []ModeCount{}
	for _, g := range s.groups {
		c := ModeCount{Nodes: g.Nodes, Implementation: g.Proxy.Implementation.Value}
		if g.runs == yes {
			c.Mode, c.Implementation = g.mode.Value, KubeProxy
		}
		counts = addMode(counts, c)
	}
	slices.SortStableFunc(counts, func(a, b ModeCount) int {
		if d := b.Nodes - a.Nodes; d != 0 {
			return d
		}
		return strings.Compare(string(a.Mode)+string(a.Implementation), string(b.Mode)+string(b.Implementation))
	})
	return counts
}

// pattern returns the answered connection pattern, Mixed where nobody answered:
// some of each is what a cluster has.
func (s *situation) pattern() Pattern { return s.habits.Connections.Or(Mixed) }

// steady reports traffic that seldom opens connections: the mode then changes
// no latency anybody can see.
func (s *situation) steady() bool {
	p := s.pattern()
	return p == LongLived || p == KeepAlive
}
