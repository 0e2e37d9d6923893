package advisor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// UnplacedError is a reading that could be of several node groups, or of none.
type UnplacedError struct {
	Reading reuse.SysctlReading
	Groups  []string // those it could be of; none if nothing fits
}

// Error says in one sentence which reading it is and what it could be of.
func (e *UnplacedError) Error() string {
	of := "sysctls"
	if e.Reading.Node != "" {
		of = "sysctls of node " + e.Reading.Node
	}
	if e.Reading.Kernel != "" {
		of = fmt.Sprintf("%s with kernel %s", of, e.Reading.Kernel)
	}
	if len(e.Groups) == 0 {
		return fmt.Sprintf("%s fit no node group of this cluster", of)
	}
	return fmt.Sprintf("%s could be of any of %s: %s", of, plain.Count(len(e.Groups), "node group"), strings.Join(bounded(say.Voice{}, e.Groups), "; "))
}

// WithSysctls puts live values in the place of what kube-proxy is assumed to
// have left. A reading belongs to the group its node is in, or to those with its
// kernel, or, if there is but one group that runs IPVS, to that. The error is an
// UnplacedError. The facts given are not touched.
func WithSysctls(f Facts, readings []reuse.SysctlReading) (Facts, error) {
	f.Groups = slices.Clone(f.Groups)
	of := make([][]reuse.SysctlReading, len(f.Groups))
	for _, r := range readings {
		places, err := placesOf(f, r)
		if err != nil {
			return f, err
		}
		for _, i := range places {
			of[i] = append(of[i], r)
		}
	}
	for i, all := range of {
		if len(all) > 0 {
			f.Groups[i].Proxy.merge(f.Groups[i], all)
		}
	}
	return f, nil
}

// placesOf are the indexes of the groups a reading is of.
func placesOf(f Facts, r reuse.SysctlReading) ([]int, error) {
	candidates, named := liveCandidates(f), false
	if r.Node != "" {
		for i, g := range f.Groups {
			if slices.Contains(g.Members, r.Node) || slices.Contains(g.NodeNames, r.Node) {
				return []int{i}, nil
			}
			named = named || len(g.Members) > 0
		}
	}
	if named { // every node's name is known, and this is none of them
		return nil, &UnplacedError{Reading: r}
	}
	fits := candidates
	if r.Kernel != "" {
		fits = slices.DeleteFunc(slices.Clone(candidates), func(i int) bool { return !release.SameKernel(f.Groups[i].Kernel, r.Kernel) })
	}
	if len(fits) == 1 || len(fits) > 0 && r.Kernel != "" {
		return fits, nil
	}
	e := &UnplacedError{Reading: r}
	for _, i := range fits {
		e.Groups = append(e.Groups, groupName(newGroup(f.Groups[i], f.Version)))
	}
	return nil, e
}

// liveCandidates are the groups that live values can be of: those known to run
// IPVS, else those that may, else every Linux group.
func liveCandidates(f Facts) []int {
	var inForce, may, linux []int
	for i, g := range f.Groups {
		if g.OS == "windows" {
			continue
		}
		linux = append(linux, i)
		switch n := newGroup(g, f.Version); {
		case n.inForce:
			inForce = append(inForce, i)
		case n.runs != no && !n.mode.IsKnown():
			may = append(may, i)
		}
	}
	for _, set := range [][]int{inForce, may} {
		if len(set) > 0 {
			return set
		}
	}
	return linux
}

// readOn enters which nodes readings are of, beside those that were read before. One of
// nobody in particular is of the whole group.
func (p *Proxy) readOn(all []reuse.SysctlReading) {
	names, whole := slices.Clone(p.SysctlOf), len(p.Sysctls) > 0 && p.SysctlNodes == 0
	for _, r := range all {
		if whole = whole || r.Node == ""; !slices.Contains(names, r.Node) {
			names = append(names, r.Node)
		}
	}
	switch {
	case whole:
		p.SysctlNodes, p.SysctlOf = 0, nil
	case len(p.SysctlOf) == p.SysctlNodes:
		p.SysctlNodes, p.SysctlOf = len(names), names
	default: // some of before have no name, and may be the same
		p.SysctlNodes, p.SysctlOf = max(p.SysctlNodes, len(names)), nil
	}
}

// sysctlsRead reports live sysctls of every node of a group.
func (g *NodeGroup) sysctlsRead() bool {
	return len(g.Proxy.Sysctls) > 0 && (g.Proxy.SysctlNodes == 0 || g.Proxy.SysctlNodes >= g.Nodes)
}

