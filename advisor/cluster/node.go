package cluster

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/evidence"
	"kpadvisor/apiserver"
)

// kind is what nodes of a group have in common, beside their proxy.
type kind struct {
	os, arch, image, kernel, kubelet string
	standing
}

// standing is how nodes of a group stand in the cluster, without what tells them
// apart one by one: dates, and values of taints.
type standing struct{ managed, leaving, spared string }

// nodes holds what matters of each Node. Nodes of one kind share its strings.
type nodes struct {
	kinds map[kind]kind
	names []string
	of    map[string]kind // by name, without their standing
	signs []evidence.NodeSign
	at    map[netip.Addr]string // InternalIPs, and whose they are
	full  bool                  // some were left out, for there were too many kinds
}

// What is concluded of a node takes some KiB, so that these bound memory. Kubernetes is
// made for 5,000 nodes.
const (
	maxNodes = 10_000
	maxKinds = 2_000

	maxAddresses = 16 // of a node
)

func (n *nodes) add(o *corev1.Node) {
	o.Name = cut(o.Name)
	info := &o.Status.NodeInfo
	k := kind{
		os: cut(info.OperatingSystem), arch: cut(info.Architecture), image: cut(info.OSImage),
		kernel: cut(info.KernelVersion), kubelet: cut(info.KubeletVersion),
	}
	if known, ok := n.kinds[k]; ok {
		k = known
	} else if len(n.kinds) == maxKinds {
		n.full = true
		return
	} else {
		n.kinds[k] = k
	}
	n.names = append(n.names, o.Name)
	n.of[o.Name] = k
	n.signs = append(n.signs, evidence.ReduceNode(o))
	for _, a := range o.Status.Addresses[:min(len(o.Status.Addresses), maxAddresses)] {
		if ip, err := netip.ParseAddr(a.Address); err == nil && a.Type == corev1.NodeInternalIP {
			n.at[ip.Unmap()] = o.Name
		}
	}
}

// standings are what the Nodes alone say; evidence.Conclude says more.
func (n *nodes) standings(now time.Time) map[string]evidence.Standing {
	all := map[string]evidence.Standing{}
	for _, s := range n.signs {
		if standing := s.Standing(now); standing != (evidence.Standing{}) {
			all[s.Name] = standing
		}
	}
	return all
}

// nodes reads the Nodes and shows their groups, the proxies still unknown.
func (s *Survey) nodes(ctx context.Context) (*nodes, error) {
	n := &nodes{kinds: map[kind]kind{}, of: map[string]kind{}, at: map[netip.Addr]string{}}
	const hides = "kernels, versions and the proxy of each node"
	l := resource("Nodes", "", "v1", "", "nodes")
	l.Most = maxNodes
	err := collect(ctx, s, l, 0, hides, func(o *corev1.Node) { n.add(o) })
	if err == nil && n.full {
		err = fmt.Errorf("%w: more than %d kinds of nodes", apiserver.ErrFull, maxKinds)
		s.miss(l.what, err, hides, len(n.names), int(s.progress.read.Load()))
	}
	s.mu.Lock()
	s.addresses = n.at
	s.mu.Unlock()
	groups := n.group(n.names, evidence.Conclusion{Standing: n.standings(s.client.o.Now())}, false)
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

// gathering is a group while its nodes are put together, with what is kept apart
// because a group is known by its kind and its proxy.
type gathering struct {
	advisor.NodeGroup
	stale, failing int
	whys           map[string]int // why they fail
	since          time.Time      // the earliest of those not ready
	spared         string         // in full, while it is the same on all
}

// group puts nodes alike together, given what was concluded of each, in the order
// that Facts.Groups promises, with a few names as examples if asked for. Names
// that no Node was read for have an empty kind.
func (n *nodes) group(names []string, c evidence.Conclusion, withNames bool) []advisor.NodeGroup {
	var groups []*gathering
	places := map[kind][]*gathering{} // the groups of a kind
	for _, name := range names {
		k, proxy, standing := n.of[name], c.ByNode[name], c.Standing[name]
		k.standing = standingOf(standing)
		stale, failing, why := proxy.Stale, proxy.Failing, proxy.FailingWhy
		proxy.Stale, proxy.Failing, proxy.FailingWhy = 0, 0, ""
		var g *gathering
		for _, known := range places[k] {
			if reflect.DeepEqual(known.Proxy, proxy) {
				g = known
			}
		}
		if g == nil {
			g = &gathering{NodeGroup: k.group(proxy), whys: map[string]int{}, spared: standing.Spared, since: standing.Since}
			places[k] = append(places[k], g)
			groups = append(groups, g)
		}
		g.Nodes++
		g.Members = append(g.Members, name)
		g.stale, g.failing = g.stale+stale, g.failing+failing
		g.whys[why] += failing
		if standing.Since.Before(g.since) {
			g.since = standing.Since
		}
		if standing.Spared != g.spared {
			g.spared = k.spared
		}
		if withNames && len(g.NodeNames) < maxExamples {
			g.NodeNames = append(g.NodeNames, name)
		}
	}
	out := make([]advisor.NodeGroup, len(groups))
	for i, g := range groups {
		out[i] = g.done()
	}
	cleaned := advisor.Facts{Groups: out}
	cleanFacts(&cleaned)
	sortGroups(out)
	return out
}

func (k kind) group(p advisor.Proxy) advisor.NodeGroup {
	return advisor.NodeGroup{
		OS: k.os, Arch: k.arch, OSImage: k.image, Kernel: k.kernel, Kubelet: k.kubelet, Proxy: p,
		Managed: k.managed, Leaving: k.leaving, Spared: k.spared,
	}
}

// standingOf is the part of a standing that makes a group.
func standingOf(s evidence.Standing) standing {
	spared := s.Spared
	if key, effect, ok := taintIn(spared); ok {
		spared = sparedByTaint + key + ":" + effect
	}
	return standing{managed: s.Managed, leaving: s.Leaving, spared: spared}
}

// sparedByTaint begins what evidence says of a node that its taint spares.
const sparedByTaint = "its taint "

// taintIn returns the key and the effect of the taint that spares a node.
func taintIn(spared string) (key, effect string, ok bool) {
	text, ok := strings.CutPrefix(spared, sparedByTaint)
	if !ok {
		return "", "", false
	}
	text, effect, _ = strings.Cut(text, ":") // neither key nor value holds a colon
	key, _, _ = strings.Cut(text, "=")
	return key, effect, true
}

// done is the group with what was kept apart.
func (g *gathering) done() advisor.NodeGroup {
	out := g.NodeGroup
	out.Proxy.Stale, out.Proxy.Failing, out.Spared = g.stale, g.failing, g.spared
	delete(g.whys, "")
	whys := slices.SortedFunc(maps.Keys(g.whys), func(a, b string) int {
		return cmp.Or(cmp.Compare(g.whys[b], g.whys[a]), cmp.Compare(a, b))
	})
	out.Proxy.FailingWhy = strings.Join(whys[:min(len(whys), maxExamples)], ", ")
	if !g.since.IsZero() {
		out.Leaving += " since " + g.since.UTC().Format(time.DateOnly)
	}
	slices.Sort(out.Members)
	return out
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
	return fmt.Sprintf("%s %s %s %s %s %s %s %s %v",
		g.OS, g.Kernel, g.OSImage, g.Kubelet, g.Arch, g.Managed, g.Leaving, g.Spared, g.Proxy)
}
