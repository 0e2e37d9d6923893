package page

import (
	"slices"
	"strconv"
	"time"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// connections says how connections are made at the nodes that were measured, and what
// that comes to.
func connections(v say.Voice, a Audit) draft {
	s := draft{ID: "connections", Title: v.Text("How connections are made")}
	s.Table = Table{
		Head: []string{
			v.Head("node"), v.Text("measured by"), v.Text("over"), v.Text("new a second"), v.Text("of the busiest"),
			v.Text("stand open"), v.Text("mean life"), v.Text("reused in 120 s"), v.Text("addresses seen"),
		},
		Right: []bool{false, false, true, true, true, true, true, true, true},
	}
	var used []advisor.HabitMethod
	nodes := 0
	for _, r := range a.Facts.NodeReports {
		all := r.Measures()
		if len(all) == 0 {
			continue
		}
		if nodes++; nodes > mostReports {
			continue
		}
		for _, h := range all {
			s.row(append([]string{nodeName(v, r)}, habitCells(v, h)...))
			if !slices.Contains(used, h.Method) {
				used = append(used, h.Method)
			}
		}
	}
	if nodes == 0 {
		return draft{}
	}
	s.Items = summary(v, a.Advice.Connections)
	if nodes > mostReports {
		s.After = append(s.After, v.Sprintf("And %s.", v.Plural(nodes-mostReports, "more node", "more nodes")))
	}
	s.After = append(s.After, v.Text("The figures are of these nodes while they were measured. Nodes are not added up: a connection from one to another is seen at both. - is not known."))
	for _, m := range used {
		s.After = append(s.After, bias(v, m)...)
	}
	return s
}

// habitCells are the figures of one measure.
func habitCells(v say.Voice, h advisor.NodeHabits) []string {
	life := func(d time.Duration) string { return took(v, d) }
	return []string{
		methodName(v, h.Method), span(v, h.Over.Round(time.Second/10)), orUnknown(h.New, number), orUnknown(h.Busiest, number),
		orUnknown(h.Open, plain.Number), orUnknown(h.Life, life), orUnknown(h.Reused, inPercent), orUnknown(h.Addresses, plain.Number),
	}
}

func methodName(v say.Voice, m advisor.HabitMethod) string {
	switch m {
	case advisor.ByConntrack:
		return v.Text("conntrack events")
	case advisor.ByIPVS:
		return "IPVS"
	case advisor.ByProcesses:
		return v.Text("networks of pods")
	}
	return "-"
}

// summary is what the measures of all nodes come to, each figure with where it is from or
// why it is not known.
func summary(v say.Voice, m advisor.MeasuredHabits) List {
	if m.Nodes == 0 {
		return nil
	}
	life := func(d time.Duration) string { return took(v, d) }
	return List{
		sum(v, v.Text("How clients connect"), m.Pattern, func(p advisor.Pattern) string { return patternText(v, p) }),
		sum(v, v.Text("New a second, at the node with most"), m.New, number),
		sum(v, v.Text("The busiest client, a second"), m.Busiest, number),
		sum(v, v.Text("Stand open, at the node with most"), m.Open, plain.Number),
		sum(v, v.Text("Mean life"), m.Life, life),
		sum(v, v.Text("Reused 5-tuples, at the node with most"), m.Reused, inPercent),
		sum(v, v.Text("Many clients behind one address"), m.BehindNAT, func(nat bool) string { return strconv.FormatBool(nat) }),
	}
}

func sum[T any](v say.Voice, label string, f advisor.Fact[T], text func(T) string) Item {
	x, known := f.Get()
	if !known {
		return Item{Mark: "-", Label: label, Text: UnknownWhy(v, f)}
	}
	return Item{Mark: "-", Label: label, Text: noted(v, text(x), v.Again(f.Source))}
}

// patternText is a pattern as the question has it.
func patternText(v say.Voice, p advisor.Pattern) string {
	for _, q := range advisor.QuestionsIn(v) {
		if q.ID == advisor.HabitConnections {
			return answerText(q, string(p))
		}
	}
	return string(p)
}

// bias is what a method is blind to, a sentence each.
func bias(v say.Voice, m advisor.HabitMethod) []string {
	switch m {
	case advisor.ByConntrack:
		return []string{v.Text("Conntrack events: every connection that the node tracks, begun there or passing. Behind a NAT many clients are one address, and reuse is seen as less than it is. The life is that of connections which ended meanwhile.")}
	case advisor.ByIPVS:
		return []string{v.Text("IPVS: what it began itself. Its counters miss connections that take over an old entry where conn_reuse_mode is 0, and its table shows reuse only while a 5-tuple comes back less often than it is read.")}
	case advisor.ByProcesses:
		return []string{v.Text("Networks of pods: what each opened, to any destination and not to Services alone, so the busiest is at most that. Reuse is not seen.")}
	}
	return nil
}
