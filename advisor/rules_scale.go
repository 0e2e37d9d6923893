package advisor

import (
	"cmp"
	"slices"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// scaleRules are about size, traffic and rollouts.
func scaleRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA061, Severity: Info, Needs: []Need{NeedPattern}, Source: "TKE benchmark (imroc), Tigera",
			fires: func(s *situation) bool { return s.steady() },
			text:  always(v.Text("With long-lived or keep-alive connections the mode changes no request latency; sync cost and lifecycle decide.")),
		},
		{
			ID: KPA062, Severity: Info, Needs: []Need{NeedLoad, NeedVersion}, Source: srcUK8S,
			fires: func(s *situation) bool {
				place, known := s.placeOf()
				return known && place == 0
			},
			text: func(s *situation, _ []*group) string {
				ports := v.Count(s.load.entries(), "Service port")
				if measured, _ := s.measuredBands(); len(measured) > 0 {
					return v.Sprintf("%s lie where neither iptables nor IPVS is better: %s.", ports, s.bandText(s.oldest.Value))
				}
				return v.Sprintf("%s lie inside the break-even band of iptables and IPVS, %s.", ports, bandOf(s.oldest.Value).text(v))
			},
		},
		{
			ID: KPA063, Severity: Warning, Needs: []Need{NeedServices, NeedLargest}, Source: "sig-scalability thresholds",
			fires: func(s *situation) bool {
				return s.facts.Services.Value.Total > testedServices || s.facts.Endpoints.Value.Largest > testedEndpoints
			},
			text: func(s *situation, _ []*group) string {
				var over []string
				if n := s.facts.Services.Value.Total; n > testedServices {
					over = append(over, v.Sprintf("%s Services (tested: %s)", plain.Number(n), plain.Number(testedServices)))
				}
				if n := s.facts.Endpoints.Value.Largest; n > testedEndpoints {
					over = append(over, v.Sprintf("a Service with %s endpoints (tested: %s)", plain.Number(n), plain.Number(testedEndpoints)))
				}
				return v.Sprintf("Beyond what Kubernetes is tested with: %s.", v.Join(over))
			},
		},
		{
			ID: KPA064, Severity: Warning, Needs: []Need{NeedDraining}, Source: "kubernetes pkg/proxy/conntrack/cleanup.go; network programming latency SLI",
			Remedy: v.Text("preStop sleep of a few seconds and a readiness probe on what serves traffic"),
			fires:  func(s *situation) bool { return s.habits.Draining.Value != DrainAll },
			text:   always(v.Text("Rolling updates lose connections in every mode where pods stop before the nodes heard of it; TCP entries in conntrack are never purged.")),
		},
		{
			ID: KPA065, Severity: Info, Needs: []Need{NeedServices}, Source: "kubernetes cmd/kube-proxy/app/server.go",
			fires: func(s *situation) bool {
				c := s.facts.Services.Value
				return c.Headless+c.ExternalName+c.OtherProxy > 0
			},
			text: func(s *situation, _ []*group) string {
				c := s.facts.Services.Value
				return v.Sprintf("%s cost kube-proxy nothing and are not counted (headless %s, ExternalName %s, other proxy %s).",
					v.Count(c.Headless+c.ExternalName+c.OtherProxy, "Service"), plain.Number(c.Headless), plain.Number(c.ExternalName), plain.Number(c.OtherProxy))
			},
		},
		{
			ID: KPA066, Severity: Info, Needs: []Need{NeedServices}, Source: "kubernetes pkg/proxy/iptables iptablesJumpChains; measured, iptables-legacy, Linux 6.18",
			Remedy: v.Text("delete the Services that nothing stands behind"),
			fires:  func(s *situation) bool { return s.facts.Services.Value.WithoutEndpoints > 0 },
			text: func(s *situation, _ []*group) string {
				have, cost := v.Plural(s.facts.Services.Value.WithoutEndpoints, "Service has", "Services have"), ""
				if n := s.load.PortsWithoutEndpoints; n > 0 {
					cost = v.Sprintf(": %s %s (estimate)", v.Count(n, "port"), rejectNs().times(float64(n)).added(v))
				}
				return v.Sprintf("%s no usable endpoint. In iptables mode each of their ports is a REJECT rule that every new connection passes, whatever it goes to%s; nftables looks them up in a map, IPVS has no rule for them.", have, cost)
			},
		},
		{
			ID: KPA067, Severity: Info, Needs: []Need{NeedExpected, NeedLoad, NeedServices, NeedVersion}, Source: srcUK8S,
			fires: func(s *situation) bool {
				b := bandOf(s.oldest.Value)
				return b.place(s.expectedEntries()) > b.place(s.load.entries())
			},
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("The %s expected in a year cross into or past the break-even band of iptables and IPVS, %s.", v.Count(s.habits.ExpectedServices.Value, "Service"), bandOf(s.oldest.Value).text(v))
			},
		},
		{
			ID: KPA068, Severity: Info, Needs: []Need{NeedLoad}, Source: "kubernetes pkg/proxy",
			fires: func(s *situation) bool { return s.load.DualStack },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("Dual-stack: a node holds the rules of both families, a new connection passes those of its own alone; the estimates are of %s.", cmp.Or(s.load.Family, v.Text("the larger family")))
			},
		},
		{
			ID: KPA069, Severity: Info, Needs: []Need{NeedBreakEven, NeedKernel, NeedVersion}, Source: "kpadvisor lab sweep",
			group: func(s *situation, g *group) bool {
				return slices.ContainsFunc(s.measured.BreakEvens, func(e BreakEven) bool { return e.holds(*g) })
			},
			text: func(s *situation, hits []*group) string {
				var said []string
				for _, e := range s.measured.BreakEvens {
					if slices.ContainsFunc(hits, func(g *group) bool { return e.holds(*g) }) {
						said = append(said, e.says(v))
					}
				}
				return v.Sprintf("Measured for %s, which counts more than what is published: %s.", nodesOf(v, hits), v.Join(bounded(v, said)))
			},
		},
		{
			ID: KPA070, Severity: Info, Needs: []Need{NeedServices}, Source: "KEP-2433; kubernetes pkg/proxy/topology.go",
			fires: func(s *situation) bool { return s.bound() != "" },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("The estimates are an upper bound: %s.", s.bound())
			},
		},
	}
}
