package advisor

import (
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// groupAdvice says what a decision means for each node group: which may move
// now, what holds the others, and which have no say.
func (s *situation) groupAdvice(d decision) []GroupAdvice {
	out := make([]GroupAdvice, 0, len(s.groups))
	for _, g := range s.groups {
		a := GroupAdvice{Group: groupName(g) + otherArch(g), Nodes: g.Nodes, Mode: g.mode.Value, Can: map[Mode]release.Can{}, Blockers: []string{}}
		for _, m := range Modes() {
			a.Can[m] = g.can(m).can()
		}
		switch {
		case g.Managed != "":
			for _, m := range Modes() {
				a.Can[m] = release.CanNo
			}
			a.Advice = s.Sprintf("Left out: %s runs these nodes, and nobody can choose a mode on them.", plain.Text(g.Managed))
		case g.runs == no:
			a.Advice = s.Text("Left out: no kube-proxy runs here.")
		case s.onlyAside:
			a.Weighs = true
			s.adviseGroup(&a, g, d)
		case g.Spared != "":
			a.Advice = s.Sprintf("Left out: kube-proxy is not scheduled here (%s).", s.Seen(plain.Text(g.Spared)))
		case g.Leaving != "":
			a.Advice = s.Sprintf("Left out: leaving (%s).", s.Seen(plain.Text(g.Leaving)))
		default:
			a.Weighs = true
			s.adviseGroup(&a, g, d)
		}
		out = append(out, a)
	}
	return out
}

// otherArch tells groups apart that differ in the architecture alone.
func otherArch(g group) string {
	if g.Arch == "" || g.Arch == "amd64" {
		return ""
	}
	return ", " + plain.Text(g.Arch)
}

// adviseGroup is for groups with a say.
func (s *situation) adviseGroup(a *GroupAdvice, g group, d decision) {
	if d.mode == "" || d.action == None {
		a.Advice = s.Text("No change is asked for here.")
		return
	}
	a.To = d.mode
	in, known := g.mode.Get()
	switch held := g.heldBy(d.mode); {
	case len(held) > 0:
		a.Blockers = append(a.Blockers, held...)
	case g.can(d.mode) == unclear:
		a.Blockers = append(a.Blockers, s.Sprintf("whether %s can run here is not known", d.mode.title()))
	}
	switch {
	case g.Proxy.Failing > 0 && g.Proxy.Failing >= g.Nodes:
		a.Advice = s.Sprintf("Repair kube-proxy here first (%s); then %s.", s.Seen(plain.Text(g.Proxy.FailingWhy)), d.mode.title())
	case len(a.Blockers) > 0 && known && in != d.mode:
		a.Advice = s.Sprintf("Stays on %s until that is settled: %s.", in.title(), s.Join(a.Blockers))
	case len(a.Blockers) > 0:
		a.Advice = s.Sprintf("%s waits: %s.", plain.Upper(d.mode.title()), s.Join(a.Blockers))
	case g.Proxy.Failing > 0:
		a.Advice = s.Sprintf("Repair kube-proxy on %s here first (%s); then %s.", nodesText(s.Voice, g.Proxy.Failing), s.Seen(plain.Text(g.Proxy.FailingWhy)), d.mode.title())
	case g.Proxy.Stale > 0 && known && in == d.mode:
		a.Advice = s.Text("Restart kube-proxy here, or look which mode runs: it is older than its configuration.")
	case !known:
		a.Advice = s.Sprintf("Look which mode runs; then %s.", d.mode.title())
	case known && in == d.mode:
		a.Advice = s.Sprintf("Runs %s: nothing to change.", d.mode.title())
	case d.action == Measure:
		a.Advice = s.Sprintf("May try %s, on one node first.", d.mode.title())
	default:
		a.Advice = s.Sprintf("May move to %s now.", d.mode.title())
	}
}

// heldBy says what rules a mode out on a group, and what to do about it.
func (g group) heldBy(m Mode) []string {
	var out []string
	switch {
	case m != NFTables && g.can(m) != no:
		return nil
	case m != NFTables:
		return []string{g.voice.Sprintf("%s cannot run with this kube-proxy or kernel", m.title())}
	}
	if nftKernel(&g) == no {
		out = append(out, g.voice.Sprintf("kernel %s is before 5.13: renew the node image", g.Kernel))
	}
	if v, known := g.version.Get(); known && !v.AtLeast(31) {
		out = append(out, g.voice.Sprintf("kube-proxy %s is before 1.33: upgrade it", v))
	}
	return out
}

// managedNames lists what runs nodes that nobody can configure: "12 Fargate
// nodes and 3 virtual-kubelet nodes".
func (s *situation) managedNames() string {
	var parts []string
	counts := map[string]int{}
	var order []string
	for _, g := range s.managed {
		if counts[g.Managed] == 0 {
			order = append(order, g.Managed)
		}
		counts[g.Managed] += max(g.Nodes, 1)
	}
	for _, name := range order {
		parts = append(parts, nodesBy(s.Voice, counts[name], plain.Text(name)))
	}
	all := s.Join(bounded(s.Voice, parts))
	if len(order) == 1 && counts[order[0]] == 1 {
		return s.Sprintf("%s is all there is", all)
	}
	return s.Sprintf("%s are all there is", all)
}

// nodesBy writes "12 Fargate nodes".
func nodesBy(v say.Voice, n int, name string) string {
	if n == 1 {
		return v.Sprintf("1 %s node", name)
	}
	return v.Sprintf("%s %s nodes", plain.Number(n), name)
}

// first lists what comes before the recommended mode can run everywhere.
func (s *situation) first(d decision) []Reason {
	out := []Reason{}
	if d.action == None || d.mode == "" {
		return out
	}
	out = append(out, s.heldReasons(d)...)
	if known, _ := s.modes(); len(known) != 1 || known[0].Mode != d.mode {
		out = append(out, s.faults(d.mode)...)
		if d.mode == NFTables {
			out = append(out, s.reason(KPA076), s.reason(KPA077), s.reason(KPA078))
		}
	}
	return said(out)
}
