package report

import (
	"strconv"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/ui/words"
)

func verdict(doc Document) section {
	a := doc.Advice
	s := section{Title: "Recommendation: " + actionPhrase(a), Tone: actionTone(a.Action)}
	s.Intro = append(s.Intro, "In force: "+inForce(a.Current)+".")
	if text := words.Confidence(a); text != "" {
		s.Intro = append(s.Intro, "Confidence: "+text+".")
	}
	for _, r := range words.Because(a) {
		s.Intro = append(s.Intro, said(r))
	}
	return s
}

// first is what comes before the recommended mode can run everywhere.
func first(a advisor.Advice) section {
	s := section{Title: words.First(a), Tone: warn}
	for i, r := range a.First {
		s.Items = append(s.Items, item{Mark: strconv.Itoa(i + 1), Text: said(r)})
	}
	return s
}

func ranking(a advisor.Advice) section {
	s := section{Title: "Ranking"}
	for i, r := range a.Ranking {
		it := item{Mark: strconv.Itoa(i + 1), Label: words.Mode(r.Mode), Text: words.Can(r, a)}
		switch {
		case it.Text != "":
			it.Tone = muted
		case i == 0:
			it.Tone = good
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

// groups says what the advice means for each node group, where it is not the
// same for all or one of them has no say.
func groups(a advisor.Advice) section {
	if !words.GroupsMatter(a) {
		return section{}
	}
	s := section{Title: "Node groups", Table: table{
		Head: []string{"nodes", "to", "can run", "group"}, Right: []bool{true, false, false, false},
	}}
	for _, g := range a.Groups {
		to := "-"
		if g.To != "" {
			to = words.Mode(g.To)
		}
		can := words.CanRun(g)
		if strings.Contains(can, "?") {
			s.After = []string{"?: not known whether it can run there."}
		}
		s.Table.Rows = append(s.Table.Rows, []string{words.Counted(g.Nodes), to, can, g.Group + ". " + words.GroupAdvice(g)})
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

func reuseSection(a advisor.Advice) section {
	s := section{Title: "Kubernetes issue 81775: IPVS reuses connections to destroyed pods"}
	if a.Caveat != "" {
		s.Intro = []string{a.Caveat}
	}
	for _, r := range worstFirst(a.Reuse) {
		it := item{Label: r.Group, Tone: exposureTone(r.Exposure, words.Urgent(r))}
		it.Text = words.Nodes(r.Nodes) + ", " + exposureWord(r.Exposure, words.Urgent(r))
		if r.Exposure == reuse.NotIPVS && r.IfIPVS != "" {
			it.Text += "; under IPVS: " + exposureWord(r.IfIPVS, false)
		}
		it.Text += prefixed("; ", words.Likelihood(r))
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
			Mark: string(f.Severity), Label: f.Rule.String(), Tone: severityTone(f.Severity),
			Text: f.Text, Notes: nonEmpty(prefixed("remedy: ", f.Remedy)),
		})
	}
	return s
}

// runbook is that of the advice, or of the move that somebody asked for.
func runbook(doc Document) section {
	s := section{Title: "Runbook"}
	steps := doc.Advice.Runbook
	if m := doc.Move; m != nil {
		s.Title, steps = words.MoveTitle(m.To), m.Runbook
		if len(steps) == 0 {
			s.Intro = []string{"There is nothing to run."}
		}
	}
	for i, step := range steps {
		s.Items = append(s.Items, item{
			Mark: strconv.Itoa(i + 1), Text: step.Title,
			Notes: nonEmpty(step.Text), Commands: step.Commands,
		})
	}
	return s
}

// differs says what the move that somebody asked for would mean.
func differs(m *advisor.Move) section {
	if m == nil {
		return section{}
	}
	s := reasons("What would differ with "+words.Mode(m.To), m.Differs)
	switch {
	case m.Advised:
		s.Intro = []string{"It is the mode that is advised."}
	case len(m.Differs) == 0:
		s.Intro = []string{"Nothing that this program knows of."}
	}
	return s
}

// sources lists where each rule named above has its text from, once.
func sources(doc Document) section {
	a := doc.Advice
	s := section{Title: "Sources"}
	seen := map[[2]string]bool{}
	add := func(rule, source string) {
		if k := [2]string{rule, source}; rule != "" && source != "" && !seen[k] {
			seen[k] = true
			s.Items = append(s.Items, item{Label: rule, Tone: muted, Text: source})
		}
	}
	every := [][]advisor.Reason{a.Because, a.First}
	if doc.Move != nil {
		every = append(every, doc.Move.Differs)
	}
	for _, r := range a.Ranking {
		every = append(every, r.Reasons)
	}
	every = append(every, a.Lifecycle, a.Growth, a.Unseen)
	for _, rs := range every {
		for _, r := range rs {
			add(r.Rule.String(), r.Source)
		}
	}
	for _, f := range a.Findings {
		add(f.Rule.String(), f.Source)
	}
	sortItems(s.Items)
	if a.RulesDate != "" {
		s.After = []string{"Rule table of " + a.RulesDate + "."}
	}
	return s
}
