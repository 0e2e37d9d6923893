package reuse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"kpadvisor/plain"
)

func values(pairs ...int) map[string]int {
	m := map[string]int{}
	for i, v := range pairs {
		if v >= 0 {
			m[Sysctls()[i]] = v
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
		"no number":         {"net.ipv4.vs.conn_reuse_mode = yes\x1b[31m\n", []SysctlReading{{Values: values(), Doubts: []string{`conn_reuse_mode is "yes", which is no value of it`}}}},
		"two kernels":       {"kernel.osrelease = 5.4.0\nkernel.osrelease = 6.1.0\nnet.ipv4.vs.conntrack = 1", []SysctlReading{{Kernel: "5.4.0", Values: values(-1, -1, 1), Doubts: []string{"the kernel is both 5.4.0 and 6.1.0"}}}},
		"ansible": {
			"node-a | CHANGED | rc=0 >>\nkernel.osrelease = 5.4.0-42-generic\nnet.ipv4.vs.conn_reuse_mode = 0\nnode-b | FAILED | rc=255 >>\nnode-c | SUCCESS | rc=0 >>\nnet.ipv4.vs.conn_reuse_mode = 1\n",
			[]SysctlReading{{Node: "node-a", Kernel: "5.4.0-42-generic", Values: values(0)}, {Node: "node-c", Values: values(1)}},
		},
		"pdsh": {
			"node-a: kernel.osrelease = 5.4.0-42-generic\nnode-b: net.ipv4.vs.conn_reuse_mode = 0\nnode-a: net.ipv4.vs.conn_reuse_mode = 1\n",
			[]SysctlReading{{Node: "node-a", Kernel: "5.4.0-42-generic", Values: values(1)}, {Node: "node-b", Values: values(0)}},
		},
		"pdsh with grep": {"n1.example: /proc/sys/net/ipv4/vs/conn_reuse_mode:1", []SysctlReading{{Node: "n1.example", Values: values(1)}}},
		"clush -b":       {"---------------\nnode-a\n---------------\nnet.ipv4.vs.conn_reuse_mode = 1\n", []SysctlReading{{Node: "node-a", Values: values(1)}}},
		"pssh":           {"[1] 10:00:00 [SUCCESS] node-a\nnet.ipv4.vs.conn_reuse_mode = 1\n", []SysctlReading{{Node: "node-a", Values: values(1)}}},
		"tail":           {"==> node-a <==\nnet.ipv4.vs.conn_reuse_mode = 1\n", []SysctlReading{{Node: "node-a", Values: values(1)}}},
		"kubectl logs --prefix": {
			"[pod/debug-1/c] kernel.osrelease = 5.4.0-42-generic\n[pod/debug-1/c] net.ipv4.vs.conn_reuse_mode = 1\n[pod/node-debugger-n2-x7k2p/debugger] net.ipv4.vs.conn_reuse_mode = 0\n",
			[]SysctlReading{{Node: "debug-1", Kernel: "5.4.0-42-generic", Values: values(1)}, {Node: "n2", Values: values(0)}},
		},
		"only a value":       {"0\n", nil},
		"comments behind":    {"# /etc/sysctl.d/99-ipvs.conf\nnet.ipv4.vs.conn_reuse_mode=1   # set by ops\nnet.ipv4.vs.expire_nodest_conn=1 ; ok\n", []SysctlReading{{Values: values(1, 1)}}},
		"commented out":      {"#net.ipv4.vs.conn_reuse_mode=0\n; net.ipv4.vs.conn_reuse_mode=0\n", nil},
		"a command":          {"$ sysctl -w net.ipv4.vs.conn_reuse_mode=0\n", nil},
		"no such file":       {"sysctl: cannot stat /proc/sys/net/ipv4/vs/conn_reuse_mode: No such file or directory\ngrep: /proc/sys/net/ipv4/vs/conn_reuse_mode: No such file or directory\ncat: /proc/sys/net/ipv4/vs/conntrack: Permission denied\n", nil},
		"no such, on a node": {"node-a: /proc/sys/net/ipv4/vs/conn_reuse_mode: No such file or directory\n", nil},
		"YAML":               {"net.ipv4.vs.conn_reuse_mode: 1\n- net.ipv4.vs.expire_nodest_conn: \"0\"\n", []SysctlReading{{Values: values(1, 0)}}},
		"JSON":               {"\"net.ipv4.vs.conn_reuse_mode\": \"1\",\n", []SysctlReading{{Values: values(1)}}},
		"diff":               {"- net.ipv4.vs.conn_reuse_mode = 1\n+ net.ipv4.vs.conn_reuse_mode = 0\n", []SysctlReading{{Values: values(0), Doubts: []string{"conn_reuse_mode is both 0 and 1"}}}},
		"tabs":               {"net.ipv4.vs.conn_reuse_mode\t1\r\nnet.ipv4.vs.expire_nodest_conn\t1\r\n", []SysctlReading{{Values: values(1, 1)}}},
		"mode 2":             {"net.ipv4.vs.conn_reuse_mode = 2\n", []SysctlReading{{Values: values(2)}}},
		"Tencent":            {"net.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.vs.conn_reuse_old_conntrack = 1\n", []SysctlReading{{Values: values(1, -1, -1, 1)}}},
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
	for _, endless := range []string{
		strings.Repeat("x", maxSysctlLine+1), strings.Repeat("\n", maxSysctlText+1), strings.Repeat("# node a\n", maxReadings+1),
	} {
		if all, err := ParseSysctls(endless, ""); err == nil || len(all) > 0 {
			t.Errorf("an endless text of %d bytes passes", len(endless))
		}
	}
}

// FuzzParseSysctls: any text gives values that are in it, and nothing a
// terminal obeys.
func FuzzParseSysctls(f *testing.F) {
	f.Add("# node/a\nnet.ipv4.vs.conn_reuse_mode = 1\n")
	f.Add("/proc/sys/net/ipv4/vs/expire_nodest_conn:0\nkernel.osrelease=6.1\n")
	f.Add("node-a | CHANGED | rc=0 >>\nnode-b: net.ipv4.vs.conn_reuse_mode\t1 # x\n[pod/node-debugger-a-b/c] /proc/sys/net/ipv4/vs/conntrack:1")
	f.Add("-----\nn\n-----\n\"net.ipv4.vs.conn_reuse_mode\": \"1\",\n==> a <==\n[1] x [SUCCESS] a")
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
				if !slices.Contains(Sysctls(), name) || v < 0 || !strings.Contains(text, fmt.Sprint(v)) && v != 0 {
					t.Errorf("%s is %d in %q", name, v, text)
				}
			}
			for _, s := range append(slices.Clone(r.Doubts), r.Kernel, r.Node) {
				if s != plain.Text(s) {
					t.Errorf("%q reaches a terminal", s)
				}
			}
		}
	})
}
