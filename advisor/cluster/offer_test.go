package cluster

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const slicesPath = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"

// backends is a slice of Service shop/cart: "a" serves, "a!" terminates, "a?" is not ready.
func backends(version, name string, endpoints ...string) *discoveryv1.EndpointSlice {
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

// shop is a cluster with one Service and one Node.
func shop(t *testing.T) *fakeAPI {
	f := newFakeAPI(t)
	cart := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "cart"}}
	cart.Spec.ClusterIP, cart.Spec.ClusterIPs = "10.96.0.10", []string{"10.96.0.10", "fd00::10"}
	cart.Spec.Ports = []corev1.ServicePort{{Port: 80, NodePort: 30080}, {Port: 53, NodePort: 30053, Protocol: corev1.ProtocolUDP}}
	headless := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "none"}}
	headless.Spec.ClusterIP = corev1.ClusterIPNone
	f.add("/api/v1/services", cart, headless)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.1"}, {Type: corev1.NodeHostName, Address: "n1"}}
	f.add("/api/v1/nodes", node)
	return f
}

func TestServicePorts(t *testing.T) {
	t.Parallel()
	f := shop(t)
	late := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "basket"}}
	late.Spec.ClusterIP = "fd00::20"
	late.Spec.Ports = []corev1.ServicePort{{Name: "http", Port: 8080, Protocol: corev1.ProtocolTCP}, {Name: "bad", Port: 70000}}
	external := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "elsewhere"}}
	external.Spec.Type, external.Spec.Ports = corev1.ServiceTypeExternalName, []corev1.ServicePort{{Port: 80}}
	f.add("/api/v1/services", late, external)
	got, err := f.connect(Options{PageSize: 1}).ServicePorts(t.Context())
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	if p := got[0]; p.Service != "basket" || p.Name != "http" || p.At.String() != "[fd00::20]:8080" || p.NodePort != 0 {
		t.Errorf("first %+v", p)
	}
	if p := got[1]; p.Service != "cart" || p.At.String() != "10.96.0.10:80" || p.NodePort != 30080 {
		t.Errorf("second %+v: the UDP port is none to connect to", p)
	}
	f.refuse["/api/v1/services"] = http.StatusForbidden
	if _, err := f.connect(Options{}).ServicePorts(t.Context()); err == nil || err.Error() != "services list forbidden" {
		t.Errorf("forbidden: %v", err)
	}
}

func TestEndpointOf(t *testing.T) {
	t.Parallel()
	f := shop(t)
	tcp, udp, name, port, other := corev1.ProtocolTCP, corev1.ProtocolUDP, "http", int32(8080), int32(53)
	with := func(o *discoveryv1.EndpointSlice, ports ...discoveryv1.EndpointPort) *discoveryv1.EndpointSlice {
		o.Ports = ports
		return o
	}
	f.add(slicesPath,
		with(backends("1", "cart-a", "10.0.0.1!", "10.0.0.2?"), discoveryv1.EndpointPort{Name: &name, Port: &port, Protocol: &tcp}),
		with(backends("1", "cart-b", "fd00::9", "10.0.0.4", "10.0.0.3"), discoveryv1.EndpointPort{Name: &name, Port: &other, Protocol: &udp}, discoveryv1.EndpointPort{Name: &name, Port: &port}),
		with(backends("1", "cart-c", "10.0.0.5"), discoveryv1.EndpointPort{Port: &port}))
	c := f.connect(Options{})
	p := ServicePort{Namespace: "shop", Service: "cart", Name: "http", At: netip.MustParseAddrPort("10.96.0.10:80")}
	for _, tt := range []struct{ name, at, want string }{
		{"http", "10.96.0.10:80", "10.0.0.3:8080"},
		{"http", "[fd00::10]:80", "[fd00::9]:8080"},
		{"", "10.96.0.10:80", "10.0.0.5:8080"},
	} {
		p.Name, p.At = tt.name, netip.MustParseAddrPort(tt.at)
		if got, err := c.EndpointOf(t.Context(), p); err != nil || got.String() != tt.want {
			t.Errorf("%q at %s: %v, %v, want %s", tt.name, tt.at, got, err, tt.want)
		}
	}
	p.Name = "grpc"
	if _, err := c.EndpointOf(t.Context(), p); !errors.Is(err, ErrNoEndpoint) {
		t.Errorf("no such port: %v", err)
	}
}

func TestNodeIP(t *testing.T) {
	t.Parallel()
	c := shop(t).connect(Options{})
	if ip, err := c.NodeIP(t.Context(), "n1"); err != nil || ip.String() != "192.0.2.1" {
		t.Errorf("%v, %v", ip, err)
	}
	if _, err := c.NodeIP(t.Context(), "n2"); err == nil || !strings.Contains(err.Error(), "n2") {
		t.Errorf("no such node: %v", err)
	}
}
