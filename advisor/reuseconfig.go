package advisor

import "slices"

// GroupConfig is a configuration that nodes have, as far as issue 81775 goes.
type GroupConfig struct {
	ReuseConfig
	Nodes int      // 0 where nobody counted them
	Of    []string // whose it is: the groups, with a condition where there is one
}

// ReuseConfigs lists what a drill must try to stand for these nodes: the mode
// of each Linux node group and, in IPVS mode, what kube-proxy of its version
// leaves on its kernel or what was read there. Configurations that are the same
// are one.
func ReuseConfigs(f Facts) []GroupConfig {
	var out []GroupConfig
	for _, g := range newSituation(f, Habits{}, Measured{}).groups {
		for _, c := range g.configs() {
			i := slices.IndexFunc(out, func(o GroupConfig) bool { return o.ReuseConfig == c.ReuseConfig })
			if i < 0 {
				out = append(out, c)
				continue
			}
			out[i].Nodes += c.Nodes
			out[i].Of = append(out[i].Of, c.Of...)
		}
	}
	return out
}

// configs are those of one group; none where something else than kube-proxy or
// kube-router programs Services.
func (g group) configs() []GroupConfig {
	name := groupName(g)
	var out []GroupConfig
	add := func(c ReuseConfig, condition string) {
		out = append(out, GroupConfig{c, g.Nodes, []string{name + condition}})
	}
	mode, known := g.mode.Get()
	switch {
	case g.router:
		mode = IPVS
	case g.runs == no:
		return nil
	case !known:
		add(ReuseConfig{Mode: IPTables}, ", if that is iptables mode")
	case mode != IPVS:
		add(ReuseConfig{Mode: mode}, "")
		return out
	}
	condition := ""
	if mode != IPVS {
		condition = ", if that is IPVS mode"
	}
	in := g.reuseInput()
	now := in.settings()
	c := ReuseConfig{Mode: IPVS, ConnReuseMode: now.reuse, Conntrack: 1}
	if now.expire {
		c.ExpireNodestConn = 1
	}
	if v, ok := liveSysctl(in.live, sysctlConntrack); ok && in.inForce && v == 0 {
		c.Conntrack = 0
	}
	if _, read := liveSysctl(in.live, sysctlReuse); !in.version.IsKnown() && !g.router && !read {
		// What this kube-proxy sets is not known: both, and expire as all since 1.11.7 set it.
		now.reuseLeft, c.ConnReuseMode, c.ExpireNodestConn = true, 1, 1
	}
	add(c, condition)
	if now.reuseLeft {
		c.ConnReuseMode = 0
		add(c, condition+", if something left conn_reuse_mode at 0")
	}
	return out
}
