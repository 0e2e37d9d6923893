package page

import (
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
	v := p.Voice
	s := draft{ID: "targets", Title: LoadLine(v, p.Result.Plan)}
	if p.Result.Partial {
		s.Intro = []string{v.Text("Interrupted: a part of the plan. Every finished hit counts; the block that was cut short is no observation.")}
		if p.Result.Stopped != "" {
			s.Intro[0] = v.Sprintf("Stopped by itself: %s. Every finished hit counts; the block that was cut short is no observation.", v.Again(p.Result.Stopped))
		}
	}
	as := v.Text("as you say")
	if p.Result.Labels[evidence.LabelModesFrom] == evidence.ModesFromCluster {
		as = v.Text("as the cluster shows")
	}
	for i, series := range p.Result.Series {
		text := string(series.Target.Kind) + "://" + series.Target.Address + series.Target.Path
		if series.Resolved != "" && series.Resolved != series.Target.Address {
			text = v.Sprintf("%s at %s", text, series.Resolved)
		}
		notes := v.Sprintf("%s finished, %s failed, %s measured", v.Count(int(series.Requests), "hit"),
			plain.Number(int(series.Failed())), v.Count(len(series.Blocks), "block"))
		if series.From != "" {
			text = v.Sprintf("%s, from %s", text, series.From)
		}
		if m := p.Mode(i); m != "" {
			text = v.Sprintf("%s, runs %s (%s)", text, m, as)
		}
		s.Items = append(s.Items, Item{Label: series.Target.Name, Text: text, Notes: nonEmpty(notes, Prefixed(v.Text("Host: "), series.Target.Host))})
	}
	switch n, in := p.Result.Labels[evidence.LabelServices], p.Result.Labels[evidence.LabelLab]; {
	case in != "":
		s.After = []string{v.Sentences(v.Sprintf("All in one lab, on %s.", v.Again(in)), v.Text(LabScope))}
	case n != "":
		s.After = []string{v.Sprintf("Services programmed while measuring, %s: %s.", as, n)}
	}
	return s
}

// LoadLine says which kind of load this was, which decides what its times mean.
func LoadLine(v say.Voice, plan probe.Plan) string {
	text := v.Sprintf("Closed loop: %s at once", v.Count(plan.Concurrency, "connection"))
	if plan.OpenLoop() {
		text = v.Sprintf("Open loop: %g hits/s, at most %s at once", plan.Rate, v.Count(plan.Concurrency, "connection"))
	}
	if plan.Requests > 0 {
		text += v.Sprintf(", %s per target", v.Count(plan.Requests, "hit"))
	} else {
		text += v.Sprintf(", %s per target", plan.Duration)
	}
	if plan.Blocks > 1 {
		text += v.Sprintf(" in %s that alternate", v.Count(plan.Blocks, "block"))
	}
	if plan.WarmUp > 0 {
		text += v.Sprintf(", after %s of warm-up", v.Count(plan.WarmUp, "block"))
	}
	return text
}

