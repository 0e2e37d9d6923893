package page

import (
	"strings"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// ProxyName is what programs Services on a group: a mode, or what runs instead.
func ProxyName(v say.Voice, p advisor.Proxy) string {
	if impl, ok := p.Implementation.Get(); ok && impl != advisor.KubeProxy {
		return string(impl)
	}
	mode, ok := p.Mode.Get()
	switch {
	case !ok:
		return "unknown"
	case p.Defaulted:
		return Mode(v, mode) + " (default)"
	}
	return Mode(v, mode)
}

// ProxyNames are those of all groups, each once.
func ProxyNames(v say.Voice, groups []advisor.NodeGroup) []string {
	var out []string
	seen := map[string]bool{}
	for _, g := range groups {
		g.Proxy.Defaulted = false
		if name := ProxyName(v, g.Proxy); !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// Evidence is the strongest sign of how Services are programmed, or why there is none.
func Evidence(v say.Voice, p advisor.Proxy) string {
	for _, e := range p.Evidence {
		if !e.Conflict {
			return evidenceText(v, e)
		}
	}
	switch {
	case p.Mode.IsKnown():
		return p.Mode.Source
	case p.Mode.Detail != "":
		return p.Mode.Detail
	case p.Mode.Why != advisor.NotAsked:
		return "mode " + string(p.Mode.Why)
	}
	return ""
}

// Conflicts are the signs that say something else.
func Conflicts(v say.Voice, p advisor.Proxy) []string {
	var out []string
	for _, e := range p.Evidence {
		if e.Conflict {
			out = append(out, evidenceText(v, e))
		}
	}
	return out
}

func evidenceText(v say.Voice, e advisor.Evidence) string {
	if e.Says == "" {
		return e.Source
	}
	return e.Source + " says " + e.Says
}

// Stale says that pods run with an older configuration than the one seen; empty if none do.
func Stale(v say.Voice, p advisor.Proxy) string {
	if p.Stale == 0 {
		return ""
	}
	return plain.Count(p.Stale, "node") + " " + Verb(p.Stale, "run") + " a pod older than this configuration"
}

// Holds is what a mode would have to hold on each node, in its own terms.
func Holds(v say.Voice, e advisor.Estimate) string {
	var parts []string
	add := func(n int, noun string) {
		if n > 0 {
			parts = append(parts, plain.Count(n, noun))
		}
	}
	add(e.VirtualServers, "virtual server")
	add(e.RealServers, "real server")
	add(e.Rules, "rule")
	add(e.Chains, "chain")
	add(e.Elements, "element")
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// Adds is what a mode would add to each new connection.
func Adds(v say.Voice, e advisor.Estimate) string {
	if e.NewConnection != "" {
		return Micro(e.NewConnection)
	}
	p50, p99 := Latency(v, e.NewConnectionP50Ns), Latency(v, e.NewConnectionP99Ns)
	if p50 == p99 {
		return "each new connection: " + p50
	}
	return "each new connection: " + p50 + " p50, " + p99 + " p99"
}

// EstimateNotes say how an estimate comes about; those that say nothing are left out.
func EstimateNotes(v say.Voice, e advisor.Estimate) []Labelled {
	var out []Labelled
	for _, n := range []Labelled{
		{Label: "largest Service", Text: Micro(e.WorstService)},
		{Label: "one endpoint's change", Text: e.OneEndpointChange},
		{Label: "that change takes", Text: e.ChangeTime},
		{Label: "full sync", Text: e.FullSync},
		{Label: "formula", Text: e.Formula},
		{Label: "source", Text: e.Source},
	} {
		if n.Text != "" {
			out = append(out, n)
		}
	}
	return out
}
