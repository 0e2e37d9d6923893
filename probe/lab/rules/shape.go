package rules

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"kpadvisor/plain"
)

// Limits of a Shape. Kubernetes is tested to 10,000 Services of 250 endpoints
// each (sig-scalability thresholds); beyond these the lab would measure this
// machine's memory.
const (
	MaxServices  = 50_000
	MaxEndpoints = 1_000
	MaxTotal     = 1_000_000 // endpoints over all Services
)

// Shape is how many Services with how many endpoints the lab programs.
type Shape struct {
	Services     int    `json:"services"`
	Endpoints    int    `json:"endpoints"`              // ready endpoints of each Service
	Distribution []int  `json:"distribution,omitempty"` // instead of Endpoints: of each Service in turn, from the start again when used up
	RulesPerPort int    `json:"rulesPerPort,omitempty"` // KUBE-SERVICES rules per port: 1, or 2 as kube-proxy wrote until 1.21
	Seed         uint64 `json:"seed"`                   // decides where the random target is
	Order        uint64 `json:"order,omitempty"`        // seed of the order of names and addresses among the rules; 0: ascending

	// What some Services are besides, in percent of all, spread evenly and
	// independently of each other. A load balancer's Service has a NodePort too.
	NodePort     int `json:"nodePort,omitempty"`
	LoadBalancer int `json:"loadBalancer,omitempty"`
	Affinity     int `json:"affinity,omitempty"` // session affinity by client address
	Local        int `json:"local,omitempty"`    // both traffic policies are Local
}

// Position is a place among the Services in rule order. Only iptables mode
// looks at the rules one after the other, so only there it matters. kube-proxy
// writes Services in random order at every sync.
type Position string

// The positions. Random is where Shape.Seed puts it.
const (
	First  Position = "first"
	Middle Position = "middle"
	Last   Position = "last"
	Random Position = "random"
)

// Positions are all of them, in the order they are reported.
func Positions() []Position { return []Position{First, Middle, Last, Random} }

// Validate says in one sentence why a Shape cannot be programmed.
func (s Shape) Validate() error {
	if s.Services < 1 || s.Services > MaxServices {
		return fmt.Errorf("%s Services: the lab takes 1 to %s", plain.Number(s.Services), plain.Number(MaxServices))
	}
	if s.RulesPerPort < 0 || s.RulesPerPort > 2 {
		return fmt.Errorf("%d rules per port: kube-proxy writes 1, until 1.21 it wrote 2", s.RulesPerPort)
	}
	if err := s.validateTraffic(); err != nil {
		return err
	}
	total := 0
	for i := range s.Services {
		k := s.endpointsOf(i)
		if k < 0 || k > MaxEndpoints {
			return fmt.Errorf("%s endpoints in one Service: the lab takes 0 to %s", plain.Number(k), plain.Number(MaxEndpoints))
		}
		if total += k; total > MaxTotal {
			return fmt.Errorf("more than %s endpoints in all: that measures this machine's memory, not its rules", plain.Number(MaxTotal))
		}
	}
	return nil
}

// Index is the place of a position among the Services, from 0.
func (s Shape) Index(p Position) int {
	switch p {
	case Middle:
		return s.Services / 2
	case Last:
		return s.Services - 1
	case Random:
		return rand.New(rand.NewPCG(s.Seed, uint64(s.Services))).IntN(s.Services)
	}
	return 0
}

// endpointsOf is how many endpoints the i-th Service has.
func (s Shape) endpointsOf(i int) int {
	if len(s.Distribution) > 0 {
		return s.Distribution[i%len(s.Distribution)]
	}
	return s.Endpoints
}

// FirstClusterIP is where the ClusterIPs of a cluster of the lab begin. Clusters
// lie 3 * 65,536 addresses apart in ServiceCIDR, so that one client can tell
// five of them apart by address.
func FirstClusterIP(cluster int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(96 + 3*cluster), 0, 10})
}

