package rules

import (
	"sigs.k8s.io/knftables"
)

// NFTablesTable is the table kube-proxy owns; its family is ip.
const NFTablesTable = "kube-proxy"

// Sizes of transactions. kube-proxy puts everything into one, but the kernel's
// time to commit grows faster than the number of chains: 10,000 Services took
// 35 s in one transaction and 10 s in ten (measured on Linux 6.18), and the lab
// is about lookups.
const (
	nftBatchServices = 1000
	nftServiceBytes  = 1000 // of one Service's netlink messages, about
	nftEndpointBytes = 120  // of one of its endpoints, about
)

// NFTables returns the transactions that turn what is programmed into what is
// wanted, to be run in order. maxBytes bounds the netlink messages of each, 0
// does not: see MaxUnprivileged.
func NFTables(nft knftables.Interface, c Change, maxBytes int) []*knftables.Transaction {
	tx := nft.NewTransaction()
	if c.First {
		nftSetup(tx)
	}
	all := []*knftables.Transaction{tx}
	nftRemove(tx, c)
	before := make(map[string]Service, len(c.Gone))
	for _, s := range c.Gone {
		before[s.key()] = s
	}
	inside, bytes := 0, 0
	for _, s := range c.Changed {
		size := nftServiceBytes + nftEndpointBytes*len(s.Endpoints)
		if inside == nftBatchServices || maxBytes > 0 && inside > 0 && bytes+size > maxBytes {
			tx = nft.NewTransaction()
			all = append(all, tx)
			inside, bytes = 0, 0
		}
		nftService(tx, s, before[s.key()])
		inside, bytes = inside+1, bytes+size
	}
	return all
}

type baseChain struct {
	name     string
	kind     knftables.BaseChainType
	hook     knftables.BaseChainHook
	priority knftables.BaseChainPriority
}

// fixedRule does not depend on a Service.
type fixedRule struct{ chain, rule, comment string }

// baseChains are the chains the kernel calls, with hook and priority.
func baseChains() []baseChain {
	return []baseChain{
		{"filter-prerouting-pre-dnat", knftables.FilterType, knftables.PreroutingHook, knftables.DNATPriority + "-10"},
		{"filter-output-pre-dnat", knftables.FilterType, knftables.OutputHook, knftables.DNATPriority + "-10"},
		{"filter-input", knftables.FilterType, knftables.InputHook, knftables.FilterPriority},
		{"filter-forward", knftables.FilterType, knftables.ForwardHook, knftables.FilterPriority},
		{"filter-output", knftables.FilterType, knftables.OutputHook, knftables.FilterPriority},
		{"nat-prerouting", knftables.NATType, knftables.PreroutingHook, knftables.DNATPriority},
		{"nat-output", knftables.NATType, knftables.OutputHook, knftables.DNATPriority},
		{"nat-postrouting", knftables.NATType, knftables.PostroutingHook, knftables.SNATPriority},
	}
}

// fixedRules are the chain and the rule of everything that does not depend on a
// Service, in the order the rules stand in their chains.
func fixedRules() []fixedRule {
	return []fixedRule{
		{"filter-prerouting-pre-dnat", "ct state new jump firewall-check", ""},
		{"filter-output-pre-dnat", "ct state new jump firewall-check", ""},
		{"filter-input", "ct state new jump nodeport-endpoints-check", ""},
		{"filter-input", "ct state new jump service-endpoints-check", ""},
		{"filter-forward", "ct state new jump service-endpoints-check", ""},
		{"filter-forward", "ct state new jump cluster-ips-check", ""},
		{"filter-output", "ct state new jump service-endpoints-check", ""},
		{"filter-output", "ct state new jump cluster-ips-check", ""},
		{"nat-prerouting", "jump services", ""},
		{"nat-output", "jump services", ""},
		{"nat-postrouting", "jump masquerading", ""},
		{"masquerading", "mark and 0x4000 != 0 mark set mark xor 0x4000 masquerade fully-random", ""},
		{"masquerading", "ct status dnat ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random", ""},
		{"cluster-ips-check", "ip daddr @cluster-ips reject", "Reject traffic to invalid ports of ClusterIPs"},
		{"cluster-ips-check", "ip daddr { " + ServiceCIDR().String() + " } drop", "Drop traffic to unallocated ClusterIPs"},
		{"reject-chain", "reject", ""},
		{"service-endpoints-check", "ip daddr . meta l4proto . th dport vmap @no-endpoint-services", ""},
		{"nodeport-endpoints-check", "ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports", ""},
		{"firewall-check", "ip daddr . meta l4proto . th dport vmap @firewall-ips", ""},
		{"services", "ip daddr @cluster-ips ip saddr != " + PodCIDR().String() + " mark set mark or 0x4000", "masquerade clusterIP traffic from outside cluster"},
		{"services", "ip daddr . meta l4proto . th dport vmap @service-ips", ""},
		{"services", "ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports", ""},
	}
}