// failures counts failed hits by class, and connections that came late.
func (p Probe) failures() draft {
	v := p.Voice
	s := draft{ID: "errors", Title: v.Text("Errors: none"), Table: Table{Head: []string{""}, Right: []bool{false}}}
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
			s.Title, s.Tone = v.Text("Errors"), Warn
		}
	}
	for _, class := range probe.Classes() {
		row(v.Sprintf("failed: %s", className(v, class)), func(s probe.Series) int64 { return s.Errors[class] })
	}
	row(v.Text("timed out before it was connected"), func(s probe.Series) int64 { return s.Events.SYNTimeouts })
	row(v.Text("connected after 1 s or more"), func(s probe.Series) int64 { return s.Events.From1s })
	row(v.Text("connected after 3 s or more"), func(s probe.Series) int64 { return s.Events.From3s })
	row(v.Text("connected after 7 s or more"), func(s probe.Series) int64 { return s.Events.From7s })
	row(v.Text("SYNs the kernel sent again"), func(s probe.Series) int64 { return s.Events.ResentSYNs })
	row(v.Text("requests the kernel sent again"), func(s probe.Series) int64 { return s.Events.ResentRequests })
	row(v.Text("due, but not sent: too late"), func(s probe.Series) int64 { return s.Events.NotSent })
	row(v.Text("warming up: failed"), func(s probe.Series) int64 { return s.WarmUp.Failed })
	row(v.Text("warming up: connected after 1 s or more"), func(s probe.Series) int64 { return s.WarmUp.Late })
	row(v.Text("warming up: SYNs the kernel sent again"), func(s probe.Series) int64 { return s.WarmUp.ResentSYNs })
	if !slices.ContainsFunc(p.Result.Series, func(s probe.Series) bool { return s.Events.Retransmitted() > 0 }) {
		s.After = append(s.After, v.Text("No connection came in the bands of a resent SYN (1 s, 3 s, 7 s)."))
	}
	for _, series := range p.Result.Series {
		if series.OtherError != "" {
			s.Items = append(s.Items, Item{Label: series.Target.Name, Text: v.Sprintf("the first other error: %s", v.Again(series.OtherError))})
		}
	}
	return s
}

// causes are the findings: what is likely behind the errors, and how it is known.
func (p Probe) causes() draft {
	if len(p.Result.Findings) == 0 {
		return draft{}
	}
	v := p.Voice
	s := draft{ID: "causes", Title: v.Text("Likely causes"), Tone: Warn}
	for _, f := range p.Result.Findings {
		s.Items = append(s.Items, Item{Mark: f.Target, Label: Cause(v, f.Cause), Text: v.Again(f.Text), Notes: nonEmpty(Prefixed(v.Text("known from: "), v.Again(f.How)))})
	}
	return s
}

// selfCheck says whether the machine that measured was up to it.
func (p Probe) selfCheck() draft {
	c, v := p.Result.SelfCheck, p.Voice
	s := draft{ID: "self-check", Title: v.Text("Self-check: passed"), Tone: Good}
	if !c.Usable {
		s.Title, s.Tone = v.Text("Self-check: FAILED, this run supports no conclusion"), Bad
	}
	for _, why := range c.Why {
		s.Items = append(s.Items, Item{Mark: "!", Text: v.Again(why), Tone: Bad})
	}
	add := func(label, text string) { s.Items = append(s.Items, Item{Label: label, Text: text}) }
	late := unitFor(float64(c.LatenessP99Ns))
	add(v.Text("lateness p99"), v.Sprintf("%s %s from due to sent", late.format(float64(c.LatenessP99Ns)), late.Name))
	rate := v.Sprintf("%s hits/s within blocks", number(c.AchievedRate))
	if c.PlannedRate > 0 {
		rate = v.Sprintf("%s hits/s within blocks of %s planned", number(c.AchievedRate), number(c.PlannedRate))
	}
	add(v.Text("rate"), v.Sprintf("%s, %s on the wire at once", rate, v.Count(c.Threads, "thread")))
	if c.BiasKnown {
		bias := unitFor(float64(c.ConnectBiasNs))
		add(v.Text("Connect bias"), v.Sprintf("%s %s above Handshake", bias.format(float64(c.ConnectBiasNs)), bias.Name))
	} else {
		add(v.Text("Connect bias"), v.Text("unknown: there is no Handshake to compare with"))
	}
	add(v.Text("CPU wait"), v.Sprintf("%s of the time its threads wanted a CPU", share(v, c.CPUWait)))
	add(v.Text("steal"), v.Sprintf("%s of the CPU taken by other machines", share(v, c.Steal)))
	if c.Abandoned > 0 {
		add(v.Text("abandoned"), v.Sprintf("%s in flight when the run was interrupted, not counted", v.Count(int(c.Abandoned), "hit")))
	}
	return s
}

