package measure

import (
	"slices"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// counts are the errors by class, the connections made late, and the ports: in one line
// where there is no trouble.
func (s *runPane) counts(w int) []kit.Line {
	p, v, r := s.palette, s.palette.Voice, &s.watch
	if len(r.series) == 0 {
		return nil
	}
	out := kit.Line{p.Muted(v.Text("errors") + " "), p.Text("0"), p.Muted("   " + v.Text("resent SYNs") + " "), p.Text("0")}
	if slices.ContainsFunc(r.series, page.Troubled) {
		out = s.troubles()
	}
	b := r.budget
	if r.result != nil {
		b = r.result.Budget
	}
	if b.Ports > 0 {
		out = append(out, p.Muted("   "+v.Head("ports")+" "), p.Text(v.Sprintf("%s of %s", plain.Number(b.Need), plain.Number(b.Ports))).Whole(w))
	}
	return kit.Wrap(out, w, 2)
}

// total is how much went wrong, of all targets together.
func (s *runPane) total() kit.Line {
	p := s.palette
	var failed, late int64
	for _, series := range s.watch.series {
		failed, late = failed+series.Failed()+series.Events.NotSent, late+series.Events.Retransmitted()
	}
	count := func(what string, n int64) kit.Line {
		tok := kit.Normal
		if n > 0 {
			tok = kit.Bad
		}
		return kit.Line{p.Muted("   " + what + " "), p.As(tok, plain.Number(int(n)))}
	}
	out := count(p.Voice.Text("errors"), failed)
	if late > 0 {
		out = append(out, count(p.Voice.Text("late"), late)...)
	}
	return out
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
	out := append(kit.Line{p.Muted(p.Voice.Text("errors"))}, failed...)
	return append(append(out, p.Muted("   "+p.Voice.Text("resent SYNs"))), list(func(s probe.Series) string { return page.Resent(p.Voice, s) })...)
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
	p, voice, r := s.palette, s.palette.Voice, &s.watch
	var out []kit.Line
	if r.err != nil {
		what, why := page.NoResult(voice, r.err)
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, what), p.Text(why)}, w, 2)...)
	}
	if r.result != nil && r.result.Stopped != "" {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, voice.Text("Stopped by itself: ")), p.Text(voice.Said(r.result.Stopped))}, w, 2)...)
	}
	if r.result != nil && !r.result.SelfCheck.Usable {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, voice.Text("This run supports no conclusion: ")), p.Text(said(voice, r.result.SelfCheck.Why...))}, w, 2)...)
	}
	told := map[string]bool{}
	for _, v := range r.differences {
		if d := v.comparison.Phases[r.phase]; !d.Usable && (r.result == nil || r.result.SelfCheck.Usable) && !told[d.Why] {
			told[d.Why] = true
			out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, voice.Sprintf("%s can't be compared: ", page.PhaseName(r.phase))), p.Text(voice.Said(d.Why))}, w, 2)...)
		}
		for _, text := range v.comparison.Warnings {
			if !told[text] {
				told[text] = true
				out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, "! "), p.Text(voice.Said(text))}, w, 2)...)
			}
		}
	}
	if r.result != nil {
		for _, f := range r.result.Findings {
			out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, f.Target+" "+page.Cause(voice, f.Cause)+voice.Text(": ")), p.Text(voice.Said(f.Text)), p.Muted(" " + voice.Said(f.How))}, w, 2)...)
		}
	}
	return out
}

// said says again what was written when something was measured.
func said(v say.Voice, all ...string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = v.Said(s)
	}
	return v.Clauses(out...)
}

// unmarked says why the rows have no marks of rolling updates.
func (s *runPane) unmarked(w int) []kit.Line {
	p := s.palette
	var out []kit.Line
	for i, gap := range s.watch.gaps {
		if gap != "" {
			out = append(out, kit.Wrap(kit.Line{p.As(side(i), s.watch.label(i)), p.Muted(" " + p.Voice.Said(gap))}, w, 2)...)
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
	out := kit.Wrap(kit.Line{p.Muted(page.SelfCheckLine(p.Voice, r.SelfCheck))}, w, 2)
	for _, n := range r.Notes {
		out = append(out, kit.Wrap(kit.Line{p.Muted(p.Voice.Said(n))}, w, 2)...)
	}
	return out
}
