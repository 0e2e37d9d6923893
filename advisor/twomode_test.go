package advisor

import (
	"testing"

	"kpadvisor/advisor/release"
)

// TestTwoMode is the UK8S guide: the measured sizes with the kube-proxy of 2019
// (two rules per port), and the same question from 1.22 on (one rule).
func TestTwoMode(t *testing.T) {
	const exposed, safe = "4.19.0", "6.1.0"
	for _, c := range []struct {
		services        int
		version, kernel string
		pattern         string
		want            TwoModeAnswer
		why             string
	}{
		{100, "v1.16.0", exposed, "short", TwoIPTables, "75.5 against 93.3 ms"},
		{500, "v1.16.0", exposed, "short", TwoIPTables, "79.5 against 93.8 ms"},
		{500, "v1.16.0", exposed, "long", TwoIPTables, "medium cluster"},
		{1_000, "v1.16.0", exposed, "short", TwoIPTables, "96.7 against 93.5 ms, and 81775 rules IPVS out"},
		{1_000, "v1.16.0", safe, "short", TwoEither, "96.7 against 93.5 ms"},
		{1_000, "v1.16.0", exposed, "long", TwoEither, "96.7 against 93.5 ms"},
		{2_000, "v1.16.0", exposed, "long", TwoIPVS, "121.0 against 95.4 ms"},
		{2_000, "v1.16.0", exposed, "short", TwoIPTables, "many short connections meet issue 81775"},
		{4_000, "v1.16.0", exposed, "long", TwoIPVS, "195.4 against 95.2 ms"},
		{4_000, "v1.16.0", exposed, "keepalive", TwoIPVS, "few new connections"},
		{4_000, "v1.16.0", exposed, "", TwoIPTables, "nobody said they are long-lived"},
		{4_000, "v1.16.0", safe, "short", TwoIPVS, "the guide's reason against IPVS is gone"},
		{1_000, "v1.30.0", exposed, "short", TwoIPTables, "one rule per port: half the cost"},
		{2_000, "v1.30.0", exposed, "long", TwoEither, "the band has moved to about 2,000"},
		{4_000, "v1.30.0", safe, "", TwoIPVS, "above the band"},
		{4_000, "v1.30.0", "4.18.0-305.el8.x86_64", "short", TwoIPTables, "81775 not ruled out"},
		{4_000, "v1.30.0", "4.18.0-305.el8.x86_64", "mixed", TwoIPVS, "by count, with the check"},
		{4_000, "v1.43.0", safe, "long", TwoIPTables, "IPVS is gone"},
		{4_000, "", safe, "long", TwoIPVS, "above the band of either layout"},
		{500, "", safe, "long", TwoIPTables, "below the band of either layout"},
		{2_000, "", safe, "long", TwoUnknown, "the layout decides"},
	} {
		var h Habits
		if c.pattern != "" {
			h = habits("connections", c.pattern)
		}
		a := Decide(typed(c.services, 20*c.services, c.kernel, c.version, IPTables), h, Measured{})
		if a.TwoMode != c.want || a.TwoModeWhy == "" {
			t.Errorf("%d Services, %s, kernel %s, %q: %s, want %s (%s)", c.services, c.version, c.kernel, c.pattern, a.TwoMode, c.want, c.why)
		}
	}
}

// TestBandIsTheCostModel: the band lies where the ranges of the estimates
// overlap: iptables may be the cheaper one at its lower end and is dearer by the
// middle of the estimate at its upper one.
func TestBandIsTheCostModel(t *testing.T) {
	for _, v := range []release.Version{release.V1(21, 0), release.V1(22, 0)} {
		b := bandOf(v)
		low := connectionCost(IPTables, Load{Ports: b.low}, 0, v).p50
		high := connectionCost(IPTables, Load{Ports: b.high}, 0, v).p50
		if low.high >= ipvsNs || high.mid <= ipvsNs {
			t.Errorf("1.%d: iptables costs %v to %v ns in the band, IPVS %d", v.Minor, low, high, ipvsNs)
		}
	}
}
