package advisor

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
)

// invisible is a cluster whose kube-proxies the API does not show, as UK8S.
func invisible(nodes int, kernel string) Facts {
	f := typed(900, 7_200, kernel, "v1.30.4", "")
	f.Origin = FromCluster
	g := NodeGroup{Nodes: nodes, OS: "linux", Arch: "amd64", OSImage: "Ubuntu 20.04.6 LTS", Kernel: kernel, Kubelet: "v1.30.4"}
	g.Proxy.Implementation = UnknownFor[Implementation](Invisible, "")
	g.Proxy.Mode = UnknownFor[Mode](Invisible, "")
	for i := range nodes {
		g.Members = append(g.Members, fmt.Sprintf("node-%d", i))
	}
	f.Groups, f.Nodes = []NodeGroup{g}, KnownFrom(nodes, "Nodes")
	return f
}

// nodeSaying is what a node says.
func nodeSaying(name string, m Mode, edit ...func(*NodeReport)) NodeReport {
	r := NodeReport{Node: name, Whole: true, Root: true, Mode: KnownFrom(m, NodeReportSource), Version: KnownFrom("v1.30.4", NodeReportSource)}
	for _, e := range edit {
		e(&r)
	}
	return r
}

// modes are the nodes by mode, of all groups.
func modesOf(f Facts) map[Mode]int {
	out := map[Mode]int{}
	for _, g := range f.Groups {
		out[g.Proxy.Mode.Value] += g.Nodes
	}
	return out
}

// TestReportProves: where the API shows nothing, what a node says is known of that node,
// and of no other.
func TestReportProves(t *testing.T) {
	f := invisible(3, "5.4.0-96-generic")
	before := Decide(f, Habits{}, Measured{})
	if len(before.Current) != 1 || before.Current[0].Mode != "" {
		t.Fatalf("in force: %+v", before.Current)
	}
	one, why := WithReports(f, []NodeReport{nodeSaying("node-1", IPVS)})
	if len(why) != 0 || len(one.Groups) != 2 || !reflect.DeepEqual(modesOf(one), map[Mode]int{"": 2, IPVS: 1}) {
		t.Fatalf("%q, %+v", why, one.Groups)
	}
	for _, g := range one.Groups {
		if g.Proxy.Mode.IsKnown() != slices.Equal(g.Members, []string{"node-1"}) || len(g.Members) != g.Nodes {
			t.Errorf("%d nodes %q in mode %v", g.Nodes, g.Members, g.Proxy.Mode)
		}
		if g.Proxy.Mode.IsKnown() && (g.Proxy.Reports != 1 || g.Proxy.Proved != 1 || len(g.Proxy.Differs) != 0) {
			t.Errorf("%+v", g.Proxy)
		}
	}
	if len(f.Groups) != 1 || f.Groups[0].Nodes != 3 || len(f.Groups[0].Members) != 3 || f.NodeReports != nil {
		t.Error("the facts given were changed")
	}
	all, why := WithReports(f, []NodeReport{nodeSaying("node-0", IPVS), nodeSaying("node-1", IPVS), nodeSaying("node-2", IPVS)})
	if len(why) != 0 || len(all.Groups) != 1 || all.Groups[0].Nodes != 3 || all.Groups[0].Proxy.Proved != 3 {
		t.Fatalf("%q %+v", why, all.Groups)
	}
	after := Decide(all, Habits{}, Measured{})
	if len(after.Current) != 1 || after.Current[0].Mode != IPVS || after.Action == CannotTell {
		t.Errorf("%s: in force %+v", after.Headline, after.Current)
	}
	if strings.Contains(mustJSON(t, after), "not visible") || !strings.Contains(mustJSON(t, before), "not visible") {
		t.Errorf("what every node proved is visible: %s", after.Headline)
	}
	if slices.ContainsFunc(after.Findings, func(x Finding) bool { return x.Rule == KPA055 }) {
		t.Error("KPA055 where every mode is proved")
	}
}

