package autopsy

import (
	"net/netip"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
)

// inIPVS compares the rules of IPVS mode. They do not depend on the Services, only on
// which sets have members, so that a Service is made up for each of these.
func (e report) inIPVS(c *comparison, nat, filter chains) bool {
	text, read := e.text("ipset.save")
	if !read {
		c.apart[advisor.ApartSets] = 0
		return false
	}
	filled := map[string]bool{}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "add" {
			filled[f[1]] = true
		}
	}
	if !filled["KUBE-CLUSTER-IP"] { // every cluster has a Service
		c.apart[advisor.ApartSets] = 0
		return false
	}
	want := parseSave(string(rules.IPVSRules(rules.Diff(nil, filling(filled)))))
	found, given := findServices(nil, nil), learn(nat)
	given.notLocalWritten = true
	given.notLocal = []option{{"-s", rules.PodCIDR().String(), true}}
	for _, chains := range want {
		for chain, all := range chains {
			chains[chain] = asTold(found.asGiven(given, all), nat[chain])
		}
	}
	if filled["KUBE-LOAD-BALANCER-FW"] { // a rule for each Service, which the sets do not show
		c.apart[advisor.ApartRanges] += len(filter[outFilter])
		delete(filter, outFilter)
		delete(want["filter"], outFilter)
	}
	t := tables{own: ofIPVS, free: otherJumps(rules.IPTables(rules.Diff(nil, nil), 1), want), ordered: true}
	t.name, t.is, t.want = "nat", nat, want["nat"]
	c.tables(found, t)
	if filter == nil {
		c.apart[advisor.ApartFilter] = 0
		return true
	}
	t.name, t.is, t.want = "filter", filter, want["filter"]
	c.tables(found, t)
	return true
}

const outFilter = "KUBE-IPVS-OUT-FILTER"

// asTold has the rule that masquerades what goes to ClusterIPs as the node has it, where it
// has one: what it matches, kube-proxy was told.
func asTold(want, is []rule) []rule {
	masquerades := func(r rule) bool {
		return r.target() == markMasq && r.get("--comment") == "Kubernetes service cluster ip + port for masquerade purpose" &&
			strings.HasPrefix(r.get("--match-set"), "KUBE-CLUSTER-IP ")
	}
	i, j := slices.IndexFunc(want, masquerades), slices.IndexFunc(is, masquerades)
	if i >= 0 && j >= 0 {
		want[i] = is[j]
	}
	return want
}

// filling are Services that fill these sets and no others.
func filling(filled map[string]bool) []rules.Service {
	at := netip.MustParseAddr
	var all []rules.Service
	add := func(protocol string, t rules.Traffic, endpoints ...rules.Endpoint) {
		all = append(all, rules.Service{
			Namespace: "made", Name: "up", Protocol: protocol, Port: 80, ClusterIP: at("10.96.0.1"), Traffic: t, Endpoints: endpoints,
		})
	}
	add("tcp", rules.Traffic{})
	if filled["KUBE-LOOP-BACK"] {
		add("tcp", rules.Traffic{}, rules.Endpoint{Addr: netip.MustParseAddrPort("10.128.0.1:80"), Local: true})
	}
	for _, local := range []bool{false, true} {
		suffix := ""
		if local {
			suffix = "-LOCAL"
		}
		if filled["KUBE-EXTERNAL-IP"+suffix] {
			add("tcp", rules.Traffic{ExternalIP: at("192.0.2.9"), ExternalLocal: local})
		}
		if filled["KUBE-LOAD-BALANCER"+suffix] {
			add("tcp", rules.Traffic{LoadBalancer: at("198.18.0.1"), ExternalLocal: local})
		}
		for set, protocol := range map[string]string{"TCP": "tcp", "UDP": "udp", "SCTP-HASH": "sctp"} {
			if filled["KUBE-NODE-PORT"+suffix+"-"+set] {
				add(protocol, rules.Traffic{NodePort: 30_000, ExternalLocal: local})
			}
		}
	}
	if filled["KUBE-LOAD-BALANCER-FW"] {
		add("tcp", rules.Traffic{LoadBalancer: at("198.18.0.1"), SourceRange: netip.MustParsePrefix("10.0.0.0/8")})
	}
	if filled["KUBE-LOAD-BALANCER-SOURCE-IP"] {
		add("tcp", rules.Traffic{LoadBalancer: at("198.18.0.1"), SourceRange: netip.PrefixFrom(rules.NodeIP(), 32)})
	}
	return all
}