// ClusterRange holds the ClusterIPs of a cluster of at most MaxServices.
func ClusterRange(cluster int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(96 + 3*cluster), 0, 0}), 16)
}

// LiveRange holds all addresses of LiveEndpoint.
func LiveRange() netip.Prefix { return netip.MustParsePrefix("10.192.0.0/14") }

// List returns the Services of a cluster in rule order. Those at the four
// positions have local endpoints with addresses of LiveEndpoint, at least one
// each; all others have addresses nobody answers, which nobody asks either.
func (s Shape) List(cluster int) []Service {
	services := make([]Service, s.Services)
	dead := PodCIDR().Addr()
	names, first := s.names(), FirstClusterIP(cluster).As4()
	live := make(map[int]int, 4) // index of a Service -> slot of its live endpoints
	for slot, p := range slices.Backward(Positions()) {
		live[s.Index(p)] = slot
	}
	for i := range services {
		endpoints := make([]Endpoint, s.endpointsOf(i))
		slot, isLive := live[i]
		if isLive && len(endpoints) == 0 {
			endpoints = make([]Endpoint, 1)
		}
		for j := range endpoints {
			// Live or not it uses up an address, so that with another number of
			// Services, and other live ones, all others stay as they are.
			dead = dead.Next()
			endpoints[j] = Endpoint{Addr: netip.AddrPortFrom(dead, EndpointPort)}
			if isLive {
				endpoints[j] = Endpoint{Addr: LiveEndpoint(slot, j), Local: true}
			}
		}
		sortEndpoints(endpoints)
		n := names[i]
		vip := binary.BigEndian.AppendUint32(nil, binary.BigEndian.Uint32(first[:])+uint32(n))
		services[i] = Service{
			Namespace: fmt.Sprintf("team-%03d", n%50), Name: fmt.Sprintf("svc-%05d", n), PortName: "http",
			Protocol: "tcp", ClusterIP: netip.AddrFrom4([4]byte(vip)), Port: 80, Traffic: s.trafficOf(i), Endpoints: endpoints,
		}
	}
	return services
}

// names are the numbers of the Services' names in rule order. kube-proxy's own
// order is random, anew at each sync.
func (s Shape) names() []int {
	if s.Order != 0 {
		return rand.New(rand.NewPCG(s.Order, uint64(s.Services))).Perm(s.Services)
	}
	names := make([]int, s.Services)
	for i := range names {
		names[i] = i
	}
	return names
}

// EndpointPort is the port every endpoint listens on.
const EndpointPort = 8080

// LiveEndpoint is the address of the j-th endpoint of the Service at the
// slot-th position: inside PodCIDR and apart from the dead ones.
func LiveEndpoint(slot, j int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(192 + slot), byte(j >> 8), byte(j)}).Next(), EndpointPort)
}

// Remote is the first Service with endpoints none of which is local: what a
// change can be tried on while others are measured. It is 0 if there is none.
func Remote(services []Service) int {
	return max(0, slices.IndexFunc(services, func(s Service) bool { return len(s.Endpoints) > 0 && !s.Endpoints[0].Local }))
}

// WithOneEndpointMoved returns the Services with the first endpoint of the
// i-th replaced by another address, as when a Pod is rescheduled.
func WithOneEndpointMoved(services []Service, i int) []Service {
	moved := slices.Clone(services)
	moved[i].Endpoints = slices.Clone(moved[i].Endpoints)
	if len(moved[i].Endpoints) > 0 {
		moved[i].Endpoints[0] = Endpoint{Addr: netip.AddrPortFrom(netip.MustParseAddr("10.200.0.1"), EndpointPort)}
		sortEndpoints(moved[i].Endpoints)
	}
	return moved
}

// sortEndpoints puts endpoints into the order kube-proxy keeps them in: that of
// their text.
func sortEndpoints(endpoints []Endpoint) {
	slices.SortFunc(endpoints, func(a, b Endpoint) int { return strings.Compare(a.Addr.String(), b.Addr.String()) })
}
