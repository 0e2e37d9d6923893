package clustertest_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/advisor/cluster/clustertest"
)

// role is the ClusterRole that kpadvisor prints.
func role(t *testing.T) rbacv1.ClusterRole {
	t.Helper()
	var r rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(cluster.ClusterRole()), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRoleIsSmall looks for anything the role allows beyond reading what is
// named: another verb, a wildcard, a secret.
func TestRoleIsSmall(t *testing.T) {
	for _, rule := range role(t).Rules {
		for _, verb := range rule.Verbs {
			if verb != "get" && verb != "list" {
				t.Errorf("the role allows %s: %+v", verb, rule)
			}
		}
		all := slices.Concat(rule.APIGroups, rule.Resources, rule.NonResourceURLs)
		for _, s := range all {
			if strings.Contains(s, "*") || s == "secrets" || strings.Contains(s, "/proxy") {
				t.Errorf("the role allows %s: %+v", s, rule)
			}
		}
		if slices.Contains(rule.Resources, "configmaps") && len(rule.ResourceNames) == 0 {
			t.Errorf("the role allows any ConfigMap: %+v", rule)
		}
	}
}

// TestRoleSuffices reads each platform and the large cluster as a user with the
// role alone, and proves by the audit log that nothing else was asked for.
func TestRoleSuffices(t *testing.T) {
	rules := role(t).Rules
	read := func(t *testing.T, user string, facts advisor.Facts, requests []clustertest.Request) {
		t.Helper()
		complete(t, facts)
		if len(requests) == 0 {
			t.Fatal("the audit log holds no request of " + user)
		}
		for _, r := range requests {
			if r.Verb != "get" && r.Verb != "list" {
				t.Errorf("asked to %s %s", r.Verb, r.URI)
			}
			if r.Code == http.StatusUnauthorized || r.Code == http.StatusForbidden {
				t.Errorf("%s %s was answered with %d", r.Verb, r.URI, r.Code)
			}
		}
	}
	t.Run("large", func(t *testing.T) {
		c := shared.Large(t)
		facts := survey(t, c.UserWith(t, "reader", rules), cluster.Options{})
		read(t, "reader", facts, c.Requests(t, "reader"))
	})
	for _, platform := range []string{"kubeadm-iptables", "eks", "aks", "gke", "k3s", "rke2", "ack", "cilium", "antrea", "calico-ebpf", "openshift-ovn", "services"} {
		t.Run(platform, func(t *testing.T) {
			c := shared.Small(t)
			c.Seed(t, platform)
			user := "reader-" + platform
			facts := survey(t, c.UserWith(t, user, rules), cluster.Options{})
			read(t, user, facts, c.Requests(t, user))
		})
	}
}

// TestEachPermissionIsNeeded takes away one permission after the other, on a
// platform where it matters: each refusal is in the coverage by its name, and
// nothing else is.
func TestEachPermissionIsNeeded(t *testing.T) {
	platforms := map[string]string{ // kubeadm-iptables where not named
		"configmaps/kube-proxy-config": "eks",
		"configmaps/kube-proxy-worker": "ack",
		"configmaps/proxy-config":      "openshift-proxy",
		"configmaps/cilium-config":     "cilium",
		"configmaps/antrea-config":     "antrea",
		"configmaps/eni-config":        "ack",
		"configmaps/kube-flannel-cfg":  "kubeadm-ipvs",
		"ciliumnodeconfigs":            "cilium",
		"felixconfigurations":          "calico-ebpf",
		"installations/default":        "calico-ebpf",
		"networks/cluster":             "openshift-ovn",
	}
	// Variants of the above that no manifest here has.
	notSeeded := []string{"configmaps/kube-proxy-master", "configmaps/sdn-config"}

	rules := role(t).Rules
	for i, p := range permissions(rules) {
		t.Run(p.String(), func(t *testing.T) {
			if slices.Contains(notSeeded, p.String()) {
				t.Skip("no platform seeded here asks for it")
			}
			c := shared.Small(t)
			c.Seed(t, "services", cmp.Or(platforms[p.String()], "kubeadm-iptables"))
			user := fmt.Sprintf("without-%d", i)
			facts := survey(t, c.UserWith(t, user, p.removedFrom(rules)), cluster.Options{})
			refused := 0
			for _, r := range c.Requests(t, user) {
				if r.Code != http.StatusForbidden {
					continue
				}
				refused++
				if !p.covers(r) {
					t.Errorf("refused: %s %s", r.Verb, r.URI)
				}
			}
			if refused == 0 {
				t.Error("nothing was refused: the role allows more than is asked for")
			}
			if facts.Coverage.Complete() {
				t.Error("the coverage says that nothing is missing")
			}
			seen := map[advisor.Missing]bool{}
			for _, m := range facts.Coverage.Missing {
				if m.Why != advisor.Forbidden || m.Hides == "" || !p.named(m.What) {
					t.Errorf("missing %+v, want forbidden and the name of %s", m, p)
				}
				if seen[m] {
					t.Errorf("missing twice: %+v", m)
				}
				seen[m] = true
			}
		})
	}
}

// permission is the smallest part of a role: one name, or one resource.
type permission struct{ resource, name, url string }

func (p permission) String() string { return strings.TrimSuffix(p.resource+p.url+"/"+p.name, "/") }

func permissions(rules []rbacv1.PolicyRule) []permission {
	var all []permission
	add := func(p permission) {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	for _, rule := range rules {
		for _, resource := range rule.Resources {
			if len(rule.ResourceNames) == 0 {
				add(permission{resource: resource})
			}
			for _, name := range rule.ResourceNames {
				add(permission{resource: resource, name: name})
			}
		}
	}
	return all
}

// removedFrom returns the rules without this permission.
func (p permission) removedFrom(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, rule := range rules {
		if slices.Contains(rule.Resources, p.resource) {
			without := func(all []string, one string) []string {
				return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == one })
			}
			switch {
			case p.name == "" && len(rule.ResourceNames) == 0:
				rule.Resources = without(rule.Resources, p.resource)
			case p.name != "":
				rule.ResourceNames = without(rule.ResourceNames, p.name)
				if len(rule.ResourceNames) == 0 {
					continue // a rule without names would allow all of them
				}
			}
			if len(rule.Resources) == 0 {
				continue
			}
		}
		out = append(out, rule)
	}
	return out
}

