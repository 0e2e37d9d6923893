package advisor

import (
	"fmt"
	"time"
)

// iptablesRules are about what iptables mode costs.
func iptablesRules() []Rule {
	return []Rule{
		{
			ID: "KPA021", Severity: Info, Needs: []Need{NeedLoad, NeedVersion}, Source: srcKEP3866 + ", " + srcUK8S + ", TKE benchmark (imroc)",
			fires: func(s *situation) bool {
				p50, _ := connectionNs(IPTables, s.load.Load, s.oldest.Value)
				return p50 >= floorNs
			},
			text: func(s *situation, _ []group) string { return s.costReason().Text },
		},
		{
			ID: "KPA022", Severity: Info, Needs: []Need{NeedVersion}, Source: "kubernetes pkg/proxy/iptables/proxier.go at v1.21.0 and v1.22.0",
			Remedy: "kube-proxy 1.22 halves the chain that a new connection walks",
			fires:  func(s *situation) bool { return !s.since(22) },
			text:   plain("Up to 1.21 iptables mode has two KUBE-SERVICES rules per Service port, from 1.22 one: the break-even with IPVS is near 1,000 Services, not 2,000."),
		},
		{
			ID: "KPA023", Severity: Warning, Needs: []Need{NeedLoad, NeedVersion, NeedMode}, Source: "KEP-3453",
			Remedy: "upgrade kube-proxy to 1.28 or later",
			group: func(s *situation, g group) bool {
				return g.mode.Value == IPTables && !hasPartialSync(g.version.Value) && s.load.entries() >= 1_000
			},
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("Before 1.27 iptables mode rewrites every rule after every change; at %s that delays each endpoint's change.", plural(s.load.entries(), "Service port"))
			},
		},
		{
			ID: "KPA024", Severity: Warning, Needs: []Need{NeedEndpoints, NeedMode, NeedOSImage}, Source: srcBackend,
			Remedy: "look: iptables --version on a node; nftables mode from 1.36 keeps no chain per endpoint",
			group: func(s *situation, g group) bool {
				b, _ := likelyBackend(g.OSImage)
				return g.mode.Value == IPTables && b == BackendNFT && iptablesObjects(s.load.Load).chains >= manyChains
			},
			text: func(s *situation, hits []group) string {
				return fmt.Sprintf("iptables is likely iptables-nft on %s: its full sync grows about with the square of the chains (15,000: 13 s, 105,000: over 8 min); here %s chains.",
					namesOf(hits, func(g group) string { return g.OSImage }), count(iptablesObjects(s.load.Load).chains))
			},
		},
		{
			ID: "KPA025", Severity: Warning, Needs: []Need{NeedMinSync}, Source: "KEP-3453; kubernetes virtual-ips documentation",
			Remedy: "drop the override: the default is 1 s for iptables and nftables, 0 for IPVS",
			group: func(_ *situation, g group) bool {
				return g.Proxy.Config.MinSyncPeriod.Value >= 10*time.Second
			},
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("minSyncPeriod is %s on %s: a removed endpoint keeps receiving connections that long.", hits[0].Proxy.Config.MinSyncPeriod.Value, nodesOf(hits))
			},
		},
		{
			ID: "KPA028", Severity: Warning, Needs: []Need{NeedOSImage, NeedMode}, Source: "kubernetes/kops nodeup/pkg/model/kube_proxy.go",
			Remedy: "use nftables mode on these nodes",
			group: func(_ *situation, g group) bool {
				return g.mode.Value != NFTables && isRHEL10(g.OSImage)
			},
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("iptables may not work on %s: kops forces nftables mode there.", namesOf(hits, func(g group) string { return g.OSImage }))
			},
		},
	}
}

// isRHEL10 reports RHEL and its rebuilds from version 10.
func isRHEL10(osImage string) bool {
	for _, prefix := range []string{"Red Hat Enterprise Linux", "Rocky Linux", "AlmaLinux", "CentOS Stream"} {
		if len(osImage) > len(prefix) && osImage[:len(prefix)] == prefix && imageMajor(osImage) >= 10 {
			return true
		}
	}
	return false
}
