package autopsy

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/probe/lab/rules"
)

// The beginnings of the chains of a Service and of an endpoint.
const (
	svc = "KUBE-SVC-"
	svl = "KUBE-SVL-"
	ext = "KUBE-EXT-"
	fw  = "KUBE-FW-"
	sep = "KUBE-SEP-"
)

// shown is a port of a Service as far as the rules show it.
type shown struct {
	rules.Service
	// more are addresses beside the ClusterIP: the first is Service.LoadBalancer, and the
	// generator knows no second one. Each is called "loadbalancer IP" or "external IP".
	more []moreAddress
	// elsewhere is that it has endpoints, though none here.
	elsewhere bool
}

type moreAddress struct {
	addr netip.Addr
	word string // empty where the filter table alone shows it
}

// services finds the ports of Services in the tables nat and filter, in any order.
type services struct {
	nat, filter chains
	byName      map[string]*shown
	byHash      map[string]*shown // of the names of their chains
	hints       map[string]string // by the chain of an endpoint, its address as a jump there has it
}

func findServices(nat, filter chains) *services {
	s := &services{nat, filter, map[string]*shown{}, map[string]*shown{}, map[string]string{}}
	names := slices.Sorted(maps.Keys(nat))
	for _, name := range names {
		if strings.HasPrefix(name, svc) || strings.HasPrefix(name, svl) {
			for _, r := range nat[name] {
				s.address(r, strings.HasPrefix(name, svl))
				if _, addr, is := strings.Cut(r.get("--comment"), " -> "); is {
					s.hints[r.target()] = addr
				}
			}
		}
	}
	for _, r := range nat["KUBE-SERVICES"] {
		s.address(r, strings.HasPrefix(r.target(), svl))
	}
	for _, r := range nat["KUBE-NODEPORTS"] {
		if p := s.named(r.get("--comment"), r); p != nil {
			p.NodePort = port(r)
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, ext) {
			for _, r := range nat[name] {
				s.outside(r)
			}
		}
	}
	for _, chain := range []string{"KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES"} {
		for _, r := range filter[chain] {
			s.nobody(r, chain == "KUBE-SERVICES")
		}
	}
	for _, r := range filter["KUBE-NODEPORTS"] {
		if name, is := strings.CutSuffix(r.get("--comment"), " health check node port"); is {
			if p := s.byName[name]; p != nil {
				p.HealthCheckNodePort = port(r)
			}
		}
	}
	for _, p := range s.byName {
		s.byHash[rules.ServiceHash(p.String(), p.Protocol)] = p
	}
	s.endpoints()
	return s
}

// named is the port of a Service of that name, which is made where it is seen first. nil is
// for a name that cannot be one, or for a rule of no protocol.
func (s *services) named(name string, r rule) *shown {
	if p := s.byName[name]; p != nil {
		return p
	}
	protocol := r.get("-p")
	namespace, rest, ok := strings.Cut(name, "/")
	service, portName, _ := strings.Cut(rest, ":")
	if !ok || !isName(namespace) || !isName(service) || portName != "" && !isName(portName) ||
		!isProtocol(protocol) {
		return nil
	}
	p := &shown{Service: rules.Service{Namespace: namespace, Name: service, PortName: portName, Protocol: protocol}}
	s.byName[name] = p
	return p
}

