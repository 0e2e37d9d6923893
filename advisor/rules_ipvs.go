package advisor

import (
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// ipvsRules are about IPVS mode apart from issue 81775.
func ipvsRules(v say.Voice) []Rule {
	ipvs := func(g *group) bool { return g.mode.Value == IPVS }
	return []Rule{
		{
			ID: KPA031, Severity: Warning, Needs: []Need{NeedMode, NeedVersion}, Source: srcKEP5495,
			Remedy: v.Text("plan the move: nftables where every kernel is 5.13 or later, else iptables"),
			group: func(_ *situation, g *group) bool {
				return ipvs(g) && g.version.Value.AtLeast(35) && !g.version.Value.AtLeast(40)
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("IPVS mode is deprecated since 1.35 and runs on %s; from 1.40 it refuses to start by default.", nodesOf(v, hits))
			},
		},
		{
			ID: KPA032, Severity: Info, Needs: []Need{NeedMode, NeedVersion}, Source: srcKEP5495,
			Remedy: v.Text("leave IPVS before 1.40"),
			group:  func(_ *situation, g *group) bool { return ipvs(g) && !g.version.Value.AtLeast(35) },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("IPVS mode runs on %s; it is deprecated from 1.35, off by default from 1.40 and removed in 1.43.", nodesOf(v, hits))
			},
		},
		{
			ID: KPA033, Severity: Critical, Needs: []Need{NeedMode, NeedVersion}, Source: srcKEP5495,
			Remedy: v.Text("move off IPVS; in 1.40, 1.41 and 1.42 alone the feature gate KubeProxyIPVS=true brings it back"),
			group:  func(_ *situation, g *group) bool { return ipvs(g) && g.version.Value.AtLeast(40) },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("IPVS mode is set on %s, but kube-proxy 1.40 refuses it unless KubeProxyIPVS is enabled, and 1.43 no longer has it.", nodesOf(v, hits))
			},
		},
		{
			ID: KPA034, Severity: Info, Needs: []Need{NeedEndpoints, NeedMode, NeedVersion}, Source: "kubernetes PR 138927",
			Remedy: v.Text("kube-proxy 1.37 avoids the address dump"),
			group: func(s *situation, g *group) bool {
				return ipvs(g) && !g.version.Value.AtLeast(37) && ipvsObjects(s.load.Load).virtualServers >= 5_000
			},
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("IPVS mode has no partial sync: each walks %s virtual servers, and before 1.37 it dumps the addresses of every interface too.", plain.Number(ipvsObjects(s.load.Load).virtualServers))
			},
		},
		{
			ID: KPA035, Severity: Info, Needs: []Need{NeedMode, NeedScheduler}, Source: "kubernetes blog and AKS documentation, kube-proxy modes",
			group: func(_ *situation, g *group) bool {
				sch := g.Proxy.Config.Scheduler.Value
				return ipvs(g) && sch != "" && sch != "rr"
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("The IPVS scheduler is %s. Each node balances alone, so more schedulers are no real benefit.", plain.Text(hits[0].Proxy.Config.Scheduler.Value))
			},
		},
		{
			ID: KPA036, Severity: Info, Needs: []Need{NeedServices, NeedMode}, Source: "kubernetes PR 71834",
			group: func(s *situation, g *group) bool { return ipvs(g) && s.facts.Services.Value.SessionAffinity > 0 },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("%s use ClientIP affinity: IPVS keeps a template per client, 3 h by default, and needs expire_quiescent_template=1 to leave a gone endpoint.", v.Count(s.facts.Services.Value.SessionAffinity, "Service"))
			},
		},
		{
			ID: KPA037, Severity: Warning, Needs: []Need{NeedServices, NeedMode, NeedKernel}, Source: "kernel commit 35dfb013149f; Alibaba Cloud help 272554, Huawei Cloud cce_faq_00427",
			Remedy: v.Text("set ipvs.udpTimeout: 10s, or use NodeLocal DNSCache"),
			group: func(s *situation, g *group) bool {
				stale, _ := reuse.UDPStale(g.kernel.Value)
				return ipvs(g) && s.facts.Services.Value.UDPPorts > 0 && stale != release.CanNo
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("UDP in IPVS mode, DNS above all, may fail for up to 5 minutes after its pods changed: %s does not, or need not, have the fix of Linux 5.9.", namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA038, Severity: Warning, Needs: []Need{NeedMode, NeedVersion}, Source: "kubernetes PR 111806, CHANGELOG-1.26; rancher/rke2 issue 4416, kubernetes issue 70304",
			Remedy: v.Text("look on a node: curl -s 127.0.0.1:10249/proxyMode, ipvsadm -Ln, or \"Using ipvs Proxier\" in the log"),
			group:  func(_ *situation, g *group) bool { return g.mayFallBack() },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("kube-proxy before 1.26 falls back to iptables without a word where IPVS is not usable, as with modules missing: that %s configured for it does not prove that IPVS runs.", areIs(v, hits))
			},
		},
	}
}

// areIs writes "32 nodes are", "1 node is" or "the nodes are".
func areIs(v say.Voice, hits []*group) string {
	n := 0
	for _, g := range hits {
		n += g.Nodes
	}
	if n == 0 {
		return v.Text("the nodes are")
	}
	return v.Plural(n, "node is", "nodes are")
}
