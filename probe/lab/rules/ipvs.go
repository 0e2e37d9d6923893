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
		entries(&b, "del", s)
	}
	for _, s := range c.Changed {
		entries(&b, "add", s)
	}
	return b.Bytes()
}

// entries are what one Service has in the sets.
func entries(b *bytes.Buffer, verb string, s Service) {
	entry := func(set, text string) { b.WriteString(verb + " " + set + " " + text + "\n") }
	at := func(a netip.Addr) string { return a.String() + "," + s.Protocol + ":" + s.port() }
	entry("KUBE-CLUSTER-IP", at(s.ClusterIP))
	entry("KUBE-IPVS-IPS", s.ClusterIP.String())
	for _, e := range s.Endpoints {
		if e.Local {
			ip := e.Addr.Addr().String()
			entry("KUBE-LOOP-BACK", ip+","+s.Protocol+":"+portText(e)+","+ip)
		}
	}
	if s.LoadBalancer.IsValid() {
		entry("KUBE-LOAD-BALANCER", at(s.LoadBalancer))
		entry("KUBE-IPVS-IPS", s.LoadBalancer.String())
		if s.ExternalLocal {
			entry("KUBE-LOAD-BALANCER-LOCAL", at(s.LoadBalancer))
		}
	}
	if s.NodePort != 0 {
		protocol, port := strings.ToUpper(s.Protocol), strconv.Itoa(int(s.NodePort))
		entry("KUBE-NODE-PORT-"+protocol, port)
		if s.ExternalLocal {
			entry("KUBE-NODE-PORT-LOCAL-"+protocol, port)
		}
	}
	if s.HealthCheckNodePort != 0 {
		entry("KUBE-HEALTH-CHECK-NODE-PORT", strconv.Itoa(int(s.HealthCheckNodePort)))
	}
}

// IPSetElements counts the members of all sets for these Services.
func IPSetElements(services []Service) int {
	return bytes.Count(IPSetInput(Change{Changed: services}), []byte("\n"))
}

// VirtualServer is an address and port that IPVS forwards to endpoints, one after
// the other.
type VirtualServer struct {
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
		v := VirtualServer{Addr: netip.AddrPortFrom(addr, port), Bound: bound, Affinity: s.Affinity, Endpoints: r.cluster}
		if local && len(r.local) > 0 {
			v.Endpoints = r.local
		}
		return v
	}
	all := []VirtualServer{with(s.ClusterIP, s.Port, true, s.InternalLocal)}
	if s.LoadBalancer.IsValid() {
		all = append(all, with(s.LoadBalancer, s.Port, true, s.ExternalLocal))
	}
	if s.NodePort != 0 {
		all = append(all, with(NodeIP(), s.NodePort, false, s.ExternalLocal))
	}
	return all
}

// IPVSRules is the iptables-restore input of IPVS mode. It does not depend on the
// number of Services, only on which sets are empty: kube-proxy writes no rule for
// an empty one.
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
	w.ipvsNAT(filled(c.All))
	w.ipvsFilter()
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

// filled are the sets that have members and, being filled, are matched by a rule.
func filled(services []Service) map[string]bool {
	sets := map[string]bool{}
	for _, s := range services {
		sets["KUBE-CLUSTER-IP"] = true
		for _, e := range s.Endpoints {
			if e.Local {
				sets["KUBE-LOOP-BACK"] = true
				break
			}
		}
		lb, protocol := s.LoadBalancer.IsValid(), strings.ToUpper(s.Protocol)
		if lb {
			sets["KUBE-LOAD-BALANCER"] = true
		}
		if lb && s.ExternalLocal {
			sets["KUBE-LOAD-BALANCER-LOCAL"] = true
		}
		if s.NodePort != 0 {
			sets["KUBE-NODE-PORT-"+protocol] = true
		}
		if s.NodePort != 0 && s.ExternalLocal {
			sets["KUBE-NODE-PORT-LOCAL-"+protocol] = true
		}
	}
	return sets
}

func (w *restore) ipvsNAT(filled map[string]bool) {
	rule := func(chain, set, note, fields, then string) {
		if filled[set] {
			w.nat("-A", chain, note, "-m set --match-set", set, fields, then)
		}
	}
	const masquerade = "Kubernetes service cluster ip + port for masquerade purpose"
	w.nat("-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN")
	rule("KUBE-POSTROUTING", "KUBE-LOOP-BACK",
		comment("Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"), "dst,dst,src", "-j MASQUERADE")
	rule("KUBE-SERVICES", "KUBE-LOAD-BALANCER", comment("Kubernetes service lb portal"), "dst,dst", "-j KUBE-LOAD-BALANCER")
	rule("KUBE-LOAD-BALANCER", "KUBE-LOAD-BALANCER-LOCAL",
		comment("Kubernetes service load balancer ip + port with externalTrafficPolicy=local"), "dst,dst", "-j RETURN")
	for _, protocol := range []string{"tcp", "udp"} {
		upper := strings.ToUpper(protocol)
		note := "-p " + protocol + " " + comment("Kubernetes nodeport "+upper+" port with externalTrafficPolicy=local")
		rule("KUBE-NODE-PORT", "KUBE-NODE-PORT-LOCAL-"+upper, note, "dst", "-j RETURN")
		note = "-p " + protocol + " " + comment("Kubernetes nodeport "+upper+" port for masquerade purpose")
		rule("KUBE-NODE-PORT", "KUBE-NODE-PORT-"+upper, note, "dst", "-j KUBE-MARK-MASQ")
	}
	rule("KUBE-SERVICES", "KUBE-CLUSTER-IP", comment(masquerade), "dst,dst", "! -s "+PodCIDR().String()+" -j KUBE-MARK-MASQ")
	w.nat("-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT")
	w.nat("-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ")
	rule("KUBE-SERVICES", "KUBE-CLUSTER-IP", "", "dst,dst", "-j ACCEPT")
	rule("KUBE-SERVICES", "KUBE-LOAD-BALANCER", "", "dst,dst", "-j ACCEPT")
	w.masquerading()
}

func (w *restore) ipvsFilter() {
	w.filter("-A KUBE-SOURCE-RANGES-FIREWALL -j DROP")
	w.acceptMarked()
	w.filter("-A KUBE-NODE-PORT", comment("Kubernetes health check node port"), "-m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j ACCEPT")
	for _, set := range []string{"KUBE-LOAD-BALANCER dst,dst", "KUBE-CLUSTER-IP dst,dst", "KUBE-EXTERNAL-IP dst,dst", "KUBE-EXTERNAL-IP-LOCAL dst,dst", "KUBE-HEALTH-CHECK-NODE-PORT dst"} {
		w.filter("-A KUBE-IPVS-FILTER -m set --match-set", set, "-j RETURN")
	}
	w.filter("-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT")
}
