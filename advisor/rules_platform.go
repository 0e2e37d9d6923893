package advisor

import "fmt"

// platformRules are about what runs instead of kube-proxy, and what the
// platform and the reading allow.
func platformRules() []Rule {
	return []Rule{
		{
			ID: "KPA071", Severity: Info, Needs: []Need{NeedImplementation}, Source: "objects of the replacement", anyProxy: true,
			group: func(_ *situation, g group) bool { return g.runs == no && g.Proxy.Implementation.IsKnown() },
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("No kube-proxy on %s: %s programs Services there.", nodesOf(hits), namesOf(hits, implementationName))
			},
		},
		{
			ID: "KPA072", Severity: Warning, Needs: []Need{NeedImplementation}, Source: "cloudnativelabs/kube-router pkg/utils/sysctl.go; " + src81775, anyProxy: true,
			Remedy: "read the 81775 row of these nodes",
			group:  func(_ *situation, g group) bool { return g.router },
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("kube-router on %s is an IPVS proxy of its own and shares issue 81775.", nodesOf(hits))
			},
		},
		{
			ID: "KPA073", Severity: Info, Needs: []Need{NeedPlatform}, Source: "documentation of the platform",
			fires: func(s *situation) bool { return platformOf(s.facts.Platform.Value).limit != "" },
			text:  func(s *situation, _ []group) string { return platformOf(s.facts.Platform.Value).limit },
		},
		{
			ID: "KPA074", Severity: Info, Needs: []Need{NeedKernel}, Source: srcKEP5343,
			Remedy: "move to a kernel of 5.13 or later",
			group: func(_ *situation, g group) bool {
				return !g.kernel.Value.AtLeast(5, 11, 0)
			},
			text: func(_ *situation, hits []group) string {
				return fmt.Sprintf("The system validator is to refuse 5.4 and 5.10 kernels from 1.39; %s: %s.", nodesOf(hits), namesOf(hits, kernelName))
			},
		},
		{
			ID: "KPA075", Severity: Warning, Needs: []Need{NeedNodes}, Source: "coverage of this reading",
			fires: func(s *situation) bool { return !s.facts.Coverage.Complete() },
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("Not everything was read: %s missing.", plural(len(s.facts.Coverage.Missing), "thing"))
			},
		},
	}
}

func implementationName(g group) string { return string(g.Proxy.Implementation.Value) }
