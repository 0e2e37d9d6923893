package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/clustertest"
)

// The documented exit codes, repeated here on purpose: they are never to change.
const (
	fine    = 0
	failure = 1
	usage   = 2
	change  = 3
	exposed = 4
	partial = 5

	interrupted = 130
)

// document is the part of schema kpadvisor.audit/v1 that tests look at.
type document struct {
	Schema      string `json:"schema"`
	Action      string `json:"action"`
	Recommended string `json:"recommended"`
	TwoMode     string `json:"twoMode"`
	Current     []struct {
		Mode           string `json:"mode"`
		Implementation string `json:"implementation"`
		Nodes          int    `json:"nodes"`
	} `json:"current"`
	Ranking []struct {
		Mode     string `json:"mode"`
		Possible bool   `json:"possible"`
	} `json:"ranking"`
	Reuse []struct {
		Nodes    int    `json:"nodes"`
		Kernel   string `json:"kernel"`
		Exposure string `json:"exposure"`
	} `json:"reuse81775"`
	Estimates map[string]struct {
		Rules int `json:"rules"`
	} `json:"estimates"`
	Coverage struct {
		Complete bool `json:"complete"`
		Missing  []struct {
			What string `json:"what"`
			Why  string `json:"why"`
		} `json:"missing"`
	} `json:"coverage"`
	Error *struct {
		Sentence string `json:"sentence"`
		Remedy   string `json:"remedy"`
	} `json:"error"`
	Facts advisor.Facts `json:"facts"`
}

func parse(t testing.TB, text string) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("stdout is not one JSON document: %v\n%.1000s", err, text)
	}
	if d.Schema != "kpadvisor.audit/v1" {
		t.Errorf("schema %q, want kpadvisor.audit/v1", d.Schema)
	}
	return d
}

// kubeconfig returns an environment whose kubeconfig is the cluster's admin.
func kubeconfig(t testing.TB, c *clustertest.Cluster) []string {
	t.Helper()
	return kubeconfigOf(t, c.Admin)
}

func kubeconfigOf(t testing.TB, config *rest.Config) []string {
	t.Helper()
	return environment(t, "KUBECONFIG="+clustertest.Kubeconfig(t, "production", config))
}

// TestAuditLarge runs every format on the large cluster: 40 of its nodes run
// IPVS on kernel 5.4, which decides the exit code.
func TestAuditLarge(t *testing.T) {
	env := kubeconfig(t, shared.Large(t))

	text := run(t, env, "audit", "--connections", "short", "--new-connections", "300").expect(t, exposed)
	contains(t, "the report", text.stdout, "production", "81775", "5.4.0-96-generic", "iptables", "nftables", "98,000")
	if strings.ContainsRune(text.stdout+text.stderr, '\x1b') {
		t.Error("there are control sequences in a report that goes to no terminal")
	}

	markdown := run(t, env, "audit", "-o", "markdown").expect(t, exposed)
	contains(t, "the report", markdown.stdout, "# ", "81775", "|")

	d := parse(t, run(t, env, "audit", "-o", "json", "--connections", "short").expect(t, exposed).stdout)
	if !d.Coverage.Complete {
		t.Errorf("coverage %+v, want it complete", d.Coverage)
	}
	services, _ := d.Facts.Services.Get()
	endpoints, _ := d.Facts.Endpoints.Get()
	if services.Total != 5001 || endpoints.Total != 98000 {
		t.Errorf("%d Services and %d endpoints, want 5001 and 98000", services.Total, endpoints.Total)
	}
	modes := map[string]int{}
	for _, c := range d.Current {
		modes[c.Mode] += c.Nodes
	}
	if len(modes) != 2 || modes["iptables"] != 460 || modes["ipvs"] != 40 {
		t.Errorf("modes in force %v, want iptables on 460 nodes and ipvs on 40", modes)
	}
	if len(d.Ranking) != 3 || len(d.Estimates) != 3 {
		t.Errorf("%d modes ranked and %d estimated, want 3 and 3", len(d.Ranking), len(d.Estimates))
	}
	// 4,200 ports with endpoints x 2, 99,800 endpoints x 3, 9 fixed, and what NodePorts add.
	if rules := d.Estimates["iptables"].Rules; rules < 307_000 || rules > 330_000 {
		t.Errorf("%d iptables rules estimated, want about 310,000", rules)
	}
}

// TestAuditPlatforms runs the verdicts that differ in kind.
func TestAuditPlatforms(t *testing.T) {
	tests := []struct {
		seed, action string
		code         int
	}{
		{"kubeadm-ipvs", "change", exposed}, // kernel 5.4.0, kube-proxy 1.20: stale pods
		{"kind-nftables", "keep", fine},
		{"cilium", "none", fine},
		{"uk8s", "unknown", partial}, // the mode cannot be seen, nor was it given
	}
	for _, test := range tests {
		t.Run(test.seed, func(t *testing.T) {
			c := shared.Small(t)
			c.Seed(t, test.seed)
			got := run(t, kubeconfig(t, c), "audit", "-o", "json")
			if d := parse(t, got.stdout); d.Action != test.action {
				t.Errorf("action %q, want %q", d.Action, test.action)
			}
			got.expect(t, test.code)
		})
	}
}

// TestSnapshotRoundTrip says the same of a snapshot as of the cluster it was
// taken of, and finds no name in it.
func TestSnapshotRoundTrip(t *testing.T) {
	env := kubeconfig(t, shared.Large(t))
	file := filepath.Join(t.TempDir(), "facts.json")
	run(t, env, "snapshot", "-o", file).expect(t, fine)

	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"production", "node-0", "app-", "team-", "127.0.0.1", "10.96.", "172.16."} {
		if strings.Contains(string(b), name) {
			t.Errorf("the snapshot holds %q", name)
		}
	}

	habits := []string{"-o", "json", "--connections", "short", "--new-connections", "300", "--behind-nat"}
	live := parse(t, run(t, env, append([]string{"audit"}, habits...)...).expect(t, exposed).stdout)
	kept := parse(t, run(t, environment(t), append([]string{"audit", "--facts", file}, habits...)...).expect(t, exposed).stdout)
	if live.Action != kept.Action || live.Recommended != kept.Recommended || live.TwoMode != kept.TwoMode ||
		len(live.Reuse) != len(kept.Reuse) || live.Facts.Load != kept.Facts.Load {
		t.Errorf("the snapshot changes the advice\nlive %+v\nkept %+v", live, kept)
	}
	if kept.Facts.Origin != advisor.FromSnapshot {
		t.Errorf("origin %q, want %q", kept.Facts.Origin, advisor.FromSnapshot)
	}

	run(t, env, "snapshot", "-o", file, "--with-names").expect(t, fine)
	if b, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	contains(t, "the snapshot with names", string(b), "production", "node-")
}

// TestWithoutCluster gives advice on a machine that has none.
func TestWithoutCluster(t *testing.T) {
	env := environment(t)
	d := parse(t, run(t, env, "audit", "-o", "json", "--services", "4000", "--endpoints", "80000",
		"--kernel", "4.19.90", "--kubernetes-version", "1.28.0", "--proxy-mode", "iptables", "--connections", "long").stdout)
	if d.TwoMode != "ipvs" {
		t.Errorf("the guide's answer is %q, want ipvs: many Services, long connections", d.TwoMode)
	}
	version := run(t, env, "--version").expect(t, fine)
	contains(t, "the version", version.stdout, "kpadvisor", "go1.")
	run(t, env, "audit", "--no-such-flag").expect(t, usage)
	run(t, env, "audti").expect(t, usage)
}
