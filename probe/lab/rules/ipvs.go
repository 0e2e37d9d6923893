package rules

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// IPSet is one of the sets kube-proxy makes in IPVS mode, empty or not.
type IPSet struct {
	Name, Type string
}

// Name6 is the name of the same set of IPv6, which kube-proxy cuts where a name of ipset
// has to end.
func (s IPSet) Name6() string {
	name := strings.Replace(s.Name, "KUBE-", "KUBE-6-", 1)
	return name[:min(len(name), 31)]
}

// IPSets are all of them, in kube-proxy's order.
func IPSets() []IPSet {
	return []IPSet{
		{"KUBE-LOOP-BACK", "hash:ip,port,ip"},
		{"KUBE-CLUSTER-IP", "hash:ip,port"},
		{"KUBE-EXTERNAL-IP", "hash:ip,port"},
		{"KUBE-EXTERNAL-IP-LOCAL", "hash:ip,port"},
		{"KUBE-LOAD-BALANCER", "hash:ip,port"},
		{"KUBE-LOAD-BALANCER-FW", "hash:ip,port"},
		{"KUBE-LOAD-BALANCER-LOCAL", "hash:ip,port"},
		{"KUBE-LOAD-BALANCER-SOURCE-IP", "hash:ip,port,ip"},
		{"KUBE-LOAD-BALANCER-SOURCE-CIDR", "hash:ip,port,net"},
		{"KUBE-NODE-PORT-TCP", "bitmap:port"},
		{"KUBE-NODE-PORT-LOCAL-TCP", "bitmap:port"},
		{"KUBE-NODE-PORT-UDP", "bitmap:port"},
		{"KUBE-NODE-PORT-LOCAL-UDP", "bitmap:port"},
		{"KUBE-NODE-PORT-SCTP-HASH", "hash:ip,port"},
		{"KUBE-NODE-PORT-LOCAL-SCTP-HASH", "hash:ip,port"},
		{"KUBE-HEALTH-CHECK-NODE-PORT", "bitmap:port"},
		{"KUBE-IPVS-IPS", "hash:ip"},
	}
}

// IPSetInput is `ipset restore` input that turns what is programmed into what is
// wanted. kube-proxy runs ipset once per entry; the sets come out the same.
func IPSetInput(c Change) []byte {
	var b bytes.Buffer
	if c.First {
		for _, s := range IPSets() {
			switch s.Type {
			case "bitmap:port":
				b.WriteString("create " + s.Name + " bitmap:port range 0-65535\n")
			default:
				b.WriteString("create " + s.Name + " " + s.Type + " family inet hashsize 1024 maxelem 65536\n")
			}
		}
	}
	for _, s := range c.Gone {
		entries(s, func(set, entry string) { b.WriteString("del " + set + " " + entry + "\n") })
	}
	for _, s := range c.Changed {
		entries(s, func(set, entry string) { b.WriteString("add " + set + " " + entry + "\n") })
	}
	return b.Bytes()
}

// entries are what one Service has in the sets. No two Services of the lab share an
// address, so that what leaves with one is nobody else's.
func entries(s Service, enter func(set, entry string)) {
	at := func(a netip.Addr) string { return a.String() + "," + s.Protocol + ":" + s.port() }
	enter("KUBE-CLUSTER-IP", at(s.ClusterIP))
	enter("KUBE-IPVS-IPS", s.ClusterIP.String())
	for _, e := range s.Endpoints {
		if e.Local {
			ip := e.Addr.Addr().String()
			enter("KUBE-LOOP-BACK", ip+","+s.Protocol+":"+portText(e)+","+ip)
		}
	}
	if s.ExternalIP.IsValid() {
		enter("KUBE-EXTERNAL-IP"+s.localSuffix(), at(s.ExternalIP))
		enter("KUBE-IPVS-IPS", s.ExternalIP.String())
	}
	if s.LoadBalancer.IsValid() {
		enter("KUBE-LOAD-BALANCER", at(s.LoadBalancer))
		enter("KUBE-IPVS-IPS", s.LoadBalancer.String())
		if s.ExternalLocal {
			enter("KUBE-LOAD-BALANCER-LOCAL", at(s.LoadBalancer))
		}
	}
	if s.ranged() {
		enter("KUBE-LOAD-BALANCER-FW", at(s.LoadBalancer))
		enter("KUBE-LOAD-BALANCER-SOURCE-CIDR", at(s.LoadBalancer)+","+s.SourceRange.String())
		if s.nodeMayAsk() {
			enter("KUBE-LOAD-BALANCER-SOURCE-IP", at(s.LoadBalancer)+","+s.LoadBalancer.String())
		}
	}
	if s.NodePort != 0 {
		enter(nodePortSet("KUBE-NODE-PORT-", s))
		if s.ExternalLocal {
			enter(nodePortSet("KUBE-NODE-PORT-LOCAL-", s))
		}
	}
	if s.HealthCheckNodePort != 0 {
		enter("KUBE-HEALTH-CHECK-NODE-PORT", strconv.Itoa(int(s.HealthCheckNodePort)))
	}
}

