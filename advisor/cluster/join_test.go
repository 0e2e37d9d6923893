package cluster

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kpadvisor/advisor"
)

// longNamed makes namespace/name:port so many bytes long.
func longNamed(bytes int) func(*corev1.Service) {
	return func(s *corev1.Service) {
		s.Spec.Ports[0].Name = strings.Repeat("p", 15)
		s.Name = strings.Repeat("s", 63)
		s.Namespace = strings.Repeat("n", bytes-63-15-len("/")-len(":"))
	}
}

// TestServiceCounts holds one Service of each kind against what it adds.
func TestServiceCounts(t *testing.T) {
	plain := advisor.ServiceCounts{Total: 1, Counted: 1, ClusterIP: 1, Ports: 1}
	with := func(change func(*advisor.ServiceCounts)) advisor.ServiceCounts {
		c := plain
		change(&c)
		return c
	}
	for _, tt := range []struct {
		name   string
		change func(*corev1.Service)
		want   advisor.ServiceCounts
	}{
		{"ClusterIP", func(*corev1.Service) {}, plain},
		{"headless", func(s *corev1.Service) { s.Spec.ClusterIP = corev1.ClusterIPNone }, advisor.ServiceCounts{Total: 1, Headless: 1}},
		{"headless in type only", func(s *corev1.Service) { s.Spec.ClusterIP = "" }, advisor.ServiceCounts{Total: 1, Headless: 1}},
		{"ExternalName with a cluster IP left over", func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeExternalName }, advisor.ServiceCounts{Total: 1, ExternalName: 1}},
		{"other proxy, label without value", func(s *corev1.Service) { s.Labels = map[string]string{"service.kubernetes.io/service-proxy-name": ""} }, advisor.ServiceCounts{Total: 1, OtherProxy: 1}},
		{"NodePort, two ports of which one UDP", func(s *corev1.Service) {
			s.Spec.Type = corev1.ServiceTypeNodePort
			s.Spec.Ports = []corev1.ServicePort{{Name: "a", NodePort: 30000}, {Name: "b", Protocol: corev1.ProtocolUDP, NodePort: 30001}}
		}, with(func(c *advisor.ServiceCounts) {
			c.ClusterIP, c.NodePort, c.Ports, c.NodePorts, c.UDPPorts = 0, 1, 2, 2, 1
		})},
		{"SCTP", func(s *corev1.Service) { s.Spec.Ports[0].Protocol = corev1.ProtocolSCTP }, with(func(c *advisor.ServiceCounts) { c.SCTPPorts = 1 })},
		{"LoadBalancer by name, by proxy and by address", func(s *corev1.Service) {
			s.Spec.Type = corev1.ServiceTypeLoadBalancer
			s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{Hostname: "lb.example"}, {IP: "192.0.2.1", IPMode: ptr(corev1.LoadBalancerIPModeProxy)}, {IP: "192.0.2.2"}}
		}, with(func(c *advisor.ServiceCounts) { c.ClusterIP, c.LoadBalancer, c.LoadBalancerIPs = 0, 1, 1 })},
		{"external IPs, affinity", func(s *corev1.Service) {
			s.Spec.ExternalIPs = []string{"192.0.2.1", "192.0.2.2"}
			s.Spec.SessionAffinity = corev1.ServiceAffinityClientIP
		}, with(func(c *advisor.ServiceCounts) { c.ExternalIPs, c.SessionAffinity = 2, 1 })},
		{"policies Local", func(s *corev1.Service) {
			s.Spec.Type = corev1.ServiceTypeNodePort
			s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
			s.Spec.InternalTrafficPolicy = ptr(corev1.ServiceInternalTrafficPolicyLocal)
		}, with(func(c *advisor.ServiceCounts) { c.ClusterIP, c.NodePort, c.ExternalLocal, c.InternalLocal = 0, 1, 1, 1 })},
		{"policy Local of a Service nobody outside can reach", func(s *corev1.Service) {
			s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
		}, plain},
		{"a name as long as nftables takes", longNamed(128), plain},
		{"a name of one byte more", longNamed(129), with(func(c *advisor.ServiceCounts) { c.LongNames = 1 })},
		{"a long name once, of two ports", func(s *corev1.Service) {
			longNamed(129)(s)
			s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: "b"})
		}, with(func(c *advisor.ServiceCounts) { c.LongNames, c.Ports = 1, 2 })},
		{"a long name without a port's name", func(s *corev1.Service) {
			longNamed(129)(s)
			s.Spec.Ports[0].Name = ""
		}, plain},
		{"dual stack", func(s *corev1.Service) { s.Spec.ClusterIPs = []string{"10.96.0.10", "fd00::10"} }, with(func(c *advisor.ServiceCounts) { c.DualStack = 1 })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := services{join: newJoin(0)}
			s.add(serviceNamed("a", tt.change))
			if s.ServiceCounts != tt.want {
				t.Errorf("\n got %+v\nwant %+v", s.ServiceCounts, tt.want)
			}
		})
	}
}

