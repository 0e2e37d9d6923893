package rules

import (
	"bytes"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kpadvisor/plain"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares with testdata/name, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and read the difference\ngot:\n%s", name, got)
	}
}

// small has a Service without endpoints, one with one and one with three.
func small() []Service {
	return Shape{Services: 3, Distribution: []int{3, 1, 0}, Seed: 1}.List(0)
}

func TestNamesAreKubeProxys(t *testing.T) {
	// Pairs of a name and its hash as kube-proxy 1.37.2 wrote them in a cluster.
	s := Service{Namespace: "team-000", Name: "svc-00004", PortName: "http", Protocol: "tcp"}
	if got, want := svcChain(s), "KUBE-SVC-CDXRKGBBTRA6RHYA"; got != want {
		t.Errorf("svcChain = %s, want %s", got, want)
	}
	e := Endpoint{Addr: netip.MustParseAddrPort("10.128.0.15:8080")}
	if got, want := sepChain(s, e), "KUBE-SEP-C2X544DAQLAFB7W2"; got != want {
		t.Errorf("sepChain = %s, want %s", got, want)
	}
	if got, want := nftChain(s), "service-DGXGP6JL-team-000/svc-00004/tcp/http"; got != want {
		t.Errorf("nftChain = %s, want %s", got, want)
	}
}

func TestIPTablesGolden(t *testing.T) {
	services := small()
	golden(t, "iptables-first.txt", IPTables(Diff(nil, services), 1))
	golden(t, "iptables-first-two-rules.txt", IPTables(Diff(nil, services), 2))
	golden(t, "iptables-one-endpoint.txt", IPTables(Diff(services, WithOneEndpointMoved(services, 0)), 1))
	golden(t, "iptables-fewer.txt", IPTables(Diff(services, services[:1]), 1))
}

func TestIPVSGolden(t *testing.T) {
	services := small()
	golden(t, "ipvs-iptables.txt", IPVSRules(Diff(nil, services)))
	golden(t, "ipvs-ipset-first.txt", IPSetInput(Diff(nil, services)))
	golden(t, "ipvs-ipset-one-endpoint.txt", IPSetInput(Diff(services, WithOneEndpointMoved(services, 0))))
}

// Counted by kube-proxy's own test number_generated_rules_test.go: nat holds
// 5 + S(2+3k) rules and filter 4, with the jumps apart.
func TestIPTablesRuleCounts(t *testing.T) {
	for _, c := range []struct{ services, endpoints int }{{1, 1}, {1, 10}, {10, 10}, {200, 7}} {
		input := IPTables(Diff(nil, Shape{Services: c.services, Endpoints: c.endpoints}.List(0)), 1)
		got, _ := CountLines(input)
		want := 5 + c.services*(2+3*c.endpoints) + 4 + len(filterJumps()) + len(natJumps())
		if got != want {
			t.Errorf("%d x %d: %d rules, want %d", c.services, c.endpoints, got, want)
		}
	}
}

// One endpoint's change writes KUBE-SERVICES whole and the chains of one Service.
func TestIPTablesPartialIsOneServicePlusTheList(t *testing.T) {
	services := Shape{Services: 500, Endpoints: 10}.List(0)
	got, _ := CountLines(IPTables(Diff(services, WithOneEndpointMoved(services, 3)), 1))
	if want := 500 + 5 + 4 + 1 + 3*10; got != want {
		t.Errorf("%d rules, want %d", got, want)
	}
}

func TestLargeClusterDropsEndpointComments(t *testing.T) {
	under := string(IPTables(Diff(nil, Shape{Services: 100, Endpoints: 10}.List(0)), 1))
	over := string(IPTables(Diff(nil, Shape{Services: 101, Endpoints: 10}.List(0)), 1))
	if !strings.Contains(under, `:http -> 10.`) || strings.Contains(over, `:http -> 10.`) {
		t.Error("comments of endpoint rules belong below 1001 endpoints only")
	}
	if !strings.Contains(over, `:http cluster IP"`) {
		t.Error("comments of Service rules stay in a large cluster")
	}
}

// The order of KUBE-SERVICES is the order of the Services, and the NodePort
// rule comes last.
func TestRuleOrder(t *testing.T) {
	shape := Shape{Services: 40, Endpoints: 2, Seed: 9}
	services := shape.List(0)
	var order []string
	for l := range strings.Lines(string(IPTables(Diff(nil, services), 1))) {
		if f := strings.Fields(l); len(f) > 1 && f[0] == "-A" && f[1] == "KUBE-SERVICES" {
			order = append(order, f[len(f)-1])
		}
	}
	want := make([]string, 0, 41)
	for _, s := range services {
		want = append(want, svcChain(s))
	}
	want = append(want, "KUBE-NODEPORTS")
	if !slices.Equal(order, want) {
		t.Errorf("KUBE-SERVICES order is %v", order)
	}
}

