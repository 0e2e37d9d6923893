package advisor

// loadView is the Services load as far as it is known.
type loadView struct {
	Load
	known          bool
	exact          bool // read port by port, not made up from totals
	endpointsKnown bool // false: only Services were counted, k is not known
}

// newLoadView takes Load where it was read, and otherwise what Service and
// EndpointSlice totals give: every port counted as having its share.
func newLoadView(f Facts) loadView {
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
