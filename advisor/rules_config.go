package advisor

import (
	"slices"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// configRules are about how kube-proxy is configured and what was seen of it.
func configRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA051, Severity: Warning, Needs: []Need{NeedMode, NeedVersion}, Source: srcKEP5343 + ", kubernetes PR 139957",
			Remedy: v.Text("write mode: explicitly"),
			group:  func(_ *situation, g *group) bool { return g.Proxy.Defaulted && !g.version.Value.AtLeast(40) },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("The mode is left unset on %s: it is %s now and becomes nftables at 1.40 by itself.", nodesOf(v, hits), hits[0].mode.Value)
			},
		},
		{
			ID: KPA052, Severity: Warning, Needs: []Need{NeedNodes}, Source: "KEP-5343, UK8S kube-proxy mode guide",
			Remedy: v.Text("run one mode on every node; mix only while migrating"),
			fires: func(s *situation) bool {
				known, _ := s.modes()
				return len(known) > 1
			},
			text: func(s *situation, _ []*group) string {
				known, _ := s.modes()
				parts := make([]string, 0, len(known))
				for _, c := range known {
					parts = append(parts, v.Sprintf("%s on %s", c.Mode.title(), nodesText(v, c.Nodes)))
				}
				return v.Sprintf("Several modes run: %s. Services behave differently per node.", v.Join(parts))
			},
		},
		{
			ID: KPA053, Severity: Warning, Needs: []Need{NeedMode}, Source: "ConfigMap and pod start times",
			Remedy: v.Text("restart kube-proxy on these nodes, one at a time, or take the edit back"),
			group:  func(_ *situation, g *group) bool { return g.Proxy.Stale > 0 },
			text: func(_ *situation, hits []*group) string {
				n := 0
				for _, g := range hits {
					n += g.Proxy.Stale
				}
				return v.Sprintf("The configuration was edited after kube-proxy started on %s: it runs with the old one until it is restarted, and which mode that is was not seen.", v.Count(n, "node"))
			},
		},
		{
			ID: KPA054, Severity: Critical, Needs: []Need{NeedMode}, Source: "kubernetes PR 112133",
			Remedy: v.Text("set mode: iptables or nftables"),
			group:  func(_ *situation, g *group) bool { return g.mode.Value == Userspace },
			text: func(s *situation, hits []*group) string {
				if s.since(26) {
					return v.Sprintf("Mode userspace is set on %s; it was removed in 1.26, and kube-proxy does not start with it.", nodesOf(v, hits))
				}
				return v.Sprintf("Mode userspace runs on %s; 1.26 removes it, and kube-proxy does not start with it from then on.", nodesOf(v, hits))
			},
		},
		{
			ID: KPA055, Severity: Info, Needs: []Need{NeedNodes}, Source: "kubernetes API",
			Remedy: v.Text("let the nodes tell it (kpadvisor node-script, --node-report), or give it with --proxy-mode"),
			fires: func(s *situation) bool {
				return slices.ContainsFunc(s.proxied, func(g group) bool { return !g.mode.IsKnown() })
			},
			text: func(s *situation, _ []*group) string {
				n := 0
				var why []string
				for _, g := range s.proxied {
					if g.mode.IsKnown() {
						continue
					}
					n += g.Nodes
					if d := v.Seen(plain.Text(g.Proxy.Mode.Detail)); d != "" && !slices.Contains(why, d) {
						why = append(why, d)
					}
				}
				if len(why) > 0 {
					return v.Sprintf("The kube-proxy mode of %s is not visible in the API: %s.", nodesText(v, n), v.Clauses(bounded(v, why)...))
				}
				return v.Sprintf("The kube-proxy mode of %s is not visible in the API.", nodesText(v, n))
			},
		},
		{
			ID: KPA056, Severity: Info, Needs: []Need{NeedNodes}, Source: "kubernetes pkg/proxy/apis/config/types.go",
			fires: func(s *situation) bool { return s.windows > 0 },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("%s Windows, where kube-proxy has one mode (kernelspace): left out of this advice.", plain.Upper(v.Plural(s.windows, "node runs", "nodes run")))
			},
		},
		{
			ID: KPA057, Severity: Warning, Needs: []Need{NeedMode}, Source: "evidence of the kube-proxy mode",
			Remedy: v.Text("read http://127.0.0.1:10249/proxyMode on such a node"),
			group: func(_ *situation, g *group) bool {
				return !g.told() && slices.ContainsFunc(g.Proxy.Evidence, func(e Evidence) bool {
					return e.Conflict && e.Source != "--kernel" && e.Source != "--kubernetes-version"
				})
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("Evidence of the mode disagrees on %s; %s was taken.", nodesOf(v, hits), namesOf(v, hits, func(g group) string { return g.mode.Value.title() }))
			},
		},
		{
			ID: KPA058, Severity: Critical, Needs: []Need{NeedImplementation}, Source: "status of the kube-proxy pods",
			Remedy: v.Text("read why: kubectl -n NAMESPACE logs POD --previous; what is configured is not in force until it runs"),
			group:  func(_ *situation, g *group) bool { return g.Proxy.Failing > 0 },
			text: func(_ *situation, hits []*group) string {
				n := 0
				for _, g := range hits {
					n += g.Proxy.Failing
				}
				return v.Sprintf("kube-proxy does not run on %s (%s): Services are not maintained there, and the mode it is configured for is not in force.",
					v.Count(n, "node"), namesOf(v, hits, func(g group) string { return v.Seen(plain.Text(g.Proxy.FailingWhy)) }))
			},
		},
		{
			ID: KPA059, Severity: Warning, Needs: []Need{NeedImplementation}, Source: "pods of kube-proxy beside its replacement", anyProxy: true,
			Remedy: v.Text("remove that kube-proxy once the replacement handles all Services; kube-proxy --cleanup removes its rules"),
			group:  func(_ *situation, g *group) bool { return g.runs == no && g.Proxy.Beside.IsKnown() },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("A kube-proxy in %s mode still runs beside %s on %s: left behind, it costs its syncs and decides nothing.",
					hits[0].Proxy.Beside.Value.title(), namesOf(v, hits, implementationName), nodesOf(v, hits))
			},
		},
		{
			ID: KPA060, Severity: Warning, Needs: []Need{NeedImplementation}, Source: "configuration of the CNI plugin",
			Remedy: v.Text("ask its documentation which traffic is left to kube-proxy"),
			group:  func(_ *situation, g *group) bool { return g.Proxy.Partial != "" },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("%s handles a part of the Service traffic on %s: the mode of kube-proxy, and issue 81775 with it, matter for what is left to it only.",
					plain.Upper(namesOf(v, hits, func(g group) string { return plain.Text(g.Proxy.Partial) })), nodesOf(v, hits))
			},
		},
	}
}