// TestReportUncounted: one report is not the whole of a cluster whose nodes nobody counted,
// whether it agrees with what is assumed of them or not.
func TestReportUncounted(t *testing.T) {
	uncounted := func() Facts {
		f := typed(900, 7_200, "5.4.0-96-generic", "v1.30.4", "")
		f.Nodes, f.Groups[0].Nodes = Fact[int]{}, 0
		return f
	}
	f, why := WithReports(uncounted(), []NodeReport{nodeSaying("", IPVS)})
	if len(why) != 0 || len(f.Groups) != 2 || !reflect.DeepEqual(modesOf(f), map[Mode]int{"": 0, IPVS: 1}) {
		t.Fatalf("%q, %+v", why, f.Groups)
	}
	a := Decide(f, Habits{}, Measured{})
	if !slices.ContainsFunc(a.Current, func(m ModeCount) bool { return m.Mode == "" }) || len(a.Current) != 2 {
		t.Errorf("in force: %+v", a.Current)
	}
	assumed := uncounted()
	p := &assumed.Groups[0].Proxy
	p.Implementation, p.Mode = KnownFrom(KubeProxy, "--proxy-mode"), KnownFrom(IPVS, "--proxy-mode")
	p.Version = KnownFrom("v1.25.4", "--kubernetes-version") // which may have fallen back
	agreeing := nodeSaying("", IPVS, func(r *NodeReport) { r.Version = KnownFrom("v1.25.4", NodeReportSource) })
	agrees, _ := WithReports(assumed, []NodeReport{agreeing})
	if len(agrees.Groups) != 1 || agrees.Groups[0].Proxy.Proved != 1 || newGroup(agrees.Groups[0], agrees.Version).told() {
		t.Errorf("told on one of who knows how many: %+v", agrees.Groups)
	}
	agreeing.Sysctls = map[string]int{reuse.SysctlReuse: 1}
	live, _ := WithReports(assumed, []NodeReport{agreeing})
	for _, g := range live.Groups {
		if (g.Nodes == 1) != (len(g.Proxy.Sysctls) > 0) || g.Nodes > 1 || len(live.Groups) != 2 {
			t.Errorf("%d nodes with %v", g.Nodes, g.Proxy.Sysctls)
		}
	}
}

// TestReportsAlone: where Nodes could not be read, what reports say is not of every node.
func TestReportsAlone(t *testing.T) {
	f := typed(900, 7_200, "", "v1.30.4", "")
	f.Origin, f.Groups, f.Nodes = FromCluster, nil, UnknownFor[int](Forbidden, "")
	f.Coverage.Missing = []Missing{{What: "Nodes", Why: Forbidden}}
	alone, _ := WithReports(f, []NodeReport{nodeSaying("a", IPTables)})
	if a := mustJSON(t, Decide(alone, Habits{}, Measured{}).ConfidenceBecause); !strings.Contains(a, "not everything was read") {
		t.Errorf("no doubt: %s", a)
	}
}

// TestReportSysctls: the live sysctls of a node and the true patch level of its kernel
// decide what issue 81775 does there.
func TestReportSysctls(t *testing.T) {
	live := func(r *NodeReport) {
		r.Sysctls = map[string]int{reuse.SysctlReuse: 1, reuse.SysctlExpire: 1, reuse.SysctlConntrack: 1}
		r.Kernel = KnownFrom("5.4.0-96-generic 5.4.157", NodeReportSource)
	}
	f, why := WithReports(invisible(2, "5.4.0-96-generic"), []NodeReport{nodeSaying("node-0", IPVS, live), nodeSaying("node-1", IPVS)})
	if len(why) != 0 || len(f.Groups) != 2 {
		t.Fatalf("%q %+v", why, f.Groups)
	}
	seen := map[reuse.Exposure]int{}
	for _, r := range Decide(f, Habits{}, Measured{}).Reuse {
		seen[r.Exposure] += r.Nodes
	}
	// kube-proxy 1.30 writes 0 on that kernel; on one node somebody set 1.
	if seen[reuse.StalePod] != 1 || len(seen) != 2 {
		t.Errorf("exposure: %v", seen)
	}
	for _, g := range f.Groups {
		if g.Kernel == "5.4.0-96-generic 5.4.157" && (g.Proxy.SysctlNodes != 1 || g.Proxy.Sysctls[reuse.SysctlReuse] != 1 || len(g.Proxy.SysctlDoubts) != 0) {
			t.Errorf("%+v", g.Proxy)
		}
	}
}

