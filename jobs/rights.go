package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/apiserver"
	"kpadvisor/plain"
)

// Right is something that a run has to ask of the API server.
type Right struct {
	Verb      string
	Group     string // API group; empty for the core
	Resource  string // "pods", "pods/log"
	Namespace string // empty for objects that are in none
	Why       string
	Optional  bool // the run does without, and says less
}

// String is "create jobs.batch in default".
func (r Right) String() string {
	text := r.Verb + " " + r.Resource
	if r.Group != "" {
		text += "." + r.Group
	}
	if r.Namespace != "" {
		text += " in " + r.Namespace
	}
	return text
}

// Answer is what the API server says of a right.
type Answer struct {
	Right
	Allowed bool
	Reason  string // the API server's, if it gives one
}

// RunRights are what it takes to run pods in a namespace, in the order of use: to make
// Jobs, follow the pods, and remove the Jobs. Made and told say what the Jobs and the logs
// are for.
func RunRights(namespace, made, told string) []Right {
	const (
		pods  = "how the pods fare"
		gone  = "whether everything is gone"
		cause = "the reason why a pod is not made or does not start"
	)
	return []Right{
		{Verb: "create", Group: "batch", Resource: "jobs", Namespace: namespace, Why: made},
		{Verb: "delete", Group: "batch", Resource: "jobs", Namespace: namespace, Why: made},
		{Verb: "list", Group: "batch", Resource: "jobs", Namespace: namespace, Why: gone},
		{Verb: "list", Resource: "pods", Namespace: namespace, Why: pods},
		{Verb: "watch", Resource: "pods", Namespace: namespace, Why: pods},
		{Verb: "get", Resource: "pods/log", Namespace: namespace, Why: told},
		{Verb: "list", Resource: "events", Namespace: namespace, Why: cause, Optional: true},
		{Verb: "get", Resource: "nodes", Why: "the state of a node that has gone silent", Optional: true},
	}
}

// WithNamespace adds to rights what it takes to make a namespace for the run before all
// else, and to remove it last.
func WithNamespace(all []Right) []Right {
	const why = "the run's own namespace"
	return slices.Concat([]Right{{Verb: "create", Resource: "namespaces", Why: why}}, all, []Right{{Verb: "delete", Resource: "namespaces", Why: why}})
}

// CleanRights are what it takes to remove what a run left.
func CleanRights(namespace string) []Right {
	const why = "what a run left"
	return []Right{
		{Verb: "list", Group: "batch", Resource: "jobs", Namespace: namespace, Why: why},
		{Verb: "delete", Group: "batch", Resource: "jobs", Namespace: namespace, Why: why},
		{Verb: "list", Resource: "services", Namespace: namespace, Why: why},
		{Verb: "delete", Resource: "services", Namespace: namespace, Why: why},
		{Verb: "list", Resource: "pods", Namespace: namespace, Why: why},
	}
}

// Review asks the API server for each right whether this user has it.
func (c *Client) Review(ctx context.Context, rights []Right) ([]Answer, error) {
	var out []Answer
	for _, r := range rights {
		resource, sub, _ := strings.Cut(r.Resource, "/")
		review := authorizationv1.SelfSubjectAccessReview{
			TypeMeta: metav1.TypeMeta{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectAccessReview"},
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: r.Namespace, Verb: r.Verb, Group: r.Group, Resource: resource, Subresource: sub,
			}},
		}
		var answer authorizationv1.SelfSubjectAccessReview
		if err := c.API.Create(ctx, reviews("authorization.k8s.io", "selfsubjectaccessreviews"), review, &answer); err != nil {
			return out, fmt.Errorf("asking whether this user may %s: %w", r, err)
		}
		out = append(out, Answer{Right: r, Allowed: answer.Status.Allowed, Reason: plain.Line(answer.Status.Reason, MostText)})
	}
	return out, nil
}

// User is who the API server takes this user for; empty if it does not say. Everybody
// may ask, in Kubernetes 1.28 and later.
func (c *Client) User(ctx context.Context) string {
	review := authenticationv1.SelfSubjectReview{TypeMeta: metav1.TypeMeta{APIVersion: "authentication.k8s.io/v1", Kind: "SelfSubjectReview"}}
	if err := c.API.Create(ctx, reviews("authentication.k8s.io", "selfsubjectreviews"), review, &review); err != nil {
		return ""
	}
	return plain.Line(review.Status.UserInfo.Username, MostText)
}

// reviews is where the API server is asked about this user.
func reviews(group, kind string) apiserver.Resource {
	return apiserver.Resource{Group: group, Version: "v1", Kind: kind}
}

// Denied are the rights that are needed and missing.
func Denied(answers []Answer) []Answer {
	return slices.DeleteFunc(slices.Clone(answers), func(a Answer) bool { return a.Allowed || a.Optional })
}

// Role writes rights as the YAML of a Role, after a head that ends with "rules:". Those
// that are in no namespace are left out.
func Role(head string, rights []Right, tail string) string {
	type key struct{ group, resource string }
	verbs, why := map[key][]string{}, map[key]string{}
	var order []key
	for _, r := range rights {
		if r.Namespace == "" {
			continue
		}
		k := key{r.Group, r.Resource}
		if verbs[k] == nil {
			order, why[k] = append(order, k), r.Why
		}
		if !slices.Contains(verbs[k], r.Verb) {
			verbs[k] = append(verbs[k], r.Verb)
		}
	}
	var b strings.Builder
	b.WriteString(head)
	for _, k := range order {
		fmt.Fprintf(&b, "# %s\n- apiGroups: [%q]\n  resources: [%q]\n  verbs: [", why[k], k.group, k.resource)
		for i, v := range verbs[k] {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%q", v)
		}
		b.WriteString("]\n")
	}
	b.WriteString(tail)
	return b.String()
}
