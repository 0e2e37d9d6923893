package advisor

import (
	"strings"
	"testing"
)

// TestDecide is the decision procedure by example; each row says why.
func TestDecide(t *testing.T) {
	const (
		old   = "5.4.0-96-generic"
		fixed = "5.4.170"
		lts   = "5.15.0-105-generic"
		young = "6.12.0"
	)
	for _, c := range []struct {
		services, perService int
		kernel, version      string
		mode                 Mode
		pattern              string
		want                 Mode
		action               Action
		why                  string
	}{
		// nftables stable, kernel fine
		{5_000, 8, lts, "v1.34.0", IPTables, "short", NFTables, Change, "25 to 50 us per connection"},
		{5_000, 8, lts, "v1.34.0", IPTables, "", NFTables, Change, "mixed traffic feels it"},
		{200, 8, lts, "v1.33.0", IPTables, "short", IPTables, Keep, "1 to 2 us: nobody can see it"},
		{900, 8, lts, "v1.36.0", IPTables, "short", IPTables, Keep, "9 us: below the floor"},
		{1_200, 8, lts, "v1.36.0", IPTables, "short", NFTables, Measure, "6 to 12 us: about the floor"},
		{2_100, 8, lts, "v1.36.0", IPTables, "short", NFTables, Change, "10.5 us at least"},
		{2_000, 8, lts, "v1.36.0", IPTables, "long", IPTables, Keep, "no request feels it, syncs are short"},
		{5_000, 8, lts, "v1.36.0", IPTables, "keepalive", IPTables, Keep, "1.36 lists by nft --json, which may cost as much"},
		{5_000, 8, lts, "v1.37.0", IPTables, "keepalive", NFTables, Measure, "each sync costs 0.4 to 2 s"},
		{7_000, 8, young, "v1.37.0", IPTables, "keepalive", NFTables, Change, "each sync saves half a second at least"},
		{5_000, 8, lts, "v1.34.0", IPTables, "long", IPTables, Keep, "before 1.36 nftables' syncs are no cheaper"},
		{200, 8, lts, "v1.34.0", "", "", NFTables, CannotTell, "mode not visible: name the direction"},
		{200, 8, lts, "v1.34.0", NFTables, "", NFTables, Keep, "there already"},
		// nftables' weak spot
		{5_000, 20, lts, "v1.35.0", IPTables, "short", NFTables, Measure, "100,000 endpoints before 1.36: the first sync takes a minute at least"},
		{5_000, 32, lts, "v1.35.0", IPTables, "short", NFTables, Measure, "160,000: two minutes by the middle of the range"},
		{5_000, 46, lts, "v1.35.0", IPTables, "short", NFTables, Measure, "230,000: two minutes for sure"},
		{8_000, 30, "6.1.144", "v1.35.0", IPTables, "short", NFTables, Measure, "240,000 on 6.1: minutes"},
		{10_000, 30, "6.1.144", "v1.35.0", IPTables, "short", IPTables, Keep, "300,000 on 6.1: ten minutes for sure"},
		{5_000, 20, lts, "v1.36.0", IPTables, "short", NFTables, Change, "1.36 cured it"},
		{8_000, 30, lts, "v1.36.0", IPTables, "short", NFTables, Change, "240,000 endpoints on 5.15: no chains for them from 1.36 on"},
		{30_000, 1, young, "v1.36.1", IPTables, "short", NFTables, Measure, "minutes to start, however few endpoints"},
		{44_125, 1, young, "v1.36.1", IPTables, "short", NFTables, Measure, "16 min 43 s to start (kubernetes issue 139513)"},
		{8_000, 30, young, "v1.36.0", IPTables, "short", NFTables, Change, "6.12 is fast enough"},
		{5_000, 46, lts, "v1.35.0", IPVS, "short", NFTables, Measure, "leave IPVS, but measure"},
		{10_000, 30, "6.1.144", "v1.35.0", "", "short", IPTables, CannotTell, "mode not visible: iptables until 1.36"},
		{30_000, 1, lts, "v1.36.0", "", "short", NFTables, Measure, "mode not visible: measure"},
		// nftables beta or impossible
		{5_000, 8, lts, "v1.32.0", IPTables, "short", IPTables, Keep, "beta is no reason to leave a healthy mode"},
		{5_000, 8, old, "v1.34.0", IPTables, "short", IPTables, Keep, "kernel before 5.13"},
		{5_000, 8, old, "v1.34.0", NFTables, "short", IPTables, Change, "cannot run"},
		{5_000, 8, lts, "v1.30.0", NFTables, "short", NFTables, Keep, "alpha: runs, unsupported"},
		// IPVS in force
		{200, 8, lts, "v1.36.0", IPVS, "", NFTables, Change, "deprecated, nftables stable"},
		{200, 8, lts, "v1.33.0", IPVS, "", NFTables, Change, "nftables stable"},
		{200, 8, fixed, "v1.36.0", IPVS, "", NFTables, Change, "deprecated: renew the nodes, one move instead of two"},
		{200, 8, fixed, "v1.34.0", IPVS, "", NFTables, Change, "81775-safe, but at its end: renew the nodes"},
		{200, 8, lts, "v1.32.0", IPVS, "", IPVS, Keep, "81775-safe, nftables only beta"},
		{200, 8, old, "v1.28.0", IPVS, "short", IPTables, Change, "exposed, and iptables is as good"},
		{5_000, 8, old, "v1.28.0", IPVS, "short", IPTables, Change, "exposed: lost connections beat microseconds"},
		{5_000, 8, old, "v1.28.0", IPVS, "long", IPVS, Keep, "long-lived: fix it and stay"},
		{200, 8, "4.18.0-305.el8.x86_64", "v1.28.0", IPVS, "", IPVS, Keep, "vendor kernel: check"},
		{200, 8, "", "v1.28.0", IPVS, "", "", CannotTell, "81775 needs the kernel"},
		{200, 8, young, "v1.43.0", IPVS, "", NFTables, Change, "removed"},
		{200, 8, fixed, "v1.43.0", IPVS, "", IPTables, Change, "removed, no nftables"},
		// before nftables: the guide
		{500, 20, old, "v1.16.0", IPTables, "short", IPTables, Keep, "guide"},
		{1_000, 20, old, "v1.16.0", IPTables, "long", "", Measure, "guide: equal"},
		{1_000, 20, old, "v1.16.0", IPTables, "short", IPTables, Keep, "guide: equal, and 81775 rules IPVS out"},
		{4_000, 20, old, "v1.16.0", IPTables, "short", IPTables, Keep, "guide: short connections, 81775"},
		{4_000, 20, old, "v1.16.0", IPTables, "long", IPVS, Change, "guide: long connections, many Services"},
		{4_000, 20, fixed, "v1.28.0", IPTables, "short", "", Measure, "2 to 22 us more than IPVS, 81775-safe"},
		{6_000, 20, fixed, "v1.28.0", IPTables, "short", IPVS, Change, "12 us more than IPVS at least"},
		{3_100, 20, fixed, "v1.28.0", IPTables, "long", "", Measure, "above the band, syncs of 0.4 to 1.2 s"},
		{4_000, 20, old, "v1.16.0", "", "long", IPVS, CannotTell, "mode not visible"},
		{4_000, 20, "3.10.107-1-tlinux2_kvm_guest-0049", "v1.16.0", IPTables, "long", IPTables, Keep, "IPVS would not start"},
		{1_000, 20, old, "v1.25.0", Userspace, "", IPTables, Change, "userspace is no mode to stay in"},
		// unknown key facts
		{200, 8, "", "v1.33.0", IPTables, "", IPTables, Keep, "small: no kernel would change it"},
		{5_000, 8, "", "v1.33.0", IPTables, "", "", CannotTell, "the kernel decides"},
		{200, 8, "", "v1.33.0", "", "", "", CannotTell, "neither mode nor kernel"},
		{200, 8, lts, "", IPTables, "", "", CannotTell, "version"},
	} {
		var h Habits
		if c.pattern != "" {
			h = habits("connections", c.pattern)
		}
		a := Decide(typed(c.services, c.services*c.perService, c.kernel, c.version, c.mode), h, Measured{})
		if a.Recommended != c.want || a.Action != c.action {
			t.Errorf("%d x %d, kernel %s, %s, %q, %q: %q %s, want %q %s (%s)\n  %s", c.services, c.perService, c.kernel, c.version, c.mode, c.pattern, a.Recommended, a.Action, c.want, c.action, c.why, a.Headline)
		}
	}
}

