package advisor

import (
	"strings"
	"testing"
)

// shape is a cluster of 1.34 with 3,000 Services whose node groups differ.
type shape struct {
	name        string
	version     string
	groups      []NodeGroup
	habits      []string
	mode        Mode
	action      Action
	says        []string // in the headline
	saysNot     []string
	notHigh     bool
	exposedExit bool
	firstSays   string
}

func nodesWith(n int, kernel, version string, mode Mode) NodeGroup {
	g := NodeGroup{Nodes: n, OS: "linux", Kernel: kernel, Kubelet: version, Proxy: proxyIn(mode)}
	g.Proxy.Version = KnownFrom(version, "image tag")
	return g
}

func edited(g NodeGroup, edit func(*NodeGroup)) NodeGroup {
	edit(&g)
	return g
}

func shapes() []shape {
	const lts, old, fixed = "6.8.0-45-generic", "5.4.10", "5.4.200"
	ipvs := nodesWith(3, lts, "v1.34.2", IPVS)
	ipt := nodesWith(3, lts, "v1.34.2", IPTables)
	return []shape{
		{name: "a migration half done is finished", groups: []NodeGroup{nodesWith(1, lts, "v1.34.2", NFTables), ipt}, mode: NFTables, action: Change, says: []string{"Finish", "3 nodes"}},
		{name: "also from IPVS", groups: []NodeGroup{nodesWith(1, lts, "v1.34.2", NFTables), ipvs}, mode: NFTables, action: Change, says: []string{"Finish"}},
		{name: "held by kernels: renewed, not undone", groups: []NodeGroup{nodesWith(5, lts, "v1.34.2", NFTables), nodesWith(2, fixed, "v1.34.2", IPTables)}, mode: NFTables, action: Change, says: []string{"Renew 2 nodes"}, firstSays: "kernel 5.13"},
		{name: "IPVS on old kernels: one move instead of two", groups: []NodeGroup{nodesWith(40, fixed, "v1.35.0", IPVS)}, version: "v1.35.0", mode: NFTables, action: Change, says: []string{"Renew 40 nodes", "one step"}, firstSays: "5.13"},
		{name: "IPVS refused, nothing else can run", groups: []NodeGroup{nodesWith(40, fixed, "v1.40.0", IPVS)}, version: "v1.40.0", mode: IPTables, action: Change},
		{name: "kube-proxy left behind", groups: []NodeGroup{edited(ipvs, func(g *NodeGroup) { g.Proxy.Version = KnownFrom("v1.30.9", "image tag") })}, mode: NFTables, action: Change, says: []string{"1.30"}, firstSays: "1.30"},
		{name: "leaving nodes do not hold", groups: []NodeGroup{ipvs, edited(nodesWith(2, old, "v1.34.2", IPVS), func(g *NodeGroup) { g.Leaving = "cordoned" })}, mode: NFTables, action: Change, saysNot: []string{"Renew", "iptables"}},
		{name: "nodes that nobody configures do not hold", groups: []NodeGroup{ipvs, {Nodes: 4, OS: "linux", Kernel: "5.10.219", Managed: "Fargate"}}, mode: NFTables, action: Change, saysNot: []string{"Renew"}},
		{name: "nothing but them", groups: []NodeGroup{{Nodes: 4, OS: "linux", Kernel: "5.10.219", Managed: "Fargate"}}, action: None, says: []string{"Nothing to choose", "4 Fargate nodes"}},
		{name: "one of them", groups: []NodeGroup{{Nodes: 1, OS: "linux", Managed: "virtual-kubelet"}}, action: None, says: []string{"1 virtual-kubelet node is"}},
		{name: "spared nodes do not hold", groups: []NodeGroup{ipvs, edited(nodesWith(2, old, "v1.34.2", ""), func(g *NodeGroup) { g.Spared, g.Proxy = "taint a=b", Proxy{} })}, mode: NFTables, action: Change},
		{name: "no kube-proxy runs", groups: []NodeGroup{edited(ipvs, func(g *NodeGroup) { g.Proxy.Failing, g.Proxy.FailingWhy = 3, "CrashLoopBackOff" })}, mode: NFTables, action: CannotTell, says: []string{"Repair"}, notHigh: true},
		{name: "one kube-proxy does not run", groups: []NodeGroup{edited(ipvs, func(g *NodeGroup) { g.Proxy.Failing, g.Proxy.FailingWhy = 1, "CrashLoopBackOff" })}, mode: NFTables, action: Change, notHigh: true},
		{name: "a configuration newer than the process", groups: []NodeGroup{edited(nodesWith(3, lts, "v1.34.2", NFTables), func(g *NodeGroup) { g.Proxy.Stale = 3 })}, mode: NFTables, action: Keep, says: []string{"restart"}, saysNot: []string{"Keep"}, notHigh: true},
		{name: "on one node", groups: []NodeGroup{edited(nodesWith(3, lts, "v1.34.2", NFTables), func(g *NodeGroup) { g.Proxy.Stale = 1 })}, mode: NFTables, action: Keep, notHigh: true},
		{name: "userspace ends", version: "v1.25.3", groups: []NodeGroup{nodesWith(2, lts, "v1.25.3", Userspace)}, mode: IPTables, action: Change, says: []string{"1.26"}, saysNot: []string{"cannot run"}},
		{name: "userspace ended", version: "v1.27.3", groups: []NodeGroup{nodesWith(2, lts, "v1.27.3", Userspace)}, mode: IPTables, action: Change},
		{name: "alpha runs, unsupported", version: "v1.30.3", groups: []NodeGroup{nodesWith(2, lts, "v1.30.3", NFTables)}, mode: NFTables, action: Keep, says: []string{"unsupported"}, notHigh: true},
		{name: "before 1.26 a configured IPVS is no proof", version: "v1.24.17", groups: []NodeGroup{nodesWith(4, old, "v1.24.17", IPVS)}, habits: []string{"connections", "short", "new-connections", "300", "rollouts-per-day", "10"}, mode: IPTables, action: Change, notHigh: true, exposedExit: true},
		{name: "exposed, and hardly ever hit", version: "v1.28.3", groups: []NodeGroup{nodesWith(4, old, "v1.28.3", IPVS)}, habits: []string{"connections", "keepalive", "new-connections", "1", "behind-nat", "no", "rollouts-per-day", "0"}, mode: IPVS, action: Keep, says: []string{"at leisure"}},
		{name: "exposed, and nobody said how clients connect", version: "v1.28.3", groups: []NodeGroup{nodesWith(4, old, "v1.28.3", IPVS)}, mode: IPTables, action: Change, notHigh: true, exposedExit: true},
		{name: "never newly IPVS where nftables is near", version: "v1.28.3", groups: []NodeGroup{nodesWith(4, lts, "v1.28.3", IPTables)}, habits: []string{"connections", "long"}, mode: IPTables, action: Keep, says: []string{"1.33"}},
		{name: "an unreadable corner", groups: []NodeGroup{nodesWith(3, "", "v1.34.2", IPVS)}, action: CannotTell},
	}
}

