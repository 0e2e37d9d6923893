package advisor

import (
	"strings"
	"testing"

	"kpadvisor/advisor/release"
	"kpadvisor/say"
)

// spread are facts of a cluster whose ports have different numbers of endpoints.
func spreadFacts(version string, rows ...PortCount) Facts {
	ports, endpoints, empty, largest := 0, 0, 0, 0
	for _, r := range rows {
		ports, endpoints, largest = ports+r.Ports, endpoints+r.Ports*r.Endpoints, max(largest, r.Endpoints)
		if r.Endpoints == 0 {
			empty += r.Ports
		}
	}
	f := typed(ports, endpoints, "6.8.0-48-generic", version, IPTables)
	f.Origin = FromCluster
	f.Nodes = KnownFrom(1, "Nodes")
	f.Services.Value.WithoutEndpoints = empty
	f.Load.Value.PortsWithoutEndpoints = empty
	f.Endpoints.Value.Largest, f.Endpoints.Value.LargestName = largest, "shop/big"
	f.PortsByEndpoints = rows
	return f
}

func iptablesOf(a Advice) Estimate {
	for _, e := range a.Estimates {
		if e.Mode == IPTables {
			return e
		}
	}
	return Estimate{}
}

// saysAll is everything an advice says.
func saysAll(t *testing.T, a Advice) string { return mustJSON(t, a) }

// TestOneHugeService: what a connection costs is that of its Service: half of
// 5,000 rules are examined to pick one of 5,000 endpoints (cases 119 and 144).
func TestOneHugeService(t *testing.T) {
	alone := Decide(typed(1, 5_000, "6.8.0-45-generic", "v1.34.2", IPTables), habits("connections", "short"), Measured{})
	e := iptablesOf(alone)
	if e.NewConnectionP50LowNs/1000 != 25 || e.NewConnectionP50HighNs/1000 != 50 || e.NewConnectionP99Ns/1000 != 100 {
		t.Errorf("one Service with 5,000 endpoints: %+v", e)
	}
	if !strings.Contains(e.NewConnection, "+25 to +50 us p50, about +100 us p99") || e.WorstService != "" {
		t.Errorf("one Service with 5,000 endpoints: %q, %q", e.NewConnection, e.WorstService)
	}
	among := Decide(spreadFacts("v1.36.2", PortCount{3, 20}, PortCount{5_000, 1}), habits("connections", "short", "new-connections", "500"), Measured{})
	e = iptablesOf(among)
	if e.NewConnectionP50HighNs > 1_000 || !strings.Contains(e.WorstService, "shop/big with 5,000 endpoints: +25 to +50 us p50") {
		t.Errorf("among 20 small ones: %d ns, %q", e.NewConnectionP50HighNs, e.WorstService)
	}
	if among.Action != Measure || strings.Contains(saysAll(t, among), "gain too little") {
		t.Errorf("among 20 small ones: %s %q", among.Action, among.Headline)
	}
	steady := Decide(spreadFacts("v1.36.2", PortCount{3, 20}, PortCount{5_000, 1}), habits("connections", "long"), Measured{})
	if steady.Action != Keep {
		t.Errorf("long-lived connections: %s %q", steady.Action, steady.Headline)
	}
	even := Decide(spreadFacts("v1.36.2", PortCount{3, 20}, PortCount{5, 1}), habits("connections", "short"), Measured{})
	if e := iptablesOf(even); e.WorstService != "" || even.Action != Keep {
		t.Errorf("a Service of 5 among those of 3: %q, %s", e.WorstService, even.Action)
	}
}

func TestCommonPort(t *testing.T) {
	for _, c := range []struct {
		rows []PortCount
		want float64
	}{
		{nil, 0},
		{[]PortCount{{0, 500}}, 0},
		{[]PortCount{{0, 500}, {3, 1}}, 3},
		{[]PortCount{{5_000, 1}, {3, 20}}, 3},
		{[]PortCount{{1, 2}, {2, 2}, {9, 5}}, 9},
		{[]PortCount{{1, 5}, {2, 2}, {9, 2}}, 1},
	} {
		if got := commonPort(c.rows); got != c.want {
			t.Errorf("%v: %g, want %g", c.rows, got, c.want)
		}
	}
}

