package node

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
)

// page is a histogram of syncs with these cumulative counts at the bounds 1 ms x 2.
func page(name string, sum float64, counts ...int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# TYPE %s histogram\n", name)
	bound := 0.001
	for _, n := range counts {
		fmt.Fprintf(&b, "%s_bucket{ip_family=\"IPv4\",le=\"%g\"} %d\n", name, bound, n)
		bound *= 2
	}
	last := counts[len(counts)-1]
	fmt.Fprintf(&b, "%[1]s_bucket{ip_family=\"IPv4\",le=\"+Inf\"} %[2]d\n%[1]s_sum{ip_family=\"IPv4\"} %[3]g\n%[1]s_count{ip_family=\"IPv4\"} %[2]d\n", name, last, sum)
	return b.String()
}

const allSyncs = "kubeproxy_sync_proxy_rules_duration_seconds"

// TestSyncTimes: the mean is exact, a quantile is the bucket it lies in, and of too few
// syncs there is none.
func TestSyncTimes(t *testing.T) {
	ms := time.Millisecond
	few := advisor.TimeRange{Unknown: true}
	for name, c := range map[string]struct {
		text       string
		mean       time.Duration
		half, most advisor.TimeRange
	}{
		"one":            {page(allSyncs, 0.5, 0, 0, 1), 500 * ms, few, few},
		"three":          {page(allSyncs, 0.006, 0, 3), 2 * ms, advisor.TimeRange{Low: ms, High: 2 * ms}, few},
		"the first":      {page(allSyncs, 0.1, 100, 100), ms, advisor.TimeRange{High: ms}, advisor.TimeRange{High: ms}},
		"two hundred":    {page(allSyncs, 0.4, 0, 150, 198, 200), 2 * ms, advisor.TimeRange{Low: ms, High: 2 * ms}, advisor.TimeRange{Low: 2 * ms, High: 4 * ms}},
		"one slow":       {page(allSyncs, 0.4, 0, 150, 197, 200), 2 * ms, advisor.TimeRange{Low: ms, High: 2 * ms}, advisor.TimeRange{Low: 4 * ms, High: 8 * ms}},
		"none":           {page(allSyncs, 0, 0, 0), 0, few, few},
		"falling counts": {strings.Replace(page(allSyncs, 1, 5, 6), `le="0.001"} 5`, `le="0.001"} 9`, 1), 0, few, few},
		"no number":      {strings.Replace(page(allSyncs, 1, 5, 6), "_sum{ip_family=\"IPv4\"} 1", "_sum{ip_family=\"IPv4\"} NaN", 1), 0, few, few},
		"a negative sum": {page(allSyncs, -1, 5, 6), 0, few, few},
		"for ever":       {page(allSyncs, 1e300, 5, 6), 0, few, few},
	} {
		r := only(t, written("kube-proxy.mode", "iptables", "kube-proxy.metrics", c.text))
		if c.mean == 0 {
			if len(r.Syncs) != 0 {
				t.Errorf("%s: %+v", name, r.Syncs)
			}
			continue
		}
		if len(r.Syncs) != 1 || r.Syncs[0].Mean() != c.mean || r.Syncs[0].Half != c.half || r.Syncs[0].Most != c.most {
			t.Errorf("%s: %+v", name, r.Syncs)
		}
	}
	beyond := strings.Replace(page(allSyncs, 4000, 0, 0, 0), "_count{ip_family=\"IPv4\"} 0", "_count{ip_family=\"IPv4\"} 200", 1)
	beyond = strings.Replace(beyond, `le="+Inf"} 0`, `le="+Inf"} 200`, 1)
	if r := only(t, written("kube-proxy.mode", "ipvs", "kube-proxy.metrics", beyond)); len(r.Syncs) != 1 || r.Syncs[0].Most != (advisor.TimeRange{Low: 4 * ms, Open: true}) {
		t.Errorf("beyond the last bound: %+v", r.Syncs)
	}
}

