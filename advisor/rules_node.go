package advisor

import (
	"cmp"
	"slices"
	"time"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// longWait is how long a change may wait for a sync before that is a finding, beside the
// minSyncPeriod that kube-proxy is told to keep.
const longWait = 30 * time.Second

// nodeRules are about what nodes say of themselves.
func nodeRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA081, Severity: Warning, Needs: []Need{NeedReports}, Source: "reports of the nodes", anyProxy: true,
			Remedy: v.Text("find out what changed: a configuration that was edited, an upgrade, or a report that is old"),
			group:  func(_ *situation, g *group) bool { return len(g.Proxy.Differs) > 0 },
			text: func(_ *situation, hits []*group) string {
				n, in := nodesOfAll(hits), each(v, hits, func(g group) []string { return differences(v, g.Proxy.Differs) })
				if n == 1 {
					return v.Sprintf("1 node says something else of itself than the API, and it was taken: %s.", in)
				}
				return v.Sprintf("%s say something else of themselves than the API, and it was taken: %s.", v.Count(n, "node"), in)
			},
		},
		{
			ID: KPA082, Severity: Warning, Needs: []Need{NeedWaiting}, Source: "metrics of kube-proxy in the reports of the nodes",
			Remedy: v.Text("look into the log of kube-proxy there: its sync fails, does not end, or takes that long"),
			fires:  func(s *situation) bool { return len(s.waiting()) > 0 },
			text: func(s *situation, _ []*group) string {
				all := s.waiting()
				least := slices.MinFunc(all, func(a, b NodeReport) int { return cmp.Compare(a.Waiting.Value, b.Waiting.Value) })
				return v.Sprintf("Changes of Services wait for a sync of kube-proxy on %s, for at least %s: what was removed is still reached there.",
					v.Count(len(all), "node"), least.Waiting.Value.Truncate(time.Second))
			},
		},
		{
			ID: KPA083, Severity: Warning, Needs: []Need{NeedBackends}, Source: "iptables-save in the reports of the nodes",
			Remedy: v.Text("remove the rules of the backend that kube-proxy does not use, or replace the node"),
			fires:  func(s *situation) bool { return len(s.twoBackends()) > 0 },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("Chains of kube-proxy are in iptables-legacy and in iptables-nft on %s: at least one of them is left over, and both are passed.",
					v.Count(len(s.twoBackends()), "node"))
			},
		},
	}
}

// nodesOfAll counts the nodes of groups.
func nodesOfAll(groups []*group) int {
	n := 0
	for _, g := range groups {
		n += max(1, g.Nodes)
	}
	return n
}

// differences are clauses.
func differences(v say.Voice, all []Difference) []string {
	var out []string
	for _, d := range all {
		node, api := plain.Text(d.Node), plain.Text(d.API)
		switch {
		case d.What == DiffersMode && api == "":
			out = append(out, v.Sprintf("kube-proxy runs in mode %s, where none was seen", node))
		case d.What == DiffersMode:
			out = append(out, v.Sprintf("mode %s, not %s", node, api))
		case d.What == DiffersVersion:
			out = append(out, v.Sprintf("kube-proxy %s, not %s", node, api))
		case d.What == DiffersKernel:
			out = append(out, v.Sprintf("kernel %s, not %s", node, api))
		case d.What == DiffersMinSync:
			out = append(out, v.Sprintf("minSyncPeriod %s, not %s", node, api))
		case d.What == DiffersScheduler:
			out = append(out, v.Sprintf("IPVS scheduler %s, not %s", node, api))
		}
	}
	return out
}

// waiting are the reports of nodes where changes wait for long.
func (s *situation) waiting() []NodeReport {
	return s.reported(func(r NodeReport) bool { return r.Waiting.Value >= longWait+r.Config.MinSyncPeriod.Or(0) })
}

// twoBackends are the reports of nodes with chains in both backends of iptables.
func (s *situation) twoBackends() []NodeReport {
	return s.reported(func(r NodeReport) bool { return r.Backends.LegacyChains.Value > 0 && r.Backends.NFTChains.Value > 0 })
}

// reported are the reports of nodes of this cluster that are of a kind.
func (s *situation) reported(is func(NodeReport) bool) []NodeReport {
	var out []NodeReport
	for _, r := range s.facts.NodeReports {
		if r.Placed && is(r) {
			out = append(out, r)
		}
	}
	return out
}