// TestSlices holds one slice of Service cart, ports http and dns, against what it
// adds.
func TestSlices(t *testing.T) {
	all := advisor.EndpointCounts{Slices: 1, Total: 2, IPv4: 2, Ready: 2, Serving: 2, Largest: 2, LargestName: "shop/cart"}
	for _, tt := range []struct {
		name   string
		change func(*discoveryv1.EndpointSlice)
		want   advisor.EndpointCounts
		k      int // of port http
	}{
		{"plain", func(*discoveryv1.EndpointSlice) {}, all, 2},
		{"without the label", func(s *discoveryv1.EndpointSlice) { s.Labels = nil }, advisor.EndpointCounts{}, 0},
		{"headless", func(s *discoveryv1.EndpointSlice) { s.Labels[corev1.IsHeadlessService] = "" }, advisor.EndpointCounts{}, 0},
		{"other proxy", func(s *discoveryv1.EndpointSlice) { s.Labels["service.kubernetes.io/service-proxy-name"] = "x" }, advisor.EndpointCounts{}, 0},
		{"of no Service", func(s *discoveryv1.EndpointSlice) { s.Labels[discoveryv1.LabelServiceName] = "gone" }, advisor.EndpointCounts{}, 0},
		{"of a Service elsewhere", func(s *discoveryv1.EndpointSlice) { s.Namespace = "other" }, advisor.EndpointCounts{}, 0},
		{"no ports", func(s *discoveryv1.EndpointSlice) { s.Ports, s.Endpoints = nil, nil }, advisor.EndpointCounts{Slices: 1}, 0},
		{"another port", func(s *discoveryv1.EndpointSlice) { s.Ports[0].Name = ptr("metrics") }, advisor.EndpointCounts{}, 0},
		{"another protocol", func(s *discoveryv1.EndpointSlice) { s.Ports[0].Protocol = ptr(corev1.ProtocolUDP) }, advisor.EndpointCounts{}, 0},
		{"protocol not set", func(s *discoveryv1.EndpointSlice) { s.Ports[0].Protocol = nil }, all, 2},
		{"port number not set", func(s *discoveryv1.EndpointSlice) { s.Ports[0].Port = nil }, advisor.EndpointCounts{}, 0},
		{"port name not set", func(s *discoveryv1.EndpointSlice) { s.Ports[0].Name = nil }, advisor.EndpointCounts{}, 0},
		{"conditions not set", func(s *discoveryv1.EndpointSlice) {
			for i := range s.Endpoints {
				s.Endpoints[i].Conditions = discoveryv1.EndpointConditions{}
			}
		}, all, 2},
		{"no address, two addresses", func(s *discoveryv1.EndpointSlice) {
			s.Endpoints[0].Addresses = nil
			s.Endpoints[1].Addresses = []string{"10.0.0.1", "10.0.0.2"}
		}, advisor.EndpointCounts{Slices: 1, Total: 1, IPv4: 1, Ready: 1, Serving: 1, Largest: 1, LargestName: "shop/cart"}, 1},
		{
			"one leaving, one ready", func(s *discoveryv1.EndpointSlice) { s.Endpoints[0] = endpointAt("10.0.0.9", false, true, true) },
			advisor.EndpointCounts{Slices: 1, Total: 2, IPv4: 2, Ready: 1, Serving: 2, Terminating: 1, Largest: 1, LargestName: "shop/cart"},
			1,
		},
		{"all leaving", func(s *discoveryv1.EndpointSlice) {
			s.Endpoints[0], s.Endpoints[1] = endpointAt("10.0.0.9", false, true, true), endpointAt("10.0.0.8", false, true, true)
		}, advisor.EndpointCounts{Slices: 1, Total: 2, IPv4: 2, Serving: 2, Terminating: 2, Largest: 2}, 2},
		{"terminating and no longer serving", func(s *discoveryv1.EndpointSlice) {
			s.Endpoints[0], s.Endpoints[1] = endpointAt("10.0.0.9", false, false, true), endpointAt("10.0.0.8", false, false, true)
		}, advisor.EndpointCounts{Slices: 1, Total: 2, IPv4: 2, Terminating: 2}, 0},
		{"ready though terminating (publishNotReadyAddresses)", func(s *discoveryv1.EndpointSlice) {
			s.Endpoints[0], s.Endpoints[1] = endpointAt("10.0.0.9", true, false, true), endpointAt("10.0.0.8", true, true, true)
		}, advisor.EndpointCounts{Slices: 1, Total: 2, IPv4: 2, Ready: 2, Serving: 1, Terminating: 2, Largest: 2, LargestName: "shop/cart"}, 2},
		{
			"IPv6", func(s *discoveryv1.EndpointSlice) { s.AddressType = discoveryv1.AddressTypeIPv6 },
			advisor.EndpointCounts{Slices: 1, Total: 2, IPv6: 2, Ready: 2, Serving: 2, Largest: 2, LargestName: "shop/cart"},
			0,
		},
		{"FQDN", func(s *discoveryv1.EndpointSlice) { s.AddressType = discoveryv1.AddressTypeFQDN }, advisor.EndpointCounts{Slices: 1, FQDN: 2}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := services{join: newJoin(0)}
			s.add(serviceNamed("cart"))
			e := endpoints{join: &s.join}
			e.add(sliceNamed("cart", "cart-1", 2, tt.change))
			if got := e.counts(); got != tt.want {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
			load, _, _ := s.join.load()
			if load.Endpoints != tt.k {
				t.Errorf("%d endpoints to program, want %d", load.Endpoints, tt.k)
			}
		})
	}
}