func (s Service) localSuffix() string {
	if s.ExternalLocal {
		return "-LOCAL"
	}
	return ""
}

// nodePortSet is a set of NodePorts and the entry of a Service: a port, but for SCTP,
// which sets of ports do not know.
func nodePortSet(prefix string, s Service) (set, entry string) {
	port := strconv.Itoa(int(s.NodePort))
	if s.Protocol == "sctp" {
		return prefix + "SCTP-HASH", NodeIP().String() + ",sctp:" + port
	}
	return prefix + strings.ToUpper(s.Protocol), port
}

// IPSetElements counts the members of all sets for these Services.
func IPSetElements(services []Service) (n int) {
	for _, s := range services {
		entries(s, func(string, string) { n++ })
	}
	return n
}

// VirtualServer is an address and port that IPVS forwards to endpoints, one after
// the other.
type VirtualServer struct {
	Protocol  string // as in Service
	Addr      netip.AddrPort
	Bound     bool          // to the dummy device; a node's own address is not
	Affinity  time.Duration // see Traffic
	Endpoints []Endpoint
}

// VirtualServers are those of a Service. Where there is no local endpoint for
// traffic of policy Local, kube-proxy takes the others that the Service uses.
func (s Service) VirtualServers() []VirtualServer {
	r := s.reach()
	with := func(addr netip.Addr, port uint16, bound, local bool) VirtualServer {
		v := VirtualServer{Protocol: s.Protocol, Addr: netip.AddrPortFrom(addr, port), Bound: bound, Affinity: s.Affinity, Endpoints: r.cluster}
		if local && len(r.local) > 0 {
			v.Endpoints = r.local
		}
		return v
	}
	all := []VirtualServer{with(s.ClusterIP, s.Port, true, s.InternalLocal)}
	if s.ExternalIP.IsValid() {
		all = append(all, with(s.ExternalIP, s.Port, true, s.ExternalLocal))
	}
	if s.LoadBalancer.IsValid() {
		all = append(all, with(s.LoadBalancer, s.Port, true, s.ExternalLocal))
	}
	if s.NodePort != 0 {
		all = append(all, with(NodeIP(), s.NodePort, false, s.ExternalLocal))
	}
	return all
}

// IPVSRules is the iptables-restore input of IPVS mode. It does not depend on the
// number of Services, but for a rule for each load balancer that the node may not ask,
// only on which sets are empty: kube-proxy writes no rule for an empty one.
func IPVSRules(c Change) []byte {
	w := &restore{}
	for _, name := range []string{"KUBE-SERVICES", "KUBE-POSTROUTING", "KUBE-NODE-PORT", "KUBE-LOAD-BALANCER", "KUBE-MARK-MASQ"} {
		chain(&w.natChain, name)
	}
	for _, name := range []string{"KUBE-FORWARD", "KUBE-NODE-PORT", "KUBE-PROXY-FIREWALL", "KUBE-SOURCE-RANGES-FIREWALL", "KUBE-IPVS-FILTER", "KUBE-IPVS-OUT-FILTER"} {
		chain(&w.filterChains, name)
	}
	if c.First {
		for _, jump := range ipvsFilterJumps() {
			w.filter(jump)
		}
		for _, jump := range natJumps() {
			w.nat(jump)
		}
	}
	sets := filled(c.All)
	w.ipvsNAT(sets)
	w.ipvsFilter(c.All, sets)
	return w.bytes()
}

func ipvsFilterJumps() []string {
	return []string{
		`-A INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER`,
		`-A INPUT -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL`,
		`-A INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT`,
		`-A FORWARD -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL`,
		`-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD`,
		`-A OUTPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-OUT-FILTER`,
	}
}

// filled are the sets that have members.
func filled(services []Service) map[string]bool {
	sets := map[string]bool{}
	for _, s := range services {
		entries(s, func(set, _ string) { sets[set] = true })
	}
	return sets
}

