package rules

import (
	"fmt"
	"net/netip"
	"time"

	"kpadvisor/plain"
)

// Traffic is how a Service is reached besides its ClusterIP, and which of its
// endpoints may be chosen. The zero Traffic is that of a plain ClusterIP Service.
type Traffic struct {
	NodePort            uint16        // 0: none
	LoadBalancer        netip.Addr    // address of its load balancer; the zero Addr: none
	ExternalIP          netip.Addr    // one of spec.externalIPs; the zero Addr: none
	SourceRange         netip.Prefix  // who may ask the load balancer, one of spec.loadBalancerSourceRanges; the zero Prefix: anybody
	HealthCheckNodePort uint16        // where the load balancer asks for local endpoints; 0: none
	Affinity            time.Duration // how long a client keeps its endpoint, whole seconds; 0: not at all
	InternalLocal       bool          // internalTrafficPolicy is Local
	ExternalLocal       bool          // externalTrafficPolicy is Local; means nothing where nothing is exposed
}

// Exposed reports whether the Service can be reached from outside.
func (t Traffic) Exposed() bool {
	return t.NodePort != 0 || t.LoadBalancer.IsValid() || t.ExternalIP.IsValid()
}

// ranged reports a load balancer that not everybody may ask.
func (t Traffic) ranged() bool { return t.LoadBalancer.IsValid() && t.SourceRange.IsValid() }

// nodeMayAsk reports that the node is within the range.
func (t Traffic) nodeMayAsk() bool { return t.SourceRange.Contains(NodeIP()) }

func (t Traffic) externalLocal() bool { return t.ExternalLocal && t.Exposed() }

// seconds of the affinity.
func (t Traffic) seconds() int { return int(t.Affinity / time.Second) }

// reach is which endpoints a Service's traffic reaches from this node, as
// kube-proxy's CategorizeEndpoints finds it (pkg/proxy/topology.go).
type reach struct {
	cluster, local     []Endpoint // for traffic of policy Cluster and Local; none where no traffic has that policy
	all                []Endpoint // both
	internal, external bool       // traffic to the ClusterIP, and from outside, reaches any
}

func (s Service) reach() reach {
	var r reach
	any := len(s.Endpoints) > 0
	// Local external traffic needs the others too: what comes from this node or its
	// pods does not fall under the policy.
	if !s.InternalLocal || s.Exposed() {
		r.cluster, r.all = s.Endpoints, s.Endpoints
	}
	if s.InternalLocal || s.externalLocal() {
		for _, e := range s.Endpoints {
			if e.Local {
				r.local = append(r.local, e)
			}
		}
		if r.cluster == nil {
			r.all = r.local
		}
	}
	r.internal = any && (!s.InternalLocal || len(r.local) > 0)
	r.external = any && (!s.externalLocal() || len(r.local) > 0)
	return r
}

// What Kubernetes gives by default: ports of nodes from this range
// (--service-node-port-range), and affinity for three hours.
const (
	firstNodePort, lastNodePort = 30_000, 32_767
	defaultAffinity             = 3 * time.Hour
)

// loadBalancers begins the addresses of load balancers, in the range for
// benchmarks (RFC 2544): addresses nobody routes.
func loadBalancers() netip.Addr { return netip.MustParseAddr("198.18.0.0") }

// validateTraffic says in one sentence which Services cannot be had.
func (s Shape) validateTraffic() error {
	for _, share := range []int{s.NodePort, s.LoadBalancer, s.Affinity, s.Local, s.NodePort + s.LoadBalancer} {
		if share < 0 || share > 100 {
			return fmt.Errorf("%d %% of the Services: a share is 0 to 100, NodePorts and load balancers together too", share)
		}
	}
	if s.RulesPerPort == 2 && (s.NodePort|s.LoadBalancer|s.Affinity|s.Local) != 0 {
		return fmt.Errorf("2 rules per port: the layout of kube-proxy until 1.21 is known for plain ClusterIP Services only")
	}
	if exposed := s.exposedBefore(s.Services); exposed > maxExposed {
		return fmt.Errorf("%s Services with a NodePort: the lab takes %s", plain.Number(exposed), plain.Number(maxExposed))
	}
	return nil
}

// maxExposed leaves each exposed Service its NodePort and, where it may need one,
// its port for health checks, within the range.
const maxExposed = (lastNodePort - firstNodePort + 1) / 2

// trafficOf is how the i-th Service is reached. Each share takes its own steps
// through a hundred, so that shares meet in all combinations.
func (s Shape) trafficOf(i int) Traffic {
	if s.NodePort|s.LoadBalancer|s.Affinity|s.Local == 0 {
		return Traffic{}
	}
	var t Traffic
	if kind := i * 37 % 100; kind < s.NodePort+s.LoadBalancer {
		n := s.exposedBefore(i)
		t.NodePort = uint16(firstNodePort + n)
		if kind < s.LoadBalancer {
			t.LoadBalancer = addTo(loadBalancers(), n)
		}
	}
	if i*61%100 < s.Affinity {
		t.Affinity = defaultAffinity
	}
	if i*73%100 < s.Local {
		t.InternalLocal, t.ExternalLocal = true, t.NodePort != 0
		if t.LoadBalancer.IsValid() {
			t.HealthCheckNodePort = lastNodePort - (t.NodePort - firstNodePort)
		}
	}
	return t
}

// exposedBefore is how many of the first i Services have a NodePort.
func (s Shape) exposedBefore(i int) int {
	exposed := s.NodePort + s.LoadBalancer
	n := i / 100 * exposed
	for j := range i % 100 {
		if j*37%100 < exposed {
			n++
		}
	}
	return n
}

func addTo(a netip.Addr, n int) netip.Addr {
	b := a.As4()
	b[2], b[3] = byte(n>>8), byte(n)
	return netip.AddrFrom4(b)
}
