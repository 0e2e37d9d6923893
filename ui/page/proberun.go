package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/say"

	"kpadvisor/ui/evidence"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// targets says what was measured, how, and how much of it came back.
func (p Probe) targets() draft {
	s := draft{ID: "targets", Title: LoadLine(p.Voice, p.Result.Plan)}
	if p.Result.Partial {
		s.Intro = []string{"Interrupted: a part of the plan. Every finished hit counts; the block that was cut short is no observation."}
		if p.Result.Stopped != "" {
			s.Intro[0] = "Stopped by itself: " + p.Result.Stopped + ". Every finished hit counts; the block that was cut short is no observation."
		}
	}
	as := "as you say"
	if p.Result.Labels[evidence.LabelModesFrom] == evidence.ModesFromCluster {
		as = "as the cluster shows"
	}
	for i, series := range p.Result.Series {
		text := string(series.Target.Kind) + "://" + series.Target.Address + series.Target.Path
		if series.Resolved != "" && series.Resolved != series.Target.Address {
			text += " at " + series.Resolved
		}
		notes := fmt.Sprintf("%s finished, %s failed, %s measured", plain.Count(int(series.Requests), "hit"),
			plain.Number(int(series.Failed())), plain.Count(len(series.Blocks), "block"))
		if series.From != "" {
			text += ", from " + series.From
		}
		if m := p.Mode(i); m != "" {
			text += ", runs " + m + " (" + as + ")"
		}
		s.Items = append(s.Items, Item{Label: series.Target.Name, Text: text, Notes: nonEmpty(notes, Prefixed("Host: ", series.Target.Host))})
	}
	switch n, in := p.Result.Labels[evidence.LabelServices], p.Result.Labels[evidence.LabelLab]; {
	case in != "":
		s.After = []string{"All in one lab, on " + in + ". " + LabScope}
	case n != "":
		s.After = []string{"Services programmed while measuring, " + as + ": " + n + "."}
	}
	return s
}

// LoadLine says which kind of load this was, which decides what its times mean.
func LoadLine(v say.Voice, plan probe.Plan) string {
	text := fmt.Sprintf("Closed loop: %s at once", plain.Count(plan.Concurrency, "connection"))
	if plan.OpenLoop() {
		text = fmt.Sprintf("Open loop: %g hits/s, at most %s at once", plan.Rate, plain.Count(plan.Concurrency, "connection"))
	}
	if plan.Requests > 0 {
		text += fmt.Sprintf(", %s per target", plain.Count(plan.Requests, "hit"))
	} else {
		text += fmt.Sprintf(", %v per target", plan.Duration)
	}
	if plan.Blocks > 1 {
		text += fmt.Sprintf(" in %s that alternate", plain.Count(plan.Blocks, "block"))
	}
	if plan.WarmUp > 0 {
		text += fmt.Sprintf(", after %s of warm-up", plain.Count(plan.WarmUp, "block"))
	}
	return text
}

// failures counts failed hits by class, and connections that came late.
func (p Probe) failures() draft {
	s := draft{ID: "errors", Title: "Errors: none", Table: Table{Head: []string{""}, Right: []bool{false}}}
	row := func(what string, n func(probe.Series) int64) {
		cells, all := []string{what}, int64(0)
		for _, series := range p.Result.Series {
			cells = append(cells, plain.Number(int(n(series))))
			all += n(series)
		}
		if all > 0 {
			s.row(cells)
		}
	}
	for i, series := range p.Result.Series {
		s.Table.Head, s.Table.Right = append(s.Table.Head, p.called(i)), append(s.Table.Right, true)
		if series.Failed() > 0 {
			s.Title, s.Tone = "Errors", Warn
		}
	}
	for _, class := range probe.Classes() {
		row("failed: "+class.String(), func(s probe.Series) int64 { return s.Errors[class] })
	}
	row("timed out before it was connected", func(s probe.Series) int64 { return s.Events.SYNTimeouts })
	row("connected after 1 s or more", func(s probe.Series) int64 { return s.Events.From1s })
	row("connected after 3 s or more", func(s probe.Series) int64 { return s.Events.From3s })
	row("connected after 7 s or more", func(s probe.Series) int64 { return s.Events.From7s })
	row("SYNs the kernel sent again", func(s probe.Series) int64 { return s.Events.ResentSYNs })
	row("requests the kernel sent again", func(s probe.Series) int64 { return s.Events.ResentRequests })
	row("due, but not sent: too late", func(s probe.Series) int64 { return s.Events.NotSent })
	row("warming up: failed", func(s probe.Series) int64 { return s.WarmUp.Failed })
	row("warming up: connected after 1 s or more", func(s probe.Series) int64 { return s.WarmUp.Late })
	row("warming up: SYNs the kernel sent again", func(s probe.Series) int64 { return s.WarmUp.ResentSYNs })
	if !slices.ContainsFunc(p.Result.Series, func(s probe.Series) bool { return s.Events.Retransmitted() > 0 }) {
		s.After = append(s.After, "No connection came in the bands of a resent SYN (1 s, 3 s, 7 s).")
	}
	for _, series := range p.Result.Series {
		if series.OtherError != "" {
			s.Items = append(s.Items, Item{Label: series.Target.Name, Text: "the first other error: " + series.OtherError})
		}
	}
	return s
}

