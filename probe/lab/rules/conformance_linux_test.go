package rules_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"sigs.k8s.io/knftables"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/probe/lab/rules/rulestest"
)

// TestConformance compares our rules with those the real kube-proxy writes for
// the same Services: every line that the kernel lists, hence tables, chains,
// hooks, priorities, matches, the number of rules of each Service and, but for
// what rulestest argues, their order. Only IPv4 is compared: the lab has no IPv6,
// and kube-proxy's rules of that family stand in tables of their own. IPVS mode
// needs a kernel that has it: see the conformance test of probe/lab.
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

func TestConformanceInside(t *testing.T) {
	if os.Getenv(insideVariable) == "" {
		t.Skip("is started by TestConformance in namespaces of its own")
	}
	enclose(t)
	c := clustertest.Start(t)
	rulestest.SeedNode(t, c)

	small := append(rules.Shape{Services: 8, Distribution: []int{3, 1, 0, 5}, Seed: 1}.List(0), rulestest.Every()...)
	rulestest.Seed(t, c, small)
	t.Run("iptables", func(t *testing.T) { compareIPTables(t, c, small) })
	t.Run("nftables", func(t *testing.T) { compareNFTables(t, c, small) })

	t.Run("detour", func(t *testing.T) {
		compareDetours(t, rules.Shape{Services: 60, Distribution: []int{1, 2, 0}, NodePort: 20, LoadBalancer: 50, Affinity: 30, Local: 20}.List(0),
			rules.Shape{Services: 40, Distribution: []int{3, 0, 1}, NodePort: 30, LoadBalancer: 20, Affinity: 40, Local: 50}.List(0))
	})

	// Above 1,000 endpoints kube-proxy leaves comments out.
	large := rules.Shape{Services: 70, Endpoints: 16, Seed: 1, NodePort: 20, LoadBalancer: 20, Affinity: 30, Local: 40}.List(0)[8:]
	rulestest.Seed(t, c, large)
	t.Run("iptables-large-cluster", func(t *testing.T) { compareIPTables(t, c, append(slices.Clone(small), large...)) })
}

// Whatever was there before, a change leaves the same rules as a first load does.
func compareDetours(t *testing.T, from, wanted []rules.Service) {
	const save = "iptables-restore --noflush --counters && iptables-save"
	direct := elsewhere(t, rules.IPTables(rules.Diff(nil, wanted), 1), save)
	detour := elsewhere(t, slices.Concat(rules.IPTables(rules.Diff(nil, from), 1), rules.IPTables(rules.Diff(from, wanted), 1)), save)
	rulestest.Differ(t, rulestest.IPTablesLines(string(direct)), rulestest.IPTablesLines(string(detour)))

	const list = "nft -f - && nft list table ip " + rules.NFTablesTable
	direct, detour = elsewhere(t, nftInput(nil, wanted), list), elsewhere(t, nftInput(nil, from, wanted), list)
	rulestest.Differ(t, withoutEmpty(direct), withoutEmpty(detour))
}

// withoutEmpty leaves out the chains that a change empties and cannot delete.
func withoutEmpty(dump []byte) []string {
	emptied := regexp.MustCompile(`(?m)^\tchain \S+/\S+ \{\n\t\}\n`)
	return rulestest.NFTLines(emptied.ReplaceAllString(string(dump), ""))
}

// nftInput is what nft reads to go from one list of Services to the next.
func nftInput(lists ...[]rules.Service) []byte {
	fake := knftables.NewFake(knftables.IPv4Family, rules.NFTablesTable)
	var input bytes.Buffer
	for i := range len(lists) - 1 {
		for _, tx := range rules.NFTables(fake, rules.Diff(lists[i], lists[i+1]), 0) {
			input.WriteString(tx.String())
		}
	}
	return input.Bytes()
}

// enclose finishes the namespaces: a private /run, where the iptables lock is, a /proc of
// their processes, in which kube-proxy finds itself, and lo with the node's address.
func enclose(t *testing.T) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("test", "/run", "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
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

func compareIPTables(t *testing.T, c *clustertest.Cluster, services []rules.Service) {
	// What an earlier kube-proxy left would change where the jumps are inserted.
	run(t, []byte("*mangle\nCOMMIT\n*filter\nCOMMIT\n*nat\nCOMMIT\n"), "iptables-restore")
	theirs := rulestest.UnderKubeProxy(t, c, "iptables", func() []byte { return run(t, nil, "iptables-save") })
	input := rules.IPTables(rules.Diff(nil, rulestest.WithKubernetes(services)), 1)
	ours := elsewhere(t, input, "iptables-restore --noflush --counters && iptables-save")
	rulestest.Differ(t, rulestest.IPTablesLines(string(theirs)), rulestest.IPTablesLines(string(ours)))
	for name, dump := range map[string][]byte{"kube-proxy": theirs, "ours": ours} {
		last := ""
		for l := range strings.Lines(string(dump)) {
			if strings.HasPrefix(l, "-A KUBE-SERVICES ") && !strings.Contains(l, "REJECT") && !strings.Contains(l, "DROP") {
				last = l
			}
		}
		if !strings.Contains(last, "-j KUBE-NODEPORTS") {
			t.Errorf("%s: the last rule of KUBE-SERVICES is %s", name, last)
		}
	}
}

func compareNFTables(t *testing.T, c *clustertest.Cluster, services []rules.Service) {
	const list = "nft list table ip " + rules.NFTablesTable
	theirs := rulestest.UnderKubeProxy(t, c, "nftables", func() []byte { return run(t, nil, "sh", "-c", list) })
	ours := elsewhere(t, nftInput(nil, rulestest.WithKubernetes(services)), "nft -f - && "+list)
	rulestest.Differ(t, rulestest.NFTLines(string(theirs)), rulestest.NFTLines(string(ours)))
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
