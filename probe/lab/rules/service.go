package rules

import (
	"net/netip"
	"slices"
	"strconv"
)

// PodCIDR holds every pod. It is kube-proxy's clusterCIDR: a
// client inside it is not masqueraded.
func PodCIDR() netip.Prefix { return netip.MustParsePrefix("10.128.0.0/9") }

// ServiceCIDR holds every ClusterIP.
func ServiceCIDR() netip.Prefix { return netip.MustParsePrefix("10.96.0.0/12") }

// NodeIP is in TEST-NET-1: a node address nobody routes.
func NodeIP() netip.Addr { return netip.MustParseAddr("192.0.2.1") }

// Service is one port of one Service with its ready endpoints: what kube-proxy
// calls a service port. Services differ when any field differs.
type Service struct {
	Namespace, Name, PortName string
	Protocol                  string // "tcp", "udp" or "sctp"
	ClusterIP                 netip.Addr
	Port                      uint16
	Traffic
	Endpoints []Endpoint
}

// Endpoint is a ready endpoint; Local says that its Pod runs on this node, which
// matters for hairpin masquerading and for traffic policies.
type Endpoint struct {
	Addr  netip.AddrPort
	Local bool
}

// String is the name kube-proxy gives a service port in comments and hashes:
// namespace/name:port.
func (s Service) String() string {
	if s.PortName == "" {
		return s.Namespace + "/" + s.Name
	}
	return s.Namespace + "/" + s.Name + ":" + s.PortName
}

// port is the Service port as text.
func (s Service) port() string { return strconv.Itoa(int(s.Port)) }

// portText is the endpoint's port as text.
func portText(e Endpoint) string { return strconv.Itoa(int(e.Addr.Port())) }

// same reports whether two service ports need the same rules.
func same(a, b Service) bool {
	return a.Namespace == b.Namespace && a.Name == b.Name && a.PortName == b.PortName && a.Protocol == b.Protocol &&
		a.ClusterIP == b.ClusterIP && a.Port == b.Port && a.Traffic == b.Traffic && slices.Equal(a.Endpoints, b.Endpoints)
}

// totalEndpoints is what kube-proxy compares with its large-cluster threshold.
func totalEndpoints(services []Service) int {
	n := 0
	for _, s := range services {
		n += len(s.Endpoints)
	}
	return n
}

// Change is what differs between two lists of Services. Every function of this
// package that programs something starts from it.
type Change struct {
	First   bool      // nothing was programmed before
	Old     []Service // all that were there
	All     []Service // all that are wanted, in rule order
	Changed []Service // new, or with other endpoints than before
	Gone    []Service // were there, are not wanted; also the old form of a changed one
}

// Diff compares what is programmed with what is wanted; old is nil at first.
func Diff(old, wanted []Service) Change {
	c := Change{First: old == nil, Old: old, All: wanted}
	before := make(map[string]Service, len(old))
	for _, s := range old {
		before[s.key()] = s
	}
	for _, s := range wanted {
		was, known := before[s.key()]
		delete(before, s.key())
		if known && same(was, s) {
			continue
		}
		c.Changed = append(c.Changed, s)
		if known {
			c.Gone = append(c.Gone, was)
		}
	}
	for _, s := range old {
		if _, left := before[s.key()]; left {
			c.Gone = append(c.Gone, s)
		}
	}
	return c
}

// key tells service ports apart.
func (s Service) key() string { return s.String() + "/" + s.Protocol }
