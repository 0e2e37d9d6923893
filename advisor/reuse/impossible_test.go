package reuse

import (
	"fmt"
	"strings"
	"testing"
)

// TestImpossibleSysctls: a value that a kernel cannot mean is a doubt, said in a short
// clause, and is not believed.
func TestImpossibleSysctls(t *testing.T) {
	for _, line := range []string{
		SysctlReuse + " = 7", SysctlReuse + " = -1", SysctlReuse + " = 4", SysctlConntrack + " = 2147483648", SysctlExpire + " = -2147483649",
		SysctlReuse + " = 9223372036854775808", SysctlReuse + " = 1.5", SysctlExpire + " = " + strings.Repeat("9", 60_000),
	} {
		all, err := ParseSysctls(line, "node-1")
		if err != nil || len(all) != 1 || len(all[0].Values) != 0 || len(all[0].Doubts) != 1 || len(all[0].Doubts[0]) > 120 {
			t.Errorf("%.60s: %v, %.200s", line, err, fmt.Sprint(all))
		}
	}
	// A switch is on with whatever is not 0.
	for value, want := range map[string]int{"0": 0, "1": 1, "2": 1, "-1": 1, "2147483647": 1} {
		all, err := ParseSysctls(SysctlExpire+" = "+value, "node-1")
		if err != nil || len(all) != 1 || all[0].Values[SysctlExpire] != want || len(all[0].Doubts) != 0 {
			t.Errorf("%s: %v, %v", value, err, all)
		}
	}
	all, err := ParseSysctls(SysctlReuse+" = 3\n"+SysctlExpire+" = 1", "node-1")
	if err != nil || len(all) != 1 || len(all[0].Values) != 2 || len(all[0].Doubts) != 0 {
		t.Errorf("%v, %v", err, all)
	}
}

// TestDoubtImpossible: the same of what a file says, whichever way the names are written.
func TestDoubtImpossible(t *testing.T) {
	live := map[string]int{SysctlReuse: 1 << 40, "expire_nodest_conn": -1, SysctlConntrack: 1 << 62, "net.ipv4.vs.drop_entry": 9}
	doubts := DoubtImpossible(live)
	if len(doubts) != 2 || len(live) != 2 || live["expire_nodest_conn"] != 1 || live["net.ipv4.vs.drop_entry"] != 9 {
		t.Errorf("%v, %v", doubts, live)
	}
}
