package cluster

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"kpadvisor/advisor/cluster/evidence"
)

func role(t *testing.T) rbacv1.ClusterRole {
	t.Helper()
	var r rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(ClusterRole()), &r); err != nil {
		t.Fatalf("%v\n%s", err, ClusterRole())
	}
	return r
}

// TestRoleIsSmall: get and list, no wildcard, get only by name, and no secrets.
func TestRoleIsSmall(t *testing.T) {
	r := role(t)
	if r.APIVersion != "rbac.authorization.k8s.io/v1" || r.Kind != "ClusterRole" || r.Name != "kpadvisor" {
		t.Errorf("it is %s %s %s", r.APIVersion, r.Kind, r.Name)
	}
	for _, rule := range r.Rules {
		for _, v := range rule.Verbs {
			if v != "get" && v != "list" {
				t.Errorf("verb %s in %+v", v, rule)
			}
			if v == "get" && len(rule.ResourceNames) == 0 && len(rule.NonResourceURLs) == 0 {
				t.Errorf("get without names in %+v", rule)
			}
			if v == "list" && len(rule.ResourceNames) > 0 {
				t.Errorf("list by name, which nothing would match, in %+v", rule)
			}
		}
		for _, s := range slices.Concat(rule.APIGroups, rule.Resources, rule.ResourceNames, rule.NonResourceURLs) {
			if s == "*" || s == "secrets" {
				t.Errorf("%s in %+v", s, rule)
			}
		}
	}
}

// allows reports whether the role allows a request, as RBAC decides it.
func allows(r rbacv1.ClusterRole, verb, group, resource, name string) bool {
	return slices.ContainsFunc(r.Rules, func(rule rbacv1.PolicyRule) bool {
		return slices.Contains(rule.Verbs, verb) && slices.Contains(rule.APIGroups, group) && slices.Contains(rule.Resources, resource) &&
			(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, name))
	})
}

// TestRoleSuffices: everything that is ever asked for is allowed.
func TestRoleSuffices(t *testing.T) {
	r := role(t)
	for _, w := range slices.Concat(evidence.Wants(), evidence.Possible()) {
		if !allows(r, string(w.Verb), w.Group, w.Resource, w.Name) {
			t.Errorf("%+v is not allowed by\n%s", w, ClusterRole())
		}
	}
	for path := range kinds() {
		var group, resource string
		switch parts := splitPath(path); {
		case parts[0] == "api":
			resource = parts[len(parts)-1]
		default:
			group, resource = parts[1], parts[len(parts)-1]
		}
		if resource != "configmaps" && !allows(r, "list", group, resource, "") {
			t.Errorf("list of %s is not allowed", path)
		}
	}
}

// TestRoleHasNoSpare: every resource of the role is one that is read.
func TestRoleHasNoSpare(t *testing.T) {
	for _, rule := range role(t).Rules {
		for _, resource := range rule.Resources {
			read := slices.ContainsFunc(evidence.Possible(), func(w evidence.Want) bool { return w.Resource == resource && w.Group == rule.APIGroups[0] })
			for path := range kinds() {
				parts := splitPath(path)
				read = read || parts[len(parts)-1] == resource
			}
			if !read {
				t.Errorf("%s is allowed and never read", resource)
			}
		}
	}
}

func splitPath(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// TestNamespacedRoles: together they hold the rules of the one role, and what may
// be private is in no ClusterRole.
func TestNamespacedRoles(t *testing.T) {
	docs := strings.Split(NamespacedRoles(), "---\n")
	if len(docs) != 3 {
		t.Fatalf("%d documents, want 3", len(docs))
	}
	var wide rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(docs[0]), &wide); err != nil {
		t.Fatal(err)
	}
	for _, resource := range []string{"pods", "configmaps", "events"} {
		if allows(wide, "list", "", resource, "") || allows(wide, "get", "", resource, "kube-proxy") {
			t.Errorf("%s are allowed in every namespace", resource)
		}
	}
	all := wide.Rules
	for i, namespace := range []string{"kube-system", "default"} {
		var r rbacv1.Role
		if err := yaml.UnmarshalStrict([]byte(docs[i+1]), &r); err != nil {
			t.Fatal(err)
		}
		if r.Namespace != namespace || r.Kind != "Role" {
			t.Errorf("document %d is %s in %s", i+1, r.Kind, r.Namespace)
		}
		all = append(all, r.Rules...)
	}
	for _, w := range slices.Concat(evidence.Wants(), evidence.Possible()) {
		if !allows(rbacv1.ClusterRole{Rules: all}, string(w.Verb), w.Group, w.Resource, w.Name) {
			t.Errorf("%s is allowed by none", w.What)
		}
	}
}
