package advisor

import (
	"slices"

	"kpadvisor/plain"
)

// loadView is the Services load as far as it is known.
type loadView struct {
	Load
	known          bool
	exact          bool // read port by port, not made up from totals
	endpointsKnown bool // false: only Services were counted, k is not known

	common    float64 // endpoints of the common port: the median, or the mean where only totals are known
	worst     float64 // endpoints of the port with most
	worstName string  // its Service, namespace/name; empty if not known
}

// newLoadView takes Load where it was read, and otherwise what Service and
// EndpointSlice totals give: every port counted as having its share.
func newLoadView(f Facts) loadView {
	v := loadOf(f)
	v.common, v.worst = commonPort(f.PortsByEndpoints), 0
	if v.common == 0 {
		v.common = v.perPort()
	}
	for _, r := range f.PortsByEndpoints {
		if r.Ports > 0 {
			v.worst = max(v.worst, float64(r.Endpoints))
		}
	}
	if v.worst == 0 {
		v.worst = float64(f.Endpoints.Value.Largest)
	}
	if v.worst >= v.common && v.worst == float64(f.Endpoints.Value.Largest) {
		v.worstName = plain.Text(f.Endpoints.Value.LargestName)
	}
	v.worst = max(v.worst, v.common)
	return v
}

// commonPort is the number of endpoints of the median port among those that
// have any: the mean would be that of the largest Service, where one is huge.
func commonPort(spread []PortCount) float64 {
	rows := slices.Clone(spread)
	slices.SortFunc(rows, func(a, b PortCount) int { return a.Endpoints - b.Endpoints })
	ports := 0
	for _, r := range rows {
		if r.Endpoints > 0 {
			ports += max(0, r.Ports)
		}
	}
	below := 0
	for _, r := range rows {
		if r.Endpoints > 0 {
			below += max(0, r.Ports)
		}
		if r.Endpoints > 0 && 2*below >= ports {
			return float64(r.Endpoints)
		}
	}
	return 0
}

func loadOf(f Facts) loadView {
	if l, ok := f.Load.Get(); ok {
		return loadView{Load: l, known: true, exact: true, endpointsKnown: true}
	}
	c, ok := f.Services.Get()
	if !ok {
		return loadView{}
	}
	ports := max(c.Ports, c.Counted)
	if ports == 0 && c.Headless+c.ExternalName+c.OtherProxy == 0 {
		ports = c.Total // a bare total, such as one typed on the command line
	}
	v := loadView{Load: Load{Family: "IPv4", Ports: ports}, known: true}
	if e, ok := f.Endpoints.Get(); ok {
		v.endpointsKnown = true
		v.Endpoints = max(e.Ready, e.Serving)
		if v.Endpoints == 0 {
			v.Endpoints = e.Total
		}
		if v.Endpoints == 0 {
			v.PortsWithoutEndpoints = ports
		}
	}
	return v
}

// live is the number of ports that have an endpoint: those that cost rules.
func (l Load) live() int { return max(0, l.Ports-l.PortsWithoutEndpoints) }

// entries is the number of (IP, protocol, port) a new connection may be looked
// up among: the S of the cost formulas.
func (l Load) entries() int { return l.live() + l.ExternalIPPorts + l.LoadBalancerPorts }

// Lookups says what a new connection may be looked up among, the S of the cost
// formulas: the ports that have an endpoint, and the entries that external and
// load-balancer addresses add to them.
func (l Load) Lookups() (ports, addresses int) {
	return l.live(), l.ExternalIPPorts + l.LoadBalancerPorts
}

// perPort is the mean number of endpoints behind a live port.
func (l Load) perPort() float64 {
	if l.live() == 0 {
		return 0
	}
	return float64(l.Endpoints) / float64(l.live())
}

// scaled returns a load of the given number of entries with the same shape.
func (l Load) scaled(entries int) Load {
	from := l.entries()
	if from == 0 {
		l.Ports, l.PortsWithoutEndpoints = entries, 0
		return l
	}
	for _, n := range []*int{
		&l.Ports, &l.PortsWithoutEndpoints, &l.PortsWithOneEndpoint, &l.Endpoints,
		&l.AffinityPorts, &l.AffinityEndpoints, &l.NodePorts, &l.NodePortsLocal, &l.NodePortEndpoints,
		&l.ExternalIPPorts, &l.LoadBalancerPorts, &l.ExternalEndpoints, &l.SourceRanges, &l.SourceRangePorts,
	} {
		*n = int(int64(*n) * int64(entries) / int64(from))
	}
	// Rounding down may lose a port or two; give them back as plain ones.
	l.Ports += entries - l.entries()
	return l
}