// TestLoad: what multiplies into rules, by family, the one with more ports first:
// a connection passes those of its own family alone.
func TestLoad(t *testing.T) {
	s := services{join: newJoin(0)}
	s.add(serviceNamed("dual", func(s *corev1.Service) {
		s.Spec.Type = corev1.ServiceTypeLoadBalancer
		s.Spec.ClusterIPs = []string{"10.96.0.10", "fd00::10"}
		s.Spec.ExternalIPs = []string{"192.0.2.1", "2001:db8::1", "2001:db8::2"}
		s.Spec.LoadBalancerSourceRanges = []string{" 10.0.0.0/8", "fd00::/8", "fd01::/16"}
		s.Spec.SessionAffinity = corev1.ServiceAffinityClientIP
		s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
		s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "192.0.2.9"}, {IP: "2001:db8::9"}}
		s.Spec.Ports[0].NodePort = 30080
		s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: "none", NodePort: 30081})
	}))
	s.add(serviceNamed("open", func(s *corev1.Service) {
		s.Spec.LoadBalancerSourceRanges = []string{"10.0.0.0/8", "0.0.0.0/0"}
		s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "192.0.2.10"}}
	}))
	e := endpoints{join: &s.join}
	e.add(sliceNamed("dual", "dual-4", 2))
	e.add(sliceNamed("dual", "dual-6", 3, func(s *discoveryv1.EndpointSlice) { s.AddressType = discoveryv1.AddressTypeIPv6 }))
	e.add(sliceNamed("open", "open-1", 1))

	load, _, empty := s.join.load()
	want := advisor.Load{ // IPv4 has 2 and 1 endpoints; IPv6 3
		Family: "IPv4", DualStack: true, Ports: 3, PortsWithoutEndpoints: 1, PortsWithOneEndpoint: 1, Endpoints: 3,
		AffinityPorts: 1, AffinityEndpoints: 2, NodePorts: 1, NodePortsLocal: 1, NodePortEndpoints: 2,
		ExternalIPPorts: 1, LoadBalancerPorts: 2, ExternalEndpoints: 2*2 + 1, SourceRanges: 1, SourceRangePorts: 1,
	}
	if load != want {
		t.Errorf("\n got %+v\nwant %+v", load, want)
	}
	if empty != 0 {
		t.Errorf("%d Services without endpoints, want 0", empty)
	}
	if got, want := s.join.spread(load), []advisor.PortCount{{Endpoints: 0, Ports: 1}, {Endpoints: 1, Ports: 1}, {Endpoints: 2, Ports: 1}}; !slices.Equal(got, want) {
		t.Errorf("spread %+v, want %+v", got, want)
	}

	e.add(sliceNamed("dual", "dual-6b", 1, func(s *discoveryv1.EndpointSlice) { s.AddressType = discoveryv1.AddressTypeIPv6 }))
	load, other, _ := s.join.load()
	if load != want {
		t.Errorf("more endpoints behind fewer ports:\n got %+v\nwant %+v", load, want)
	}
	want = advisor.Load{
		Family: "IPv6", DualStack: true, Ports: 2, PortsWithoutEndpoints: 1, Endpoints: 4,
		AffinityPorts: 1, AffinityEndpoints: 4, NodePorts: 1, NodePortsLocal: 1, NodePortEndpoints: 4,
		ExternalIPPorts: 2, LoadBalancerPorts: 1, ExternalEndpoints: 3 * 4, SourceRanges: 2, SourceRangePorts: 1,
	}
	check(t, "the other family", other, want)
	if got, want := s.join.spread(want), []advisor.PortCount{{Endpoints: 0, Ports: 1}, {Endpoints: 4, Ports: 1}}; !slices.Equal(got, want) {
		t.Errorf("spread %+v, want %+v", got, want)
	}
}

