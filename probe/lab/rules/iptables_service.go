package rules

import (
	"net/netip"
	"strconv"
)

// matchAddr is the match that every rule for an address of a Service shares.
func matchAddr(s Service, what string, addr netip.Addr) string {
	return comment(s.String()+what) + " -m " + s.Protocol + " -p " + s.Protocol +
		" -d " + addr.String() + " --dport " + s.port()
}

// service writes the rules that every sync writes for every Service.
func (w *restore) service(s Service, r reach) {
	why, verdict := " has no endpoints", "REJECT"
	if len(s.Endpoints) > 0 {
		why, verdict = " has no local endpoints", "DROP"
	}
	if r.internal {
		if w.twoRules {
			w.nat("-A KUBE-SERVICES", matchAddr(s, " cluster IP", s.ClusterIP), "! -s", PodCIDR().String(), "-j KUBE-MARK-MASQ")
		}
		w.nat("-A KUBE-SERVICES", matchAddr(s, " cluster IP", s.ClusterIP), "-j", internalChain(s))
	} else {
		w.filter("-A KUBE-SERVICES", matchAddr(s, why, s.ClusterIP), "-j", verdict)
	}
	outside := func(what string, addr netip.Addr, chain string) {
		if len(s.Endpoints) > 0 {
			w.nat("-A KUBE-SERVICES", matchAddr(s, what, addr), "-j", chain)
		}
		if !r.external {
			w.filter("-A KUBE-EXTERNAL-SERVICES", matchAddr(s, why, addr), "-j", verdict)
		}
	}
	if s.ExternalIP.IsValid() {
		outside(" external IP", s.ExternalIP, extChain(s))
	}
	switch {
	case s.firewalled():
		outside(" loadbalancer IP", s.LoadBalancer, fwChain(s))
		w.filter("-A KUBE-PROXY-FIREWALL", matchAddr(s, " traffic not accepted by "+fwChain(s), s.LoadBalancer), "-j DROP")
	case s.LoadBalancer.IsValid():
		outside(" loadbalancer IP", s.LoadBalancer, extChain(s))
	}
	if s.NodePort != 0 {
		match := "-m " + s.Protocol + " -p " + s.Protocol
		port := "--dport " + strconv.Itoa(int(s.NodePort))
		if len(s.Endpoints) > 0 {
			// The first of the two counts what comes from this machine, where the kernel
			// can count (nfacct); the lab leaves the counter out.
			w.nat("-A KUBE-NODEPORTS", comment(s.String()), match, "-d 127.0.0.0/8", port, "-j", extChain(s))
			w.nat("-A KUBE-NODEPORTS", comment(s.String()), match, port, "-j", extChain(s))
		}
		if !r.external {
			w.filter("-A KUBE-EXTERNAL-SERVICES", comment(s.String()+why), "-m addrtype --dst-type LOCAL", match, port, "-j", verdict)
		}
	}
	if s.HealthCheckNodePort != 0 {
		w.filter("-A KUBE-NODEPORTS", comment(s.String()+" health check node port"),
			"-m tcp -p tcp --dport", strconv.Itoa(int(s.HealthCheckNodePort)), "-j ACCEPT")
	}
}

// internalChain is where traffic to the ClusterIP goes.
func internalChain(s Service) string {
	if s.InternalLocal {
		return svlChain(s)
	}
	return svcChain(s)
}

// serviceChains writes the chains of one Service, which a sync writes only when
// the Service or its endpoints changed.
func (w *restore) serviceChains(s Service, r reach) {
	if r.internal && !w.twoRules {
		w.nat("-A", internalChain(s), matchAddr(s, " cluster IP", s.ClusterIP), "! -s", PodCIDR().String(), "-j KUBE-MARK-MASQ")
	}
	if s.Exposed() && len(s.Endpoints) > 0 {
		w.external(s, r)
	}
	if s.firewalled() {
		w.firewall(s)
	}
	if len(r.cluster) > 0 {
		w.pick(s, svcChain(s), r.cluster)
	}
	if len(r.local) > 0 {
		w.pick(s, svlChain(s), r.local)
	}
	note := w.endpointComment(s.String())
	for _, e := range r.all {
		sep, remember := sepChain(s, e), ""
		if s.Affinity > 0 {
			remember = "-m recent --name " + sep + " --set"
		}
		chain(&w.natChain, sep)
		w.nat("-A", sep, note, "-s", e.Addr.Addr().String(), "-j KUBE-MARK-MASQ")
		w.nat("-A", sep, note, remember, "-m", s.Protocol, "-p", s.Protocol, "-j DNAT --to-destination", e.Addr.String())
	}
}

