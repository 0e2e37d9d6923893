package advisor

import "slices"

// notSeen lists what the API cannot show, and this advice therefore does not
// know. What it could have shown and did not is in Coverage.
func (s *situation) notSeen() []Reason {
	out := []Reason{}
	add := func(text, source string) { out = append(out, Reason{Text: text, Source: source}) }
	if s.load.known && !s.load.exact {
		add("Endpoints of each Service port: the load is made up from totals.", "coverage of this reading")
	}
	if !slices.ContainsFunc(s.groups, func(g group) bool { return len(g.Proxy.Sysctls) > 0 }) {
		text := "Live sysctls of the nodes (net.ipv4.vs.*) are not in the API: what kube-proxy sets is assumed."
		if slices.ContainsFunc(s.groups, func(g group) bool { return g.inForce }) {
			text += " kpadvisor audit --sysctls takes what was read."
		}
		add(text, "kubernetes API")
	}
	if r := s.reason("KPA055"); r.Text != "" {
		out = append(out, r)
	}
	if slices.ContainsFunc(s.proxied, func(g group) bool { return g.runs == unclear }) {
		add("Whether kube-proxy runs at all is not visible on some nodes; it is assumed.", "kubernetes API")
	}
	if s.nftPossible() == yes {
		add("The host's nft version: 1.0.1 or later is needed beside nftables mode. Look: nft --version.", "kubernetes blog, 2025-02-28, nftables mode")
		add("Tools and network policies that read or write KUBE-* iptables chains: they see none in nftables mode.", "kubernetes pkg/proxy/nftables/README.md")
	}
	if s.inForce(IPTables) && s.backend() == BackendUnknown {
		add("The iptables backend of the nodes (legacy or nft): it weighs as much as the mode at many endpoints.", srcBackend)
	}
	return out
}
