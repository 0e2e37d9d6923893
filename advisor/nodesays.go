package advisor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
)

// takeOut takes the nodes of reports out of their group, as far as they are not like the
// rest of it, and returns them as groups. Those that are alike are counted in the group;
// but in one that nobody counted, sysctls of a part would pass for those of all.
// nameless: earlier reports of the group may be of the same nodes.
func (g *NodeGroup) takeOut(reports []NodeReport, nameless bool) []NodeGroup {
	base := *g
	var out []NodeGroup
	of := [][]NodeReport{}
	var stay []NodeReport
	for _, r := range reports {
		said := base.says(r)
		if said.alike(base) && (base.Nodes > 0 || len(r.Sysctls)+len(r.SysctlDoubts) == 0) {
			stay = append(stay, r)
			continue
		}
		i := slices.IndexFunc(out, said.alike)
		if i < 0 {
			said.Nodes, said.Members, said.NodeNames = 0, nil, nil
			i, out, of = len(out), append(out, said), append(of, nil)
		}
		out[i].Nodes++
		of[i] = append(of[i], base.withSysctls(r))
		if slices.Contains(base.Members, r.Node) {
			out[i].Members = append(out[i].Members, r.Node)
		}
		if len(base.NodeNames) > 0 && len(out[i].NodeNames) < maxNodeNames && r.Node != "" {
			out[i].NodeNames = append(out[i].NodeNames, r.Node)
		}
	}
	for i := range out {
		slices.Sort(out[i].Members)
		g.without(&out[i])
		out[i].heard(of[i], base.Proxy, false)
	}
	g.heard(stay, base.Proxy, nameless)
	return out
}

// withSysctls is a report with the sysctls of its group, if it tells none and they were
// read on that node as well.
func (g *NodeGroup) withSysctls(r NodeReport) NodeReport {
	if len(r.Sysctls)+len(r.SysctlDoubts) == 0 && (g.sysctlsRead() || slices.Contains(g.Proxy.SysctlOf, r.Node)) {
		r.Sysctls = g.Proxy.Sysctls
	}
	return r
}

// maxNodeNames is how many names a group keeps as examples.
const maxNodeNames = 3

// without takes nodes out of a group. Which of its nodes failed or were stale is not known:
// as many of those that leave as the rest has no room for.
func (g *NodeGroup) without(out *NodeGroup) {
	isOut := func(n string) bool { return slices.Contains(out.Members, n) }
	p, counted := &g.Proxy, g.Nodes > 0
	g.Nodes = max(0, g.Nodes-out.Nodes) // 0 where nobody counted them
	g.Members = slices.DeleteFunc(slices.Clone(g.Members), isOut)
	g.NodeNames = slices.DeleteFunc(slices.Clone(g.NodeNames), isOut)
	failing, stale := min(p.Failing, g.Nodes), min(p.Stale, g.Nodes)
	out.Proxy.Failing, out.Proxy.Stale = min(out.Proxy.Failing, p.Failing-failing), min(out.Proxy.Stale, p.Stale-stale)
	if out.Proxy.Failing == 0 {
		out.Proxy.FailingWhy = ""
	}
	p.Failing, p.Stale = failing, stale
	if counted {
		p.Reports, p.Proved = min(p.Reports, g.Nodes), min(p.Proved, g.Nodes)
	}
	if before := p.SysctlNodes; before > 0 { // 0: they are of the group, whoever is in it
		left := slices.DeleteFunc(slices.Clone(p.SysctlOf), isOut)
		p.SysctlNodes -= len(p.SysctlOf) - len(left)
		p.SysctlOf = left
		if counted {
			p.SysctlNodes = min(p.SysctlNodes, g.Nodes)
		}
		if p.SysctlNodes == 0 {
			p.forgetSysctls()
		}
	}
}

