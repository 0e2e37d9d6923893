package e2e

import (
	"bytes"
	"net/http"
	"os/exec"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"kpadvisor/advisor/cluster/clustertest"
)

// TestRole does what the head of the printed role says, with kubectl, and then
// audits as the user it was bound to. The audit log has the last word on what
// was asked for.
func TestRole(t *testing.T) {
	c := shared.Small(t)
	c.Seed(t, "services", "kubeadm-iptables")
	printed := run(t, environment(t), "rbac").expect(t, fine)
	kubectl := func(stdin string, args ...string) {
		t.Helper()
		cmd := exec.Command(c.Binaries.Path("kubectl"), args...) // also at the end of the test
		cmd.Env, cmd.Stdin = kubeconfig(t, c), bytes.NewBufferString(stdin)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("kubectl %v: %v: %s", args, err, out)
		}
	}
	kubectl(printed.stdout, "apply", "-f", "-")
	kubectl("", "create", "clusterrolebinding", "kpadvisor", "--clusterrole=kpadvisor", "--user=auditor")
	t.Cleanup(func() {
		kubectl("", "delete", "clusterrolebinding/kpadvisor", "clusterrole/kpadvisor")
	})
	c.AwaitPermission(t, "auditor", authorizationv1.SubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "list", Resource: "services"},
	})

	env := environment(t, "KUBECONFIG="+clustertest.Kubeconfig(t, "production", c.User(t, "auditor")))
	d := parse(t, run(t, env, "audit", "-o", "json").stdout)
	if !d.Coverage.Complete {
		t.Errorf("the role does not suffice: %+v", d.Coverage.Missing)
	}
	requests := c.Requests(t, "auditor")
	if len(requests) == 0 {
		t.Error("the audit log holds nothing")
	}
	for _, r := range requests {
		if r.Verb != "get" && r.Verb != "list" || r.Code == http.StatusForbidden {
			t.Errorf("%s %s: %d", r.Verb, r.URI, r.Code)
		}
	}
}

// TestPartialRead audits as a user who may list Services and pods alone: no verdict,
// its own exit code, and the reason by name.
func TestPartialRead(t *testing.T) {
	c := shared.Small(t)
	c.Seed(t, "services", "kubeadm-iptables")
	config := c.UserWith(t, "half", []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"services", "pods"}, Verbs: []string{"list"}},
	})
	got := run(t, kubeconfigOf(t, config), "audit", "-o", "json").expect(t, partial)
	d := parse(t, got.stdout)
	if d.Coverage.Complete || d.Action != "unknown" {
		t.Errorf("complete %v, action %q, want a partial read and no verdict", d.Coverage.Complete, d.Action)
	}
	for _, m := range d.Coverage.Missing {
		if m.Why != "forbidden" {
			t.Errorf("missing %+v, want it forbidden", m)
		}
	}
	text := run(t, kubeconfigOf(t, config), "audit").expect(t, partial)
	contains(t, "the report", text.stdout, "EndpointSlices", "Nodes", "forbidden")
}
