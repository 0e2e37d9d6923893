package page

import (
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// verdict is the card, and below it the reasons that found no room on it.
func verdict(doc Audit) draft {
	a := doc.Advice
	s := draft{ID: "verdict", Title: "Recommendation: " + Action(a), Tone: ActionTone(a.Action), Parts: []Block{VerdictCard(a)}}
	var more List
	for i, r := range Because(a) {
		if i > 0 {
			more = append(more, Item{Mark: "-", Text: said(r)})
		}
	}
	if len(more) > 0 {
		s.Parts = append(s.Parts, more)
	}
	return s
}

// VerdictCard is the advice as one would tell it to a colleague: what to do, and one line
// each for what that rests on.
func VerdictCard(a advisor.Advice) Card {
	c := Card{Do: Micro(a.Headline), Tone: ActionTone(a.Action), Confidence: string(a.Confidence), Rests: strings.Join(confidenceClauses(a), "; ")}
	add := func(label, text string, tone Tone) {
		if text != "" {
			c.Lines = append(c.Lines, Labelled{Label: label, Text: text, Tone: tone})
		}
	}
	add("In force", InForce(a.Current), Normal)
	if because := Because(a); len(because) > 0 {
		add("Why", said(because[0]), Normal)
	}
	text, tone := risk(a)
	add("Risk", text, tone)
	if n := len(a.First); n > 0 {
		text := said(a.First[0])
		if n > 1 {
			text += " (and " + plain.Number(n-1) + " more, below)"
		}
		add("Blocks", text, Warn)
	}
	return c
}

// risk is the worst that is known of what runs now: issue 81775 where somebody is
// exposed to it, else the worst finding; empty for none.
func risk(a advisor.Advice) (string, Tone) {
	if worst, nodes := Exposed(a.Reuse); worst.Exposure != "" {
		text := "issue 81775 on " + Nodes(nodes) + ": " + Exposure(worst.Exposure, Urgent(worst))
		return text + Prefixed("; ", Likelihood(worst)), ExposureTone(worst.Exposure, Urgent(worst))
	}
	i := slices.IndexFunc(a.Findings, func(f advisor.Finding) bool { return f.Severity == advisor.Critical })
	if i < 0 {
		return "", Normal
	}
	return said(advisor.Reason{Rule: a.Findings[i].Rule, Text: a.Findings[i].Text}), Bad
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
