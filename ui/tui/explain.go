package tui

import (
	"fmt"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// explanation is everything the advice rests on: what fired, what was
// estimated and how, what upstream announced, what nobody could see.
func (s *adviceScreen) explanation(w int) []kit.Line {
	p, v, a := s.palette, s.palette.Voice, s.session.advice
	head := kit.Line{p.Strong(v.Text("Why, in full")), p.Muted("  " + v.Text("(esc goes back)"))}
	if a.RulesDate != "" {
		head = append(head, p.Muted("  "+v.Sprintf("rules of %s", a.RulesDate)))
	}
	return kit.Join(kit.Wrap(append(head, s.newer()...), w, 2),
		s.reasons(v.Text("Because"), page.Because(a), w),
		s.reasons(page.First(v, a), a.First, w),
		s.places(w),
		s.groups(w),
		s.findings(w),
		s.formulas(w),
		s.rows(w),
		s.reasons(v.Text("Life cycle"), a.Lifecycle, w),
		s.reasons(v.Text("Growth"), a.Growth, w),
		s.reasons(v.Text("Not visible through the API"), a.Unseen, w),
	)
}

// sourced is a reason with its source under it.
func (s *adviceScreen) sourced(r advisor.Reason, w, in int) []kit.Line {
	out := s.reason(kit.Line{s.palette.Text(strings.Repeat(" ", in))}, r, "", w, in)
	if r.Source != "" {
		out = append(out, kit.Wrap(s.source(r.Source, in+2), w, in+4)...)
	}
	return out
}

// source is where something is from, as a note.
func (s *adviceScreen) source(from string, in int) kit.Line {
	v := s.palette.Voice
	return cited(s.palette, strings.Repeat(" ", in)+v.Sprintf("source: %s", v.Again(from)))
}

func (s *adviceScreen) reasons(title string, all []advisor.Reason, w int) []kit.Line {
	if len(all) == 0 {
		return nil
	}
	out := []kit.Line{{s.palette.Strong(title)}}
	for _, r := range all {
		out = append(out, s.sourced(r, w, 2)...)
	}
	return out
}

// cited is a note that names sources, which lead to their pages.
func cited(p kit.Palette, note string) kit.Line { return leading(p, kit.Muted, note) }

// named is the same of a text.
func named(p kit.Palette, text string) kit.Line { return leading(p, kit.Normal, text) }

func leading(p kit.Palette, t kit.Token, text string) kit.Line {
	var out kit.Line
	for _, r := range page.References(text) {
		out = append(out, p.As(t, r.Text).To(r.URL))
	}
	return out
}

// places is the ranking with all its reasons.
func (s *adviceScreen) places(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	if len(a.Ranking) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong(p.Voice.Text("Ranking"))}}
	for i, r := range a.Ranking {
		head := kit.Line{p.Strong(fmt.Sprintf("  %d %s", i+1, page.Mode(p.Voice, r.Mode)))}
		if can := page.Can(p.Voice, r, a); can != "" {
			head = append(head, p.Text("  "), p.As(kit.Warn, can))
		}
		out = append(out, kit.Wrap(head, w, 4)...)
		for _, reason := range r.Reasons {
			out = append(out, s.sourced(reason, w, 4)...)
		}
	}
	return out
}

// groups says what the advice means for each node group, where that is not one
// thing for all.
func (s *adviceScreen) groups(w int) []kit.Line {
	const hang, toCells = nodesCells + 2, 10
	p, a := s.palette, s.session.advice
	if !page.GroupsMatter(a) {
		return nil
	}
	out := kit.Wrap(kit.Line{p.Strong(p.Voice.Text("Node groups")), p.Muted("  " + p.Voice.Text("(nodes, mode to run, modes that can run; ?: not known)"))}, w, 2)
	few, more := s.few(len(a.Groups), w)
	for _, g := range a.Groups[:few] {
		to := "-"
		if g.To != "" {
			to = page.Mode(p.Voice, g.To)
		}
		l := append(kit.Line{p.Right(kit.Normal, page.Counted(g.Nodes), nodesCells), p.Text("  ")}, p.Column(kit.Strong, to, toCells)...)
		out = append(out, kit.Wrap(append(l, p.Text(page.CanRun(p.Voice, g)), p.Text("  "+g.Group)), w, hang)...)
		if text := page.GroupAdvice(p.Voice, g); text != "" {
			out = append(out, kit.Wrap(kit.Line{p.Text(strings.Repeat(" ", hang)), p.Text(text)}, w, hang)...)
		}
	}
	return append(out, more...)
}

