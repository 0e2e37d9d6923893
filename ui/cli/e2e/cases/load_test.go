package cases

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// load is a number of Services alike, for manifests that would be long.
type load struct {
	Namespace string            `json:"namespace"` // "load" if empty
	Name      string            `json:"name"`      // "s" if empty; a number follows
	Services  int               `json:"services"`
	Ports     int               `json:"ports"`     // of each, 1 if 0
	Endpoints int               `json:"endpoints"` // of each, in slices of 100
	Zones     []string          `json:"zones"`     // each endpoint has a hint for its own, in turn
	DualStack bool              `json:"dualStack"` // slices of both families
	Spec      map[string]any    `json:"spec"`      // more of the Service
	Labels    map[string]string `json:"labels"`    // of the Service
}

// slicesOf is the largest number of endpoints that the controller puts in one slice.
const slicesOf = 100

// manifest is the load as documents.
func (l load) manifest(t *testing.T, index int) string {
	t.Helper()
	if l.Namespace == "" {
		l.Namespace = "load"
	}
	if l.Name == "" {
		l.Name = fmt.Sprintf("s%d", index)
	}
	var out strings.Builder
	put := func(object any) {
		b, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "---\n%s\n", b)
	}
	put(corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: l.Namespace},
	})
	for i := range l.Services {
		name := fmt.Sprintf("%s-%d", l.Name, i)
		ports := make([]corev1.ServicePort, max(1, l.Ports))
		for p := range ports {
			ports[p] = corev1.ServicePort{Name: fmt.Sprintf("p%d", p), Port: int32(8000 + p), Protocol: corev1.ProtocolTCP}
		}
		spec := map[string]any{"ports": ports}
		for k, v := range l.Spec {
			spec[k] = v
		}
		put(map[string]any{
			"apiVersion": "v1", "kind": "Service", "spec": spec,
			"metadata": metav1.ObjectMeta{Namespace: l.Namespace, Name: name, Labels: l.Labels},
		})
		for from := 0; from < l.Endpoints; from += slicesOf {
			put(l.slice(name, index, i, from, ports, discoveryv1.AddressTypeIPv4))
			if l.DualStack {
				put(l.slice(name, index, i, from, ports, discoveryv1.AddressTypeIPv6))
			}
		}
	}
	return out.String()
}

// slice is the endpoints of one Service from a number on.
func (l load) slice(
	service string, index, i, from int, of []corev1.ServicePort, family discoveryv1.AddressType,
) discoveryv1.EndpointSlice {
	s := discoveryv1.EndpointSlice{
		TypeMeta: metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: l.Namespace, Name: fmt.Sprintf("%s-%d-%s", service, from, strings.ToLower(string(family))),
			Labels: map[string]string{discoveryv1.LabelServiceName: service},
		},
		AddressType: family,
	}
	for _, p := range of {
		s.Ports = append(s.Ports, discoveryv1.EndpointPort{Name: &p.Name, Port: &p.Port, Protocol: &p.Protocol})
	}
	ready := true
	for n := from; n < min(l.Endpoints, from+slicesOf); n++ {
		e := discoveryv1.Endpoint{
			Addresses:  []string{fmt.Sprintf("10.%d.%d.%d", 20+i%200, index*60+n/250, 1+n%250)},
			Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &ready},
		}
		if family == discoveryv1.AddressTypeIPv6 {
			e.Addresses = []string{fmt.Sprintf("fd00:%x:%x::%x", index+1, i+1, n+1)}
		}
		if len(l.Zones) > 0 {
			zone := l.Zones[n%len(l.Zones)]
			e.Zone, e.Hints = &zone, &discoveryv1.EndpointHints{ForZones: []discoveryv1.ForZone{{Name: zone}}}
		}
		s.Endpoints = append(s.Endpoints, e)
	}
	return s
}
