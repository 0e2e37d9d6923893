package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// difference is the answer: the median differences and how sure they are.
func (s *runPane) difference(w int) []kit.Line {
	var out []kit.Line
	for _, v := range s.watch.differences {
		out = append(out, s.versus(v, w)...)
	}
	if direct := s.watch.direct; direct != nil {
		p := s.palette
		out = append(out, kit.Wrap(kit.Line{p.Text("control, their pods without the Service  "), p.Text(page.Micro(direct.Phases[s.watch.phase].String())).Whole(w)}, w, 2)...)
	}
	return out
}

func (s *runPane) versus(v versus, w int) []kit.Line {
	p, r := s.palette, &s.watch
	d := v.comparison.Phases[r.phase]
	many := len(r.differences) > 1
	names := kit.Line{p.As(side(v.a), r.label(v.a)), p.Text(" - "), p.As(side(v.b), r.label(v.b))}
	if many {
		names = names.Pad(2*r.labelCells() + 2)
	} else {
		names = append(names, p.Text("  "+page.PhaseName(r.phase)+"  "))
	}
	tok := kit.Normal
	if d.Detected && d.Usable {
		tok = kit.Strong
	}
	out := append(names, p.As(tok, page.Micro(d.String())).Whole(w))
	switch {
	case !r.over() && many: // the line above says that it goes on
	case !r.over():
		out = append(out, p.Text("  "), p.Muted("so far").Whole(w))
	case !d.Usable:
		out = append(out, p.Text("  "), p.As(kit.Warn, "no conclusion").Whole(w))
	case many: // the sign says which is slower
	case d.Detected && d.MedianDiffNs > 0:
		out = append(out, p.Text("  "), p.Text(r.label(v.a)+" is slower").Whole(w))
	case d.Detected:
		out = append(out, p.Text("  "), p.Text(r.label(v.b)+" is slower").Whole(w))
	}
	return kit.Wrap(out, w, 2)
}

// counts are the errors by class, the connections made late, and the ports.
func (s *runPane) counts(w int) []kit.Line {
	p, r := s.palette, &s.watch
	errorsLine, late := kit.Line{p.Muted("errors ")}, kit.Line{p.Muted("   retransmits ")}
	if len(r.series) > 2 && !slices.ContainsFunc(r.series, inTrouble) {
		errorsLine, late = append(errorsLine, p.Text("none")), append(late, p.Text("none"))
		return []kit.Line{append(errorsLine, late...)}
	}
	for i, series := range r.series {
		if i > 0 {
			errorsLine, late = append(errorsLine, p.Text(" · ")), append(late, p.Text(" · "))
		}
		errorsLine = append(errorsLine, p.As(side(i), r.label(i)), p.Text(" "), failures(p, series).Whole(w))
		late = append(late, p.As(side(i), r.label(i)), p.Text(" "), events(p, series).Whole(w))
	}
	out := append(errorsLine, late...)
	b := r.budget
	if r.result != nil {
		b = r.result.Budget
	}
	if b.Ports > 0 {
		out = append(out, p.Text("   "), p.Text(fmt.Sprintf("ports %s of %s", plain.Number(b.Need), plain.Number(b.Ports))).Whole(w))
	}
	if len(r.series) == 0 {
		return []kit.Line{nil}
	}
	return kit.Wrap(out, w, 2)
}

// inTrouble reports a target with errors or late connections.
func inTrouble(s probe.Series) bool {
	return s.Failed() > 0 || s.Events.NotSent > 0 || s.Events.Retransmitted() > 0 || s.Events.ResentSYNs > 0 || s.WarmUp.ResentSYNs > 0
}

// failures are the errors of a target by class, and hits that came too late to be sent.
func failures(p kit.Palette, s probe.Series) kit.Span {
	var parts []string
	for _, c := range s.ErrorClasses() {
		parts = append(parts, plain.Number(int(s.Errors[c]))+" "+c.String())
	}
	if n := s.Events.NotSent; n > 0 {
		parts = append(parts, plain.Number(int(n))+" not sent")
	}
	if len(parts) == 0 {
		return p.Text("0")
	}
	return p.As(kit.Bad, strings.Join(parts, ", "))
}

// events are the connections in the retransmit bands, and what the kernel sent again
// besides.
func events(p kit.Palette, s probe.Series) kit.Span {
	e := s.Events
	text := plain.Number(int(e.Retransmitted()))
	var parts []string
	for _, band := range []struct {
		n    int64
		name string
	}{{e.From1s, "1 s"}, {e.From3s, "3 s"}, {e.From7s, "7 s"}} {
		if band.n > 0 {
			parts = append(parts, plain.Number(int(band.n))+" of "+band.name)
		}
	}
	if e.ResentSYNs > 0 {
		parts = append(parts, "SYNs resent: "+plain.Number(int(e.ResentSYNs)))
	}
	if n := s.WarmUp.ResentSYNs; n > 0 {
		parts = append(parts, "warming up: "+plain.Number(int(n)))
	}
	if len(parts) == 0 {
		return p.Text(text)
	}
	return p.As(kit.Bad, text+" ("+strings.Join(parts, ", ")+")")
}

// taken says what became of the run in the advice.
func (s *runPane) taken(w int) []kit.Line {
	if s.weighed == "" || !s.watch.over() {
		return nil
	}
	return kit.Wrap(kit.Line{s.palette.Text(s.weighed)}, w, 2)
}

// problems are what stands between the numbers and a conclusion.
func (s *runPane) problems(w int) []kit.Line {
	p, r := s.palette, &s.watch
	var out []kit.Line
	if r.err != nil {
		what, why := failed(r.err)
		if reason, remedy := lab.Explain(r.err); remedy != "" {
			why = reason + ". " + remedy
		}
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
	out := kit.Wrap(kit.Line{p.Muted(selfCheck(r.SelfCheck))}, w, 2)
	for _, n := range r.Notes {
		out = append(out, kit.Wrap(kit.Line{p.Muted(n)}, w, 2)...)
	}
	return out
}

// selfCheck is what the engine found out about itself.
func selfCheck(c probe.SelfCheck) string {
	out := "self-check: " + plain.Number(int(math.Round(c.AchievedRate))) + " hits/s"
	if c.PlannedRate > 0 {
		out += " of " + page.Rate(c.PlannedRate) + " planned"
	}
	out += " on " + plain.Count(c.Threads, "thread") + ", sent up to " + time.Duration(c.LatenessP99Ns).Round(time.Microsecond).String() + " late (p99)"
	for _, s := range []struct {
		share probe.Share
		what  string
	}{{c.CPUWait, "of their time waiting for a CPU"}, {c.Steal, "of the CPU taken by other machines"}} {
		if s.share.Known {
			out += fmt.Sprintf(", %.1f %% %s", s.share.Value*100, s.what)
		}
	}
	if c.Abandoned > 0 {
		out += ", " + plain.Count(int(c.Abandoned), "hit") + " in flight when it was stopped"
	}
	return out
}

// failed says why a run gave no result.
func failed(err error) (what, why string) {
	var budget *probe.BudgetError
	switch {
	case errors.As(err, &budget):
		return "Not started. ", budget.Budget.Why
	case errors.Is(err, context.Canceled):
		return "Stopped", " before the first hit."
	}
	return "The run failed: ", err.Error()
}