// Cause is what is likely behind errors, in a word or two.
func Cause(v say.Voice, c probe.Cause) string {
	switch c {
	case probe.PortExhaustion:
		return v.Text("port exhaustion")
	case probe.SYNRetransmit:
		return v.Text("SYN retransmit")
	case probe.SharedPod:
		return v.Text("shared pod")
	case probe.BacklogFull:
		return v.Text("backlog full")
	case probe.DeadPod:
		return v.Text("dead pod")
	case probe.Unreachable:
		return v.Text("unreachable")
	case probe.ServerFault:
		return v.Text("server")
	case probe.LocalLimit:
		return v.Text("local limit")
	}
	return string(c)
}

func share(v say.Voice, s probe.Share) string {
	if !s.Known {
		return v.Text("unknown part")
	}
	return inPercent(s.Value)
}

// ports is the budget of source ports before the run.
func (p Probe) ports() draft {
	return draft{ID: "ports", Title: p.Voice.Sprintf("Source ports: %s", portMode(p.Voice, p.Result.Plan.Ports.Mode)), Intro: []string{BudgetLine(p.Voice, p.Result.Budget)}}
}

// portMode is who chooses the source ports, in a word.
func portMode(v say.Voice, m probe.PortMode) string {
	switch m {
	case probe.KernelPorts:
		return v.Text("kernel")
	case probe.SequentialPorts:
		return v.Text("sequential")
	case probe.ReusePorts:
		return v.Text("reuse")
	}
	return string(m)
}

// lasts is the verdict on source ports, in a word.
func lasts(v say.Voice, b probe.Verdict) string {
	switch b {
	case probe.Enough:
		return v.Text("enough")
	case probe.Wait:
		return v.Text("wait")
	case probe.Refuse:
		return v.Text("refuse")
	}
	return string(b)
}

// BudgetLine says in one line whether the source ports (and conntrack) last; a command prints
// it before a run.
func BudgetLine(v say.Voice, b probe.Budget) string {
	why := noted(v, v.Again(b.Why), b.Target)
	if b.Verdict != "" {
		why = v.Sprintf("%s: %s", lasts(v, b.Verdict), why)
	}
	clauses := []string{why}
	if b.TimeWait > 0 {
		clauses = append(clauses, v.Sprintf("in TIME_WAIT %s", plain.Number(b.TimeWait)))
	}
	if b.PerSecond > 0 {
		clauses = append(clauses, v.Sprintf("they sustain %s/s", number(b.PerSecond)))
	}
	if b.Conntrack.Known {
		clauses = append(clauses, v.Sprintf("conntrack holds %s", v.Again(b.Conntrack.String())))
	}
	return plain.Line(v.Clauses(clauses...), 0)
}

func (p Probe) notes() draft {
	if len(p.Result.Notes) == 0 {
		return draft{}
	}
	s := draft{ID: "notes", Title: p.Voice.Text("How to read the numbers")}
	for _, n := range p.Result.Notes {
		s.Items = append(s.Items, Item{Mark: "-", Text: p.Voice.Again(n)})
	}
	return s
}

func (p Probe) environment() draft {
	v := p.Voice
	s := draft{ID: "environment", Title: v.Text("Measured on")}
	for _, line := range EnvironmentLines(v, p.Result.Environment) {
		s.Items = append(s.Items, Item{Label: line[0], Text: line[1]})
	}
	s.Items = append(s.Items, Item{Label: v.Text("order"), Text: v.Sprintf("seed %d", p.Result.Plan.Seed)})
	return s
}

// EnvironmentLines names what a run was made on; what is not known is left out.
func EnvironmentLines(v say.Voice, e probe.Environment) [][2]string {
	var out [][2]string
	for _, line := range [][2]string{
		{"kpadvisor", e.Version},
		{v.Head("kernel"), e.Kernel},
		{v.Head("system"), e.System},
		{"Go", e.Go},
		{v.Head("CPUs"), strings.TrimPrefix(strconv.Itoa(e.CPUs), "0")},
		{v.Head("engine"), v.Again(e.Engine)},
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
	return draft{ID: "again", Title: p.Voice.Text("The same run again"), Items: []Item{{Mark: "-", Text: p.Voice.Text("the same targets, blocks and order"), Commands: []string{p.Command}}}}
}
