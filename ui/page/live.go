package page

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/say"
)

// Versus is what is known of the difference of two things that are measured in turn.
type Versus struct {
	A, B       string // what they are called
	Difference probe.Difference
	InBuild    bool // it holds for one build of a lab alone
	Ended      bool // there will be no more blocks
	Stopped    bool // before its plan was done, perhaps because of what it showed
}

// bounded reports whether there are blocks enough for an interval. One over nodes or
// Services has ends after the first block, which is too early as well.
func (x Versus) bounded() bool { return x.Difference.Bounded && x.Difference.Blocks >= probe.MinBlocks }

// planned reports whether the blocks are those of the plan, as the confidence of an
// interval supposes. Who looks again and again sees a difference sooner or later.
func (x Versus) planned() bool { return x.Ended && !x.Stopped }

// Sentence says it in words, and no more than the blocks bear.
func (x Versus) Sentence(v say.Voice) (string, Tone) {
	d := x.Difference
	u := unitFor(max(math.Abs(d.LowNs), math.Abs(d.HighNs), d.SmallestNs))
	switch {
	case x.Ended && !d.Usable:
		return v.Sprintf("No conclusion: %s.", v.Again(d.Why)), Bad
	case !x.bounded() && x.Ended:
		return v.Sprintf("%s, %s: no conclusion from %s, it takes %d.", x.A, x.B, v.Count(d.Blocks, "block"), probe.MinBlocks), Warn
	case !x.bounded():
		return v.Sprintf("%s, %s: too early to tell, %d of at least %d blocks.", x.A, x.B, d.Blocks, probe.MinBlocks), Muted
	case !d.Detected && x.planned():
		if x.InBuild {
			return v.Sprintf("%s, %s: no difference detected in this build; one of %s %s could have shown.", x.A, x.B, u.size(d.SmallestNs), u.Name), Normal
		}
		return v.Sprintf("%s, %s: no difference detected; one of %s %s could have shown.", x.A, x.B, u.size(d.SmallestNs), u.Name), Normal
	case !d.Detected:
		return x.soFar(v, v.Sprintf("%s, %s: no difference so far; one of %s %s could have shown.", x.A, x.B, u.size(d.SmallestNs), u.Name)), Normal
	}
	low, high := math.Abs(d.LowNs), math.Abs(d.HighNs)
	text := v.Sprintf("%s is %s %s faster than %s [%s, %s]", above(d, x.B, x.A), u.size(math.Abs(d.MedianDiffNs)), u.Name, above(d, x.A, x.B),
		u.format(min(low, high)), u.format(max(low, high)))
	switch d.Over {
	case probe.OverNodes:
		text = v.Sprintf("%s, %s", text, restsOn(v, d))
	case probe.OverServices:
		text = v.Sprintf("%s, between these nodes, whatever their modes", text)
	case probe.OverRounds:
	}
	switch {
	case !x.planned():
		return x.soFar(v, v.Sprintf("So far %s.", text)), Strong
	case x.InBuild:
		text = v.Sprintf("%s in this build", text)
	}
	return v.Sprintf("%s.", text), Strong
}

// soFar is a sentence of a run before its plan is done, and that it never was.
func (x Versus) soFar(v say.Voice, said string) string {
	if x.Stopped {
		return v.Sentences(said, v.Text("The run was stopped before its plan was done."))
	}
	return said
}

// Differences are those of several things from one, or of one pair, on one axis. There is
// no interval before there are blocks enough for one.
func Differences(v say.Voice, all []Versus) Intervals {
	differences := make([]probe.Difference, len(all))
	for i, x := range all {
		differences[i] = x.Difference
	}
	u := differenceUnit(differences)
	out := intervals("", u)
	for _, x := range all {
		row := interval(v, x.A, x.Difference, u, v.Sprintf("%s is slower", above(x.Difference, x.A, x.B)))
		if out.Of = v.Sprintf("over %s, 95 %%", x.B); len(all) == 1 {
			row.Name, out.Of = x.A+" - "+x.B, v.Sprintf("%s minus %s, 95 %%", x.A, x.B)
		}
		switch {
		case x.Ended && !x.Difference.Usable:
			row.Bounded, row.Over = false, v.Text("no conclusion")
		case !x.bounded():
			row.Bounded, row.Over = false, v.Sprintf("%d of %d blocks", x.Difference.Blocks, probe.MinBlocks)
		}
		out.Rows = append(out.Rows, row)
	}
	if slices.ContainsFunc(all, func(x Versus) bool { return !x.planned() }) {
		out.Of = v.Sprintf("%s, so far", out.Of)
	}
	return out
}

// Written is a row of a picture of intervals in figures: "+45.2 [+40.5, +55.2]".
func (i Intervals) Written(r Interval) string {
	if !r.Bounded {
		return r.Over
	}
	u := Unit{i.Unit, 1}
	return fmt.Sprintf("%s [%s, %s]", r.Figure, u.signed(r.Low), u.signed(r.High))
}

