package clustertest

import (
	"context"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
)

// UserWith returns the configuration of a user that may do what the rules allow
// and nothing else, once the API server has taken notice of them.
func (c *Cluster) UserWith(t testing.TB, name string, rules []rbacv1.PolicyRule) *rest.Config {
	t.Helper()
	roles := c.Client.RbacV1()
	// A rule of its own tells when the whole role is in force.
	canary := rbacv1.PolicyRule{NonResourceURLs: []string{"/canary/" + name}, Verbs: []string{"get"}}
	_, err := roles.ClusterRoles().Create(t.Context(), &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: append([]rbacv1.PolicyRule{canary}, rules...),
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = roles.ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A second test binary may have its own cluster, but not this one: nothing to race with.
		_ = roles.ClusterRoleBindings().Delete(context.Background(), name, metav1.DeleteOptions{})
		_ = roles.ClusterRoles().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	c.AwaitPermission(t, name, authorizationv1.SubjectAccessReviewSpec{
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/canary/" + name, Verb: "get"},
	})
	return c.User(t, name)
}

// GrantIn gives a user the role in the role's namespace.
func (c *Cluster) GrantIn(t testing.TB, user string, role rbacv1.Role) {
	t.Helper()
	roles := c.Client.RbacV1()
	role.Name = user
	if _, err := roles.Roles(role.Namespace).Create(t.Context(), &role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err := roles.RoleBindings(role.Namespace).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = roles.RoleBindings(role.Namespace).Delete(context.Background(), user, metav1.DeleteOptions{})
		_ = roles.Roles(role.Namespace).Delete(context.Background(), user, metav1.DeleteOptions{})
	})
	c.AwaitPermission(t, user, authorizationv1.SubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: role.Namespace, Verb: role.Rules[0].Verbs[0], Resource: role.Rules[0].Resources[0],
		},
	})
}

// AwaitPermission waits until the API server allows the user what is asked
// for: it learns of roles and bindings by a watch of its own.
func (c *Cluster) AwaitPermission(t testing.TB, user string, what authorizationv1.SubjectAccessReviewSpec) {
	t.Helper()
	what.User = user
	review := &authorizationv1.SubjectAccessReview{Spec: what}
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
		answer, err := c.Client.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		return err == nil && answer.Status.Allowed, err
	})
	if err != nil {
		t.Fatalf("the API server does not take notice of the role of %s: %v", user, err)
	}
}