func (p permission) covers(r clustertest.Request) bool {
	resource, _, _ := strings.Cut(r.Resource, ".")
	return resource == p.resource && (p.name == "" || p.name == r.Name)
}

// named reports whether a coverage line speaks of what was taken away.
func (p permission) named(what string) bool {
	plain := strings.ToLower(what)
	if p.name != "" {
		return strings.Contains(plain, p.name)
	}
	return strings.Contains(plain, strings.TrimSuffix(p.resource, "s"))
}

// TestNamespacedRoles reads a cluster as a user who sees pods and ConfigMaps of
// kube-system alone: the mode of each node is found as with the one wide role, and
// the coverage names what was out of sight.
func TestNamespacedRoles(t *testing.T) {
	const user = "reader-namespaced"
	c := shared.Small(t)
	c.Seed(t, "services", "kubeadm-iptables")
	want := survey(t, c.Admin, cluster.Options{})

	docs := strings.Split(cluster.NamespacedRoles(), "---\n")
	var wide rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(docs[0]), &wide); err != nil {
		t.Fatal(err)
	}
	config := c.UserWith(t, user, wide.Rules)
	for _, doc := range docs[1:] {
		var r rbacv1.Role
		if err := yaml.UnmarshalStrict([]byte(doc), &r); err != nil {
			t.Fatal(err)
		}
		c.GrantIn(t, user, r)
	}
	got := survey(t, config, cluster.Options{})

	for _, m := range got.Coverage.Missing {
		if m.What != "kube-proxy pods outside kube-system" || m.Why != advisor.Forbidden {
			t.Errorf("missing: %+v", m)
		}
	}
	if got.Coverage.Complete() {
		t.Error("the coverage says that nothing is missing")
	}
	if len(got.Groups) != len(want.Groups) {
		t.Fatalf("%d node groups, want %d", len(got.Groups), len(want.Groups))
	}
	for i, g := range got.Groups {
		w := want.Groups[i]
		if g.Nodes != w.Nodes || !g.Proxy.Mode.IsKnown() || g.Proxy.Mode.Value != w.Proxy.Mode.Value {
			t.Errorf("group %d: %d nodes, mode %+v; want %d, %+v", i, g.Nodes, g.Proxy.Mode, w.Nodes, w.Proxy.Mode)
		}
	}
}
