package cluster

import (
	"hash/maphash"

	corev1 "k8s.io/api/core/v1"
)

// join matches EndpointSlices with the Services they belong to.
//
// It holds some 60 bytes for each port of each Service and nothing for
// an endpoint: endpoints are added up in four counters. 100,000 Services with a
// port each take less than 10 MB (TestJoinMemory), however many endpoints they
// have. The names are replaced by a 64-bit hash under a random seed, so that two
// of 100,000 ports collide once in four billion reads.
//
// The price: an endpoint that is for a moment in two slices of a Service, as it
// is when the controller moves it, is counted twice. kube-proxy would compare
// addresses.
type join struct {
	seed  maphash.Seed
	index map[uint64]uint32 // hash of a Service port -> ports
	ports []port            // those of one Service follow each other, the first marked
}

type family uint8

const (
	v4 family = iota
	v6
	families
)

type flags uint8

const (
	first         flags = 1 << iota // the first port of its Service
	hasV4                           // the Service has a ClusterIP of this family
	hasV6                           //
	nodePort                        // the port has a node port
	affinity                        // sessionAffinity ClientIP
	externalLocal                   // externalTrafficPolicy Local
)

// port is one port of one Service: 32 bytes.
type port struct {
	ready    [families]uint32 // endpoints
	leaving  [families]uint32 // serving and terminating, used when none is ready
	external [families]uint16 // external IPs of the Service
	balancer [families]uint16 // load-balancer IPs of the Service, ipMode VIP
	ranges   [families]uint16 // load-balancer source ranges of the Service
	flags    flags
}

func (p *port) has(f flags) bool { return p.flags&f != 0 }

func (p *port) set(f flags, on bool) {
	if p.flags &^= f; on {
		p.flags |= f
	}
}

// usable returns the endpoints that kube-proxy programs in a family: the ready
// ones or, if there is none, those still serving while terminating (KEP-1669).
func (p *port) usable(f family) int {
	if p.ready[f] > 0 {
		return int(p.ready[f])
	}
	return int(p.leaving[f])
}

// newJoin returns a join with room for n ports, as far as n is to be believed.
func newJoin(n int) join {
	n = min(max(n, 0), 200_000)
	return join{seed: maphash.MakeSeed(), index: make(map[uint64]uint32, n), ports: make([]port, 0, n)}
}

// add enters a port of a Service and returns its place.
func (j *join) add(namespace, service, name string, protocol corev1.Protocol, p port) int {
	i := len(j.ports)
	j.index[j.key(namespace, service, name, protocol)] = uint32(i)
	j.ports = append(j.ports, p)
	return i
}

// find returns the place of a port among ports.
func (j *join) find(namespace, service, name string, protocol corev1.Protocol) (int, bool) {
	i, ok := j.index[j.key(namespace, service, name, protocol)]
	return int(i), ok
}

// key identifies a Service port as kube-proxy does (ServicePortName). None of
// the parts can hold a slash.
func (j *join) key(namespace, service, name string, protocol corev1.Protocol) uint64 {
	if protocol == "" {
		protocol = corev1.ProtocolTCP
	}
	var h maphash.Hash
	h.SetSeed(j.seed)
	for _, s := range [...]string{namespace, service, name, string(protocol)} {
		_, _ = h.WriteString(s) // never fails
		_ = h.WriteByte('/')
	}
	return h.Sum64()
}
