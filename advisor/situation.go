package advisor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kpadvisor/advisor/release"
	"kpadvisor/say"
)

// tri is yes, no, or not known: the zero value claims nothing.
type tri int

const (
	unclear tri = iota
	yes
	no
)

// triFrom takes over what a table says of a kernel.
func triFrom(c release.Can) tri {
	switch c {
	case release.CanYes:
		return yes
	case release.CanNo:
		return no
	}
	return unclear
}

// can is the answer as the machine-readable contract has it.
func (t tri) can() release.Can {
	switch t {
	case yes:
		return release.CanYes
	case no:
		return release.CanNo
	}
	return release.CanUnknown
}

func triOf(b bool) tri {
	if b {
		return yes
	}
	return no
}

// situation is the input of Decide with everything derived from it once.
type situation struct {
	say.Voice // in which it is put into words; nothing is decided by it

	facts    Facts
	habits   Habits
	measured Measured
	seen     MeasuredHabits // of the facts

	groups  []group // Linux, in canonical order
	proxied []group // of those, the ones that decide: kube-proxy runs there, or may, and they stay
	managed []group // nodes on which nobody can choose a mode
	aside   []group // nodes that are leaving, or that kube-proxy is not scheduled to
	classes []class // proxied, folded: what a decision looks at
	windows int     // Windows nodes

	onlyAside bool // nobody else is there to decide: those aside do
	load      loadView
	oldest    Fact[release.Version] // of the kube-proxies, or of the API server where no node is known
	newest    Fact[release.Version]
	// allNodes is false where some nodes were not read: nothing can then be
	// said of "every node".
	allNodes bool
	told     *told // what the rules say of the facts as they are; trials share it
}

// newSituation derives everything; the order of the node groups given does not
// matter.
func newSituation(f Facts, h Habits, m Measured) *situation { return situationIn(say.Voice{}, f, h, m) }

func situationIn(v say.Voice, f Facts, h Habits, m Measured) *situation {
	s := &situation{Voice: v, facts: f, habits: h, measured: m, seen: HabitsMeasuredAt(f), told: newTold(v), load: newLoadView(f)}
	s.derive()
	return s
}

// copy is the same situation, to be changed in one respect: what is derived
// from node groups is shared until it is replaced.
func (s *situation) copy() *situation {
	t := *s
	return &t
}

// withHabits is the same situation with other habits.
func (s *situation) withHabits(h Habits) *situation {
	t := s.copy()
	t.habits = h
	return t
}

// withLoad is the same situation with another load.
func (s *situation) withLoad(l Load) *situation {
	t := s.copy()
	t.facts.Load = KnownFrom(l, "tried")
	t.load = newLoadView(t.facts)
	return t
}

// withClasses is the same situation with every class edited; rules do not see it.
func (s *situation) withClasses(edit func(*class)) *situation {
	t := s.copy()
	t.classes = slices.Clone(s.classes)
	for i := range t.classes {
		edit(&t.classes[i])
	}
	t.oldest, t.newest = t.versionRange()
	return t
}

