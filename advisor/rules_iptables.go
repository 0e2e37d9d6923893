package advisor

import (
	"slices"
	"time"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// iptablesRules are about what iptables mode costs.
func iptablesRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA021, Severity: Info, Needs: []Need{NeedLoad, NeedVersion}, Source: srcKEP3866 + ", " + srcUK8S + ", TKE benchmark (imroc)",
			fires: func(s *situation) bool {
				return s.common(IPTables).p50.high >= floorNs
			},
			text: func(s *situation, _ []*group) string { return s.costReason().Text },
		},
		{
			ID: KPA022, Severity: Info, Needs: []Need{NeedVersion}, Source: "kubernetes pkg/proxy/iptables/proxier.go in 1.21 and 1.22",
			Remedy: v.Text("kube-proxy 1.22 halves the chain that a new connection walks"),
			fires:  func(s *situation) bool { return !s.since(22) },
			text:   always(v.Text("Up to 1.21 iptables mode has two KUBE-SERVICES rules per Service port, from 1.22 one: the break-even with IPVS is near 1,000 Services, not 2,000.")),
		},
		{
			ID: KPA023, Severity: Warning, Needs: []Need{NeedLoad, NeedVersion, NeedMode}, Source: "KEP-3453",
			Remedy: v.Text("upgrade kube-proxy to 1.28 or later"),
			group: func(s *situation, g *group) bool {
				return g.mode.Value == IPTables && !hasPartialSync(g.version.Value) && s.load.entries() >= 1_000
			},
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("Before 1.27 iptables mode rewrites every rule after every change; at %s that delays each endpoint's change.", v.Count(s.load.entries(), "Service port"))
			},
		},
		{
			ID: KPA024, Severity: Warning, Needs: []Need{NeedEndpoints, NeedMode, NeedOSImage}, Source: srcBackend,
			Remedy: v.Text("look: iptables --version on a node; nftables mode from 1.36 keeps no chain per endpoint"),
			group: func(s *situation, g *group) bool {
				return g.mode.Value == IPTables && g.iptablesBackend() == release.BackendNFT && restoreSpan(s.load.Load).high >= someSyncNs
			},
			text: func(s *situation, hits []*group) string {
				if !slices.ContainsFunc(hits, func(g *group) bool { return !g.Proxy.IPTables.IsKnown() }) {
					return v.Sprintf("iptables is iptables-nft on %s: its full sync grows about with the square of the chains (15,000: 13 s, 105,000: over 8 min); here %s chains, about %s (estimate).",
						nodesOf(v, hits), plain.Number(iptablesChains(s.load.Load)), lasting(v, restoreSpan(s.load.Load).low, restoreSpan(s.load.Load).high))
				}
				return v.Sprintf("iptables is likely iptables-nft on %s: its full sync grows about with the square of the chains (15,000: 13 s, 105,000: over 8 min); here %s chains, about %s (estimate).",
					namesOf(v, hits, func(g group) string { return g.OSImage }), plain.Number(iptablesChains(s.load.Load)),
					lasting(v, restoreSpan(s.load.Load).low, restoreSpan(s.load.Load).high))
			},
		},
		{
			ID: KPA025, Severity: Warning, Needs: []Need{NeedMinSync}, Source: "KEP-3453; kubernetes virtual-ips documentation",
			Remedy: v.Text("drop the override: the default is 1 s for iptables and nftables, 0 for IPVS"),
			group: func(_ *situation, g *group) bool {
				return g.Proxy.Config.MinSyncPeriod.Value >= 10*time.Second
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("minSyncPeriod is %s on %s: a removed endpoint keeps receiving connections that long.", hits[0].Proxy.Config.MinSyncPeriod.Value, nodesOf(v, hits))
			},
		},
		{
			ID: KPA026, Severity: Info, Needs: []Need{NeedLoad, NeedLargest, NeedVersion}, Source: srcPick,
			Remedy: v.Text("spread it over several Services, or nftables mode, which picks from a map"),
			fires:  func(s *situation) bool { return s.load.standsOut() },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("In iptables mode a new connection passes half of the rules of its Service's endpoints: %s (estimate); to the common port %s.",
					s.worstText(), s.common(IPTables).text(v))
			},
		},
		{
			ID: KPA028, Severity: Warning, Needs: []Need{NeedKernel, NeedMode}, Source: "kubernetes/kops nodeup/pkg/model/kube_proxy.go, issue 17915; Linux 6.17, NETFILTER_XTABLES_LEGACY",
			Remedy: v.Text("use nftables mode on these nodes, with kube-proxy 1.33 or later"),
			group: func(_ *situation, g *group) bool {
				return g.mode.Value != NFTables && g.can(IPTables) != yes
			},
			text: func(_ *situation, hits []*group) string {
				_, why, _ := hits[0].kernel.Value.IPTables(v)
				return v.Sprintf("iptables may not work on %s: %s.", namesOf(v, hits, kernelName), why)
			},
		},
	}
}
