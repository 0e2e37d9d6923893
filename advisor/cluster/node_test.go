package cluster

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/advisor"
)

func newNodes(list ...*corev1.Node) *nodes {
	n := &nodes{kinds: map[kind]kind{}, of: map[string]kind{}}
	for _, o := range list {
		n.add(o)
	}
	return n
}

// TestGroups: nodes alike are one group, whatever differs makes another, Windows
// comes last, and the order of the nodes does not matter.
func TestGroups(t *testing.T) {
	var list []*corev1.Node
	for i := range 3 {
		list = append(list, nodeNamed(fmt.Sprintf("a%d", i), "5.15.0-105-generic"), nodeNamed(fmt.Sprintf("b%d", i), "5.15.0-105-generic"))
	}
	list = append(list, nodeNamed("old", "5.4.0-150-generic"))
	arm := nodeNamed("arm", "5.15.0-105-generic")
	arm.Status.NodeInfo.Architecture = "arm64"
	list = append(list, arm)
	for i := range 10 {
		w := nodeNamed(fmt.Sprintf("w%d", i), "10.0.20348.2322")
		w.Status.NodeInfo.OperatingSystem = "windows"
		list = append(list, w)
	}
	iptables := advisor.Proxy{Mode: advisor.KnownFrom(advisor.IPTables, "a"), Evidence: []advisor.Evidence{{Source: "a", Says: "iptables"}}}
	ipvs := advisor.Proxy{Mode: advisor.KnownFrom(advisor.IPVS, "b")}
	proxies := map[string]advisor.Proxy{}
	for i := range 3 {
		proxies[fmt.Sprintf("a%d", i)] = iptables
		stale := ipvs
		stale.Stale = i % 2
		proxies[fmt.Sprintf("b%d", i)] = stale
	}
	var want []advisor.NodeGroup
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		n := newNodes(list...)
		got := n.group(n.names, proxies, false)
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("the order of nodes matters:\n%+v\n%+v", got, want)
		}
	}
	type row struct {
		os, arch, kernel string
		mode             advisor.Mode
		nodes, stale     int
	}
	rows := map[row]bool{}
	for i, g := range want {
		rows[row{g.OS, g.Arch, g.Kernel, g.Proxy.Mode.Value, g.Nodes, g.Proxy.Stale}] = true
		if i > 0 && g.OS == "linux" && (want[i-1].OS != "linux" || want[i-1].Nodes < g.Nodes) {
			t.Errorf("group %d is out of order: %+v", i, want)
		}
	}
	if wanted := map[row]bool{
		{"linux", "amd64", "5.15.0-105-generic", advisor.IPTables, 3, 0}: true,
		{"linux", "amd64", "5.15.0-105-generic", advisor.IPVS, 3, 1}:     true,
		{"linux", "amd64", "5.4.0-150-generic", "", 1, 0}:                true,
		{"linux", "arm64", "5.15.0-105-generic", "", 1, 0}:               true,
		{"windows", "amd64", "10.0.20348.2322", "", 10, 0}:               true,
	}; !reflect.DeepEqual(rows, wanted) {
		t.Errorf("groups %+v, want %+v", rows, wanted)
	}
}

// TestGroupNames keeps three names of each group, and none unless asked.
func TestGroupNames(t *testing.T) {
	n := newNodes(nodeNamed("a", "5.15"), nodeNamed("b", "5.15"), nodeNamed("c", "5.15"), nodeNamed("d", "5.15"))
	if got := n.group(n.names, nil, true)[0].NodeNames; !reflect.DeepEqual(got, []string{"a", "b", "c"}) {
		t.Errorf("names %v", got)
	}
	if got := n.group(n.names, nil, false)[0].NodeNames; got != nil {
		t.Errorf("names %v, want none", got)
	}
}