// nftSetup writes the table, its chains, sets, maps and fixed rules.
func nftSetup(tx *knftables.Transaction) {
	tx.Add(&knftables.Table{Comment: knftables.PtrTo("rules for kube-proxy")})
	for _, b := range baseChains() {
		tx.Add(&knftables.Chain{Name: b.name, Type: knftables.PtrTo(b.kind), Hook: knftables.PtrTo(b.hook), Priority: knftables.PtrTo(b.priority)})
	}
	for _, name := range []string{"nodeport-endpoints-check", "service-endpoints-check", "firewall-check", "services", "masquerading", "cluster-ips-check"} {
		tx.Add(&knftables.Chain{Name: name})
	}
	tx.Add(&knftables.Chain{Name: "reject-chain", Comment: knftables.PtrTo("helper for @no-endpoint-services / @no-endpoint-nodeports")})
	set := func(name, kind, note string) {
		tx.Add(&knftables.Set{Name: name, Type: kind, Comment: knftables.PtrTo(note)})
	}
	verdicts := func(name, key, note string) {
		tx.Add(&knftables.Map{Name: name, Type: key + " : verdict", Comment: knftables.PtrTo(note)})
	}
	const address, port = "ipv4_addr . inet_proto . inet_service", "inet_proto . inet_service"
	set("hairpin-connections", "ipv4_addr . ipv4_addr . inet_proto . inet_service", "service hairpin connections")
	set("cluster-ips", "ipv4_addr", "Active ClusterIPs")
	set("nodeport-ips", "ipv4_addr", "IPs that accept NodePort traffic")
	tx.Add(&knftables.Element{Set: "nodeport-ips", Key: []string{NodeIP().String()}})
	verdicts("no-endpoint-services", address, "vmap to drop or reject packets to services with no endpoints")
	verdicts("no-endpoint-nodeports", port, "vmap to drop or reject packets to service nodeports with no endpoints")
	verdicts("firewall-ips", address, "destinations that are subject to LoadBalancerSourceRanges")
	verdicts("service-ips", address, "ClusterIP, ExternalIP and LoadBalancer IP traffic")
	verdicts("service-nodeports", port, "NodePort traffic")
	for _, r := range fixedRules() {
		rule := &knftables.Rule{Chain: r.chain, Rule: r.rule}
		if r.comment != "" {
			rule.Comment = knftables.PtrTo(r.comment)
		}
		tx.Add(rule)
	}
}

// NFTablesRules counts the rules that a table for these Services holds.
func NFTablesRules(services []Service) int {
	n := len(fixedRules())
	for _, s := range services {
		r := s.reach()
		for _, picked := range [][]Endpoint{r.cluster, r.local} {
			switch {
			case len(picked) > 0 && s.Affinity > 0:
				n += 1 + len(picked)
			case len(picked) > 0:
				n++
			}
		}
		if s.Affinity > 0 {
			n += 2 * len(r.all)
		}
		switch {
		case !s.Exposed() || len(s.Endpoints) == 0:
		case !s.ExternalLocal:
			n += 2
		case r.external:
			n += 4
		default:
			n += 3
		}
	}
	return n
}

// NFTablesChains counts its chains.
func NFTablesChains(services []Service) int {
	n := len(baseChains()) + 7
	for _, s := range services {
		n += len(nftChainsOf(s, s.reach()))
	}
	return n
}

// NFTablesElements counts the elements of its sets and maps.
func NFTablesElements(services []Service) int {
	n := 1 // of nodeport-ips
	for _, s := range services {
		r := s.reach()
		n += 1 + len(dispatch(s, r)) // cluster-ips
		for _, e := range r.all {
			if e.Local {
				n++ // hairpin-connections
			}
		}
	}
	return n
}
