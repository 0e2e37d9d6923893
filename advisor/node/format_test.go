package node

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain/plaintest"
)

const word = "4c736460-0d45-466a-8208-9c2f8dd5e08a"

// written is a report with these sections, as the script prints it: name, output.
func written(sections ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kpadvisor.node/v1 %s\n", word)
	for i := 0; i+1 < len(sections); i += 2 {
		b.WriteString(marked(sections[i], sections[i+1], "", 0))
	}
	return b.String() + "@@" + word + " done\n"
}

func marked(name, out, errs string, status int) string {
	return fmt.Sprintf("@@%[1]s section %[2]s\n%[3]s\n@@%[1]s errors %[2]s\n%[4]s\n@@%[1]s end %[2]s %[5]d\n", word, name, out, errs, status)
}

// only parses a text with one report.
func only(t *testing.T, text string) advisor.NodeReport {
	t.Helper()
	all, err := Parse([]byte(text))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d reports, %v", len(all), err)
	}
	return all[0]
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReal reads what the script printed beside real kube-proxies of 1.37.2.
func TestReal(t *testing.T) {
	for _, mode := range []advisor.Mode{advisor.IPTables, advisor.NFTables} {
		r := only(t, fixture(t, string(mode)))
		if !r.Whole || !r.Root || r.Node != "node-plain" || r.Mode.Value != mode || r.Version.Value != "v1.37.2" || r.Kernel.Value != "6.18.44" {
			t.Errorf("%s: %+v", mode, r)
		}
		if r.Config.MinSyncPeriod.Value.Seconds() != 1 || r.Config.MetricsOnAll.Or(true) || r.Config.TCPBeLiberal.Or(true) {
			t.Errorf("%s: settings %+v", mode, r.Config)
		}
		if r.PortLow.Value != 32_768 || r.PortHigh.Value != 60_999 || r.ConntrackMax.Value != 262_144 || !r.Conntrack.IsKnown() {
			t.Errorf("%s: ports %v to %v, conntrack %v of %v", mode, r.PortLow, r.PortHigh, r.Conntrack, r.ConntrackMax)
		}
		if r.Sysctls != nil || r.NewConnections.IsKnown() || r.Backends.VirtualServers.State != advisor.Absent {
			t.Errorf("%s: there is no IPVS, and %v %v %v", mode, r.Sysctls, r.NewConnections, r.Backends.VirtualServers)
		}
		if b := r.Backends; b.IPTablesVersion.Value != "1.8.9 (nf_tables)" || b.NFTVersion.Value != "1.0.6" || b.LegacyChains.State != advisor.Known ||
			b.LegacyChains.Value != 0 || (b.NFTChains.Value > 0) != (mode == advisor.IPTables) || b.NFTables.Value != (mode == advisor.NFTables) {
			t.Errorf("%s: %+v", mode, b)
		}
		s := r.Syncs[0]
		if s.Kind != advisor.AllSyncs || s.Family != "IPv4" || s.Count != 1 || s.Mean() != s.Sum || !s.Half.Unknown || !s.Most.Unknown {
			t.Errorf("%s: one sync has no quantiles: %+v", mode, s)
		}
		if r.Rules.IsKnown() != (mode == advisor.IPTables) || mode == advisor.IPTables && r.Rules.Value != 10 {
			t.Errorf("%s: rules %v", mode, r.Rules)
		}
	}
}

