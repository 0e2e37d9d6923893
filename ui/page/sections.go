package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
)

// first is what comes before the recommended mode can run everywhere.
func first(v say.Voice, a advisor.Advice) draft {
	s := draft{ID: "first", Title: First(v, a), Tone: Warn}
	for i, r := range a.First {
		s.Items = append(s.Items, Item{Mark: strconv.Itoa(i + 1), Text: said(v, r)})
	}
	return s
}

func ranking(v say.Voice, a advisor.Advice) draft {
	s := draft{ID: "ranking", Title: v.Text("Ranking")}
	for i, r := range a.Ranking {
		it := Item{Mark: strconv.Itoa(i + 1), Label: Mode(v, r.Mode), Text: Can(v, r, a)}
		switch {
		case it.Text != "":
			it.Tone = Muted
		case i == 0:
			it.Tone = Good
		}
		for _, reason := range r.Reasons {
			if it.Text == "" {
				it.Text = said(v, reason)
			} else {
				it.Notes = append(it.Notes, said(v, reason))
			}
		}
		s.Items = append(s.Items, it)
	}
	return s
}

// groups says what the advice means for each node group, where it is not the
// same for all or one of them has no say.
func groups(v say.Voice, a advisor.Advice) draft {
	if !GroupsMatter(a) {
		return draft{}
	}
	s := draft{ID: "groups", Title: v.Text("Node groups"), Table: Table{
		Head: []string{v.Head("nodes"), v.Head("to"), v.Head("can run"), v.Head("group")}, Right: []bool{true, false, false, false},
	}}
	for _, g := range a.Groups {
		to := "-"
		if g.To != "" {
			to = Mode(v, g.To)
		}
		can := CanRun(v, g)
		if strings.Contains(can, "?") {
			s.After = []string{v.Text("?: not known whether it can run there.")}
		}
		s.row([]string{Counted(g.Nodes), to, can, v.Sprintf("%s. %s", g.Group, GroupAdvice(v, g))})
	}
	return s
}

func twoMode(v say.Voice, a advisor.Advice) draft {
	s := draft{ID: "two-modes", Title: v.Sprintf("Between iptables and IPVS alone (UK8S guide): %s", TwoMode(v, a.TwoMode))}
	if a.TwoModeWhy != "" {
		s.Intro = []string{Micro(a.TwoModeWhy)}
	} else {
		s.Intro = []string{v.Text("No reason was given.")}
	}
	return s
}

func reuseSection(v say.Voice, a advisor.Advice) draft {
	s := draft{ID: "81775", Title: v.Text("Kubernetes issue 81775: IPVS reuses connections to destroyed pods")}
	if a.Caveat != "" {
		s.Intro = []string{a.Caveat}
	}
	for _, r := range worstFirst(a.Reuse) {
		it := Item{Label: r.Group, Tone: ExposureTone(r.Exposure, Urgent(r))}
		clauses := []string{v.Sprintf("%s, %s", Nodes(v, r.Nodes), Exposure(v, r.Exposure, Urgent(r)))}
		if r.Exposure == reuse.NotIPVS && r.IfIPVS != "" {
			clauses = append(clauses, v.Sprintf("under IPVS: %s", Exposure(v, r.IfIPVS, false)))
		}
		it.Text = v.Clauses(append(clauses, nonEmpty(Likelihood(v, r))...)...)
		it.Notes = nonEmpty(r.Why, Prefixed(v.Text("row: "), r.Row), Prefixed(v.Text("load: "), r.Load))
		for _, m := range r.Measured {
			it.Notes = append(it.Notes, Prefixed(v.Text("measured: "), m))
		}
		for _, fix := range r.Remedy {
			it.Notes = append(it.Notes, Prefixed(v.Text("remedy: "), fix))
		}
		s.Items = append(s.Items, it)
	}
	return s
}

func flips(v say.Voice, a advisor.Advice) draft {
	s := draft{ID: "flips", Title: v.Text("What would change this advice")}
	for _, f := range a.Flips {
		s.Items = append(s.Items, Item{Mark: "-", Text: v.Sprintf("if %s: %s", f.If, f.Then)})
	}
	return s
}

func reasons(v say.Voice, id, title string, rs []advisor.Reason) draft {
	s := draft{ID: id, Title: title}
	for _, r := range rs {
		s.Items = append(s.Items, Item{Mark: "-", Text: said(v, r)})
	}
	return s
}

func findings(v say.Voice, a advisor.Advice) draft {
	s := draft{ID: "findings", Title: v.Text("Findings")}
	for _, f := range a.Findings {
		s.Items = append(s.Items, Item{
			Mark: Severity(v, f.Severity), Label: f.Rule.String(), Tone: SeverityTone(f.Severity),
			Text: f.Text, Notes: nonEmpty(Prefixed(v.Text("remedy: "), f.Remedy)),
		})
	}
	return s
}

// Severity is how grave a finding is, in a word.
func Severity(v say.Voice, s advisor.Severity) string {
	switch s {
	case advisor.Critical:
		return v.Text("critical")
	case advisor.Warning:
		return v.Text("warning")
	case advisor.Info:
		return v.Text("info")
	}
	return string(s)
}

// runbook is that of the advice, or of the move that somebody asked for.
func runbook(v say.Voice, doc Audit) draft {
	s := draft{ID: "runbook", Title: v.Text("Runbook")}
	steps := doc.Advice.Runbook
	if m := doc.Move; m != nil {
		s.Title, steps = MoveTitle(v, m.To), m.Runbook
		if len(steps) == 0 {
			s.Intro = []string{v.Text("There is nothing to run.")}
		}
	}
	for _, step := range steps {
		s.Steps = append(s.Steps, Step{Title: step.Title, Text: step.Text, Commands: step.Commands})
	}
	return s
}

// differs says what the move that somebody asked for would mean.
func differs(v say.Voice, m *advisor.Move) draft {
	if m == nil {
		return draft{}
	}
	s := reasons(v, "differs", v.Sprintf("What would differ with %s", Mode(v, m.To)), m.Differs)
	switch {
	case m.Advised:
		s.Intro = []string{v.Text("It is the mode that is advised.")}
	case len(m.Differs) == 0:
		s.Intro = []string{v.Text("Nothing that this program knows of.")}
	}
	return s
}

// sources lists where each rule named above has its text from, once.
// sources are those of the findings, and of the reasons that are shown.
func sources(v say.Voice, a advisor.Advice, shown ...[]advisor.Reason) draft {
	s := draft{ID: "sources", Title: v.Text("Sources")}
	var all Sources
	seen := map[[2]string]bool{}
	add := func(rule, source string) {
		if k := [2]string{rule, source}; rule != "" && source != "" && !seen[k] {
			seen[k] = true
			all = append(all, Source{Rule: rule, Text: source})
		}
	}
	for _, rs := range shown {
		for _, r := range rs {
			add(r.Rule.String(), r.Source)
		}
	}
	for _, f := range a.Findings {
		add(f.Rule.String(), f.Source)
	}
	slices.SortStableFunc(all, func(a, b Source) int { return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Text, b.Text)) })
	if len(all) > 0 {
		s.Parts = []Block{all}
	}
	if a.RulesDate != "" {
		s.After = []string{v.Sprintf("Rule table of %s.", a.RulesDate)}
	}
	return s
}
