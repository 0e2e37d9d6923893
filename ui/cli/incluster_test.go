package cli

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/incluster"
)

// TestInClusterFlags: what makes no sense is refused before anything is read.
func TestInClusterFlags(t *testing.T) {
	for line, want := range map[string]string{
		"--node-a n1 A B":                                            "--node-a has no use without --in-cluster",
		"--yes A":                                                    "--yes has no use without --in-cluster",
		"--in-cluster":                                               "Name an image that holds kpadvisor with --image",
		"--in-cluster --image x a b":                                 "takes one Service at most",
		"--in-cluster --image x -n 100":                              "blocks end by the clock",
		"--in-cluster --image x --ab":                                "blocks end by the clock",
		"--in-cluster --image x --sources 10.0.0.1":                  "blocks end by the clock",
		"--in-cluster --image x --from f":                            "--from shows a run that was made already",
		"--in-cluster --image x --dry-run=server":                    "--dry-run \"server\" is not client",
		"--in-cluster --image x --dry-run -o json":                   "--dry-run prints yaml, not json",
		"--in-cluster --image x -o yaml":                             "--output \"yaml\" is none of",
		"--in-cluster --image x --nodes 0":                           "--nodes 0 is not from 1 to 1000",
		"--in-cluster --image x --nodes 2 --node-a n":                "one node each",
		"--in-cluster --image x --mode-a ebpf":                       "--mode-a \"ebpf\" is none of",
		"--in-cluster --image x --mode-a ipvs --mode-b ipvs":         "nothing to learn",
		"--in-cluster --image x --services 3":                        "--services has no use with --in-cluster",
		"--in-cluster --image x --watch-rollout":                     "needs a Service of yours",
		"--in-cluster --image x --temporary-namespace --namespace y": "--namespace has no use beside it",
		"--in-cluster --image x --image-pull-policy Sometimes":       "is none of IfNotPresent, Always, Never",
		"--in-cluster --image x --tolerate =":                        "is no taint",
		"--in-cluster --image x https://shop/cart":                   "neither http nor tcp",
	} {
		t.Run(line, func(t *testing.T) {
			run(t, append([]string{"probe"}, strings.Fields(line)...)...).wants(t, Usage, "", want)
		})
	}
	run(t, "probe", "--in-cluster", "--image", "x").wants(t, Failure, "", "No kubeconfig was found")
	run(t, "clean").wants(t, Failure, "", "No kubeconfig was found")
	run(t, "agent").wants(t, Usage, "", "kpadvisor probe --in-cluster")
	run(t, "rbac", "--probe", "--namespaced").wants(t, Usage, "", "give one of them")
	run(t, "rbac", "--probe", "-n", "A").wants(t, Usage, "", "no name of a namespace")
	run(t, "rbac", "--probe", "-n", "shop").wants(t, Fine, "namespace: shop", "")
}

// TestNoPair: a cluster whose nodes do not show their mode.
func TestNoPair(t *testing.T) {
	f := newFakeServer(t)
	o := run(t, "probe", "--in-cluster", "--image", "x", "--yes", "--kubeconfig", f.kubeconfig(t, tokenUser))
	o.wants(t, Failure, "", "On no node is the kube-proxy mode visible.")
	o.wants(t, Failure, "", "--node-a, --node-b, --mode-a, --mode-b")
}

