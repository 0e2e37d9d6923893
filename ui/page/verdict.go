package page

import (
	"cmp"
	"slices"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// verdict is the card, and below it the reasons that found no room on it.
func verdict(v say.Voice, doc Audit) draft {
	a := doc.Advice
	s := draft{ID: "verdict", Title: v.Sprintf("Recommendation: %s", Action(v, a)), Tone: ActionTone(a.Action), Parts: []Block{VerdictCard(v, a)}}
	var more List
	for i, r := range Because(a) {
		if i > 0 {
			more = append(more, Item{Mark: "-", Text: said(v, r)})
		}
	}
	if len(more) > 0 {
		s.Parts = append(s.Parts, more)
	}
	return s
}

// VerdictCard is the advice as one would tell it to a colleague: what to do, and one line
// each for what that rests on.
func VerdictCard(v say.Voice, a advisor.Advice) Card {
	c := Card{Do: Micro(a.Headline), Tone: ActionTone(a.Action), Confidence: Degree(v, a.Confidence), Rests: v.Clauses(confidenceClauses(v, a)...)}
	add := func(label, text string, tone Tone) {
		if text != "" {
			c.Lines = append(c.Lines, Labelled{Label: label, Text: text, Tone: tone})
		}
	}
	add(v.Text("In force"), InForce(v, a.Current), Normal)
	if because := Because(a); len(because) > 0 {
		add(v.Text("Why"), said(v, because[0]), Normal)
	}
	if f, ok := gravest(a); ok {
		add(v.Text("Risk"), said(v, advisor.Reason{Rule: f.Rule, Text: f.Text}), Bad)
	}
	text, tone := issue(v, a)
	add("81775", text, tone)
	if n := len(a.First); n > 0 {
		text := said(v, a.First[0])
		if n > 1 {
			text = v.Sprintf("%s (and %s more, below)", text, plain.Number(n-1))
		}
		add(v.Text("Blocks"), text, Warn)
	}
	return c
}

// ToDo counts what waits for somebody: the change of mode, if one is advised, and each
// finding that is more than information.
func ToDo(a advisor.Advice) int {
	n := 0
	if a.Action == advisor.Change {
		n++
	}
	for _, f := range a.Findings {
		if f.Severity == advisor.Critical || f.Severity == advisor.Warning {
			n++
		}
	}
	return n
}

// gravest is a critical finding that is not about issue 81775, which has a line of its own.
func gravest(a advisor.Advice) (advisor.Finding, bool) {
	i := slices.IndexFunc(a.Findings, func(f advisor.Finding) bool {
		return f.Severity == advisor.Critical && f.Rule != advisor.KPA041
	})
	if i < 0 {
		return advisor.Finding{}, false
	}
	return a.Findings[i], true
}

// issue is what issue 81775 does here, in one sentence: no verdict goes without it.
func issue(v say.Voice, a advisor.Advice) (string, Tone) {
	worst, nodes := Exposed(a.Reuse)
	if worst.Exposure == "" {
		return plain.Upper(cmp.Or(a.CaveatHere, a.Caveat)), Normal // what the issue is stands below
	}
	text := v.Clauses(nonEmpty(Exposure(v, worst.Exposure, Urgent(worst)), Likelihood(v, worst))...)
	return v.Sprintf("%s: %s", Nodes(v, nodes), text), ExposureTone(worst.Exposure, Urgent(worst))
}

// Exposed is the worst that issue 81775 does here and to how many nodes; empty
// where there is nothing to do about it. What is likely comes before what is not.
func Exposed(all []advisor.Reuse) (worst advisor.Reuse, nodes int) {
	for _, r := range ByExposure(all) {
		switch {
		case !slices.Contains(Exposures()[:5], r.Exposure):
		case worst.Exposure == "":
			worst, nodes = r, r.Nodes
		case r.Exposure == worst.Exposure && Urgent(r) == Urgent(worst):
			nodes += r.Nodes
		}
	}
	return worst, nodes
}
