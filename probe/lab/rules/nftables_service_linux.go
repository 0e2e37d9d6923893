package rules

import (
	"slices"
	"strconv"

	"sigs.k8s.io/knftables"
)

// nftService is everything one new or changed Service needs; was is how it was
// before, the zero Service when it is new.
func nftService(tx *knftables.Transaction, s, was Service) {
	r := s.reach()
	before := was.reach().all
	for _, e := range r.all {
		if e.Local && !slices.Contains(before, e) {
			tx.Add(hairpin(s, e))
		}
	}
	for _, name := range nftChainsOf(s, r) {
		tx.Add(&knftables.Chain{Name: name})
		tx.Flush(&knftables.Chain{Name: name})
	}
	if !sameDispatch(was, s) {
		tx.Add(&knftables.Element{Set: "cluster-ips", Key: []string{s.ClusterIP.String()}})
		for _, e := range dispatch(s, r) {
			tx.Add(e)
		}
	}
	if s.Exposed() && len(s.Endpoints) > 0 {
		nftExternal(tx, s, r)
	}
	if s.ranged() {
		nftFirewall(tx, s)
	}
	if s.Affinity > 0 {
		nftAffinity(tx, s, r)
		return
	}
	if len(r.cluster) > 0 {
		tx.Add(&knftables.Rule{Chain: nftChain(s), Rule: dnat(s, r.cluster)})
	}
	if len(r.local) > 0 {
		tx.Add(&knftables.Rule{Chain: nftLocalChain(s), Rule: dnat(s, r.local)})
	}
}

// nftChainsOf are the chains a Service has of its own.
func nftChainsOf(s Service, r reach) []string {
	var names []string
	if s.Affinity > 0 {
		for _, e := range r.all {
			names = append(names, nftEndpointChain(s, e))
		}
	}
	if len(r.cluster) > 0 {
		names = append(names, nftChain(s))
	}
	if len(r.local) > 0 {
		names = append(names, nftLocalChain(s))
	}
	if s.Exposed() && len(s.Endpoints) > 0 {
		names = append(names, nftExternalChain(s))
	}
	if s.ranged() {
		names = append(names, nftFirewallChain(s))
	}
	return names
}

// dispatch are the map elements that find a Service from a packet in one lookup,
// and those that say that nobody is there.
func dispatch(s Service, r reach) []*knftables.Element {
	name, nobody := s.String(), "goto reject-chain"
	if len(s.Endpoints) > 0 {
		nobody = "drop" // nobody on this node
	}
	var all []*knftables.Element
	to := func(container, chain string, key ...string) {
		all = append(all, &knftables.Element{Map: container, Key: key, Value: []string{"goto " + chain}})
	}
	none := func(container string, key ...string) {
		all = append(all, &knftables.Element{Map: container, Key: key, Value: []string{nobody}, Comment: &name})
	}
	switch {
	case !r.internal:
		none("no-endpoint-services", s.ClusterIP.String(), s.Protocol, s.port())
	case s.InternalLocal:
		to("service-ips", nftLocalChain(s), s.ClusterIP.String(), s.Protocol, s.port())
	default:
		to("service-ips", nftChain(s), s.ClusterIP.String(), s.Protocol, s.port())
	}
	outside := func(there, nowhere string, key ...string) {
		if len(s.Endpoints) > 0 {
			to(there, nftExternalChain(s), key...)
		}
		if !r.external {
			none(nowhere, key...)
		}
	}
	if s.ExternalIP.IsValid() {
		outside("service-ips", "no-endpoint-services", s.ExternalIP.String(), s.Protocol, s.port())
	}
	if s.ranged() {
		to("firewall-ips", nftFirewallChain(s), s.LoadBalancer.String(), s.Protocol, s.port())
	}
	if s.LoadBalancer.IsValid() {
		outside("service-ips", "no-endpoint-services", s.LoadBalancer.String(), s.Protocol, s.port())
	}
	if s.NodePort != 0 {
		outside("service-nodeports", "no-endpoint-nodeports", s.Protocol, strconv.Itoa(int(s.NodePort)))
	}
	return all
}

// nftExternal writes the chain for what comes from outside.
func nftExternal(tx *knftables.Transaction, s Service, r reach) {
	name := nftExternalChain(s)
	add := func(rule, comment string) {
		tx.Add(&knftables.Rule{Chain: name, Rule: rule, Comment: knftables.PtrTo(comment)})
	}
	const masquerade = "mark set mark or 0x4000"
	if !s.ExternalLocal {
		add(masquerade, "masquerade")
		tx.Add(&knftables.Rule{Chain: name, Rule: "goto " + nftChain(s)})
		return
	}
	add("ip saddr "+PodCIDR().String()+" goto "+nftChain(s), "short-circuit pod traffic")
	add("fib saddr type local "+masquerade, "masquerade local traffic")
	add("fib saddr type local goto "+nftChain(s), "short-circuit local traffic")
	if r.external {
		tx.Add(&knftables.Rule{Chain: name, Rule: "goto " + nftLocalChain(s)})
	}
}

