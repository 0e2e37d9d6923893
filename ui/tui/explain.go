package tui

import (
	"fmt"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/ui/words"
)

// runbook is the change, step by step: the advised one, or a move to another
// mode with what it would mean.
func (s *adviceScreen) runbook(w int) []line {
	p, to := s.palette, s.session.to
	hint := p.muted("  (esc goes back, o shows another mode)")
	if to == "" {
		title := "Runbook"
		if a := s.session.advice; a.Action == advisor.Change && len(a.Runbook) > 0 {
			title += ": to " + words.Mode(a.Recommended) + ", as advised"
		}
		head := wrap(append(line{p.strong(title), hint}, s.newer()...), w, 2)
		const none = "There is nothing to change, so there is nothing to run."
		return append(append(head, nil), s.steps(s.session.advice.Runbook, none, w)...)
	}
	m := s.session.move()
	if m == nil {
		return append(wrap(line{p.strong(words.MoveTitle(to)), hint}, w, 2), nil, line{p.text("Working it out…")})
	}
	head := wrap(append(line{p.strong(words.MoveTitle(to)), hint}, s.newer()...), w, 2)
	differs := s.reasons("What would differ", m.Differs, w)
	return join(head, differs, s.steps(m.Runbook, "There is nothing to run.", w))
}

// steps are those of a runbook, or a sentence where it has none.
func (s *adviceScreen) steps(all []advisor.Step, none string, w int) []line {
	p := s.palette
	if len(all) == 0 {
		return []line{{p.text(none)}}
	}
	var out []line
	for i, step := range all {
		if i > 0 {
			out = append(out, nil)
		}
		number := fmt.Sprintf("%2d  ", i+1)
		out = append(out, wrap(line{p.accent(number), p.strong(step.Title)}, w, 4)...)
		if step.Text != "" {
			out = append(out, wrap(line{p.text("    " + step.Text)}, w, 4)...)
		}
		for _, c := range step.Commands {
			for _, row := range strings.Split(c, "\n") {
				out = append(out, wrap(line{p.text("    "), p.accent("$ "), p.text(row)}, w, 8)...)
			}
		}
	}
	return out
}

// explanation is everything the advice rests on: what fired, what was
// estimated and how, what upstream announced, what nobody could see.
func (s *adviceScreen) explanation(w int) []line {
	p, a := s.palette, s.session.advice
	head := line{p.strong("Why, in full"), p.muted("  (esc goes back)")}
	if a.RulesDate != "" {
		head = append(head, p.muted("  rules of "+a.RulesDate))
	}
	return join(wrap(append(head, s.newer()...), w, 2),
		s.reasons("Because", words.Because(a), w),
		s.reasons(words.First(a), a.First, w),
		s.places(w),
		s.groups(w),
		s.findings(w),
		s.formulas(w),
		s.rows(w),
		s.reasons("Life cycle", a.Lifecycle, w),
		s.reasons("Growth", a.Growth, w),
		s.reasons("Not visible through the API", a.Unseen, w),
	)
}

// sourced is a reason with its source under it.
func (s *adviceScreen) sourced(r advisor.Reason, w, in int) []line {
	out := s.reason(line{s.palette.text(strings.Repeat(" ", in))}, r, "", w, in)
	if r.Source != "" {
		l := line{s.palette.muted(strings.Repeat(" ", in+2) + "source: " + r.Source)}
		out = append(out, wrap(l, w, in+4)...)
	}
	return out
}

func (s *adviceScreen) reasons(title string, all []advisor.Reason, w int) []line {
	if len(all) == 0 {
		return nil
	}
	out := []line{{s.palette.strong(title)}}
	for _, r := range all {
		out = append(out, s.sourced(r, w, 2)...)
	}
	return out
}

// places is the ranking with all its reasons.
func (s *adviceScreen) places(w int) []line {
	p, a := s.palette, s.session.advice
	if len(a.Ranking) == 0 {
		return nil
	}
	out := []line{{p.strong("Ranking")}}
	for i, r := range a.Ranking {
		head := line{p.strong(fmt.Sprintf("  %d %s", i+1, words.Mode(r.Mode)))}
		if can := words.Can(r, a); can != "" {
			head = append(head, p.text("  "), p.as(warn, can))
		}
		out = append(out, wrap(head, w, 4)...)
		for _, reason := range r.Reasons {
			out = append(out, s.sourced(reason, w, 4)...)
		}
	}
	return out
}

