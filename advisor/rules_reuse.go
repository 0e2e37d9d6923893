package advisor

import (
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// each lists clauses of groups, once each.
func each(v say.Voice, groups []*group, clauses func(group) []string) string {
	var all []string
	seen := map[string]bool{}
	for _, g := range groups {
		for _, c := range clauses(*g) {
			if c = plain.Text(c); seen[c] {
				continue
			}
			seen[c] = true
			all = append(all, c)
		}
	}
	return v.Clauses(bounded(v, all)...)
}

// reuseRules are about Kubernetes issue 81775 where IPVS is in force, be it
// kube-proxy's or kube-router's.
func reuseRules(v say.Voice) []Rule {
	exposed := func(e reuse.Exposure) func(*situation, *group) bool {
		return func(_ *situation, g *group) bool { return g.inForce && g.reuse.Exposure == e }
	}
	needs := []Need{NeedImplementation, NeedKernel}
	return []Rule{
		{
			ID: KPA041, Severity: Critical, Needs: needs, Source: src81775 + ", kernel commit c95c07836fa4", anyProxy: true,
			Remedy: v.Text("see the remedies of issue 81775 for these nodes"), group: exposed(reuse.StalePod),
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("Issue 81775: on %s (%s) a reused 5-tuple can reach a destroyed pod.", nodesOf(v, hits), namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA042, Severity: Warning, Needs: needs, Source: src81775 + ", kubernetes PR 71114", anyProxy: true,
			Remedy: v.Text("boot a kernel with f0a5e4d7a594: 4.14.194, 4.19.140, 5.4.59, 5.9 or later"), group: exposed(reuse.SynDelay),
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("Issue 81775: on %s (%s) a reused 5-tuple waits about 1 s.", nodesOf(v, hits), namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA043, Severity: Warning, Needs: needs, Source: src81775 + ", kubernetes PR 102122", anyProxy: true,
			Remedy: v.Text("sysctl net.ipv4.vs.conn_reuse_mode must say 1"), group: exposed(reuse.IfSysctl0),
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("Issue 81775: %s (%s) are safe only while conn_reuse_mode is 1; nothing sets it back if it is 0.", nodesOf(v, hits), namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA044, Severity: Warning, Needs: needs, Source: src81775 + ", vendor kernels", anyProxy: true,
			Remedy: "sysctl net.ipv4.vs.conn_reuse_mode net.ipv4.vs.expire_nodest_conn", group: exposed(reuse.CheckSysctl),
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("Issue 81775: %s run a kernel (%s) whose release does not tell: check the live sysctl and the patch level.", nodesOf(v, hits), namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA045, Severity: Critical, Needs: []Need{NeedMode, NeedVersion, NeedKernel}, Source: "kubernetes issue 82065",
			Remedy: v.Text("kube-proxy 1.19 or later, or kernel 4.1 or later"),
			group: func(_ *situation, g *group) bool {
				return g.mode.Value == IPVS && reuse.SysctlsOf(g.version.Value).RefusesToStart(g.kernel.Value)
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("kube-proxy 1.13 to 1.18 does not start in IPVS mode on %s: the kernel has no conn_reuse_mode.", namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA046, Severity: Warning, Needs: []Need{NeedRate, NeedImplementation, NeedKernel}, Source: src81775, anyProxy: true,
			Remedy: v.Text("keep connections open, or spread the client over more addresses"),
			group: func(s *situation, g *group) bool {
				l, measured := s.likelihoodBy() // which has a rule of its own
				return g.inForce && g.reuse.Exposure != reuse.Safe && !measured && likelyReused(l)
			},
			text: func(s *situation, _ []*group) string { return s.reuseLoad() },
		},
		{
			ID: KPA047, Severity: Info, Needs: needs, Source: "imroc/kubernetes-guide, ipvs-conn-reuse-mode", anyProxy: true,
			group: func(_ *situation, g *group) bool { return g.inForce && g.reuse.Exposure == reuse.Safe && g.reuse.Pins },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("conn_reuse_mode is 0 on %s: no dead pods, but reused 5-tuples stay on old backends, so load is uneven after scaling up.", nodesOf(v, hits))
			},
		},
		{
			ID: KPA048, Severity: Warning, Needs: []Need{NeedSysctls, NeedKernel, NeedImplementation}, Source: "kubernetes pkg/proxy/ipvs/proxier.go, --sysctls", anyProxy: true,
			Remedy: v.Text("find what sets it: grep -rs net.ipv4.vs /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d, and agents that write sysctls"),
			group:  func(_ *situation, g *group) bool { return len(g.unexpected()) > 0 },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("Live sysctls of %s are not what kube-proxy leaves: %s.", nodesOf(v, hits), each(v, hits, group.unexpected))
			},
		},
		{
			ID: KPA049, Severity: Warning, Needs: []Need{NeedSysctls}, Source: "--sysctls", anyProxy: true,
			Remedy: v.Text("read them again; the advice rests on the worse of the values"),
			group:  func(_ *situation, g *group) bool { return len(g.Proxy.SysctlDoubts) > 0 },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("Live sysctls of %s cannot all be believed: %s.", nodesOf(v, hits), each(v, hits, func(g group) []string { return g.Proxy.SysctlDoubts }))
			},
		},
	}
}
