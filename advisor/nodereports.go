package advisor

import (
	"fmt"
	"slices"
	"strings"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
)

// Placement is facts with reports in their places, and what is to be said of them.
type Placement struct {
	Facts    Facts
	Placed   int      // reports given now of which a node was found
	Notes    []string // sentences
	Unplaced []string // a sentence for each report that was not placed
}

// WithReports is Place, with all that is to be said in one list.
func WithReports(f Facts, reports []NodeReport) (with Facts, said []string) {
	p := Place(f, reports)
	return p.Facts, append(p.Notes, p.Unplaced...)
}

// Place puts what nodes say of themselves in the place of what the API says of
// them. A report belongs to the node of its name. It speaks for that node alone: where it
// tells what the API does not, or something else, the node leaves its group for one of
// nodes of which the same is known. Where no names are known, as in most snapshots, it is
// of one node of the only group with its kernel; and where no node was read at all, the
// reports are all there is.
//
// A report that could not be placed is kept and decides nothing. One takes the place of an
// earlier one of the same node. The facts given are not touched.
func Place(f Facts, reports []NodeReport) Placement {
	out := Placement{Facts: f}
	if len(reports) == 0 {
		return out
	}
	f.Groups = slices.Clone(f.Groups)
	p := placing{
		facts: f, names: namesKnown(f), of: map[int][]NodeReport{},
		nameless: slices.ContainsFunc(f.NodeReports, func(r NodeReport) bool { return r.Placed && r.Node == "" }),
	}
	f.NodeReports = slices.Clone(f.NodeReports)
	for _, r := range lastOfEach(reports, &out.Notes) {
		r.Node, r.Placed = plain.Text(r.Node), false
		if why := p.place(&r); why != "" {
			out.Unplaced = append(out.Unplaced, why)
		}
		if r.Placed {
			out.Placed++
			f.NodeReports = slices.DeleteFunc(f.NodeReports, func(o NodeReport) bool { return o.sameNode(r) })
		}
		f.NodeReports = append(f.NodeReports, r)
	}
	if p.nameless && out.Placed > 0 {
		out.Notes = append(out.Notes, "Reports that were kept without names may be of the same nodes as those given now.")
	}
	f.Groups = sortGroups(append(groupsAlone(p.alone), p.regrouped()...))
	slices.SortStableFunc(f.Groups, func(a, b NodeGroup) int { return boolOf(a.OS == "windows") - boolOf(b.OS == "windows") })
	slices.SortStableFunc(f.NodeReports, func(a, b NodeReport) int { return strings.Compare(a.Node, b.Node) })
	out.Facts = f
	return out
}

// sameNode reports that two reports are known to be of one node.
func (r NodeReport) sameNode(o NodeReport) bool {
	return r.Node != "" && strings.EqualFold(r.Node, o.Node)
}

// regrouped are the groups with the nodes of reports where they belong. A group that
// nobody counted stays: there may be more nodes than those of reports.
func (p *placing) regrouped() []NodeGroup {
	var out []NodeGroup
	for i, g := range p.facts.Groups {
		counted := g.Nodes > 0
		taken := g.takeOut(p.of[i], p.nameless)
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
		name := strings.ToLower(r.Node)
		i, known := at[name]
		if !known || name == "" {
			at[name] = len(out)
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
	// nameless: there are earlier reports of which nobody knows whether they are of the
	// nodes of those given now.
	nameless bool
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
	if at := p.earlier(*r); at >= 0 {
		p.facts.Groups[i].Proxy.forget(p.facts.NodeReports[at])
	}
	r.Placed = true
	p.of[i] = append(p.of[i], *r)
	return ""
}

// earlier is the index of the report of the same node that the facts hold already; below 0
// if there is none.
func (p *placing) earlier(r NodeReport) int {
	return slices.IndexFunc(p.facts.NodeReports, func(o NodeReport) bool { return o.Placed && o.sameNode(r) })
}

// byKernel is the only group that a report of a node without a known name can be of: one
// with reports already if there is an earlier one of that node.
func (p *placing) byKernel(r NodeReport, called string) (index int, why string) {
	again := p.earlier(r) >= 0
	var fits []int
	for i, g := range p.facts.Groups {
		if g.OS != "windows" && g.Managed == "" && (g.Kernel == "" || !r.Kernel.IsKnown() || release.SameKernel(g.Kernel, r.Kernel.Value)) &&
			(g.Nodes == 0 || len(p.of[i]) < g.Nodes) && (!again || g.Proxy.Reports > 0) {
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

// groupsAlone are the groups of reports where nothing else is known of any node.
func groupsAlone(reports []NodeReport) []NodeGroup {
	if len(reports) == 0 {
		return nil
	}
	p := placing{facts: Facts{Groups: []NodeGroup{{Nodes: len(reports), OS: "linux"}}}, of: map[int][]NodeReport{0: reports}}
	return p.regrouped()
}