// causes are the findings: what is likely behind the errors, and how it is known.
func (p Probe) causes() draft {
	if len(p.Result.Findings) == 0 {
		return draft{}
	}
	s := draft{ID: "causes", Title: "Likely causes", Tone: Warn}
	for _, f := range p.Result.Findings {
		s.Items = append(s.Items, Item{Mark: f.Target, Label: string(f.Cause), Text: f.Text, Notes: nonEmpty(Prefixed("known from: ", f.How))})
	}
	return s
}

// selfCheck says whether the machine that measured was up to it.
func (p Probe) selfCheck() draft {
	c := p.Result.SelfCheck
	s := draft{ID: "self-check", Title: "Self-check: passed", Tone: Good}
	if !c.Usable {
		s.Title, s.Tone = "Self-check: FAILED, this run supports no conclusion", Bad
	}
	for _, why := range c.Why {
		s.Items = append(s.Items, Item{Mark: "!", Text: why, Tone: Bad})
	}
	add := func(label, format string, args ...any) {
		s.Items = append(s.Items, Item{Label: label, Text: fmt.Sprintf(format, args...)})
	}
	late := unitFor(float64(c.LatenessP99Ns))
	add("lateness p99", "%s %s from due to sent", late.format(float64(c.LatenessP99Ns)), late.Name)
	rate := fmt.Sprintf("%s hits/s within blocks", number(c.AchievedRate))
	if c.PlannedRate > 0 {
		rate += fmt.Sprintf(" of %s planned", number(c.PlannedRate))
	}
	add("rate", "%s, %s on the wire at once", rate, plain.Count(c.Threads, "thread"))
	if c.BiasKnown {
		bias := unitFor(float64(c.ConnectBiasNs))
		add("Connect bias", "%s %s above Handshake", bias.format(float64(c.ConnectBiasNs)), bias.Name)
	} else {
		add("Connect bias", "unknown: there is no Handshake to compare with")
	}
	add("CPU wait", "%s of the time its threads wanted a CPU", share(p.Voice, c.CPUWait))
	add("steal", "%s of the CPU taken by other machines", share(p.Voice, c.Steal))
	if c.Abandoned > 0 {
		add("abandoned", "%s in flight when the run was interrupted, not counted", plain.Count(int(c.Abandoned), "hit"))
	}
	return s
}

func share(v say.Voice, s probe.Share) string {
	if !s.Known {
		return "unknown part"
	}
	return fmt.Sprintf("%.1f %%", s.Value*100)
}

// ports is the budget of source ports before the run.
func (p Probe) ports() draft {
	return draft{ID: "ports", Title: "Source ports: " + string(p.Result.Plan.Ports.Mode), Intro: []string{BudgetLine(p.Voice, p.Result.Budget)}}
}

// BudgetLine says in one line whether the source ports (and conntrack) last; a command prints
// it before a run.
func BudgetLine(v say.Voice, b probe.Budget) string {
	line := string(b.Verdict) + ": " + b.Why
	if b.Target != "" {
		line += " (" + b.Target + ")"
	}
	if b.TimeWait > 0 {
		line += fmt.Sprintf("; in TIME_WAIT %s", plain.Number(b.TimeWait))
	}
	if b.PerSecond > 0 {
		line += fmt.Sprintf("; they sustain %s/s", number(b.PerSecond))
	}
	if b.Conntrack.Known {
		line += "; conntrack holds " + b.Conntrack.String()
	}
	return plain.Line(strings.TrimPrefix(line, ": "), 0)
}

func (p Probe) notes() draft {
	if len(p.Result.Notes) == 0 {
		return draft{}
	}
	s := draft{ID: "notes", Title: "How to read the numbers"}
	for _, n := range p.Result.Notes {
		s.Items = append(s.Items, Item{Mark: "-", Text: n})
	}
	return s
}

func (p Probe) environment() draft {
	s := draft{ID: "environment", Title: "Measured on"}
	for _, line := range EnvironmentLines(p.Voice, p.Result.Environment) {
		s.Items = append(s.Items, Item{Label: line[0], Text: line[1]})
	}
	s.Items = append(s.Items, Item{Label: "order", Text: "seed " + strconv.FormatUint(p.Result.Plan.Seed, 10)})
	return s
}

// EnvironmentLines names what a run was made on; what is not known is left out.
func EnvironmentLines(v say.Voice, e probe.Environment) [][2]string {
	var out [][2]string
	for _, line := range [][2]string{
		{"kpadvisor", e.Version},
		{"kernel", e.Kernel},
		{"system", e.System},
		{"Go", e.Go},
		{"CPUs", strings.TrimPrefix(strconv.Itoa(e.CPUs), "0")},
		{"engine", e.Engine},
	} {
		if line[1] != "" {
			out = append(out, line)
		}
	}
	return out
}

func (p Probe) again() draft {
	if p.Command == "" {
		return draft{}
	}
	return draft{ID: "again", Title: "The same run again", Items: []Item{{Mark: "-", Text: "the same targets, blocks and order", Commands: []string{p.Command}}}}
}
