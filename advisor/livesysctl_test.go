package advisor

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func values(pairs ...int) map[string]int {
	m := map[string]int{}
	for i, v := range pairs {
		if v >= 0 {
			m[readSysctls()[i]] = v
		}
	}
	return m
}

// What sysctl, busybox, grep over /proc/sys and people write.
func TestParseSysctls(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []SysctlReading
	}{
		"sysctl net.ipv4.vs": {
			"net.ipv4.vs.am_droprate = 10\nnet.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.vs.conntrack = 1\nnet.ipv4.vs.expire_nodest_conn = 0\nnet.ipv4.vs.sync_threshold = 3\t50\n",
			[]SysctlReading{{Values: values(1, 0, 1)}},
		},
		"sysctl.conf":       {"net.ipv4.vs.conn_reuse_mode=0\r\n; comment = 1\n", []SysctlReading{{Values: values(0)}}},
		"slashes":           {"net/ipv4/vs/conn_reuse_mode = 2", []SysctlReading{{Values: values(2)}}},
		"grep . /proc":      {"/proc/sys/net/ipv4/vs/conn_reuse_mode:1\n/proc/sys/net/ipv4/vs/conntrack:0\n/proc/sys/kernel/osrelease:5.4.0-150-generic\n", []SysctlReading{{Kernel: "5.4.0-150-generic", Values: values(1, -1, 0)}}},
		"nothing of it":     {"hello\nnet.ipv4.ip_forward = 1\nsysctl: cannot stat /proc/sys/net/ipv4/vs/conntrack: No such file or directory\n", nil},
		"of another kind":   {"net.ipv6.vs.conn_reuse_mode = 1\n", nil},
		"several nodes":     {"# node/n1\nIf you don't see a command prompt, try pressing enter.\nkernel.osrelease = 6.1.0\nnet.ipv4.vs.conn_reuse_mode = 1\n# node n2\nnet.ipv4.vs.conn_reuse_mode = 0\n# node/n3\nerror: timed out\n", []SysctlReading{{Node: "n1", Kernel: "6.1.0", Values: values(1)}, {Node: "n2", Values: values(0)}}},
		"said twice, alike": {"net.ipv4.vs.conntrack = 1\nnet.ipv4.vs.conntrack=1\n", []SysctlReading{{Values: values(-1, -1, 1)}}},
		"contradiction":     {"net.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.vs.conn_reuse_mode = 0\n", []SysctlReading{{Values: values(0), Doubts: []string{"conn_reuse_mode is both 0 and 1"}}}},
		"no number":         {"net.ipv4.vs.conn_reuse_mode = yes\x1b[31m\n", []SysctlReading{{Values: values(), Doubts: []string{`conn_reuse_mode is "yes[31m", which is no value of it`}}}},
		"two kernels":       {"kernel.osrelease = 5.4.0\nkernel.osrelease = 6.1.0\nnet.ipv4.vs.conntrack = 1", []SysctlReading{{Kernel: "5.4.0", Values: values(-1, -1, 1), Doubts: []string{"the kernel is both 5.4.0 and 6.1.0"}}}},
	} {
		got, err := ParseSysctls(c.text, "")
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		for i, w := range c.want {
			g := got[i]
			if g.Node != w.Node || g.Kernel != w.Kernel || !maps.Equal(g.Values, w.Values) || !slices.Equal(g.Doubts, w.Doubts) {
				t.Errorf("%s: %+v, want %+v", name, g, w)
			}
		}
	}
	if _, err := ParseSysctls(strings.Repeat("x", maxSysctlLine+1), ""); err == nil {
		t.Error("an endless line passes")
	}
}

// FuzzParseSysctls: any text gives values that are in it, and nothing a
// terminal obeys.
func FuzzParseSysctls(f *testing.F) {
	f.Add("# node/a\nnet.ipv4.vs.conn_reuse_mode = 1\n")
	f.Add("/proc/sys/net/ipv4/vs/expire_nodest_conn:0\nkernel.osrelease=6.1\n")
	f.Add("net.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.vs.conn_reuse_mode = 99999999999999999999\n#node x\n=\n:")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ParseSysctls(text, "given")
		if err != nil && len(all) > 0 {
			t.Errorf("%v, and %+v", err, all)
		}
		for _, r := range all {
			if len(r.Values)+len(r.Doubts) == 0 {
				t.Errorf("an empty reading: %+v", r)
			}
			for name, v := range r.Values {
				if !slices.Contains(readSysctls(), name) || v < 0 || !strings.Contains(text, fmt.Sprint(v)) && v != 0 {
					t.Errorf("%s is %d in %q", name, v, text)
				}
			}
			for _, s := range append(slices.Clone(r.Doubts), r.Kernel, r.Node) {
				if s != printable(s) {
					t.Errorf("%q reaches a terminal", s)
				}
			}
		}
		if _, err := WithSysctls(typed(1, 1, "5.4.100", "v1.28.0", IPVS), all); err != nil {
			var unplaced *UnplacedError
			if !errors.As(err, &unplaced) {
				t.Error(err)
			}
		}
	})
}

