package cluster

import (
	"strings"
	"testing"

	"kpadvisor/advisor"
)

func TestTyped(t *testing.T) {
	f, err := Typed(TypedFacts{Services: 1000, Endpoints: 1500, Nodes: 12, Kernel: "5.15.0-105-generic", KubernetesVersion: "1.33.4", ProxyMode: "ipvs"})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "services", f.Services, advisor.ServiceCounts{Total: 1000, Counted: 1000, ClusterIP: 1000, Ports: 1000})
	check(t, "endpoints", f.Endpoints, advisor.EndpointCounts{Total: 1500, IPv4: 1500, Ready: 1500, Serving: 1500, Largest: 2})
	check(t, "load", f.Load, advisor.Load{Family: "IPv4", Ports: 1000, PortsWithOneEndpoint: 500, Endpoints: 1500})
	check(t, "nodes", f.Nodes, 12)
	check(t, "version", f.Version, "v1.33.4")
	g := f.Groups[0]
	check(t, "mode", g.Proxy.Mode, advisor.IPVS)
	if f.Origin != advisor.FromTyped || len(f.Groups) != 1 || g.Nodes != 12 || g.Kernel != "5.15.0-105-generic" || g.Kubelet != "v1.33.4" {
		t.Errorf("facts %+v", f)
	}
	if !strings.Contains(f.Load.Source, "one port for each Service") {
		t.Errorf("the source of the load, %q, does not say that it is derived", f.Load.Source)
	}
}

// TestTypedIsUnknownWhereNotGiven: nothing follows from nothing.
func TestTypedIsUnknownWhereNotGiven(t *testing.T) {
	f, err := Typed(TypedFacts{Services: 5})
	if err != nil {
		t.Fatal(err)
	}
	g := f.Groups[0]
	for what, known := range map[string]bool{
		"endpoints": f.Endpoints.IsKnown(), "load": f.Load.IsKnown(), "nodes": f.Nodes.IsKnown(), "version": f.Version.IsKnown(),
		"mode": g.Proxy.Mode.IsKnown(), "implementation": g.Proxy.Implementation.IsKnown(), "workloads": f.Workloads.IsKnown(),
	} {
		if known {
			t.Errorf("%s is known from nothing", what)
		}
	}
	none, err := Typed(TypedFacts{ProxyMode: "none"})
	if err != nil || none.Groups[0].Proxy.Implementation.State != advisor.Absent {
		t.Errorf("%v %+v, want no kube-proxy", err, none.Groups)
	}
}

// TestTypedSpread: the sums hold for every ratio of endpoints to Services.
func TestTypedSpread(t *testing.T) {
	for services := 1; services < 30; services++ {
		for endpoints := 1; endpoints < 100; endpoints++ {
			l := spread(services, endpoints)
			more := l.Ports - l.PortsWithoutEndpoints - l.PortsWithOneEndpoint // two or more each
			left := l.Endpoints - l.PortsWithOneEndpoint
			if l.PortsWithoutEndpoints < 0 || more < 0 || left < 2*more || more == 0 && left != 0 {
				t.Fatalf("%d Services, %d endpoints: %+v", services, endpoints, l)
			}
		}
	}
}

func TestTypedRefuses(t *testing.T) {
	for _, tt := range []struct {
		t    TypedFacts
		want string
	}{
		{TypedFacts{Services: -1}, "--services -1"},
		{TypedFacts{Services: 2_000_000}, "--services 2000000 is not between 0 and 1000000"},
		{TypedFacts{Endpoints: -5}, "--endpoints -5"},
		{TypedFacts{Nodes: 1_000_000}, "--nodes 1000000"},
		{TypedFacts{Kernel: "Linux"}, "--kernel \"Linux\" is not what uname -r prints"},
		{TypedFacts{Kernel: "5.15 \x1b[31m"}, "--kernel"},
		{TypedFacts{KubernetesVersion: "latest"}, "--kubernetes-version \"latest\" is not a version"},
		{TypedFacts{KubernetesVersion: "2.0.0"}, "--kubernetes-version"},
		{TypedFacts{KubernetesVersion: "4.99"}, "OpenShift 4.99 is not known here"},
		{TypedFacts{ProxyMode: "cilium"}, "--proxy-mode \"cilium\" is none of iptables, ipvs, nftables, none"},
	} {
		_, err := Typed(tt.t)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%+v: %v, want %q", tt.t, err, tt.want)
		}
	}
}

func TestTypedVersions(t *testing.T) {
	for in, want := range map[string]string{"1.33": "v1.33", "1.30+": "v1.30", "4.16": "v1.29", "4.16.3": "v1.29", "v1.24.17_vmware.1": "v1.24.17_vmware.1", "v1.33.4": "v1.33.4", "1.33.4": "v1.33.4", "v1.33.4-eks-3abbec1": "v1.33.4-eks-3abbec1", "1.31.2+k3s1": "v1.31.2+k3s1"} {
		f, err := Typed(TypedFacts{KubernetesVersion: in})
		if err != nil {
			t.Error(err)
		}
		check(t, in, f.Version, want)
		if said := strings.Contains(f.Version.Source, "gives no patch release"); said != (in == "1.33" || in == "1.30+") {
			t.Errorf("%s: source %q", in, f.Version.Source)
		}
		if said := strings.Contains(f.Version.Source, "OpenShift 4.16 is Kubernetes 1.29"); said != strings.HasPrefix(in, "4.") {
			t.Errorf("%s: source %q", in, f.Version.Source)
		}
	}
}
