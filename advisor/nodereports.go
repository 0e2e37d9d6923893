package advisor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// WithReports puts what nodes say of themselves in the place of what the API says of
// them. A report belongs to the node of its name. It speaks for that node alone: where it
// tells what the API does not, or something else, the node leaves its group for one of
// nodes of which the same is known. Where no names are known, as in most snapshots, it is
// of one node of the only group with its kernel; and where no node was read at all, the
// reports are all there is.
//
// said has a sentence for each report that could not be placed, which is kept and decides
// nothing. The facts given are not touched.
func WithReports(f Facts, reports []NodeReport) (with Facts, said []string) {
	if len(reports) == 0 {
		return f, nil
	}
	f.Groups, f.NodeReports = slices.Clone(f.Groups), slices.Clone(f.NodeReports)
	p := placing{facts: f, names: namesKnown(f), of: map[int][]NodeReport{}}
	for _, r := range lastOfEach(reports, &said) {
		r.Node = plain.Text(r.Node)
		if why := p.place(&r); why != "" {
			said = append(said, why)
		}
		f.NodeReports = append(f.NodeReports, r)
	}
	f.Groups = sortGroups(append(groupsAlone(p.alone), regrouped(f.Groups, p.of)...))
	slices.SortStableFunc(f.Groups, func(a, b NodeGroup) int { return boolOf(a.OS == "windows") - boolOf(b.OS == "windows") })
	slices.SortStableFunc(f.NodeReports, func(a, b NodeReport) int { return strings.Compare(a.Node, b.Node) })
	return f, said
}

// regrouped are groups with the nodes of reports, by the index of their group, where they
// belong. A group that nobody counted stays: there may be more nodes than those of reports.
func regrouped(groups []NodeGroup, of map[int][]NodeReport) []NodeGroup {
	var out []NodeGroup
	for i, g := range groups {
		counted := g.Nodes > 0
		taken := g.takeOut(of[i])
		if len(taken) == 0 || g.Nodes > 0 || !counted {
			out = append(out, g)
		}
		out = append(out, taken...)
	}
	return out
}

func boolOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lastOfEach keeps the last report of each node: it is the newest, or what somebody gave
// last.
func lastOfEach(reports []NodeReport, said *[]string) []NodeReport {
	var out []NodeReport
	at := map[string]int{}
	for _, r := range reports {
		i, known := at[r.Node]
		if !known || r.Node == "" {
			at[r.Node] = len(out)
			out = append(out, r)
			continue
		}
		out[i] = r
		*said = append(*said, fmt.Sprintf("There are several reports of node %s; the last one is taken.", plain.Text(r.Node)))
	}
	return out
}

// placing finds the groups of reports.
type placing struct {
	facts Facts
	names nodeNames
	of    map[int][]NodeReport // by the index of their group
	alone []NodeReport         // where there is no group
}

// place enters a report where it belongs, under the name that the API has for its node.
// why is a sentence where it belongs nowhere.
func (p *placing) place(r *NodeReport) (why string) {
	if len(p.facts.Groups) == 0 {
		r.Placed = true
		p.alone = append(p.alone, *r)
		return ""
	}
	called := "a node without a name"
	if r.Node != "" {
		called = r.Node
	}
	member, i, found := p.names.find(r.Node)
	switch {
	case found == 1 && p.names.taken[member]:
		return fmt.Sprintf("The report of %s is of a node of which there is another one, and is not used.", called)
	case found == 1:
		p.names.taken[member] = true
		r.Node = member
	case found > 1:
		return fmt.Sprintf("The report of %s could be of several nodes of that name, and is not used.", called)
	case p.names.all:
		return fmt.Sprintf("The report of %s is of no node of this cluster, and is not used.", called)
	default:
		if i, why = p.byKernel(*r, called); why != "" {
			return why
		}
	}
	r.Placed = true
	p.of[i] = append(p.of[i], *r)
	return ""
}