// TestSyncKinds: full and partial syncs are told apart in iptables and nftables mode
// alone, and metrics that IPVS mode has not are not IPVS's.
func TestSyncKinds(t *testing.T) {
	full := strings.ReplaceAll(page(allSyncs, 1, 5, 6), "sync_proxy", "sync_full_proxy")
	for mode, want := range map[string]int{"iptables": 2, "nftables": 2, "ipvs": 1, "": 1} {
		r := only(t, written("kube-proxy.mode", mode, "kube-proxy.metrics", page(allSyncs, 1, 5, 6)+full))
		if len(r.Syncs) != want {
			t.Errorf("%q: %+v", mode, r.Syncs)
		}
		if mode == "ipvs" && r.Mode.IsKnown() {
			t.Error("IPVS mode has no full syncs")
		}
	}
}

// TestWaiting: age alone is no symptom; a sync that was asked for since the last one is.
func TestWaiting(t *testing.T) {
	stamps := func(queued, last string) string {
		return "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{ip_family=\"IPv4\"} " + queued + "\n" +
			"kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family=\"IPv4\"} " + last + "\n"
	}
	for name, c := range map[string]struct {
		metrics, now string
		known        bool
		want         time.Duration
	}{
		"long ago":      {stamps("1.0e9", "1.0000001e9"), "1000009000", true, 0},
		"waiting":       {stamps("1.00000900e9", "1.0e9"), "1000009042", true, 42 * time.Second},
		"a part":        {stamps("1.0000090004e9", "1.0e9"), "1000009042", true, 41 * time.Second},
		"just asked":    {stamps("1.00000900e9", "1.0e9"), "1000009000", false, 0},
		"no clock":      {stamps("1.00000900e9", "1.0e9"), "", false, 0},
		"no last sync":  {strings.Split(stamps("1e9", "1e9"), "\n")[0] + "\n", "1000009042", false, 0},
		"another clock": {stamps("2.0e9", "1.0e9"), "1000009042", false, 0},
	} {
		r := only(t, written("kube-proxy.mode", "iptables", "kube-proxy.metrics", c.metrics, "time", c.now))
		if d, known := r.Waiting.Get(); known != c.known || d != c.want {
			t.Errorf("%s: %v, %v", name, d, known)
		}
	}
	rules := "kubeproxy_sync_proxy_rules_iptables_total{ip_family=\"IPv4\",table=\"nat\"} 3490\nkubeproxy_sync_proxy_rules_iptables_total{ip_family=\"IPv4\",table=\"filter\"} 5\n"
	for text, known := range map[string]bool{
		rules: true, rules + stamps("1.0e9", "1.0e9"): true, rules + stamps("1.00000900e9", "1.0e9"): false,
		rules + "kubeproxy_sync_proxy_rules_service_changes_pending 3\n": false,
		strings.ReplaceAll(rules, `ip_family="IPv4",`, ""):               false,
	} {
		r := only(t, written("kube-proxy.mode", "iptables", "kube-proxy.metrics", text))
		if n, is := r.Rules.Get(); is != known || is && n != 3_495 {
			t.Errorf("rules %v: %s", r.Rules, text)
		}
	}
}

// TestKernel: the stable release is told by Ubuntu's signature and Debian's version.
func TestKernel(t *testing.T) {
	for _, c := range []struct{ release, version, signature, want string }{
		{"5.4.0-96-generic", "#109-Ubuntu SMP Wed Jan 12 16:49:16 UTC 2022", "Ubuntu 5.4.0-96.109-generic 5.4.157", "5.4.0-96-generic 5.4.157"},
		{"5.10.0-10-amd64", "#1 SMP Debian 5.10.84-1 (2021-12-08)", "", "5.10.0-10-amd64 5.10.84"},
		{"6.18.44", "#1 SMP", "", "6.18.44"},
		{"5.4.0-96-generic", "#109-Ubuntu SMP", "Ubuntu 5.4.0-97.110-generic 5.4.162", "5.4.0-96-generic"}, // of another kernel
		{"4.18.0-553.el8.x86_64", "#1 SMP", "", "4.18.0-553.el8.x86_64"},
		{"hello", "", "", ""},
		{"5.4.0 and more", "", "", ""},
	} {
		r := only(t, written("kernel.release", c.release, "kernel.version", c.version, "kernel.signature", c.signature))
		if r.Kernel.Or("") != c.want {
			t.Errorf("%q %q %q: %q", c.release, c.version, c.signature, r.Kernel.Value)
		}
	}
}