// merge enters what was read on nodes of a group beside what was known of it. Where they
// disagree the smaller value stands, which is the one that exposes.
func (p *Proxy) merge(g NodeGroup, all []reuse.SysctlReading) {
	p.readOn(all)
	before := p.Sysctls
	p.Sysctls, p.SysctlDoubts = map[string]int{}, slices.Clone(p.SysctlDoubts)
	counts := map[string]map[int]int{} // by name and value: readings
	for _, r := range all {
		for name, v := range r.Values {
			if counts[name] == nil {
				counts[name] = map[int]int{}
			}
			counts[name][v]++
		}
		p.SysctlDoubts = append(p.SysctlDoubts, r.Doubts...)
		if r.Kernel != "" && !release.SameKernel(r.Kernel, g.Kernel) {
			p.SysctlDoubts = append(p.SysctlDoubts, fmt.Sprintf("the kernel is %s, and the API says %s", r.Kernel, plain.Text(g.Kernel)))
		}
	}
	for _, name := range reuse.Sysctls() {
		p.mergeOne(name, before, counts[name])
	}
	if len(p.Sysctls) == 0 {
		p.Sysctls, p.SysctlNodes, p.SysctlOf = nil, 0, nil
	}
	slices.Sort(p.SysctlDoubts)
	p.SysctlDoubts = slices.Compact(p.SysctlDoubts)
}

// mergeOne enters one sysctl: what was known before, and readings by their value.
func (p *Proxy) mergeOne(name string, before map[string]int, readings map[int]int) {
	values := slices.Sorted(maps.Keys(readings))
	was, known := before[name]
	switch {
	case len(values) > 0 && known:
		p.Sysctls[name] = min(was, values[0])
	case len(values) > 0:
		p.Sysctls[name] = values[0]
	case known:
		p.Sysctls[name] = was
	}
	var parts []string
	for _, v := range values {
		parts = append(parts, fmt.Sprintf("%d in %s", v, plain.Count(readings[v], "reading")))
	}
	if len(values) > 1 {
		p.SysctlDoubts = append(p.SysctlDoubts, reuse.ShortName(name)+" is "+say.Voice{}.Join(parts))
	} else if len(values) == 1 && known && was != values[0] {
		p.SysctlDoubts = append(p.SysctlDoubts, fmt.Sprintf("%s is %s, and was %d before", reuse.ShortName(name), parts[0], was))
	}
}

// DoubtSysctls are the facts of a file without the live sysctls that no kernel can have,
// which are doubts instead. It changes the groups of f.
func DoubtSysctls(f Facts) Facts {
	for i := range f.Groups {
		p := &f.Groups[i].Proxy
		doubts := reuse.DoubtImpossible(p.Sysctls)
		p.SysctlDoubts = append(p.SysctlDoubts, doubts...)
		if len(doubts) > 0 && len(p.Sysctls) == 0 {
			p.Sysctls, p.SysctlNodes = nil, 0
		}
	}
	return f
}

// unexpected says in what live values differ from what kube-proxy of this
// version leaves on this kernel, a clause each.
func (g group) unexpected() []string {
	in := g.reuseInput()
	if !in.InForce || len(in.Live) == 0 || !in.Kernel.IsKnown() || !in.Version.IsKnown() && !in.KubeRouter {
		return nil
	}
	assumed := in
	assumed.Live = nil
	was := assumed.Settings()
	v, who := g.voice, "kube-proxy v"+in.Version.String()
	if in.KubeRouter {
		who = "kube-router"
	}
	var out []string
	if now, ok := reuse.Live(in.Live, reuse.SysctlReuse); ok {
		switch {
		case now == 0 && was.Reuse != 0 && was.ReuseLeft:
			out = append(out, v.Sprintf("conn_reuse_mode is 0, which %s leaves alone: an older one left it, or an agent set it", who))
		case now == 0 && was.Reuse != 0:
			out = append(out, v.Sprintf("conn_reuse_mode is 0, which %s never sets: something else did", who))
		case now != 0 && was.Reuse == 0:
			out = append(out, v.Sprintf("conn_reuse_mode is %d, and %s writes 0 when it starts: something set it since, and the next start writes 0 again", now, who))
		}
	}
	if now, ok := reuse.Live(in.Live, reuse.SysctlExpire); ok && now == 0 && was.Expire {
		out = append(out, v.Sprintf("expire_nodest_conn is 0, and %s sets 1 when it starts: something reset it", who))
	}
	if now, ok := reuse.Live(in.Live, reuse.SysctlConntrack); ok && now == 0 {
		out = append(out, v.Sprintf("conntrack is 0, and %s sets 1 when it starts: Services do not masquerade without it", who))
	}
	return out
}
