package advisor

import (
	"fmt"
	"slices"
)

// scaleRules are about size, traffic and rollouts.
func scaleRules() []Rule {
	return []Rule{
		{
			ID: "KPA061", Severity: Info, Needs: []Need{NeedPattern}, Source: "TKE benchmark (imroc), Tigera",
			fires: func(s *situation) bool { return s.steady() },
			text:  plain("With long-lived or keep-alive connections the mode changes no request latency; sync cost and lifecycle decide."),
		},
		{
			ID: "KPA062", Severity: Info, Needs: []Need{NeedLoad, NeedVersion}, Source: srcUK8S,
			fires: func(s *situation) bool {
				place, known := s.placeOf()
				return known && place == 0
			},
			text: func(s *situation, _ []group) string {
				ports := plural(s.load.entries(), "Service port")
				if measured, _ := s.measuredBands(); len(measured) > 0 {
					return fmt.Sprintf("%s lie where neither iptables nor IPVS is better: %s.", ports, s.bandText(s.oldest.Value))
				}
				return fmt.Sprintf("%s lie inside the break-even band of iptables and IPVS, %s.", ports, bandOf(s.oldest.Value))
			},
		},
		{
			ID: "KPA063", Severity: Warning, Needs: []Need{NeedServices, NeedLargest}, Source: "sig-scalability thresholds",
			fires: func(s *situation) bool {
				return s.facts.Services.Value.Total > testedServices || s.facts.Endpoints.Value.Largest > testedEndpoints
			},
			text: func(s *situation, _ []group) string {
				var over []string
				if n := s.facts.Services.Value.Total; n > testedServices {
					over = append(over, fmt.Sprintf("%s Services (tested: %s)", count(n), count(testedServices)))
				}
				if n := s.facts.Endpoints.Value.Largest; n > testedEndpoints {
					over = append(over, fmt.Sprintf("a Service with %s endpoints (tested: %s)", count(n), count(testedEndpoints)))
				}
				return "Beyond what Kubernetes is tested with: " + list(over) + "."
			},
		},
		{
			ID: "KPA064", Severity: Warning, Needs: []Need{NeedDraining}, Source: "kubernetes pkg/proxy/conntrack/cleanup.go; network programming latency SLI",
			Remedy: "preStop sleep of a few seconds and a readiness probe on what serves traffic",
			fires:  func(s *situation) bool { return s.habits.Draining.Value != DrainAll },
			text:   plain("Rolling updates lose connections in every mode where pods stop before the nodes heard of it; TCP entries in conntrack are never purged."),
		},
		{
			ID: "KPA065", Severity: Info, Needs: []Need{NeedServices}, Source: "kubernetes cmd/kube-proxy/app/server.go",
			fires: func(s *situation) bool {
				c := s.facts.Services.Value
				return c.Headless+c.ExternalName+c.OtherProxy > 0
			},
			text: func(s *situation, _ []group) string {
				c := s.facts.Services.Value
				return fmt.Sprintf("%s cost kube-proxy nothing and are not counted (headless %s, ExternalName %s, other proxy %s).",
					plural(c.Headless+c.ExternalName+c.OtherProxy, "Service"), count(c.Headless), count(c.ExternalName), count(c.OtherProxy))
			},
		},
		{
			ID: "KPA066", Severity: Info, Needs: []Need{NeedServices}, Source: "kubernetes pkg/proxy/topology.go",
			fires: func(s *situation) bool { return s.facts.Services.Value.WithoutEndpoints > 0 },
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("%s have no usable endpoint: they cost a reject rule or element, no lookup.", plural(s.facts.Services.Value.WithoutEndpoints, "Service"))
			},
		},
		{
			ID: "KPA067", Severity: Info, Needs: []Need{NeedExpected, NeedLoad, NeedServices, NeedVersion}, Source: srcUK8S,
			fires: func(s *situation) bool {
				b := bandOf(s.oldest.Value)
				return b.place(s.expectedEntries()) > b.place(s.load.entries())
			},
			text: func(s *situation, _ []group) string {
				return fmt.Sprintf("The %s expected in a year cross into or past the break-even band of iptables and IPVS, %s.", plural(s.habits.ExpectedServices.Value, "Service"), bandOf(s.oldest.Value))
			},
		},
		{
			ID: "KPA068", Severity: Info, Needs: []Need{NeedLoad}, Source: "kubernetes pkg/proxy",
			fires: func(s *situation) bool { return s.load.DualStack },
			text:  plain("Dual-stack: each node holds the rules of both families; the estimates are of one."),
		},
		{
			ID: "KPA069", Severity: Info, Needs: []Need{NeedBreakEven, NeedKernel, NeedVersion}, Source: "kpadvisor lab sweep",
			group: func(s *situation, g group) bool {
				return slices.ContainsFunc(s.measured.BreakEvens, func(e BreakEven) bool { return e.holds(g) })
			},
			text: func(s *situation, hits []group) string {
				var said []string
				for _, e := range s.measured.BreakEvens {
					if slices.ContainsFunc(hits, e.holds) {
						said = append(said, e.says())
					}
				}
				return fmt.Sprintf("Measured for %s, which counts more than what is published: %s.", nodesOf(hits), list(said))
			},
		},
	}
}
