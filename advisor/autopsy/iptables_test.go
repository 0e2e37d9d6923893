package autopsy

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/probe/lab/rules"
)

// saved is a dump of testdata.
func saved(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// one is the autopsy of a report of these sections: a name, what was read, and so on.
func one(t testing.TB, sections ...string) advisor.NodeAutopsy {
	t.Helper()
	var b bytes.Buffer
	w := node.NewWriter(&b)
	for i := 0; i < len(sections); i += 2 {
		w.Section(sections[i], []byte(sections[i+1]), nil)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := Parse(b.Bytes())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d reports, %v", len(all), err)
	}
	return *all[0].Autopsy
}

const stamp = "kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family=\"IPv4\"} 1.7e9\n"

// metrics is a page of a kube-proxy of a version that has not written since.
func metrics(version string) string {
	return "kubernetes_build_info{git_version=\"" + version + "\"} 1\n" + stamp
}

// inIPTablesMode is the autopsy of a node in iptables mode whose tables are this.
func inIPTablesMode(t testing.TB, tables string, more ...string) advisor.NodeAutopsy {
	t.Helper()
	return one(t, append([]string{
		"kube-proxy.mode", "iptables", "kube-proxy.metrics", metrics("v1.37.2"), "kube-proxy.metrics.after", metrics("v1.37.2"),
		"iptables.nft.nat", table(tables, "nat"), "iptables.nft.filter", table(tables, "filter"),
	}, more...)...)
}

// table is one table of a dump.
func table(dump, name string) string {
	_, rest, _ := strings.Cut(dump, "*"+name+"\n")
	body, _, _ := strings.Cut(rest, "COMMIT\n")
	return "*" + name + "\n" + body + "COMMIT\n"
}

// dumps are tables of a kube-proxy that nobody touched.
func dumps(t testing.TB) map[string]string {
	every := rules.Shape{Services: 60, Distribution: []int{3, 0, 1, 5}, Seed: 4, NodePort: 30, LoadBalancer: 20, Affinity: 40, Local: 50}.List(0)
	large := rules.Shape{Services: 80, Endpoints: 15, Seed: 1, NodePort: 20, LoadBalancer: 20, Affinity: 30, Local: 40}.List(0)
	return map[string]string{
		"a real one":         saved(t, "iptables-plain.txt"),
		"of the generator":   string(rules.IPTables(rules.Diff(nil, every), 1)),
		"of a large cluster": string(rules.IPTables(rules.Diff(nil, large), 1)),
		"with no Service":    string(rules.IPTables(rules.Diff(nil, []rules.Service{}), 1)),
	}
}

// TestClean: rules of kube-proxy differ in nothing.
func TestClean(t *testing.T) {
	for name, dump := range dumps(t) {
		a := inIPTablesMode(t, dump)
		if len(a.Rules.Differ) > 0 || !a.Rules.Compared.IsKnown() || len(a.Rules.Apart) > 0 {
			t.Errorf("%s: %+v", name, a.Rules)
		}
		if want := strings.Count(dump, "\n-A ") - strings.Count(dump, "KUBE-FIREWALL"); a.Rules.Compared.Value < want {
			t.Errorf("%s: %d rules compared of %d", name, a.Rules.Compared.Value, want)
		}
	}
}

var _ = regexp.MustCompile
var _ = slices.Sort[[]string]
var _ = time.Second
