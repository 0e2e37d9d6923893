package incluster

import (
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/probe"
)

func TestParseServiceRef(t *testing.T) {
	for _, c := range []struct {
		text string
		want ServiceRef
		fail string
	}{
		{text: "cart", want: ServiceRef{Name: "cart", Kind: probe.HTTP, Path: "/"}},
		{text: "cart:80", want: ServiceRef{Name: "cart", Port: "80", Kind: probe.HTTP, Path: "/"}},
		{text: "shop/cart:http", want: ServiceRef{Namespace: "shop", Name: "cart", Port: "http", Kind: probe.HTTP, Path: "/"}},
		{text: "tcp://shop/cart", want: ServiceRef{Namespace: "shop", Name: "cart", Kind: probe.TCP}},
		{text: "http://shop/cart", want: ServiceRef{Namespace: "shop", Name: "cart", Kind: probe.HTTP, Path: "/"}},
		{text: "http://shop/cart:80/health/z?x=1", want: ServiceRef{Namespace: "shop", Name: "cart", Port: "80", Kind: probe.HTTP, Path: "/health/z?x=1"}},
		{text: "http://cart:80/health", want: ServiceRef{Name: "cart", Port: "80", Kind: probe.HTTP, Path: "/health"}},
		{text: "shop/cart:80/health", want: ServiceRef{Namespace: "shop", Name: "cart", Port: "80", Kind: probe.HTTP, Path: "/health"}},
		{text: "tcp://shop/cart:80/health", fail: "tcp:// has no path"},
		{text: "https://shop/cart", fail: "neither http nor tcp"},
		{text: "", fail: "is not"},
		{text: "shop/", fail: "is not"},
		{text: "Shop/cart", fail: "is not"},
		{text: "10.96.0.20:80", fail: "is not"},
	} {
		got, err := ParseServiceRef(c.text)
		switch {
		case c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)):
			t.Errorf("%q: error %v, want one with %q", c.text, err, c.fail)
		case c.fail == "" && (err != nil || got != c.want):
			t.Errorf("%q: %+v, %v; want %+v", c.text, got, err, c.want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// slice is an EndpointSlice of one port.
func slice(port string, number int32, endpoints ...discoveryv1.Endpoint) discoveryv1.EndpointSlice {
	return discoveryv1.EndpointSlice{
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: endpoints,
		Ports: []discoveryv1.EndpointPort{{Name: &port, Port: &number}},
	}
}

func endpoint(address string, ready *bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{Addresses: []string{address}, Conditions: discoveryv1.EndpointConditions{Ready: ready}}
}

func TestResolveService(t *testing.T) {
	service := func(change func(*corev1.ServiceSpec)) *corev1.Service {
		o := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "cart"}}
		o.Spec = corev1.ServiceSpec{ClusterIP: "10.96.0.20", Type: corev1.ServiceTypeClusterIP, Ports: []corev1.ServicePort{{Name: "http", Port: 80}, {Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP}}}
		if change != nil {
			change(&o.Spec)
		}
		return o
	}
	ready := []discoveryv1.EndpointSlice{
		slice("http", 8080, endpoint("10.1.0.2", nil), endpoint("10.1.0.1", ptr(true)), endpoint("10.1.0.3", ptr(false))),
		slice("http", 8080, endpoint("10.1.0.1", nil)), // moved just now
		slice("metrics", 9090, endpoint("10.1.0.1", nil)),
		{AddressType: discoveryv1.AddressTypeIPv6, Ports: slice("http", 8080).Ports, Endpoints: []discoveryv1.Endpoint{endpoint("fd00::1", nil)}},
	}
	for _, c := range []struct {
		name   string
		o      *corev1.Service
		slices []discoveryv1.EndpointSlice
		ref    ServiceRef
		want   string // address and backends
		fail   string
	}{
		{name: "ready pods, sorted, once", o: service(nil), slices: ready, want: "10.96.0.20:80 10.1.0.1:8080 10.1.0.2:8080"},
		{name: "by the port's name", o: service(nil), slices: ready, ref: ServiceRef{Port: "http"}, want: "10.96.0.20:80 10.1.0.1:8080 10.1.0.2:8080"},
		{name: "two TCP ports", o: service(func(s *corev1.ServiceSpec) { s.Ports = append(s.Ports, corev1.ServicePort{Name: "m", Port: 90}) }), slices: ready, fail: "has the TCP ports http 80, m 90"},
		{name: "no such port", o: service(nil), slices: ready, ref: ServiceRef{Port: "81"}, fail: "has the TCP ports"},
		{name: "only UDP", o: service(func(s *corev1.ServiceSpec) { s.Ports = s.Ports[1:] }), slices: ready, fail: "no TCP port"},
		{name: "headless", o: service(func(s *corev1.ServiceSpec) { s.ClusterIP = "None" }), slices: ready, fail: "headless"},
		{name: "ExternalName", o: service(func(s *corev1.ServiceSpec) { s.ClusterIP, s.Type = "", corev1.ServiceTypeExternalName }), fail: "ExternalName"},
		{name: "no pod", o: service(nil), fail: "no pod that is ready"},
		{name: "IPv6", o: service(func(s *corev1.ServiceSpec) { s.ClusterIP = "fd00:96::1" }), slices: ready, want: "[fd00:96::1]:80 [fd00::1]:8080"},
	} {
		got, err := c.ref.resolve(c.o, c.slices)
		switch {
		case c.fail != "":
			if err == nil || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%s: error %v, want one with %q", c.name, err, c.fail)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		default:
			if text := got.Address + " " + strings.Join(got.Backends, " "); text != c.want || got.All != len(got.Backends) {
				t.Errorf("%s: %s, want %s", c.name, text, c.want)
			}
		}
	}
	many := slice("http", 8080)
	for i := range 40 {
		many.Endpoints = append(many.Endpoints, endpoint("10.1.1."+strconv.Itoa(i), nil))
	}
	got, err := ServiceRef{Kind: probe.HTTP, Path: "/"}.resolve(service(nil), []discoveryv1.EndpointSlice{many})
	if err != nil || got.All != 40 || len(got.Backends) != mostBackends {
		t.Errorf("%d of %d backends, %v", len(got.Backends), got.All, err)
	}
	targets := got.targets("A")
	if len(targets) != 2 || targets[1].Host != got.Address || strings.Count(targets[1].Besides, ",") != mostBackends-2 {
		t.Errorf("targets %+v", targets)
	}
	for _, target := range targets {
		if err := target.Validate(); err != nil {
			t.Error(err)
		}
	}
}