func (s *situation) derive() {
	f := s.facts
	seen, judged := 0, map[judgedKey]judgement{}
	s.groups, s.proxied = make([]group, 0, len(f.Groups)), make([]group, 0, len(f.Groups))
	for _, g := range sortGroups(f.Groups) {
		seen += g.Nodes
		if g.OS == "windows" {
			s.windows += g.Nodes
			continue
		}
		linux := parseGroup(g, f.Version)
		linux.voice = s.Voice
		linux.judgeBy(judged)
		linux.reuse = s.withDrills(linux)
		s.groups = append(s.groups, linux)
		switch {
		case g.Managed != "":
			s.managed = append(s.managed, linux)
		case linux.runs == no:
		case g.Leaving != "" || g.Spared != "":
			s.aside = append(s.aside, linux)
		default:
			s.proxied = append(s.proxied, linux)
		}
	}
	if len(s.proxied) == 0 { // nothing stays: what leaves is all there is to decide about
		s.proxied, s.onlyAside = s.aside, len(s.aside) > 0
	}
	s.classes = classesOf(s.proxied)
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

// sortGroups puts most nodes first, then orders by text: groups alike in all of
// it differ in nothing that anybody sees. What is dear to spell out is spelled
// out once, and only where the rest does not tell two groups apart.
func sortGroups(groups []NodeGroup) []NodeGroup {
	type entry struct {
		NodeGroup
		spelled string
	}
	sorted := make([]entry, len(groups))
	for i, g := range groups {
		sorted[i].NodeGroup = g
	}
	spell := func(e *entry) string {
		if e.spelled == "" {
			e.spelled = fmt.Sprintf("%v %v %v", e.Proxy, e.NodeNames, e.Members)
		}
		return e.spelled
	}
	order := make([]*entry, len(sorted))
	for i := range sorted {
		order[i] = &sorted[i]
	}
	slices.SortStableFunc(order, func(a, b *entry) int {
		if d := compareGroups(a.NodeGroup, b.NodeGroup); d != 0 {
			return d
		}
		return strings.Compare(spell(a), spell(b))
	})
	out := make([]NodeGroup, len(order))
	for i, e := range order {
		out[i] = e.NodeGroup
	}
	return out
}

func compareGroups(a, b NodeGroup) int {
	return cmp.Or(
		cmp.Compare(b.Nodes, a.Nodes),
		strings.Compare(a.OS, b.OS), strings.Compare(a.Kernel, b.Kernel), strings.Compare(a.OSImage, b.OSImage),
		strings.Compare(a.Kubelet, b.Kubelet), strings.Compare(a.Arch, b.Arch), strings.Compare(a.Managed, b.Managed),
		strings.Compare(a.Leaving, b.Leaving), strings.Compare(a.Spared, b.Spared),
		strings.Compare(string(a.Proxy.Implementation.Value), string(b.Proxy.Implementation.Value)),
		strings.Compare(string(a.Proxy.Mode.Value), string(b.Proxy.Mode.Value)),
		strings.Compare(a.Proxy.Version.Value, b.Proxy.Version.Value),
	)
}

// versionRange returns the oldest and the newest version among the nodes that
// decide; unknown as soon as one of them is.
func (s *situation) versionRange() (oldest, newest Fact[release.Version]) {
	if len(s.classes) == 0 {
		v := parseFact(s.facts.Version)
		return v, v
	}
	oldest, newest = s.classes[0].version, s.classes[0].version
	for _, c := range s.classes {
		if !c.version.IsKnown() {
			return Fact[release.Version]{}, Fact[release.Version]{}
		}
		if c.version.Value.Compare(oldest.Value) < 0 {
			oldest = c.version
		}
		if c.version.Value.Compare(newest.Value) > 0 {
			newest = c.version
		}
	}
	return oldest, newest
}

// every folds a question over the nodes that decide: no beats unclear beats yes.
// No node known is unclear, and so is a yes while nodes were not read.
func (s *situation) every(ask func(class) tri) tri {
	answer := over(s.classes, ask)
	if answer == yes && !s.allNodes {
		return unclear
	}
	return answer
}

// possible reports whether a mode can run on every node that decides.
func (s *situation) possible(m Mode) tri { return s.every(func(c class) tri { return c.can(m) }) }

// kernelsUnknown reports that a kernel was not read, as against read and odd.
func (s *situation) kernelsUnknown() bool {
	return s.every(func(c class) tri { return knownTri(c.kernel.IsKnown()) }) != yes
}

// smallForSure reports a load so well known that no further reading could make
// a change worth while: then iptables may be kept without knowing the kernels.
func (s *situation) smallForSure() bool {
	return s.load.exact && iptablesChains(s.load.Load) < manyChains
}

func knownTri(known bool) tri {
	if known {
		return yes
	}
	return unclear
}

// since reports whether every kube-proxy is 1.minor or newer; false where the
// version is not known.
func (s *situation) since(minor int) bool {
	v, ok := s.oldest.Get()
	return ok && v.AtLeast(minor)
}

// modes returns the modes known to be in force with their node counts, most
// nodes first, and whether there are nodes whose mode is not known.
func (s *situation) modes() (known []ModeCount, unseen bool) {
	for _, c := range s.classes {
		m, ok := c.inMode()
		if !ok {
			unseen = unseen || !c.failing
			continue
		}
		known = addMode(known, ModeCount{m, KubeProxy, c.count})
	}
	slices.SortStableFunc(known, func(a, b ModeCount) int { return cmp.Compare(b.Nodes, a.Nodes) })
	return known, unseen || len(s.classes) == 0
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
			if failing := min(g.Proxy.Failing, g.Nodes); failing > 0 { // configured, and not in force
				counts = addMode(counts, ModeCount{Implementation: KubeProxy, Nodes: failing})
				if c.Nodes -= failing; c.Nodes == 0 {
					continue
				}
			}
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
func (s *situation) steady() bool { return s.pattern().steady() }
