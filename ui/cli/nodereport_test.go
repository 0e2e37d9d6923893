package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// aReport is what the script prints, as far as the command line is concerned.
func aReport(name, mode string) string {
	text := "kpadvisor.node/v1 abc\n"
	for _, s := range [][2]string{{"hostname", name}, {"kernel.release", "5.15.0-105-generic"}, {"kube-proxy.mode", mode}} {
		text += "@@abc section " + s[0] + "\n" + s[1] + "\n\n@@abc errors " + s[0] + "\n\n@@abc end " + s[0] + " 0\n"
	}
	return text + "@@abc done\n"
}

// TestMetrics: a saved page of metrics is a report of the node that is named, whose mode
// is inferred.
func TestMetrics(t *testing.T) {
	dir := t.TempDir()
	page, empty := filepath.Join(dir, "metrics.txt"), filepath.Join(dir, "empty.txt")
	text := "# TYPE kubeproxy_sync_proxy_rules_iptables_total gauge\nkubeproxy_sync_proxy_rules_iptables_total{ip_family=\"IPv4\",table=\"nat\"} 30\n" +
		"kubeproxy_sync_proxy_rules_iptables_total{ip_family=\"IPv4\",table=\"filter\"} 12\n"
	for name, content := range map[string]string{page: text, empty: "<html>"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := run(t, "audit", "-o", "json", "--services", "100", "--metrics", "node-1="+page)
	for _, want := range []string{`"inferredMode":`, "report of the node, inferred from metrics of kube-proxy"} {
		if !strings.Contains(o.out, want) {
			t.Errorf("%q is not in %s", want, o.out)
		}
	}
	for _, c := range []struct{ given, says string }{
		{page, "names no node: it is NODE=FILE."},
		{"node-1=" + empty, "cannot be used: it holds no metrics of kube-proxy."},
		{"node-1=" + page + "-not", "cannot be used: "},
	} {
		o := run(t, "audit", "--services", "100", "--metrics", c.given)
		if o.code == Fine || !strings.Contains(o.errOut, c.says) {
			t.Errorf("%s: code %d, %s", c.given, o.code, o.errOut)
		}
		o.isChineseToo(t)
	}
}

// TestAskedInVain: what cannot work is refused before anything is read, and of what was
// asked for without a cluster the reason is said.
func TestAskedInVain(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--prometheus", "prometheus:9090"}, Failure, "The address of Prometheus is no URL."},
		{[]string{"--prometheus", "http://me:hunter2@192.0.2.1:9090"}, Failure, "Credentials would go to Prometheus unencrypted."},
		{[]string{"--prometheus", "http://me:hunter2@127.0.0.1:1"}, Failure, "Prometheus at 127.0.0.1:1 refuses connections."},
		{[]string{"--prometheus-insecure-skip-tls-verify"}, Usage, "--prometheus-insecure-skip-tls-verify is of no use without --prometheus."},
		{[]string{"--prometheus", "https://127.0.0.1:1", "--prometheus-window", "0s"}, Usage, "--prometheus-window 0s is below 0, or 0."},
		{[]string{"--prometheus", "https://127.0.0.1:1", "--prometheus-client-key", "x"}, Usage, "--prometheus-client-certificate and --prometheus-client-key go together."},
	} {
		o := run(t, append([]string{"audit", "--services", "100"}, c.args...)...)
		if o.code != c.code || !strings.Contains(o.errOut, c.says) || strings.Contains(o.errOut, "hunter2") {
			t.Errorf("%q: code %d, %s", c.args, o.code, o.errOut)
		}
		o.isChineseToo(t)
	}
	if o := run(t, "audit", "--services", "100", "--port-forward"); !strings.Contains(o.errOut, "--port-forward is not used, because --services describes a cluster of which nothing is read.") {
		t.Error(o.errOut)
	}
}

// What nodes say is entered before the figures, and what cannot be used is said.
func TestNodeReport(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	typed := func(more ...string) []string {
		return append([]string{"audit", "--services", "900", "--endpoints", "7200", "--kubernetes-version", "1.33", "--kernel", "5.15.0-105-generic", "--nodes", "3"}, more...)
	}
	ipvs, two := file("ipvs", aReport("node-1", "ipvs")), file("two", aReport("node-1", "ipvs")+aReport("node-2", "iptables"))
	for name, c := range map[string]struct {
		args []string
		in   string
		says []string
	}{
		"one of three":   {typed("--node-report", ipvs), "", []string{"unknown on 2 nodes", "IPVS on 1 node", "What nodes said of themselves"}},
		"two of three":   {typed("--node-report", two), "", []string{"iptables on 1 node", "IPVS on 1 node", "unknown on 1 node"}},
		"the rest typed": {typed("--node-report", two, "--proxy-mode", "iptables"), "", []string{"iptables on 2 nodes", "IPVS on 1 node"}},
		"standard input": {typed("--node-report", "-"), aReport("node-9", "nftables"), []string{"nftables on 1 node"}},
		"named":          {typed("--node-report", "other="+ipvs, "--node-report", ipvs), "", []string{"IPVS on 2 nodes"}},
	} {
		o := at(t, t.Context(), c.in, c.args...)
		flat := strings.Join(strings.Fields(o.out), " ")
		for _, want := range c.says {
			if !strings.Contains(flat, want) {
				t.Errorf("%s: %q is missing, code %d, %s:\n%s", name, want, o.code, o.errOut, o.out)
			}
		}
	}
	for _, c := range []struct {
		args []string
		says string
		code int
	}{
		{typed("--node-report", "/does/not/exist"), "no such file", Failure},
		{typed("--node-report", file("empty", "hello\n")), "holds no report", Failure},
		{typed("--node-report", file("later", "kpadvisor.node/v7 abc\n")), "this version reads", Failure},
		{typed("--node-report", "a="+two), "2 reports", Failure},
		{append(typed("--node-report", ipvs), "--kernel", "6.1.0"), "fits no node group", Failure},
		{[]string{"audit", "--facts", "-", "--node-report", "-"}, "--facts and --node-report cannot both be standard input", Usage},
		{typed("--node-report", "-", "--node-report", "b=-"), "--node-report cannot be standard input twice", Usage},
		{typed("--node-report", "-", "--sysctls", "a=-"), "--node-report and --sysctls cannot both be", Usage},
		{typed("--sysctls", "-", "--sysctls", "-"), "--sysctls cannot be standard input twice", Usage},
	} {
		o := run(t, c.args...)
		o.wants(t, c.code, "", c.says)
		o.isOneSentence(t)
	}
}

// The script is printed as it is, and what it reads beside is asked for.
func TestNodeScript(t *testing.T) {
	o := run(t, "node-script")
	if o.code != 0 || !strings.HasPrefix(o.out, "#!/bin/sh\n") || strings.Contains(o.out, "\nconnections=yes\n") {
		t.Errorf("code %d: %.80q", o.code, o.out)
	}
	if o := run(t, "node-script", "--connections"); !strings.Contains(o.out, "\nconnections=yes\n") {
		t.Error("--connections is not in the script")
	}
	if o := run(t, "node-script", "--connections", "--for", "1m"); !strings.Contains(o.out, "\nlasts=60\n") {
		t.Error("--for is not in the script")
	}
	run(t, "node-script", "--connections", "--for", "1h").wants(t, Usage, "", "5s to 10m0s")
	run(t, "node-script", "--for", "1m").wants(t, Usage, "", "--connections")
}
