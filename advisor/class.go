package advisor

import (
	"cmp"
	"fmt"
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
)

// class is the node groups that are alike in everything a decision looks at,
// folded into one: a cluster of a thousand groups has a handful of classes, so
// that trying what an unknown could turn out to be costs little.
type class struct {
	*group       // one of its groups, the largest: for its texts, and for judging it anew
	count   int  // nodes; 0 where nobody counted them
	open    bool // kube-proxy is older than its configuration: what runs was not seen
	unsure  bool // IPVS is configured, and this kube-proxy may have fallen back to iptables
	failing bool // its kube-proxy does not run: what is configured is not in force

	backend  release.Backend  // of iptables: as the nodes told it, or as the OS image suggests
	outcomes []reuse.Exposure // what issue 81775 could turn out to be in IPVS mode, the worst first
	settled  bool             // one of them was taken for the truth
}

// own gives a class a group of its own, to be edited.
func (c *class) own() {
	g := *c.group
	c.group = &g
}

// guess takes a backend of iptables for the true one where the nodes did not tell it.
func (c *class) guess(b release.Backend) {
	if !c.Proxy.IPTables.IsKnown() {
		c.backend = b
	}
}

// inMode is the mode in force, as far as it is known: where kube-proxy is older
// than its configuration, what is configured stands for it, as a doubt.
func (c class) inMode() (Mode, bool) {
	if c.failing {
		return "", false
	}
	return c.mode.Get()
}

// classesOf folds groups. A group some of whose kube-proxies fail, or are older
// than the configuration they read, gives a class for these nodes and one for
// the rest.
func classesOf(groups []group) []class {
	var out []class
	index := map[classKey]int{}
	add := func(c class) {
		k := c.key()
		if i, ok := index[k]; ok {
			out[i].count += c.count
			return
		}
		index[k] = len(out)
		out = append(out, c)
	}
	for i := range groups {
		g := &groups[i]
		base := class{group: g, unsure: g.mayFallBack(), outcomes: g.outcomes}
		base.backend = g.iptablesBackend()
		if len(g.reuse.Measured) > 0 { // a drill on this very kernel settles it
			base.outcomes = []reuse.Exposure{g.reuse.Exposure}
		}
		if g.Nodes == 0 { // nobody counted them: what holds of one holds of all
			base.failing, base.open = g.Proxy.Failing > 0, g.Proxy.Stale > 0
			add(base)
			continue
		}
		failing := min(g.Proxy.Failing, g.Nodes)
		stale := min(g.Proxy.Stale, g.Nodes-failing)
		for _, part := range []struct {
			nodes          int
			failing, stale bool
		}{{g.Nodes - failing - stale, false, false}, {stale, false, true}, {failing, true, false}} {
			if part.nodes > 0 {
				c := base
				c.count, c.failing, c.open = part.nodes, part.failing, part.stale
				add(c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b class) int { return cmp.Compare(b.count, a.count) })
	return out
}

// classKey holds what a decision looks at.
type classKey struct {
	mode                     Mode
	modeKnown                bool
	minor                    int
	versionKnown             bool
	nft, iptables, ipvs      tri
	kernelKnown              bool
	kernelRow, outcomes      string
	exposure                 reuse.Exposure
	backend                  release.Backend
	told                     bool // the backend
	live, lags               bool
	open, unsure, failing    bool
	inForce, router, proxied bool
}

func (c class) key() classKey {
	v, k := c.version.Value, c.kernel
	return classKey{
		mode: c.mode.Value, modeKnown: c.mode.IsKnown(),
		minor: v.Minor, versionKnown: c.version.IsKnown(),
		nft: c.can(NFTables), iptables: c.can(IPTables), ipvs: c.can(IPVS),
		kernelKnown: k.IsKnown(), kernelRow: c.reuse.RowID, exposure: c.reuse.Exposure, outcomes: fmt.Sprint(c.outcomes),
		live: len(c.Proxy.Sysctls) > 0, backend: c.backend, told: c.Proxy.IPTables.IsKnown(), lags: lagging(c.group),
		open: c.open, unsure: c.unsure, failing: c.failing,
		inForce: c.inForce, router: c.router, proxied: c.runs != no,
	}
}

// over folds a question over classes: no beats unclear beats yes; none at all is
// unclear.
func over(classes []class, ask func(class) tri) tri {
	answer := yes
	if len(classes) == 0 {
		answer = unclear
	}
	for _, c := range classes {
		switch ask(c) {
		case no:
			return no
		case unclear:
			answer = unclear
		}
	}
	return answer
}

// where returns the classes for which a question is answered with yes.
func where(classes []class, ask func(class) bool) []class {
	var out []class
	for _, c := range classes {
		if ask(c) {
			out = append(out, c)
		}
	}
	return out
}

// nodesIn sums the nodes of classes; 0 where nobody counted them.
func nodesIn(classes []class) int {
	n := 0
	for _, c := range classes {
		n += c.count
	}
	return n
}