// TestPortsWithoutEndpoints: every new connection passes their REJECT rules,
// measured at 3,000 and 8,000 of them (case 151).
func TestPortsWithoutEndpoints(t *testing.T) {
	for empty, measured := range map[int]int64{3_000: 14_000, 8_000: 22_500} {
		c := connectionCost(IPTables, Load{Ports: empty, PortsWithoutEndpoints: empty}, 0, release.V1(36, 0)).p50
		if c.low > measured+2_000 || c.high < measured {
			t.Errorf("%d ports: %v ns, measured %d", empty, c, measured)
		}
		for _, m := range []Mode{NFTables, IPVS} {
			with := connectionCost(m, Load{Ports: empty, PortsWithoutEndpoints: empty}, 0, release.V1(36, 0))
			if without := connectionCost(m, Load{}, 0, release.V1(36, 0)); with != without {
				t.Errorf("%s: %v with %d empty ports, %v without", m, with, empty, without)
			}
		}
	}
	a := Decide(spreadFacts("v1.36.2", PortCount{0, 3_000}, PortCount{3, 20}), habits("connections", "short", "new-connections", "500"), Measured{})
	text := saysAll(t, a)
	if a.Action != Measure || strings.Contains(text, "gain too little") || strings.Contains(text, "no lookup") {
		t.Errorf("3,000 empty ports beside 20: %s %q", a.Action, a.Headline)
	}
	if !strings.Contains(text, "3,000 ports +9.0 to +15 us (estimate)") {
		t.Errorf("KPA066 does not say what 3,000 empty ports cost: %s", text)
	}
	if a := Decide(spreadFacts("v1.36.2", PortCount{0, 8_000}, PortCount{3, 20}), habits("connections", "short"), Measured{}); a.Action != Change {
		t.Errorf("8,000 empty ports: %s %q", a.Action, a.Headline)
	}
}

// TestConnectionRange: the range holds what was published and measured.
func TestConnectionRange(t *testing.T) {
	for _, c := range []struct {
		services int
		p50      int64
		what     string
	}{
		{5_000, 35_000, "KEP-3866 chart, 0.047 less 0.012 ms"},
		{10_000, 47_000, "KEP-3866 chart, 0.059 less 0.012 ms"},
		{30_000, 260_000, "KEP-3866 chart, 0.272 less 0.012 ms"},
		{4_000, 27_900, "measured, cold caches"},
		{4_000, 36_000, "measured, cold caches, again"},
	} {
		r := connectionCost(IPTables, Load{Ports: c.services}, 0, release.V1(34, 0)).p50
		if float64(c.p50) < 0.93*float64(r.low) || c.p50 > r.high {
			t.Errorf("%s: %d ns at %d Services, estimated %v", c.what, c.p50, c.services, r)
		}
	}
}

// TestUpperBound: what a node may leave out is said, in the formula and as a
// finding (case 145).
func TestUpperBound(t *testing.T) {
	f := spreadFacts("v1.34.2", PortCount{300, 1})
	f.Endpoints.Value.WithHints = 300
	a := Decide(f, habits("connections", "short"), Measured{})
	if e := iptablesOf(a); !strings.Contains(e.Formula, "upper bound: 300 endpoints have zone hints") {
		t.Errorf("formula: %q", e.Formula)
	}
	if !strings.Contains(saysAll(t, a), `"KPA070"`) {
		t.Error("no finding of the zone hints")
	}
	f.Endpoints.Value.WithHints, f.Services.Value.InternalLocal, f.Services.Value.ExternalLocal = 0, 1, 2
	if e := iptablesOf(Decide(f, Habits{}, Measured{})); !strings.Contains(e.Formula, "1 Service has internalTrafficPolicy Local") || !strings.Contains(e.Formula, "2 Services have externalTrafficPolicy Local") {
		t.Errorf("formula: %q", e.Formula)
	}
}

func TestDualStackIsPerFamily(t *testing.T) {
	f := spreadFacts("v1.36.2", PortCount{8, 2_500})
	one := iptablesOf(Decide(f, Habits{}, Measured{}))
	f.Load.Value.DualStack = true
	two := iptablesOf(Decide(f, Habits{}, Measured{}))
	if one.NewConnectionP50Ns != two.NewConnectionP50Ns || !strings.Contains(two.Formula, "its own family") {
		t.Errorf("one family %d ns, two %d: %q", one.NewConnectionP50Ns, two.NewConnectionP50Ns, two.Formula)
	}
}

func TestSpanTexts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{span{25_000, 35_000, 50_000}.added(say.Voice{}), "+25 to +50 us"},
		{span{9_100, 0, 15_200}.added(say.Voice{}), "+9.1 to +15 us"},
		{point(ipvsNs).added(say.Voice{}), "+18 us"},
		{span{}.added(say.Voice{}), "+0 us"},
		{lasting(say.Voice{}, 26e9, 209e9), "26 s to 3.5 min"},
		{lasting(say.Voice{}, 1_003e9, 1_003e9), "17 min"},
		{lasting(say.Voice{}, 40e6, 800e6), "40 ms to 0.8 s"},
		{lasting(say.Voice{}, 5e9, 3e12), "5 s to 50 min"},
		{duration(say.Voice{}, 99.6e9), "1.7 min"},
		{duration(say.Voice{}, 3*3600e9), "3 h"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
