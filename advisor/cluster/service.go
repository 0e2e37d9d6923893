package cluster

import (
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/advisor"
)

// services reduces Services to counters as they are read, and leaves in join
// what EndpointSlices are matched with.
type services struct {
	advisor.ServiceCounts
	join join
}

// add counts one Service as kube-proxy sees it (pkg/proxy/util ShouldSkipService;
// the label selector of its informers).
func (s *services) add(o *corev1.Service) {
	s.Total++
	spec := &o.Spec
	switch {
	case spec.Type == corev1.ServiceTypeExternalName:
		s.ExternalName++
		return
	case spec.ClusterIP == corev1.ClusterIPNone || spec.ClusterIP == "":
		s.Headless++
		return
	case otherProxy(o.Labels):
		s.OtherProxy++
		return
	}
	s.Counted++
	switch spec.Type {
	case corev1.ServiceTypeNodePort:
		s.NodePort++
	case corev1.ServiceTypeLoadBalancer:
		s.LoadBalancer++
	default:
		s.ClusterIP++
	}
	p := portOf(o)
	s.Ports += len(spec.Ports)
	s.ExternalIPs += len(spec.ExternalIPs)
	s.LoadBalancerIPs += int(p.balancer[v4]) + int(p.balancer[v6])
	s.SessionAffinity += count(p.has(affinity))
	s.ExternalLocal += count(p.has(externalLocal))
	s.InternalLocal += count(spec.InternalTrafficPolicy != nil && *spec.InternalTrafficPolicy == corev1.ServiceInternalTrafficPolicyLocal)
	s.LongNames += count(longName(o))
	s.DualStack += count(p.has(hasV4) && p.has(hasV6))
	for i, port := range spec.Ports {
		p.set(nodePort, port.NodePort != 0)
		p.set(first, i == 0)
		s.NodePorts += count(port.NodePort != 0)
		s.UDPPorts += count(port.Protocol == corev1.ProtocolUDP)
		s.SCTPPorts += count(port.Protocol == corev1.ProtocolSCTP)
		s.join.add(o.Namespace, o.Name, port.Name, port.Protocol, p)
	}
}

// maxComment is the longest comment that nftables takes: kube-proxy before 1.37
// writes a Service port's name as one (kubernetes PR 139516).
const maxComment = 128

// longName reports a Service one of whose ports kube-proxy names with more bytes
// than that: namespace/name:port, without a colon where the port has no name
// (pkg/proxy ServicePortName.String).
func longName(o *corev1.Service) bool {
	for _, p := range o.Spec.Ports {
		n := len(o.Namespace) + len("/") + len(o.Name)
		if p.Name != "" {
			n += len(":") + len(p.Name)
		}
		if n > maxComment {
			return true
		}
	}
	return false
}

// otherProxy reports a Service, or a slice of it, that kube-proxy leaves to
// another implementation. Only the label's presence counts.
func otherProxy(labels map[string]string) bool {
	_, ok := labels["service.kubernetes.io/service-proxy-name"]
	return ok
}

// portOf returns what the ports of a Service have in common.
func portOf(o *corev1.Service) port {
	var p port
	spec := &o.Spec
	for _, ip := range append([]string{spec.ClusterIP}, spec.ClusterIPs...) {
		if f, ok := familyOf(ip); ok {
			p.set([...]flags{v4: hasV4, v6: hasV6}[f], true)
		}
	}
	external := spec.Type == corev1.ServiceTypeNodePort || spec.Type == corev1.ServiceTypeLoadBalancer || len(spec.ExternalIPs) > 0
	p.set(affinity, spec.SessionAffinity == corev1.ServiceAffinityClientIP)
	p.set(externalLocal, external && spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal)
	for _, ip := range spec.ExternalIPs {
		if f, ok := familyOf(ip); ok {
			p.external[f]++
		}
	}
	for _, ingress := range o.Status.LoadBalancer.Ingress {
		vip := ingress.IPMode == nil || *ingress.IPMode == corev1.LoadBalancerIPModeVIP
		if f, ok := familyOf(ingress.IP); ok && vip {
			p.balancer[f]++
		}
	}
	p.ranges = sourceRanges(spec.LoadBalancerSourceRanges)
	return p
}

// sourceRanges counts loadBalancerSourceRanges by family. A range of length zero
// allows everybody, so that family has no rules at all (newBaseServiceInfo).
func sourceRanges(ranges []string) (n [families]uint16) {
	var open [families]bool
	for _, r := range ranges {
		cidr, err := netip.ParsePrefix(strings.TrimSpace(r))
		if err != nil {
			continue
		}
		f := family(v4)
		if cidr.Addr().Is6() {
			f = v6
		}
		n[f]++
		open[f] = open[f] || cidr.Bits() == 0
	}
	for f := range n {
		if open[f] {
			n[f] = 0
		}
	}
	return n
}

func familyOf(ip string) (family, bool) {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return 0, false
	}
	if a.Unmap().Is4() {
		return v4, true
	}
	return v6, true
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