// TestInClusterPlan: blocks end by the clock, the load is capped unless one says
// otherwise, and many nodes get blocks that are long enough for each.
func TestInClusterPlan(t *testing.T) {
	for line, want := range map[string]probe.Plan{
		"":                          {Duration: 20 * time.Second, Blocks: 20, Rate: 100, Concurrency: 16, Timeout: 5 * time.Second},
		"--blocks 6":                {Duration: 6 * time.Second, Blocks: 6, Rate: 100, Concurrency: 16, Timeout: 5 * time.Second},
		"--duration 60s --rate 0":   {Duration: 60 * time.Second, Blocks: 20, Concurrency: 16, Timeout: 5 * time.Second},
		"--nodes 500 -c 2":          {Duration: 100 * time.Second, Blocks: 20, Rate: 100, Concurrency: 2, Timeout: 5 * time.Second},
		"--nodes 50 --timeout 1s":   {Duration: 20 * time.Second, Blocks: 20, Rate: 100, Concurrency: 16, Timeout: time.Second},
		"--nodes 500 --duration 9s": {Duration: 9 * time.Second, Blocks: 20, Rate: 100, Concurrency: 16, Timeout: 5 * time.Second},
	} {
		a := &app{}
		cmd := &cobra.Command{Use: "probe"}
		a.addInCluster(cmd)
		a.addPlan(cmd)
		if err := cmd.ParseFlags(strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		got, err := a.flags.probe.inClusterPlan(cmd)
		want.WarmUp, want.Seed, want.Ports = 1, 1, probe.SourcePorts{Mode: probe.KernelPorts}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v\nwant %+v", line, got, err, want)
		}
	}
}

// TestWithModes: the survey's groups give each node its mode; what replaces
// kube-proxy makes a node unfit.
func TestWithModes(t *testing.T) {
	group := func(p advisor.Proxy, names ...string) advisor.NodeGroup {
		return advisor.NodeGroup{Proxy: p, Members: names}
	}
	proxy := advisor.Proxy{Implementation: advisor.KnownFrom(advisor.KubeProxy, "x"), Mode: advisor.KnownFrom(advisor.IPVS, "x"), Version: advisor.KnownFrom("v1.34.0", "x")}
	got := withModes([]incluster.Node{{Name: "n1"}, {Name: "n2"}, {Name: "n3"}, {Name: "n4", Unfit: "it is cordoned"}}, advisor.Facts{Groups: []advisor.NodeGroup{
		group(proxy, "n1"), group(advisor.Proxy{Implementation: advisor.KnownFrom(advisor.Cilium, "x")}, "n2", "n4"),
	}})
	want := []incluster.Node{
		{Name: "n1", Mode: "ipvs", Proxy: "v1.34.0"}, {Name: "n2", Unfit: "Cilium programs Services there, not kube-proxy"}, {Name: "n3"}, {Name: "n4", Unfit: "it is cordoned"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// TestInClusterCommand: the command of a report makes the same run again.
func TestInClusterCommand(t *testing.T) {
	plan := incluster.DefaultPlan()
	plan.Blocks, plan.Duration, plan.Rate = 30, 15*time.Second, 50
	spec := incluster.NewSpec(incluster.Spec{
		Namespace: "team", Image: "registry.example/kpadvisor:v1", Plan: plan, Guard: 50 * time.Millisecond,
		Pair:     incluster.Pair{A: incluster.Group{Nodes: []incluster.Node{{Name: "n1"}}}, B: incluster.Group{Nodes: []incluster.Node{{Name: "n2"}}}},
		Service:  &incluster.Service{Namespace: "shop", Name: "cart", Port: 80, Kind: probe.HTTP, Path: "/a&b"},
		Tolerate: []incluster.Toleration{{Key: "x"}},
	}, time.Unix(0, 0))
	want := "kpadvisor probe --in-cluster 'http://shop/cart:80/a&b' --node-a n1 --node-b n2 --image registry.example/kpadvisor:v1 --namespace team --tolerate x --watch-rollout --duration 15s --rate 50 --blocks 30 --guard 50ms"
	if got := inClusterCommand("kpadvisor", spec, true); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	spec.Service, spec.Make, spec.Plan, spec.Guard, spec.Tolerate = nil, true, incluster.DefaultPlan(), incluster.DefaultGuard, nil
	spec.Pair.A.Mode, spec.Pair.B.Mode = "iptables", "ipvs"
	spec.Pair.A.Nodes, spec.Pair.B.Nodes = make([]incluster.Node, 3), make([]incluster.Node, 3)
	if got, want := inClusterCommand("kpadvisor", spec, false), "kpadvisor probe --in-cluster --nodes 3 --mode-a iptables --mode-b ipvs --image registry.example/kpadvisor:v1 --temporary-namespace"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
