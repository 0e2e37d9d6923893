package advisor

import (
	"slices"
	"testing"

	"kpadvisor/advisor/release"
)

// TestLoopbackNodePorts: one rule more for each node port, which kube-proxy 1.37.2
// wrote at 303 ports with 31 node ports (nat 3,490, not 3,459) and at 1,003 with 101
// (11,575, not 11,474); not before 1.31, not where nodePortAddresses have no loopback, and
// not in IPv6, where loopback has no node ports.
func TestLoopbackNodePorts(t *testing.T) {
	for _, c := range []struct{ ports, nodePorts, more int }{{303, 31, 3_490 - 3_459}, {1_003, 101, 11_575 - 11_474}} {
		l := Load{Family: "IPv4", Ports: c.ports, Endpoints: 3 * c.ports, NodePorts: c.nodePorts}
		v6 := l
		v6.Family = "IPv6"
		without := iptablesObjects(l, false).rules
		if got := iptablesObjects(l, true).rules - without; got != c.more {
			t.Errorf("%d node ports: %d rules more, and kube-proxy wrote %d", c.nodePorts, got, c.more)
		}
		if got := iptablesObjects(v6, true).rules; got != without {
			t.Errorf("%d node ports in IPv6: %d rules, want %d", c.nodePorts, got, without)
		}
	}
	unset := Fact[[]string]{}
	for _, c := range []struct {
		minor     int
		addresses Fact[[]string]
		want      bool
	}{
		{30, unset, false},
		{31, unset, true},
		{37, AbsentFrom[[]string](""), true},
		{37, KnownFrom([]string{"10.0.0.0/8"}, ""), false},
		{37, KnownFrom([]string{"primary"}, ""), false},
		{37, KnownFrom([]string{"10.0.0.0/8", "127.0.0.0/8"}, ""), true},
		{37, KnownFrom([]string{"0.0.0.0/0"}, ""), true},
		{37, KnownFrom([]string{"127.0.0.1/32"}, ""), true},
		{37, KnownFrom([]string{"localhost"}, ""), true},
		{37, KnownFrom([]string{"all"}, ""), true},
		{37, KnownFrom([]string{"fd00::/8"}, ""), true},
		{37, KnownFrom([]string{"fd00::/8", "10.0.0.0/8"}, ""), false},
	} {
		if got := countsLoopback(release.V1(c.minor, 0), c.addresses); got != c.want {
			t.Errorf("1.%d, %v: %t", c.minor, c.addresses.Value, got)
		}
	}
}

// TestEstimateLoopback: the estimate counts the second rule of a node port unless every
// node is known to have none.
func TestEstimateLoopback(t *testing.T) {
	f := ipvsFleet()
	f.Load = KnownFrom(Load{Family: "IPv4", Ports: 100, Endpoints: 300, NodePorts: 40}, "")
	for i := range f.Groups {
		f.Groups[i].Proxy.Version = KnownFrom("v1.33.0", "")
	}
	rules := func() int { return Decide(f, Habits{}, Measured{}).Estimates[slices.Index(Modes(), IPTables)].Rules }
	all := rules()
	for i := range f.Groups {
		if got := rules(); got != all {
			t.Errorf("%d of %d groups without loopback: %d rules, not %d", i, len(f.Groups), got, all)
		}
		f.Groups[i].Proxy.Config.NodePortAddresses = KnownFrom([]string{"10.0.0.0/8"}, "")
	}
	if got := rules(); got != all-40 {
		t.Errorf("no loopback anywhere: %d rules, want %d", got, all-40)
	}
}

// TestExpectedRules: the formula stands beside what kube-proxy counts only where it is one
// for that node.
func TestExpectedRules(t *testing.T) {
	f := Facts{Load: KnownFrom(Load{Family: "IPv4", Ports: 303, Endpoints: 909, NodePorts: 31}, "")}
	r := NodeReport{Placed: true, Rules: KnownFrom(3_494, ""), Version: KnownFrom("v1.37.2", "")}
	want := iptablesObjects(f.Load.Value, true).rules
	six := f
	six.Load.Value.Family, six.OtherLoad = "IPv6", f.Load
	hints, local, none := f, f, f
	hints.Endpoints.Value.WithHints, local.Services.Value.InternalLocal, none.Load = 1, 1, Fact[Load]{}
	primary, elsewhere, old, silent := r, r, r, r
	primary.Config.NodePortAddresses = KnownFrom([]string{"primary"}, "")
	elsewhere.Placed, old.Version, silent.Rules = false, KnownFrom("v1.30.1", ""), Fact[int]{}
	for name, c := range map[string]struct {
		f    Facts
		r    NodeReport
		want int
	}{
		"as it is": {f, r, want}, "the other family": {six, r, want}, "no loopback": {f, primary, want - 31}, "before 1.31": {f, old, want - 31},
		"hints": {hints, r, 0}, "local": {local, r, 0}, "no load": {none, r, 0}, "of another cluster": {f, elsewhere, 0}, "none counted": {f, silent, 0},
	} {
		if got, known := c.f.ExpectedRules(c.r); got != c.want || known != (c.want > 0) {
			t.Errorf("%s: %d, %t", name, got, known)
		}
	}
}
