package advisor

import (
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
)

// objects are what one mode keeps in the kernel for one IP family.
type objects struct {
	rules, chains, elements     int
	virtualServers, realServers int
}

// iptablesObjects counts nat and filter rules and chains as kube-proxy 1.37.2
// writes them (pkg/proxy/iptables/proxier.go, number_generated_rules_test.go):
//
//	nat    5 + 2 + 3k per ClusterIP port with k endpoints, + k with ClientIP affinity
//	       + 1 per external or load-balancer IP, + 1 per node port
//	       + 1 more per node port from 1.31 in IPv4, which counts what comes over loopback
//	       + 2 per externally reachable port (5 with externalTrafficPolicy Local)
//	       + 1 per source range and 1 per port that has ranges
//	filter 4 + 1 per port without endpoints, + 1 per port with source ranges
//
// It is exact for ClusterIP ports. A port reachable through both a node port and
// a load balancer is counted once. The second rule of a node port (kubernetes PR
// 125015) is written where loopback is: see countsLoopback. Beside it the kernel must have
// nfnetlink_acct, and iptables.localhostNodePorts be on, as it is by default: a kube-proxy
// without either has one rule less for each.
func iptablesObjects(l Load, loopback bool) objects {
	external := l.externalPorts()
	nat := 5 + 2*l.live() + 3*l.Endpoints + l.AffinityEndpoints +
		l.ExternalIPPorts + l.LoadBalancerPorts + l.NodePorts +
		2*(external-l.NodePortsLocal) + 5*l.NodePortsLocal +
		l.SourceRanges + l.SourceRangePorts
	if loopback && l.Family != "IPv6" {
		nat += l.NodePorts
	}
	filter := 4 + l.PortsWithoutEndpoints + l.SourceRangePorts
	return objects{rules: nat + filter, chains: iptablesChains(l)}
}

// iptablesChains are those of every version.
func iptablesChains(l Load) int {
	return 10 + l.live() + l.Endpoints + l.externalPorts() + l.NodePortsLocal + l.SourceRangePorts
}

// externalPorts is the number of ports reachable from outside, at least.
func (l Load) externalPorts() int {
	return max(l.NodePorts, l.ExternalIPPorts, l.LoadBalancerPorts, l.NodePortsLocal)
}

// nftablesObjects counts what kube-proxy keeps in table "ip kube-proxy"
// (pkg/proxy/nftables/proxier.go at 1.35.4, 1.36.3, 1.37.2):
//
//	1.36+  chains 15 + 1 per port, rules 22 + 1 per port, about 2 elements per port;
//	       k lives inside the port's rule. ClientIP affinity: + k chains, + 3k rules
//	<1.36  chains 15 + (1 + k) per port, rules 22 + (2 + 2k) per port
//	each   + 1 chain and 2 rules per externally reachable port (4 with Local), + 1 element
//	       per external IP, load-balancer IP and node port, + 1 chain and rule per port with source ranges
func nftablesObjects(l Load, v release.Version) objects {
	external := l.externalPorts()
	o := objects{
		chains:   15 + l.live() + external + l.NodePortsLocal + l.SourceRangePorts,
		rules:    22 + 2*(external-l.NodePortsLocal) + 4*l.NodePortsLocal + l.SourceRangePorts,
		elements: 1 + 2*l.Ports + l.ExternalIPPorts + l.LoadBalancerPorts + l.NodePorts + l.SourceRangePorts,
	}
	if nftKeepsEndpointChains(v) {
		o.chains += l.Endpoints
		o.rules += 2*l.live() + 2*l.Endpoints + 2*l.AffinityEndpoints
		return o
	}
	o.chains += l.AffinityEndpoints
	o.rules += l.live() + 3*l.AffinityEndpoints
	return o
}

// ipvsObjects counts virtual servers, real servers and ipset entries
// (pkg/proxy/ipvs/proxier.go, ipset.go): one virtual server per port and
// ClusterIP, external IP, load-balancer IP, and per node port on one node IP.
func ipvsObjects(l Load) objects {
	return objects{
		rules: 25, chains: 10,
		elements:       l.Ports + l.ExternalIPPorts + l.LoadBalancerPorts + l.NodePorts,
		virtualServers: l.Ports + l.ExternalIPPorts + l.LoadBalancerPorts + l.NodePorts,
		realServers:    l.Endpoints + l.ExternalEndpoints + l.NodePortEndpoints,
	}
}

// estimates returns one estimate per mode of Modes, for one node and one family.
func (s *situation) estimates() []Estimate {
	out := make([]Estimate, 0, len(Modes()))
	for _, m := range Modes() {
		out = append(out, s.estimate(m))
	}
	return out
}

func (s *situation) estimate(m Mode) Estimate {
	e := Estimate{Mode: m}
	v, versionKnown := s.oldest.Get()
	switch {
	case !s.load.known:
		e.Formula = s.Text("cannot be estimated: the Services load is not known")
		return e
	case !versionKnown:
		e.Formula = s.Text("cannot be estimated: the kube-proxy version is not known")
		return e
	}
	e.Known = true
	l := s.load.Load
	cost := s.common(m)
	e.NewConnectionP50LowNs, e.NewConnectionP50Ns, e.NewConnectionP50HighNs = cost.p50.low, cost.p50.mid, cost.p50.high
	e.NewConnectionP99Ns = cost.p99
	switch m {
	case IPTables:
		s.estimateIPTables(&e, l, v)
	case NFTables:
		s.estimateNFTables(&e, l, v)
	default:
		s.estimateIPVS(&e, l)
	}
	if c := changeSpan(m, l, v); c.high > 0 {
		e.ChangeTime = lasting(s.Voice, c.low, c.high)
	}
	if !s.load.endpointsKnown {
		e.Known, e.ChangeTime = false, ""
		e.Rules, e.Chains, e.Elements, e.VirtualServers, e.RealServers = 0, 0, 0, 0, 0
		e.OneEndpointChange, e.FullSync = "", ""
		e.Formula += s.Text("; objects cannot be counted: endpoints are not known")
	}
	if l.DualStack {
		e.Formula += s.Sprintf("; S and E are those of %s: a connection passes the rules of its own family alone, a node holds those of both", l.Family)
	}
	if b := s.bound(); b != "" {
		e.Formula += s.Sprintf("; an upper bound: %s", b)
	}
	return e
}