func TestShapeValidate(t *testing.T) {
	for _, c := range []struct {
		shape Shape
		ok    bool
	}{
		{Shape{Services: 1}, true},
		{Shape{Services: 10_000, Endpoints: 20}, true},
		{Shape{Services: 0}, false},
		{Shape{Services: -3}, false},
		{Shape{Services: MaxServices + 1}, false},
		{Shape{Services: 10, Endpoints: -1}, false},
		{Shape{Services: 10, Endpoints: MaxEndpoints + 1}, false},
		{Shape{Services: 50_000, Endpoints: 21}, false}, // over a million endpoints
		{Shape{Services: 10, Distribution: []int{1, 2, -1}}, false},
		{Shape{Services: 10, RulesPerPort: 3}, false},
		{Shape{Services: 2000, NodePort: 30, LoadBalancer: 30, Affinity: 100, Local: 100}, true},
		{Shape{Services: 10, NodePort: 60, LoadBalancer: 41}, false},
		{Shape{Services: 10, NodePort: -1, LoadBalancer: 1}, false},
		{Shape{Services: 10, Local: 101}, false},
		{Shape{Services: 10, Local: 1, RulesPerPort: 2}, false},
		{Shape{Services: 3000, NodePort: 50}, false}, // more than there are ports
	} {
		if err := c.shape.Validate(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.shape, err)
		}
	}
}

// Every position has an endpoint to connect to, at any size, and no address is
// given out twice.
func TestEveryPositionIsAlive(t *testing.T) {
	for n := 1; n < 60; n++ {
		shape := Shape{Services: n, Distribution: []int{0, 2, 5}, Seed: uint64(n)}
		services := shape.List(0)
		for _, p := range Positions() {
			s := services[shape.Index(p)]
			if len(s.Endpoints) == 0 || !s.Endpoints[0].Local {
				t.Fatalf("%d Services: nothing answers at %s", n, p)
			}
		}
		seen := map[string]bool{}
		for _, s := range services {
			for _, e := range s.Endpoints {
				if seen[e.Addr.String()] || !PodCIDR().Contains(e.Addr.Addr()) {
					t.Fatalf("%d Services: %s twice, or outside %s", n, e.Addr, PodCIDR())
				}
				seen[e.Addr.String()] = true
			}
		}
	}
}

