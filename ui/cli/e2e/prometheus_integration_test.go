//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/inspect/prometheus"
)

// prometheusBinary is the real server, built once per machine.
func prometheusBinary(t *testing.T) string {
	t.Helper()
	root, err := clustertest.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(root, "inspect", "prometheus", "prometheusbin", "build.sh")
	dir, err := exec.Command(script, "--where").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(strings.TrimSpace(string(dir)), "prometheus")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv(clustertest.RequireVariable) != "" {
			t.Fatal(err)
		}
		t.Skipf("no Prometheus to test against (run %s, about 4 minutes once)", script)
	}
	return path
}

const scrapes = `global: {scrape_interval: 1s}
scrape_configs:
- job_name: kube-proxy
  static_configs: [{targets: ["127.0.0.1:10249"], labels: {instance: "192.0.2.10:10249", cluster: here}}]
- job_name: node
  static_configs: [{targets: ["127.0.0.1:9100"], labels: {instance: "192.0.2.10:9100", cluster: here}}]
`

// ipvsExporter counts as node_exporter does on a node where 25 connections begin a second.
func ipvsExporter(began time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "# TYPE node_ipvs_connections_total counter\nnode_ipvs_connections_total %d\n", int(25*time.Since(began).Seconds()))
		for i, n := range []int{20, 30} {
			fmt.Fprintf(w, "node_ipvs_backend_connections_active{local_address=\"10.96.0.1\",local_port=\"80\",local_mark=\"\",proto=\"TCP\",remote_address=\"10.244.0.%d\",remote_port=\"80\"} %d\n", i, n)
		}
	}
}

// readPrometheus: a real Prometheus scrapes kube-proxy. What is of the node is found by its
// address; the mode is inferred where a metric shows it and is not where none does; rates
// are those there were.
func readPrometheus(t *testing.T, h *clustertest.Host, mode advisor.Mode) {
	binary := prometheusBinary(t)
	exporter := &http.Server{Handler: ipvsExporter(time.Now()), ReadHeaderTimeout: time.Second}
	l := h.Listen(t, "127.0.0.1:9100")
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = exporter.Serve(l) // it ends when it is closed
	}()
	t.Cleanup(func() { _ = exporter.Close(); <-served })
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(scrapes), 0o600); err != nil {
		t.Fatal(err)
	}
	server := "http://" + h.Serve(t, "prometheus", "9090", binary,
		"--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:9090")

	const window = 8 * time.Second
	rates := kept(t, server, window)
	if math.Abs(rates.NewConnections.Value-25) > 1.25 || !rates.AtLeast || rates.Over != window || rates.Habits[0].Open.Value != 50 {
		t.Errorf("%+v", rates)
	}

	env := environment(t, "KUBECONFIG="+clustertest.Kubeconfig(t, "plain", h.Admin))
	audit := func(args ...string) (a audited, stderr string) {
		r := run(t, env, append([]string{"audit", "-o", "json"}, args...)...)
		if err := json.Unmarshal([]byte(r.stdout), &a); err != nil {
			t.Fatalf("%v: %s %s", err, r.stdout, r.stderr)
		}
		return a, r.stderr
	}
	a, stderr := audit("--prometheus", server, "--prometheus-match", `cluster="here"`, "--prometheus-window", window.String())
	if len(a.Facts.NodeReports) != 1 || stderr != "" {
		t.Fatalf("%+v, %s", a.Facts.NodeReports, stderr)
	}
	r := a.Facts.NodeReports[0]
	inferred := map[advisor.Mode]advisor.Mode{advisor.IPTables: advisor.IPTables}[mode] // no metric is kept that shows nftables alone
	if r.Node != "node-plain" || !r.Placed || r.Mode.IsKnown() || r.Inferred.Value != inferred || len(r.Syncs) == 0 || r.Version.Value == "" || len(r.Habits) != 1 || !r.NewConnections.IsKnown() || !r.Waiting.IsKnown() {
		t.Errorf("%+v", r)
	}
	if mode == advisor.IPTables && r.Rules.Value != a.Estimates[mode].Rules {
		t.Errorf("%d rules of %d", r.Rules.Value, a.Estimates[mode].Rules)
	}
	if len(a.Current) != 1 || a.Current[0].Mode != inferred || a.Facts.Groups[0].Proxy.Proved != 0 {
		t.Errorf("in force: %+v", a.Current)
	}
	page, err := h.Output(t.Context(), []string{"PATH=" + os.Getenv("PATH")}, "curl", "-sf", "127.0.0.1:10249/metrics")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "metrics.txt")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	a, _ = audit("--metrics", "node-plain="+file) // a page of which nothing was dropped shows nftables as well
	if len(a.Current) != 1 || a.Current[0].Mode != mode {
		t.Errorf("in force by the page: %+v", a.Current)
	}
	other := run(t, env, "audit", "--prometheus", server, "--prometheus-match", `cluster="there"`)
	contains(t, "what is said of another cluster", other.stderr, "has no metrics of kube-proxy", "--prometheus-match")
}

// kept waits until the server has rates over the window, and returns what it keeps.
func kept(t *testing.T, server string, window time.Duration) (r advisor.NodeReport) {
	t.Helper()
	c, err := prometheus.New(t.Context(), prometheus.Options{URL: server, Window: window})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var last error
	err = wait.PollUntilContextCancel(ctx, 500*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		var reports []advisor.NodeReport
		if reports, _, last = c.Read(ctx, nil); last != nil || len(reports) != 1 {
			return false, nil
		}
		r = reports[0]
		return r.NewConnections.IsKnown() && len(r.Habits) == 1 && len(r.Syncs) > 0, nil
	})
	if err != nil {
		t.Fatalf("%v: %v, %+v", err, last, r)
	}
	return r
}
