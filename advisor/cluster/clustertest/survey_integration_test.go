package clustertest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/advisor/cluster/clustertest"
)

// survey reads a cluster to the end.
func survey(t *testing.T, config *rest.Config, o cluster.Options) advisor.Facts {
	t.Helper()
	client, err := cluster.Connect(config, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	reading := client.Start(ctx).Wait()
	if reading.Err != nil {
		t.Fatal(reading.Err)
	}
	if !reading.Done {
		t.Error("the survey ended, and its reading is not done")
	}
	return reading.Facts
}

// known returns the value of a fact that has to be known.
func known[T any](t *testing.T, what string, f advisor.Fact[T]) T {
	t.Helper()
	v, ok := f.Get()
	if !ok {
		t.Errorf("%s is unknown (%s %s), want it known", what, f.Why, f.Detail)
	}
	return v
}

func complete(t *testing.T, f advisor.Facts) {
	t.Helper()
	for _, m := range f.Coverage.Missing {
		t.Errorf("missing: %+v", m)
	}
}

// TestEveryShapeOfService holds the counters against testdata/services.yaml,
// counted by hand. Service default/kubernetes is the API server's own and has no
// endpoints here.
func TestEveryShapeOfService(t *testing.T) {
	c := shared.Small(t)
	c.Seed(t, "services")
	f := survey(t, c.Admin, cluster.Options{WithNames: true})
	complete(t, f)

	services := known(t, "services", f.Services)
	if want := (advisor.ServiceCounts{
		Total: 8, Counted: 5, Headless: 1, ExternalName: 1, OtherProxy: 1,
		ClusterIP: 3, NodePort: 1, LoadBalancer: 1, // kubernetes cart web; dns; edge
		Ports: 7, NodePorts: 3, ExternalIPs: 1, LoadBalancerIPs: 1, SessionAffinity: 1,
		ExternalLocal: 1, InternalLocal: 1, WithoutEndpoints: 2, UDPPorts: 1,
	}); services != want {
		t.Errorf("services\n got %+v\nwant %+v", services, want)
	}
	endpoints := known(t, "endpoints", f.Endpoints)
	if want := (advisor.EndpointCounts{
		Slices: 5, Total: 9, IPv4: 9, Ready: 7, Serving: 8, Terminating: 1, Largest: 3, LargestName: endpoints.LargestName,
	}); endpoints != want { // cart and web share the first place
		t.Errorf("endpoints\n got %+v\nwant %+v", endpoints, want)
	}
	load := known(t, "load", f.Load)
	if want := (advisor.Load{
		Family: "IPv4", Ports: 7, PortsWithoutEndpoints: 3, PortsWithOneEndpoint: 2, Endpoints: 8,
		AffinityPorts: 2, AffinityEndpoints: 4,
		NodePorts: 1, NodePortEndpoints: 1, LoadBalancerPorts: 1, ExternalEndpoints: 1,
		SourceRanges: 1, SourceRangePorts: 1,
	}); load != want {
		t.Errorf("load\n got %+v\nwant %+v", load, want)
	}
	workloads := known(t, "workloads", f.Workloads)
	workloads.Window = 0
	if want := (advisor.Workloads{
		Deployments: 2, StatefulSets: 1, Rolling: 1, Recreate: 2, WithPreStop: 1, WithReadiness: 1,
		GracePeriodMedian: 30 * time.Second, RevisionsInWindow: 2,
	}); workloads != want {
		t.Errorf("workloads\n got %+v\nwant %+v", workloads, want)
	}
	if version := known(t, "version", f.Version); version != "v1.37.2" {
		t.Errorf("version %s, want v1.37.2", version)
	}
}

// TestLargeCluster holds every counter against SeedLarge, by arithmetic over its
// 100 blocks of 50 Services and Service default/kubernetes.
func TestLargeCluster(t *testing.T) {
	f := survey(t, shared.Large(t).Admin, cluster.Options{})
	complete(t, f)

	const blocks = 100
	services := known(t, "services", f.Services)
	if want := (advisor.ServiceCounts{
		Total: 50*blocks + 1, Counted: 46*blocks + 1, Headless: 2 * blocks, ExternalName: blocks, OtherProxy: blocks,
		ClusterIP: 39*blocks + 1, NodePort: 5 * blocks, LoadBalancer: 2 * blocks,
		Ports: 47*blocks + 1, NodePorts: 7 * blocks, LoadBalancerIPs: 2 * blocks,
		SessionAffinity: blocks, UDPPorts: blocks, WithoutEndpoints: 5*blocks + 1,
	}); services != want {
		t.Errorf("services\n got %+v\nwant %+v", services, want)
	}
	endpoints := known(t, "endpoints", f.Endpoints)
	// 39 slices of 20, one of 100, and 60 + 40; the headless Service's 20 do not count.
	if want := (advisor.EndpointCounts{
		Slices: 42 * blocks, Total: 980 * blocks, IPv4: 980 * blocks,
		Ready: 978 * blocks, Serving: 979 * blocks, Terminating: blocks, Largest: 100,
	}); endpoints != want {
		t.Errorf("endpoints\n got %+v\nwant %+v", endpoints, want)
	}
	load := known(t, "load", f.Load)
	if want := (advisor.Load{
		Family: "IPv4", Ports: 47*blocks + 1, PortsWithoutEndpoints: 5*blocks + 1,
		Endpoints:     (978 + 20) * blocks, // one Service has a second port
		AffinityPorts: blocks, AffinityEndpoints: 20 * blocks,
		NodePorts: 5 * blocks, NodePortEndpoints: 100 * blocks,
		LoadBalancerPorts: 2 * blocks, ExternalEndpoints: 40 * blocks,
	}); load != want {
		t.Errorf("load\n got %+v\nwant %+v", load, want)
	}
	if nodes := known(t, "nodes", f.Nodes); nodes != 500 {
		t.Errorf("%d nodes, want 500", nodes)
	}
	w := known(t, "workloads", f.Workloads)
	if w.Deployments != 100 || w.DaemonSets != 2 || w.Rolling != 102 || w.WithPreStop != 50 || w.WithReadiness != 100 {
		t.Errorf("workloads %+v, want 100 Deployments, 2 DaemonSets, all rolling, 50 with preStop, 100 with readiness", w)
	}
	checkGroups(t, f, []group{
		{460, "5.15.0-105-generic", advisor.KubeProxy, advisor.IPTables, false, "v1.35.3"},
		{40, "5.4.0-96-generic", advisor.KubeProxy, advisor.IPVS, false, "v1.35.3"},
	})
}

// TestPagesDoNotMatter reads the large cluster with pages so small that every
// Service port meets its slices across many of them.
func TestPagesDoNotMatter(t *testing.T) {
	c := shared.Large(t)
	whole := survey(t, c.Admin, cluster.Options{PageSize: 10_000})
	small := survey(t, c.Admin, cluster.Options{PageSize: 97})
	if whole.Services != small.Services || whole.Endpoints != small.Endpoints || whole.Load != small.Load {
		t.Errorf("page size changes the facts\n10000: %+v %+v\n   97: %+v %+v", whole.Endpoints, whole.Load, small.Endpoints, small.Load)
	}
}

// TestBoundedReadSaysSo stops after two pages of each kind.
func TestBoundedReadSaysSo(t *testing.T) {
	f := survey(t, shared.Large(t).Admin, cluster.Options{PageSize: 500, MaxPages: 2})
	found := false
	for _, m := range f.Coverage.Missing {
		if m.Why != advisor.Bounded {
			t.Errorf("missing %+v, want only what --max-pages cut off", m)
		}
		if m.What == "EndpointSlices" {
			found = true
			if m.Read != 1000 || m.Total != 4300 {
				t.Errorf("read %d of %d EndpointSlices, want 1000 of 4300", m.Read, m.Total)
			}
		}
	}
	if !found {
		t.Error("the coverage does not say that EndpointSlices are incomplete")
	}
	if _, ok := f.Load.Get(); ok {
		t.Error("the load is known from a partial read")
	}
}

// group is what has to be concluded for nodes alike.
type group struct {
	nodes          int
	kernel         string
	implementation advisor.Implementation
	mode           advisor.Mode // empty where it cannot be known
	defaulted      bool
	version        string // kube-proxy's own, or the kubelet's; empty for what is no kube-proxy
}

func checkGroups(t *testing.T, f advisor.Facts, want []group) {
	t.Helper()
	if len(f.Groups) != len(want) {
		t.Errorf("%d node groups, want %d: %+v", len(f.Groups), len(want), f.Groups)
		return
	}
	for i, g := range f.Groups {
		implementation, _ := g.Proxy.Implementation.Get()
		mode, _ := g.Proxy.Mode.Get()
		version, _ := g.Proxy.Version.Get()
		got := group{g.Nodes, g.Kernel, implementation, mode, g.Proxy.Defaulted, version}
		if got != want[i] {
			t.Errorf("node group %d\n got %+v\nwant %+v\nevidence %+v", i, got, want[i], g.Proxy.Evidence)
		}
	}
}

// TestPlatforms seeds what each platform shows and holds the conclusion against
// what really runs there.
func TestPlatforms(t *testing.T) {
	const (
		proxy = advisor.KubeProxy
		none  = advisor.Platform("")
		any6  = "5.15.0-105-generic"
	)
	tests := []struct {
		name     string
		platform advisor.Platform // none where nothing tells
		groups   []group
	}{
		{"kubeadm-iptables", advisor.Kubeadm, []group{{3, any6, proxy, advisor.IPTables, false, "v1.37.2"}}},
		{"kubeadm-ipvs", advisor.Kubeadm, []group{{2, "5.4.0-96-generic", proxy, advisor.IPVS, false, "v1.20.4"}}},
		{"kubeadm-unset", advisor.Kubeadm, []group{{1, any6, proxy, advisor.IPTables, true, "v1.33.4"}}},
		{"kind-nftables", advisor.Kind, []group{{1, "6.8.0-79-generic", proxy, advisor.NFTables, false, "v1.34.1"}}},
		{"eks", advisor.EKS, []group{{2, "6.1.141-155.222.amzn2023.x86_64", proxy, advisor.IPTables, false, "v1.33.3"}}},
		{"aks", advisor.AKS, []group{{1, "5.15.0-1084-azure", proxy, advisor.IPTables, true, "v1.32.4"}}},
		{"gke", advisor.GKE, []group{{1, "6.1.123+", proxy, advisor.IPTables, true, "v1.32.6"}}},
		{"gke-dataplane-v2", advisor.GKE, []group{{1, "6.1.123+", advisor.DataplaneV2, "", false, ""}}},
		{"k3s", advisor.K3s, []group{
			{1, any6, proxy, advisor.IPTables, false, "v1.33.1"}, // k3s sets it itself
			{1, any6, proxy, advisor.IPVS, false, "v1.33.1"},
		}},
		{"rke2", advisor.RKE2, []group{{1, "5.14.0-503.el9.x86_64", proxy, advisor.IPVS, false, "v1.31.4"}}},
		{"kops", advisor.Kops, []group{{1, "6.8.0-1029-aws", proxy, advisor.NFTables, false, "v1.32.4"}}},
		{"talos", advisor.Talos, []group{{1, "6.12.25-talos", proxy, advisor.NFTables, false, "v1.33.0"}}},
		// kube-proxy is a systemd unit there: neither it nor its mode can be seen.
		{"uk8s", advisor.UK8S, []group{{1, "4.19.188-10.el7.ucloud.x86_64", "", "", false, "v1.24.12"}}},
		{"ack", advisor.ACK, []group{{1, "5.10.134-16.3.al8.x86_64", proxy, advisor.IPVS, false, "v1.30.7"}}},
		{"cilium", none, []group{{1, any6, advisor.Cilium, "", false, ""}}},
		{"antrea", none, []group{{1, any6, advisor.AntreaProxy, "", false, ""}}},
		{"kube-router", none, []group{{1, any6, advisor.KubeRouter, "", false, ""}}},
		{"calico-ebpf", none, []group{{1, any6, advisor.CalicoEBPF, "", false, ""}}},
		{"openshift-ovn", advisor.OpenShift, []group{{1, "5.14.0-427.68.1.el9_4.x86_64", advisor.OVNKubernetes, "", false, ""}}},
		{"openshift-proxy", advisor.OpenShift, []group{{1, "5.14.0-427.68.1.el9_4.x86_64", proxy, advisor.IPTables, false, "v1.31.8"}}},
	}
	left, err := clustertest.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	left = slices.DeleteFunc(left, func(name string) bool { return name == "services" })
	for _, test := range tests {
		left = slices.DeleteFunc(left, func(name string) bool { return name == test.name })
		t.Run(test.name, func(t *testing.T) {
			c := shared.Small(t)
			c.Seed(t, test.name)
			f := survey(t, c.Admin, cluster.Options{})
			complete(t, f)
			if platform, _ := f.Platform.Get(); platform != test.platform {
				t.Errorf("platform %q, want %q", platform, test.platform)
			}
			checkGroups(t, f, test.groups)
		})
	}
	if len(left) > 0 {
		t.Errorf("nothing is expected of %v", left)
	}
}