// groups returns facts of a cluster with several node groups.
func groups(services int, version string, groups ...NodeGroup) Facts {
	f := typed(services, services*8, "", version, "")
	f.Origin, f.Groups = FromCluster, groups
	n := 0
	for _, g := range groups {
		n += g.Nodes
	}
	f.Nodes = KnownFrom(n, "Nodes")
	return f
}

func TestMixedModes(t *testing.T) {
	young := NodeGroup{Nodes: 180, OS: "linux", Kernel: "5.15.0-105-generic", Proxy: proxyIn(IPTables)}
	aged := NodeGroup{Nodes: 32, OS: "linux", Kernel: "5.4.0-96-generic", Proxy: proxyIn(IPVS)}
	a := Decide(groups(4_871, "v1.33.4", aged, young), Habits{}, Measured{})
	if a.Recommended != NFTables || a.Action != Change || len(a.First) == 0 || !strings.Contains(a.Headline, "Renew 32 nodes") {
		t.Errorf("%q %s, %+v: %s; want the 32 nodes renewed and nftables everywhere", a.Recommended, a.Action, a.First, a.Headline)
	}
	if len(a.Current) != 2 || a.Current[0].Mode != IPTables || a.Current[0].Nodes != 180 {
		t.Errorf("current %+v", a.Current)
	}
	aged.Kernel = "5.15.0-105-generic"
	if a := Decide(groups(4_871, "v1.33.4", aged, young), Habits{}, Measured{}); a.Recommended != NFTables {
		t.Errorf("with new kernels: %q, want nftables", a.Recommended)
	}
}

