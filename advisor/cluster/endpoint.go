package cluster

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kpadvisor/advisor"
)

// endpoints reduces EndpointSlices to counters as they are read.
type endpoints struct {
	advisor.EndpointCounts
	join  *join
	found []int // reused by match
	// unmatched is set when the Services are not known in full: slices are then
	// told apart by their labels alone, and their ports are entered as they come.
	unmatched bool
	// leader is the Service of the port with most ready endpoints; join forgets names.
	leader struct {
		ready uint32
		name  string
	}
}

// add counts one slice as kube-proxy sees it (pkg/proxy/endpointslicecache.go).
func (e *endpoints) add(o *discoveryv1.EndpointSlice) {
	service := o.Labels[discoveryv1.LabelServiceName]
	_, headless := o.Labels[corev1.IsHeadlessService]
	if service == "" || headless || otherProxy(o.Labels) {
		return // not kube-proxy's
	}
	ports := e.match(o, service)
	if len(ports) == 0 && len(o.Ports) > 0 {
		return // of a Service that is not counted, or was made after the Services were read
	}
	e.Slices++ // the slice of a Service that selects nothing has no ports either
	f := v4
	switch o.AddressType {
	case discoveryv1.AddressTypeFQDN:
		e.FQDN += len(o.Endpoints)
		return
	case discoveryv1.AddressTypeIPv6:
		f = v6
	}
	ready, leaving := e.count(o.Endpoints, f)
	for _, i := range ports {
		p := &e.join.ports[i]
		p.ready[f] += ready
		p.leaving[f] += leaving
		if p.ready[f] > e.leader.ready {
			e.leader.ready, e.leader.name = p.ready[f], cleanText(o.Namespace+"/"+service)
		}
	}
}

// match returns the places in join of the Service ports that the slice serves.
func (e *endpoints) match(o *discoveryv1.EndpointSlice, service string) []int {
	found := e.found[:0]
	for _, sp := range o.Ports {
		if sp.Name == nil || sp.Port == nil || *sp.Port == 0 {
			continue // kube-proxy ignores these as well
		}
		protocol := corev1.ProtocolTCP
		if sp.Protocol != nil {
			protocol = *sp.Protocol
		}
		i, ok := e.join.find(o.Namespace, service, *sp.Name, protocol)
		if !ok && e.unmatched {
			i, ok = e.join.add(o.Namespace, service, *sp.Name, protocol, port{}), true
		}
		if ok {
			found = append(found, i)
		}
	}
	e.found = found
	return found
}

// count adds endpoints to the totals and returns those that may be programmed.
// Conditions that are not set mean ready, serving and not terminating.
func (e *endpoints) count(list []discoveryv1.Endpoint, f family) (ready, leaving uint32) {
	for i := range list {
		if len(list[i].Addresses) == 0 {
			continue
		}
		e.Total++ // and not more for more addresses: kube-proxy uses the first
		if h := list[i].Hints; h != nil && len(h.ForZones)+len(h.ForNodes) > 0 {
			e.WithHints++
		}
		c := &list[i].Conditions
		isReady := c.Ready == nil || *c.Ready
		isServing := c.Serving == nil || *c.Serving
		isTerminating := c.Terminating != nil && *c.Terminating
		e.Ready += count(isReady)
		e.Serving += count(isServing)
		e.Terminating += count(isTerminating)
		switch {
		case isReady:
			ready++
		case isServing && isTerminating:
			leaving++
		}
		switch f {
		case v4:
			e.IPv4++
		case v6:
			e.IPv6++
		}
	}
	return ready, leaving
}

// counts ends the read.
func (e *endpoints) counts() advisor.EndpointCounts {
	c := e.EndpointCounts
	for i := range e.join.ports {
		c.Largest = max(c.Largest, e.join.ports[i].usable(v4), e.join.ports[i].usable(v6))
	}
	if c.Largest > 0 && c.Largest == int(e.leader.ready) {
		c.LargestName = e.leader.name
	}
	return c
}
