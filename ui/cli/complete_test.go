package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"kpadvisor/advisor"
)

// factsOf runs audit and returns its facts.
func factsOf(t *testing.T, args ...string) (advisor.Facts, outcome) {
	t.Helper()
	o := run(t, append([]string{"audit", "-o", "json"}, args...)...)
	var doc struct{ Facts advisor.Facts }
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil {
		t.Fatalf("%v in %q (%s)", err, o.out, o.errOut)
	}
	return doc.Facts, o
}

// TestFiguresCompleteACluster: they fill in what could not be read and are said
// where they contradict what was, and the cluster is read all the same.
func TestFiguresCompleteACluster(t *testing.T) {
	server := newFakeServer(t)
	server.forbidden["/api/v1/nodes"] = true
	config := server.kubeconfig(t, tokenUser)
	f, o := factsOf(t, "--kubeconfig", config, "--kernel", "5.15.0-105-generic", "--services", "9")
	if f.Origin != advisor.FromCluster || len(f.Groups) == 0 || f.Groups[0].Kernel != "5.15.0-105-generic" {
		t.Errorf("completed %+v", f.Groups)
	}
	if s := f.Services.Value; s.Total != 2 || !strings.Contains(o.errOut, "--services 9 is not used, because 2 Services were read.") {
		t.Errorf("%d Services; said %q", s.Total, o.errOut)
	}

	whole := newFakeServer(t).kubeconfig(t, tokenUser)
	f, o = factsOf(t, "--kubeconfig", whole, "--kernel", "6.8.0", "--kubernetes-version", "1.33", "--nodes", "3")
	if f.Groups[0].Kernel != "5.15.0-105-generic" || strings.Count(o.errOut, " is not used") != 1 ||
		!strings.Contains(o.errOut, "--kernel 6.8.0 is not used, because what was read shows another kernel: 5.15.0-105-generic (3 nodes).") {
		t.Errorf("kernel %s; said %q", f.Groups[0].Kernel, o.errOut)
	}
}

// TestFlagsWithoutUse: a flag that has no effect is not passed over.
func TestFlagsWithoutUse(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--demo", "short", "--context", "prod"}, "--context is not used, because --demo takes the place of a cluster.\n"},
		{[]string{"--demo", "short", "--max-pages", "3", "--kubeconfig", "x"}, "--kubeconfig, --max-pages are not used"},
		{[]string{"--services", "5", "--page-size", "10"}, "--page-size is not used, because --services describes a cluster"},
		{[]string{"--demo", "short"}, ""},
		{[]string{"--services", "5"}, ""},
	} {
		if _, o := factsOf(t, tt.args...); !strings.Contains(o.errOut, tt.want) || tt.want == "" && o.errOut != "" {
			t.Errorf("%q: said %q, want %q", tt.args, o.errOut, tt.want)
		}
	}
}

// TestDumpOfADemo stays a demo.
func TestDumpOfADemo(t *testing.T) {
	file := t.TempDir() + "/facts.json"
	run(t, "snapshot", "--demo", "mixed", "-o", file)
	f, o := factsOf(t, "--facts", file)
	if f.Origin != advisor.FromDemo || f.Name != "demo-mixed" {
		t.Errorf("%s %q: %s", f.Origin, f.Name, o.errOut)
	}
	run(t, "audit", "--facts", file).wants(t, o.code, "DEMO, not your cluster", "")
}

// TestCompletingWaits: what is not known yet may still be read.
func TestCompletingWaits(t *testing.T) {
	r := advisor.Reading{Facts: advisor.Facts{Groups: []advisor.NodeGroup{{Nodes: 2, OS: "linux"}}, Nodes: advisor.KnownFrom(2, "Nodes")}}
	a := &app{}
	a.flags.source.proxy = "ipvs"
	c := &completing{reading: func() advisor.Reading { return r }, figures: a.figures()}
	if c.look().Facts.Groups[0].Proxy.Mode.IsKnown() {
		t.Error("completed before the read has ended")
	}
	r.Done = true
	if got := c.look().Facts.Groups[0].Proxy.Mode; got.Value != advisor.IPVS {
		t.Errorf("mode %+v", got)
	}
	r.Facts.Groups = nil
	if len(c.look().Facts.Groups) != 1 {
		t.Error("completed twice")
	}
}
