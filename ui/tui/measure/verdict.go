package measure

import (
	"slices"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// counts are the errors by class, the connections made late, and the ports: in one line
// where there is no trouble.
func (s *runPane) counts(w int) []kit.Line {
	p, r := s.palette, &s.watch
	if len(r.series) == 0 {
		return nil
	}
	out := kit.Line{p.Muted("errors "), p.Text("0"), p.Muted("   resent SYNs "), p.Text("0")}
	if slices.ContainsFunc(r.series, page.Troubled) {
		out = s.troubles()
	}
	b := r.budget
	if r.result != nil {
		b = r.result.Budget
	}
	if b.Ports > 0 {
		out = append(out, p.Muted("   ports "), p.Text(plain.Number(b.Need)+" of "+plain.Number(b.Ports)).Whole(w))
	}
	return kit.Wrap(out, w, 2)
}

// troubles are the errors and the late connections of each target that has any.
func (s *runPane) troubles() kit.Line {
	p, r := s.palette, &s.watch
	list := func(of func(probe.Series) string) kit.Line {
		var l kit.Line
		for i, series := range r.series {
			if text := of(series); text != "0" {
				l = append(l, p.Text("  "), p.As(side(i), r.label(i)), p.Text(" "), p.As(kit.Bad, text).Whole(maxTrouble))
			}
		}
		if len(l) == 0 {
			return kit.Line{p.Text(" 0")}
		}
		return l
	}
	failed := list(func(s probe.Series) string { return page.Failures(p.Voice, s) })
	out := append(kit.Line{p.Muted("errors")}, failed...)
	return append(append(out, p.Muted("   resent SYNs")), list(page.Resent)...)
}

// maxTrouble is how long what went wrong with one target may be without being broken.
const maxTrouble = 60

// tells reports whether there is something to say of the run in the advice.
func (s *runPane) tells() bool { return s.weighed != "" && s.watch.over() }

// taken says what became of the run in the advice.
func (s *runPane) taken(w int) []kit.Line {
	if !s.tells() {
		return nil
	}
	return kit.Wrap(kit.Line{s.palette.Text(s.weighed)}, w, 2)
}

// problems are what stands between the numbers and a conclusion.
func (s *runPane) problems(w int) []kit.Line {
	p, r := s.palette, &s.watch
	var out []kit.Line
	if r.err != nil {
		what, why := page.NoResult(r.err)
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, what), p.Text(why)}, w, 2)...)
	}
	if r.result != nil && r.result.Stopped != "" {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, "Stopped by itself: "), p.Text(r.result.Stopped)}, w, 2)...)
	}
	if r.result != nil && !r.result.SelfCheck.Usable {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, "This run supports no conclusion: "), p.Text(strings.Join(r.result.SelfCheck.Why, "; "))}, w, 2)...)
	}
	said := map[string]bool{}
	for _, v := range r.differences {
		if d := v.comparison.Phases[r.phase]; !d.Usable && (r.result == nil || r.result.SelfCheck.Usable) && !said[d.Why] {
			said[d.Why] = true
			out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, page.PhaseName(r.phase)+" can't be compared: "), p.Text(d.Why)}, w, 2)...)
		}
		for _, text := range v.comparison.Warnings {
			if !said[text] {
				said[text] = true
				out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, "! "), p.Text(text)}, w, 2)...)
			}
		}
	}
	if r.result != nil {
		for _, f := range r.result.Findings {
			out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, f.Target+" "+string(f.Cause)+": "), p.Text(f.Text), p.Muted(" " + f.How)}, w, 2)...)
		}
	}
	return out
}

// unmarked says why the rows have no marks of rolling updates.
func (s *runPane) unmarked(w int) []kit.Line {
	p := s.palette
	var out []kit.Line
	for i, gap := range s.watch.gaps {
		if gap != "" {
			out = append(out, kit.Wrap(kit.Line{p.As(side(i), s.watch.label(i)), p.Muted(" " + gap)}, w, 2)...)
		}
	}
	return out
}

// remarks say how the numbers are to be read, and how the engine fared.
func (s *runPane) remarks(w int) []kit.Line {
	p, r := s.palette, s.watch.result
	if r == nil {
		return nil
	}
	out := kit.Wrap(kit.Line{p.Muted(page.SelfCheckLine(r.SelfCheck))}, w, 2)
	for _, n := range r.Notes {
		out = append(out, kit.Wrap(kit.Line{p.Muted(n)}, w, 2)...)
	}
	return out
}