func TestReplacements(t *testing.T) {
	for _, impl := range []Implementation{Cilium, DataplaneV2, CalicoEBPF, CalicoVPP, AntreaProxy, OVNKubernetes, KubeRouter} {
		g := NodeGroup{Nodes: 3, OS: "linux", Kernel: "6.1.0", Proxy: Proxy{Implementation: KnownFrom(impl, "DaemonSet")}}
		win := NodeGroup{Nodes: 1, OS: "windows", Kernel: "10.0.20348", Proxy: proxyIn(Kernelspace)}
		a := Decide(groups(5_000, "v1.34.0", g, win), Habits{}, Measured{})
		if a.Action != None || a.Recommended != "" || !strings.Contains(a.Headline, string(impl)) || len(a.Runbook) != 0 {
			t.Errorf("%s: %s %q: %s", impl, a.Action, a.Recommended, a.Headline)
		}
	}
	absent := NodeGroup{Nodes: 3, OS: "linux", Kernel: "6.1.0", Proxy: Proxy{Implementation: AbsentFrom[Implementation]("--proxy-mode none")}}
	if a := Decide(groups(5_000, "v1.34.0", absent), Habits{}, Measured{}); a.Action != None {
		t.Errorf("no kube-proxy found: %s, want none", a.Action)
	}
	partly := NodeGroup{Nodes: 3, OS: "linux", Kernel: "6.1.0", Proxy: proxyIn(IPTables)}
	if a := Decide(groups(5_000, "v1.34.0", absent, partly), Habits{}, Measured{}); a.Action != Change {
		t.Errorf("kube-proxy on some nodes: %s, want change", a.Action)
	}
}

// TestOldestKubeProxyCounts: one node with an old kube-proxy rules nftables out.
func TestOldestKubeProxyCounts(t *testing.T) {
	a := NodeGroup{Nodes: 9, OS: "linux", Kernel: "6.1.0", Kubelet: "v1.34.0", Proxy: proxyIn(IPTables)}
	b := NodeGroup{Nodes: 1, OS: "linux", Kernel: "6.1.0", Kubelet: "v1.30.2", Proxy: proxyIn(IPTables)}
	if got := Decide(groups(5_000, "v1.34.0", a, b), Habits{}, Measured{}); got.Recommended == NFTables {
		t.Errorf("nftables although a node runs 1.30")
	}
}

