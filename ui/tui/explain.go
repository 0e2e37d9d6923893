package tui

import (
	"fmt"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/ui/words"
)

// runbook is the change, step by step.
func (s *adviceScreen) runbook(w int) []line {
	p, a := s.palette, s.session.advice
	out := []line{{p.strong("Runbook"), p.muted("  (esc goes back)")}, nil}
	if len(a.Runbook) == 0 {
		return append(out, line{p.text("There is nothing to change, so there is nothing to run.")})
	}
	for i, step := range a.Runbook {
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
	return join([]line{head},
		s.reasons("Because", a.Because, w),
		s.places(w),
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
		out = append(out, line{p.strong(fmt.Sprintf("  %d %s", i+1, words.Mode(r.Mode)))})
		for _, reason := range r.Reasons {
			out = append(out, s.sourced(reason, w, 4)...)
		}
	}
	return out
}

func (s *adviceScreen) findings(w int) []line {
	const hang = 12
	p, a := s.palette, s.session.advice
	if len(a.Findings) == 0 {
		return nil
	}
	out := []line{{p.strong("Findings")}}
	for _, f := range a.Findings {
		tok := plain
		switch f.Severity {
		case advisor.Critical:
			tok = bad
		case advisor.Warning:
			tok = warn
		}
		l := append(line{p.text("  ")}, p.column(tok, string(f.Severity), hang-2)...)
		l = append(l, p.muted(f.Rule+" "), p.text(f.Text))
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
			out = append(out, append(l, p.muted("unknown: the counts it needs were not read")))
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
	for _, r := range byExposure(a.Reuse) {
		word, tok := exposureWord(r.Exposure)
		out = append(out, wrap(line{p.text("  "), p.strong(r.Group), p.text("  " + words.Nodes(r.Nodes) + "  "), p.as(tok, word)}, w, 4)...)
		if r.IfIPVS != "" && r.Exposure == advisor.NotIPVS {
			would, _ := exposureWord(r.IfIPVS)
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
	return out
}