// TestReportDiffers: what a node says stands, and that the API says otherwise is a finding.
func TestReportDiffers(t *testing.T) {
	f := invisible(3, "5.15.0-105-generic")
	p := &f.Groups[0].Proxy
	p.Implementation, p.Mode = KnownFrom(KubeProxy, "ConfigMap"), KnownFrom(IPTables, "ConfigMap")
	p.Version = KnownFrom("v1.30.4", "image")
	p.Evidence = []Evidence{{Source: "ConfigMap", Says: "iptables"}}
	p.Config.MinSyncPeriod = AbsentFrom[time.Duration]("ConfigMap")
	agrees, _ := WithReports(f, []NodeReport{nodeSaying("node-1", IPTables, func(r *NodeReport) {
		r.Config.MinSyncPeriod = KnownFrom(time.Duration(1e9), NodeReportSource)
	})})
	if len(agrees.Groups) != 1 || agrees.Groups[0].Nodes != 3 || agrees.Groups[0].Proxy.Reports != 1 || agrees.Groups[0].Proxy.Proved != 1 {
		t.Fatalf("who agrees stays in the group: %+v", agrees.Groups)
	}
	differs, _ := WithReports(f, []NodeReport{nodeSaying("node-1", IPVS, func(r *NodeReport) {
		r.Version = KnownFrom("v1.30.2", NodeReportSource)
		r.Kernel = KnownFrom("5.15.0-119-generic", NodeReportSource)
	})})
	if len(differs.Groups) != 2 || !reflect.DeepEqual(modesOf(differs), map[Mode]int{IPTables: 2, IPVS: 1}) {
		t.Fatalf("%+v", differs.Groups)
	}
	var rules []RuleID
	for _, x := range Decide(differs, Habits{}, Measured{}).Findings {
		rules = append(rules, x.Rule)
		if x.Rule == KPA081 && (!strings.Contains(x.Text, "1 node says") || !strings.Contains(x.Text, "mode ipvs, not iptables") ||
			!strings.Contains(x.Text, "v1.30.2, not v1.30.4") || !strings.Contains(x.Text, "5.15.0-119-generic, not 5.15.0-105-generic")) {
			t.Error(x.Text)
		}
	}
	if !slices.Contains(rules, KPA081) || slices.Contains(rules, KPA057) {
		t.Errorf("findings %v: KPA081 takes the place of KPA057 where the node proved its mode", rules)
	}
	// A replacement programs Services: the kube-proxy beside it is seen, and decides nothing.
	p.Implementation, p.Mode = KnownFrom(Cilium, "ConfigMap"), AbsentFrom[Mode]("ConfigMap")
	beside, _ := WithReports(f, []NodeReport{nodeSaying("node-1", IPTables)})
	for _, g := range beside.Groups {
		if g.Nodes == 1 && (g.Proxy.Beside.Value != IPTables || g.Proxy.Implementation.Value != Cilium) {
			t.Errorf("%+v", g.Proxy)
		}
	}
	// The API shows no kube-proxy at all, and there is one.
	p.Implementation = AbsentFrom[Implementation]("no pods")
	none, _ := WithReports(f, []NodeReport{nodeSaying("node-1", IPTables)})
	if !reflect.DeepEqual(modesOf(none), map[Mode]int{"": 2, IPTables: 1}) {
		t.Errorf("%+v", none.Groups)
	}
}

