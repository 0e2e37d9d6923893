package cluster

import (
	"strings"
	"testing"

	"kpadvisor/advisor"
)

func TestDemos(t *testing.T) {
	demos := Demos()
	if len(demos) != 3 {
		t.Fatalf("%d demos, want 3", len(demos))
	}
	for _, f := range demos {
		t.Run(f.Name, func(t *testing.T) {
			if f.Origin != advisor.FromDemo || !strings.HasPrefix(f.Name, "demo") {
				t.Errorf("%q of origin %q is not plainly a demo", f.Name, f.Origin)
			}
			checkSums(t, f)
			checkClean(t, f)
		})
	}
}

// checkSums holds facts against what must be true of any cluster.
func checkSums(t *testing.T, f advisor.Facts) {
	t.Helper()
	must := func(ok bool, what string) {
		t.Helper()
		if !ok {
			t.Errorf("it is not true that %s", what)
		}
	}
	s, e, l := f.Services.Value, f.Endpoints.Value, f.Load.Value
	must(s.Total == s.Counted+s.Headless+s.ExternalName+s.OtherProxy, "Services are counted or not")
	must(s.Counted == s.ClusterIP+s.NodePort+s.LoadBalancer, "counted Services have one type")
	must(s.Ports >= s.Counted && s.NodePorts <= s.Ports && s.NodePorts >= s.NodePort, "ports are at least one for each Service")
	must(s.UDPPorts+s.SCTPPorts <= s.Ports, "ports have one protocol")
	must(s.WithoutEndpoints <= s.Counted && s.SessionAffinity <= s.Counted && s.DualStack <= s.Counted, "parts of the Services are no more than all")
	must(s.ExternalLocal <= s.NodePort+s.LoadBalancer+s.ExternalIPs, "externalTrafficPolicy is of Services that can be reached from outside")

	must(e.Total == e.IPv4+e.IPv6, "endpoints have one family")
	must(e.Ready <= e.Total && e.Serving <= e.Total && e.Terminating <= e.Total && e.Largest <= e.Total, "parts of the endpoints are no more than all")
	must(e.Ready+e.Terminating <= e.Total, "endpoints that terminate are not ready")
	must(e.Slices*100 >= e.Total, "slices hold at most 100 endpoints by default")
	must(e.Largest > 0 && e.LargestName != "", "there is a largest Service")

	must(l.Ports <= s.Ports || l.DualStack, "the load has the ports of the Services")
	must(l.PortsWithoutEndpoints >= s.WithoutEndpoints, "each Service without endpoints has a port without")
	more := l.Ports - l.PortsWithoutEndpoints - l.PortsWithOneEndpoint
	must(more >= 0 && l.Endpoints >= l.PortsWithOneEndpoint+2*more, "the other ports have two endpoints or more")
	must(l.Endpoints >= e.Ready, "every ready endpoint serves a port")
	must(l.AffinityPorts <= l.Ports && l.AffinityEndpoints <= l.Endpoints && l.AffinityPorts >= s.SessionAffinity/2, "ports with affinity are some of the ports")
	must(l.NodePorts <= s.NodePorts && l.NodePortsLocal <= l.NodePorts && l.NodePortEndpoints >= l.NodePorts && l.NodePortEndpoints <= l.Endpoints, "node ports are some of the ports")
	must(s.LoadBalancerIPs > 0 || l.LoadBalancerPorts == 0, "load-balancer ports need an address")
	must(s.ExternalIPs > 0 || l.ExternalIPPorts == 0, "external ports need an address")
	must(l.ExternalEndpoints >= l.ExternalIPPorts+l.LoadBalancerPorts, "external ports have endpoints")
	must(l.SourceRanges >= l.SourceRangePorts, "ports with source ranges have one or more")

	nodes := 0
	for _, g := range f.Groups {
		nodes += g.Nodes
		must(g.Proxy.Stale <= g.Nodes, "stale nodes are some of the nodes")
		must(len(g.Proxy.Evidence) > 0, "the proxy of each group has evidence")
		must(g.OS != "" && g.Arch != "" && g.Kernel != "" && g.Kubelet != "", "nodes say what they are")
	}
	must(nodes == f.Nodes.Value, "groups have all the nodes")
	sorted := append([]advisor.NodeGroup(nil), f.Groups...)
	sortGroups(sorted)
	for i := range sorted {
		must(groupText(sorted[i]) == groupText(f.Groups[i]), "groups are in order")
	}
	if w, ok := f.Workloads.Get(); ok {
		must(w.Rolling+w.Recreate == w.Deployments+w.StatefulSets+w.DaemonSets, "workloads roll or do not")
		must(w.WithPreStop <= w.Rolling+w.Recreate && w.WithReadiness <= w.Rolling+w.Recreate, "parts of the workloads are no more than all")
		must(float64(w.RevisionsInWindow) >= f.RolloutsPerDay.Value*w.Window.Hours()/24, "rollouts are some of the revisions")
	}
	for _, m := range f.Coverage.Missing {
		must(m.Why != "" && m.What != "" && m.Hides != "", "what is missing says why and what it hides")
	}
	must(f.Coverage.Complete() == f.Workloads.IsKnown(), "what is unknown is in the coverage")
}

// TestSurveySums: what the demos must obey holds for a survey too.
func TestSurveySums(t *testing.T) {
	f := survey(t, smallCluster(t), Options{WithNames: true}).Facts
	for i := range f.Groups {
		f.Groups[i].Proxy.Evidence = append(f.Groups[i].Proxy.Evidence, advisor.Evidence{})
	}
	checkSums(t, f)
}
