package advisor

import (
	"strings"
	"testing"

	"kpadvisor/advisor/release"
)

// TestIPTablesObjects takes its numbers from kube-proxy's own test
// (number_generated_rules_test.go) and from the restore input of real syncs.
func TestIPTablesObjects(t *testing.T) {
	for _, c := range []struct {
		name          string
		load          Load
		rules, chains int
	}{
		{"nothing", Load{}, 5 + 4, 10},
		{"1 Service, no endpoint", Load{Ports: 1, PortsWithoutEndpoints: 1}, 5 + 5, 10},
		{"1 x 1", Load{Ports: 1, Endpoints: 1}, 10 + 4, 12},
		{"1 x 10", Load{Ports: 1, Endpoints: 10}, 37 + 4, 21},
		{"10 x 0", Load{Ports: 10, PortsWithoutEndpoints: 10}, 5 + 14, 10},
		{"10 x 1", Load{Ports: 10, Endpoints: 10}, 55 + 4, 30},
		{"10 x 10", Load{Ports: 10, Endpoints: 100}, 325 + 4, 120},
		{"5,000 x 10, as dumped", Load{Ports: 5_000, Endpoints: 50_000}, 160_009, 55_010},
		{"1 load balancer x 2", Load{Ports: 1, Endpoints: 2, ExternalIPPorts: 1, LoadBalancerPorts: 1, NodePorts: 1, SourceRanges: 1, SourceRangePorts: 1}, 21 + 5, 15},
	} {
		if got := iptablesObjects(c.load, true); got.rules != c.rules || got.chains != c.chains {
			t.Errorf("%s: %d rules in %d chains, want %d in %d", c.name, got.rules, got.chains, c.rules, c.chains)
		}
	}
}

// TestNFTablesObjects takes its numbers from running kube-proxies with 5,000
// Services of 20 endpoints; they hold both families, so 15 chains and 20 rules
// of the empty one are added.
func TestNFTablesObjects(t *testing.T) {
	l := Load{Ports: 5_000, Endpoints: 100_000}
	now, before := nftablesObjects(l, release.V1(37, 2)), nftablesObjects(l, release.V1(34, 4))
	if now.chains+15 != 5_030 || now.rules+20 != 5_042 {
		t.Errorf("1.37.2: %d chains, %d rules", now.chains+15, now.rules+20)
	}
	if d := before.chains + 15 - 105_032; abs(d) > 5 {
		t.Errorf("1.34.4: %d chains, measured 105,032", before.chains+15)
	}
	if d := before.rules + 20 - 210_045; abs(d) > 10 {
		t.Errorf("1.34.4: %d rules, measured 210,045", before.rules+20)
	}
	if affinity := nftablesObjects(Load{Ports: 1, Endpoints: 3, AffinityPorts: 1, AffinityEndpoints: 3}, release.V1(37, 0)); affinity.chains != 15+1+3 || affinity.rules != 22+10 {
		t.Errorf("ClientIP affinity: %+v, want 3k+1 rules and 1+k chains more", affinity)
	}
}

func TestIPVSObjects(t *testing.T) {
	o := ipvsObjects(Load{Ports: 10, Endpoints: 30, NodePorts: 2, NodePortEndpoints: 6, LoadBalancerPorts: 1, ExternalEndpoints: 3})
	if o.virtualServers != 13 || o.realServers != 39 {
		t.Errorf("%+v, want 13 virtual and 39 real servers", o)
	}
}

func TestConnectionCost(t *testing.T) {
	for _, c := range []struct {
		services, minor int
		p50, p99        int64
	}{
		{1_000, 22, 7_000, 23_000},
		{5_000, 30, 35_000, 115_000},
		{10_000, 36, 70_000, 230_000},
		{30_000, 36, 210_000, 690_000},
		{1_000, 21, 14_000, 46_000},
	} {
		p50, p99 := connectionNs(IPTables, Load{Ports: c.services}, release.V1(c.minor, 0))
		if p50 != c.p50 || p99 != c.p99 {
			t.Errorf("%d Services at 1.%d: p50 %d, p99 %d; want %d, %d", c.services, c.minor, p50, p99, c.p50, c.p99)
		}
	}
	// The KEP-3866 chart: iptables p99 less nftables p99 at 5,000, 10,000 and 30,000 Services.
	for services, chart := range map[int]int64{5_000: 118_000, 10_000: 225_000, 30_000: 678_000} {
		_, p99 := connectionNs(IPTables, Load{Ports: services}, release.V1(33, 0))
		if d := float64(p99-chart) / float64(chart); d > 0.05 || d < -0.05 {
			t.Errorf("%d Services: p99 %d, the chart says %d", services, p99, chart)
		}
	}
}

// TestEstimatesAreLabelled: every estimate says its formula and its source, and
// what cannot be counted is not shown as a number.
func TestEstimatesAreLabelled(t *testing.T) {
	for _, e := range Decide(typed(200, 1_000, "6.1.0", "v1.34.0", IPTables), Habits{}, Measured{}).Estimates {
		if !e.Known || e.Formula == "" || e.Source == "" || e.NewConnection == "" || e.OneEndpointChange == "" || e.FullSync == "" {
			t.Errorf("%s: %+v", e.Mode, e)
		}
	}
	f := typed(200, 1_000, "6.1.0", "v1.34.0", IPTables)
	f.Load, f.Endpoints = Fact[Load]{}, UnknownFor[EndpointCounts](Forbidden, "")
	for _, e := range Decide(f, Habits{}, Measured{}).Estimates {
		if e.Known || e.Rules != 0 || !strings.Contains(e.Formula, "endpoints are not known") {
			t.Errorf("%s without endpoints: %+v", e.Mode, e)
		}
	}
}

func TestScaledLoad(t *testing.T) {
	l := Load{Ports: 4_871, PortsWithoutEndpoints: 31, Endpoints: 38_771, NodePorts: 160, LoadBalancerPorts: 32, ExternalIPPorts: 3}
	for _, n := range []int{1, 7, 100, 991, 4_875, 50_000} {
		if got := l.scaled(n); got.entries() != n {
			t.Errorf("scaled to %d entries: %d", n, got.entries())
		}
	}
	if got := (Load{}).scaled(100); got.entries() != 100 {
		t.Errorf("an empty load scaled to 100: %d", got.entries())
	}
}
