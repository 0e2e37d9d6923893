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

	"kpadvisor/apiserver/apiservertest"
)

// shop is a cluster with one Service and one Node.
func shop(t *testing.T) *fakeAPI {
	f := newFakeAPI(t)
	for path, objects := range apiservertest.Shop() {
		f.add(path, objects...)
	}
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
	f.add(apiservertest.Slices,
		with(apiservertest.Backends("1", "cart-a", "10.0.0.1!", "10.0.0.2?"), discoveryv1.EndpointPort{Name: &name, Port: &port, Protocol: &tcp}),
		with(apiservertest.Backends("1", "cart-b", "fd00::9", "10.0.0.4", "10.0.0.3"), discoveryv1.EndpointPort{Name: &name, Port: &other, Protocol: &udp}, discoveryv1.EndpointPort{Name: &name, Port: &port}),
		with(apiservertest.Backends("1", "cart-c", "10.0.0.5"), discoveryv1.EndpointPort{Port: &port}))
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
