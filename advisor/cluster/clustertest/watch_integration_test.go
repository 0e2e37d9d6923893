package clustertest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kpadvisor/advisor/cluster"
	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/probe/incluster"
)

// roleWithOption is the printed role with its commented rule in force.
func roleWithOption(t *testing.T) []rbacv1.PolicyRule {
	t.Helper()
	text := cluster.ClusterRole()
	at := strings.Index(text, "# - apiGroups")
	if at < 0 {
		t.Fatalf("the role has no optional rule:\n%s", text)
	}
	var r rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(text[:at]+strings.ReplaceAll(text[at:], "# ", "")), &r); err != nil {
		t.Fatal(err)
	}
	return r.Rules
}

// TestWatchEndpoints follows a rolling update of one Service on a real API
// server, as a user with the role and its option, and is refused without it.
func TestWatchEndpoints(t *testing.T) {
	c := shared.Small(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	service, err := c.Client.CoreV1().Services("default").Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "rolled"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: "rolled-a", Labels: map[string]string{discoveryv1.LabelServiceName: "rolled"}},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.1.0.1"}}, {Addresses: []string{"10.1.0.2"}}},
	}
	all := c.Client.DiscoveryV1().EndpointSlices("default")
	if slice, err = all.Create(ctx, slice, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := c.Client.CoreV1().Services("default").Delete(context.Background(), "rolled", metav1.DeleteOptions{})
		if err := errors.Join(err, all.Delete(context.Background(), "rolled-a", metav1.DeleteOptions{})); err != nil {
			t.Error(err)
		}
	})
	address := service.Spec.ClusterIP + ":80"

	refused, err := incluster.Connect(c.UserWith(t, "no-watch", role(t).Rules))
	if err != nil {
		t.Fatal(err)
	}
	if err := refused.WatchEndpoints(ctx, address, func(time.Time, string) {}); err == nil || err.Error() != "endpointslices watch forbidden" {
		t.Errorf("without the option: %v", err)
	}

	client, err := incluster.Connect(c.UserWith(t, "watch", roleWithOption(t)))
	if err != nil {
		t.Fatal(err)
	}
	changes, ended := make(chan string, 10), make(chan error, 1)
	go func() {
		ended <- client.WatchEndpoints(ctx, address, func(_ time.Time, what string) { changes <- what })
	}()
	awaitList(t, c, "watch")
	yes, no := true, false
	for _, s := range []struct {
		endpoints []discoveryv1.Endpoint
		want      string
	}{
		{[]discoveryv1.Endpoint{
			{Addresses: []string{"10.1.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: &no, Serving: &yes, Terminating: &yes}},
			{Addresses: []string{"10.1.0.2"}},
			{Addresses: []string{"10.1.0.3"}},
		}, "1 added, 1 terminating"},
		{[]discoveryv1.Endpoint{{Addresses: []string{"10.1.0.2"}}, {Addresses: []string{"10.1.0.3"}}}, "1 removed"},
	} {
		slice.Endpoints = s.endpoints
		if slice, err = all.Update(ctx, slice, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-changes:
			if got != s.want {
				t.Errorf("seen: %q, want %q", got, s.want)
			}
		case err := <-ended:
			t.Fatalf("the watch ended: %v", err)
		case <-ctx.Done():
			t.Fatalf("%q was not seen", s.want)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// awaitList waits until the user has listed EndpointSlices: the watch begins
// with that list's version, so nothing from then on is missed.
func awaitList(t *testing.T, c *clustertest.Cluster, user string) {
	t.Helper()
	listed := func(r clustertest.Request) bool {
		return r.Verb == "list" && strings.HasPrefix(r.Resource, "endpointslices")
	}
	for range 100 {
		if slices.ContainsFunc(c.Requests(t, user), listed) {
			return
		}
	}
	t.Fatal("no list")
}
