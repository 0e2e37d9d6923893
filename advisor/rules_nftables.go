package advisor

import "fmt"

// nftablesRules are about nftables mode: status, requirements, its weak spot
// and what changes on the way to it.
func nftablesRules() []Rule {
	return []Rule{
		{
			ID: "KPA011", Severity: Info, Needs: []Need{NeedVersion}, Source: "KEP-3866",
			fires: func(s *situation) bool { return s.since(33) },
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("nftables mode is stable since 1.33; kube-proxy here is %s.", s.oldest.Value.minor())
			},
		},
		{
			ID: "KPA012", Severity: Info, Needs: []Need{NeedVersion}, Source: "KEP-3866",
			Remedy: "upgrade to 1.33 before moving to nftables",
			fires:  func(s *situation) bool { return s.since(31) && !s.since(33) },
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("nftables mode is beta in %s and stable from 1.33: possible, not yet advised.", s.oldest.Value.minor())
			},
		},
		{
			ID: "KPA013", Severity: Info, Needs: []Need{NeedVersion}, Source: "KEP-3866",
			Remedy: "upgrade to 1.33 or later",
			fires:  func(s *situation) bool { return !s.since(31) },
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("nftables mode needs kube-proxy 1.31 (beta) or 1.33 (stable); the oldest here is %s.", s.oldest.Value.minor())
			},
		},
		{
			ID: "KPA014", Severity: Info, Needs: []Need{NeedKernel}, Source: "kubernetes pkg/proxy/nftables/supported.go",
			Remedy: "move the nodes to an image with kernel 5.13 or later",
			group:  func(_ *situation, g group) bool { return nftKernel(g) == no },
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("nftables mode needs kernel 5.13 on every Linux node; %s: %s. kube-proxy would exit there.", nodesOf(hits), namesOf(hits, kernelName))
			},
		},
		{
			ID: "KPA015", Severity: Warning, Needs: []Need{NeedEndpoints, NeedVersion}, Source: "kubernetes PR 135800; measured, kube-proxy 1.34.4, 100,000 endpoints, Linux 6.18, 2 vCPU",
			Remedy: "upgrade kube-proxy to 1.36 before nftables mode",
			fires: func(s *situation) bool {
				return s.since(31) && !s.since(36) && s.load.Endpoints >= manyEndpoints
			},
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("nftables before 1.36 keeps a chain per endpoint: at %s endpoints, syncs take long (1.34.4 at 100,000: 88 s at start, 4.5 s per change).", count(s.load.Endpoints))
			},
		},
		{
			ID: "KPA016", Severity: Warning, Needs: []Need{NeedEndpoints, NeedVersion, NeedKernel}, Source: srcGuessi,
			Remedy: "prefer kernel 6.12 and kube-proxy 1.36 or later at this size",
			group: func(s *situation, g group) bool {
				return s.since(31) && s.load.Endpoints >= hugeEndpoints && nftKernel(g) == yes && !g.kernel.Value.AtLeast(6, 12, 0)
			},
			text: func(s *situation, hits []group) string {
				return fmt.Sprintf("Kernels before 6.12 program huge nftables slowly (6.1 at 240,000 endpoints: 12 to 19 min per full sync, 6.12: about 5 min); here %s endpoints on %s.",
					count(s.load.Endpoints), namesOf(hits, kernelName))
			},
		},
		{
			ID: "KPA017", Severity: Info, Needs: []Need{NeedLoad, NeedVersion}, Source: srcKEP5343 + "; " + srcSync,
			fires: func(s *situation) bool { return s.since(31) && s.load.entries() > nftSlowStart },
			text:  plain("Above 5,000 Services, nftables mode may take tens of seconds to start (10,000 Services in one transaction: 35 to 56 s)."),
		},
		{
			ID: "KPA018", Severity: Warning, Needs: []Need{NeedLoad, NeedVersion, NeedMode, NeedNodePortAddrs}, Source: "kubernetes blog, 2025-02-28, nftables mode",
			Remedy: "before nftables, set nodePortAddresses to the addresses that clients use",
			group: func(s *situation, g group) bool {
				addrs := g.Proxy.Config.NodePortAddresses
				return s.since(31) && g.mode.Value != NFTables && s.load.NodePorts > 0 && len(addrs.Or(nil)) == 0
			},
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("In nftables mode node ports listen on a node's primary IP only, unless nodePortAddresses says otherwise, and not on localhost; %s here.", plural(s.load.NodePorts, "node port"))
			},
		},
		{
			ID: "KPA019", Severity: Critical, Needs: []Need{NeedMode, NeedVersion, NeedKernel}, Source: "kubernetes pkg/proxy/nftables/supported.go",
			Remedy: "move these nodes to iptables, or to kernel 5.13 and kube-proxy 1.33",
			group: func(_ *situation, g group) bool {
				return g.mode.Value == NFTables && (nftKernel(g) == no || !g.version.Value.AtLeast(31))
			},
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("nftables mode is set on %s where it is not supported (%s): kernel 5.13 and kube-proxy 1.31 are needed.", nodesOf(hits), namesOf(hits, kernelName))
			},
		},
		{
			ID: "KPA020", Severity: Info, Needs: []Need{NeedVersion, NeedKernel, NeedLiberal}, Source: "kubernetes-sigs/kind kubeadm config; kubernetes issue 117924",
			Remedy: "set conntrack.tcpBeLiberal: true with nftables mode",
			group: func(s *situation, g group) bool {
				return s.since(31) && nftKernel(g) == yes && !g.kernel.Value.AtLeast(6, 1, 0) && !g.Proxy.Config.TCPBeLiberal.Or(false)
			},
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("nftables mode drops no INVALID packets as iptables mode does; before kernel 6.1 (%s) tcpBeLiberal takes its place.", namesOf(hits, kernelName))
			},
		},
	}
}