// TestReportPlaces: reports are matched by name, and what is ambiguous or unknown is why.
func TestReportPlaces(t *testing.T) {
	f := invisible(3, "5.15.0")
	f.Groups[0].Members = []string{"Node-1.example.com", "node-2", "10.9.1.2"}
	other := f.Groups[0]
	other.Kernel, other.Members = "6.1.0", []string{"db.a", "db.b", "10.9.1.3"}
	f.Groups = append(f.Groups, other)
	nameless := invisible(3, "5.15.0")
	nameless.Groups[0].Members = nil
	for _, c := range []struct {
		facts Facts
		name  string
		says  string // empty where it is placed
	}{
		{f, "node-1.example.com", ""},
		{f, "node-1", ""},
		{f, "node-2.example.com", ""},
		{f, "NODE-2", ""},
		{f, "10.9.1.2", ""},
		{f, "10.8.0.1", "no node of this cluster"},
		{f, "db.c", "no node of this cluster"},
		{f, "db", "several nodes of that name"},
		{f, "elsewhere", "no node of this cluster"},
		{f, "", "no node of this cluster"},
		{nameless, "anything", ""},
		{nameless, "", ""},
	} {
		got, why := WithReports(c.facts, []NodeReport{nodeSaying(c.name, IPVS)})
		placed := len(got.NodeReports) == 1 && got.NodeReports[0].Placed
		if placed != (c.says == "") || !placed && (len(why) != 1 || !strings.Contains(why[0], c.says)) {
			t.Errorf("%q: placed %t, %q", c.name, placed, why)
		}
		if (modesOf(got)[IPVS] == 1) != placed {
			t.Errorf("%q: %+v", c.name, got.Groups)
		}
	}
	kernel := func(k string) func(*NodeReport) {
		return func(r *NodeReport) { r.Kernel = KnownFrom(k, NodeReportSource) }
	}
	two := nameless
	older := nameless.Groups[0]
	older.Kernel = "5.4.0"
	two.Groups = []NodeGroup{nameless.Groups[0], older}
	if got, why := WithReports(two, []NodeReport{nodeSaying("x", IPVS, kernel("5.4.0"))}); len(why) != 0 || modesOf(got)[IPVS] != 1 {
		t.Errorf("by its kernel: %q %+v", why, got.Groups)
	}
	if _, why := WithReports(two, []NodeReport{nodeSaying("x", IPVS, kernel("6.6.0"))}); len(why) != 1 || !strings.Contains(why[0], "fits no node group") {
		t.Errorf("%q", why)
	}
	if got, why := WithReports(nameless, []NodeReport{nodeSaying("a", IPVS), nodeSaying("b", IPVS), nodeSaying("c", IPVS), nodeSaying("d", IPVS), nodeSaying("a", IPTables)}); len(why) != 2 ||
		!reflect.DeepEqual(modesOf(got), map[Mode]int{IPTables: 1, IPVS: 2}) {
		t.Errorf("more reports than nodes, and one twice: %q %v", why, modesOf(got))
	}
	if got, why := WithReports(Facts{Origin: FromCluster}, []NodeReport{nodeSaying("a", IPVS), nodeSaying("b", IPTables)}); len(why) != 0 || !reflect.DeepEqual(modesOf(got), map[Mode]int{IPTables: 1, IPVS: 1}) {
		t.Errorf("where no node was read: %q %+v", why, got.Groups)
	}
}

// TestReportsKeepNodes: whatever is reported, no node is lost and none is made, and the
// order of the reports does not matter.
func TestReportsKeepNodes(t *testing.T) {
	eachWorld(t, func(t *testing.T, w world, seed int64) {
		f := w.facts()
		r := rand.New(rand.NewPCG(uint64(seed), 14))
		before, n := 0, 0
		for i := range f.Groups {
			g := &f.Groups[i]
			g.Members = nil
			for range g.Nodes {
				g.Members = append(g.Members, fmt.Sprintf("n%d", n))
				n++
			}
			before += g.Nodes
		}
		var reports []NodeReport
		for range r.IntN(8) {
			report := nodeSaying(fmt.Sprintf("n%d", r.IntN(n+2)), Modes()[r.IntN(3)])
			if r.IntN(3) == 0 {
				report.Kernel = KnownFrom("6.6.1", NodeReportSource)
			}
			if r.IntN(4) == 0 {
				report.Mode = Fact[Mode]{}
			}
			if slices.ContainsFunc(reports, func(o NodeReport) bool { return o.Node == report.Node }) {
				continue
			}
			reports = append(reports, report)
		}
		got, _ := WithReports(f, reports)
		after := 0
		for _, g := range got.Groups {
			after += g.Nodes
			if len(g.Members) != g.Nodes || g.Proxy.Reports > g.Nodes || g.Proxy.Proved > g.Proxy.Reports {
				t.Fatalf("seed %d: %d nodes, %d names, %d reports, %d proved", seed, g.Nodes, len(g.Members), g.Proxy.Reports, g.Proxy.Proved)
			}
		}
		if before != after {
			t.Fatalf("seed %d: %d nodes became %d", seed, before, after)
		}
		slices.Reverse(reports)
		other, _ := WithReports(f, reports)
		if seed%20 == 0 && mustJSON(t, Decide(got, Habits{}, Measured{})) != mustJSON(t, Decide(other, Habits{}, Measured{})) {
			t.Fatalf("seed %d: the order of reports decides", seed)
		}
	})
}

