package advisor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

const srcAutopsy = "tables in the reports of the nodes, compared with the rules of kube-proxy 1.37.2"

// autopsyRules are about what the tables of nodes hold.
func autopsyRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA084, Severity: Warning, Needs: []Need{NeedLeftovers}, Source: srcAutopsy,
			Remedy: v.Text("drain the node, run kube-proxy --cleanup there with the iptables backend that holds the rules, again until it ends with 0, and restart kube-proxy: it removes the rules of every mode; or replace the node"),
			fires:  func(s *situation) bool { return len(s.opened(hasLeftovers)) > 0 },
			text: func(s *situation, _ []*group) string {
				hits := s.opened(hasLeftovers)
				texts := []string{v.Sprintf("Modes that do not run have left things behind on %s: %s.", v.Count(len(hits), "node"), v.List(leftoversOf(v, hits)...))}
				if slices.ContainsFunc(hits, func(a NodeAutopsy) bool { return a.left(LeftVirtualServers) }) {
					texts = append(texts, v.Text("A Service that is deleted still answers at a virtual server that was left behind."))
				}
				return v.Sentences(texts...)
			},
		},
		{
			ID: KPA085, Severity: Warning, Needs: []Need{NeedRules}, Source: srcAutopsy,
			Remedy: v.Text("find out who else writes there; a restart of kube-proxy writes its own chains again, and leaves rules in the kernel's"),
			fires:  func(s *situation) bool { return len(s.opened(hasDifferences)) > 0 },
			text: func(s *situation, _ []*group) string {
				hits := s.opened(hasDifferences)
				return v.Sprintf("Rules on %s are not those that kube-proxy writes for the Services that they show: %s.",
					v.Count(len(hits), "node"), v.List(differencesOf(v, hits)...))
			},
		},
		{
			ID: KPA086, Severity: Warning, Needs: []Need{NeedIPVS}, Source: src81775 + "; /proc/net/ip_vs and ip_vs_conn in the reports of the nodes",
			Remedy: v.Text("see the remedies of issue 81775 for these nodes; real servers that stay go with kube-proxy 1.34.4, 1.35.1 or later, or when it is restarted"),
			fires:  func(s *situation) bool { return len(s.sickIPVS()) > 0 },
			text: func(s *situation, _ []*group) string {
				var texts []string
				beginning, stayed := 0, 0
				for _, a := range s.sickIPVS() {
					beginning += a.IPVS.Beginning.Value
					stayed += a.IPVS.Stayed
				}
				nodes := v.Count(len(s.sickIPVS()), "node")
				if beginning > 0 {
					texts = append(texts, v.Sprintf("Issue 81775 at work on %s: IPVS sent %s that clients began to real servers that get no new ones.", nodes, v.Count(beginning, "connection")))
				}
				if stayed > 0 {
					texts = append(texts, v.Sprintf("On %s, %s of weight 0 without a connection stay.", nodes, v.Count(stayed, "real server")))
				}
				return v.Sentences(texts...)
			},
		},
		{
			ID: KPA089, Severity: Info, Needs: []Need{NeedIPVS}, Source: "/proc/net/ip_vs and ipsets in the reports of the nodes; kube-proxy 1.37.2 flushes IPVS when it starts in nftables mode",
			Remedy: v.Text("find out whose they are before a switch: on the way to nftables IPVS is emptied, and IPVS mode spares only addresses in ipvs.excludeCIDRs"),
			fires:  func(s *situation) bool { return len(s.opened(hasForeign)) > 0 },
			text: func(s *situation, _ []*group) string {
				n := 0
				hits := s.opened(hasForeign)
				for _, a := range hits {
					n += max(a.IPVS.Foreign.Value, a.IPVS.ByMark)
				}
				return v.Sprintf("IPVS on %s has %s that kube-proxy did not make.", v.Count(len(hits), "node"), v.Count(n, "virtual server"))
			},
		},
	}
}

// opened are the autopsies of nodes of this cluster that are of a kind.
func (s *situation) opened(is func(NodeAutopsy) bool) []NodeAutopsy {
	var out []NodeAutopsy
	for _, r := range s.reported(func(r NodeReport) bool { return r.Autopsy != nil && is(*r.Autopsy) }) {
		out = append(out, *r.Autopsy)
	}
	return out
}

func hasLeftovers(a NodeAutopsy) bool { return len(a.Leftovers) > 0 }

func hasDifferences(a NodeAutopsy) bool { return len(a.Rules.Differ) > 0 }

func hasForeign(a NodeAutopsy) bool {
	return a.IPVS != nil && max(a.IPVS.Foreign.Value, a.IPVS.ByMark) > 0
}

func (a NodeAutopsy) left(what LeftoverKind) bool {
	return slices.ContainsFunc(a.Leftovers, func(l Leftover) bool { return l.What == what })
}

