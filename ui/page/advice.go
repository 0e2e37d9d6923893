package page

import (
	"slices"
	"strings"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// Can says what stands in the way of a place in the ranking; empty where the
// mode can run. What is not known is not impossible.
func Can(v say.Voice, r advisor.Ranked, a advisor.Advice) string {
	switch {
	case r.Can == release.CanYes:
		return ""
	case r.Can == release.CanNo && r.Mode == a.Recommended && len(a.First) > 0:
		return v.Text("not possible here yet: see what comes first")
	case r.Can == release.CanNo:
		return v.Text("not possible here")
	case slices.ContainsFunc(r.Reasons, func(x advisor.Reason) bool { return x.Rule == advisor.KPA013 }):
		return v.Text("not supported here yet")
	}
	return v.Text("not known whether it is possible here")
}

// CanRun lists the modes that can run on a group; what is not known has a
// question mark.
func CanRun(v say.Voice, g advisor.GroupAdvice) string {
	var can []string
	for _, m := range advisor.Modes() {
		switch g.Can[m] {
		case release.CanYes:
			can = append(can, Mode(v, m))
		case release.CanNo:
		default:
			can = append(can, Mode(v, m)+"?")
		}
	}
	if len(can) == 0 {
		return v.Text("none")
	}
	return v.List(can...)
}

// GroupsMatter reports whether the advice differs, or may, from group to group:
// one group that does all it is told needs no table.
func GroupsMatter(a advisor.Advice) bool {
	return len(a.Groups) > 1 || slices.ContainsFunc(a.Groups, func(g advisor.GroupAdvice) bool {
		return !g.Weighs || len(g.Blockers) > 0
	})
}

// GroupAdvice is the sentence on a group, with what holds it back where the
// sentence does not say.
func GroupAdvice(v say.Voice, g advisor.GroupAdvice) string {
	text := g.Advice
	for _, b := range g.Blockers {
		if !strings.Contains(text, b) {
			text = v.Sentences(nonEmpty(text, v.Sprintf("Held by: %s.", b))...)
		}
	}
	return text
}

// First heads what comes before the recommended mode.
func First(v say.Voice, a advisor.Advice) string {
	if a.Recommended == "" {
		return v.Text("First")
	}
	return v.Sprintf("First, then %s", Mode(v, a.Recommended))
}

// Confidence is the degree and what it rests on: "medium, because not everything
// was read"; for a high one what was tried. Empty where there is none.
func Confidence(v say.Voice, a advisor.Advice) string {
	if a.Confidence == "" {
		return ""
	}
	because := confidenceClauses(v, a)
	switch degree := Degree(v, a.Confidence); {
	case len(because) == 0:
		return degree
	case a.Confidence == advisor.High:
		return v.Sprintf("%s: %s", degree, v.Clauses(because...))
	default:
		return v.Sprintf("%s, because %s", degree, v.Clauses(because...))
	}
}

// Degree is how sure the advice is, in a word.
func Degree(v say.Voice, c advisor.Confidence) string {
	switch c {
	case advisor.High:
		return v.Text("high")
	case advisor.Medium:
		return v.Text("medium")
	case advisor.Low:
		return v.Text("low")
	}
	return ""
}

// confidenceClauses are what the confidence rests on.
func confidenceClauses(v say.Voice, a advisor.Advice) []string {
	var out []string
	for _, b := range a.ConfidenceBecause {
		out = append(out, confidenceClause(v, b))
	}
	return out
}

func confidenceClause(v say.Voice, text string) string {
	text = strings.TrimRight(text, ".。")
	// Clauses are joined by semicolons: none of them may have its own.
	return strings.Replace(text, v.Text("; another answer"), v.Text(", and another answer"), 1)
}

// Because are the reasons of the verdict without those that the line on its
// confidence, or what comes first, says already.
func Because(a advisor.Advice) []advisor.Reason {
	return slices.DeleteFunc(slices.Clone(a.Because), func(r advisor.Reason) bool {
		return r.Doubt || slices.Contains(a.First, r)
	})
}

// Likelihood says how likely issue 81775 is met by a group that could meet it;
// empty for one that cannot.
func Likelihood(v say.Voice, r advisor.Reuse) string {
	if r.Likelihood == "" || r.Exposure == reuse.Safe || r.Exposure == reuse.NotIPVS {
		return ""
	}
	return v.Sprintf("likelihood: %s", r.Likelihood.In(v))
}

// Urgent reports whether an exposure calls for alarm: it does unless the habits
// make it unlikely that anybody meets it.
func Urgent(r advisor.Reuse) bool { return r.Likelihood.Urgent() }

// WithoutEndpoints explains the two counts of ports: of those that kube-proxy
// programs, some have nobody behind them. The second count is of one IP family,
// and says so where the two differ. Empty where every port has an endpoint.
func WithoutEndpoints(v say.Voice, ports int, l advisor.Fact[advisor.Load]) string {
	load, ok := l.Get()
	n := load.PortsWithoutEndpoints
	if !ok || n <= 0 {
		return ""
	}
	of := v.Text("them")
	if load.Ports != ports {
		of = v.Sprintf("the %s of %s", plain.Number(load.Ports), load.Family)
	}
	switch {
	case ports == 1 && n == 1:
		return v.Text("it has no usable endpoint")
	case n >= load.Ports:
		return v.Sprintf("none of %s has a usable endpoint", of)
	case n == 1:
		return v.Sprintf("1 of %s has no usable endpoint", of)
	}
	return v.Sprintf("%s of %s have no usable endpoint", plain.Number(n), of)
}

// Lookups explains the count of Service ports that the advice rests on, where it
// is not that of the ports with endpoints: external and load-balancer addresses
// are entries of their own. Empty otherwise.
func Lookups(v say.Voice, l advisor.Fact[advisor.Load]) string {
	load, ok := l.Get()
	ports, addresses := load.Lookups()
	if !ok || addresses == 0 {
		return ""
	}
	return v.Sprintf("a new connection is looked up among %s: %s with endpoints and %s of external or load-balancer addresses",
		plain.Number(ports+addresses), v.Count(ports, "port"), plain.Number(addresses))
}

// MoveTitle heads the runbook of a move that somebody asked for.
func MoveTitle(v say.Voice, m advisor.Mode) string {
	return v.Sprintf("Runbook: to %s, as asked", Mode(v, m))
}

// Exposures in the order in which they need looking at.
func Exposures() []reuse.Exposure {
	return []reuse.Exposure{
		reuse.StalePod, reuse.SynDelay, reuse.IfSysctl0, reuse.CheckSysctl, reuse.UnknownReuse, reuse.Safe, reuse.NotIPVS,
	}
}

// ByExposure sorts the groups, those that need something done first.
func ByExposure(all []advisor.Reuse) []advisor.Reuse {
	order := Exposures()
	rank := func(r advisor.Reuse) int {
		n := 2 * slices.Index(order, r.Exposure)
		if !Urgent(r) {
			n++
		}
		return n
	}
	return slices.SortedStableFunc(slices.Values(all), func(a, b advisor.Reuse) int { return rank(a) - rank(b) })
}

// Announced is what upstream has announced for a mode, in a few words; the life cycle of
// the report says it in full.
func Announced(v say.Voice, m advisor.Mode) string {
	switch m {
	case advisor.NFTables:
		return v.Text("default 1.40?")
	case advisor.IPVS:
		return v.Text("off from 1.40")
	case advisor.IPTables:
		return v.Text("nothing")
	}
	return ""
}

// AnnouncedBy is where that is from, and how sure it is.
func AnnouncedBy(v say.Voice) string {
	return v.Text("Announced: KEP-5495; with a question mark KEP-5343, provisional.")
}
