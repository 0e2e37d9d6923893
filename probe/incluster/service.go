package incluster

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// Service is a Service of the user's as a target.
type Service struct {
	Namespace, Name string
	Port            int32
	Address         string     // ClusterIP:port
	Kind            probe.Kind // HTTP unless TCP was asked for
	Path            string
	Backends        []string // IP:port of ready pods, for the control
	All             int      // how many ready pods there are
}

// String is NAMESPACE/NAME:PORT.
func (s *Service) String() string { return fmt.Sprintf("%s/%s:%d", s.Namespace, s.Name, s.Port) }

// ServiceRef is what a user types for a Service: [http://|tcp://][NAMESPACE/]NAME[:PORT][/PATH],
// the last not with tcp, and behind a NAME without a namespace only if there is a
// port. It is asked by HTTP unless tcp is named: a server to which one connects and
// says nothing may take that for an attack.
type ServiceRef struct {
	Namespace string // empty for that of the context
	Name      string
	Port      string // number or name; empty for the only one
	Kind      probe.Kind
	Path      string
}

// ParseServiceRef reads it.
func ParseServiceRef(text string) (ServiceRef, error) {
	r := ServiceRef{Kind: probe.HTTP}
	rest := text
	if scheme, after, ok := strings.Cut(text, "://"); ok {
		r.Kind, rest = probe.Kind(scheme), after
	}
	name, path, more := strings.Cut(rest, "/")
	if more && !strings.Contains(name, ":") {
		r.Namespace = name
		name, path, more = strings.Cut(path, "/")
	}
	switch {
	case r.Kind != probe.HTTP && r.Kind != probe.TCP:
		return r, fmt.Errorf("Service %q: %q is neither http nor tcp", text, r.Kind)
	case r.Kind == probe.TCP && more:
		return r, fmt.Errorf("Service %q: tcp:// has no path", text)
	}
	if r.Kind == probe.HTTP {
		r.Path = "/" + path
	}
	r.Name, r.Port, _ = strings.Cut(name, ":")
	if !jobs.IsName(r.Name) || r.Namespace != "" && !jobs.IsName(r.Namespace) {
		return r, fmt.Errorf("%q is not [NAMESPACE/]NAME[:PORT] of a Service", text)
	}
	return r, nil
}

// mostBackends is how many pods of a Service a control connects to.
const mostBackends = 16

// resolve makes a target of a Service and its EndpointSlices.
func (r ServiceRef) resolve(o *corev1.Service, slicesOf []discoveryv1.EndpointSlice) (*Service, error) {
	called := o.Namespace + "/" + o.Name
	ip, err := netip.ParseAddr(o.Spec.ClusterIP)
	switch {
	case o.Spec.Type == corev1.ServiceTypeExternalName:
		return nil, plain.Fail(fmt.Sprintf("Service %s is an ExternalName: kube-proxy does nothing for it.", called),
			"Name a Service with a ClusterIP.", nil)
	case o.Spec.ClusterIP == corev1.ClusterIPNone:
		return nil, plain.Fail(fmt.Sprintf("Service %s is headless: kube-proxy does nothing for it.", called),
			"Name a Service with a ClusterIP.", nil)
	case err != nil:
		return nil, plain.Fail(fmt.Sprintf("Service %s has no ClusterIP.", called), "Name a Service with a ClusterIP.", nil)
	}
	port, err := r.port(o)
	if err != nil {
		return nil, err
	}
	s := &Service{
		Namespace: o.Namespace, Name: o.Name, Port: port.Port, Kind: r.Kind, Path: r.Path,
		Address: netip.AddrPortFrom(ip, uint16(port.Port)).String(),
	}
	ready := readyBackends(slicesOf, port.Name, ip.Is4())
	if len(ready) == 0 {
		return nil, plain.Fail(fmt.Sprintf("Service %s has no pod that is ready.", s),
			"Look at \"kubectl -n "+o.Namespace+" get endpointslices\".", nil)
	}
	s.All, s.Backends = len(ready), ready[:min(len(ready), mostBackends)]
	return s, nil
}

// port finds the port that is meant.
func (r ServiceRef) port(o *corev1.Service) (corev1.ServicePort, error) {
	var have []string
	var tcp []corev1.ServicePort
	for _, p := range o.Spec.Ports {
		if p.Protocol == corev1.ProtocolTCP || p.Protocol == "" {
			tcp = append(tcp, p)
			have = append(have, strings.TrimPrefix(p.Name+" "+strconv.Itoa(int(p.Port)), " "))
		}
	}
	for _, p := range tcp {
		if r.Port == "" && len(tcp) == 1 || r.Port != "" && (r.Port == strconv.Itoa(int(p.Port)) || r.Port == p.Name) {
			return p, nil
		}
	}
	called := o.Namespace + "/" + o.Name
	if len(tcp) == 0 {
		return corev1.ServicePort{}, plain.Fail(fmt.Sprintf("Service %s has no TCP port.", called), "Only TCP is measured.", nil)
	}
	return corev1.ServicePort{}, plain.Fail(fmt.Sprintf("Service %s has the TCP ports %s.", called, strings.Join(have, ", ")),
		fmt.Sprintf("Name one of them: %s:%d.", called, tcp[0].Port), nil)
}

// readyBackends are the addresses of ready endpoints, sorted: a control must be
// the same on all nodes.
func readyBackends(all []discoveryv1.EndpointSlice, portName string, ip4 bool) []string {
	family := discoveryv1.AddressTypeIPv6
	if ip4 {
		family = discoveryv1.AddressTypeIPv4
	}
	var out []string
	for _, slice := range all {
		if slice.AddressType != family {
			continue
		}
		for _, p := range slice.Ports {
			if p.Port == nil || (p.Name != nil && *p.Name != portName) || (p.Name == nil && portName != "") {
				continue
			}
			for _, e := range slice.Endpoints {
				if len(e.Addresses) > 0 && (e.Conditions.Ready == nil || *e.Conditions.Ready) {
					out = append(out, net.JoinHostPort(e.Addresses[0], strconv.Itoa(int(*p.Port))))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// targets are the Service and, if its pods are known, those.
func (s *Service) targets(name string) []probe.Target {
	service := probe.Target{Name: name, Address: s.Address, Kind: s.Kind, Path: s.Path}
	if len(s.Backends) == 0 {
		return []probe.Target{service}
	}
	direct := service
	direct.Address, direct.Besides = s.Backends[0], strings.Join(s.Backends[1:], ",")
	if s.Kind == probe.HTTP {
		direct.Host = s.Address // the same request
	}
	return []probe.Target{service, direct}
}
