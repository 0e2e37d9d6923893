package cluster

import (
	"cmp"
	"maps"
	"slices"

	"kpadvisor/advisor"
)

// loadSource says what the sums leave out: a node holds less than they say where
// traffic is kept on the node or in the zone, and the API does not say how much.
const loadSource = "Services joined with EndpointSlices; endpoints that a node leaves out under " +
	"internalTrafficPolicy Local or topology hints are counted"

// load sums what was joined, for the family whose connections pass more, which
// is that with more ports to look up among, and then for the other where there is
// one. Last it counts the Services without any endpoint.
func (j *join) load() (l advisor.Load, other advisor.Fact[advisor.Load], withoutEndpoints int) {
	a, b := j.loadOf(v4), j.loadOf(v6)
	live := func(l advisor.Load) int { return l.Ports - l.PortsWithoutEndpoints }
	if cmp.Or(cmp.Compare(live(b), live(a)), cmp.Compare(b.Endpoints, a.Endpoints), cmp.Compare(b.Ports, a.Ports)) > 0 {
		a, b = b, a
	}
	if b.Ports > 0 {
		a.DualStack, b.DualStack = true, true
		other = advisor.KnownFrom(b, loadSource)
	}
	return a, other, j.withoutEndpoints()
}

// spread counts the ports of a family by their usable endpoints.
func (j *join) spread(of advisor.Load) []advisor.PortCount {
	f, has := v4, flags(hasV4)
	if of.Family == "IPv6" {
		f, has = v6, hasV6
	}
	ports := map[int]int{}
	for i := range j.ports {
		if p := &j.ports[i]; p.has(has) {
			ports[p.usable(f)]++
		}
	}
	var rows []advisor.PortCount
	for _, k := range slices.Sorted(maps.Keys(ports)) {
		rows = append(rows, advisor.PortCount{Endpoints: k, Ports: ports[k]})
	}
	return rows
}

func (j *join) loadOf(f family) advisor.Load {
	l := advisor.Load{Family: [...]string{v4: "IPv4", v6: "IPv6"}[f]}
	for i := range j.ports {
		p := &j.ports[i]
		if !p.has([...]flags{v4: hasV4, v6: hasV6}[f]) {
			continue
		}
		k := p.usable(f)
		l.Ports++
		switch k {
		case 0:
			l.PortsWithoutEndpoints++
			continue // nothing more is programmed than a refusal
		case 1:
			l.PortsWithOneEndpoint++
		}
		l.Endpoints += k
		if p.has(affinity) {
			l.AffinityPorts++
			l.AffinityEndpoints += k
		}
		if p.has(nodePort) {
			l.NodePorts++
			l.NodePortEndpoints += k
			l.NodePortsLocal += count(p.has(externalLocal))
		}
		external, balancer, ranges := int(p.external[f]), int(p.balancer[f]), int(p.ranges[f])
		l.ExternalIPPorts += external
		l.LoadBalancerPorts += balancer
		l.ExternalEndpoints += k * (external + balancer)
		l.SourceRanges += balancer * ranges
		l.SourceRangePorts += count(balancer > 0 && ranges > 0)
	}
	return l
}

// withoutEndpoints counts the Services none of whose ports has a usable endpoint
// in either family.
func (j *join) withoutEndpoints() int {
	services, served := 0, 0
	serving := false
	for i := range j.ports {
		p := &j.ports[i]
		if p.has(first) {
			services++
			serving = false
		}
		if !serving && p.usable(v4)+p.usable(v6) > 0 {
			serving = true
			served++
		}
	}
	return services - served
}
