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

// nftServices finds the ports of Services in a table, by namespace/name/protocol/port.
type nftServices struct {
	table      *nftTable
	byBase     map[string]*shown
	clusterIPs map[string]bool
	hairpins   map[string]bool // endpoints here, as A:P
}

// baseOf is what the name of a chain is made of: kind-HASH-namespace/name/protocol/port.
// That of an endpoint ends in __ADDRESS/PORT.
func baseOf(chain, kind string) (base string, ok bool) {
	rest, is := strings.CutPrefix(chain, kind)
	if !is || len(rest) < 10 || rest[8] != '-' {
		return "", false
	}
	base, _, _ = strings.Cut(rest[9:], "__")
	return base, strings.Count(base, "/") == 3
}

func findNFTServices(t *nftTable) *nftServices {
	s := &nftServices{t, map[string]*shown{}, map[string]bool{}, map[string]bool{}}
	for _, e := range t.elements["cluster-ips"] {
		s.clusterIPs[e.same] = true
	}
	for _, e := range t.elements["hairpin-connections"] {
		if f := strings.Split(e.same, " . "); len(f) == 4 {
			s.hairpins[f[0]+":"+f[3]] = true
		}
	}
	for _, e := range t.elements["service-ips"] {
		key, to, _ := strings.Cut(e.same, " : goto ")
		for _, kind := range []string{"service-", "local-", "external-"} {
			if base, ok := baseOf(to, kind); ok {
				s.reached(s.named(base), strings.Split(key, " . "), kind != "external-", kind == "local-")
			}
		}
	}
	for _, e := range t.elements["service-nodeports"] {
		key, to, _ := strings.Cut(e.same, " : goto ")
		if base, ok := baseOf(to, "external-"); ok {
			s.nodePort(s.named(base), strings.Split(key, " . "))
		}
	}
	s.nobody()
	local := func(l line) bool { return strings.HasPrefix(l.same, "fib saddr type local ") }
	for _, name := range slices.Sorted(maps.Keys(t.chains)) {
		if base, ok := baseOf(name, "external-"); ok && s.byBase[base] != nil {
			s.byBase[base].ExternalLocal = slices.ContainsFunc(t.chains[name], local)
		}
	}
	for base, p := range s.byBase {
		if !p.ClusterIP.IsValid() && len(p.more) == 1 { // its address is missing among those of Services
			p.ClusterIP, p.InternalLocal = p.more[0].addr, p.elsewhere
			p.more, p.LoadBalancer, p.ExternalLocal = nil, netip.Addr{}, false
		}
		s.endpoints(p, base)
	}
	return s
}

// named is the port of a Service of that name, made where it is seen first; nil if that is
// no name.
func (s *nftServices) named(base string) *shown {
	if p := s.byBase[base]; p != nil {
		return p
	}
	f := strings.Split(base, "/")
	if len(f) != 4 || !isName(f[0]) || !isName(f[1]) || f[3] != "" && !isName(f[3]) || !isProtocol(f[2]) {
		return nil
	}
	p := &shown{Service: rules.Service{Namespace: f[0], Name: f[1], Protocol: f[2], PortName: f[3]}}
	s.byBase[base] = p
	return p
}

// reached enters an address of a Service: address, protocol, port.
func (s *nftServices) reached(p *shown, key []string, internal, local bool) {
	if p == nil || len(key) != 3 {
		return
	}
	addr, err := netip.ParseAddr(key[0])
	port, errP := strconv.ParseUint(key[2], 10, 16)
	if err != nil || errP != nil || key[1] != p.Protocol || p.Port != 0 && p.Port != uint16(port) {
		return
	}
	p.Port = uint16(port)
	if !internal {
		p.reachedAt(addr, " loadbalancer IP")
	} else if !p.ClusterIP.IsValid() {
		p.ClusterIP, p.InternalLocal = addr, local
	}
}

func (s *nftServices) nodePort(p *shown, key []string) {
	if p == nil || len(key) != 2 || key[0] != p.Protocol {
		return
	}
	if port, err := strconv.ParseUint(key[1], 10, 16); err == nil {
		p.NodePort = uint16(port)
	}
}

// nobody enters what has no endpoints: the comment of an element names its Service. It is
// dropped where there are endpoints elsewhere.
func (s *nftServices) nobody() {
	for _, container := range []string{"no-endpoint-services", "no-endpoint-nodeports"} {
		for _, e := range s.table.elements[container] {
			key, verdict, _ := strings.Cut(e.same, " : ")
			_, comment, _ := strings.Cut(e.text, `comment "`)
			comment, _, _ = strings.Cut(comment, `"`)
			name, port, _ := strings.Cut(comment, ":")
			f := strings.Split(key, " . ")
			if len(f) < 2 {
				continue
			}
			p := s.named(name + "/" + f[len(f)-2] + "/" + port)
			if p == nil {
				continue
			}
			p.elsewhere = p.elsewhere || verdict == "drop"
			if len(f) == 2 {
				p.ExternalLocal = p.ExternalLocal || verdict == "drop"
				s.nodePort(p, f)
				continue
			}
			internal := s.clusterIPs[f[0]]
			s.reached(p, f, internal, verdict == "drop")
			if !internal {
				p.ExternalLocal = p.ExternalLocal || verdict == "drop"
			}
		}
	}
}

// endpoints finds those of a Service. A chain that picks one has them in order; nothing
// else in the table says what it should pick, so that a wrong one there is not found.
func (s *nftServices) endpoints(p *shown, base string) {
	picked := func(chain string) (all []netip.AddrPort) {
		for _, l := range s.table.chains[chain] {
			for _, to := range nftMap(l.same) {
				if rest, is := strings.CutPrefix(to, "endpoint-"); is {
					p.Affinity = time.Second // how long, no rule says
					_, at, _ := strings.Cut(rest, "__")
					to = strings.ReplaceAll(at, "/", ":")
				}
				if a, err := netip.ParseAddrPort(to); err == nil && a.Addr().Is4() {
					all = append(all, a)
				}
			}
		}
		return all
	}
	hash := rules.NFTablesHash(base)
	all, local := picked("service-"+hash+"-"+base), picked("local-"+hash+"-"+base)
	if len(all) == 0 {
		all = local
	}
	here := map[netip.AddrPort]bool{}
	for _, a := range local {
		here[a] = true
	}
	for _, a := range all {
		p.Endpoints = append(p.Endpoints, rules.Endpoint{Addr: a, Local: here[a] || s.hairpins[a.String()]})
	}
	if p.elsewhere && len(p.Endpoints) == 0 && !p.Exposed() {
		p.Endpoints = []rules.Endpoint{{}}
	}
}
