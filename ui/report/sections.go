package report

import (
	"strconv"

	"kpadvisor/advisor"
	"kpadvisor/ui/words"
)

func verdict(doc Document) section {
	a := doc.Advice
	s := section{Title: "Recommendation: " + actionPhrase(a), Tone: actionTone(a.Action)}
	now := "In force: " + inForce(a.Current) + "."
	if a.Confidence != "" {
		now += " Confidence: " + string(a.Confidence) + "."
	}
	s.Intro = append(s.Intro, now)
	for _, r := range a.Because {
		s.Intro = append(s.Intro, said(r))
	}
	for i, r := range a.Ranking {
		it := item{Mark: strconv.Itoa(i + 1), Label: words.Mode(r.Mode)}
		if i == 0 && r.Possible {
			it.Tone = good
		}
		if !r.Possible {
			it.Tone, it.Text = muted, "not possible here"
		}
		for _, reason := range r.Reasons {
			if it.Text == "" {
				it.Text = said(reason)
			} else {
				it.Notes = append(it.Notes, said(reason))
			}
		}
		s.Items = append(s.Items, it)
	}
	return s
}

func twoMode(a advisor.Advice) section {
	s := section{Title: "Between iptables and IPVS alone (UK8S guide): " + twoModePhrase(a.TwoMode)}
	if a.TwoModeWhy != "" {
		s.Intro = []string{a.TwoModeWhy}
	} else {
		s.Intro = []string{"No reason was given."}
	}
	return s
}

func reuse(a advisor.Advice) section {
	s := section{Title: "Kubernetes issue 81775: IPVS reuses connections to destroyed pods"}
	if a.Caveat != "" {
		s.Intro = []string{a.Caveat}
	}
	for _, r := range a.Reuse {
		it := item{Label: r.Group, Tone: exposureTone(r.Exposure)}
		it.Text = words.Nodes(r.Nodes) + ", " + exposureWord(r.Exposure)
		if r.Exposure == advisor.NotIPVS && r.IfIPVS != "" {
			it.Text += "; under IPVS: " + exposureWord(r.IfIPVS)
		}
		it.Notes = nonEmpty(r.Why, prefixed("row: ", r.Row), prefixed("load: ", r.Load))
		for _, m := range r.Measured {
			it.Notes = append(it.Notes, "measured: "+m)
		}
		for _, fix := range r.Remedy {
			it.Notes = append(it.Notes, "remedy: "+fix)
		}
		s.Items = append(s.Items, it)
	}
	return s
}

func flips(a advisor.Advice) section {
	s := section{Title: "What would change this advice"}
	for _, f := range a.Flips {
		s.Items = append(s.Items, item{Mark: "-", Text: "if " + f.If + ": " + f.Then})
	}
	return s
}

func reasons(title string, rs []advisor.Reason) section {
	s := section{Title: title}
	for _, r := range rs {
		s.Items = append(s.Items, item{Mark: "-", Text: said(r)})
	}
	return s
}

func findings(a advisor.Advice) section {
	s := section{Title: "Findings"}
	for _, f := range a.Findings {
		s.Items = append(s.Items, item{
			Mark: string(f.Severity), Label: f.Rule, Tone: severityTone(f.Severity),
			Text: f.Text, Notes: nonEmpty(prefixed("remedy: ", f.Remedy)),
		})
	}
	return s
}

func runbook(a advisor.Advice) section {
	s := section{Title: "Runbook"}
	for i, step := range a.Runbook {
		s.Items = append(s.Items, item{
			Mark: strconv.Itoa(i + 1), Text: step.Title,
			Notes: nonEmpty(step.Text), Commands: step.Commands,
		})
	}
	return s
}

// sources lists where each rule named above has its text from, once.
func sources(a advisor.Advice) section {
	s := section{Title: "Sources"}
	seen := map[[2]string]bool{}
	add := func(rule, source string) {
		if k := [2]string{rule, source}; rule != "" && source != "" && !seen[k] {
			seen[k] = true
			s.Items = append(s.Items, item{Label: rule, Tone: muted, Text: source})
		}
	}
	every := [][]advisor.Reason{a.Because}
	for _, r := range a.Ranking {
		every = append(every, r.Reasons)
	}
	every = append(every, a.Lifecycle, a.Growth, a.Unseen)
	for _, rs := range every {
		for _, r := range rs {
			add(r.Rule, r.Source)
		}
	}
	for _, f := range a.Findings {
		add(f.Rule, f.Source)
	}
	sortItems(s.Items)
	if a.RulesDate != "" {
		s.After = []string{"Rule table of " + a.RulesDate + "."}
	}
	return s
}