// TestHostile: what is wrong with a report is left out or refused, and nothing of it
// passes for something else.
func TestHostile(t *testing.T) {
	mode := func(text string) string { return "@@" + word + " section kube-proxy.mode\n" + text }
	for name, c := range map[string]struct {
		text  string
		check func(r advisor.NodeReport) bool
	}{
		"a section faked in another": {
			written("hostname", "a\n@@other section kube-proxy.mode\nipvs\n@@other end kube-proxy.mode 0", "kube-proxy.mode", "iptables"),
			func(r advisor.NodeReport) bool { return r.Mode.Value == advisor.IPTables && r.Node == "" },
		},
		"a whole report faked in a section": {
			written("hostname", strings.ReplaceAll(written("kube-proxy.mode", "ipvs"), word, "another-nonce"), "kube-proxy.mode", "nftables"),
			func(r advisor.NodeReport) bool { return r.Mode.Value == advisor.NFTables },
		},
		"the first of two of a name stands": {
			written("kube-proxy.mode", "iptables", "kube-proxy.mode", "ipvs"),
			func(r advisor.NodeReport) bool { return r.Mode.Value == advisor.IPTables },
		},
		"cut off within a section": {
			"kpadvisor.node/v1 " + word + "\n" + mode("ipvs\n"),
			func(r advisor.NodeReport) bool { return !r.Whole && !r.Mode.IsKnown() },
		},
		"a section that begins within another": {
			"kpadvisor.node/v1 " + word + "\n" + mode("ipvs\n") + marked("hostname", "a", "", 0) + "@@" + word + " done\n",
			func(r advisor.NodeReport) bool { return r.Node == "a" && !r.Mode.IsKnown() },
		},
		"the end of another section": {
			"kpadvisor.node/v1 " + word + "\n" + mode("ipvs\n") + "@@" + word + " end hostname 0\n@@" + word + " done\n",
			func(r advisor.NodeReport) bool { return r.Node == "" && !r.Mode.IsKnown() },
		},
		"an answer with an error": {
			"kpadvisor.node/v1 " + word + "\n" + marked("kube-proxy.mode", "iptables", "curl: (22) 404\x1b[2J", 22) + "@@" + word + " done\n",
			func(r advisor.NodeReport) bool { return !r.Mode.IsKnown() && r.Mode.Detail == "curl: (22) 404" },
		},
		"skipped": {
			"kpadvisor.node/v1 " + word + "\n@@" + word + " skipped kube-proxy.mode neither curl nor wget is here\n@@" + word + " done\n",
			func(r advisor.NodeReport) bool {
				return r.Whole && !r.Mode.IsKnown() && r.Mode.Detail == "neither curl nor wget is here"
			},
		},
		"lines of Windows, and what ssh says before": {
			"Welcome!\r\n" + strings.ReplaceAll(written("hostname", "Node-A", "kube-proxy.mode", "ipvs"), "\n", "\r\n"),
			func(r advisor.NodeReport) bool { return r.Whole && r.Node == "node-a" && r.Mode.Value == advisor.IPVS },
		},
		"escapes": {
			written("hostname", plaintest.Hostile, "kernel.release", "5.15.0\x1b[31m", "iptables.version", "iptables v1"+plaintest.Hostile, "kube-proxy.mode", "ipvs\x1b[0m"),
			func(r advisor.NodeReport) bool { return r.Node == "" && !r.Kernel.IsKnown() && !r.Mode.IsKnown() },
		},
		"a mode nobody knows": {written("kube-proxy.mode", "ebpf"), func(r advisor.NodeReport) bool { return !r.Mode.IsKnown() }},
		"two modes":           {written("kube-proxy.mode", "ipvs\niptables"), func(r advisor.NodeReport) bool { return !r.Mode.IsKnown() }},
		"a mode that its metrics deny": {
			written("kube-proxy.mode", "nftables", "kube-proxy.metrics", "kubeproxy_sync_proxy_rules_iptables_total{table=\"nat\"} 5"),
			func(r advisor.NodeReport) bool { return !r.Mode.IsKnown() && r.Mode.Why == advisor.Unreadable },
		},
		"sysctls of a pod": {
			written("sysctls", "net.ipv4.vs.conn_reuse_mode = 0"),
			func(r advisor.NodeReport) bool { return r.Sysctls == nil && len(r.SysctlDoubts) == 1 },
		},
		"sysctls that no kernel has": {
			written("kube-proxy.mode", "ipvs", "sysctls", "net.ipv4.vs.conn_reuse_mode = 99999999999999999999\nnet.netfilter.nf_conntrack_count = -1"),
			func(r advisor.NodeReport) bool {
				return len(r.Sysctls) == 0 && len(r.SysctlDoubts) == 1 && !r.Conntrack.IsKnown()
			},
		},
		"a section as long as may be": {
			written("nft.tables", "table ip kube-proxy\n"+strings.Repeat("x", scriptLimit)),
			func(r advisor.NodeReport) bool {
				return !r.Backends.NFTables.IsKnown() && r.Backends.NFTables.Why == advisor.Bounded
			},
		},
		"a flood of metrics": {
			written("kube-proxy.metrics", strings.Repeat("kubeproxy_sync_proxy_rules_iptables_total{table=\"nat\"} 5\n", 2*maxLines)),
			func(r advisor.NodeReport) bool { return !r.Rules.IsKnown() && r.Syncs == nil },
		},
		"a flood of sections": {
			written(strings.Split(strings.Repeat("hostname,x,", 100_000)+"kube-proxy.mode,ipvs", ",")...),
			func(r advisor.NodeReport) bool { return r.Node == "x" && r.Mode.Value == advisor.IPVS },
		},
		"a depth of JSON": {
			written("kube-proxy.mode", "ipvs", "kube-proxy.config", strings.Repeat(`{"kubeproxy.config.k8s.io":`, 20_000)),
			func(r advisor.NodeReport) bool { return !r.Config.MinSyncPeriod.IsKnown() },
		},
		"one very long line": {
			"kpadvisor.node/v1 " + word + "\n" + strings.Repeat("y", 32<<20) + "\n" + marked("kube-proxy.mode", "ipvs", "", 0),
			func(r advisor.NodeReport) bool { return r.Mode.Value == advisor.IPVS },
		},
	} {
		if r := only(t, c.text); !c.check(r) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestRefused: what is no report is refused in one sentence.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"empty":           {"", "no report"},
		"something else":  {"hello\n", "no report"},
		"another version": {"kpadvisor.node/v2 abc\n", "kpadvisor.node/v2"},
		"hostile version": {"kpadvisor.node/v1\x1b[2J abc\n", "its format"},
		"no nonce":        {"kpadvisor.node/v1 \n", "no word"},
		"a bad nonce":     {"kpadvisor.node/v1 a b\n", "no word"},
		"too large":       {strings.Repeat("z", maxText+1), "larger than 64 MiB"},
		"a broken gzip":   {"\x1f\x8b hello", "decompressed"},
		"a gzip bomb":     {zipped(t, strings.Repeat("z", maxText+1)), "larger than 64 MiB"},
		"holes in a tar":  {sparse(20, maxText/16), "larger than 64 MiB together"},
		"too many in sum": {tarred(t, map[string]string{"a": manyReports(maxReports), "b": manyReports(1)}), "too many reports"},
		"an empty tar":    {tarred(t, map[string]string{"readme": "hello"}), "no report"},
	} {
		all, err := Parse([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %d reports, %v", name, len(all), err)
		}
	}
}

// TestCutOff: a report that breaks off does not swallow those that follow it, and what was
// read into it is no report, as long as it goes on.
func TestCutOff(t *testing.T) {
	called := func(nonce, host string) string {
		return strings.ReplaceAll(written("hostname", host, "kube-proxy.mode", "ipvs"), word, nonce)
	}
	whole, other := called("n1", "a"), called("n2", "b")
	within := func(content string) string { return called("n3", "c\n"+content) }
	for name, c := range map[string]struct {
		text string
		want string // the hosts, and * where one is whole
	}{
		"after a section":            {strings.Split(whole, "@@n1 section kube-proxy.mode")[0] + other, "a b*"},
		"within a section":           {strings.Split(whole, "ipvs")[0] + other, "a b*"},
		"within its errors":          {strings.Split(whole, "@@n1 end kube-proxy.mode")[0] + other, "a b*"},
		"after its header":           {"kpadvisor.node/v1 n1\n" + other, " b*"},
		"two of three":               {whole + strings.TrimSuffix(other, "@@n2 done\n") + called("n4", "d"), "a* b d*"},
		"two one after another":      {"kpadvisor.node/v1 n1\nkpadvisor.node/v1 n2\n" + called("n4", "d"), " d*"},
		"at the end":                 {whole + strings.TrimSuffix(other, "@@n2 done\n"), "a* b"},
		"nothing whole follows":      {"kpadvisor.node/v1 n1\n" + strings.TrimSuffix(other, "@@n2 done\n"), ""},
		"a fake in a whole one":      {within(whole), "*"},
		"a fake in one that goes on": {strings.TrimSuffix(within(whole), "@@n3 done\n"), ""},
		"a fake, and a true one":     {strings.TrimSuffix(within(whole), "@@n3 done\n") + other, " b*"},
		"a fake without its end":     {strings.TrimSuffix(within("kpadvisor.node/v1 n1\n"), "@@n3 done\n") + other, " b*"},
		"a fake of its own nonce":    {strings.TrimSuffix(called("n1", "a\nkpadvisor.node/v1 n1"), "@@n1 done\n") + other, " b*"},
		"the same twice":             {whole + whole, "a* a*"},
	} {
		all, err := Parse([]byte(c.text))
		var got []string
		for _, r := range all {
			mark := ""
			if r.Whole {
				mark = "*"
			}
			got = append(got, r.Node+mark)
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, not %q, %v", name, strings.Join(got, " "), c.want, err)
		}
	}
}

// TestCutOffOften: many that break off take no longer than their text.
func TestCutOffOften(t *testing.T) {
	var b strings.Builder
	for i := range maxReports / 2 {
		fmt.Fprintf(&b, "kpadvisor.node/v1 x%[1]d\n%[2]s\nkpadvisor.node/v1 y%[1]d\n@@y%[1]d done\n", i, strings.Repeat("z\n", 100))
	}
	began := time.Now()
	if all, err := Parse([]byte(b.String())); err != nil || len(all) != maxReports {
		t.Errorf("%d reports, %v", len(all), err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("%v", took)
	}
}

// sparse is a tar of files that hold nothing but a hole of so many bytes, as GNU tar writes
// them.
func sparse(files int, size int64) string {
	var b bytes.Buffer
	block := func(name string, kind byte, content string) {
		h := make([]byte, 512)
		copy(h, name)
		copy(h[100:], "0000600\x000000000\x000000000\x00")
		copy(h[124:], fmt.Sprintf("%011o\x0000000000000\x00        ", len(content)))
		h[156] = kind
		copy(h[257:], "ustar\x0000")
		sum := 0
		for _, c := range h {
			sum += int(c)
		}
		copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
		b.Write(h)
		b.WriteString(content)
		b.Write(make([]byte, (512-len(content)%512)%512))
	}
	record := func(text string) string { return fmt.Sprintf("%d %s\n", len(text)+4, text) } // of two digits
	for range files {
		block("pax", 'x', record(fmt.Sprintf("GNU.sparse.size=%d", size))+record("GNU.sparse.numblocks=1")+record(fmt.Sprintf("GNU.sparse.map=%d,0", size)))
		block("hole", '0', "")
	}
	return b.String() + string(make([]byte, 1024))
}

func manyReports(n int) string { return strings.Repeat("kpadvisor.node/v1 a\n@@a done\n", n) }

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, text := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestMany: several reports in one text, in a tar, and in a tar that is compressed.
func TestMany(t *testing.T) {
	a, b := written("hostname", "a"), strings.ReplaceAll(written("hostname", "b"), word, "another")
	both := map[string]string{"a.txt": a, "dir/b.txt": b, "readme": "hello"}
	for name, text := range map[string]string{"text": a + "\n$ exit\n" + b, "tar": tarred(t, both), "tar.gz": zipped(t, tarred(t, both))} {
		all, err := Parse([]byte(text))
		if err != nil || len(all) != 2 || !all[0].Whole || !all[1].Whole || all[0].Node == all[1].Node {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
}

// FuzzParse: nothing that is read makes the program fail, and what comes out of it is
// safe to show and can be written and read again.
func FuzzParse(f *testing.F) {
	// Small ones: the fuzzer spends its first minute on making seeds small.
	f.Add([]byte(written("kube-proxy.mode", "iptables", "kube-proxy.metrics", page(allSyncs, 1, 5, 6), "ipvs.stats.1", statistics(1), "ipvs.stats.2", statistics(9))))
	f.Add([]byte(written("kube-proxy.mode", "ipvs", "sysctls", "net.ipv4.vs.conn_reuse_mode = 0", "uptime.1", "1.0 2", "uptime.2", "6.0 2")))
	f.Add([]byte("kpadvisor.node/v1 a\n@@a skipped x y\n@@a done\n"))
	f.Add([]byte("kpadvisor.node/v1 a\n@@a packed habits\nH4sIAAAAAAAA/4uuVspNLclMTlGyUkpJLMtMUUvOL0osLlGqrQUAhmkTXBkAAAA=\n@@a errors habits\n\n@@a end habits 0\n@@a done\n"))
	f.Add([]byte(written("processes.1", "1.0 2\nnamespace 1 other\nTcp: ActiveOpens\nTcp: 5", "processes.2", "6.0 2\nnamespace 1 other\nTcp: ActiveOpens\nTcp: 9")))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := Parse(text)
		if err != nil {
			return
		}
		for _, r := range all {
			for _, s := range []string{r.Node, r.OSImage.Value, r.Kernel.Value, r.Version.Value, r.Mode.Detail, r.Backends.IPTablesVersion.Value, r.Backends.NFTVersion.Value} {
				if strings.ContainsAny(s, "\x1b\n\r\x00") || len(s) > 2_000 {
					t.Errorf("not safe to show: %q", s)
				}
			}
		}
		if _, err := json.Marshal(all); err != nil {
			t.Error(err)
		}
	})
}
