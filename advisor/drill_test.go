package advisor

import (
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor/reuse"
)

func ipvsConfig(mode, expire, conntrack int) reuse.Config {
	return reuse.Config{Mode: string(IPVS), ConnReuseMode: mode, ExpireNodestConn: expire, Conntrack: conntrack}
}

// A drill weighs for nodes with its kernel, and only where it could have shown
// something.
func TestDrillsInTheAdvice(t *testing.T) {
	const here = "5.4.0-96-generic"
	row := func(seen reuse.Exposure, mode, expire int) DrillRow {
		return DrillRow{Config: ipvsConfig(mode, expire, 1), Seen: seen, After: 541, Failed: 159, ToOldPod: 159}
	}
	for name, c := range map[string]struct {
		kernel, version string // of the nodes
		live            map[string]int
		drill           Drill
		want            reuse.Exposure
		measured        int
	}{
		"it contradicts the table":       {here, "v1.30.0", nil, Drill{Kernel: here, Rows: []DrillRow{row(reuse.Safe, 0, 1)}}, reuse.Safe, 1},
		"it confirms the table":          {here, "v1.30.0", nil, Drill{Kernel: here, Rows: []DrillRow{row(reuse.StalePod, 0, 1)}}, reuse.StalePod, 1},
		"another kernel":                 {here, "v1.30.0", nil, Drill{Kernel: "5.4.0-95-generic", Rows: []DrillRow{row(reuse.Safe, 0, 1)}}, reuse.StalePod, 0},
		"other sysctls":                  {here, "v1.30.0", nil, Drill{Kernel: here, Rows: []DrillRow{row(reuse.Safe, 1, 1)}}, reuse.StalePod, 0},
		"it did not tell":                {here, "v1.30.0", nil, Drill{Kernel: here, Rows: []DrillRow{row(reuse.UnknownReuse, 0, 1)}}, reuse.StalePod, 0},
		"worse than the table":           {"6.1.0", "v1.30.0", map[string]int{reuse.SysctlReuse: 0}, Drill{Kernel: "6.1.0", Rows: []DrillRow{row(reuse.StalePod, 0, 1)}}, reuse.StalePod, 1},
		"the worst of two":               {here, "v1.30.0", nil, Drill{Kernel: here, Rows: []DrillRow{row(reuse.Safe, 0, 1), row(reuse.StalePod, 0, 1)}}, reuse.StalePod, 2},
		"a vendor's kernel":              {"4.18.0-305.el8.x86_64", "v1.30.0", nil, Drill{Kernel: "4.18.0-305.el8.x86_64", Rows: []DrillRow{row(reuse.Safe, 0, 1)}}, reuse.Safe, 1},
		"if 0, and 0 is safe":            {"5.10.50", "v1.30.0", nil, Drill{Kernel: "5.10.50", Rows: []DrillRow{row(reuse.Safe, 0, 1), row(reuse.Safe, 1, 1)}}, reuse.Safe, 2},
		"if 0, and only 1 was tried":     {"5.10.50", "v1.30.0", nil, Drill{Kernel: "5.10.50", Rows: []DrillRow{row(reuse.Safe, 1, 1)}}, reuse.IfSysctl0, 1},
		"if 0, and 0 is not":             {"5.10.50", "v1.30.0", nil, Drill{Kernel: "5.10.50", Rows: []DrillRow{row(reuse.StalePod, 0, 1)}}, reuse.IfSysctl0, 1},
		"1 is not safe either":           {"5.10.50", "v1.30.0", nil, Drill{Kernel: "5.10.50", Rows: []DrillRow{row(reuse.SynDelay, 1, 1)}}, reuse.SynDelay, 1},
		"a drained pod proves no 1 / 0":  {"6.1.0", "v1.30.0", map[string]int{reuse.SysctlReuse: 1, reuse.SysctlExpire: 0}, Drill{Kernel: "6.1.0", Rows: []DrillRow{row(reuse.Safe, 1, 0)}}, reuse.StalePod, 1},
		"a lost one does":                {"6.1.0", "v1.30.0", map[string]int{reuse.SysctlReuse: 1, reuse.SysctlExpire: 0}, Drill{Kernel: "6.1.0", Lost: true, Rows: []DrillRow{row(reuse.Safe, 1, 0)}}, reuse.Safe, 1},
		"live values choose what counts": {here, "v1.30.0", map[string]int{reuse.SysctlReuse: 1}, Drill{Kernel: here, Rows: []DrillRow{row(reuse.StalePod, 0, 1)}}, reuse.Safe, 0},
	} {
		f := typed(200, 2_000, c.kernel, c.version, IPVS)
		f.Groups[0].Proxy.Sysctls = c.live
		c.drill.Where = "drill in user-mode Linux, 2026-11-23"
		a := Decide(f, Habits{}, Measured{Drills: []Drill{c.drill}})
		r := a.Reuse[0]
		if r.Exposure != c.want || len(r.Measured) != c.measured {
			t.Errorf("%s: %s with %q, want %s with %d", name, r.Exposure, r.Measured, c.want, c.measured)
		}
		if table := Decide(f, Habits{}, Measured{}).Reuse[0]; table.Exposure != r.Exposure && !(strings.Contains(r.Why, string(table.Exposure)) && strings.Contains(r.Why, table.Why)) {
			t.Errorf("%s: the table's answer is not told: %s", name, r.Why)
		}
		elsewhere := slices.ContainsFunc(a.Because, func(r Reason) bool { return strings.Contains(r.Text, "no node here runs") })
		if elsewhere != (c.drill.Kernel != c.kernel) {
			t.Errorf("%s: told as of another cluster: %t", name, elsewhere)
		}
	}
}

// TestReuseConfigs: a drill like the cluster runs what its nodes have.
func TestReuseConfigs(t *testing.T) {
	f := ipvsFleet()
	f.Groups = append(f.Groups, instead(4, Cilium), instead(9, KubeRouter), linux(2, "4.19.0", "CentOS", "v1.16.3", ""))
	all := ReuseConfigs(f)
	find := func(c reuse.Config) *GroupConfig {
		for i := range all {
			if all[i].Config == c {
				return &all[i]
			}
		}
		return nil
	}
	for _, c := range []struct {
		config reuse.Config
		nodes  int
		of     string
	}{
		{reuse.Config{Mode: string(IPTables)}, 102, "if that is iptables mode"},
		{ipvsConfig(0, 1, 1), 32 + 8 + 9 + 2, "if something left conn_reuse_mode at 0"},
		{ipvsConfig(1, 1, 1), 8, "5.10.50"},
	} {
		got := find(c.config)
		if got == nil || got.Nodes != c.nodes || !strings.Contains(strings.Join(got.Of, "\n"), c.of) {
			t.Errorf("%+v: %+v, want %d nodes and %q", c.config, got, c.nodes, c.of)
		}
	}
	if len(all) != 3 {
		t.Errorf("%d configurations: %+v", len(all), all)
	}
	f = typed(1, 1, "5.4.100", "", IPVS)
	if all := ReuseConfigs(f); len(all) != 2 {
		t.Errorf("no version known: %+v", all)
	}
	f.Groups[0].Proxy.Sysctls = map[string]int{reuse.SysctlReuse: 1, reuse.SysctlExpire: 0, reuse.SysctlConntrack: 0}
	f.Groups[0].Kubelet = "v1.30.0"
	if all := ReuseConfigs(f); len(all) != 1 || all[0].Config != ipvsConfig(1, 0, 0) {
		t.Errorf("read: %+v", all)
	}
}