// ipvsFleet has two IPVS groups and one in iptables mode.
func ipvsFleet() Facts {
	old := linux(32, "5.4.0-150-generic", "Ubuntu 20.04.6 LTS", "v1.30.4", IPVS)
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
		old, mid Exposure
		says     string // of the group that was read
	}{
		"nothing read":               {"", StalePod, IfSysctl0, ""},
		"by kernel":                  {"kernel.osrelease = 5.10.50\nnet.ipv4.vs.conn_reuse_mode = 1", StalePod, Safe, "is 1 on the nodes"},
		"by a member's name":         {"# node old-2\nnet.ipv4.vs.conn_reuse_mode = 0", StalePod, IfSysctl0, "read on 1 of 32"},
		"by an example's name":       {"# node/mid-1\nnet.ipv4.vs.conn_reuse_mode = 0", StalePod, StalePod, "read on 1 of 8"},
		"one good node of many":      {"# node/mid-1\nnet.ipv4.vs.conn_reuse_mode = 1", StalePod, IfSysctl0, "on the 1 of 8 that were: safe"},
		"one bad among its like":     {"kernel.osrelease = 5.10.50\nnet.ipv4.vs.conn_reuse_mode = 1\n# node mid-1\nnet.ipv4.vs.conn_reuse_mode = 0", StalePod, StalePod, "is 0 on the nodes"},
		"expire_nodest_conn was off": {"kernel.osrelease = 5.10.50\nnet.ipv4.vs.expire_nodest_conn = 0", StalePod, StalePod, "expire_nodest_conn is 0"},
	} {
		readings, err := ParseSysctls(c.text, "")
		if err != nil {
			t.Fatal(err)
		}
		f, err := WithSysctls(ipvsFleet(), readings)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		old, mid := exposureOf(t, f, "5.4.0-150-generic"), exposureOf(t, f, "5.10.50")
		if old.Exposure != c.old || mid.Exposure != c.mid {
			t.Errorf("%s: %s and %s, want %s and %s", name, old.Exposure, mid.Exposure, c.old, c.mid)
		}
		if !strings.Contains(old.Why+mid.Why, c.says) {
			t.Errorf("%s: nobody says %q:\n%s\n%s", name, c.says, old.Why, mid.Why)
		}
	}
	readings, _ := ParseSysctls("net.ipv4.vs.conn_reuse_mode = 1", "")
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
	stranger, _ := ParseSysctls("kernel.osrelease = 5.10.50\nnet.ipv4.vs.conn_reuse_mode = 1", "stranger")
	if _, err := WithSysctls(ipvsFleet(), stranger); !errors.As(err, &unplaced) || !strings.Contains(err.Error(), "node stranger") {
		t.Errorf("a node that the cluster does not have: %v", err)
	}
	// With one group there is no question.
	one := ipvsFleet()
	one.Groups = one.Groups[1:]
	readings[0].Kernel = ""
	if f, err := WithSysctls(one, readings); err != nil || exposureOf(t, f, "5.10.50").Exposure != Safe {
		t.Errorf("one IPVS group: %v", err)
	}
}

// Contradictions are told, and what kube-proxy would not have left.
func TestSysctlFindings(t *testing.T) {
	readings, err := ParseSysctls("# node/old-1\nkernel.osrelease = 5.4.0-150-generic\nnet.ipv4.vs.conn_reuse_mode = 1\n"+
		"# node/old-2\nkernel.osrelease = 5.4.0-150-generic\nnet.ipv4.vs.conn_reuse_mode = 0\nnet.ipv4.vs.conntrack = 0\n"+
		"# node/mid-1\nkernel.osrelease = 5.10.51\nnet.ipv4.vs.conn_reuse_mode = 0\n", "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := WithSysctls(ipvsFleet(), readings)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, found := range Decide(f, Habits{}, Measured{}).Findings {
		all[found.Rule] = found.Text
	}
	for rule, wants := range map[string][]string{
		"KPA048": {"an older one left it", "conntrack is 0"},
		"KPA049": {"conn_reuse_mode is 0 in 1 reading and 1 in 1 reading", "the kernel is 5.10.51, and the API says 5.10.50"},
	} {
		for _, want := range wants {
			if !strings.Contains(all[rule], want) {
				t.Errorf("%s says %q, not %q", rule, all[rule], want)
			}
		}
	}
}