// Going somewhere and back leaves nothing to do, and what is new on the way is
// gone on the way back.
func TestDiffIsSymmetric(t *testing.T) {
	a := Shape{Services: 20, Endpoints: 3, Seed: 1}.List(0)
	b := Shape{Services: 31, Endpoints: 3, Seed: 1}.List(0)
	there, back := Diff(a, b), Diff(b, a)
	if d := Diff(a, a); len(d.Changed)+len(d.Gone) != 0 {
		t.Errorf("no change gives %d changed, %d gone", len(d.Changed), len(d.Gone))
	}
	if len(there.Changed) != len(back.Gone) || len(there.Gone) != len(back.Changed) {
		t.Errorf("there %d/%d, back %d/%d", len(there.Changed), len(there.Gone), len(back.Changed), len(back.Gone))
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", -1000: "-1,000", -999: "-999", 1234567: "1,234,567", 50_000: "50,000"} {
		if got := plain.Number(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
}

// Pieces hold every line once, in order, each within its table.
func TestPieces(t *testing.T) {
	input := IPTables(Diff(nil, Shape{Services: 30, Endpoints: 3}.List(0)), 1)
	for _, size := range []int{1, 7, 100, 1 << 20} {
		var lines []string
		for _, piece := range Pieces(input, size) {
			text := strings.TrimSuffix(string(piece), "COMMIT\n")
			table, rest, _ := strings.Cut(text, "\n")
			if n := strings.Count(rest, "\n"); n > size || !strings.HasPrefix(table, "*") {
				t.Fatalf("a piece of %d lines in table %q, at most %d", n, table, size)
			}
			for l := range strings.Lines(rest) {
				lines = append(lines, table+" "+l)
			}
		}
		var want []string
		table := ""
		for l := range strings.Lines(string(input)) {
			if strings.HasPrefix(l, "*") {
				table = strings.TrimSpace(l)
			} else if !strings.HasPrefix(l, "COMMIT") {
				want = append(want, table+" "+l)
			}
		}
		if !slices.Equal(lines, want) {
			t.Errorf("pieces of %d lines differ from the whole", size)
		}
	}
}

// Another number of Services changes the Services that come or go, and those
// that are live in one and not in the other.
func TestResizeChangesOnlyWhatDiffers(t *testing.T) {
	for _, c := range []struct{ from, to int }{{100, 1000}, {1000, 2000}, {4000, 1000}, {10, 11}} {
		shape := Shape{Services: c.from, Endpoints: 5, Seed: 1}
		before := shape.List(0)
		shape.Services = c.to
		d := Diff(before, shape.List(0))
		moved := 2 * len(Positions())
		if n := len(d.Changed); n > max(0, c.to-c.from)+moved {
			t.Errorf("%d to %d Services: %d are programmed", c.from, c.to, n)
		}
		if n := len(d.Gone); n > max(0, c.from-c.to)+moved {
			t.Errorf("%d to %d Services: %d are removed", c.from, c.to, n)
		}
	}
}

// Shares hold over any hundred Services, meet in every combination, and no port or
// address is given out twice.
func TestShares(t *testing.T) {
	type kind struct{ nodePort, loadBalancer, affinity, local bool }
	shape := Shape{Services: 1400, Endpoints: 1, NodePort: 30, LoadBalancer: 60, Affinity: 40, Local: 50}
	if err := shape.Validate(); err != nil {
		t.Fatal(err)
	}
	ports, addresses, kinds := map[uint16]bool{}, map[netip.Addr]bool{}, map[kind]int{}
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	var exposed, balanced, sticky, local int
	for i, s := range shape.List(0) {
		for _, port := range []uint16{s.NodePort, s.HealthCheckNodePort} {
			if port != 0 && (ports[port] || port < 30_000 || port > 32_767) {
				t.Fatalf("%s has the port %d, which is taken or no NodePort", s, port)
			}
			ports[port] = true
		}
		if lb := s.LoadBalancer; lb.IsValid() {
			if addresses[lb] || PodCIDR().Contains(lb) || ServiceCIDR().Contains(lb) {
				t.Fatalf("%s has the address %s, which is taken", s, lb)
			}
			addresses[lb] = true
		}
		if needs := s.LoadBalancer.IsValid() && s.ExternalLocal; needs != (s.HealthCheckNodePort != 0) {
			t.Fatalf("%s: %+v", s, s.Traffic)
		}
		kinds[kind{s.NodePort != 0, s.LoadBalancer.IsValid(), s.Affinity > 0, s.InternalLocal}]++
		count(&exposed, s.NodePort != 0)
		count(&balanced, s.LoadBalancer.IsValid())
		count(&sticky, s.Affinity > 0)
		count(&local, s.InternalLocal)
		if i%100 == 99 && (exposed != 90*(i+1)/100 || balanced != 60*(i+1)/100 || sticky != 40*(i+1)/100 || local != 50*(i+1)/100) {
			t.Fatalf("of %d Services %d are exposed, %d have a load balancer, %d affinity, %d policy Local", i+1, exposed, balanced, sticky, local)
		}
	}
	if len(kinds) != 12 {
		t.Errorf("%d kinds: %v", len(kinds), kinds)
	}
}

// The Services of every kind, written once: what a kube-proxy of this machine
// confirms where there is one.
func TestExposedGolden(t *testing.T) {
	services := Shape{Services: 12, Distribution: []int{2, 1, 0}, Seed: 1, NodePort: 30, LoadBalancer: 30, Affinity: 40, Local: 50}.List(0)
	golden(t, "exposed-iptables.txt", IPTables(Diff(nil, services), 1))
	golden(t, "exposed-ipvs.txt", append(IPSetInput(Diff(nil, services)), IPVSRules(Diff(nil, services))...))
}

// What few Services have: SCTP, an external address, a load balancer that not everybody
// may ask, the node among them or not.
func TestRareGolden(t *testing.T) {
	services := small()
	services[0].Protocol, services[0].NodePort, services[0].ExternalIP = "sctp", 30_000, netip.MustParseAddr("198.18.9.1")
	services[1].Protocol, services[1].NodePort, services[1].ExternalLocal, services[1].ExternalIP = "udp", 30_001, true, netip.MustParseAddr("198.18.9.2")
	for i, sources := range []string{"192.0.2.0/24", "203.0.113.0/24"} {
		services[i].LoadBalancer, services[i].SourceRange = addTo(loadBalancers(), i), netip.MustParsePrefix(sources)
	}
	golden(t, "rare-iptables.txt", IPTables(Diff(nil, services), 1))
	golden(t, "rare-ipvs.txt", append(IPSetInput(Diff(nil, services)), IPVSRules(Diff(nil, services))...))
}
