package rulestest

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"kpadvisor/probe/lab/rules"
)

// Every has a Service of every kind that the rules tell apart: three types, with
// affinity or without, each policy Cluster or Local, with endpoints nowhere,
// elsewhere, here and elsewhere, and here; and the kinds that few have. Its addresses
// are none of a Shape's.
func Every() []rules.Service {
	all := common()
	return append(all, rare(len(all))...)
}

// OfGuest are the Services of the node that user-mode Linux is in tests.
func OfGuest() []rules.Service {
	return slices.Concat(rules.Shape{Services: 4, Distribution: []int{3, 1, 0, 5}, Seed: 1}.List(0), Few(), []rules.Service{Leaving()})
}

// Leaving has one endpoint, on the node, which no Service of a Shape has.
func Leaving() rules.Service {
	return rules.Service{
		Namespace: "every", Name: "leaving", PortName: "http", Protocol: "tcp", Port: 80, ClusterIP: netip.MustParseAddr("10.111.8.1"),
		Endpoints: []rules.Endpoint{{Addr: rules.LiveEndpoint(0, 200), Local: true}},
	}
}

// Few are those of Every in which each two traits meet that meet anywhere in it, as few as
// are easily found: for where each Service costs time.
func Few() (few []rules.Service) {
	all, missing := Every(), map[[2]string]bool{}
	for _, s := range all {
		for _, p := range pairs(s) {
			missing[p] = true
		}
	}
	for len(missing) > 0 {
		most, best := 0, rules.Service{}
		for _, s := range all {
			n := 0
			for _, p := range pairs(s) {
				if missing[p] {
					n++
				}
			}
			if n > most {
				most, best = n, s
			}
		}
		few = append(few, best)
		for _, p := range pairs(best) {
			delete(missing, p)
		}
	}
	return few
}

// pairs are all two traits of a Service.
func pairs(s rules.Service) (all [][2]string) {
	traits := traits(s)
	for i, a := range traits {
		for _, b := range traits[:i] {
			all = append(all, [2]string{a, b})
		}
	}
	return all
}

// traits are what rules tell apart: each way that leads to the Service, and what else
// there is to it.
func traits(s rules.Service) []string {
	here, elsewhere := 0, 0
	for _, e := range s.Endpoints {
		if e.Local {
			here++
		} else {
			elsewhere++
		}
	}
	all := []string{
		s.Protocol, fmt.Sprintf("endpoints here %t, elsewhere %t", here > 0, elsewhere > 0), fmt.Sprintf("affinity %v", s.Affinity),
		fmt.Sprintf("internal local %t", s.InternalLocal), fmt.Sprintf("external local %t", s.ExternalLocal),
	}
	for way, open := range map[string]bool{
		"node port": s.NodePort != 0, "load balancer": s.LoadBalancer.IsValid(), "external address": s.ExternalIP.IsValid(),
		fmt.Sprintf("for %v", s.SourceRange): s.SourceRange.IsValid(), "exposed": s.Exposed(),
	} {
		all = append(all, fmt.Sprintf("%s %t", way, open))
	}
	slices.Sort(all)
	return all
}

func common() (all []rules.Service) {
	for kind := range 3 { // ClusterIP, NodePort, LoadBalancer
		for policies := range 4 {
			internal, external := policies&1 != 0, policies&2 != 0
			if kind == 0 && external {
				continue // there is no external traffic
			}
			for _, affinity := range []time.Duration{0, 90 * time.Second} {
				for where := range 4 {
					n := len(all)
					s := plain(n, where)
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

// rare are Services of the kinds that few have: UDP and SCTP, an external address, a load
// balancer that only some may ask, the node among them or not. They are numbered from
// first on.
func rare(first int) (all []rules.Service) {
	add := func(where int, change func(s *rules.Service, n int)) {
		n := first + len(all)
		s := plain(n, where)
		change(&s, n)
		all = append(all, s)
	}
	for where := range 4 {
		for _, local := range []bool{false, true} {
			for _, protocol := range []string{"udp", "sctp"} {
				add(where, func(s *rules.Service, n int) {
					s.Protocol, s.NodePort, s.ExternalLocal = protocol, uint16(31_000+n), local
				})
			}
			add(where, func(s *rules.Service, n int) {
				s.ExternalIP, s.ExternalLocal = address(198, 18, n), local
			})
			for _, sources := range []string{"192.0.2.0/24", "203.0.113.0/24"} { // of the node, and not
				add(where, func(s *rules.Service, n int) {
					s.NodePort, s.LoadBalancer, s.ExternalLocal = uint16(31_000+n), address(198, 19, n), local
					s.SourceRange = netip.MustParsePrefix(sources)
					if local {
						s.HealthCheckNodePort = uint16(32_000 + n)
					}
				})
			}
		}
	}
	return all
}

// plain is a Service of a ClusterIP alone.
func plain(n, where int) rules.Service {
	return rules.Service{
		Namespace: "every", Name: fmt.Sprintf("kind-%03d", n), PortName: "http", Protocol: "tcp", Port: 80,
		ClusterIP: address(10, 111, n), Endpoints: placed(n, where),
	}
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