// groups says what the advice means for each node group, where that is not one
// thing for all.
func (s *adviceScreen) groups(w int) []line {
	const hang, toCells = nodesCells + 2, 10
	p, a := s.palette, s.session.advice
	if !words.GroupsMatter(a) {
		return nil
	}
	out := wrap(line{p.strong("Node groups"), p.muted("  (nodes, mode to run, modes that can run; ?: not known)")}, w, 2)
	few, more := s.few(len(a.Groups), w)
	for _, g := range a.Groups[:few] {
		to := "-"
		if g.To != "" {
			to = words.Mode(g.To)
		}
		l := append(line{p.right(normal, words.Counted(g.Nodes), nodesCells), p.text("  ")}, p.column(strong, to, toCells)...)
		out = append(out, wrap(append(l, p.text(words.CanRun(g)), p.text("  "+g.Group)), w, hang)...)
		if text := words.GroupAdvice(g); text != "" {
			out = append(out, wrap(line{p.text(strings.Repeat(" ", hang)), p.text(text)}, w, hang)...)
		}
	}
	return append(out, more...)
}

// mostGroups is how many node groups are explained one by one: the page is laid out
// whole before it is shown, and nobody reads on.
const mostGroups = 100

// few is how many of so many groups are explained, with what to say of the rest.
func (s *adviceScreen) few(groups, w int) (int, []line) {
	if groups <= mostGroups {
		return groups, nil
	}
	return mostGroups, wrap(line{s.palette.muted("  " + words.More(groups-mostGroups))}, w, 2)
}

func (s *adviceScreen) findings(w int) []line {
	const hang = 12
	p, a := s.palette, s.session.advice
	if len(a.Findings) == 0 {
		return nil
	}
	out := []line{{p.strong("Findings")}}
	for _, f := range a.Findings {
		tok := normal
		switch f.Severity {
		case advisor.Critical:
			tok = bad
		case advisor.Warning:
			tok = warn
		}
		l := append(line{p.text("  ")}, p.column(tok, string(f.Severity), hang-2)...)
		l = append(l, p.muted(f.Rule.String()+" "), p.text(f.Text))
		out = append(out, wrap(l, w, hang)...)
		if f.Remedy != "" {
			out = append(out, wrap(line{p.text(strings.Repeat(" ", hang-2)), p.accent("▸ "), p.text(f.Remedy)}, w, hang)...)
		}
		if f.Source != "" {
			out = append(out, wrap(line{p.muted(strings.Repeat(" ", hang) + "source: " + f.Source)}, w, hang+2)...)
		}
	}
	return out
}

// formulas are the estimates with how they come about.
func (s *adviceScreen) formulas(w int) []line {
	const hang = nameCells + 2
	p, a := s.palette, s.session.advice
	if len(a.Estimates) == 0 {
		return nil
	}
	out := []line{{p.strong("Estimates"), p.muted("  (for each node; computed, not measured)")}}
	for _, e := range a.Estimates {
		l := append(line{p.text("  ")}, p.column(strong, words.Mode(e.Mode), nameCells)...)
		if !e.Known {
			out = append(out, append(l, p.muted(s.session.noCounts())))
			continue
		}
		out = append(out, wrap(append(l, p.text(holds(e))), w, hang)...)
		out = append(out, wrap(line{p.text(strings.Repeat(" ", hang) + adds(e))}, w, hang)...)
		for _, row := range [][2]string{
			{"one endpoint's change", e.OneEndpointChange},
			{"full sync", e.FullSync},
			{"formula", e.Formula},
			{"source", e.Source},
		} {
			if row[1] != "" {
				out = append(out, wrap(line{p.text(strings.Repeat(" ", hang)), p.muted(row[0] + ": "), p.text(row[1])}, w, hang+2)...)
			}
		}
	}
	return out
}

// rows are the rows of the decision table of issue 81775 that were used.
func (s *adviceScreen) rows(w int) []line {
	p, a := s.palette, s.session.advice
	if len(a.Reuse) == 0 {
		return nil
	}
	out := []line{{p.strong("Issue 81775, group by group")}}
	few, more := s.few(len(a.Reuse), w)
	for _, r := range words.ByExposure(a.Reuse)[:few] {
		word, tok := exposureWord(r.Exposure, words.Urgent(r))
		l := line{p.text("  "), p.strong(r.Group), p.text("  " + words.Nodes(r.Nodes) + "  "), p.as(tok, word)}
		if text := words.Likelihood(r); text != "" {
			l = append(l, p.text("  "+text))
		}
		out = append(out, wrap(l, w, 4)...)
		if r.IfIPVS != "" && r.Exposure == reuse.NotIPVS {
			would, _ := exposureWord(r.IfIPVS, false)
			out = append(out, wrap(line{p.text("    under IPVS it would be: " + would)}, w, 6)...)
		}
		for _, t := range []string{r.Why, r.Load} {
			if t != "" {
				out = append(out, wrap(line{p.text("    " + t)}, w, 4)...)
			}
		}
		if r.Row != "" {
			out = append(out, wrap(line{p.muted("    row: " + r.Row)}, w, 6)...)
		}
	}
	return append(out, more...)
}