// TestHints counts the endpoints that a node may leave out.
func TestHints(t *testing.T) {
	s := services{join: newJoin(0)}
	s.add(serviceNamed("cart"))
	e := endpoints{join: &s.join}
	e.add(sliceNamed("cart", "cart-1", 4, func(s *discoveryv1.EndpointSlice) {
		s.Endpoints[0].Hints = &discoveryv1.EndpointHints{ForZones: []discoveryv1.ForZone{{Name: "a"}}}
		s.Endpoints[1].Hints = &discoveryv1.EndpointHints{ForNodes: []discoveryv1.ForNode{{Name: "n"}}}
		s.Endpoints[2].Hints = &discoveryv1.EndpointHints{}
	}))
	if got := e.counts(); got.WithHints != 2 || got.Total != 4 {
		t.Errorf("%+v, want 2 of 4 with hints", got)
	}
}

// TestJoinAgainstNames makes random clusters and compares the join by hashes with
// a plain one by names.
func TestJoinAgainstNames(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		type portName struct{ service, port string }
		ready, leaving := map[portName]int{}, map[portName]int{}
		s := services{join: newJoin(r.IntN(10))}
		var order []portName
		for i := range r.IntN(30) {
			o := serviceNamed(fmt.Sprintf("s%d", i), func(s *corev1.Service) {
				s.Spec.Ports = nil
				for p := range 1 + r.IntN(3) {
					s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: fmt.Sprintf("p%d", p)})
					order = append(order, portName{s.Name, fmt.Sprintf("p%d", p)})
				}
			})
			s.add(o)
		}
		e := endpoints{join: &s.join}
		for i := range r.IntN(60) {
			o := sliceNamed(fmt.Sprintf("s%d", r.IntN(35)), fmt.Sprintf("slice%d", i), 0, func(s *discoveryv1.EndpointSlice) {
				s.Ports = nil
				for p := range r.IntN(4) {
					s.Ports = append(s.Ports, discoveryv1.EndpointPort{Name: ptr(fmt.Sprintf("p%d", p)), Port: ptr(int32(1))})
				}
				for range r.IntN(6) {
					s.Endpoints = append(s.Endpoints, endpointAt("10.0.0.1", r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(2) == 0))
				}
			})
			e.add(o)
			for _, p := range o.Ports {
				for _, end := range o.Endpoints {
					name := portName{o.Labels[discoveryv1.LabelServiceName], *p.Name}
					switch c := end.Conditions; {
					case *c.Ready:
						ready[name]++
					case *c.Serving && *c.Terminating:
						leaving[name]++
					}
				}
			}
		}
		want := advisor.Load{Family: "IPv4", Ports: len(order)}
		largest := 0
		served := map[string]bool{}
		for _, name := range order {
			k := ready[name]
			if k == 0 {
				k = leaving[name]
			}
			want.Endpoints += k
			want.PortsWithoutEndpoints += count(k == 0)
			want.PortsWithOneEndpoint += count(k == 1)
			largest = max(largest, k)
			served[name.service] = served[name.service] || k > 0
		}
		empty := 0
		for _, ok := range served {
			empty += count(!ok)
		}
		load, _, gotEmpty := s.join.load()
		spread := advisor.Load{}
		for _, row := range s.join.spread(load) {
			spread.Ports, spread.Endpoints = spread.Ports+row.Ports, spread.Endpoints+row.Ports*row.Endpoints
		}
		if spread.Ports != want.Ports || spread.Endpoints != want.Endpoints {
			t.Errorf("seed %d: the spread holds %d ports and %d endpoints, the load %d and %d", seed, spread.Ports, spread.Endpoints, want.Ports, want.Endpoints)
		}
		if load != want || gotEmpty != empty || e.counts().Largest != largest {
			t.Fatalf("seed %d\n got %+v, %d empty, largest %d\nwant %+v, %d empty, largest %d",
				seed, load, gotEmpty, e.counts().Largest, want, empty, largest)
		}
	}
}

// TestJoinMemory: 100,000 Services take less than 10 MB whether or not their number
// was known beforehand, and endpoints take nothing.
func TestJoinMemory(t *testing.T) {
	const n = 100_000
	for _, expected := range []int{0, n} {
		before := heap()
		s := services{join: newJoin(expected)}
		o := serviceNamed("")
		for i := range n {
			o.Name = fmt.Sprintf("service-%d", i)
			s.add(o)
		}
		after := heap()
		e := endpoints{join: &s.join}
		slice := sliceNamed("", "slice", 100)
		for i := range n {
			slice.Labels[discoveryv1.LabelServiceName] = fmt.Sprintf("service-%d", i)
			e.add(slice)
		}
		more := heap() - after
		t.Logf("expected %d: %d bytes for a Service, %d in all for %d endpoints", expected, (after-before)/n, more, e.Total)
		if after-before > 10<<20 {
			t.Errorf("%d Services take %d bytes, want less than 10 MiB", n, after-before)
		}
		if more > 1<<20 {
			t.Errorf("%d endpoints take %d bytes, want none", e.Total, more)
		}
		runtime.KeepAlive(&s)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