// heard counts the reports of nodes of a group, and enters their live sysctls and their
// programs. before is what was known; nameless: of the same nodes perhaps.
func (g *NodeGroup) heard(reports []NodeReport, before Proxy, nameless bool) {
	var live []reuse.SysctlReading
	told, proved, named := len(reports), 0, true
	for i, r := range reports {
		if r.Mode.IsKnown() {
			proved++
		}
		if len(r.Sysctls)+len(r.SysctlDoubts) > 0 {
			named = named && r.Node != ""
			name := cmp.Or(r.Node, fmt.Sprintf("report %d", i+1))
			live = append(live, reuse.SysctlReading{Node: name, Kernel: r.Kernel.Or(""), Values: r.Sysctls, Doubts: r.SysctlDoubts})
		}
	}
	p := &g.Proxy
	if nameless {
		p.Reports, p.Proved = max(p.Reports, told), max(p.Proved, proved)
	} else {
		p.Reports, p.Proved = p.Reports+told, p.Proved+proved
	}
	if len(live) > 0 {
		p.merge(*g, live)
	}
	if !named {
		p.SysctlOf = nil
	}
	if len(reports) > 0 {
		g.hearTools(reports, before)
	}
}

// forget takes a report back that a newer one of the same node replaces. Sysctls of
// several nodes stay: the worst of them is known, and not whose it is.
func (p *Proxy) forget(r NodeReport) {
	p.Reports = max(0, p.Reports-1)
	if r.Mode.IsKnown() {
		p.Proved = max(0, p.Proved-1)
	}
	if len(r.Sysctls)+len(r.SysctlDoubts) > 0 && p.SysctlNodes == 1 {
		p.forgetSysctls()
	}
}

func (p *Proxy) forgetSysctls() {
	p.Sysctls, p.SysctlNodes, p.SysctlOf, p.SysctlDoubts = nil, 0, nil, nil
}

// alike reports that two groups would be one: nothing that bears on the advice is known
// of one and not of the other. Where it is from may differ.
func (g NodeGroup) alike(o NodeGroup) bool {
	a, b := g.Proxy, o.Proxy
	return g.Kernel == o.Kernel && g.Spared == o.Spared && sameFact(a.Implementation, b.Implementation) && sameFact(a.Mode, b.Mode) &&
		sameFact(a.Version, b.Version) && sameFact(a.Beside, b.Beside) && a.Defaulted == b.Defaulted &&
		a.Stale == b.Stale && a.Failing == b.Failing && slices.Equal(a.Differs, b.Differs) && a.Config.alike(b.Config) &&
		g.iptablesBackend() == o.iptablesBackend() && g.nftAge() == o.nftAge()
}

func (c ProxyConfig) alike(o ProxyConfig) bool {
	return sameFact(c.MinSyncPeriod, o.MinSyncPeriod) && sameFact(c.Scheduler, o.Scheduler) &&
		sameFact(c.TCPBeLiberal, o.TCPBeLiberal) && sameFact(c.StrictARP, o.StrictARP) &&
		sameFact(c.DetectLocalMode, o.DetectLocalMode) && sameFact(c.MetricsOnAll, o.MetricsOnAll) &&
		sameList(c.NodePortAddresses, o.NodePortAddresses) && sameList(c.ExcludeCIDRs, o.ExcludeCIDRs)
}

func sameFact[T comparable](a, b Fact[T]) bool { return a.State == b.State && a.Value == b.Value }

func sameList(a, b Fact[[]string]) bool { return a.State == b.State && slices.Equal(a.Value, b.Value) }

// says is a node group of one node as its report has it, for what it does not tell as the
// API has it.
func (g *NodeGroup) says(r NodeReport) NodeGroup {
	out := *g
	p := &out.Proxy
	p.Evidence, p.Differs = slices.Clone(p.Evidence), slices.Clone(p.Differs)
	p.Reports, p.Proved = 0, 0
	p.forgetSysctls()
	if k, known := r.Kernel.Get(); known && k != out.Kernel {
		if out.Kernel != "" && !release.SameKernel(out.Kernel, k) {
			p.differs(DiffersKernel, out.Kernel, k)
		}
		if !release.SameKernel(out.Kernel, k) || len(k) > len(out.Kernel) { // it names the stable release as well
			out.Kernel = k
		}
	}
	if b := r.iptablesBackend(g.OSImage); b.IsKnown() {
		p.IPTables = b
	}
	if v := r.nft(g.OSImage); v.IsKnown() {
		p.NFT = v
	}
	from := r.Mode
	mode, told := from.Get()
	if !told { // what the process shows stands below what it says, and above what the API says
		from = r.Inferred
		mode, told = from.Get()
	}
	if told && g.Managed == "" {
		out.runsMode(mode, from)
	}
	if impl, known := p.Implementation.Get(); known && impl != KubeProxy || g.Managed != "" {
		return out
	}
	p.heardVersion(r.Version)
	if told {
		p.heardConfig(r.Config)
	}
	return out
}

