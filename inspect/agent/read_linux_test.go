package agent

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/arrows"
	"kpadvisor/plain/plaintest"
)

// TestDependencies keeps the arrows: it reads the node it is on, and no cluster.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"k8s.io/client-go": "it asks no API server",
		"kpadvisor/probe":  "measuring Services is another matter",
		"kpadvisor/ui":     "it shows nothing",
		"charm.land":       "it shows nothing",
	})
}

// tree is a file system of files by their paths.
func tree(t *testing.T, of map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range of {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// usual are files as on a node in IPVS mode.
func usual() map[string]string {
	const stats = "       Total Incoming Outgoing         Incoming         Outgoing\nCPU    Conns  Packets  Packets            Bytes            Bytes\n  0       10       30       20               99               88\n"
	return map[string]string{
		"proc/sys/kernel/hostname":                  "ip-10-0-0-1\n",
		"proc/sys/kernel/osrelease":                 "5.15.0-25-generic\n",
		"proc/sys/kernel/version":                   "#25-Ubuntu SMP\n",
		"proc/version_signature":                    "Ubuntu 5.15.0-25.25-generic 5.15.30\n",
		"proc/self/status":                          "Name:\tkpadvisor\nUid:\t65532\t65532\t65532\t65532\n",
		"proc/sys/net/ipv4/vs/conn_reuse_mode":      "0\n",
		"proc/sys/net/ipv4/ip_local_port_range":     "32768\t60999\n",
		"proc/sys/net/netfilter/nf_conntrack_max":   "262144\n",
		"proc/sys/net/netfilter/nf_conntrack_count": "12\n",
		"proc/modules":                              "ip_vs 172032 6 - Live 0x0\n",
		"proc/uptime":                               "100.00 200.00\n",
		"proc/net/ip_vs":                            "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nTCP  0A600001:01BB rr  \n",
		"proc/net/ip_vs_stats_percpu":               stats,
		"proc/net/ip_vs_conn":                       "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\nTCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 ESTABLISHED     899\n",
		"proc/self/net/snmp":                        "",
		"proc/1/net/snmp":                           "",
		"proc/77/net/snmp":                          "Tcp: ActiveOpens\nTcp: 5\n",
		"proc/77/net/tcp":                           "  sl  local_address rem_address   st\n   1: 0100000A:9C41 0300000A:0050 01 0\n",
	}
}

// written runs the agent on a tree, with a kube-proxy that answers pages.
func written(t *testing.T, root string, o Options, pages http.HandlerFunc) (report string) {
	t.Helper()
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	var b bytes.Buffer
	a := newAgent(&b, o)
	a.root, a.metrics, a.health = root, strings.TrimPrefix(
		server.URL,
		"http://",
	), strings.TrimPrefix(
		server.URL,
		"http://",
	)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // of the counting: what was counted until then is written
	if err := a.write(ctx); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRead: without any right the report has what the script's has.
func TestRead(t *testing.T) {
	var b bytes.Buffer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/proxyMode":
			_, _ = w.Write([]byte("ipvs"))
		case "/metrics":
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		case "/healthz":
			_, _ = w.Write([]byte("{}"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:1")
	a := newAgent(&b, Options{Node: "worker-1"})
	a.root, a.metrics, a.health = tree(
		t,
		usual(),
	), strings.TrimPrefix(
		server.URL,
		"http://",
	), strings.TrimPrefix(
		server.URL,
		"http://",
	)
	if err := a.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := node.Parse(b.Bytes())
	if err != nil || len(all) != 1 {
		t.Fatalf("%v: %s", err, b.String())
	}
	r := all[0]
	if !r.Whole || r.Root || r.Node != "worker-1" || r.Mode.Value != advisor.IPVS ||
		r.Kernel.Value != "5.15.0-25-generic 5.15.30" || r.Sysctls["net.ipv4.vs.conn_reuse_mode"] != 0 ||
		r.PortLow.Value != 32_768 ||
		r.ConntrackMax.Value != 262_144 ||
		r.Backends.VirtualServers.Value != 1 ||
		r.Habits != nil {
		t.Errorf("%+v", r)
	}
	for _, says := range []string{"it redirects", "404 Not Found", "ip_vs 172032", "skipped"} {
		if says != "skipped" && !strings.Contains(b.String(), says) {
			t.Errorf("it does not say %q", says)
		}
	}
}

// TestStopped: an agent that is told to end writes a whole report.
func TestStopped(t *testing.T) {
	out := written(
		t,
		tree(t, usual()),
		Options{Connections: true, For: node.LongestCount},
		func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) },
	)
	all, err := node.Parse([]byte(out))
	if err != nil || !all[0].Whole || len(all[0].Habits) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	for _, h := range all[0].Habits {
		if h.Over > time.Minute {
			t.Errorf("%+v", h)
		}
	}
}

// TestUnreadable: what is missing, too long or hostile is told, and nothing is believed.
func TestUnreadable(t *testing.T) {
	files := usual()
	files["proc/sys/kernel/hostname"] = plaintest.Hostile
	files["proc/modules"] = strings.Repeat("x", mostBytes+10)
	delete(files, "proc/net/ip_vs_stats_percpu")
	out := written(
		t,
		tree(t, files),
		Options{Connections: true, For: node.ShortestCount},
		func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte("ipvs\n"), mostBytes))
		},
	)
	all, err := node.Parse([]byte(out))
	if err != nil || !all[0].Whole || all[0].Node != "" || all[0].Mode.IsKnown() || len(out) > 5*mostBytes {
		t.Fatalf("%d bytes, %v: %+v", len(out), err, all)
	}
	empty := written(t, t.TempDir(), Options{Connections: true, Deep: true, For: node.ShortestCount}, http.NotFound)
	all, err = node.Parse([]byte(empty))
	if err != nil || !all[0].Whole || len(all[0].Habits) != 2 || all[0].Habits[0].New.IsKnown() ||
		all[0].Habits[1].New.IsKnown() {
		t.Errorf("%v: %s", err, empty)
	}
}

// TestValidate: times out of bounds are refused.
func TestValidate(t *testing.T) {
	for o, fine := range map[Options]bool{
		{}: true, {Deep: true, For: time.Minute}: true, {Deep: true, For: time.Second}: false, {Connections: true, For: time.Hour}: false,
	} {
		if err := o.Validate(); (err == nil) != fine {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestLoaded: a module that is not there is not asked for.
func TestLoaded(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  bool
	}{
		{map[string]string{}, true},
		{map[string]string{"proc/modules": ""}, false},
		{map[string]string{"proc/modules": "", "sys/module/nf_tables/x": ""}, true},
		{map[string]string{"proc/modules": "", "proc/config.gz": "no gzip"}, false},
	} {
		a := newAgent(&bytes.Buffer{}, Options{})
		a.root = tree(t, c.files)
		if got := a.loaded("nf_tables", "CONFIG_NF_TABLES"); got != c.want {
			t.Errorf("%v: %t", c.files, got)
		}
	}
}
