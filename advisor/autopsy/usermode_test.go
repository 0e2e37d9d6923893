package autopsy

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
)

// TestUserModeLinux reads what the script told of real kube-proxies in user-mode Linux, in
// IPVS mode and after it: the clean one has nothing, and of the others all is found that
// was left or planted. See TestUserModeLinuxConformance of probe/lab.
func TestUserModeLinux(t *testing.T) {
	sets := fmt.Sprintf("ipvs ipsets %d", 2*len(rules.IPSets())) // of both families
	ofIPVS := []string{"ipvs chains in iptables-legacy 6", sets, "ipvs virtual servers", "ipvs kube-ipvs0 1"}
	for name, c := range map[string]struct {
		mode           advisor.Mode
		left           []string // in the order of the report; without a number where it is many
		draining, idle int
	}{
		"ipvs":             {advisor.IPVS, nil, 0, 0},
		"ipvs-planted":     {advisor.IPVS, nil, 1, 1},
		"ipvs-leftovers":   {advisor.IPTables, ofIPVS, 1, 1},
		"iptables-to-ipvs": {advisor.IPVS, []string{"iptables chains in iptables-legacy"}, 1, 0},
		"both-to-nftables": {advisor.NFTables, append([]string{"iptables chains in iptables-legacy"}, ofIPVS...), 1, 0},
	} {
		text, err := os.ReadFile("../node/testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		all, err := Parse(text)
		if err != nil || len(all) != 1 || all[0].Autopsy == nil {
			t.Fatalf("%s: %d reports, %v", name, len(all), err)
		}
		a := all[0].Autopsy
		var left []string
		for _, l := range a.Leftovers {
			what := fmt.Sprintf("%s %s", l.Of, l.What)
			if l.Count < 100 {
				what += fmt.Sprintf(" %d", l.Count)
			}
			left = append(left, what)
		}
		if all[0].Mode.Value != c.mode || !slices.Equal(left, c.left) {
			t.Errorf("%s: %v, left %q", name, all[0].Mode, left)
		}
		if len(a.Rules.Differ) > 0 || a.Rules.Compared.Value < 40 {
			t.Errorf("%s: of %d rules differ %+v: %+v", name, a.Rules.Compared.Value, a.Rules.Differ, a.Rules.Examples)
		}
		if v := a.IPVS; v == nil || v.Draining != c.draining || v.Idle != c.idle {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