// byKernel is the only group that a report of a node without a known name can be of.
func (p *placing) byKernel(r NodeReport, called string) (index int, why string) {
	var fits []int
	for i, g := range p.facts.Groups {
		if g.OS != "windows" && g.Managed == "" && (g.Kernel == "" || !r.Kernel.IsKnown() || release.SameKernel(g.Kernel, r.Kernel.Value)) &&
			(g.Nodes == 0 || len(p.of[i]) < g.Nodes) {
			fits = append(fits, i)
		}
	}
	switch len(fits) {
	case 1:
		return fits[0], ""
	case 0:
		return 0, fmt.Sprintf("The report of %s fits no node group of this cluster, and is not used.", called)
	}
	return 0, fmt.Sprintf("The report of %s could be of any of %s, and is not used: names of nodes are not known here.", called, plain.Count(len(fits), "node group"))
}

// nodeNames are the names of nodes that are known, in lower case.
type nodeNames struct {
	all     bool // every node's
	group   map[string]int
	byHost  map[string][]string // names by what stands before their first dot
	taken   map[string]bool
	spelled map[string]string
}

func namesKnown(f Facts) nodeNames {
	n := nodeNames{all: true, group: map[string]int{}, byHost: map[string][]string{}, taken: map[string]bool{}, spelled: map[string]string{}}
	for i, g := range f.Groups {
		names := g.Members
		if len(names) == 0 {
			names, n.all = g.NodeNames, n.all && g.OS == "windows"
		}
		for _, name := range names {
			low := strings.ToLower(name)
			n.group[low], n.spelled[low] = i, name
			host, _, _ := strings.Cut(low, ".")
			n.byHost[host] = append(n.byHost[host], low)
		}
	}
	return n
}

// find returns the node that goes by a name, its group, and how many there are. A host and
// its Node are often called alike but for the domain, which one of them lacks.
func (n nodeNames) find(name string) (member string, group, found int) {
	low := strings.ToLower(name)
	if i, exact := n.group[low]; exact && low != "" {
		return n.spelled[low], i, 1
	}
	host, domain, _ := strings.Cut(low, ".")
	if host == "" || strings.Trim(host, "0123456789") == "" { // an address
		return "", 0, 0
	}
	for _, other := range n.byHost[host] {
		if domain == "" || other == host {
			member, group, found = n.spelled[other], n.group[other], found+1
		}
	}
	return member, group, found
}

// takeOut takes the nodes of reports out of their group, as far as they are not like the
// rest of it, and returns them as groups. Those that are alike are counted in the group;
// but in one that nobody counted, sysctls of a part would pass for those of all.
func (g *NodeGroup) takeOut(reports []NodeReport) []NodeGroup {
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
		of[i] = append(of[i], r)
		if slices.Contains(base.Members, r.Node) {
			out[i].Members = append(out[i].Members, r.Node)
		}
		if len(base.NodeNames) > 0 && len(out[i].NodeNames) < maxNodeNames && r.Node != "" {
			out[i].NodeNames = append(out[i].NodeNames, r.Node)
		}
	}
	for i := range out {
		slices.Sort(out[i].Members)
		out[i].heard(of[i])
		g.without(out[i])
	}
	g.heard(stay)
	return out
}

// maxNodeNames is how many names a group keeps as examples.
const maxNodeNames = 3

// without takes nodes out of a group.
func (g *NodeGroup) without(out NodeGroup) {
	isOut := func(n string) bool { return slices.Contains(out.Members, n) }
	g.Nodes = max(0, g.Nodes-out.Nodes) // 0 where nobody counted them
	g.Members = slices.DeleteFunc(slices.Clone(g.Members), isOut)
	g.NodeNames = slices.DeleteFunc(slices.Clone(g.NodeNames), isOut)
	g.Proxy.Stale, g.Proxy.Failing = min(g.Proxy.Stale, g.Nodes), min(g.Proxy.Failing, g.Nodes)
	g.Proxy.SysctlNodes = min(g.Proxy.SysctlNodes, g.Nodes)
}

