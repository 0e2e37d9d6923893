package advisor

import (
	"errors"
	"strings"
	"testing"

	"kpadvisor/advisor/reuse"
)

// ipvsFleet has two IPVS groups and one in iptables mode.
func ipvsFleet() Facts {
	old := linux(32, "5.4.0-96-generic", "Ubuntu 20.04.6 LTS", "v1.30.4", IPVS)
	old.Members = []string{"old-1", "old-2"}
	mid := linux(8, "5.10.50", "Flatcar", "v1.30.4", IPVS)
	mid.NodeNames = []string{"mid-1"}
	return fleet("v1.30.4", 800, 6_400, Kubeadm, old, mid, linux(100, "6.1.0-18-amd64", "Debian GNU/Linux 12 (bookworm)", "v1.30.4", IPTables))
}

func exposureOf(t *testing.T, f Facts, kernel string) Reuse {
	t.Helper()
	for _, r := range Decide(f, Habits{}, Measured{}).Reuse {
		if r.Kernel == kernel {
			return r
		}
	}
	t.Fatalf("no row of %s", kernel)
	return Reuse{}
}

// Live values replace the assumption of the group that they are of, and of no other.
func TestWithSysctls(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		old, mid reuse.Exposure
		says     string // of the group that was read
	}{
		"nothing read":               {"", reuse.StalePod, reuse.IfSysctl0, ""},
		"by kernel":                  {"kernel.osrelease = 5.10.50\nnet.ipv4.vs.conn_reuse_mode = 1", reuse.StalePod, reuse.Safe, "is 1 on the nodes"},
		"by a member's name":         {"# node old-2\nnet.ipv4.vs.conn_reuse_mode = 0", reuse.StalePod, reuse.IfSysctl0, "read on 1 of 32"},
		"by an example's name":       {"# node/mid-1\nnet.ipv4.vs.conn_reuse_mode = 0", reuse.StalePod, reuse.StalePod, "read on 1 of 8"},
		"one good node of many":      {"# node/mid-1\nnet.ipv4.vs.conn_reuse_mode = 1", reuse.StalePod, reuse.IfSysctl0, "on the 1 of 8 that were: safe"},
		"one bad among its like":     {"kernel.osrelease = 5.10.50\nnet.ipv4.vs.conn_reuse_mode = 1\n# node mid-1\nnet.ipv4.vs.conn_reuse_mode = 0", reuse.StalePod, reuse.StalePod, "is 0 on the nodes"},
		"expire_nodest_conn was off": {"kernel.osrelease = 5.10.50\nnet.ipv4.vs.expire_nodest_conn = 0", reuse.StalePod, reuse.StalePod, "expire_nodest_conn is 0"},
	} {
		readings, err := reuse.ParseSysctls(c.text, "")
		if err != nil {
			t.Fatal(err)
		}
		f, err := WithSysctls(ipvsFleet(), readings)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		old, mid := exposureOf(t, f, "5.4.0-96-generic"), exposureOf(t, f, "5.10.50")
		if old.Exposure != c.old || mid.Exposure != c.mid {
			t.Errorf("%s: %s and %s, want %s and %s", name, old.Exposure, mid.Exposure, c.old, c.mid)
		}
		if !strings.Contains(old.Why+mid.Why, c.says) {
			t.Errorf("%s: nobody says %q:\n%s\n%s", name, c.says, old.Why, mid.Why)
		}
	}
	readings, _ := reuse.ParseSysctls("net.ipv4.vs.conn_reuse_mode = 1", "")
	before := ipvsFleet()
	_, err := WithSysctls(before, readings)
	var unplaced *UnplacedError
	if !errors.As(err, &unplaced) || len(unplaced.Groups) != 2 || !strings.Contains(err.Error(), "5.10.50") {
		t.Errorf("a reading of nobody in particular: %v", err)
	}
	if before.Groups[0].Proxy.Sysctls != nil {
		t.Error("the facts given were touched")
	}
	readings[0].Kernel = "9.9.9"
	if _, err := WithSysctls(ipvsFleet(), readings); !errors.As(err, &unplaced) || len(unplaced.Groups) != 0 {
		t.Errorf("a kernel that no node has: %v", err)
	}
	stranger, _ := reuse.ParseSysctls("kernel.osrelease = 5.10.50\nnet.ipv4.vs.conn_reuse_mode = 1", "stranger")
	if _, err := WithSysctls(ipvsFleet(), stranger); !errors.As(err, &unplaced) || !strings.Contains(err.Error(), "node stranger") {
		t.Errorf("a node that the cluster does not have: %v", err)
	}
	// With one group there is no question.
	one := ipvsFleet()
	one.Groups = one.Groups[1:]
	readings[0].Kernel = ""
	if f, err := WithSysctls(one, readings); err != nil || exposureOf(t, f, "5.10.50").Exposure != reuse.Safe {
		t.Errorf("one IPVS group: %v", err)
	}
}

// Contradictions are told, and what kube-proxy would not have left.
func TestSysctlFindings(t *testing.T) {
	readings, err := reuse.ParseSysctls("# node/old-1\nkernel.osrelease = 5.4.0-96-generic\nnet.ipv4.vs.conn_reuse_mode = 1\n"+
		"# node/old-2\nkernel.osrelease = 5.4.0-96-generic\nnet.ipv4.vs.conn_reuse_mode = 0\nnet.ipv4.vs.conntrack = 0\n"+
		"# node/mid-1\nkernel.osrelease = 5.10.51\nnet.ipv4.vs.conn_reuse_mode = 0\n", "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := WithSysctls(ipvsFleet(), readings)
	if err != nil {
		t.Fatal(err)
	}
	all := map[RuleID]string{}
	for _, found := range Decide(f, Habits{}, Measured{}).Findings {
		all[found.Rule] = found.Text
	}
	for rule, wants := range map[RuleID][]string{
		KPA048: {"an older one left it", "conntrack is 0"},
		KPA049: {"conn_reuse_mode is 0 in 1 reading and 1 in 1 reading", "the kernel is 5.10.51, and the API says 5.10.50"},
	} {
		for _, want := range wants {
			if !strings.Contains(all[rule], want) {
				t.Errorf("%s says %q, not %q", rule, all[rule], want)
			}
		}
	}
}
