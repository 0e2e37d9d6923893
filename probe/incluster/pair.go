package incluster

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// Group is the nodes of one side: alike in everything, the mode included.
type Group struct {
	Name  string // "A" or "B", as in the reports
	Mode  string // empty if not known
	Nodes []jobs.Node
}

// Names lists the nodes' names.
func (g Group) Names() []string {
	var names []string
	for _, n := range g.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// Pair is two groups that can be compared.
type Pair struct {
	A, B Group
	Why  string // why these two, or what they differ in besides the mode: one sentence
	// Differ lists what A and B differ in besides the mode; a difference in times may
	// come from it. Empty for a pair that was picked and not named.
	Differ []string
}

// Groups are both sides, A first.
func (p Pair) Groups() []Group { return []Group{p.A, p.B} }

// Want says which nodes are asked for; the zero value leaves all to Pick.
type Want struct {
	NodeA, NodeB string // these two, whatever they differ in
	ModeA, ModeB string // only nodes of these modes; of the nodes that are named, their modes, where nobody sees them
	Each         int    // nodes on each side; 0 is two where there are, for two of one mode tell how much nodes differ, else one
	Tolerate     []jobs.Toleration
}

// Pick chooses the nodes: two that are named, or of all nodes two groups of which
// nothing but the mode differs, the largest such groups there are.
func Pick(nodes []jobs.Node, want Want) (Pair, error) {
	nodes = slices.Clone(nodes)
	for i := range nodes {
		nodes[i] = nodes[i].Tolerated(want.Tolerate)
	}
	slices.SortFunc(nodes, func(a, b jobs.Node) int { return cmp.Compare(a.Name, b.Name) })
	if want.NodeA != "" || want.NodeB != "" {
		return pickNamed(nodes, want)
	}
	each := []int{want.Each}
	if want.Each <= 0 {
		each = []int{2, 1}
	}
	for _, want.Each = range each {
		if best, ok := pickAlike(nodes, want); ok {
			return best, nil
		}
	}
	return Pair{}, whyNone(nodes, want)
}

// pickNamed takes the two nodes that the user names.
func pickNamed(nodes []jobs.Node, want Want) (Pair, error) {
	if want.NodeA == want.NodeB || want.NodeA == "" || want.NodeB == "" {
		return Pair{}, plain.Fail("Two different nodes are needed for a comparison.", "Name both with --node-a and --node-b, or neither.", nil)
	}
	var both [2]jobs.Node
	for i, name := range []string{want.NodeA, want.NodeB} {
		at := slices.IndexFunc(nodes, func(n jobs.Node) bool { return n.Name == name })
		if at < 0 {
			return Pair{}, plain.Fail(fmt.Sprintf("There is no node %s.", plain.Line(name, jobs.MostText)), "\"kubectl get nodes\" lists those there are.", nil)
		}
		both[i] = nodes[at]
		if mode := []string{want.ModeA, want.ModeB}[i]; mode != "" && both[i].Mode == "" {
			both[i].Mode = mode
		}
		if both[i].Unfit != "" {
			return Pair{}, plain.Fail(fmt.Sprintf("Node %s takes no pod: %s.", plain.Line(name, jobs.MostText), both[i].Unfit),
				"Name another node, or --tolerate its taint.", nil)
		}
	}
	a, b := both[0], both[1]
	p := Pair{A: Group{"A", a.Mode, []jobs.Node{a}}, B: Group{"B", b.Mode, []jobs.Node{b}}, Why: "You named these two nodes."}
	for _, d := range []struct{ differ, a, b string }{
		{"kernel: %s and %s", a.Kernel, b.Kernel},
		{"kubelet version: %s and %s", a.Kubelet, b.Kubelet},
		{"kube-proxy version: %s and %s", a.Proxy, b.Proxy},
		{"instance type: %s and %s", a.InstanceType, b.InstanceType},
		{"architecture: %s and %s", a.Arch, b.Arch},
		{"zone: %s and %s", a.Zone, b.Zone},
	} {
		if d.a != d.b {
			p.Differ = append(p.Differ, fmt.Sprintf(d.differ, orNone(d.a), orNone(d.b)))
		}
	}
	if a.Mode == b.Mode && a.Mode != "" {
		p.Differ = append(p.Differ, "nothing in the mode: both run "+a.Mode+", so this compares the nodes")
	}
	return p, nil
}

func orNone(s string) string {
	if s == "" {
		return "none known"
	}
	return s
}

// kin is what must be equal on both sides.
func kin(n jobs.Node) string {
	return strings.Join([]string{n.OS, n.Arch, n.Kernel, n.Kubelet, n.Proxy, n.InstanceType}, "\x00")
}

// modeOrder lists the modes in the order in which a pair is looked for: the
// question of most clusters is iptables or nftables.
func modeOrder() []string { return []string{"iptables", "nftables", "ipvs"} }

// pickAlike looks for the two largest groups that differ in their mode alone.
func pickAlike(nodes []jobs.Node, want Want) (Pair, bool) {
	families := map[string]map[string][]jobs.Node{} // by kin and mode
	for _, n := range nodes {
		if n.Unfit != "" || n.Mode == "" {
			continue
		}
		if families[kin(n)] == nil {
			families[kin(n)] = map[string][]jobs.Node{}
		}
		families[kin(n)][n.Mode] = append(families[kin(n)][n.Mode], n)
	}
	var best Pair
	most := 0
	var kins []string
	for kin := range families {
		kins = append(kins, kin)
	}
	slices.Sort(kins)
	for _, kin := range kins {
		for _, modes := range modePairs(want) {
			a, b := families[kin][modes[0]], families[kin][modes[1]]
			if size := min(len(a), len(b)); size >= want.Each && size > most {
				most, best = size, makePair(modes, a, b, want.Each)
			}
		}
	}
	return best, most > 0
}

// modePairs are the pairs of modes that are wanted, best first.
func modePairs(want Want) [][2]string {
	var out [][2]string
	all := modeOrder()
	for i, a := range all {
		for _, b := range all[i+1:] {
			for _, pair := range [][2]string{{a, b}, {b, a}} {
				if (want.ModeA == "" && pair[0] == a || want.ModeA == pair[0]) && (want.ModeB == "" || want.ModeB == pair[1]) {
					out = append(out, pair)
				}
			}
		}
	}
	return out
}

// makePair takes so many nodes of each, from one zone if one has enough.
func makePair(modes [2]string, a, b []jobs.Node, each int) Pair {
	zone := ""
	for _, n := range a {
		in := func(all []jobs.Node) (out []jobs.Node) {
			for _, m := range all {
				if m.Zone == n.Zone {
					out = append(out, m)
				}
			}
			return out
		}
		if inA, inB := in(a), in(b); len(inA) >= each && len(inB) >= each {
			a, b, zone = inA, inB, n.Zone
			break
		}
	}
	n := a[0]
	alike := []string{"kernel " + n.Kernel, "kubelet " + n.Kubelet}
	if n.InstanceType != "" {
		alike = append(alike, "instance type "+n.InstanceType)
	}
	if zone != "" {
		alike = append(alike, "zone "+zone)
	}
	return Pair{
		A: Group{"A", modes[0], a[:each]}, B: Group{"B", modes[1], b[:each]},
		Why: fmt.Sprintf("Alike (%s) but for the mode.", strings.Join(alike, ", ")),
	}
}

// whyNone explains why there is no pair.
func whyNone(nodes []jobs.Node, want Want) error {
	fit, modes := 0, map[string]int{}
	unfit := ""
	for _, n := range nodes {
		switch {
		case n.Unfit != "":
			unfit = fmt.Sprintf("%s: %s", n.Name, n.Unfit)
		case n.Mode != "":
			modes[n.Mode]++
			fallthrough
		default:
			fit++
		}
	}
	const name = "Name two nodes with --node-a and --node-b to compare them all the same."
	switch {
	case len(nodes) == 0:
		return plain.Fail("No node could be read.", "\"kpadvisor rbac\" prints the rights that are needed.", nil)
	case fit < 2 && unfit != "":
		return plain.Fail(fmt.Sprintf("Fewer than two nodes take pods (%s).", unfit), "--tolerate a taint, or uncordon a node.", nil)
	case fit < 2:
		return plain.Fail("The cluster has fewer than two nodes.", "Compare the modes in the lab: kpadvisor lab run.", nil)
	case len(modes) == 0:
		return plain.Fail("On no node is the kube-proxy mode visible.",
			"Name the nodes and their modes: --node-a, --node-b, --mode-a, --mode-b.", nil)
	case len(modes) == 1:
		for mode, n := range modes {
			if hidden := fit - n; hidden > 0 {
				return plain.Fail(fmt.Sprintf("All nodes whose kube-proxy mode is visible run %s; of %d it is not visible.", mode, hidden),
					"Name the nodes, and the mode that cannot be seen: --node-a, --node-b, --mode-b; \"kpadvisor rbac\" prints the rights to see it.", nil)
			}
			return plain.Fail(fmt.Sprintf("All nodes run %s.", mode),
				"Set up one node with the other mode first, see the runbook of kpadvisor audit, or compare the modes in the lab: kpadvisor lab run.", nil)
		}
	}
	if want.Each > 1 || want.ModeA != "" || want.ModeB != "" {
		return plain.Fail(fmt.Sprintf("There are not %d nodes of each mode that are wanted and alike in the rest.", want.Each),
			"Ask for fewer with --nodes, for other modes, or name two nodes with --node-a and --node-b.", nil)
	}
	a, b, differ := nearest(nodes)
	return plain.Fail(fmt.Sprintf("Nodes that differ in the mode differ in something else as well: %s and %s in %s.", a, b, differ), name, nil)
}

// nearest says what the two nodes differ in that differ in the mode and in least
// besides.
func nearest(nodes []jobs.Node) (one, other, differ string) {
	least := 100
	for _, a := range nodes {
		for _, b := range nodes {
			if a.Unfit != "" || b.Unfit != "" || a.Mode == "" || b.Mode == "" || a.Mode >= b.Mode {
				continue
			}
			p, err := pickNamed(nodes, Want{NodeA: a.Name, NodeB: b.Name})
			var no *plain.Error
			if n := len(p.Differ); !errors.As(err, &no) && n > 0 && n < least {
				least, one, other, differ = n, a.Name, b.Name, strings.Join(p.Differ, "; ")
			}
		}
	}
	return one, other, differ
}
