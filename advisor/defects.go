package advisor

import (
	"fmt"
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// patchRelease is a patch release of Kubernetes 1.x.
type patchRelease struct{ minor, patch int }

func (r patchRelease) String() string { return fmt.Sprintf("1.%d.%d", r.minor, r.patch) }

// defect is one of kube-proxy's own, mended in a later release. The releases are
// those of CHANGELOG-1.31 to CHANGELOG-1.38.
type defect struct {
	id   RuleID
	mode Mode // in which it bites; empty for any
	// first is the first release that has it; mended are the first ones without,
	// one for each minor version that got the fix, ascending.
	first  patchRelease
	mended []patchRelease
	severe Severity
	needs  []Need
	bites  func(*situation, *group) bool // what else it takes, from the facts
	text   string
	proved string // the same where the nodes themselves told it; empty where they cannot
	source string
}

// affects reports whether a version has the defect; unclear where that hangs on
// a patch level that was not given.
func (d defect) affects(v release.Version) tri {
	after := func(r patchRelease, patch int) bool {
		return v.Minor > r.minor || v.Minor == r.minor && patch >= r.patch
	}
	has := func(patch int) bool {
		if !after(d.first, patch) || after(d.mended[len(d.mended)-1], patch) {
			return false
		}
		return !slices.ContainsFunc(d.mended, func(r patchRelease) bool { return r.minor == v.Minor && patch >= r.patch })
	}
	if v.HasPatch {
		return triOf(has(v.Patch))
	}
	const last = 1_000 // beyond every patch level
	if oldest, newest := has(0), has(last); oldest == newest {
		return triOf(oldest)
	}
	return unclear
}

// mendedFor is the nearest release without the defect, from a version on.
func (d defect) mendedFor(v release.Version) patchRelease {
	for _, r := range d.mended {
		if r.minor >= v.Minor {
			return r
		}
	}
	return d.mended[len(d.mended)-1]
}

func (d defect) remedy(v say.Voice) string {
	all := make([]string, 0, len(d.mended))
	for _, r := range d.mended {
		all = append(all, r.String())
	}
	return v.Sprintf("upgrade kube-proxy to %s or later first", v.List(all...))
}

// defectTable lists the known ones that a cluster's objects can show to bite. Those
// that hang on what is on a node alone (a foreign writer of nft sets, a
// kube-proxy without the right to nf_conntrack_max) are not here.
func defectTable(v say.Voice) []defect {
	nft := patchRelease{31, 0} // from here on nftables mode can be used without an alpha gate
	return []defect{
		{
			id: KPA091, mode: NFTables, first: nft, mended: []patchRelease{{33, 6}, {34, 0}}, severe: Warning, needs: []Need{NeedServiceObjects},
			bites:  func(s *situation, _ *group) bool { return s.facts.Services.Value.ExternalLocal > 0 },
			text:   v.Text("nodes and pods without an endpoint of their own cannot reach the external address of a Service with externalTrafficPolicy Local"),
			source: "kubernetes issue 131765, PR 132456; CHANGELOG-1.33",
		},
		{
			id: KPA092, mode: NFTables, first: nft, mended: []patchRelease{{33, 6}, {34, 2}, {35, 0}}, severe: Warning, needs: []Need{NeedDetectLocal},
			bites: func(_ *situation, g *group) bool {
				m := g.Proxy.Config.DetectLocalMode.Value
				return m == "BridgeInterface" || m == "InterfaceNamePrefix"
			},
			text:   v.Text("detectLocalMode BridgeInterface and InterfaceNamePrefix match by iif, the index of an interface, which does not follow one that comes and goes"),
			source: "kubernetes PR 134024; CHANGELOG-1.33 to CHANGELOG-1.35",
		},
		{
			id: KPA093, mode: NFTables, first: nft, mended: []patchRelease{{37, 0}}, severe: Warning, needs: []Need{NeedServiceObjects},
			bites:  func(s *situation, _ *group) bool { return s.facts.Services.Value.LongNames > 0 },
			text:   v.Text("a Service whose namespace/name:port is longer than 128 bytes breaks every sync, of all Services"),
			source: "kubernetes PR 139516",
		},
		{
			id: KPA094, mode: NFTables, first: nft, mended: []patchRelease{{34, 10}, {35, 8}, {36, 3}, {37, 0}}, severe: Warning, needs: []Need{NeedOSImage},
			bites:  func(_ *situation, g *group) bool { return g.nftAge() == nftNew },
			text:   v.Text("the nft in kube-proxy's image can fail on sets that a newer nft on the host wrote (1.1.2 or later; this OS image is likely to have one): look, nft --version and nft list ruleset on such a node"),
			proved: v.Text("the nft in kube-proxy's image can fail on sets that a newer nft on the host wrote, and nft there is 1.1.2 or later: look, nft list ruleset on such a node"),
			source: "kubernetes issues 136786, 140898; build/common.sh of the releases",
		},
		{
			id: KPA096, first: patchRelease{31, 0}, mended: []patchRelease{{31, 2}, {32, 3}, {33, 0}}, severe: Warning, needs: []Need{NeedServiceObjects},
			bites:  func(s *situation, _ *group) bool { return s.facts.Services.Value.UDPPorts > 0 },
			text:   v.Text("its clean-up of UDP conntrack entries is faulty (stale entries before 1.31.2; CPU and memory in 1.32.0 to 1.32.2)"),
			source: "CHANGELOG-1.31, CHANGELOG-1.32",
		},
		{
			id: KPA097, first: patchRelease{29, 0}, mended: []patchRelease{{37, 0}}, severe: Info, needs: []Need{NeedServiceObjects},
			bites: func(s *situation, _ *group) bool {
				c := s.facts.Services.Value
				return c.UDPPorts > 0 && c.WithoutEndpoints > 0
			},
			text:   v.Text("UDP clients of a Service that loses all its endpoints keep sending to the last of them"),
			source: "kubernetes PR 139629",
		},
		{
			id: KPA098, mode: IPVS, first: patchRelease{34, 0}, mended: []patchRelease{{34, 4}, {35, 1}, {36, 0}}, severe: Warning, needs: []Need{NeedMode},
			bites:  func(*situation, *group) bool { return true },
			text:   v.Text("removed endpoints are not rechecked periodically and stay with weight 0"),
			source: "kubernetes PRs 136123, 135631; CHANGELOG-1.34, CHANGELOG-1.35",
		},
		{
			id: KPA099, mode: IPVS, first: patchRelease{9, 0}, mended: []patchRelease{{37, 0}}, severe: Info, needs: []Need{NeedMode},
			bites:  func(*situation, *group) bool { return true },
			text:   v.Text("each sync dumps the addresses of every interface, which takes tens of seconds with many Services"),
			source: "kubernetes PR 138927",
		},
	}
}

// defectRules are one rule for each defect, and one for host tools too old.
func defectRules(v say.Voice) []Rule {
	var out []Rule
	for _, d := range defectTable(v) {
		out = append(out, d.rule(v))
	}
	return slices.Insert(out, 4, oldNFTRule(v))
}

func (d defect) rule(v say.Voice) Rule {
	return Rule{
		ID: d.id, Severity: d.severe, Needs: append([]Need{NeedVersion}, d.needs...), Source: d.source, Remedy: d.remedy(v),
		group: func(s *situation, g *group) bool {
			if d.mode == IPVS && g.mode.Value != IPVS {
				return false // nobody is to move there
			}
			return d.affects(g.version.Value) != no && d.bites(s, g)
		},
		text: func(_ *situation, hits []*group) string { return d.says(v, hits) },
	}
}

// says tells the defect, of which versions, and what mends it.
func (d defect) says(v say.Voice, hits []*group) string {
	of := hits[0].version.Value
	sure := false
	for _, g := range hits {
		if d.affects(g.version.Value) == yes {
			of, sure = g.version.Value, true
			break
		}
	}
	who, mended := v.Sprintf("kube-proxy %s", of), d.mendedFor(of)
	if !sure {
		who = v.Sprintf("kube-proxy %s, if it is below %s,", of, mended)
	}
	if d.mode == "" {
		return v.Sprintf("%s has a known fault: %s. Mended in %s.", who, d.text, mended)
	}
	text := d.text
	if d.proved != "" && !slices.ContainsFunc(hits, func(g *group) bool { return !g.Proxy.NFT.IsKnown() }) {
		text = d.proved
	}
	return v.Sprintf("%s has a known fault in %s mode: %s. Mended in %s.", who, d.mode.title(), text, mended)
}

// oldNFTRule is about hosts whose own nft chokes on what kube-proxy's writes.
// The kernel usually forbids nftables mode there; not with a newer kernel on an
// old distribution.
func oldNFTRule(v say.Voice) Rule {
	return Rule{
		ID: KPA095, Severity: Warning, Needs: []Need{NeedVersion, NeedKernel, NeedOSImage}, Source: "kubernetes pkg/proxy/nftables/supported.go; kubernetes issue 122743",
		Remedy: v.Text("look: nft --version on such a node; take a newer node image first"),
		group: func(_ *situation, g *group) bool {
			return g.version.Value.AtLeast(31) && nftKernel(g) == yes && g.nftAge() == nftOld
		},
		text: func(_ *situation, hits []*group) string {
			if told := slices.DeleteFunc(slices.Clone(hits), func(g *group) bool { return !g.Proxy.NFT.IsKnown() }); len(told) > 0 {
				return v.Sprintf("The nft of %s is %s, older than 1.0.1: it may crash on, or spoil, what kube-proxy writes in nftables mode.",
					nodesOf(v, told), namesOf(v, told, func(g group) string { return plain.Text(g.Proxy.NFT.Value) }))
			}
			return v.Sprintf("%s comes with an nft older than 1.0.1, which may crash on, or spoil, what kube-proxy writes in nftables mode.", namesOf(v, hits, func(g group) string { return g.OSImage }))
		},
	}
}

// defects are the known faults that bite this cluster when a mode runs, the
// worst first: those that call for an upgrade of kube-proxy before a move to it,
// or at once where it runs.
func (s *situation) defects(to Mode) []Finding {
	out := []Finding{}
	for _, d := range defectTable(s.Voice) {
		if d.mode != to && d.mode != "" {
			continue
		}
		if o := s.apply(d.rule(s.Voice)); o.Outcome == Hit {
			out = append(out, o.Finding)
		}
	}
	if to == NFTables {
		if o := s.apply(oldNFTRule(s.Voice)); o.Outcome == Hit {
			out = append(out, o.Finding)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return a.Severity.rank() - b.Severity.rank() })
	return out
}

// faults are the defects of a mode that a warning is worth, as reasons.
func (s *situation) faults(of Mode) []Reason {
	var out []Reason
	for _, f := range s.defects(of) {
		if f.Severity != Info {
			out = append(out, Reason{Rule: f.Rule, Text: s.Sentences(f.Text, s.Sprintf("%s.", plain.Upper(f.Remedy))), Source: f.Source})
		}
	}
	return out
}