func (s *situation) estimateIPTables(e *Estimate, l Load, v release.Version) {
	o, r := iptablesObjects(l, s.countsLoopback(v)), rulesPerPort(v)
	e.Rules, e.Chains = o.rules, o.chains
	e.NewConnection = s.Sprintf("%s on each new connection", s.common(IPTables).text(s.Voice))
	e.WorstService = s.worstText()
	if hasPartialSync(v) {
		e.OneEndpointChange = s.Sprintf("about %s rules in one iptables-restore (every KUBE-SERVICES rule, and the changed Service), about %s",
			plain.Number(l.entries()+5+4+1+int(3*l.perPort())), s.changeText(IPTables, l, v))
	} else {
		e.OneEndpointChange = s.Sprintf("all %s rules in one iptables-restore (no partial sync before 1.27), about %s", plain.Number(o.rules), s.changeText(IPTables, l, v))
	}
	e.FullSync = s.iptablesFullSync(l)
	e.Formula = s.Sprintf("rules 9 + 2S + 3E, chains 10 + S + E, plus external ports; p50 %d to %d ns x %d x S + %d to %d ns x k / 2 + %d to %d ns x R, p99 %d ns x %d x S + %d ns x k + %d ns x R; S = %s, E = %s, k = %.0f (endpoints of the port), R = %s without endpoints",
		serviceNs().low, serviceNs().high, r, pickNs().low, pickNs().high, rejectNs().low, rejectNs().high, p99Ns, r, pickNs().high, rejectNs().high,
		plain.Number(l.entries()), plain.Number(l.Endpoints), s.load.common, s.Count(l.PortsWithoutEndpoints, "port"))
	if more := o.rules - iptablesObjects(l, false).rules; more > 0 {
		e.Formula += s.Sprintf("; %s of them for node ports over loopback, which a kernel without nfnetlink_acct does not get", plain.Number(more))
	}
	e.Source = "kubernetes pkg/proxy/iptables at v1.37.2; KEP-3866 chart, UK8S kube-proxy mode guide, TKE benchmark (imroc); measured, iptables-legacy, Linux 6.18, 2 vCPU"
}

func (s *situation) estimateNFTables(e *Estimate, l Load, v release.Version) {
	if !v.AtLeast(31) { // what it would be after the upgrade that nftables needs
		v = release.V1(37, 0)
	}
	o := nftablesObjects(l, v)
	e.Rules, e.Chains, e.Elements = o.rules, o.chains, o.elements
	e.NewConnection = s.Text("flat: one map lookup, whatever the number of Services")
	if nftKeepsEndpointChains(v) {
		e.OneEndpointChange = s.Sprintf("one small transaction, after reading %s chains: about %s (from 1.37: %s)", plain.Number(o.chains), s.changeText(NFTables, l, v), s.changeText(NFTables, l, release.V1(37, 0)))
		e.Formula = s.Sprintf("before 1.36: chains 15 + S + E, rules 22 + 2S + 2E, elements 1 + 2S; S = %s, E = %s", plain.Number(l.entries()), plain.Number(l.Endpoints))
	} else {
		e.OneEndpointChange = s.Sprintf("3 operations, after reading %s chains: about %s", plain.Number(o.chains), s.changeText(NFTables, l, v))
		if !v.AtLeast(37) {
			e.OneEndpointChange += s.Sprintf(" (nft --json; from 1.37 over netlink: %s)", s.changeText(NFTables, l, release.V1(37, 0)))
		}
		e.Formula = s.Sprintf("from 1.36: chains 15 + S, rules 22 + S, elements 1 + 2S; S = %s", plain.Number(l.entries()))
	}
	e.FullSync = s.nftablesFullSync(l, v)
	e.Source = "kubernetes pkg/proxy/nftables at v1.35.4, v1.36.3, v1.37.2; KEP-3866 chart"
}

func (s *situation) estimateIPVS(e *Estimate, l Load) {
	o := ipvsObjects(l)
	e.Rules, e.Chains, e.Elements, e.VirtualServers, e.RealServers = o.rules, o.chains, o.elements, o.virtualServers, o.realServers
	e.NewConnection = s.Sprintf("flat, about +%s over a small iptables table (UK8S test of 2019, one rig)", micros(s.Voice, ipvsNs))
	e.OneEndpointChange = s.Sprintf("1 real server, but every sync walks %s: 3 netlink round trips each", s.Count(o.virtualServers, "virtual server"))
	e.FullSync = s.Text("the same walk: IPVS has no partial sync; no published time at this size")
	e.Formula = s.Sprintf("virtual servers = ports x IPs (one node IP per node port), real servers = virtual servers x k, about 25 rules; new connection %s flat", micros(s.Voice, ipvsNs))
	e.Source = "kubernetes pkg/proxy/ipvs at v1.37.2; UK8S kube-proxy mode guide"
}