// TestMeasured: a measurement on this kernel with enough Services replaces the
// estimate; elsewhere it is told and decides nothing.
func TestMeasured(t *testing.T) {
	f := typed(900, 7_200, "5.15.0-105-generic", "v1.36.0", IPTables)
	c := Comparison{A: IPTables, B: NFTables, Where: "lab", Kernel: "5.15.0-105-generic", Services: 900, MedianDiffNs: 40_000, LowNs: 35_000, HighNs: 45_000, Detected: true, Blocks: 20, Arrival: Cold}
	decide := func(c Comparison) Advice {
		return Decide(f, habits("connections", "short"), Measured{Comparisons: []Comparison{c}})
	}
	if a := decide(c); a.Action != Change || !strings.Contains(a.Because[0].Source, "measured") {
		t.Errorf("measured 40 us: %s %+v, want change because of it", a.Action, a.Because)
	}
	swapped := c
	swapped.A, swapped.B, swapped.MedianDiffNs, swapped.LowNs, swapped.HighNs = NFTables, IPTables, -40_000, -45_000, -35_000
	if a := decide(swapped); a.Action != Change {
		t.Errorf("the same, the other way round: %s, want change", a.Action)
	}
	c.Kernel = "6.6.0"
	if a := decide(c); a.Action != Keep || !strings.Contains(lastText(a.Because), "does not stand for this cluster") {
		t.Errorf("measured on another kernel: %s %+v, want keep, and told", a.Action, a.Because)
	}
	f = typed(5_000, 40_000, "5.15.0-105-generic", "v1.34.0", IPTables)
	c.Kernel, c.Services, c.Detected, c.MedianDiffNs = "5.15.0-105-generic", 5_000, false, 2_000
	c.LowNs, c.HighNs = -30_000, 34_000
	if a := decide(c); a.Action != Change {
		t.Errorf("a noisy measurement outweighs the estimate: %s", a.Headline)
	}
	c.LowNs, c.HighNs = -1_000, 5_000
	if a := decide(c); a.Action != Keep {
		t.Errorf("no difference measured: %s, want keep", a.Action)
	}
	f = typed(200, 1_600, "5.15.0-105-generic", "v1.36.0", IPVS)
	c = Comparison{A: IPVS, B: NFTables, Where: "lab", Kernel: "5.15.0-105-generic", Services: 200, MedianDiffNs: -9_000, LowNs: -10_000, HighNs: -8_000, Detected: true, Blocks: 20, Arrival: Cold}
	if a := decide(c); a.Recommended != NFTables || a.Action != Change {
		t.Errorf("IPVS measured faster: %q %s; a measurement is no veto against its end", a.Recommended, a.Action)
	}
	band := typed(1_000, 20_000, "4.19.219", "v1.16.0", IPTables)
	c = Comparison{A: IPTables, B: IPVS, Where: "lab", Kernel: "4.19.219", Services: 1_000, MedianDiffNs: 12_000, LowNs: 11_000, HighNs: 13_000, Detected: true, Blocks: 20, Arrival: Cold}
	if a := Decide(band, Habits{}, Measured{Comparisons: []Comparison{c}}); a.Recommended != IPVS {
		t.Errorf("in the band, IPVS measured 12 us faster: %q", a.Recommended)
	}
}

func lastText(r []Reason) string {
	if len(r) == 0 {
		return ""
	}
	return r[len(r)-1].Text
}

func TestGrowth(t *testing.T) {
	f := typed(600, 6_000, "5.15.0-105-generic", "v1.34.0", IPTables)
	a := Decide(f, habits("connections", "short", "expected-services", "3000"), Measured{})
	all := ""
	for _, r := range a.Growth {
		all += r.Text + "\n"
	}
	for _, want := range []string{"+15 to +30 us p50", "enter the break-even band", "in about 4 months", "would then be: Move from iptables to nftables"} {
		if !strings.Contains(all, want) {
			t.Errorf("growth does not say %q:\n%s", want, all)
		}
	}
}

// TestFlips: what the flips claim holds when the input is really changed.
func TestFlips(t *testing.T) {
	a := Decide(typed(200, 1_600, "5.15.0-105-generic", "v1.36.0", IPTables), habits("connections", "short"), Measured{})
	size := 0
	for _, f := range a.Flips {
		if f.To == a.Recommended && f.Act == a.Action {
			t.Errorf("flip without a change: %+v", f)
		}
		if strings.HasSuffix(f.If, "Service ports or more") {
			size++
			if f.If != "992 Service ports or more" {
				t.Errorf("%q, want the exact size", f.If)
			}
		}
	}
	if size != 1 {
		t.Errorf("%d size flips, want 1: %+v", size, a.Flips)
	}
	for _, c := range []struct {
		services int
		want     Action
	}{{991, Keep}, {992, Measure}, {2_000, Change}} {
		if got := Decide(typed(c.services, c.services*8, "5.15.0-105-generic", "v1.36.0", IPTables), habits("connections", "short"), Measured{}); got.Action != c.want {
			t.Errorf("%d Services: %s, want %s", c.services, got.Action, c.want)
		}
	}
}

func TestUnanswered(t *testing.T) {
	a := Decide(typed(5_000, 40_000, "5.15.0-105-generic", "v1.34.0", IPTables), Habits{}, Measured{})
	if len(a.Unanswered) != len(Questions()) {
		t.Fatalf("%d unanswered, want all %d", len(a.Unanswered), len(Questions()))
	}
	if got := a.Unanswered[0].Changes; !strings.HasPrefix(got, "the verdict: long: Keep iptables") {
		t.Errorf("connections: %q", got)
	}
	for _, u := range a.Unanswered {
		if u.Habit == HabitMaySetSysctls && u.Changes != "nothing by itself" {
			t.Errorf("may-set-sysctls on an iptables cluster: %q", u.Changes)
		}
	}
	if got := Decide(Facts{}, habits("connections", "short"), Measured{}).Unanswered; len(got) != len(Questions())-1 {
		t.Errorf("an answered habit is still listed: %+v", got)
	}
}