// statistics are counters as the kernel prints them, in hexadecimal.
func statistics(cpus ...uint64) string {
	text := "       Total Incoming Outgoing         Incoming         Outgoing\nCPU    Conns  Packets  Packets            Bytes            Bytes\n"
	for i, n := range cpus {
		text += fmt.Sprintf("%3X %8X %8X %8X %16X %16X\n", i, n, 3*n, 2*n, 99*n, 88*n)
	}
	return text + "  ~       FF       FF       FF               FF               FF\n\n     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n           0        0        0                0                0\n"
}

// services is /proc/net/ip_vs with one virtual server.
const services = "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nTCP  0A600001:01BB rr  \n  -> 0A000001:192B      Masq    1      0          0         \n"

// TestRate: the rows of the CPUs count, and what cannot be is no rate.
func TestRate(t *testing.T) {
	for name, c := range map[string]struct {
		before, after, from, until string
		want                       float64
		known                      bool
	}{
		"two CPUs":      {statistics(0x10, 0x20), statistics(0x10+300, 0x20+204), "100.00 5", "105.04 6", 100, true},
		"nothing new":   {statistics(1, 1), statistics(1, 1), "100.00 5", "105.00 6", 0, true},
		"going back":    {statistics(9, 9), statistics(1, 1), "100.00 5", "105.00 6", 0, false},
		"no time":       {statistics(1, 1), statistics(9, 9), "100.00 5", "100.00 6", 0, false},
		"time back":     {statistics(1, 1), statistics(9, 9), "105.00 5", "100.00 6", 0, false},
		"beyond belief": {statistics(1, 1), statistics(1<<50, 9), "100.00 5", "105.00 6", 0, false},
		"overflow":      {statistics(0, 0, 0, 0), statistics(1<<62, 1<<62, 1<<62, 1<<62+500), "100.00 5", "105.00 6", 0, false},
		"no table":      {"", "hello", "100.00 5", "105.00 6", 0, false},
	} {
		r := only(t, written("ipvs.services", services, "sysctls", "net.ipv4.vs.conn_reuse_mode = 1",
			"ipvs.stats.1", c.before, "ipvs.stats.2", c.after, "uptime.1", c.from, "uptime.2", c.until))
		if x, known := r.NewConnections.Get(); known != c.known || math.Abs(x-c.want) > 1e-6 || r.AtLeast {
			t.Errorf("%s: %v", name, r.NewConnections)
		}
	}
}

// TestRateAtLeast: with conn_reuse_mode 0, IPVS counts no connection on a 5-tuple that it
// knows still, so that what it counts is not all, and none is no figure.
func TestRateAtLeast(t *testing.T) {
	for _, c := range []struct {
		sysctls        string
		counted        uint64
		known, atLeast bool
	}{
		{"net.ipv4.vs.conn_reuse_mode = 1", 50, true, false},
		{"net.ipv4.vs.conn_reuse_mode = 1", 0, true, false},
		{"net.ipv4.vs.conn_reuse_mode = 0", 50, true, true},
		{"net.ipv4.vs.conn_reuse_mode = 0", 0, false, false},
		{"net.ipv4.vs.conntrack = 1", 50, true, true},
	} {
		r := only(t, written("ipvs.services", services, "sysctls", c.sysctls, "ipvs.stats.1", statistics(7), "ipvs.stats.2", statistics(7+c.counted),
			"uptime.1", "100.00 5", "uptime.2", "105.00 6"))
		if r.NewConnections.IsKnown() != c.known || r.AtLeast != c.atLeast {
			t.Errorf("%s, %d: %v, at least %t", c.sysctls, c.counted, r.NewConnections, r.AtLeast)
		}
	}
}