// TestInferredStandsBetween: what metrics of kube-proxy show stands above what the API
// says, below what it says itself, and proves nothing.
func TestInferredStandsBetween(t *testing.T) {
	f := invisible(1, "6.1.0")
	shows := NodeReport{Node: "node-0", Whole: true, Inferred: KnownFrom(IPTables, NodeReportSource+", inferred from metrics of kube-proxy")}
	with, _ := WithReports(f, []NodeReport{shows})
	if g := with.Groups[0]; g.Proxy.Mode.Value != IPTables || g.Proxy.Proved != 0 || g.Proxy.Reports != 1 {
		t.Errorf("%+v", g.Proxy)
	}
	shows.Mode = KnownFrom(IPVS, NodeReportSource)
	with, _ = WithReports(f, []NodeReport{shows})
	if g := with.Groups[0]; g.Proxy.Mode.Value != IPVS || g.Proxy.Proved != 1 {
		t.Errorf("%+v", g.Proxy)
	}
	both := NodeReport{Node: "node-0", Mode: KnownFrom(IPVS, NodeReportSource)}.Above(NodeReport{
		Inferred: KnownFrom(IPTables, ""), Version: KnownFrom("v1.30.4", ""), NewConnections: KnownFrom(5.0, ""), AtLeast: true,
	})
	if both.Inferred.IsKnown() || both.Version.Value != "v1.30.4" || both.NewConnections.Value != 5 || !both.AtLeast {
		t.Errorf("%+v", both)
	}
}

// TestStartedCanRun: a mode in which kube-proxy itself says to run can run there, whatever
// may be doubted of the kernel; that it is configured, or told by a kube-proxy that starts
// without what it needs, proves nothing.
func TestStartedCanRun(t *testing.T) {
	const doubtful = "6.18.44" // which may have no ip_tables
	for _, c := range []struct {
		kernel, version string
		told            Mode // empty: it is configured alone
		asked           Mode
		want            release.Can
	}{
		{doubtful, "v1.37.2", "", IPTables, release.CanUnknown},
		{doubtful, "v1.37.2", IPTables, IPTables, release.CanYes},
		{doubtful, "v1.37.2", IPVS, IPTables, release.CanYes}, // which needs iptables too
		{doubtful, "v1.37.2", NFTables, IPTables, release.CanUnknown},
		{doubtful, "v1.27.16", IPTables, IPTables, release.CanUnknown},
		{"6.12.0-55.el10.x86_64", "v1.37.2", IPTables, IPTables, release.CanYes},
		{"6.12.0-55.el10.x86_64", "v1.37.2", IPTables, IPVS, release.CanUnknown},
		{"6.12.0-55.el10.x86_64", "v1.37.2", IPVS, IPVS, release.CanYes},
		{"6.12.0", "v1.41.0", IPTables, IPVS, release.CanUnknown},
		{"6.12.0", "v1.41.0", IPVS, IPVS, release.CanYes}, // the gate is on
		{"6.12.0", "v1.43.0", IPVS, IPVS, release.CanNo},  // a lie: it has no such mode
		{"6.12.0", "v1.30.4", NFTables, NFTables, release.CanUnknown},
	} {
		f := invisible(1, c.kernel)
		f.Groups[0].Kubelet = c.version
		if f.Groups[0].Proxy.Mode = KnownFrom(IPTables, "its ConfigMap"); c.told != "" {
			told := nodeSaying("node-0", c.told, func(r *NodeReport) { r.Version = KnownFrom(c.version, NodeReportSource) })
			f, _ = WithReports(f, []NodeReport{told})
		}
		a := Decide(f, Habits{}, Measured{})
		if got := a.Groups[0].Can[c.asked]; got != c.want {
			t.Errorf("kernel %s, kube-proxy %s that tells %q: %s can run: %v, want %v", c.kernel, c.version, c.told, c.asked, got, c.want)
		}
		if warned := slices.ContainsFunc(a.Findings, func(f Finding) bool { return f.Rule == KPA028 }); warned && c.told == IPTables && c.want == release.CanYes {
			t.Errorf("kernel %s, kube-proxy %s: it runs iptables, and is said to lack it", c.kernel, c.version)
		}
	}
}
