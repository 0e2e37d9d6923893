package rulestest

import (
	"fmt"
	"net/netip"
	"time"

	"kpadvisor/probe/lab/rules"
)

// Every has a Service of every kind that the rules tell apart: three types, with
// affinity or without, each policy Cluster or Local, with endpoints nowhere,
// elsewhere, here and elsewhere, and here. Its addresses are none of a Shape's.
func Every() []rules.Service {
	var all []rules.Service
	for kind := range 3 { // ClusterIP, NodePort, LoadBalancer
		for policies := range 4 {
			internal, external := policies&1 != 0, policies&2 != 0
			if kind == 0 && external {
				continue // there is no external traffic
			}
			for _, affinity := range []time.Duration{0, 90 * time.Second} {
				for where := range 4 {
					n := len(all)
					s := rules.Service{
						Namespace: "every", Name: fmt.Sprintf("kind-%03d", n), PortName: "http", Protocol: "tcp", Port: 80,
						ClusterIP: address(10, 111, n), Endpoints: placed(n, where),
					}
					s.Affinity, s.InternalLocal, s.ExternalLocal = affinity, internal, external
					if kind > 0 {
						s.NodePort = uint16(31_000 + n)
					}
					if kind == 2 {
						s.LoadBalancer = address(198, 19, n)
					}
					if kind == 2 && external {
						s.HealthCheckNodePort = uint16(32_000 + n)
					}
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// placed are endpoints nowhere (0), elsewhere (1), here and elsewhere (2), or here (3).
func placed(service, where int) []rules.Endpoint {
	var all []rules.Endpoint
	for j := range 3 {
		if where == 0 {
			break
		}
		a := netip.AddrFrom4([4]byte{10, 130, byte(service), byte(1 + j)})
		here := where == 3 || where == 2 && j < 2
		all = append(all, rules.Endpoint{Addr: netip.AddrPortFrom(a, rules.EndpointPort), Local: here})
	}
	return all
}

func address(a, b byte, n int) netip.Addr { return netip.AddrFrom4([4]byte{a, b, 7, byte(1 + n)}) }