func (w *restore) ipvsNAT(filled map[string]bool) {
	rule := func(chain, set, note, fields string, then ...string) {
		if filled[set] {
			w.nat(append([]string{"-A", chain, note, "-m set --match-set", set, fields}, then...)...)
		}
	}
	w.nat("-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN")
	rule("KUBE-POSTROUTING", "KUBE-LOOP-BACK",
		comment("Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"), "dst,dst,src", "-j MASQUERADE")
	rule("KUBE-SERVICES", "KUBE-LOAD-BALANCER", comment("Kubernetes service lb portal"), "dst,dst", "-j KUBE-LOAD-BALANCER")
	rule("KUBE-LOAD-BALANCER", "KUBE-LOAD-BALANCER-LOCAL",
		comment("Kubernetes service load balancer ip + port with externalTrafficPolicy=local"), "dst,dst", "-j RETURN")
	for _, protocol := range []string{"tcp", "udp", "sctp"} {
		upper, kind, more, fields := strings.ToUpper(protocol), "", "", "dst"
		if protocol == "sctp" {
			kind, more, fields = "-HASH", " with type 'hash ip:port'", "dst,dst"
		}
		note := "-p " + protocol + " " + comment("Kubernetes nodeport "+upper+" port with externalTrafficPolicy=local"+more)
		rule("KUBE-NODE-PORT", "KUBE-NODE-PORT-LOCAL-"+upper+kind, note, fields, "-j RETURN")
		note = "-p " + protocol + " " + comment("Kubernetes nodeport "+upper+" port for masquerade purpose"+more)
		rule("KUBE-NODE-PORT", "KUBE-NODE-PORT-"+upper+kind, note, fields, "-j KUBE-MARK-MASQ")
	}
	rule("KUBE-SERVICES", "KUBE-CLUSTER-IP", comment("Kubernetes service cluster ip + port for masquerade purpose"),
		"dst,dst", "! -s", PodCIDR().String(), "-j KUBE-MARK-MASQ")
	external := comment("Kubernetes service external ip + port for masquerade and filter purpose")
	rule("KUBE-SERVICES", "KUBE-EXTERNAL-IP", external, "dst,dst", "-j KUBE-MARK-MASQ")
	fromElsewhere := func(set, note string) {
		rule("KUBE-SERVICES", set, note, "dst,dst", "-m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT")
		rule("KUBE-SERVICES", set, note, "dst,dst", "-m addrtype --dst-type LOCAL -j ACCEPT")
	}
	fromElsewhere("KUBE-EXTERNAL-IP", external)
	fromElsewhere("KUBE-EXTERNAL-IP-LOCAL", comment("Kubernetes service external ip + port with externalTrafficPolicy=local"))
	w.nat("-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT")
	w.nat("-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ")
	rule("KUBE-SERVICES", "KUBE-CLUSTER-IP", "", "dst,dst", "-j ACCEPT")
	rule("KUBE-SERVICES", "KUBE-LOAD-BALANCER", "", "dst,dst", "-j ACCEPT")
	w.masquerading()
}

func (w *restore) ipvsFilter(services []Service, filled map[string]bool) {
	rule := func(chain, set, note, fields, then string) {
		if filled[set] {
			w.filter("-A", chain, comment(note), "-m set --match-set", set, fields, then)
		}
	}
	rule("KUBE-PROXY-FIREWALL", "KUBE-LOAD-BALANCER-FW",
		"Kubernetes service load balancer ip + port for load balancer with sourceRange", "dst,dst", "-j KUBE-SOURCE-RANGES-FIREWALL")
	rule("KUBE-SOURCE-RANGES-FIREWALL", "KUBE-LOAD-BALANCER-SOURCE-CIDR",
		"Kubernetes service load balancer ip + port + source cidr for packet filter purpose", "dst,dst,src", "-j RETURN")
	rule("KUBE-SOURCE-RANGES-FIREWALL", "KUBE-LOAD-BALANCER-SOURCE-IP",
		"Kubernetes service load balancer ip + port + source IP for packet filter purpose", "dst,dst,src", "-j RETURN")
	w.filter("-A KUBE-SOURCE-RANGES-FIREWALL -j DROP")
	for _, s := range services {
		if s.ranged() && !s.nodeMayAsk() {
			vip := s.LoadBalancer.String()
			w.filter("-A KUBE-IPVS-OUT-FILTER -s", vip, "-m ipvs --vaddr", vip, "--vproto", s.Protocol, "--vport", s.port(), "-j DROP")
		}
	}
	w.acceptMarked()
	w.filter("-A KUBE-NODE-PORT", comment("Kubernetes health check node port"), "-m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j ACCEPT")
	for _, set := range []string{"KUBE-LOAD-BALANCER dst,dst", "KUBE-CLUSTER-IP dst,dst", "KUBE-EXTERNAL-IP dst,dst", "KUBE-EXTERNAL-IP-LOCAL dst,dst", "KUBE-HEALTH-CHECK-NODE-PORT dst"} {
		w.filter("-A KUBE-IPVS-FILTER -m set --match-set", set, "-j RETURN")
	}
	w.filter("-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT")
}
