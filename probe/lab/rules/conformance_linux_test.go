package rules_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"sigs.k8s.io/knftables"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/probe/lab/rules"
)

// TestConformance compares our rules with those the real kube-proxy writes for
// the same Services: every line that the kernel lists, hence tables, chains,
// hooks, priorities, matches, the number of rules of each Service and, but for
// what iptablesLines and nftLines argue, their order. Only IPv4 is compared: the
// lab has no IPv6, and kube-proxy's rules of that family stand in tables of
// their own. IPVS mode is not: this kernel has none, and a whole cluster inside
// user-mode Linux would take minutes. Its rules are compared with goldens.
//
// The cluster, kube-proxy and all rules live in namespaces of their own, in
// which the test runs itself again.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real API server and kube-proxy")
	}
	clustertest.Require(t)
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^TestConformanceInside$", "-test.v")
	cmd.Env = append(os.Environ(), insideVariable+"=1", "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: unix.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

const insideVariable = "KPADVISOR_CONFORMANCE_INSIDE"

const nodeName = "node-1"

func TestConformanceInside(t *testing.T) {
	if os.Getenv(insideVariable) == "" {
		t.Skip("is started by TestConformance in namespaces of its own")
	}
	enclose(t)
	c := clustertest.Start(t)
	seedNode(t, c)

	small := rules.Shape{Services: 8, Distribution: []int{3, 1, 0, 5}, Seed: 1}.List(0)
	seed(t, c, small)
	t.Run("iptables", func(t *testing.T) { compareIPTables(t, c, small) })
	t.Run("nftables", func(t *testing.T) { compareNFTables(t, c, small) })

	// Above 1,000 endpoints kube-proxy leaves comments out.
	large := rules.Shape{Services: 70, Endpoints: 16, Seed: 1}.List(0)[len(small):]
	seed(t, c, large)
	t.Run("iptables-large-cluster", func(t *testing.T) { compareIPTables(t, c, append(slices.Clone(small), large...)) })
}

// enclose finishes the namespaces: a private /run, where the iptables lock is,
// and lo with the node's address.
func enclose(t *testing.T) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("test", "/run", "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	addr, err := netlink.ParseAddr(rules.NodeIP().String() + "/32")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.AddrAdd(lo, addr); err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		t.Fatal(err)
	}
}

// withKubernetes adds the Service every cluster has; here nobody serves it.
func withKubernetes(services []rules.Service) []rules.Service {
	return append(slices.Clone(services), rules.Service{
		Namespace: "default", Name: "kubernetes", PortName: "https", Protocol: "tcp",
		ClusterIP: netip.MustParseAddr("10.96.0.1"), Port: 443,
	})
}

func compareIPTables(t *testing.T, c *clustertest.Cluster, services []rules.Service) {
	// What an earlier kube-proxy left would change where the jumps are inserted.
	run(t, []byte("*mangle\nCOMMIT\n*filter\nCOMMIT\n*nat\nCOMMIT\n"), "iptables-restore")
	theirs := underKubeProxy(t, c, "iptables", func() []byte { return run(t, nil, "iptables-save") })
	input := rules.IPTables(rules.Diff(nil, withKubernetes(services)), 1)
	ours := elsewhere(t, input, "iptables-restore --noflush --counters && iptables-save")
	differ(t, iptablesLines(string(theirs)), iptablesLines(string(ours)))
	for name, dump := range map[string][]byte{"kube-proxy": theirs, "ours": ours} {
		last := ""
		for l := range strings.Lines(string(dump)) {
			if strings.HasPrefix(l, "-A KUBE-SERVICES ") && !strings.Contains(l, "REJECT") {
				last = l
			}
		}
		if !strings.Contains(last, "-j KUBE-NODEPORTS") {
			t.Errorf("%s: the last rule of KUBE-SERVICES is %s", name, last)
		}
	}
}

// iptablesLines is what must be equal in iptables-save output. Three differences
// are meant:
//
//   - the order of KUBE-SERVICES: kube-proxy walks a Go map, so its own order
//     changes from sync to sync. Elsewhere order counts, so rules keep their
//     number within their chain.
//   - the nfacct match of the INVALID rule: it counts packets for a metric and
//     matches all. It takes a kernel object the lab would have to make first.
//   - counters and the time in comments.
func iptablesLines(dump string) []string {
	var lines []string
	table, seen := "", map[string]int{}
	for l := range strings.Lines(dump) {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || l[0] == '#' || l == "COMMIT":
		case l[0] == '*':
			table = l
		case l[0] == ':':
			chain, _, _ := strings.Cut(l, " [")
			lines = append(lines, table+" "+chain)
		default:
			l = strings.Replace(l, " -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts", "", 1)
			chain := strings.Fields(l)[1]
			seen[table+chain]++
			if chain == "KUBE-SERVICES" {
				lines = append(lines, table+" "+l)
				continue
			}
			lines = append(lines, fmt.Sprintf("%s %s #%d", table, l, seen[table+chain]))
		}
	}
	slices.Sort(lines)
	return lines
}

