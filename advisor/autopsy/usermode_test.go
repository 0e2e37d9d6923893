package autopsy

import (
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/probe/lab/rules/rulestest"
)

// guest reads what the script told of a real kube-proxy in user-mode Linux. See
// TestUserModeLinuxConformance of probe/lab.
func guest(t *testing.T, name string, edit ...func([]byte) []byte) (advisor.NodeReport, examined) {
	t.Helper()
	text, err := os.ReadFile("../node/testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range edit {
		text = e(text)
	}
	all, err := Parse(text)
	if err != nil || len(all) != 1 || all[0].Autopsy == nil {
		t.Fatalf("%s: %d reports, %v", name, len(all), err)
	}
	facts, _ := advisor.WithReports(advisor.Facts{}, all)
	n := examined{NodeAutopsy: *all[0].Autopsy}
	for _, f := range advisor.Decide(facts, advisor.Habits{}, advisor.Measured{}).Findings {
		if slices.Contains([]advisor.RuleID{advisor.KPA084, advisor.KPA085, advisor.KPA086, advisor.KPA089}, f.Rule) {
			n.found = append(n.found, f.Rule)
		}
	}
	slices.Sort(n.found)
	return all[0], n
}

// examined is what is said of a node.
type examined struct {
	advisor.NodeAutopsy
	found []advisor.RuleID // by the rules about autopsies
}

// TestUserModeLinux reads what the script told of real kube-proxies in user-mode Linux, in
// IPVS mode and after it: the clean one has nothing, and of the others all is found that
// was left or planted.
func TestUserModeLinux(t *testing.T) {
	sets := fmt.Sprintf("ipvs ipsets %d", 2*len(rules.IPSets())) // of both families
	ofIPVS := []string{"ipvs chains in iptables-legacy 6", sets, "ipvs virtual servers", "ipvs kube-ipvs0 1"}
	for name, c := range map[string]struct {
		mode                            advisor.Mode
		left                            []string // in the order of the report; without a number where it is many
		foreign, byMark, draining, idle int
		found                           []advisor.RuleID
	}{
		"ipvs":             {advisor.IPVS, nil, 0, 0, 0, 0, nil},
		"ipvs-planted":     {advisor.IPVS, nil, 2, 1, 1, 1, []advisor.RuleID{advisor.KPA089}},
		"ipvs-leftovers":   {advisor.IPTables, ofIPVS, 1, 0, 1, 1, []advisor.RuleID{advisor.KPA084, advisor.KPA089}},
		"iptables-to-ipvs": {advisor.IPVS, []string{"iptables chains in iptables-legacy"}, 0, 0, 1, 0, []advisor.RuleID{advisor.KPA084}},
		"both-to-nftables": {advisor.NFTables, append([]string{"iptables chains in iptables-legacy"}, ofIPVS...), 0, 0, 1, 0, []advisor.RuleID{advisor.KPA084}},
	} {
		r, a := guest(t, name)
		var left []string
		for _, l := range a.Leftovers {
			what := fmt.Sprintf("%s %s", l.Of, l.What)
			if l.Count < 50 {
				what += fmt.Sprintf(" %d", l.Count)
			}
			left = append(left, what)
		}
		if r.Mode.Value != c.mode || !slices.Equal(left, c.left) || !slices.Equal(a.found, c.found) {
			t.Errorf("%s: %v, left %q, found %q", name, r.Mode, left, a.found)
		}
		if len(a.Rules.Differ) > 0 || a.Rules.Compared.Value < 40 {
			t.Errorf("%s: of %d rules differ %+v: %+v", name, a.Rules.Compared.Value, a.Rules.Differ, a.Rules.Examples)
		}
		// The one that leaves has a connection, which tells it from the one that stays.
		if v := a.IPVS; v == nil || v.Foreign.Or(-1) != c.foreign || v.ByMark != c.byMark || v.Draining != c.draining || v.Established != c.draining || v.Idle != c.idle || v.Stayed != c.idle || v.Lacking.Or(0) != 0 {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestUserModeLinuxServers: the virtual servers of the clean one are those that the
// generator makes, each with the same real servers.
func TestUserModeLinuxServers(t *testing.T) {
	text, err := os.ReadFile("../node/testdata/ipvs.txt")
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s) section ipvs\.services\n(.*?)\n@@`).FindSubmatch(text)
	if part == nil {
		t.Fatal("no virtual servers were read")
	}
	is := map[endpointKey]map[netip.AddrPort]realServer{}
	for _, v := range parseIPVS(string(part[1])) {
		is[endpointKey{v.protocol, v.addr}] = v.real
	}
	want := 0
	for _, s := range rulestest.WithKubernetes(rulestest.OfGuest()) {
		for _, v := range s.VirtualServers() {
			want++
			real, there := is[endpointKey{v.Protocol, v.Addr}]
			for _, e := range v.Endpoints {
				there = there && real[e.Addr].weight == 1
			}
			if !there || len(real) != len(v.Endpoints) {
				t.Errorf("%s: %s %v has %v, want %v", s, v.Protocol, v.Addr, real, v.Endpoints)
			}
		}
	}
	if len(is) != want {
		t.Errorf("%d virtual servers, want %d", len(is), want)
	}
}

// TestUserModeLinuxStays: the real server of weight 0 that nothing connects to is one for a
// rule once it has stayed for longer than kube-proxy takes to look, and that which a
// connection keeps is not.
func TestUserModeLinuxStays(t *testing.T) {
	later := func(text []byte) []byte {
		at := regexp.MustCompile(`( section ipvs\.services\.2\.at\n)[0-9.]+`)
		return at.ReplaceAll(text, []byte("${1}999.00"))
	}
	_, a := guest(t, "ipvs-planted", later)
	if !slices.Equal(a.found, []advisor.RuleID{advisor.KPA086, advisor.KPA089}) || a.IPVS.Stayed != 1 {
		t.Errorf("found %q: %+v", a.found, a.IPVS)
	}
	if _, a := guest(t, "ipvs", later); len(a.found) > 0 {
		t.Errorf("found %q: %+v", a.found, a.IPVS)
	}
}
