package rules_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/probe/lab/rules"
)

// seedNode makes the Node kube-proxy runs on.
func seedNode(t *testing.T, c *clustertest.Cluster) {
	t.Helper()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName}}
	node, err := c.Client.CoreV1().Nodes().Create(t.Context(), node, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: rules.NodeIP().String()}}
	if _, err := c.Client.CoreV1().Nodes().UpdateStatus(t.Context(), node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// seed makes these Services and their EndpointSlices.
func seed(t *testing.T, c *clustertest.Cluster, services []rules.Service) {
	t.Helper()
	for _, s := range services {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace}}
		if _, err := c.Client.CoreV1().Namespaces().Create(t.Context(), ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
		service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: s.Name}, Spec: corev1.ServiceSpec{
			ClusterIP: s.ClusterIP.String(), Ports: []corev1.ServicePort{{Name: s.PortName, Port: int32(s.Port)}},
		}}
		if _, err := c.Client.CoreV1().Services(s.Namespace).Create(t.Context(), service, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Client.DiscoveryV1().EndpointSlices(s.Namespace).Create(t.Context(), slice(s), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func slice(s rules.Service) *discoveryv1.EndpointSlice {
	port, protocol := int32(rules.EndpointPort), corev1.Protocol(strings.ToUpper(s.Protocol))
	out := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: s.Name, Labels: map[string]string{discoveryv1.LabelServiceName: s.Name}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: &s.PortName, Port: &port, Protocol: &protocol}},
	}
	for _, e := range s.Endpoints {
		node := "node-2"
		if e.Local {
			node = nodeName
		}
		ready := true
		out.Endpoints = append(out.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{e.Addr.Addr().String()}, NodeName: &node,
			Conditions: discoveryv1.EndpointConditions{Ready: &ready},
		})
	}
	return out
}
