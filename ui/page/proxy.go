package page

import (
	"kpadvisor/say"

	"kpadvisor/advisor"
)

// ProxyName is what programs Services on a group: a mode, or what runs instead.
func ProxyName(v say.Voice, p advisor.Proxy) string {
	if impl, ok := p.Implementation.Get(); ok && impl != advisor.KubeProxy {
		return string(impl)
	}
	mode, ok := p.Mode.Get()
	switch {
	case !ok:
		return v.Text("unknown")
	case p.Defaulted:
		return v.Sprintf("%s (default)", Mode(v, mode))
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
		return v.Again(p.Mode.Source)
	case p.Mode.Detail != "":
		return v.Again(p.Mode.Detail)
	case p.Mode.Why != advisor.NotAsked:
		return v.Sprintf("mode %s", whyWord(v, p.Mode.Why))
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
		return v.Again(e.Source)
	}
	return v.Sprintf("%s says %s", v.Again(e.Source), v.Again(e.Says))
}

// Stale says that pods run with an older configuration than the one seen; empty if none do.
func Stale(v say.Voice, p advisor.Proxy) string {
	if p.Stale == 0 {
		return ""
	}
	return v.Plural(p.Stale, "node runs a pod older than this configuration", "nodes run a pod older than this configuration")
}

// Holds is what a mode would have to hold on each node, in its own terms.
func Holds(v say.Voice, e advisor.Estimate) string {
	var parts []string
	add := func(n int, said string) {
		if n > 0 {
			parts = append(parts, said)
		}
	}
	add(e.VirtualServers, v.Count(e.VirtualServers, "virtual server"))
	add(e.RealServers, v.Count(e.RealServers, "real server"))
	add(e.Rules, v.Count(e.Rules, "rule"))
	add(e.Chains, v.Count(e.Chains, "chain"))
	add(e.Elements, v.Count(e.Elements, "element"))
	if len(parts) == 0 {
		return v.Text("nothing")
	}
	return v.List(parts...)
}

// Adds is what a mode would add to each new connection.
func Adds(v say.Voice, e advisor.Estimate) string {
	if e.NewConnection != "" {
		return Micro(e.NewConnection)
	}
	p50, p99 := Latency(v, e.NewConnectionP50Ns), Latency(v, e.NewConnectionP99Ns)
	if p50 == p99 {
		return v.Sprintf("each new connection: %s", p50)
	}
	return v.Sprintf("each new connection: %s p50, %s p99", p50, p99)
}

// EstimateNotes say how an estimate comes about; those that say nothing are left out.
func EstimateNotes(v say.Voice, e advisor.Estimate) []Labelled {
	var out []Labelled
	for _, n := range []Labelled{
		{Label: v.Text("largest Service"), Text: Micro(e.WorstService)},
		{Label: v.Text("one endpoint's change"), Text: e.OneEndpointChange},
		{Label: v.Text("that change takes"), Text: e.ChangeTime},
		{Label: v.Text("full sync"), Text: e.FullSync},
		{Label: v.Text("formula"), Text: e.Formula},
		{Label: v.Text("source"), Text: v.Again(e.Source)},
	} {
		if n.Text != "" {
			out = append(out, n)
		}
	}
	return out
}