// mostGroups is how many node groups are explained one by one: the page is laid out
// whole before it is shown, and nobody reads on.
const mostGroups = 100

// few is how many of so many groups are explained, with what to say of the rest.
func (s *adviceScreen) few(groups, w int) (int, []kit.Line) {
	if groups <= mostGroups {
		return groups, nil
	}
	return mostGroups, kit.Wrap(kit.Line{s.palette.Muted("  " + page.More(s.palette.Voice, groups-mostGroups))}, w, 2)
}

func (s *adviceScreen) findings(w int) []kit.Line {
	const hang = 12
	p, a := s.palette, s.session.advice
	if len(a.Findings) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong(p.Voice.Text("Findings"))}}
	for _, f := range a.Findings {
		l := append(kit.Line{p.Text("  ")}, p.Column(token(page.SeverityTone(f.Severity)), page.Severity(p.Voice, f.Severity), hang-2)...)
		l = append(l, p.Muted(f.Rule.String()+" "), p.Text(f.Text))
		out = append(out, kit.Wrap(l, w, hang)...)
		if f.Remedy != "" {
			out = append(out, kit.Wrap(kit.Line{p.Text(strings.Repeat(" ", hang-2)), p.Accent("▸ "), p.Text(f.Remedy)}, w, hang)...)
		}
		if f.Source != "" {
			out = append(out, kit.Wrap(s.source(f.Source, hang), w, hang+2)...)
		}
	}
	return out
}

// formulas are the estimates with how they come about.
func (s *adviceScreen) formulas(w int) []kit.Line {
	const hang = nameCells + 2
	p, a := s.palette, s.session.advice
	if len(a.Estimates) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong(p.Voice.Text("Estimates")), p.Muted("  " + p.Voice.Text("(for each node; computed, not measured)"))}}
	for _, e := range a.Estimates {
		l := append(kit.Line{p.Text("  ")}, p.Column(kit.Strong, page.Mode(p.Voice, e.Mode), nameCells)...)
		if !e.Known {
			out = append(out, append(l, p.Muted(s.session.noCounts())))
			continue
		}
		out = append(out, kit.Wrap(append(l, p.Text(page.Holds(p.Voice, e))), w, hang)...)
		out = append(out, kit.Wrap(kit.Line{p.Text(strings.Repeat(" ", hang) + page.Adds(p.Voice, e))}, w, hang)...)
		for _, n := range page.EstimateNotes(p.Voice, e) {
			out = append(out, kit.Wrap(append(kit.Line{p.Text(strings.Repeat(" ", hang)), p.Muted(n.Label + p.Voice.Text(": "))}, named(p, n.Text)...), w, hang+2)...)
		}
	}
	return out
}

// rows are the rows of the decision table of issue 81775 that were used.
func (s *adviceScreen) rows(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	if len(a.Reuse) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong(p.Voice.Text("Issue 81775, group by group"))}}
	few, more := s.few(len(a.Reuse), w)
	for _, r := range page.ByExposure(a.Reuse)[:few] {
		l := kit.Line{p.Text("  "), p.Strong(r.Group), p.Text("  " + page.Nodes(p.Voice, r.Nodes) + "  "), exposure(p, r)}
		if text := page.Likelihood(p.Voice, r); text != "" {
			l = append(l, p.Text("  "+text))
		}
		out = append(out, kit.Wrap(l, w, 4)...)
		if r.IfIPVS != "" && r.Exposure == reuse.NotIPVS {
			out = append(out, kit.Wrap(kit.Line{p.Text("    " + p.Voice.Sprintf("under IPVS it would be: %s", page.ExposureWord(p.Voice, r.IfIPVS, false)))}, w, 6)...)
		}
		for _, t := range []string{r.Why, r.Load} {
			if t != "" {
				out = append(out, kit.Wrap(kit.Line{p.Text("    " + t)}, w, 4)...)
			}
		}
		if r.Row != "" {
			out = append(out, kit.Wrap(cited(p, "    "+p.Voice.Sprintf("row: %s", r.Row)), w, 6)...)
		}
	}
	return append(out, more...)
}
