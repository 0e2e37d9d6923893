package tui

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
)

// difference is the answer: the median differences and how sure they are.
func (s *probeScreen) difference(w int) []line {
	var out []line
	for _, v := range s.watch.differences {
		out = append(out, s.versus(v, w)...)
	}
	if direct := s.watch.direct; direct != nil {
		p := s.palette
		out = append(out, wrap(line{p.text("control, their pods without the Service  "), p.text(direct.Phases[s.watch.phase].String()).whole(w)}, w, 2)...)
	}
	return out
}

func (s *probeScreen) versus(v versus, w int) []line {
	p, r := s.palette, &s.watch
	d := v.comparison.Phases[r.phase]
	many := len(r.differences) > 1
	names := line{p.as(side(v.a), r.label(v.a)), p.text(" - "), p.as(side(v.b), r.label(v.b))}
	if many {
		names = names.pad(2*r.labelCells() + 2)
	} else {
		names = append(names, p.text("  "+phaseName(r.phase)+"  "))
	}
	tok := normal
	if d.Detected && d.Usable {
		tok = strong
	}
	out := append(names, p.as(tok, d.String()).whole(w))
	switch {
	case !r.over() && many: // the line above says that it goes on
	case !r.over():
		out = append(out, p.text("  "), p.muted("so far").whole(w))
	case !d.Usable:
		out = append(out, p.text("  "), p.as(warn, "no conclusion").whole(w))
	case many: // the sign says which is slower
	case d.Detected && d.MedianDiffNs > 0:
		out = append(out, p.text("  "), p.text(r.label(v.a)+" is slower").whole(w))
	case d.Detected:
		out = append(out, p.text("  "), p.text(r.label(v.b)+" is slower").whole(w))
	}
	return wrap(out, w, 2)
}

// counts are the errors by class, the connections made late, and the ports.
func (s *probeScreen) counts(w int) []line {
	p, r := s.palette, &s.watch
	errorsLine, late := line{p.muted("errors ")}, line{p.muted("   retransmits ")}
	if len(r.series) > 2 && !slices.ContainsFunc(r.series, inTrouble) {
		errorsLine, late = append(errorsLine, p.text("none")), append(late, p.text("none"))
		return []line{append(errorsLine, late...)}
	}
	for i, series := range r.series {
		if i > 0 {
			errorsLine, late = append(errorsLine, p.text(" · ")), append(late, p.text(" · "))
		}
		errorsLine = append(errorsLine, p.as(side(i), r.label(i)), p.text(" "), failures(p, series).whole(w))
		late = append(late, p.as(side(i), r.label(i)), p.text(" "), events(p, series).whole(w))
	}
	out := append(errorsLine, late...)
	b := r.budget
	if r.result != nil {
		b = r.result.Budget
	}
	if b.Ports > 0 {
		out = append(out, p.text("   "), p.text(fmt.Sprintf("ports %s of %s", plain.Number(b.Need), plain.Number(b.Ports))).whole(w))
	}
	if len(r.series) == 0 {
		return []line{nil}
	}
	return wrap(out, w, 2)
}

// inTrouble reports a target with errors or late connections.
func inTrouble(s probe.Series) bool {
	return s.Failed() > 0 || s.Events.NotSent > 0 || s.Events.Retransmitted() > 0 || s.Events.ResentSYNs > 0 || s.WarmUp.ResentSYNs > 0
}

// failures are the errors of a target by class, and hits that came too late to be sent.
func failures(p palette, s probe.Series) span {
	var parts []string
	for _, c := range s.ErrorClasses() {
		parts = append(parts, plain.Number(int(s.Errors[c]))+" "+c.String())
	}
	if n := s.Events.NotSent; n > 0 {
		parts = append(parts, plain.Number(int(n))+" not sent")
	}
	if len(parts) == 0 {
		return p.text("0")
	}
	return p.as(bad, strings.Join(parts, ", "))
}

// events are the connections in the retransmit bands, and what the kernel sent again
// besides.
func events(p palette, s probe.Series) span {
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
		return p.text(text)
	}
	return p.as(bad, text+" ("+strings.Join(parts, ", ")+")")
}

// taken says what became of the run in the advice.
func (s *probeScreen) taken(w int) []line {
	if s.weighed == "" || !s.watch.over() {
		return nil
	}
	return wrap(line{s.palette.text(s.weighed)}, w, 2)
}

// problems are what stands between the numbers and a conclusion.
func (s *probeScreen) problems(w int) []line {
	p, r := s.palette, &s.watch
	var out []line
	if r.err != nil {
		what, why := failed(r.err)
		if reason, remedy := lab.Explain(r.err); remedy != "" {
			why = reason + ". " + remedy
		}
		out = append(out, wrap(line{p.as(bad, what), p.text(why)}, w, 2)...)
	}
	if r.result != nil && r.result.Stopped != "" {
		out = append(out, wrap(line{p.as(bad, "Stopped by itself: "), p.text(r.result.Stopped)}, w, 2)...)
	}
	if r.result != nil && !r.result.SelfCheck.Usable {
		out = append(out, wrap(line{p.as(bad, "This run supports no conclusion: "), p.text(strings.Join(r.result.SelfCheck.Why, "; "))}, w, 2)...)
	}
	said := map[string]bool{}
	for _, v := range r.differences {
		if d := v.comparison.Phases[r.phase]; !d.Usable && (r.result == nil || r.result.SelfCheck.Usable) && !said[d.Why] {
			said[d.Why] = true
			out = append(out, wrap(line{p.as(warn, phaseName(r.phase)+" can't be compared: "), p.text(d.Why)}, w, 2)...)
		}
		for _, text := range v.comparison.Warnings {
			if !said[text] {
				said[text] = true
				out = append(out, wrap(line{p.as(warn, "! "), p.text(text)}, w, 2)...)
			}
		}
	}
	if r.result != nil {
		for _, f := range r.result.Findings {
			out = append(out, wrap(line{p.as(warn, f.Target+" "+string(f.Cause)+": "), p.text(f.Text), p.muted(" " + f.How)}, w, 2)...)
		}
	}
	return out
}

// unmarked says why the rows have no marks of rolling updates.
func (s *probeScreen) unmarked(w int) []line {
	p := s.palette
	var out []line
	for i, gap := range s.watch.gaps {
		if gap != "" {
			out = append(out, wrap(line{p.as(side(i), s.watch.label(i)), p.muted(" " + gap)}, w, 2)...)
		}
	}
	return out
}

// remarks say how the numbers are to be read, and how the engine fared.
func (s *probeScreen) remarks(w int) []line {
	p, r := s.palette, s.watch.result
	if r == nil {
		return nil
	}
	out := wrap(line{p.muted(selfCheck(r.SelfCheck))}, w, 2)
	for _, n := range r.Notes {
		out = append(out, wrap(line{p.muted(n)}, w, 2)...)
	}
	return out
}

// selfCheck is what the engine found out about itself.
func selfCheck(c probe.SelfCheck) string {
	out := "self-check: " + plain.Number(int(math.Round(c.AchievedRate))) + " hits/s"
	if c.PlannedRate > 0 {
		out += " of " + decimal(c.PlannedRate) + " planned"
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
