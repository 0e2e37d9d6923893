package node

import (
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// backends is what holds rules of kube-proxy.
func (r raw) backends() advisor.NodeBackends {
	return advisor.NodeBackends{
		IPTablesVersion: r.program("iptables.version", "iptables v", 40),
		NFTVersion:      r.program("nft.version", "nftables v", 12),
		Modules:         r.modules(),
		LegacyChains:    r.legacyChains(),
		NFTChains:       r.lines("iptables.nft.nat", isChain),
		NFTables:        r.table(),
		IPSets:          r.lines("ipset.names", isSet),
		VirtualServers:  r.virtualServers(),
	}
}

// modules are those that are loaded, of those that the modes use and of IPVS's schedulers.
// Nothing is kept of other lines, of which there may be millions.
func (r raw) modules() []string {
	text, _ := r.sections["modules"].text()
	var out []string
	for line := range strings.Lines(text) {
		switch name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name {
		case "ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_lc", "ip_vs_sh", "ip_set", "ip_tables", "iptable_nat", "nf_tables",
			"nft_compat", "nf_conntrack", "nf_conntrack_netlink", "nfnetlink_acct", "xt_nfacct":
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// isChain reports the declaration of a chain of kube-proxy. KUBE-KUBELET-CANARY and
// KUBE-FIREWALL are the kubelet's.
func isChain(line string) bool {
	for _, begin := range []string{":KUBE-SERVICES ", ":KUBE-NODEPORTS ", ":KUBE-SVC-", ":KUBE-SVL-", ":KUBE-EXT-", ":KUBE-SEP-", ":KUBE-FW-", ":KUBE-NODE-PORT ", ":KUBE-LOAD-BALANCER "} {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}

// isSet reports the name of a set of kube-proxy. kube-router calls sets of its own KUBE-SRC-
// and KUBE-DST-.
func isSet(line string) bool {
	return strings.HasPrefix(line, "KUBE-") && !strings.HasPrefix(line, "KUBE-SRC-") && !strings.HasPrefix(line, "KUBE-DST-")
}

// program is the version that a program prints after some words.
func (r raw) program(name, before string, most int) advisor.Fact[string] {
	s, known := r.sections[name]
	v, ok := strings.CutPrefix(r.line(name), before)
	if !ok || v == "" || v[0] < '0' || v[0] > '9' {
		return why[string](s, known, name)
	}
	if before == "nftables v" {
		v, _, _ = strings.Cut(v, " ")
	}
	return advisor.KnownFrom(plain.Line(v, most), source(name))
}

// lines counts the lines of a section that are of a kind. Who has no tools to print chains
// with their rules prints an inventory of them.
func (r raw) lines(name string, is func(string) bool) advisor.Fact[int] {
	s, known := r.sections[name]
	if inventory, there := r.sections[name+".inventory"]; there && !known {
		s, known = inventory, true
	}
	text, ok := s.text()
	if !known || !ok {
		return why[int](s, known, name)
	}
	n := 0
	for line := range strings.Lines(text) {
		if is(line) {
			n++
		}
	}
	return advisor.KnownFrom(n, source(name))
}

// legacyChains are none where the kernel has no legacy nat table: root can see that.
func (r raw) legacyChains() advisor.Fact[int] {
	names, read := r.sections["iptables.legacy.tables"].text()
	if _, has := r.sections["iptables.legacy.tables"]; has && read && !slices.Contains(strings.Fields(names), "nat") {
		return advisor.KnownFrom(0, source("iptables.legacy.tables"))
	}
	return r.lines("iptables.legacy.nat", isChain)
}

// table reports the table of nftables mode.
func (r raw) table() advisor.Fact[bool] {
	n := r.lines("nft.tables", func(l string) bool {
		l = strings.TrimSpace(l)
		return l == "table ip kube-proxy" || l == "table ip6 kube-proxy"
	})
	if !n.IsKnown() {
		return advisor.UnknownFor[bool](n.Why, n.Detail)
	}
	return advisor.KnownFrom(n.Value > 0, n.Source)
}

// virtualServers are absent where the kernel has no IPVS.
func (r raw) virtualServers() advisor.Fact[int] {
	if _, known := r.sections["ipvs.services"]; !known && r.whole {
		return advisor.AbsentFrom[int](source("/proc/net/ip_vs"))
	}
	return r.lines("ipvs.services", func(l string) bool {
		kind, _, _ := strings.Cut(l, " ")
		return slices.Contains([]string{"TCP", "UDP", "SCTP", "FWM"}, kind)
	})
}
