package advisor

import "fmt"

// configRules are about how kube-proxy is configured and what was seen of it.
func configRules() []Rule {
	return []Rule{
		{
			ID: "KPA051", Severity: Warning, Needs: []Need{NeedMode, NeedVersion}, Source: srcKEP5343 + ", kubernetes PR 139957",
			Remedy: "write mode: explicitly",
			group:  func(_ *situation, g group) bool { return g.Proxy.Defaulted && !g.version.Value.AtLeast(40) },
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("The mode is left unset on %s: it is %s now and becomes nftables at 1.40 by itself.", nodesOf(hits), hits[0].mode.Value)
			},
		},
		{
			ID: "KPA052", Severity: Warning, Needs: []Need{NeedNodes}, Source: "KEP-5343, UK8S kube-proxy mode guide",
			Remedy: "run one mode on every node; mix only while migrating",
			fires: func(s *situation) bool {
				known, _ := s.modes()
				return len(known) > 1
			},
			text: func(s *situation, _ []group) string {
				known, _ := s.modes()
				parts := make([]string, 0, len(known))
				for _, c := range known {
					parts = append(parts, fmt.Sprintf("%s on %s", c.Mode.title(), nodesText(c.Nodes)))
				}
				return fmt.Sprintf("Several modes run: %s. Services behave differently per node.", list(parts))
			},
		},
		{
			ID: "KPA053", Severity: Warning, Needs: []Need{NeedMode}, Source: "ConfigMap and pod start times",
			Remedy: "restart kube-proxy on these nodes, one at a time, or take the edit back",
			group:  func(_ *situation, g group) bool { return g.Proxy.Stale > 0 },
			text: func(_ *situation, hits []group) string {
				n := 0
				for _, g := range hits {
					n += g.Proxy.Stale
				}
				return fmt.Sprintf("The configuration was edited after kube-proxy started on %s: the running mode may differ.", plural(n, "node"))
			},
		},
		{
			ID: "KPA054", Severity: Critical, Needs: []Need{NeedMode}, Source: "kubernetes PR 112133",
			Remedy: "set mode: iptables or nftables",
			group:  func(_ *situation, g group) bool { return g.mode.Value == Userspace },
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("Mode userspace is set on %s; it was removed in 1.26.", nodesOf(hits))
			},
		},
		{
			ID: "KPA055", Severity: Info, Needs: []Need{NeedNodes}, Source: "kubernetes API",
			Remedy: "give it with --proxy-mode, or read http://127.0.0.1:10249/proxyMode on a node",
			fires: func(s *situation) bool {
				_, unseen := s.modes()
				return unseen && len(s.proxied) > 0
			},
			text: func(s *situation, _ []group) string {
				n := 0
				for _, g := range s.proxied {
					if !g.mode.IsKnown() {
						n += g.Nodes
					}
				}
				return fmt.Sprintf("The kube-proxy mode of %s is not visible in the API.", nodesText(n))
			},
		},
		{
			ID: "KPA056", Severity: Info, Needs: []Need{NeedNodes}, Source: "kubernetes pkg/proxy/apis/config/types.go",
			fires: func(s *situation) bool { return s.windows > 0 },
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("%s run Windows, where kube-proxy has one mode (kernelspace): left out of this advice.", upper(plural(s.windows, "node")))
			},
		},
		{
			ID: "KPA057", Severity: Warning, Needs: []Need{NeedMode}, Source: "evidence of the kube-proxy mode",
			Remedy: "read http://127.0.0.1:10249/proxyMode on such a node",
			group: func(_ *situation, g group) bool {
				for _, e := range g.Proxy.Evidence {
					if e.Conflict {
						return true
					}
				}
				return false
			},
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("Evidence of the mode disagrees on %s; %s was taken.", nodesOf(hits), hits[0].mode.Value.title())
			},
		},
	}
}
