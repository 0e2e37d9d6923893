// Package apiservertest has objects that the tests of several readers of a cluster read.
package apiservertest

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Slices is the path of the EndpointSlices of namespace shop.
const Slices = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"

// Shop is a cluster with one Service that has addresses, shop/cart, one that has none,
// and one Node, by the paths of their lists.
func Shop() map[string][]runtime.Object {
	cart := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "cart"}}
	cart.Spec.ClusterIP, cart.Spec.ClusterIPs = "10.96.0.10", []string{"10.96.0.10", "fd00::10"}
	cart.Spec.Ports = []corev1.ServicePort{{Port: 80, NodePort: 30080}, {Port: 53, NodePort: 30053, Protocol: corev1.ProtocolUDP}}
	headless := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "none"}}
	headless.Spec.ClusterIP = corev1.ClusterIPNone
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.1"}, {Type: corev1.NodeHostName, Address: "n1"}}
	return map[string][]runtime.Object{"/api/v1/services": {cart, headless}, "/api/v1/nodes": {node}}
}

// Backends is a slice of Service shop/cart: "a" serves, "a!" terminates, "a?" is not ready.
func Backends(version, name string, endpoints ...string) *discoveryv1.EndpointSlice {
	o := &discoveryv1.EndpointSlice{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: name, ResourceVersion: version, Labels: map[string]string{discoveryv1.LabelServiceName: "cart"},
	}}
	for _, e := range endpoints {
		no, yes := false, true
		p := discoveryv1.Endpoint{Addresses: []string{strings.TrimRight(e, "!?")}}
		if p.Addresses[0] != e {
			p.Conditions.Ready = &no
		}
		if strings.HasSuffix(e, "!") {
			p.Conditions.Terminating = &yes
		}
		o.Endpoints = append(o.Endpoints, p)
	}
	return o
}
