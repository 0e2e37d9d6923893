package page

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
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
	Within     string // what it holds for alone: "in this build"; empty for nothing
	Ended      bool   // there will be no more blocks
}

// Sentence says it in words, and no more than the blocks bear.
func (x Versus) Sentence(v say.Voice) (string, Tone) {
	d := x.Difference
	u := unitFor(max(math.Abs(d.LowNs), math.Abs(d.HighNs)))
	so := "So far "
	if x.Ended {
		so = ""
	}
	switch {
	case x.Ended && !d.Usable:
		return "No conclusion: " + d.Why + ".", Bad
	case !d.Bounded && x.Ended:
		return fmt.Sprintf("%s, %s: no conclusion from %s, it takes %d.", x.A, x.B, plain.Count(d.Blocks, "block"), probe.MinBlocks), Warn
	case !d.Bounded:
		return fmt.Sprintf("%s, %s: too early to tell, %d of at least %d blocks.", x.A, x.B, d.Blocks, probe.MinBlocks), Muted
	case !d.Detected:
		return upper(fmt.Sprintf("%sno difference between %s and %s is detected%s.", so, x.A, x.B, couldShow(v, d, u))), Normal
	}
	low, high := math.Abs(d.LowNs), math.Abs(d.HighNs)
	return fmt.Sprintf("%s%s is %s %s faster than %s [%s, %s]%s.", so, above(d, x.B, x.A), u.format(math.Abs(d.MedianDiffNs)), u.Name, above(d, x.A, x.B),
		u.format(min(low, high)), u.format(max(low, high)), Prefixed(" ", x.Within)), Strong
}

// upper begins with a capital.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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
		row := interval(v, x.A, x.Difference, u, above(x.Difference, x.A, x.B)+" is slower")
		if out.Of = fmt.Sprintf("over %s, 95 %%", x.B); len(all) == 1 {
			row.Name, out.Of = x.A+" - "+x.B, fmt.Sprintf("%s minus %s, 95 %%", x.A, x.B)
		}
		if !x.Difference.Bounded {
			row.Over = fmt.Sprintf("%d of %d blocks", x.Difference.Blocks, probe.MinBlocks)
		}
		out.Rows = append(out.Rows, row)
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
		parts = append(parts, plain.Number(int(s.Errors[c]))+" "+className(v, c))
	}
	if n := s.Events.NotSent; n > 0 {
		parts = append(parts, plain.Number(int(n))+" not sent")
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, ", ")
}

// Resent are the connections of a target that came in the bands of a resent SYN, and what
// the kernel sent again besides; "0" of none.
func Resent(s probe.Series) string {
	e := s.Events
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
	text := plain.Number(int(e.Retransmitted()))
	if len(parts) == 0 {
		return text
	}
	return text + " (" + strings.Join(parts, ", ") + ")"
}

// Troubled reports whether a target has errors or connections that came late.
func Troubled(s probe.Series) bool {
	return s.Failed() > 0 || s.Events.NotSent > 0 || s.Events.Retransmitted() > 0 || s.Events.ResentSYNs > 0 || s.WarmUp.ResentSYNs > 0
}

// SelfCheckLine is what the engine found out about itself, in one line.
func SelfCheckLine(c probe.SelfCheck) string {
	out := "self-check: " + plain.Number(int(math.Round(c.AchievedRate))) + " hits/s"
	if c.PlannedRate > 0 {
		out += " of " + Rate(c.PlannedRate) + " planned"
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

// NoResult says what became of a run that has no result, and why.
func NoResult(err error) (what, why string) {
	var budget *probe.BudgetError
	switch {
	case errors.As(err, &budget):
		return "Not started. ", budget.Budget.Why
	case errors.Is(err, context.Canceled):
		return "Stopped", " before the first hit."
	}
	if reason, remedy := lab.Explain(err); remedy != "" {
		return "The run failed: ", reason + ". " + remedy
	}
	return "The run failed: ", err.Error()
}

// InRun is what was seen in a moment of a run, in words.
func InRun(s Seen) string {
	switch s {
	case Lost:
		return "no answer"
	case Late:
		return "connected after 1 s or more"
	case Stalled:
		return "stalled"
	case Changed:
		return "backends changed"
	case Measured:
	}
	return "measured"
}
