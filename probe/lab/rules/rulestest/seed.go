package rulestest

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/probe/lab/rules"
)

// NodeName is the Node that kube-proxy runs on.
const NodeName = "node-1"

// SeedNode makes the Node kube-proxy runs on.
func SeedNode(t *testing.T, c *clustertest.Cluster) {
	t.Helper()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: NodeName}}
	node, err := c.Client.CoreV1().Nodes().Create(t.Context(), node, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: rules.NodeIP().String()}}
	if _, err := c.Client.CoreV1().Nodes().UpdateStatus(t.Context(), node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// Seed makes these Services and their EndpointSlices.
func Seed(t *testing.T, c *clustertest.Cluster, services []rules.Service) {
	t.Helper()
	for _, s := range services {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace}}
		if _, err := c.Client.CoreV1().Namespaces().Create(t.Context(), ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
		made, err := c.Client.CoreV1().Services(s.Namespace).Create(t.Context(), service(s), metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if s.LoadBalancer.IsValid() {
			made.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: s.LoadBalancer.String()}}
			_, err := c.Client.CoreV1().Services(s.Namespace).UpdateStatus(t.Context(), made, metav1.UpdateOptions{})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Client.DiscoveryV1().EndpointSlices(s.Namespace).Create(t.Context(), slice(s), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func service(s rules.Service) *corev1.Service {
	spec := corev1.ServiceSpec{
		Type: corev1.ServiceTypeClusterIP, ClusterIP: s.ClusterIP.String(),
		Ports:               []corev1.ServicePort{{Name: s.PortName, Protocol: protocol(s), Port: int32(s.Port), NodePort: int32(s.NodePort)}},
		HealthCheckNodePort: int32(s.HealthCheckNodePort),
	}
	switch {
	case s.LoadBalancer.IsValid():
		spec.Type = corev1.ServiceTypeLoadBalancer
	case s.NodePort != 0:
		spec.Type = corev1.ServiceTypeNodePort
	}
	if s.Affinity > 0 {
		seconds := int32(s.Affinity / time.Second)
		spec.SessionAffinity = corev1.ServiceAffinityClientIP
		spec.SessionAffinityConfig = &corev1.SessionAffinityConfig{ClientIP: &corev1.ClientIPConfig{TimeoutSeconds: &seconds}}
	}
	if s.ExternalIP.IsValid() {
		spec.ExternalIPs = []string{s.ExternalIP.String()}
	}
	if s.SourceRange.IsValid() {
		spec.LoadBalancerSourceRanges = []string{s.SourceRange.String()}
	}
	if s.InternalLocal {
		local := corev1.ServiceInternalTrafficPolicyLocal
		spec.InternalTrafficPolicy = &local
	}
	if s.ExternalLocal {
		spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
	}
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: s.Name}, Spec: spec}
}

func protocol(s rules.Service) corev1.Protocol { return corev1.Protocol(strings.ToUpper(s.Protocol)) }

func slice(s rules.Service) *discoveryv1.EndpointSlice {
	port, protocol := int32(rules.EndpointPort), protocol(s)
	out := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: s.Name, Labels: map[string]string{discoveryv1.LabelServiceName: s.Name}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: &s.PortName, Port: &port, Protocol: &protocol}},
	}
	for _, e := range s.Endpoints {
		node := "node-2"
		if e.Local {
			node = NodeName
		}
		ready := true
		out.Endpoints = append(out.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{e.Addr.Addr().String()}, NodeName: &node,
			Conditions: discoveryv1.EndpointConditions{Ready: &ready},
		})
	}
	return out
}

// WithKubernetes adds the Service every cluster has; here nobody serves it.
func WithKubernetes(services []rules.Service) []rules.Service {
	return append(slices.Clone(services), rules.Service{
		Namespace: "default", Name: "kubernetes", PortName: "https", Protocol: "tcp",
		ClusterIP: netip.MustParseAddr("10.96.0.1"), Port: 443,
	})
}
