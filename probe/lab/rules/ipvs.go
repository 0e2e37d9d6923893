package rules

import "bytes"

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
	vip := s.ClusterIP.String()
	b.WriteString(verb + " KUBE-CLUSTER-IP " + vip + "," + s.Protocol + ":" + s.port() + "\n")
	b.WriteString(verb + " KUBE-IPVS-IPS " + vip + "\n")
	for _, e := range s.Endpoints {
		if e.Local {
			ip := e.Addr.Addr().String()
			b.WriteString(verb + " KUBE-LOOP-BACK " + ip + "," + s.Protocol + ":" + portText(e) + "," + ip + "\n")
		}
	}
}

// IPVSRules is the iptables-restore input of IPVS mode. It does not depend on
// the number of Services, only on which sets are empty; the lab's sets for
// ClusterIPs and local endpoints never are.
func IPVSRules(first bool) []byte {
	w := &restore{}
	for _, name := range []string{"KUBE-SERVICES", "KUBE-POSTROUTING", "KUBE-NODE-PORT", "KUBE-LOAD-BALANCER", "KUBE-MARK-MASQ"} {
		chain(&w.natChain, name)
	}
	for _, name := range []string{"KUBE-FORWARD", "KUBE-NODE-PORT", "KUBE-PROXY-FIREWALL", "KUBE-SOURCE-RANGES-FIREWALL", "KUBE-IPVS-FILTER", "KUBE-IPVS-OUT-FILTER"} {
		chain(&w.filterChains, name)
	}
	if first {
		w.mangle.WriteString("*mangle\n:KUBE-PROXY-CANARY - [0:0]\nCOMMIT\n")
		chain(&w.filterChains, "KUBE-PROXY-CANARY")
		chain(&w.natChain, "KUBE-PROXY-CANARY")
		for _, jump := range ipvsFilterJumps() {
			w.filter(jump)
		}
		for _, jump := range natJumps() {
			w.nat(jump)
		}
	}
	w.ipvsNAT()
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

func (w *restore) ipvsNAT() {
	w.nat("-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN")
	w.nat("-A KUBE-POSTROUTING", comment("Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"),
		"-m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE")
	w.nat("-A KUBE-SERVICES", comment("Kubernetes service cluster ip + port for masquerade purpose"),
		"-m set --match-set KUBE-CLUSTER-IP dst,dst ! -s", PodCIDR().String(), "-j KUBE-MARK-MASQ")
	w.nat("-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT")
	w.nat("-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ")
	w.nat("-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT")
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