// isName reports a name of a namespace, a Service or a port.
func isName(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func isProtocol(s string) bool { return s == "tcp" || s == "udp" || s == "sctp" }

// address enters the rule for an address of a Service.
func (s *services) address(r rule, local bool) {
	comment := r.get("--comment")
	addr, err := netip.ParseAddr(r.get("-d"))
	if err != nil || !addr.Is4() {
		return
	}
	for _, word := range []string{" cluster IP", " loadbalancer IP", " external IP"} {
		name, is := strings.CutSuffix(comment, word)
		if !is {
			continue
		}
		p := s.named(name, r)
		if p == nil || p.Port != 0 && p.Port != port(r) {
			return
		}
		p.Port = port(r)
		switch {
		case word != " cluster IP":
			p.reachedAt(addr, word)
		case !p.ClusterIP.IsValid():
			p.ClusterIP, p.InternalLocal = addr, local
		}
	}
}

// reachedAt enters an address beside the ClusterIP. A Service has a few.
func (p *shown) reachedAt(addr netip.Addr, word string) {
	i := slices.IndexFunc(p.more, func(m moreAddress) bool { return m.addr == addr })
	switch {
	case i < 0 && len(p.more) < 64:
		p.more = append(p.more, moreAddress{addr, word})
	case i >= 0 && word != "":
		p.more[i].word = word
	}
	p.LoadBalancer = p.more[0].addr
}

// outside enters a rule of the chain for what comes from outside.
func (s *services) outside(r rule) {
	about, is := strings.CutSuffix(r.get("--comment"), " external destinations")
	if !is {
		return
	}
	for words, local := range map[string]bool{
		"masquerade traffic for ": false, "pod traffic for ": true,
		"masquerade LOCAL traffic for ": true, "route LOCAL traffic for ": true,
	} {
		if name, is := strings.CutPrefix(about, words); is && s.byName[name] != nil {
			s.byName[name].ExternalLocal = s.byName[name].ExternalLocal || local
		}
	}
}

// nobody enters a rule of the filter table for an address with no endpoint behind it.
func (s *services) nobody(r rule, internal bool) {
	comment := r.get("--comment")
	name, none := strings.CutSuffix(comment, " has no endpoints")
	if !none {
		var local bool
		if name, local = strings.CutSuffix(comment, " has no local endpoints"); !local {
			return
		}
	}
	p := s.named(name, r)
	if p == nil {
		return
	}
	p.elsewhere = p.elsewhere || !none
	addr, err := netip.ParseAddr(r.get("-d"))
	switch {
	case internal && err == nil && !p.ClusterIP.IsValid():
		p.ClusterIP, p.Port, p.InternalLocal = addr, port(r), !none
	case !internal && err == nil:
		p.ExternalLocal = p.ExternalLocal || !none
		if p.Port == 0 {
			p.Port = port(r)
		}
		p.reachedAt(addr, "")
	case !internal && r.has("--dst-type"):
		p.ExternalLocal, p.NodePort = p.ExternalLocal || !none, port(r)
	}
}

func port(r rule) uint16 {
	n, err := strconv.ParseUint(r.get("--dport"), 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// endpoints finds those of each Service. The chains that pick one say their order, and the
// names of their own chains prove whose they are.
func (s *services) endpoints() {
	of := map[string]map[string]netip.AddrPort{} // by the hash of the Service, the chains of its endpoints
	own := func(p *shown, chain string) {
		hash := rules.ServiceHash(p.String(), p.Protocol)
		if addr, ok := s.endpoint(p, chain); ok {
			if of[hash] == nil {
				of[hash] = map[string]netip.AddrPort{}
			}
			of[hash][chain] = addr
		}
	}
	for chain, all := range s.nat {
		if !strings.HasPrefix(chain, sep) {
			continue
		}
		for _, r := range all {
			if p := s.byName[r.get("--comment")]; p != nil {
				own(p, chain)
				break
			}
		}
	}
	for hash, p := range s.byHash {
		for _, r := range slices.Concat(s.nat[svc+hash], s.nat[svl+hash]) {
			if target := r.target(); strings.HasPrefix(target, sep) && of[hash][target] == (netip.AddrPort{}) {
				own(p, target)
			}
			if seconds, err := strconv.Atoi(r.get("--seconds")); err == nil && seconds > 0 && seconds <= 86_400 {
				p.Affinity = time.Duration(seconds) * time.Second
			}
		}
		all := places(s.nat[svc+hash], of[hash])
		local := places(s.nat[svl+hash], of[hash])
		if len(s.nat[svc+hash]) == 0 && len(local) > 0 {
			all = local
		}
		here := map[string]bool{}
		for _, r := range s.nat[svl+hash] {
			here[r.target()] = true
		}
		for _, chain := range all {
			p.Endpoints = append(p.Endpoints, rules.Endpoint{Addr: of[hash][chain], Local: here[chain]})
		}
		if p.elsewhere && len(p.Endpoints) == 0 && !p.Exposed() { // no rule shows it, whatever its address
			p.Endpoints = []rules.Endpoint{{}}
		}
	}
}

// endpoint is the address of an endpoint's chain: one that its name proves, wherever the
// rules have it.
func (s *services) endpoint(p *shown, chain string) (netip.AddrPort, bool) {
	proves := func(text string) (netip.AddrPort, bool) {
		addr, err := netip.ParseAddrPort(text)
		return addr, err == nil && rules.EndpointHash(p.String(), p.Protocol, addr.String()) == chain[len(sep):]
	}
	for _, r := range s.nat[chain] {
		if addr, ok := proves(r.get("--to-destination")); ok {
			return addr, true
		}
	}
	return proves(s.hints[chain])
}

// places are the chains of endpoints in the order in which a chain picks them. The i-th of
// n is picked with a probability of 1/(n-i), which tells the place of each also where
// another one is missing; those that are missing fill the gaps.
func places(chain []rule, own map[string]netip.AddrPort) []string {
	at := map[int]string{}
	placed := map[string]bool{}
	n := len(own)
	for _, r := range chain {
		target := r.target()
		if _, is := own[target]; !is || placed[target] || r.has("--rcheck") {
			continue
		}
		left := 1
		if p, is := strings.CutPrefix(r.get("--probability"), "1/"); is {
			left, _ = strconv.Atoi(p)
		}
		if i := n - left; i >= 0 && i < n && at[i] == "" {
			at[i], placed[target] = target, true
		}
	}
	var missing []string
	for name := range own {
		if !placed[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	out := make([]string, 0, n)
	for i := range n {
		name := at[i]
		if name == "" {
			name, missing = missing[0], missing[1:]
		}
		out = append(out, name)
	}
	return out
}
