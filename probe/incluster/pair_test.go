package incluster

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// node is a fit node of a small cluster, changed as said.
func node(name, mode string, change ...func(*jobs.Node)) jobs.Node {
	n := jobs.Node{Name: name, Mode: mode, Proxy: "v1.34.1", Kernel: "6.8.0", Kubelet: "v1.34.1", OS: "linux", Arch: "amd64", InstanceType: "m5.large", Zone: "z1"}
	for _, c := range change {
		c(&n)
	}
	return n
}

func TestPick(t *testing.T) {
	kernel := func(k string) func(*jobs.Node) { return func(n *jobs.Node) { n.Kernel = k } }
	zone := func(z string) func(*jobs.Node) { return func(n *jobs.Node) { n.Zone = z } }
	kind := func(i string) func(*jobs.Node) { return func(n *jobs.Node) { n.InstanceType = i } }
	unfit := func(why string) func(*jobs.Node) { return func(n *jobs.Node) { n.Unfit = why } }
	taint := func(t string) func(*jobs.Node) { return func(n *jobs.Node) { n.Taints = []string{t} } }
	for _, c := range []struct {
		name   string
		nodes  []jobs.Node
		want   Want
		a, b   string // names with commas
		differ string
		fail   string
	}{
		{name: "two that differ in the mode alone", nodes: []jobs.Node{node("n1", "nftables"), node("n2", "iptables")}, a: "n2", b: "n1"},
		{name: "not in the kernel", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "nftables", kernel("5.15"))}, fail: "n1 and n2 in kernel: 6.8.0 and 5.15"},
		{name: "not in the instance type", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "nftables", kind("m5.xlarge"))}, fail: "in instance type: m5.large and m5.xlarge"},
		{name: "the nearest is named", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "nftables", kernel("5.15"), kind("x")), node("n3", "nftables", kernel("5.15"))}, fail: "n1 and n3"},
		{name: "the largest family", nodes: []jobs.Node{
			node("a1", "iptables"), node("a2", "nftables"),
			node("b1", "iptables", kernel("6.1")), node("b2", "iptables", kernel("6.1")), node("b3", "nftables", kernel("6.1")), node("b4", "nftables", kernel("6.1")),
		}, want: Want{Each: 2}, a: "b1,b2", b: "b3,b4"},
		{name: "two of each where there are", nodes: []jobs.Node{node("a1", "iptables"), node("a2", "iptables"), node("a3", "iptables"), node("b1", "nftables"), node("b2", "nftables")}, a: "a1,a2", b: "b1,b2"},
		{name: "one of each if one is wanted", nodes: []jobs.Node{node("a1", "iptables"), node("a2", "iptables"), node("b1", "nftables"), node("b2", "nftables")}, want: Want{Each: 1}, a: "a1", b: "b1"},
		{name: "iptables and nftables before IPVS", nodes: []jobs.Node{node("n1", "ipvs"), node("n2", "nftables"), node("n3", "iptables")}, a: "n3", b: "n2"},
		{name: "modes that are wanted", nodes: []jobs.Node{node("n1", "ipvs"), node("n2", "nftables"), node("n3", "iptables")}, want: Want{ModeA: "ipvs", ModeB: "iptables"}, a: "n1", b: "n3"},
		{name: "one mode that is wanted", nodes: []jobs.Node{node("n1", "ipvs"), node("n2", "nftables"), node("n3", "iptables")}, want: Want{ModeA: "ipvs"}, a: "n1", b: "n3"},
		{name: "from one zone", nodes: []jobs.Node{node("n1", "iptables", zone("z1")), node("n2", "iptables", zone("z2")), node("n3", "nftables", zone("z2"))}, a: "n2", b: "n3"},
		{name: "no zone in common", nodes: []jobs.Node{node("n1", "iptables", zone("z1")), node("n3", "nftables", zone("z2"))}, a: "n1", b: "n3"},
		{name: "not one that takes no pods", nodes: []jobs.Node{node("n1", "iptables", unfit("it is cordoned")), node("n2", "iptables"), node("n3", "nftables")}, a: "n2", b: "n3"},
		{name: "not one with a taint", nodes: []jobs.Node{node("n1", "iptables", taint("x=y:NoSchedule")), node("n3", "nftables")}, fail: "Fewer than two nodes take pods (n1: taint x=y:NoSchedule)"},
		{name: "unless it is tolerated", nodes: []jobs.Node{node("n1", "iptables", taint("x=y:NoSchedule")), node("n3", "nftables")}, want: Want{Tolerate: []jobs.Toleration{{Key: "x"}}}, a: "n1", b: "n3"},
		{name: "all run one mode", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "iptables")}, fail: "All nodes run iptables."},
		{name: "some cannot be seen", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "")}, fail: "visible run iptables; of 1 it is not visible"},
		{name: "no mode is visible", nodes: []jobs.Node{node("n1", ""), node("n2", "")}, fail: "On no node is the kube-proxy mode visible"},
		{name: "one node", nodes: []jobs.Node{node("n1", "iptables")}, fail: "fewer than two nodes"},
		{name: "none", fail: "No node could be read"},
		{name: "too many wanted", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "nftables")}, want: Want{Each: 2}, fail: "There are not 2 nodes"},

		{name: "named", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "nftables", kernel("5.15"))}, want: Want{NodeA: "n1", NodeB: "n2"}, a: "n1", b: "n2", differ: "kernel: 6.8.0 and 5.15"},
		{name: "named, the same mode", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "iptables")}, want: Want{NodeA: "n1", NodeB: "n2"}, a: "n1", b: "n2", differ: "both run iptables"},
		{name: "named, with the mode that nobody sees", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "")}, want: Want{NodeA: "n1", NodeB: "n2", ModeB: "nftables"}, a: "n1", b: "n2"},
		{name: "named, one that is not there", nodes: []jobs.Node{node("n1", "iptables")}, want: Want{NodeA: "n1", NodeB: "n2"}, fail: "There is no node n2"},
		{name: "named, one that takes no pod", nodes: []jobs.Node{node("n1", "iptables"), node("n2", "nftables", unfit("it is cordoned"))}, want: Want{NodeA: "n1", NodeB: "n2"}, fail: "Node n2 takes no pod: it is cordoned"},
		{name: "named, the same twice", nodes: []jobs.Node{node("n1", "iptables")}, want: Want{NodeA: "n1", NodeB: "n1"}, fail: "Two different nodes"},
		{name: "named, one alone", nodes: []jobs.Node{node("n1", "iptables")}, want: Want{NodeA: "n1"}, fail: "Two different nodes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Pick(c.nodes, c.want)
			if c.fail != "" {
				var none *plain.Error
				if !errors.As(err, &none) || !strings.Contains(none.Sentence, c.fail) || none.Remedy == "" {
					t.Errorf("error %+v, want one with %q", err, c.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a, b := strings.Join(p.A.Names(), ","), strings.Join(p.B.Names(), ","); a != c.a || b != c.b || p.Why == "" {
				t.Errorf("%s and %s, want %s and %s (%s)", a, b, c.a, c.b, p.Why)
			}
			if differ := strings.Join(p.Differ, "; "); (differ == "") != (c.differ == "") || !strings.Contains(differ, c.differ) {
				t.Errorf("they differ in %q, want %q", differ, c.differ)
			}
			if p.A.Name != "A" || p.A.Mode != p.A.Nodes[0].Mode || p.B.Mode != p.B.Nodes[0].Mode {
				t.Errorf("%+v", p)
			}
			slices.Reverse(c.nodes)
			again, err := Pick(c.nodes, c.want)
			if err != nil || !slices.Equal(again.A.Names(), p.A.Names()) || !slices.Equal(again.B.Names(), p.B.Names()) {
				t.Errorf("in another order it picks %v and %v (%v)", again.A.Names(), again.B.Names(), err)
			}
		})
	}
}