// TestComposition: the verdict of a cluster is composed from its groups.
func TestComposition(t *testing.T) {
	for _, c := range shapes() {
		version := c.version
		if version == "" {
			version = "v1.34.2"
		}
		f := groups(3_500, version, c.groups...)
		a := Decide(f, habits(c.habits...), Measured{})
		if a.Recommended != c.mode || a.Action != c.action {
			t.Errorf("%s: %q %s, want %q %s: %s", c.name, a.Recommended, a.Action, c.mode, c.action, a.Headline)
		}
		for _, s := range c.says {
			if !strings.Contains(a.Headline, s) {
				t.Errorf("%s: %q does not say %q", c.name, a.Headline, s)
			}
		}
		for _, s := range c.saysNot {
			if strings.Contains(a.Headline, s) {
				t.Errorf("%s: %q says %q", c.name, a.Headline, s)
			}
		}
		if c.notHigh && a.Confidence == High {
			t.Errorf("%s: high", c.name)
		}
		if a.Exposed() != c.exposedExit {
			t.Errorf("%s: exposed %t", c.name, a.Exposed())
		}
		if c.firstSays != "" && !strings.Contains(strings.Join(texts(a.First), " "), c.firstSays) {
			t.Errorf("%s: first %q", c.name, texts(a.First))
		}
		if len(a.Groups) != len(c.groups) {
			t.Errorf("%s: advice for %d of %d groups", c.name, len(a.Groups), len(c.groups))
		}
	}
}
