package cluster

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/evidence"
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
	list = append(list, nodeNamed("old", "5.4.0-96-generic"))
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
		got := n.group(n.names, evidence.Conclusion{ByNode: proxies}, false)
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
		{"linux", "amd64", "5.4.0-96-generic", "", 1, 0}:                 true,
		{"linux", "arm64", "5.15.0-105-generic", "", 1, 0}:               true,
		{"windows", "amd64", "10.0.20348.2322", "", 10, 0}:               true,
	}; !reflect.DeepEqual(rows, wanted) {
		t.Errorf("groups %+v, want %+v", rows, wanted)
	}
}

// TestGroupNames keeps three names of each group, and none unless asked.
func TestGroupNames(t *testing.T) {
	n := newNodes(nodeNamed("a", "5.15"), nodeNamed("b", "5.15"), nodeNamed("c", "5.15"), nodeNamed("d", "5.15"))
	if got := n.group(n.names, evidence.Conclusion{}, true)[0].NodeNames; !reflect.DeepEqual(got, []string{"a", "b", "c"}) {
		t.Errorf("names %v", got)
	}
	if got := n.group(n.names, evidence.Conclusion{}, false)[0].NodeNames; got != nil {
		t.Errorf("names %v, want none", got)
	}
}

// TestGroupsApart: nodes that do not decide are groups of their own, alike ones
// one group each, and what differs node by node does not multiply them.
func TestGroupsApart(t *testing.T) {
	const kernel = "6.8.0-48-generic"
	with := func(name string, change func(*corev1.Node)) *corev1.Node {
		o := nodeNamed(name, kernel)
		change(o)
		return o
	}
	unready := func(ago time.Duration) func(*corev1.Node) {
		return func(o *corev1.Node) {
			o.Status.Conditions = []corev1.NodeCondition{{
				Type: corev1.NodeReady, Status: corev1.ConditionUnknown, LastTransitionTime: metav1.NewTime(epoch.Add(-ago)),
			}}
		}
	}
	day := 24 * time.Hour
	n := newNodes(
		nodeNamed("n1", kernel), nodeNamed("n2", kernel), with("n3", unready(10*time.Minute)),
		with("old1", unready(3*day)), with("old2", unready(40*day)),
		with("c1", func(o *corev1.Node) { o.Spec.Unschedulable = true }),
		with("f1", func(o *corev1.Node) { o.Labels = map[string]string{"eks.amazonaws.com/compute-type": "fargate"} }),
	)
	c := evidence.Conclusion{Standing: n.standings(epoch), ByNode: map[string]advisor.Proxy{
		"n1": {Failing: 1, FailingWhy: "CrashLoopBackOff"}, "n2": {}, "n3": {Failing: 1, FailingWhy: "not ready"},
	}}
	got := map[string]int{}
	for _, g := range n.group(n.names, c, true) {
		got[strings.Join([]string{g.Managed, g.Leaving, g.Spared, g.Proxy.FailingWhy}, "|")] = g.Nodes
		if len(g.NodeNames) != g.Nodes {
			t.Errorf("names %v of %d nodes", g.NodeNames, g.Nodes)
		}
	}
	want := map[string]int{
		"|||CrashLoopBackOff, not ready": 3, "|NotReady since " + epoch.Add(-40*day).Format(time.DateOnly) + "||": 2,
		"|cordoned||": 1, "Fargate|||": 1,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	first := n.group(n.names, c, false)[0]
	if first.Proxy.Failing != 2 {
		t.Errorf("%d nodes fail, want 2", first.Proxy.Failing)
	}
}

// TestSparedGroups: the value of a taint may be another on every node.
func TestSparedGroups(t *testing.T) {
	n := newNodes(nodeNamed("a", "6.8"), nodeNamed("b", "6.8"), nodeNamed("c", "6.8"))
	spared := func(text string) evidence.Standing { return evidence.Standing{Spared: text} }
	for want, of := range map[string][3]string{
		"its taint dedicated=db:NoSchedule": {"its taint dedicated=db:NoSchedule", "its taint dedicated=db:NoSchedule", "its taint dedicated=db:NoSchedule"},
		"its taint dedicated:NoSchedule":    {"its taint dedicated=x:NoSchedule", "its taint dedicated=y:NoSchedule", "its taint dedicated=x:NoSchedule"},
	} {
		groups := n.group(n.names, evidence.Conclusion{Standing: map[string]evidence.Standing{
			"a": spared(of[0]), "b": spared(of[1]), "c": spared(of[2]),
		}}, false)
		if len(groups) != 1 || groups[0].Spared != want {
			t.Errorf("%v: groups %+v, want one with %q", of, groups, want)
		}
	}
}
