package incluster

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"kpadvisor/jobs"
	"kpadvisor/probe/incluster"
)

// optional are the requests whose answer a run does without, and which the Role
// leaves to a ClusterRole.
var optional = []string{"get nodes"}

// TestRole does what the heads of the printed roles say, with kubectl, and then
// everything that a probe can do as the user they were bound to. The audit log
// has the last word: nothing else was asked for, and all that the Role allows was.
func TestRole(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ns := namespace(t)
	user := "prober-" + ns
	config := configOf(t, c.User(t, user))
	wide := strings.ReplaceAll(launch(t, config, "rbac").wait(0).stdout.String(), "name: kpadvisor", "name: "+user)
	kubectl(t, wide, "apply", "-f", "-")
	kubectl(t, "", "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	t.Cleanup(func() { kubectl(t, "", "delete", "clusterrolebinding/"+user, "clusterrole/"+user) })

	denied := launch(t, config, short(ns)...)
	<-denied.ended // the first role may not be in force yet, which is another failure
	printed := launch(t, config, "rbac", "--probe", "-n", ns).wait(0).stdout.String()
	kubectl(t, printed, "apply", "-f", "-")
	kubectl(t, "", "-n", ns, "create", "rolebinding", "kpadvisor-probe", "--role=kpadvisor-probe", "--user="+user)
	for _, what := range []authorizationv1.ResourceAttributes{{Verb: "list", Resource: "nodes"}, {Verb: "list", Resource: "events", Namespace: ns}} {
		c.AwaitPermission(t, user, authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: &what})
	}
	start := len(c.Requests(t, user))

	deployWeb(t, ns)
	complete(t, config, short(ns)...)
	complete(t, config, short(ns, ns+"/web:80")...)
	quota("pods", "3")(t, ns) // for the events that say so
	launch(t, config, short(ns)...).wait(1)
	launch(t, config, "clean", "--namespace", ns).wait(0)

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
	for _, r := range c.Requests(t, user)[start:] {
		_, sub, _ := strings.Cut(r.URI, "/log?")
		what := r.Verb + " " + strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(r.Resource, ".batch"), ".discovery.k8s.io"), ".apps")
		if sub != "" {
			what += "/log"
		}
		_, known := allowed[what]
		switch {
		case known && r.Namespace == ns:
			allowed[what] = true
			if r.Code == http.StatusForbidden && !strings.Contains(r.URI, "/jobs") && !strings.Contains(r.URI, "/services") { // a quota answers so as well
				t.Errorf("%s is forbidden", r.URI)
			}
		case r.Namespace == ns && strings.Contains(r.URI, ns):
			t.Errorf("%s is asked for and not in the Role (%d)", what, r.Code)
		case r.Verb != "get" && r.Verb != "list" && !strings.HasPrefix(r.Resource, "selfsubject"): // what anybody may ask about themselves
			t.Errorf("%s %s outside of the namespace", r.Verb, r.URI)
		case r.Code == http.StatusForbidden && !slices.Contains(optional, what):
			t.Errorf("%s is forbidden", r.URI)
		}
	}
	for what, used := range allowed {
		if !used {
			t.Errorf("the Role allows %s, and nobody asked for it", what)
		}
	}
}

// TestRightsAreAsked: before anything is created a missing right is named, each
// one by itself.
func TestRightsAreAsked(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ns := namespace(t)
	client, err := incluster.Connect(c.User(t, "nobody-"+ns))
	if err != nil {
		t.Fatal(err)
	}
	rights := slices.Concat(incluster.Spec{Pods: jobs.Pods{Namespace: ns}}.Rights(), incluster.ServiceRights(ns), jobs.CleanRights(ns))
	answers, err := client.Review(t.Context(), rights)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range answers {
		if a.Allowed || a.Right != rights[i] {
			t.Errorf("%s is allowed to nobody: %+v", a.Right, a)
		}
	}
	needed := slices.DeleteFunc(slices.Clone(rights), func(r jobs.Right) bool { return r.Optional })
	if denied := jobs.Denied(answers); len(denied) != len(needed) || len(rights)-len(needed) != 3 { // events, nodes and slices are optional
		t.Errorf("%d of %d rights count as missing, and %d are needed", len(denied), len(rights), len(needed))
	}
	admin, err := incluster.Connect(c.Admin)
	if err != nil {
		t.Fatal(err)
	}
	if answers, err = admin.Review(t.Context(), rights); err != nil || len(jobs.Denied(answers)) > 0 {
		t.Errorf("the admin lacks %v, %v", jobs.Denied(answers), err)
	}
}