// heard counts the reports of nodes of a group, and enters their live sysctls.
func (g *NodeGroup) heard(reports []NodeReport) {
	var live []reuse.SysctlReading
	for _, r := range reports {
		g.Proxy.Reports++
		if r.Mode.IsKnown() {
			g.Proxy.Proved++
		}
		if len(r.Sysctls)+len(r.SysctlDoubts) > 0 {
			name := cmp.Or(r.Node, fmt.Sprintf("report %d", len(live)+1))
			live = append(live, reuse.SysctlReading{Node: name, Kernel: r.Kernel.Or(""), Values: r.Sysctls, Doubts: r.SysctlDoubts})
		}
	}
	if len(live) > 0 {
		g.Proxy.merge(*g, live)
		if len(g.Proxy.Sysctls) == 0 {
			g.Proxy.Sysctls, g.Proxy.SysctlNodes = nil, 0
		}
	}
}

// alike reports that two groups would be one: nothing that bears on the advice is known
// of one and not of the other. Where it is from may differ.
func (g NodeGroup) alike(o NodeGroup) bool {
	a, b := g.Proxy, o.Proxy
	return g.Kernel == o.Kernel && g.Spared == o.Spared && sameFact(a.Implementation, b.Implementation) && sameFact(a.Mode, b.Mode) &&
		sameFact(a.Version, b.Version) && sameFact(a.Beside, b.Beside) && a.Defaulted == b.Defaulted &&
		a.Stale == b.Stale && a.Failing == b.Failing && slices.Equal(a.Differs, b.Differs) &&
		sameFact(a.Config.MinSyncPeriod, b.Config.MinSyncPeriod) && sameFact(a.Config.Scheduler, b.Config.Scheduler) &&
		sameFact(a.Config.TCPBeLiberal, b.Config.TCPBeLiberal) && sameFact(a.Config.StrictARP, b.Config.StrictARP)
}

func sameFact[T comparable](a, b Fact[T]) bool { return a.State == b.State && a.Value == b.Value }

// says is a node group of one node as its report has it, for what it does not tell as the
// API has it.
func (g *NodeGroup) says(r NodeReport) NodeGroup {
	out := *g
	p := &out.Proxy
	p.Evidence, p.Differs = slices.Clone(p.Evidence), slices.Clone(p.Differs)
	if k, known := r.Kernel.Get(); known && k != out.Kernel {
		if out.Kernel != "" && !release.SameKernel(out.Kernel, k) {
			p.Differs = append(p.Differs, Difference{DiffersKernel, out.Kernel, k})
		}
		if !release.SameKernel(out.Kernel, k) || len(k) > len(out.Kernel) { // it names the stable release as well
			out.Kernel = k
		}
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
		p.Differs = append(p.Differs, Difference{DiffersMode, api, string(mode)})
		for i := range p.Evidence {
			p.Evidence[i].Conflict = true
		}
	}
	if !known || api != string(mode) {
		p.Implementation = KnownFrom(KubeProxy, from.Source)
		p.Mode, p.Defaulted = from, false
		p.Evidence = append([]Evidence{{Source: from.Source, Says: string(mode)}}, p.Evidence...)
	}
	p.Stale, p.Failing, p.FailingWhy, g.Spared = 0, 0, "", ""
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
		p.Differs = append(p.Differs, Difference{DiffersVersion, was, now})
	}
	p.Version = v
}

// heardConfig enters what kube-proxy says of its settings.
func (p *Proxy) heardConfig(c ProxyConfig) {
	if was, is := p.Config.MinSyncPeriod, c.MinSyncPeriod; is.IsKnown() && was.IsKnown() && was.Value != is.Value {
		p.Differs = append(p.Differs, Difference{DiffersMinSync, was.Value.String(), is.Value.String()})
	}
	if was, is := p.Config.Scheduler, c.Scheduler; is.IsKnown() && was.IsKnown() && cmp.Or(was.Value, "rr") != cmp.Or(is.Value, "rr") {
		p.Differs = append(p.Differs, Difference{DiffersScheduler, cmp.Or(was.Value, "rr"), cmp.Or(is.Value, "rr")})
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

// groupsAlone are the groups of reports where nothing else is known of any node.
func groupsAlone(reports []NodeReport) []NodeGroup {
	if len(reports) == 0 {
		return nil
	}
	return regrouped([]NodeGroup{{Nodes: len(reports), OS: "linux"}}, map[int][]NodeReport{0: reports})
}
