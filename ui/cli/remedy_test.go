package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
)

// situation is a run that leaves something open, and so prints what to do.
type situation struct {
	name string
	args []string
}

// situations are those that lack one thing each.
func situations(t *testing.T) []situation {
	t.Helper()
	served := func(name string, without ...string) situation {
		f := newFakeServer(t)
		for _, path := range without {
			f.forbidden[path] = true
		}
		return situation{name, []string{"--kubeconfig", f.kubeconfig(t, tokenUser)}}
	}
	modeless := newFakeServer(t)
	for _, path := range []string{"/api/v1/pods", "/api/v1/namespaces/kube-system/pods", "/api/v1/namespaces/kube-system/configmaps"} {
		modeless.lists[path] = []any{}
	}
	all := []situation{
		{"typed, Services alone", []string{"--services", "4000"}},
		{"typed, without kernel", []string{"--services", "100", "--endpoints", "900", "--proxy-mode", "ipvs", "--kubernetes-version", "1.30"}},
		{"typed, without version", []string{"--services", "100", "--kernel", "5.15.0-105-generic", "--proxy-mode", "ipvs"}},
		{"typed, without mode", []string{"--services", "4000", "--endpoints", "9000", "--kernel", "5.15.0-105-generic", "--kubernetes-version", "1.33"}},
		served("a cluster, Nodes forbidden", "/api/v1/nodes"),
		served("a cluster, Services forbidden", "/api/v1/services"),
		served("a cluster, EndpointSlices forbidden", "/apis/discovery.k8s.io/v1/endpointslices"),
		served("a cluster, its version forbidden", "/version"),
		served("a cluster, Nodes and its version forbidden", "/api/v1/nodes", "/version"),
		{"a cluster, no kube-proxy visible", []string{"--kubeconfig", modeless.kubeconfig(t, tokenUser)}},
		{"a snapshot without kernels", []string{"--facts", snapshotWithoutKernels(t)}},
		{"nothing at all", nil},
	}
	for _, name := range demoNames() {
		all = append(all, situation{"demo " + name, []string{"--demo", name}})
	}
	return all
}

func snapshotWithoutKernels(t *testing.T) string {
	t.Helper()
	f := cluster.Demos()[1]
	f.Origin = advisor.FromSnapshot
	f.Groups = slices.Clone(f.Groups)
	for i := range f.Groups {
		f.Groups[i].Kernel = ""
	}
	file := filepath.Join(t.TempDir(), "facts.json")
	if err := writeSnapshot(file, nil, f, true); err != nil {
		t.Fatal(err)
	}
	return file
}

// flagText finds a flag of the program in a sentence.
var flagText = regexp.MustCompile(`--[a-z][a-z-]+`)

// remedies are the texts of a report, and of an error, that name a flag of audit.
// Commands of a runbook are of other programs, and facts name flags as sources.
func remedies(t *testing.T, o outcome, known func(flag string) bool) map[string][]string {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil {
		t.Fatalf("%v in %q (%s)", err, o.out, o.errOut)
	}
	delete(doc, "facts")
	delete(doc, "runbook")
	found := map[string][]string{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				if k != "source" && k != "sources" && k != "evidence" {
					walk(x)
				}
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case string:
			for _, flag := range flagText.FindAllString(v, -1) {
				if known(flag) {
					found[flag] = append(found[flag], v)
				}
			}
		}
	}
	walk(doc)
	return found
}

// TestRemediesWorkWherePrinted gives every flag that a report names, in the
// situation that names it: the program takes it, and the sentence is gone.
func TestRemediesWorkWherePrinted(t *testing.T) {
	server := newFakeServer(t)
	sysctls := filepath.Join(t.TempDir(), "sysctls.txt")
	text := "kernel.osrelease = 5.15.0-105-generic\nnet.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.vs.expire_nodest_conn = 1\nnet.ipv4.vs.conntrack = 1\n"
	if err := os.WriteFile(sysctls, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	nodeReport := filepath.Join(t.TempDir(), "node.txt")
	if err := os.WriteFile(nodeReport, []byte(aReport("node-1", "ipvs")), 0o600); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"--node-report": nodeReport,
		"--services":    "4000", "--endpoints": "20000", "--nodes": "3", "--kernel": "5.15.0-105-generic", "--kubernetes-version": "1.33.4",
		"--proxy-mode": "ipvs", "--facts": snapshotWithoutKernels(t), "--demo": "short", "--kubeconfig": server.kubeconfig(t, tokenUser),
		"--sysctls": sysctls, "--request-timeout": "20s", "--page-size": "100", "--max-pages": "100",
	}
	// These are answered or accepted; that they change the sentence is not theirs
	// to promise: it depends on which nodes the values are of.
	optional := []string{"--sysctls", "--node-report", "--request-timeout", "--page-size", "--max-pages", "--facts", "--demo"}
	for _, q := range advisor.Questions() {
		value := "10"
		if c := choices(q); len(c) > 0 {
			value = c[0]
		}
		values["--"+string(q.ID)] = value
	}
	command := (&app{}).auditCommand()
	known := func(flag string) bool { return command.Flags().Lookup(strings.TrimPrefix(flag, "--")) != nil }
	for _, s := range situations(t) {
		t.Run(s.name, func(t *testing.T) {
			base := append([]string{"audit", "-o", "json"}, s.args...)
			for flag, sentences := range remedies(t, run(t, base...), known) {
				if flag == "--measured" {
					continue // takes what another command measures first: TestAuditMeasured
				}
				value, ok := values[flag]
				if !ok {
					t.Errorf("no value to try %s with, which is advised: %q", flag, sentences)
					continue
				}
				with := run(t, append(slices.Clone(base), flag+"="+value)...)
				if with.code == Usage {
					t.Errorf("%s=%s is refused where it is advised (%q): %s", flag, value, sentences[0], with.errOut)
					continue
				}
				if slices.Contains(optional, flag) {
					continue
				}
				for _, still := range remedies(t, with, known)[flag] {
					if slices.Contains(sentences, still) {
						t.Errorf("%s=%s was given, and the report still says %q", flag, value, still)
					}
				}
			}
		})
	}
}