// TestOwnNetwork: what a network namespace has of its own counts where kube-proxy answered
// on loopback, or where its rules are: else it may be a pod's.
func TestOwnNetwork(t *testing.T) {
	all := []string{
		"sysctls", "net.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.ip_local_port_range = 32768\t60999\nnet.netfilter.nf_conntrack_count = 7\nnet.netfilter.nf_conntrack_max = 99",
		"ipset.names", "", "ipvs.stats.1", statistics(1), "ipvs.stats.2", statistics(51), "uptime.1", "100.00 5", "uptime.2", "105.00 6",
	}
	none := []string{"ipvs.services", "", "nft.tables", "table ip filter\n", "iptables.nft.nat", "*nat\n"}
	mode := []string{"kube-proxy.mode", "ipvs", "kube-proxy.address"}
	for name, c := range map[string]struct {
		more []string
		own  bool
	}{
		"by its default":       {append([]string{"kube-proxy.mode", "ipvs"}, none...), true},
		"on loopback":          {slices.Concat(mode, []string{"127.0.0.2:10249"}, none), true},
		"on that of IPv6":      {slices.Concat(mode, []string{"[::1]:10249"}, none), true},
		"by its name":          {slices.Concat(mode, []string{"localhost:10249"}, none), true},
		"on another address":   {slices.Concat(mode, []string{"192.0.2.1:10249"}, none), false},
		"by another name":      {slices.Concat(mode, []string{"localhost.example.com:10249"}, none), false},
		"no address":           {slices.Concat(mode, []string{""}, none), false},
		"nobody answered":      {none, false},
		"a virtual server":     {[]string{"ipvs.services", services}, true},
		"chains of kube-proxy": {[]string{"iptables.nft.nat", "*nat\n:KUBE-SERVICES - [0:0]\n"}, true},
		"its table":            {[]string{"nft.tables", "table ip kube-proxy\n"}, true},
	} {
		r := only(t, written(slices.Concat(all, c.more)...))
		b := r.Backends
		if (r.Sysctls != nil) != c.own || r.PortLow.IsKnown() != c.own || r.PortHigh.IsKnown() != c.own || r.Conntrack.IsKnown() != c.own ||
			r.ConntrackMax.IsKnown() != c.own || r.NewConnections.IsKnown() != c.own || b.IPSets.IsKnown() != c.own || (len(r.SysctlDoubts) > 0) == c.own {
			t.Errorf("%s: %+v", name, r)
		}
		if !c.own && (b.NFTables.IsKnown() || b.NFTChains.IsKnown() || b.VirtualServers.IsKnown()) {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

// TestOSImage: the programs of a report are of the system that it names.
func TestOSImage(t *testing.T) {
	for text, want := range map[string]string{
		"NAME=\"Ubuntu\"\nPRETTY_NAME=\"Ubuntu 22.04.4 LTS\"\n": "Ubuntu 22.04.4 LTS",
		"PRETTY_NAME=Alpine\n":         "Alpine",
		"PRETTY_NAME=\"a\x1b[31mb\"\n": "ab",
		"PRETTY_NAME=\"\"":             "",
		"hello":                        "",
	} {
		if r := only(t, written("os.release", text)); r.OSImage.Or("") != want {
			t.Errorf("%q: %v", text, r.OSImage)
		}
	}
}

// TestConfig reads the settings as a file has them, and as kube-proxies printed them
// before, with the names of Go's fields.
func TestConfig(t *testing.T) {
	for _, text := range []string{
		`{"kubeproxy.config.k8s.io":{"hostnameOverride":"Node-1","metricsBindAddress":"0.0.0.0:10249","mode":"ipvs","ipvs":{"minSyncPeriod":"10s","scheduler":"lc","strictARP":true,"excludeCIDRs":["10.9.0.0/16"]},"conntrack":{"tcpBeLiberal":true}}}`,
		`{"kubeproxy.config.k8s.io":{"HostnameOverride":"Node-1","MetricsBindAddress":"0.0.0.0:10249","Mode":"ipvs","IPVS":{"MinSyncPeriod":"10s","Scheduler":"lc","StrictARP":true,"ExcludeCIDRs":["10.9.0.0/16"]},"Linux":{"Conntrack":{"TCPBeLiberal":true}}}}`,
		`{"kubeproxy.config.k8s.io":{"HostnameOverride":"Node-1","MetricsBindAddress":"0.0.0.0:10249","Mode":"ipvs","MinSyncPeriod":"10s","IPVS":{"Scheduler":"lc","StrictARP":true,"ExcludeCIDRs":["10.9.0.0/16"]},"Linux":{"Conntrack":{"TCPBeLiberal":true}}}}`,
	} {
		r := only(t, written("hostname", "host", "kube-proxy.mode", "ipvs", "kube-proxy.config", text))
		c := r.Config
		if r.Node != "node-1" || c.MinSyncPeriod.Value != 10*time.Second || c.Scheduler.Value != "lc" || !c.StrictARP.Value ||
			!c.MetricsOnAll.Value || !c.TCPBeLiberal.Value || len(c.ExcludeCIDRs.Value) != 1 {
			t.Errorf("%s %+v", r.Node, c)
		}
	}
	for _, text := range []string{`{}`, `[]`, `{"kubeproxy.config.k8s.io":7}`, `{"kubeproxy.config.k8s.io":{"iptables":{"minSyncPeriod":"never"},"nodePortAddresses":["\u001b[2J"],"detectLocalMode":"\u001b"}}`} {
		c := only(t, written("kube-proxy.mode", "iptables", "kube-proxy.config", text)).Config
		if c.MinSyncPeriod.IsKnown() || c.NodePortAddresses.IsKnown() || c.DetectLocalMode.IsKnown() {
			t.Errorf("%s: %+v", text, c)
		}
	}
}

// TestSysctls: those of IPVS count where kube-proxy answered or IPVS holds a Service.
func TestSysctls(t *testing.T) {
	const live = "net.ipv4.vs.conn_reuse_mode = 0\nnet.ipv4.vs.expire_nodest_conn = 1\n"
	for _, sections := range [][]string{{"kube-proxy.mode", "ipvs", "sysctls", live}, {"ipvs.services", services, "sysctls", live}} {
		r := only(t, written(sections...))
		if len(r.Sysctls) != 2 || r.Sysctls["net.ipv4.vs.conn_reuse_mode"] != 0 || len(r.SysctlDoubts) != 0 {
			t.Errorf("%q: %v %v", sections[0], r.Sysctls, r.SysctlDoubts)
		}
	}
	if r := only(t, written("ipvs.services", services)); r.Backends.VirtualServers.Value != 1 {
		t.Errorf("%v virtual servers", r.Backends.VirtualServers)
	}
}

// TestRealIPVS reads what the script printed beside a real kube-proxy in IPVS mode in
// user-mode Linux, with 33 Services.
func TestRealIPVS(t *testing.T) {
	r := only(t, fixture(t, "ipvs"))
	if !r.Whole || !r.Root || r.Node != "node-1" || r.Mode.Value != advisor.IPVS || r.Version.Value != "v1.37.2" || r.Kernel.Value != "6.12.117-kpadvisor" {
		t.Errorf("%+v", r)
	}
	if b := r.Backends; b.VirtualServers.Value != 63 || b.IPSets.Value != 34 || b.LegacyChains.Value != 3 || b.NFTChains.Value != 0 || b.NFTables.Value {
		t.Errorf("%+v", b)
	}
	if s := r.Sysctls; s["net.ipv4.vs.conn_reuse_mode"] != 1 || s["net.ipv4.vs.expire_nodest_conn"] != 1 || s["net.ipv4.vs.conntrack"] != 1 {
		t.Errorf("%v", s)
	}
	if x, known := r.NewConnections.Get(); !known || x != 0 || r.Over < 5*time.Second {
		t.Errorf("%v over %v", r.NewConnections, r.Over)
	}
	if r.Rules.IsKnown() || len(r.Syncs) == 0 || r.Syncs[0].Count < 1 || r.Config.MinSyncPeriod.Value != time.Second {
		t.Errorf("%v %v %v", r.Rules, r.Syncs, r.Config.MinSyncPeriod)
	}
}

// TestModules: of what is loaded, those that the modes use, in one order; lies and floods
// are nobody's modules.
func TestModules(t *testing.T) {
	for text, want := range map[string][]string{
		"nf_tables 1 2 - Live 0x0\nip_vs 172032 6 - Live 0x0\nxfs 1 1 - Live 0x0\n": {"ip_vs", "nf_tables"},
		"ip_vs_rr\n" + strings.Repeat("ip_set 1\n", 10_000):                         {"ip_set", "ip_vs_rr"},
		"ip_vs\x1b[31m 1\nIP_VS 1\n" + strings.Repeat("ip_vs_rr_ ", 10_000):         nil,
		"": nil,
	} {
		if got := only(t, written("modules", text)).Backends.Modules; !slices.Equal(got, want) {
			t.Errorf("of %.40q: %v, want %v", text, got, want)
		}
	}
}