// sickIPVS are the nodes in IPVS mode where issue 81775 is seen, or real servers stay that
// should be gone: for longer than kube-proxy takes to look, which is a minute, or where it
// does not look at all, in 1.34.0 to 1.34.3 and 1.35.0.
func (s *situation) sickIPVS() []NodeAutopsy {
	var out []NodeAutopsy
	for _, r := range s.reported(func(r NodeReport) bool { return r.Mode.Value == IPVS && r.Autopsy != nil && r.Autopsy.IPVS != nil }) {
		a := *r.Autopsy.IPVS
		version, err := release.ParseVersion(r.Version.Or(""))
		never := err == nil && version.HasPatch && (version.Minor == 34 && version.Patch < 4 || version.Minor == 35 && version.Patch < 1)
		if a.Apart <= stuckAfter && !never {
			a.Stayed = 0
		}
		if a.Stayed > 0 || a.Beginning.Value > 0 {
			out = append(out, NodeAutopsy{IPVS: &a})
		}
	}
	return out
}

// stuckAfter is how long a real server of weight 0 may stay after its last connection: a
// minute until kube-proxy looks, and what that takes.
const stuckAfter = 65 * time.Second

// leftoversOf adds up what is left over on nodes, most first.
func leftoversOf(v say.Voice, all []NodeAutopsy) []string {
	sum := map[Leftover]int{}
	for _, a := range all {
		for _, l := range a.Leftovers {
			sum[Leftover{Of: l.Of, What: l.What}] += l.Count
		}
	}
	return mostOf(sum, func(l Leftover, n int) string {
		l.Count = n
		return LeftoverText(v, l)
	}, func(a, b Leftover) int { return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.What, b.What)) }, 4)
}

// differencesOf adds up how rules differ on nodes.
func differencesOf(v say.Voice, all []NodeAutopsy) []string {
	sum := map[RuleDifference]int{}
	for _, a := range all {
		for _, d := range a.Rules.Differ {
			sum[RuleDifference{How: d.How, Table: d.Table, Chain: d.Chain}] += d.Count
		}
	}
	return mostOf(sum, func(d RuleDifference, n int) string {
		d.Count = n
		return RuleDifferenceText(v, d)
	}, func(a, b RuleDifference) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.How, b.How))
	}, 4)
}

// mostOf says the largest of what was counted, so many of them.
func mostOf[K comparable](sum map[K]int, text func(K, int) string, order func(a, b K) int, n int) []string {
	keys := slices.SortedFunc(maps.Keys(sum), func(a, b K) int { return cmp.Or(cmp.Compare(sum[b], sum[a]), order(a, b)) })
	var out []string
	for _, k := range keys[:min(len(keys), n)] {
		out = append(out, text(k, sum[k]))
	}
	return out
}

// LeftoverText says a leftover: "17 ipsets of IPVS mode".
func LeftoverText(v say.Voice, l Leftover) string {
	of := plain.Text(string(l.Of))
	switch l.What {
	case LeftLegacyChains:
		return v.Sprintf("%s of %s mode in iptables-legacy", v.Count(l.Count, "chain"), of)
	case LeftNFTChains:
		return v.Sprintf("%s of %s mode in iptables-nft", v.Count(l.Count, "chain"), of)
	case LeftIPSets:
		return v.Sprintf("%s of %s mode", v.Count(l.Count, "ipset"), of)
	case LeftVirtualServers:
		return v.Sprintf("%s of %s mode", v.Count(l.Count, "virtual server"), of)
	case LeftDevice:
		return v.Sprintf("the device kube-ipvs0 of %s mode", of)
	}
	return v.Sprintf("%s of %s mode", v.Count(l.Count, "table"), of)
}

// RuleDifferenceText says how rules differ: "3 added in KUBE-SERVICES of nat".
func RuleDifferenceText(v say.Voice, d RuleDifference) string {
	n, chain, table := plain.Number(d.Count), plain.Text(d.Chain), plain.Text(d.Table)
	switch d.How {
	case RuleAdded:
		return v.Sprintf("%s added in %s (%s)", n, chain, table)
	case RuleMissing:
		return v.Sprintf("%s missing in %s (%s)", n, chain, table)
	case RuleChanged:
		return v.Sprintf("%s changed in %s (%s)", n, chain, table)
	case RuleOrder:
		return v.Sprintf("%s in another order: %s (%s)", n, chain, table)
	}
	return v.Sprintf("%s that nothing leads to: %s (%s)", v.Count(d.Count, "chain"), chain, table)
}

// NotComparedText says why rules were not compared.
func NotComparedText(v say.Voice, why NotCompared) string {
	switch why {
	case ApartNotRead:
		return v.Text("the rules were not read: that takes root and the tools")
	case ApartCut:
		return v.Text("there are more rules than a report holds")
	case ApartMode:
		return v.Text("what mode runs is not proved")
	case ApartVersion:
		return v.Text("this version of kube-proxy writes rules of another form, or its version is not known")
	case ApartBetween:
		return v.Text("kube-proxy may have written between the tables that were read")
	case ApartRanges:
		return v.Text("load balancer source ranges")
	case ApartLarge:
		return v.Text("with over 1,000 endpoints kube-proxy removes chains later")
	case ApartFilter:
		return v.Text("the filter table was not read")
	case ApartSets:
		return v.Text("the sets were not read, or are empty")
	}
	return v.Text("this build of kpadvisor knows no rules of nftables")
}
