package incluster

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// enforce is the label of a namespace that says which pods it admits.
const enforce = "pod-security.kubernetes.io/enforce"

// inspecting are the words of an inspection of both nodes.
func inspecting(namespace string, more ...string) []string {
	args := []string{"inspect", "--yes", "--all", "--image", testImage, "--image-pull-policy", "Never"}
	if namespace != "" {
		args = append(args, "--namespace", namespace)
	}
	return append(args, more...)
}

// audited is the part of an audit's document that these tests look at.
type audited struct {
	Headline string `json:"headline"`
	Action   string `json:"action"`
	Current  []struct {
		Mode  string `json:"mode"`
		Nodes int    `json:"nodes"`
	} `json:"current"`
}

// audit is the document of an audit, whatever it advised.
func (p *process) audit() audited {
	p.t.Helper()
	p.awaitEnd()
	if code := p.cmd.ProcessState.ExitCode(); code == 1 || code == 2 || code > 5 {
		p.t.Fatalf("exit code %d\n%s", code, p.stderr.String())
	}
	var a audited
	if err := json.Unmarshal([]byte(p.stdout.String()), &a); err != nil {
		p.t.Fatalf("%v\n%.2000s", err, p.stdout.String())
	}
	return a
}

// modes are those of the document, as "iptables 1, nftables 1".
func (a audited) modes() []string {
	var out []string
	for _, c := range a.Current {
		out = append(out, c.Mode)
	}
	slices.Sort(out)
	return out
}

// TestInspect: a user who sees no kube-proxy cannot tell which mode runs. With the Role
// that is printed, and nothing else, an inspection proves it on two real nodes and leaves
// nothing behind; the audit log has the last word on what was asked for.
func TestInspect(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ns := namespace(t, enforce, "privileged")
	user := "inspector-" + ns
	config := configOf(t, c.UserWith(t, user, []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"nodes", "services"}, Verbs: []string{"list"}},
		{APIGroups: []string{"discovery.k8s.io"}, Resources: []string{"endpointslices"}, Verbs: []string{"list"}},
	}))
	before := launch(t, config, "audit", "-o", "json").audit()
	if slices.Contains(before.modes(), "nftables") {
		t.Errorf("the user sees %v", before.modes())
	}
	printed := launch(t, config, "rbac", "--inspect", "-n", ns).wait(0).stdout.String()
	denied := launch(t, config, inspecting(ns)...).wait(1)
	contains(t, "stderr", denied.stderr.String(), "These rights are missing: create jobs.batch in "+ns, "kpadvisor rbac --inspect -n "+ns)
	kubectl(t, printed, "apply", "-f", "-")
	kubectl(t, "", "-n", ns, "create", "rolebinding", "kpadvisor-inspect", "--role=kpadvisor-inspect", "--user="+user)
	c.AwaitPermission(t, user, authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "list", Resource: "events", Namespace: ns}})
	start := len(c.Requests(t, user))

	saved := filepath.Join(t.TempDir(), "nodes.tar")
	p := launch(t, config, inspecting(ns, "-o", "json", "--save", saved)...)
	after := p.audit()
	gone(t, ns)
	if got := after.modes(); !slices.Equal(got, []string{"iptables", "nftables"}) {
		t.Errorf("modes %v, headline %q; before %v, %q", got, after.Headline, before.modes(), before.Headline)
	}
	contains(t, "stderr", p.stderr.String(), "A pod on each of these nodes reads it: node-a, node-b.", "no capability", "Creating 2 Jobs", "The reports are in "+saved)
	if info, err := os.Stat(saved); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("saved: %v, %v", info, err)
	}
	again := launch(t, config, "audit", "-o", "json", "--node-report", saved).audit()
	if !slices.Equal(again.modes(), after.modes()) {
		t.Errorf("from the file: %v, want %v", again.modes(), after.modes())
	}
	quota("pods", "1")(t, ns) // for the events that say so; a node that fails costs no other
	half := launch(t, config, inspecting(ns, "-o", "json")...)
	half.audit()
	contains(t, "stderr", half.stderr.String(), "is not read: ", "exceeded quota")
	launch(t, config, "clean", "--namespace", ns).wait(0)
	gone(t, ns)
	onlyTheRole(t, printed, ns, user, start)
}

