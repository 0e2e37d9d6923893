package advisor

import (
	"kpadvisor/plain"
	"kpadvisor/say"
)

// nftablesRules are about nftables mode: status, requirements, its weak spot
// and what changes on the way to it.
func nftablesRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA011, Severity: Info, Needs: []Need{NeedVersion}, Source: "KEP-3866",
			fires: func(s *situation) bool { return s.since(33) },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("nftables mode is stable since 1.33; kube-proxy here is %s.", s.oldest.Value.MinorText())
			},
		},
		{
			ID: KPA012, Severity: Info, Needs: []Need{NeedVersion}, Source: "KEP-3866",
			Remedy: v.Text("upgrade to 1.33 before moving to nftables"),
			fires:  func(s *situation) bool { return s.since(31) && !s.since(33) },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("nftables mode is beta in %s and stable from 1.33: possible, not yet advised.", s.oldest.Value.MinorText())
			},
		},
		{
			ID: KPA013, Severity: Info, Needs: []Need{NeedVersion}, Source: "KEP-3866",
			Remedy: v.Text("upgrade to 1.33 or later"),
			fires:  func(s *situation) bool { return !s.since(31) },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("nftables mode needs kube-proxy 1.31 (beta) or 1.33 (stable); the oldest here is %s.", s.oldest.Value.MinorText())
			},
		},
		{
			ID: KPA014, Severity: Info, Needs: []Need{NeedKernel}, Source: "kubernetes pkg/proxy/nftables/supported.go",
			Remedy: v.Text("move the nodes to an image with kernel 5.13 or later"),
			group:  func(_ *situation, g *group) bool { return nftKernel(g) == no },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("nftables mode needs kernel 5.13 on every Linux node; %s: %s. kube-proxy would exit there.", nodesOf(v, hits), namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA015, Severity: Warning, Needs: []Need{NeedEndpoints, NeedVersion}, Source: "kubernetes PR 135800; " + srcOldSync,
			Remedy: v.Text("upgrade kube-proxy to 1.36 before nftables mode"),
			fires: func(s *situation) bool {
				f, known := s.slowestSync()
				return known && nftKeepsEndpointChains(f.version) && f.high >= someSyncNs &&
					(f.endpoints.mid >= f.services.mid || f.services.high < someSyncNs)
			},
			text: func(s *situation, _ []*group) string {
				f, _ := s.slowestSync()
				return v.Sprintf("nftables before 1.36 keeps a chain per endpoint: at %s endpoints its first sync takes about %s (estimate; 1.34.4 at 100,000: 88 s), each change about %s.",
					plain.Number(s.load.Endpoints), lasting(v, f.low, f.high), s.changeText(NFTables, s.load.Load, f.version))
			},
		},
		{
			ID: KPA016, Severity: Warning, Needs: []Need{NeedEndpoints, NeedVersion, NeedKernel}, Source: srcGuessi,
			Remedy: v.Text("prefer kernel 6.12 at this size"),
			group: func(s *situation, g *group) bool {
				services, endpoints, known := s.nftSyncOf(*g)
				pace := paceOf(g.kernel.Value, true, g.version.Value)
				return known && nftKernel(g) == yes && pace.high > 1 && services.high+endpoints.high >= someSyncNs
			},
			text: func(s *situation, hits []*group) string { return s.kernelText(hits) },
		},
		{
			ID: KPA017, Severity: Info, Needs: []Need{NeedLoad, NeedVersion}, Source: srcKEP5343 + "; " + srcNFTSync,
			fires: func(s *situation) bool {
				f, known := s.slowestSync()
				return known && f.services.high >= someSyncNs
			},
			text: func(s *situation, _ []*group) string {
				f, _ := s.slowestSync()
				text := v.Sprintf("nftables mode writes all Services in one transaction when it starts: %s take about %s (estimate).",
					v.Count(s.load.entries(), "Service port"), lasting(v, f.services.low, f.services.high))
				if !s.since(37) {
					text = v.Sentences(text, v.Text("Until 1.37 every sync also lists them by nft --json (1.36.1 at 44,125 Services: 63 s; 1.37: 1.3 s)."))
				}
				return text
			},
		},
		{
			ID: KPA018, Severity: Warning, Needs: []Need{NeedLoad, NeedVersion, NeedMode, NeedNodePortAddrs}, Source: "kubernetes blog, 2025-02-28, nftables mode",
			Remedy: v.Text("before nftables, set nodePortAddresses to the addresses that clients use"),
			group: func(s *situation, g *group) bool {
				addrs := g.Proxy.Config.NodePortAddresses
				return s.since(31) && g.mode.Value != NFTables && s.load.NodePorts > 0 && len(addrs.Or(nil)) == 0
			},
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("In nftables mode node ports listen on a node's primary IP only, unless nodePortAddresses says otherwise, and not on localhost; %s here.", v.Count(s.load.NodePorts, "node port"))
			},
		},
		{
			ID: KPA019, Severity: Critical, Needs: []Need{NeedMode, NeedVersion, NeedKernel}, Source: "kubernetes pkg/proxy/nftables/supported.go",
			Remedy: v.Text("move these nodes to iptables, or to kernel 5.13 and kube-proxy 1.33"),
			group: func(_ *situation, g *group) bool {
				return g.mode.Value == NFTables && (nftKernel(g) == no || !g.version.Value.AtLeast(31))
			},
			text: func(_ *situation, hits []*group) string {
				lacks := func(g group) string {
					if nftKernel(&g) == no {
						return v.Sprintf("kernel %s is before 5.13", g.Kernel)
					}
					return v.Sprintf("kube-proxy %s is before 1.31", g.version.Value)
				}
				return v.Sprintf("nftables mode is set on %s where it is not supported: %s.", nodesOf(v, hits), namesOf(v, hits, lacks))
			},
		},
		{
			ID: KPA020, Severity: Info, Needs: []Need{NeedVersion, NeedKernel, NeedLiberal}, Source: "kubernetes-sigs/kind kubeadm config; kubernetes issue 117924",
			Remedy: v.Text("set conntrack.tcpBeLiberal: true with nftables mode"),
			group: func(s *situation, g *group) bool {
				return s.since(31) && nftKernel(g) == yes && !g.kernel.Value.AtLeast(6, 1, 0) && !g.Proxy.Config.TCPBeLiberal.Or(false)
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("nftables mode drops no INVALID packets as iptables mode does; before kernel 6.1 (%s) tcpBeLiberal takes its place.", namesOf(v, hits, kernelName))
			},
		},
	}
}

// kernelText says what is known of how fast these kernels program nftables.
func (s *situation) kernelText(hits []*group) string {
	const took = "At 240,000 endpoints kernel 6.1 took 12 to 19 min for a full nftables sync, 6.12 about 5 (kube-proxy 1.32.6)"
	low, high := int64(0), int64(0)
	measured := true
	for _, g := range hits {
		services, endpoints, _ := s.nftSyncOf(*g)
		low, high = max(low, services.low+endpoints.low), max(high, services.high+endpoints.high)
		measured = measured && paceOf(g.kernel.Value, true, g.version.Value).known
	}
	here := namesOf(s.Voice, hits, kernelName)
	if !measured {
		here = s.Sprintf("%s, not measured with this kube-proxy", here)
	}
	return s.Sprintf("%s; here, %s: about %s (estimate).", s.Text(took), here, lasting(s.Voice, low, high))
}