// nftFirewallChain keeps some away from a load balancer.
func nftFirewallChain(s Service) string { return "firewall-" + hashed(nftBase(s)) }

// nftFirewall writes it.
func nftFirewall(tx *knftables.Transaction, s Service) {
	sources := s.SourceRange.String()
	if s.nodeMayAsk() { // the node's own packets come from the address they go to
		sources += ", " + s.LoadBalancer.String()
	}
	tx.Add(&knftables.Rule{Chain: nftFirewallChain(s), Rule: "ip saddr != { " + sources + " } drop"})
}

// nftAffinity writes a set of clients and a chain for each endpoint, and what picks
// the endpoint that a client had, or any.
func nftAffinity(tx *knftables.Transaction, s Service, r reach) {
	for _, e := range r.all {
		tx.Add(&knftables.Set{
			Name: nftAffinitySet(s, e), Type: "ipv4_addr", Timeout: knftables.PtrTo(s.Affinity),
			Flags: []knftables.SetFlag{knftables.DynamicFlag, knftables.TimeoutFlag},
		})
	}
	add := func(chain string, args ...any) {
		tx.Add(&knftables.Rule{Chain: chain, Rule: knftables.Concat(args...)})
	}
	pick := func(name string, endpoints []Endpoint) {
		var elements []string
		for i, e := range endpoints {
			add(name, "ip saddr", "@", nftAffinitySet(s, e), "goto", nftEndpointChain(s, e))
			if i > 0 {
				elements = append(elements, ",")
			}
			elements = append(elements, strconv.Itoa(i), ":", "goto", nftEndpointChain(s, e))
		}
		add(name, "numgen random mod", len(endpoints), "vmap", "{", elements, "}")
	}
	if len(r.cluster) > 0 {
		pick(nftChain(s), r.cluster)
	}
	if len(r.local) > 0 {
		pick(nftLocalChain(s), r.local)
	}
	for _, e := range r.all {
		add(nftEndpointChain(s, e), "update", "@", nftAffinitySet(s, e), "{ ip saddr }")
		add(nftEndpointChain(s, e), "meta l4proto", s.Protocol, "dnat to", e.Addr.String())
	}
}

// dnat picks an endpoint. One endpoint needs no map, and none is written since 1.37.
func dnat(s Service, endpoints []Endpoint) string {
	if len(endpoints) == 1 {
		return knftables.Concat("meta l4proto", s.Protocol, "dnat to", endpoints[0].Addr.String())
	}
	var elements []string
	for i, e := range endpoints {
		if i > 0 {
			elements = append(elements, ",")
		}
		elements = append(elements, strconv.Itoa(i), ":", e.Addr.Addr().String(), ".", portText(e))
	}
	return knftables.Concat("meta l4proto", s.Protocol, "dnat ip addr . port to", "numgen random mod", len(endpoints), "map", "{", elements, "}")
}

func hairpin(s Service, e Endpoint) *knftables.Element {
	ip := e.Addr.Addr().String()
	return &knftables.Element{Set: "hairpin-connections", Key: []string{ip, ip, s.Protocol, portText(e)}}
}

// nftRemove takes out what Services that are gone had in the sets and maps, and
// empties their chains. A chain itself cannot go in the same transaction:
// kernels before 6.2 still count the element that led to it (kube-proxy waits a
// second too), so an empty chain stays behind, harmless. An affinity set goes at
// once.
func nftRemove(tx *knftables.Transaction, c Change) {
	now := make(map[string]Service, len(c.Changed))
	for _, s := range c.Changed {
		now[s.key()] = s
	}
	for _, was := range c.Gone {
		s, stays := now[was.key()]
		r, next := was.reach(), s.reach()
		for _, e := range r.all {
			if e.Local && !slices.Contains(next.all, e) {
				tx.Delete(hairpin(was, e))
			}
		}
		if !stays || !sameDispatch(was, s) {
			for _, e := range dispatch(was, r) {
				tx.Delete(e)
			}
			tx.Delete(&knftables.Element{Set: "cluster-ips", Key: []string{was.ClusterIP.String()}})
		}
		staying := nftChainsOf(s, next)
		for _, name := range nftChainsOf(was, r) {
			// Those that stay are rewritten; before, they must let go of their sets.
			if was.Affinity > 0 || !slices.Contains(staying, name) {
				tx.Flush(&knftables.Chain{Name: name})
			}
		}
		for _, e := range r.all {
			if was.Affinity > 0 && (was.Affinity != s.Affinity || !slices.Contains(next.all, e)) {
				tx.Delete(&knftables.Set{Name: nftAffinitySet(was, e)})
			}
		}
	}
}

// sameDispatch reports whether packets find the Service as before: same
// addresses, same chains. kube-proxy then leaves the elements alone.
func sameDispatch(a, b Service) bool {
	r, q := a.reach(), b.reach()
	return a.ClusterIP == b.ClusterIP && a.Port == b.Port && a.Traffic == b.Traffic &&
		(len(a.Endpoints) > 0) == (len(b.Endpoints) > 0) && r.internal == q.internal && r.external == q.external
}