// runsMode enters a mode that kube-proxy told itself. One that runs beside something else
// that programs Services decides nothing.
func (g *NodeGroup) runsMode(mode Mode, from Fact[Mode]) {
	p := &g.Proxy
	if impl, known := p.Implementation.Get(); known && impl != KubeProxy {
		p.Beside = from
		return
	}
	was, known := p.Mode.Get()
	api := string(was)
	if p.Implementation.State == Absent {
		known = true
	}
	if known && api != string(mode) {
		p.differs(DiffersMode, api, string(mode))
		p.Evidence = slices.DeleteFunc(p.Evidence, func(e Evidence) bool { return strings.HasPrefix(e.Source, NodeReportSource) })
		for i := range p.Evidence {
			p.Evidence[i].Conflict = p.Evidence[i].Says != string(mode)
		}
	}
	if !known || api != string(mode) {
		p.Implementation = KnownFrom(KubeProxy, from.Source)
		p.Mode, p.Defaulted = from, false
		p.Evidence = append([]Evidence{{Source: from.Source, Says: string(mode)}}, p.Evidence...)
	}
	p.Stale, p.Failing, p.FailingWhy, g.Spared = 0, 0, "", ""
}

// differs enters in what a node differs from the API; was may be what an earlier report of
// it said, which the newer one replaces.
func (p *Proxy) differs(in DifferenceOf, was, is string) {
	if i := slices.IndexFunc(p.Differs, func(d Difference) bool { return d.What == in }); i >= 0 {
		was = p.Differs[i].API
		p.Differs = slices.Delete(p.Differs, i, i+1)
	}
	if was != is {
		p.Differs = append(p.Differs, Difference{in, was, is})
	}
}

// heardVersion enters kube-proxy's own version.
func (p *Proxy) heardVersion(v Fact[string]) {
	now, told := v.Get()
	if !told {
		return
	}
	was, known := p.Version.Get()
	a, errA := release.ParseVersion(was)
	b, errB := release.ParseVersion(now)
	if errB != nil || errA == nil && a == b {
		return
	}
	if known && (errA != nil || a.HasPatch || a.Minor != b.Minor) { // not the same without its patch
		p.differs(DiffersVersion, was, now)
	}
	p.Version = v
}

// heardConfig enters what kube-proxy says of its settings.
func (p *Proxy) heardConfig(c ProxyConfig) {
	if was, is := p.Config.MinSyncPeriod, c.MinSyncPeriod; is.IsKnown() && was.IsKnown() && was.Value != is.Value {
		p.differs(DiffersMinSync, was.Value.String(), is.Value.String())
	}
	if was, is := p.Config.Scheduler, c.Scheduler; is.IsKnown() && was.IsKnown() && cmp.Or(was.Value, "rr") != cmp.Or(is.Value, "rr") {
		p.differs(DiffersScheduler, cmp.Or(was.Value, "rr"), cmp.Or(is.Value, "rr"))
	}
	heard(&p.Config.MinSyncPeriod, c.MinSyncPeriod, defaultMinSync(p.Mode.Value))
	heard(&p.Config.Scheduler, c.Scheduler, "")
	heard(&p.Config.TCPBeLiberal, c.TCPBeLiberal, false)
	heard(&p.Config.StrictARP, c.StrictARP, false)
	heard(&p.Config.DetectLocalMode, c.DetectLocalMode, "ClusterCIDR")
	heard(&p.Config.MetricsOnAll, c.MetricsOnAll, false)
	if c.NodePortAddresses.State != Unknown {
		p.Config.NodePortAddresses = c.NodePortAddresses
	}
	if c.ExcludeCIDRs.State != Unknown {
		p.Config.ExcludeCIDRs = c.ExcludeCIDRs
	}
}

// heard replaces a fact, but not one that says the same by leaving the default.
func heard[T comparable](was *Fact[T], is Fact[T], unset T) {
	if is.State == Unknown || was.State == Absent && is.IsKnown() && is.Value == unset {
		return
	}
	*was = is
}

// defaultMinSync is what kube-proxy fills in where nothing is set.
func defaultMinSync(m Mode) time.Duration {
	if m == IPVS {
		return 0
	}
	return time.Second
}
