package page

import (
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/say"
)

// TestAutopsies: what was found, what was not there, and what could not be seen are told
// apart.
func TestAutopsies(t *testing.T) {
	known := func(n int) advisor.Fact[int] { return advisor.KnownFrom(n, "") }
	for want, a := range map[string]advisor.NodeAutopsy{
		"nothing left over of IPVS and nftables mode; 1,763 rules compared, and none differs from kube-proxy's; 42 rules not compared: load balancer source ranges": {
			Looked: []advisor.Mode{advisor.IPVS, advisor.NFTables},
			Rules:  advisor.RuleComparison{Compared: known(1_763), Apart: []advisor.RulesApart{{Why: advisor.ApartRanges, Count: 42}}},
		},
		"left over: 17 ipsets of ipvs mode; leftovers of nftables mode could not be seen, which takes root and the tools; no rules compared: the rules were not read: that takes root and the tools": {
			Leftovers: []advisor.Leftover{{Of: advisor.IPVS, What: advisor.LeftIPSets, Count: 17}}, Looked: []advisor.Mode{advisor.IPVS},
			Rules: advisor.RuleComparison{Apart: []advisor.RulesApart{{Why: advisor.ApartNotRead}}},
		},
		"nothing left over of IPVS and nftables mode; 9 rules compared; 1 added in KUBE-SERVICES (nat); 2 virtual servers that kube-proxy did not make; 1 real server of weight 0 without a connection, 5 s later still there": {
			Looked: []advisor.Mode{advisor.IPVS, advisor.NFTables},
			Rules:  advisor.RuleComparison{Compared: known(9), Differ: []advisor.RuleDifference{{How: advisor.RuleAdded, Table: "nat", Chain: "KUBE-SERVICES", Count: 1}}},
			IPVS:   &advisor.IPVSAutopsy{Foreign: known(2), Idle: 1, Stayed: 1, Apart: 5 * time.Second},
		},
		"nothing left over of IPVS and nftables mode; 2 addresses of Services whose virtual server was not seen (the kernel leaves out lines where other network namespaces have some)": {
			Looked: []advisor.Mode{advisor.IPVS, advisor.NFTables},
			IPVS:   &advisor.IPVSAutopsy{Foreign: known(0), Lacking: known(2)},
		},
	} {
		s := autopsies(say.Voice{}, advisor.Facts{NodeReports: []advisor.NodeReport{{Placed: true, Mode: advisor.KnownFrom(advisor.IPTables, ""), Autopsy: &a}}})
		if len(s.Items) != 1 || s.Items[0].Text != want {
			t.Errorf("%+v\nwant %s", s.Items, want)
		}
	}
	if s := autopsies(say.Voice{}, advisor.Facts{NodeReports: []advisor.NodeReport{{Placed: true}}}); len(s.section().Blocks) > 0 {
		t.Errorf("of a report that nobody looked into: %+v", s)
	}
}