// onlyTheRole fails the test if something was asked for in the namespace that the printed
// Role does not allow, or it allows what nobody asked for.
func onlyTheRole(t *testing.T, printed, ns, user string, start int) {
	t.Helper()
	var role rbacv1.Role
	if err := yaml.UnmarshalStrict([]byte(printed), &role); err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{} // and whether it was used
	for _, rule := range role.Rules {
		for _, verb := range rule.Verbs {
			allowed[verb+" "+rule.Resources[0]] = false
		}
	}
	for _, r := range nodes.Requests(t, user)[start:] {
		what := r.Verb + " " + strings.TrimSuffix(r.Resource, ".batch")
		if strings.Contains(r.URI, "/log?") {
			what += "/log"
		}
		if _, known := allowed[what]; known && r.Namespace == ns {
			allowed[what] = true
			if r.Code == http.StatusForbidden {
				t.Errorf("%s is forbidden", r.URI)
			}
		} else if r.Namespace == ns && what != "list services" { // of clean: who may not list them made none
			t.Errorf("%s is asked for and not in the Role (%d)", what, r.Code)
		}
	}
	for what, used := range allowed {
		if !used {
			t.Errorf("the Role allows %s, and nobody asked for it", what)
		}
	}
}

// TestInspectIsRefused: a namespace that does not admit the pods says so beforehand, to a
// user with the Role by its label, and to who may create pods by a dry run too.
func TestInspectIsRefused(t *testing.T) {
	t.Parallel()
	cluster(t)
	ns := namespace(t, enforce, "baseline")
	p := launch(t, adminConfig(t), inspecting(ns)...).wait(1)
	gone(t, ns)
	contains(t, "stderr", p.stderr.String(), "Namespace "+ns+" does not admit pods on the network of their node",
		"kubectl label --overwrite namespace "+ns+" "+enforce+"=privileged", "--temporary-namespace")
	events, err := nodes.Client.CoreV1().Events(ns).List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.kind=Job"})
	if err != nil || len(events.Items) > 0 {
		t.Errorf("Jobs were made: %v, %v", events, err)
	}
	kubectl(t, "", "label", "--overwrite", "namespace", ns, enforce+"=privileged")
	launch(t, adminConfig(t), inspecting(ns, "-o", "json")...).audit()
	gone(t, ns)
}

// TestInspectDryRun: what is printed is what the API server would take, and nothing is
// created.
func TestInspectDryRun(t *testing.T) {
	t.Parallel()
	cluster(t)
	ns := namespace(t, enforce, "privileged")
	args := []string{"inspect", "--image", testImage, "--all", "--connections", "--deep", "--dry-run", "--namespace", ns}
	p := launch(t, adminConfig(t), args...).wait(0)
	gone(t, ns)
	out := kubectl(t, p.stdout.String(), "-n", ns, "apply", "--dry-run=server", "--validate=strict", "-f", "-")
	if n := strings.Count(out, "created (server dry run)"); n != 2 || strings.Contains(out, "would violate") {
		t.Errorf("kubectl says:\n%s", out)
	}
	contains(t, "stderr", p.stderr.String(), "They run as root with the one capability NET_ADMIN", "hostPID")
}

// TestInspectMeasures: with the processes of the node, and as root, in a namespace of the
// run's own. The second word is asked for, and the namespace is gone afterwards.
func TestInspectMeasures(t *testing.T) {
	t.Parallel()
	cluster(t)
	args := inspecting("", "--connections", "--deep", "--for", "5s", "--temporary-namespace", "-o", "json")
	p := launch(t, adminConfig(t), args...).wait(2)
	contains(t, "stderr", p.stderr.String(), "root with NET_ADMIN", "--yes-really")
	saved := filepath.Join(t.TempDir(), "deep.tar")
	p = launch(t, adminConfig(t), append(args, "--yes-really", "--save", saved)...)
	if got := p.audit().modes(); !slices.Equal(got, []string{"iptables", "nftables"}) {
		t.Errorf("modes %v", got)
	}
	text, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"node-a.txt", "node-b.txt"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is not in the archive", part)
		}
	}
	if strings.Contains(p.stderr.String(), "is cut off") || strings.Contains(p.stderr.String(), "is not read") {
		t.Error(p.stderr.String())
	}
	made := ""
	for _, word := range strings.Fields(p.stderr.String()) {
		if strings.HasPrefix(word, "kpadvisor-") && !strings.Contains(word, "-inspect") {
			made = strings.Trim(word, ",.")
		}
	}
	if made == "" {
		t.Fatalf("no namespace is told:\n%s", p.stderr.String())
	}
	await(t, "the end of the namespace", func() bool { return !exists(t, made) })
}

// TestInspectIsInterrupted: Ctrl+C in the middle of counting leaves nothing behind.
func TestInspectIsInterrupted(t *testing.T) {
	t.Parallel()
	cluster(t)
	ns := namespace(t, enforce, "privileged")
	p := launch(t, adminConfig(t), inspecting(ns, "--connections", "--for", "5m")...)
	await(t, "the pods of the inspection", func() bool {
		list, err := nodes.Client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{LabelSelector: managed})
		if err != nil {
			return false
		}
		running := 0
		for _, pod := range list.Items {
			if pod.Status.Phase == corev1.PodRunning {
				running++
			}
		}
		return running == 2
	})
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.wait(130)
	gone(t, ns)
}
