package advisor

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor/reuse"
)

// reread is facts as they come out of a file: without what no file holds.
func reread(t *testing.T, f Facts) (out Facts) {
	t.Helper()
	if err := json.Unmarshal([]byte(mustJSON(t, f)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func reuseMode(value int) func(*NodeReport) {
	return func(r *NodeReport) { r.Sysctls = map[string]int{reuse.SysctlReuse: value} }
}

// TestSysctlsStand: the worst that is known of a group stands, whoever read it and in what
// order, and on how many nodes it was read is at least what is said.
func TestSysctlsStand(t *testing.T) {
	fleet := func() Facts {
		f := ipvsFleet()
		f.Groups = f.Groups[1:2]
		f.Groups[0].Members = []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		return f
	}
	sameVersion := func(r *NodeReport) { r.Version = Fact[string]{} }
	bad, good := nodeSaying("a", IPVS, reuseMode(0), sameVersion), nodeSaying("b", IPVS, reuseMode(1), sameVersion)
	given := func(text string) []reuse.SysctlReading {
		all, err := reuse.ParseSysctls(text, "")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for name, c := range map[string]struct {
		reports []NodeReport
		file    bool // the reports went through a file
		text    string
		value   int
		nodes   int
		doubts  int
	}{
		"another node's":    {[]NodeReport{bad}, false, "# node c\nnet.ipv4.vs.conn_reuse_mode = 1", 0, 2, 1},
		"the same node's":   {[]NodeReport{bad}, false, "# node a\nnet.ipv4.vs.conn_reuse_mode = 1", 0, 1, 1},
		"the worse is new":  {[]NodeReport{good}, false, "# node c\nnet.ipv4.vs.conn_reuse_mode = 0", 0, 2, 1},
		"they agree":        {[]NodeReport{good}, false, "# node c\nnet.ipv4.vs.conn_reuse_mode = 1", 1, 2, 0},
		"another sysctl":    {[]NodeReport{bad}, false, "# node c\nnet.ipv4.vs.conntrack = 1", 0, 2, 0},
		"of the whole":      {[]NodeReport{bad}, false, "net.ipv4.vs.conn_reuse_mode = 1", 0, 0, 1},
		"nobody knows whom": {[]NodeReport{bad, good}, true, "# node mid-1\nnet.ipv4.vs.conn_reuse_mode = 1", 0, 2, 2},
	} {
		f, _ := WithReports(fleet(), c.reports)
		if c.file {
			f = reread(t, f)
			f.Groups[0].NodeNames = []string{"mid-1"}
		}
		f, err := WithSysctls(f, given(c.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p := f.Groups[0].Proxy
		if p.Sysctls[reuse.SysctlReuse] != c.value || p.SysctlNodes != c.nodes || len(p.SysctlDoubts) != c.doubts {
			t.Errorf("%s: %v on %d nodes, %q", name, p.Sysctls, p.SysctlNodes, p.SysctlDoubts)
		}
	}
}

// TestReportProvesOne: one report speaks for its node: what it read proves nothing of the
// rest of its group.
func TestReportProvesOne(t *testing.T) {
	f := invisible(3, "5.10.50")
	p := &f.Groups[0].Proxy
	p.Implementation, p.Mode, p.Version = KnownFrom(KubeProxy, "ConfigMap"), KnownFrom(IPVS, "ConfigMap"), KnownFrom("v1.25.4", "image")
	of := func(name string) NodeReport {
		return nodeSaying(name, IPVS, reuseMode(1), func(r *NodeReport) { r.Version = KnownFrom("v1.25.4", NodeReportSource) })
	}
	one, _ := WithReports(f, []NodeReport{of("node-0")})
	if g := newGroup(one.Groups[0], one.Version); len(one.Groups) != 1 || g.proved() || !g.mayFallBack() {
		t.Errorf("proved by one of three: %+v", g.Proxy)
	}
	if steps := Decide(one, Habits{}, Measured{}).Runbook; len(steps) == 0 || !strings.Contains(steps[0].Title, "sysctls") {
		t.Errorf("two of three were not read: %+v", steps)
	}
	all, _ := WithReports(f, []NodeReport{of("node-0"), of("node-1"), of("node-2")})
	if g := newGroup(all.Groups[0], all.Version); len(all.Groups) != 1 || !g.proved() || g.mayFallBack() {
		t.Errorf("proved on all: %+v", g.Proxy)
	}
}

// TestReportConfigApart: a node with settings of its own that bear on the advice is not like
// the rest of its group.
func TestReportConfigApart(t *testing.T) {
	f := invisible(2, "5.15.0-105-generic")
	p := &f.Groups[0].Proxy
	p.Implementation, p.Mode, p.Version = KnownFrom(KubeProxy, "ConfigMap"), KnownFrom(IPVS, "ConfigMap"), KnownFrom("v1.30.4", "image")
	const from = "ConfigMap"
	p.Config = ProxyConfig{
		NodePortAddresses: AbsentFrom[[]string](from), ExcludeCIDRs: AbsentFrom[[]string](from),
		DetectLocalMode: AbsentFrom[string](from), MetricsOnAll: KnownFrom(false, from),
	}
	for name, edit := range map[string]func(c *ProxyConfig){
		"nodePortAddresses": func(c *ProxyConfig) {
			c.NodePortAddresses = KnownFrom([]string{"10.0.0.0/8"}, NodeReportSource)
		},
		"excludeCIDRs":    func(c *ProxyConfig) { c.ExcludeCIDRs = KnownFrom([]string{"10.9.0.0/16"}, NodeReportSource) },
		"detectLocalMode": func(c *ProxyConfig) { c.DetectLocalMode = KnownFrom("BridgeInterface", NodeReportSource) },
		"metrics":         func(c *ProxyConfig) { c.MetricsOnAll = KnownFrom(true, NodeReportSource) },
	} {
		got, _ := WithReports(f, []NodeReport{nodeSaying("node-1", IPVS, func(r *NodeReport) { edit(&r.Config) })})
		if len(got.Groups) != 2 || got.Groups[0].Nodes != 1 || got.Groups[1].Nodes != 1 {
			t.Errorf("%s: %+v", name, got.Groups)
		}
	}
}

// TestReportAgain: a newer report takes the place of the one of the same node, and no node
// counts twice.
func TestReportAgain(t *testing.T) {
	f := invisible(3, "5.15.0-105-generic")
	p := &f.Groups[0].Proxy
	p.Implementation, p.Mode, p.Version = KnownFrom(KubeProxy, "ConfigMap"), KnownFrom(IPTables, "ConfigMap"), KnownFrom("v1.30.4", "image")
	counted := func(name string, f Facts, reports, proved, kept int) {
		t.Helper()
		r, pr, n := 0, 0, 0
		for _, g := range f.Groups {
			r, pr, n = r+g.Proxy.Reports, pr+g.Proxy.Proved, n+g.Nodes
		}
		if r != reports || pr != proved || n != 3 || len(f.NodeReports) != kept {
			t.Errorf("%s: %d nodes, %d reports, %d proved, %d kept", name, n, r, pr, len(f.NodeReports))
		}
	}
	first, _ := WithReports(f, []NodeReport{nodeSaying("node-1", IPTables)})
	counted("first", first, 1, 1, 1)
	again, _ := WithReports(first, []NodeReport{nodeSaying("NODE-1", IPTables)})
	counted("the same again", again, 1, 1, 1)
	other, _ := WithReports(first, []NodeReport{nodeSaying("node-2", IPTables)})
	counted("another", other, 2, 2, 2)
	left, _ := WithReports(first, []NodeReport{nodeSaying("node-1", IPVS)})
	counted("it moved", left, 1, 1, 1)
	back, _ := WithReports(left, []NodeReport{nodeSaying("node-1", IPTables)})
	counted("and back", back, 1, 1, 1)
	if len(back.Groups) != 2 || slices.ContainsFunc(back.Groups, func(g NodeGroup) bool { return len(g.Proxy.Differs) > 0 }) {
		t.Errorf("nothing differs any more: %+v", back.Groups)
	}
	silent, _ := WithReports(first, []NodeReport{nodeSaying("node-1", IPTables, func(r *NodeReport) { r.Mode = Fact[Mode]{} })})
	counted("it tells less", silent, 1, 0, 1)
	// Names in a file are of three nodes at most; without any, nobody knows who is who.
	named := reread(t, first)
	named.Groups[0].Members = nil
	fileAgain, _ := WithReports(named, []NodeReport{nodeSaying("node-1", IPTables)})
	counted("by name, from a file", fileAgain, 1, 1, 1)
	named.NodeReports[0].Node = ""
	p3 := Place(named, []NodeReport{nodeSaying("node-1", IPTables)})
	counted("nameless", p3.Facts, 1, 1, 2)
	if len(p3.Notes) != 1 || p3.Placed != 1 || !strings.Contains(p3.Notes[0], "may be of the same nodes") {
		t.Errorf("%+v", p3.Notes)
	}
}

// TestReportApart: a node that leaves its group takes nothing along that is not its own.
func TestReportApart(t *testing.T) {
	f := invisible(4, "5.15.0-105-generic")
	p := &f.Groups[0].Proxy
	p.Implementation, p.Mode, p.Version = KnownFrom(KubeProxy, "ConfigMap"), KnownFrom(IPVS, "ConfigMap"), KnownFrom("v1.30.4", "image")
	p.Failing, p.FailingWhy = 1, "CrashLoopBackOff"
	kernel := func(r *NodeReport) {
		r.Mode, r.Kernel = Fact[Mode]{}, KnownFrom("5.15.0-119-generic", NodeReportSource)
	}
	first, _ := WithReports(f, []NodeReport{nodeSaying("node-0", IPVS, reuseMode(1)), nodeSaying("node-1", IPVS, kernel)})
	failing := 0
	for _, g := range first.Groups {
		failing += g.Proxy.Failing
		if slices.Contains(g.Members, "node-1") && (g.Proxy.Sysctls != nil || g.Proxy.Reports != 1 || g.Proxy.Proved != 0) {
			t.Errorf("%+v", g.Proxy)
		}
	}
	if failing != 1 {
		t.Errorf("%d nodes fail, and one did: %+v", failing, first.Groups)
	}
	second, _ := WithReports(first, []NodeReport{nodeSaying("node-0", IPVS, reuseMode(1), kernel)})
	for _, g := range second.Groups {
		own := slices.Contains(g.Members, "node-0")
		if (g.Proxy.Sysctls != nil) != own || own && g.Proxy.SysctlNodes != 1 {
			t.Errorf("%q: %v on %d nodes", g.Members, g.Proxy.Sysctls, g.Proxy.SysctlNodes)
		}
	}
	// What is said of the whole group is of those that leave it as well.
	f.Groups[0].Proxy.Sysctls = map[string]int{reuse.SysctlReuse: 0}
	whole, _ := WithReports(f, []NodeReport{nodeSaying("node-1", IPVS, kernel)})
	for _, g := range whole.Groups {
		if g.Proxy.Sysctls[reuse.SysctlReuse] != 0 || g.Proxy.Sysctls == nil {
			t.Errorf("%q: %v", g.Members, g.Proxy.Sysctls)
		}
	}
}

// TestReportsPlacedNow: only those given now count as placed.
func TestReportsPlacedNow(t *testing.T) {
	f, _ := WithReports(invisible(2, "5.15.0"), []NodeReport{nodeSaying("node-0", IPVS)})
	p := Place(f, []NodeReport{nodeSaying("elsewhere", IPVS, func(r *NodeReport) { r.Placed, r.Over = true, time.Second })})
	if p.Placed != 0 || len(p.Unplaced) != 1 || len(p.Notes) != 0 || len(p.Facts.NodeReports) != 2 || p.Facts.NodeReports[0].Placed {
		t.Errorf("%+v", p)
	}
	if !reflect.DeepEqual(modesOf(p.Facts), modesOf(f)) {
		t.Errorf("%v", modesOf(p.Facts))
	}
}
