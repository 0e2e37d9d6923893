//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/clustertest"
	report "kpadvisor/advisor/node"
)

// audited is what an audit says in JSON, as far as it matters here.
type audited struct {
	Current   []advisor.ModeCount               `json:"current"`
	Estimates map[advisor.Mode]advisor.Estimate `json:"estimates"`
	Facts     advisor.Facts                     `json:"facts"`
}

// nodeReport: the script proves the mode, the advice follows, and what kube-proxy counts of
// its own rules is what is estimated.
func nodeReport(t *testing.T, h *clustertest.Host, mode advisor.Mode) {
	env := environment(t, "KUBECONFIG="+clustertest.Kubeconfig(t, "plain", h.Admin))
	audit := func(args ...string) (a audited) {
		r := run(t, env, append([]string{"audit", "-o", "json"}, args...)...)
		if err := json.Unmarshal([]byte(r.stdout), &a); err != nil {
			t.Fatalf("%v: %s %s", err, r.stdout, r.stderr)
		}
		return a
	}
	before := audit()
	if len(before.Current) != 1 || before.Current[0].Mode != "" {
		t.Fatalf("the API shows a mode: %+v", before.Current)
	}
	want := before.Estimates[mode].Rules
	text, r := settled(t, h, run(t, env, "node-script").expect(t, 0).stdout, want)
	if mode == advisor.IPTables && r.Rules.Value != want {
		t.Errorf("kube-proxy counts %v rules, and the estimate is %d", r.Rules, want)
	}
	if r.Mode.Value != mode || !r.Root || len(r.Syncs) == 0 || r.Syncs[0].Mean() <= 0 || r.Version.Or("") == "" {
		t.Errorf("%+v", r)
	}
	file := filepath.Join(t.TempDir(), "node.txt")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	after := audit("--node-report", file)
	if len(after.Current) != 1 || after.Current[0].Mode != mode || after.Current[0].Nodes != 1 {
		t.Errorf("in force: %+v", after.Current)
	}
	if g := after.Facts.Groups; len(g) != 1 || g[0].Proxy.Proved != 1 || len(g[0].Proxy.Differs) != 0 || mode == advisor.IPTables && !g[0].Proxy.IPTables.IsKnown() {
		t.Errorf("%+v", g)
	}
	snapshot := filepath.Join(t.TempDir(), "facts.json")
	run(t, env, "snapshot", "-o", snapshot, "--node-report", file).expect(t, 0)
	kept, err := os.ReadFile(snapshot)
	if err != nil || strings.Contains(string(kept), "node-plain") || strings.Contains(string(kept), "192.0.2.10") {
		t.Errorf("%v: a snapshot without names holds some:\n%s", err, kept)
	}
	if again := audit("--facts", snapshot); len(again.Current) != 1 || again.Current[0].Mode != mode || len(again.Facts.NodeReports) != 1 {
		t.Errorf("from the snapshot: %+v", again.Current)
	}
}

// settled runs the script until kube-proxy has done what it was asked for: where it
// counts rules, until it has so many. The script changes nothing.
func settled(t *testing.T, h *clustertest.Host, script string, rules int) (text []byte, r advisor.NodeReport) {
	t.Helper()
	env := []string{"PATH=" + os.Getenv("PATH")}
	state := func(ctx context.Context) string {
		out, err := h.Output(ctx, env, "sh", "-c", "nft -s list ruleset; cat /proc/net/ip_tables_names; ipset list -n; cat /proc/modules 2>/dev/null || true")
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	err := wait.PollUntilContextCancel(ctx, 300*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		was := state(ctx)
		var err error
		if text, err = h.Output(ctx, env, "sh", "-c", script); err != nil {
			return false, err
		}
		all, err := report.Parse(text)
		if err != nil || len(all) != 1 || !all[0].Whole {
			return false, fmt.Errorf("%d reports, %w", len(all), err)
		}
		r = all[0]
		if r.Mode.Value == advisor.IPTables && r.Rules.Value < rules {
			return false, nil
		}
		if is := state(ctx); is != was {
			return false, nil // kube-proxy wrote meanwhile, or the script did
		}
		return true, nil
	})
	if err != nil {
		t.Fatalf("%v: waiting %v, rules %v of %d", err, r.Waiting, r.Rules, rules)
	}
	return text, r
}

// someServices are Services with so many endpoints each: every third has a node port, one
// has no endpoints.
func someServices(n, endpoints int) string {
	var b strings.Builder
	for i := range n {
		kind := "ClusterIP"
		if i%3 == 0 {
			kind = "NodePort"
		}
		fmt.Fprintf(&b, "apiVersion: v1\nkind: Service\nmetadata: {name: s%d, namespace: default}\nspec:\n  type: %s\n  ports: [{port: 80}]\n---\n", i, kind)
		if i == 1 {
			continue
		}
		fmt.Fprintf(&b, "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s%[1]d, namespace: default, labels: {kubernetes.io/service-name: s%[1]d}}\naddressType: IPv4\nports: [{port: 8080}]\nendpoints:\n", i)
		for e := range endpoints {
			fmt.Fprintf(&b, "- {addresses: [10.244.%d.%d], conditions: {ready: true}}\n", i, e+1)
		}
		b.WriteString("---\n")
	}
	return b.String()
}