func compareNFTables(t *testing.T, c *clustertest.Cluster, services []rules.Service) {
	const list = "nft list table ip " + rules.NFTablesTable
	theirs := underKubeProxy(t, c, "nftables", func() []byte { return run(t, nil, "sh", "-c", list) })
	fake := knftables.NewFake(knftables.IPv4Family, rules.NFTablesTable)
	var input bytes.Buffer
	for _, tx := range rules.NFTables(fake, rules.Diff(nil, withKubernetes(services)), 0) {
		input.WriteString(tx.String())
	}
	ours := elsewhere(t, input.Bytes(), "nft -f - && "+list)
	differ(t, nftLines(string(theirs)), nftLines(string(ours)))
}

// nftLines is what must be equal in nft's listing: every line with the block it
// stands in and its number there, elements one by one and in any order, for a
// set has none. No difference is meant: nft lists objects in the order they were
// made, which says nothing.
func nftLines(dump string) []string {
	var lines []string
	block, number, elements := "", 0, false
	for l := range strings.Lines(dump) {
		l = strings.TrimSpace(l)
		if strings.HasSuffix(l, "{") && !strings.HasPrefix(l, "elements") {
			block, number = l, 0
			lines = append(lines, l)
			continue
		}
		if strings.HasPrefix(l, "elements = {") {
			elements, l = true, strings.TrimPrefix(l, "elements = {")
		}
		if elements {
			body := strings.TrimSuffix(l, "}")
			for e := range strings.SplitSeq(body, ",") {
				if e = strings.TrimSpace(e); e != "" {
					lines = append(lines, block+" element "+e)
				}
			}
			elements = body == l
			continue
		}
		if l != "" && l != "}" {
			number++
			lines = append(lines, fmt.Sprintf("%s %s #%d", block, l, number))
		}
	}
	slices.Sort(lines)
	return lines
}

// differ reports the lines only one side has.
func differ(t *testing.T, theirs, ours []string) {
	t.Helper()
	if len(theirs) < 20 {
		t.Errorf("kube-proxy left %d lines: that is no rule set", len(theirs))
	}
	count := map[string]int{}
	for _, l := range theirs {
		count[l]++
	}
	for _, l := range ours {
		count[l]--
	}
	for l, n := range count {
		switch {
		case n > 0:
			t.Errorf("only kube-proxy: %s", l)
		case n < 0:
			t.Errorf("only we: %s", l)
		}
	}
	t.Logf("%d lines compared", len(theirs))
}

// underKubeProxy runs kube-proxy until it has synced, then dumps.
func underKubeProxy(t *testing.T, c *clustertest.Cluster, mode string, dump func() []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf(`apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: %s
hostnameOverride: %s
clusterCIDR: %s
clientConnection: {kubeconfig: %s}
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
`, mode, nodeName, rules.PodCIDR(), clustertest.Kubeconfig(t, "c", c.Admin))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var log bytes.Buffer
	cmd := exec.CommandContext(ctx, c.Binaries.Path("kube-proxy"), "--config="+config)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for !synced(ctx) && ctx.Err() == nil {
		time.Sleep(100 * time.Millisecond)
	}
	if ctx.Err() != nil {
		_ = cmd.Wait()
		t.Fatalf("kube-proxy did not sync:\n%s", &log)
	}
	out := dump()
	_ = cmd.Process.Kill() // its rules stay
	_ = cmd.Wait()
	return out
}

// synced reports whether kube-proxy has finished a sync of either family.
// Its /healthz says healthy before that.
func synced(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:10249/metrics", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return false
	}
	for l := range strings.Lines(string(body)) {
		if name, value, _ := strings.Cut(strings.TrimSpace(l), " "); strings.HasPrefix(name, "kubeproxy_sync_proxy_rules_duration_seconds_count") &&
			strings.Contains(name, "IPv4") && value != "0" {
			return true
		}
	}
	return false
}

// elsewhere runs a shell command on this input in a network namespace of its own.
func elsewhere(t *testing.T, input []byte, command string) []byte {
	t.Helper()
	return run(t, input, "unshare", "--net", "sh", "-c", command)
}

func run(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, &stderr)
	}
	return out
}