// external writes the chain for what comes from outside.
func (w *restore) external(s Service, r reach) {
	ext := extChain(s)
	chain(&w.natChain, ext)
	what := s.String() + " external destinations"
	if !s.ExternalLocal {
		w.nat("-A", ext, comment("masquerade traffic for "+what), "-j KUBE-MARK-MASQ")
		w.nat("-A", ext, "-j", svcChain(s))
		return
	}
	w.nat("-A", ext, comment("pod traffic for "+what), "-s", PodCIDR().String(), "-j", svcChain(s))
	w.nat("-A", ext, comment("masquerade LOCAL traffic for "+what), "-m addrtype --src-type LOCAL -j KUBE-MARK-MASQ")
	w.nat("-A", ext, comment("route LOCAL traffic for "+what), "-m addrtype --src-type LOCAL -j", svcChain(s))
	if r.external {
		w.nat("-A", ext, "-j", svlChain(s))
	}
}

// firewalled reports a Service with a chain that keeps some away from its load balancer.
func (s Service) firewalled() bool { return s.ranged() && len(s.Endpoints) > 0 }

// fwChain is that chain.
func fwChain(s Service) string { return portChain("KUBE-FW-", s) }

// firewall writes it. What passes it undecided is not translated, and so is dropped by
// KUBE-PROXY-FIREWALL.
func (w *restore) firewall(s Service) {
	name, note := fwChain(s), comment(s.String()+" loadbalancer IP")
	chain(&w.natChain, name)
	w.nat("-A", name, note, "-s", s.SourceRange.String(), "-j", extChain(s))
	if s.nodeMayAsk() { // the node's own packets come from the address they go to
		w.nat("-A", name, note, "-s", s.LoadBalancer.String(), "-j", extChain(s))
	}
	w.nat("-A", name, comment("other traffic to "+s.String()+" will be dropped by KUBE-PROXY-FIREWALL"))
}

// pick writes the chain that picks one of these endpoints: the one that the client
// had, with affinity, or any.
func (w *restore) pick(s Service, name string, endpoints []Endpoint) {
	chain(&w.natChain, name)
	note := func(e Endpoint) string { return w.endpointComment(s.String(), " -> ", e.Addr.String()) }
	if s.Affinity > 0 {
		for _, e := range endpoints {
			sep := sepChain(s, e)
			w.nat("-A", name, note(e), "-m recent --name", sep, "--rcheck --seconds", strconv.Itoa(s.seconds()), "--reap -j", sep)
		}
	}
	for i, e := range endpoints {
		pick := ""
		if left := len(endpoints) - i; left > 1 {
			pick = "-m statistic --mode random --probability " + strconv.FormatFloat(1/float64(left), 'f', 10, 64)
		}
		w.nat("-A", name, note(e), pick, "-j", sepChain(s, e))
	}
}

// chainsOf are the chains one Service has of its own.
func chainsOf(s Service) []string {
	if len(s.Endpoints) == 0 {
		return nil
	}
	var names []string
	r := s.reach()
	if len(r.cluster) > 0 {
		names = append(names, svcChain(s))
	}
	if len(r.local) > 0 {
		names = append(names, svlChain(s))
	}
	if s.Exposed() {
		names = append(names, extChain(s))
	}
	if s.firewalled() {
		names = append(names, fwChain(s))
	}
	for _, e := range r.all {
		names = append(names, sepChain(s, e))
	}
	return names
}