// Told is the pair of modes of a lab whose difference is said in words, whatever the
// others do: a pair picked by its difference would show one by chance. It is nftables, or
// IPVS where that was not measured, beside iptables.
func Told(measured []lab.Mode) (a, b lab.Mode, ok bool) {
	first := func(of ...lab.Mode) lab.Mode {
		for _, m := range of {
			for _, x := range measured {
				if x == m {
					return m
				}
			}
		}
		return ""
	}
	a, b = first(lab.NFTables, lab.IPVS), first(lab.IPTablesNFT, lab.IPTablesLegacy)
	return a, b, a != "" && b != ""
}

// Failures are the errors of a target by class, and hits that came too late to be sent;
// "0" of none.
func Failures(v say.Voice, s probe.Series) string {
	var parts []string
	for _, c := range s.ErrorClasses() {
		parts = append(parts, v.Sprintf("%s %s", plain.Number(int(s.Errors[c])), className(v, c)))
	}
	if n := s.Events.NotSent; n > 0 {
		parts = append(parts, v.Sprintf("%s not sent", plain.Number(int(n))))
	}
	if len(parts) == 0 {
		return "0"
	}
	return v.List(parts...)
}

// Resent are the connections of a target that came in the bands of a resent SYN, and what
// the kernel sent again besides; "0" of none.
func Resent(v say.Voice, s probe.Series) string {
	e := s.Events
	var parts []string
	add := func(n int64, said string) {
		if n > 0 {
			parts = append(parts, said)
		}
	}
	number := func(n int64) string { return plain.Number(int(n)) }
	add(e.From1s, v.Sprintf("%s of 1 s", number(e.From1s)))
	add(e.From3s, v.Sprintf("%s of 3 s", number(e.From3s)))
	add(e.From7s, v.Sprintf("%s of 7 s", number(e.From7s)))
	add(e.ResentSYNs, v.Sprintf("SYNs resent: %s", number(e.ResentSYNs)))
	add(s.WarmUp.ResentSYNs, v.Sprintf("warming up: %s", number(s.WarmUp.ResentSYNs)))
	text := plain.Number(int(e.Retransmitted()))
	if len(parts) == 0 {
		return text
	}
	return text + v.Sprintf(" (%s)", v.List(parts...))
}

// Troubled reports whether a target has errors or connections that came late.
func Troubled(s probe.Series) bool {
	return s.Failed() > 0 || s.Events.NotSent > 0 || s.Events.Retransmitted() > 0 || s.Events.ResentSYNs > 0 || s.WarmUp.ResentSYNs > 0
}

// SelfCheckLine is what the engine found out about itself, in one line.
func SelfCheckLine(v say.Voice, c probe.SelfCheck) string {
	achieved := plain.Number(int(math.Round(c.AchievedRate)))
	out := v.Sprintf("self-check: %s hits/s", achieved)
	if c.PlannedRate > 0 {
		out = v.Sprintf("self-check: %s hits/s of %s planned", achieved, Rate(c.PlannedRate))
	}
	out = v.Sprintf("%s on %s, sent up to %s late (p99)", out, v.Count(c.Threads, "thread"), time.Duration(c.LatenessP99Ns).Round(time.Microsecond).String())
	and := func(when bool, said string) {
		if when {
			out = v.Sprintf("%s, %s", out, said)
		}
	}
	and(c.CPUWait.Known, v.Sprintf("%.1f %% of their time waiting for a CPU", c.CPUWait.Value*100))
	and(c.Steal.Known, v.Sprintf("%.1f %% of the CPU taken by other machines", c.Steal.Value*100))
	and(c.Abandoned > 0, v.Sprintf("%s in flight when it was stopped", v.Count(int(c.Abandoned), "hit")))
	return out
}

// NoResult says what became of a run that has no result, and why.
func NoResult(v say.Voice, err error) (what, why string) {
	var budget *probe.BudgetError
	switch {
	case errors.As(err, &budget):
		return v.Text("Not started. "), v.Again(budget.Budget.Why)
	case errors.Is(err, context.Canceled):
		return v.Text("Stopped"), v.Text(" before the first hit.")
	}
	if reason, remedy := lab.Explain(err); remedy != "" {
		return v.Text("The run failed: "), v.Sentences(v.Sprintf("%s.", v.Again(reason)), v.Again(remedy))
	}
	return v.Text("The run failed: "), v.Again(err.Error())
}

// InRun is what was seen in a moment of a run, in words.
func InRun(v say.Voice, s Seen) string {
	switch s {
	case Lost:
		return v.Text("no answer")
	case Late:
		return v.Text("connected after 1 s or more")
	case Stalled:
		return v.Text("stalled")
	case Changed:
		return v.Text("backends changed")
	case Measured:
	}
	return v.Text("measured")
}
