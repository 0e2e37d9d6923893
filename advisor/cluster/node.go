package cluster

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/evidence"
)

// kind is what nodes of a group have in common, beside their proxy.
type kind struct{ os, arch, image, kernel, kubelet string }

// nodes holds what matters of each Node. Nodes of one kind share its strings.
type nodes struct {
	kinds map[kind]kind
	names []string
	of    map[string]kind // by name
	signs []evidence.NodeSign
}

func (n *nodes) add(o *corev1.Node) {
	info := &o.Status.NodeInfo
	k := kind{os: info.OperatingSystem, arch: info.Architecture, image: info.OSImage, kernel: info.KernelVersion, kubelet: info.KubeletVersion}
	if known, ok := n.kinds[k]; ok {
		k = known
	} else {
		n.kinds[k] = k
	}
	n.names = append(n.names, o.Name)
	n.of[o.Name] = k
	n.signs = append(n.signs, evidence.ReduceNode(o))
}

// nodes reads the Nodes and shows their groups, the proxies still unknown.
func (s *Survey) nodes(ctx context.Context) (*nodes, error) {
	n := &nodes{kinds: map[kind]kind{}, of: map[string]kind{}}
	err := collect(ctx, s, resource("Nodes", "", "v1", "", "nodes"), 0, "kernels, versions and the proxy of each node",
		func(o *corev1.Node) { n.add(o) })
	groups := n.group(n.names, nil, false)
	s.publish(func(f *advisor.Facts) {
		f.Groups = groups
		f.Nodes = advisor.KnownFrom(len(n.names), "Nodes")
		if err != nil {
			f.Nodes = partial[int](err)
		}
	})
	return n, err
}

// maxExamples is how many names of nodes a group keeps.
const maxExamples = 3

// group puts nodes alike together, given the proxy on each, in the order that
// Facts.Groups promises, with a few names as examples if asked for. Names that no Node was read for have an empty kind.
func (n *nodes) group(names []string, proxies map[string]advisor.Proxy, withNames bool) []advisor.NodeGroup {
	var groups []advisor.NodeGroup
	var stale []int            // by group; apart, because a group is known by its proxy
	places := map[kind][]int{} // the groups of a kind
	for _, name := range names {
		k, proxy := n.of[name], proxies[name]
		nodeStale := proxy.Stale
		proxy.Stale = 0
		at := -1
		for _, i := range places[k] {
			if reflect.DeepEqual(groups[i].Proxy, proxy) {
				at = i
			}
		}
		if at < 0 {
			at = len(groups)
			places[k] = append(places[k], at)
			groups = append(groups, advisor.NodeGroup{OS: k.os, Arch: k.arch, OSImage: k.image, Kernel: k.kernel, Kubelet: k.kubelet, Proxy: proxy})
			stale = append(stale, 0)
		}
		groups[at].Nodes++
		groups[at].Members = append(groups[at].Members, name)
		stale[at] += nodeStale
		if withNames && len(groups[at].NodeNames) < maxExamples {
			groups[at].NodeNames = append(groups[at].NodeNames, name)
		}
	}
	for i := range groups {
		groups[i].Proxy.Stale = stale[i]
		slices.Sort(groups[i].Members)
	}
	cleaned := advisor.Facts{Groups: groups}
	cleanFacts(&cleaned)
	sortGroups(groups)
	return groups
}

// sortGroups puts Linux first, then most nodes, then orders by text.
func sortGroups(groups []advisor.NodeGroup) {
	windows := func(g advisor.NodeGroup) int { return count(g.OS == "windows") }
	slices.SortStableFunc(groups, func(a, b advisor.NodeGroup) int {
		return cmp.Or(
			cmp.Compare(windows(a), windows(b)),
			cmp.Compare(b.Nodes, a.Nodes),
			cmp.Compare(groupText(a), groupText(b)))
	})
}

// groupText tells two groups apart.
func groupText(g advisor.NodeGroup) string {
	return fmt.Sprintf("%s %s %s %s %s %v", g.OS, g.Kernel, g.OSImage, g.Kubelet, g.Arch, g.Proxy)
}
