package clustertest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor/cluster"
)

// TestOffers finds a Service, a pod behind it and a Node's address on a real API
// server, with the rights of a survey and no more.
func TestOffers(t *testing.T) {
	c := shared.Small(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	service, err := c.Client.CoreV1().Services("default").Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "offered"},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Name: "http", Port: 80}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name, port := "http", int32(8080)
	endpoints := c.Client.DiscoveryV1().EndpointSlices("default")
	_, err = endpoints.Create(ctx, &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: "offered-a", Labels: map[string]string{discoveryv1.LabelServiceName: "offered"}},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.1.0.7"}}},
		Ports: []discoveryv1.EndpointPort{{Name: &name, Port: &port}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "offered"}}
	if node, err = c.Client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: "offered"}, {Type: corev1.NodeInternalIP, Address: "192.0.2.7"}}
	if _, err = c.Client.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		if err := errors.Join(
			c.Client.CoreV1().Services("default").Delete(ctx, "offered", metav1.DeleteOptions{}),
			endpoints.Delete(ctx, "offered-a", metav1.DeleteOptions{}),
			c.Client.CoreV1().Nodes().Delete(ctx, "offered", metav1.DeleteOptions{})); err != nil {
			t.Error(err)
		}
	})

	client, err := cluster.Connect(c.UserWith(t, "offers", role(t).Rules), cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ports, err := client.ServicePorts(ctx)
	i := slices.IndexFunc(ports, func(p cluster.ServicePort) bool { return p.Service == "offered" })
	if err != nil || i < 0 {
		t.Fatalf("%d ports, %v", len(ports), err)
	}
	p := ports[i]
	if p.At.String() != service.Spec.ClusterIP+":80" || p.NodePort != int(service.Spec.Ports[0].NodePort) || p.Name != "http" {
		t.Errorf("%+v of %+v", p, service.Spec)
	}
	if pod, err := client.EndpointOf(ctx, p); err != nil || pod.String() != "10.1.0.7:8080" {
		t.Errorf("pod %v, %v", pod, err)
	}
	if ip, err := client.NodeIP(ctx, "offered"); err != nil || ip.String() != "192.0.2.7" {
		t.Errorf("node %v, %v", ip, err)
	}
}
