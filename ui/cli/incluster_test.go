package cli

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"kpadvisor/advisor"
	"kpadvisor/jobs"
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
		"--in-cluster --image x --echo-services 65":                  "--echo-services is from 1 to 64",
		"--in-cluster --image x --echo-services 2 shop/cart":         "has no use with a Service of yours",
		"--yes-really A":                                             "--yes-really has no use without --in-cluster",
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
		want.WarmUp, want.Seed, want.Ports = 1, got.Seed, probe.SourcePorts{Mode: probe.KernelPorts}
		want.Jitter, want.StopAtFailed = true, probe.DefaultStopAtFailed
		if err != nil || got.Seed == 0 || !reflect.DeepEqual(got, want) {
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
	got := withModes([]jobs.Node{{Name: "n1"}, {Name: "n2"}, {Name: "n3"}, {Name: "n4", Unfit: "it is cordoned"}}, advisor.Facts{Groups: []advisor.NodeGroup{
		group(proxy, "n1"), group(advisor.Proxy{Implementation: advisor.KnownFrom(advisor.Cilium, "x")}, "n2", "n4"),
	}})
	want := []jobs.Node{
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
		Pods: jobs.Pods{Namespace: "team", Image: "registry.example/kpadvisor:v1", Tolerate: []jobs.Toleration{{Key: "x"}}},
		Plan: plan, Guard: 50 * time.Millisecond,
		Pair:    incluster.Pair{A: incluster.Group{Nodes: []jobs.Node{{Name: "n1"}}}, B: incluster.Group{Nodes: []jobs.Node{{Name: "n2"}}}},
		Service: &incluster.Service{Namespace: "shop", Name: "cart", Port: 80, Kind: probe.HTTP, Path: "/a&b"},
	}, time.Unix(0, 0))
	want := "kpadvisor probe --in-cluster 'http://shop/cart:80/a&b' --node-a n1 --node-b n2 --image registry.example/kpadvisor:v1 --namespace team --tolerate x --watch-rollout --duration 15s --rate 50 --blocks 30 --seed 1 --guard 50ms"
	if got := inClusterCommand("kpadvisor", spec, true); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	spec.Service, spec.Make, spec.Plan, spec.Guard, spec.Tolerate = nil, true, incluster.DefaultPlan(), incluster.DefaultGuard, nil
	spec.Pair.A.Mode, spec.Pair.B.Mode = "iptables", "ipvs"
	spec.Pair.A.Nodes, spec.Pair.B.Nodes = make([]jobs.Node, 3), make([]jobs.Node, 3)
	spec.Services, spec.PriorityClass = 4, "low"
	if got, want := inClusterCommand("kpadvisor", spec, false), "kpadvisor probe --in-cluster --nodes 3 --mode-a iptables --mode-b ipvs --image registry.example/kpadvisor:v1 --temporary-namespace --echo-services 4 --priority-class low --seed 1"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestSecondWord: a run without a cap, or on many nodes, is not made for a --yes, nor
// for a y at the terminal.
func TestSecondWord(t *testing.T) {
	pair := func(n int) incluster.Pair {
		return incluster.Pair{A: incluster.Group{Name: "A", Nodes: make([]jobs.Node, n)}, B: incluster.Group{Name: "B", Nodes: make([]jobs.Node, n)}}
	}
	noCap := incluster.DefaultPlan()
	noCap.Rate = 0
	for _, c := range []struct {
		spec incluster.Spec
		want string
	}{
		{incluster.Spec{Pair: pair(1), Plan: noCap}, "there is no cap on its rate (--rate 0): 16 connections at once, each followed by the next: --yes-really says so"},
		{incluster.Spec{Pair: pair(21), Plan: incluster.DefaultPlan()}, "its pods start on 42 nodes: --yes-really says so"},
	} {
		a := &app{err: io.Discard}
		err := a.consent(t.Context(), &cobra.Command{Use: "probe"}, nil, podFlags{yes: true}, a.creation(incluster.NewSpec(c.spec, time.Now())))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	for answer, want := range map[string]bool{"really\n": true, "Really \n": true, "y\n": false, "yes\n": false, "": false} {
		a := &app{err: io.Discard, in: strings.NewReader(answer)}
		if got, err := a.ask(t.Context(), "?", "really"); err != nil || got != want {
			t.Errorf("%q: %v, %v", answer, got, err)
		}
	}
}

// TestCleanSpares: what others may have under way is shown, and left alone; all
// namespaces are not cleaned without a question.
func TestCleanSpares(t *testing.T) {
	f := newFakeServer(t)
	job := func(run string, until time.Time, by string) map[string]any {
		return map[string]any{"metadata": map[string]any{
			"namespace": "shop", "name": "kpadvisor-" + run + "-probe-a", "uid": "uid-of-" + run, "creationTimestamp": "2026-11-01T00:00:00Z",
			"labels":      map[string]string{"app.kubernetes.io/instance": run},
			"annotations": map[string]string{"kpadvisor/until": until.UTC().Format(time.RFC3339), "kpadvisor/by": by},
		}}
	}
	f.lists["/apis/batch/v1/jobs"] = []any{job("live", time.Now().Add(time.Hour), "somebody\x1b[31m")}
	f.lists["/api/v1/namespaces"] = []any{}
	f.lists["/api/v1/services"] = []any{}
	config := f.kubeconfig(t, tokenUser)
	run(t, "clean", "-A", "--kubeconfig", config).wants(t, Usage, "", "--yes removes it, --list shows it")
	run(t, "clean", "-A", "--list", "--kubeconfig", config).wants(t, Fine, "found Job shop/kpadvisor-live-probe-a (run live, made 2026-11-01 00:00:00 UTC by somebody; may be under way until", "")
	run(t, "clean", "-A", "--yes", "--kubeconfig", config).wants(t, Fine, "left Job shop/kpadvisor-live-probe-a", "")
	for _, request := range f.seen {
		if strings.HasPrefix(request, "DELETE") {
			t.Errorf("%s", request)
		}
	}
	f.lists["/apis/batch/v1/jobs"] = append(f.lists["/apis/batch/v1/jobs"], job("dead", time.Now().Add(-time.Hour), "somebody"))
	run(t, "clean", "-A", "--yes", "--kubeconfig", config).wants(t, Failure, "left Job shop/kpadvisor-live-probe-a", "Job shop/kpadvisor-dead-probe-a could not be removed")
	o := run(t, "clean", "-A", "--yes", "--running", "--kubeconfig", config)
	if o.wants(t, Failure, "", "could not be removed"); strings.Contains(o.out, "left") {
		t.Errorf("with --running: %s", o.out)
	}
}
