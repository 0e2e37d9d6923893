package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
)

// TestDrillScreen watches a drill in a real terminal and leaves it with ctrl-C:
// the view is gone, what was seen is printed, and nothing runs on.
func TestDrillScreen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the lab needs Linux")
	}
	s := open(t, 80, 24, environment(t), "lab", "drill", "--modes", "iptables-legacy,nftables", "--speed", "10")
	s.wait("of 27 s, speed 10", "to dead pod", "nftables", "n t  dg c", "kube-proxy's check")
	s.until("a step is marked in a row", func(text string) bool {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "nftables") && strings.Contains(line, "│") {
				return true
			}
		}
		return false
	})
	s.press("C-c")
	if code := s.exit(); code != interrupted {
		t.Errorf("exit code %d, want %d", code, interrupted)
	}
	all := s.all()
	contains(t, "what is left on the terminal", all, "Interrupted before the end of the drill.", "Connections that failed", "Beside the decision table")
	if strings.Contains(all, "speed 10:") {
		t.Errorf("the live view is still there:\n%s", all)
	}
}

// TestSysctlsOfNode: on a real API server a node is found by its name, and what
// was read on it stands for its group as far as it can.
func TestSysctlsOfNode(t *testing.T) {
	env := kubeconfig(t, shared.Large(t))
	file := filepath.Join(t.TempDir(), "sysctls.txt")
	if err := os.WriteFile(file, []byte("net.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.vs.expire_nodest_conn = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sysctls  string
		exposure reuse.Exposure
		says     string
		code     int
	}{
		{"node-039=" + file, reuse.StalePod, "on the 1 of 40 that were", exposed}, // one of 40: the others are as before
		{file, reuse.Safe, "conn_reuse_mode is 1 on the nodes", change},           // of nobody in particular: the one IPVS group
	} {
		r := run(t, env, "audit", "-o", "json", "--sysctls", c.sysctls).expect(t, c.code)
		var doc struct {
			Reuse []advisor.Reuse `json:"reuse81775"`
		}
		if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, row := range doc.Reuse {
			if row.Mode == advisor.IPVS {
				found = true
				if row.Exposure != c.exposure || !strings.Contains(row.Why, c.says) {
					t.Errorf("%s: %s, %s; want %s and %q", c.sysctls, row.Exposure, row.Why, c.exposure, c.says)
				}
			}
		}
		if !found {
			t.Errorf("%s: no IPVS group in %+v", c.sysctls, doc.Reuse)
		}
	}
	r := run(t, env, "audit", "--sysctls", "stranger="+file).expect(t, failure)
	contains(t, "stderr", r.stderr, "Sysctls of node stranger fit no node group")
}
