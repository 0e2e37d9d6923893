package report

import (
	"io"
	"math"
	"strconv"
	"strings"

	"kpadvisor/say"

	"kpadvisor/ui/evidence"
	"kpadvisor/ui/page"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// ProbeCSV writes the result one value a row: times in value_ns, everything
// else (counts, words) in value. The target of a difference is "A - B".
func ProbeCSV(w io.Writer, p page.Probe) error {
	c := &rows{}
	c.row("target", "phase", "stat", "value_ns", "value")
	if p.Problem != nil {
		c.text("", "", "error", p.Problem.Sentence)
		c.text("", "", "remedy", p.Problem.Remedy)
	}
	if !p.Empty() {
		c.run(p)
		for i := range p.Result.Series {
			c.series(p, i)
		}
		for _, cmp := range p.Result.Comparisons() {
			c.difference(p.Result.Phases(), cmp.A+" - "+cmp.B, cmp)
		}
		if direct, ok := p.Result.Direct(); ok {
			c.difference(p.Result.Phases(), direct.A+" - "+direct.B, direct)
		}
		c.units(p)
		c.controls(p)
		c.windows(p)
		c.selfCheck(p.Result.SelfCheck)
	}
	return written(w, c.String())
}

// units are the medians of each node's Services.
func (c *rows) units(p page.Probe) {
	for _, u := range p.Result.Units {
		name, of := p.Result.Series[u.Series].Target.Name, u.Node+" "+u.Service
		for _, ph := range probe.Phases() {
			if u.N[ph] > 0 {
				c.time(name, ph.String(), "median of "+of, u.MedianNs[ph])
				c.count(name, ph.String(), "rounds of "+of, u.N[ph])
			}
		}
	}
}

// rows collects the CSV.
type rows struct{ strings.Builder }

func (c *rows) row(cells ...string) { c.WriteString(plain.Row(cells...)) }

func (c *rows) time(target, phase, stat string, ns float64) {
	c.row(plain.Cell(target), phase, plain.Cell(stat), strconv.FormatInt(int64(math.Round(ns)), 10), "")
}

func (c *rows) count(target, phase, stat string, n int64) {
	c.row(plain.Cell(target), phase, plain.Cell(stat), "", strconv.FormatInt(n, 10))
}

func (c *rows) text(target, phase, stat, value string) {
	c.row(plain.Cell(target), phase, plain.Cell(stat), "", plain.Cell(value))
}

func (c *rows) run(p page.Probe) {
	r := p.Result
	c.text("", "", "schema", probe.Schema)
	c.text("", "", "started", r.Started.UTC().Format("2006-01-02T15:04:05Z"))
	c.time("", "", "elapsed", float64(r.Elapsed))
	c.text("", "", "partial", strconv.FormatBool(r.Partial))
	if r.Stopped != "" {
		c.text("", "", "stopped", r.Stopped)
	}
	c.text("", "", "loop", page.LoadLine(say.Voice{}, r.Plan))
	c.text("", "", "seed", strconv.FormatUint(r.Plan.Seed, 10))
	c.text("", "", "source ports", string(r.Plan.Ports.Mode))
	c.text("", "", "budget", page.BudgetLine(say.Voice{}, r.Budget))
	for _, line := range page.EnvironmentLines(say.Voice{}, r.Environment) {
		c.text("", "", line[0], line[1])
	}
	for _, n := range r.Notes {
		c.text("", "", "note", n)
	}
	if n := r.Labels[evidence.LabelServices]; n != "" {
		c.text("", "", "services", n)
	}
	if in := r.Labels[evidence.LabelLab]; in != "" {
		c.text("", "", "lab", in)
	}
	if p.Command != "" {
		c.text("", "", "command", p.Command)
	}
}

func (c *rows) series(p page.Probe, i int) {
	s := p.Result.Series[i]
	name := s.Target.Name
	c.text(name, "", "address", s.Target.Address)
	c.text(name, "", "kind", string(s.Target.Kind))
	c.text(name, "", "path", s.Target.Path)
	c.text(name, "", "host", s.Target.Host)
	c.text(name, "", "resolved", s.Resolved)
	c.text(name, "", "mode", p.Mode(i))
	if s.From != "" {
		c.text(name, "", "from", s.From)
	}
	c.count(name, "", "requests", s.Requests)
	c.count(name, "", "blocks", int64(len(s.Blocks)))
	for _, ph := range p.Result.Phases() {
		c.stats(name, ph.String(), s.Phases[ph])
	}
	for _, class := range probe.Classes() {
		c.count(name, "", "failed: "+class.String(), s.Errors[class])
	}
	if s.OtherError != "" {
		c.text(name, "", "other error", s.OtherError)
	}
	c.count(name, "connect", "syn timeouts", s.Events.SYNTimeouts)
	c.count(name, "connect", "from 1 s", s.Events.From1s)
	c.count(name, "connect", "from 3 s", s.Events.From3s)
	c.count(name, "connect", "from 7 s", s.Events.From7s)
	c.count(name, "connect", "resent syns", s.Events.ResentSYNs)
	c.count(name, "", "resent requests", s.Events.ResentRequests)
	c.count(name, "", "not sent", s.Events.NotSent)
	if warm := s.WarmUp; warm != (probe.Tally{}) {
		c.count(name, "", "warm-up requests", warm.Requests)
		c.count(name, "", "warm-up failed", warm.Failed)
		c.count(name, "connect", "warm-up from 1 s", warm.Late)
		c.count(name, "connect", "warm-up resent syns", warm.ResentSYNs)
	}
	for _, f := range p.Result.Findings {
		if f.Target == name {
			c.text(name, "", "cause: "+string(f.Cause), f.Text)
			c.text(name, "", "known from", f.How)
		}
	}
}

// stats has no row for a time that is not known.
func (c *rows) stats(target, phase string, s probe.Stats) {
	c.count(target, phase, "n", s.N)
	if s.N == 0 {
		return
	}
	c.time(target, phase, "min", float64(s.MinNs))
	c.time(target, phase, "mean", s.MeanNs)
	if s.N > 1 {
		c.time(target, phase, "sd", s.SDNs)
	}
	c.time(target, phase, "median", float64(s.MedianNs))
	c.time(target, phase, "p90", float64(s.P90Ns))
	c.time(target, phase, "p99", float64(s.P99Ns))
	c.time(target, phase, "max", float64(s.MaxNs))
	if s.Over60s > 0 {
		c.count(target, phase, "over 60 s", s.Over60s)
	}
}

// controls are what the targets stand for, reached directly.
func (c *rows) controls(p page.Probe) {
	for _, s := range p.Result.Controls {
		name := s.Target.Name
		c.text(name, "", "address", s.Target.Address)
		c.text(name, "", "besides", s.Target.Besides)
		c.count(name, "", "requests", s.Requests)
		for _, ph := range p.Result.Phases() {
			c.stats(name, ph.String(), s.Phases[ph])
		}
	}
}

// windows are what came of hits around changes; the target's name carries when.
func (c *rows) windows(p page.Probe) {
	add := func(when string, all []probe.Tally) {
		for i, t := range all {
			name := p.Result.Series[i].Target.Name + " " + when
			c.count(name, "", "requests", t.Requests)
			c.count(name, "", "failed", t.Failed)
			c.count(name, "connect", "from 1 s", t.Late)
		}
	}
	for _, w := range p.Result.Windows {
		add("from "+page.Clock(w.From)+" to "+page.Clock(w.To), w.Targets)
	}
	if len(p.Result.Windows) > 0 {
		add("at all other times", p.Result.Others)
	}
}

func (c *rows) difference(phases []probe.Phase, target string, cmp probe.Comparison) {
	for _, ph := range phases {
		d, name := cmp.Phases[ph], ph.String()
		c.count(target, name, "blocks", int64(d.Blocks))
		if d.Blocks == 0 {
			continue
		}
		c.time(target, name, "median difference", d.MedianDiffNs)
		if d.Bounded {
			c.time(target, name, "interval low", d.LowNs)
			c.time(target, name, "interval high", d.HighNs)
			c.time(target, name, "smallest that could have shown", d.SmallestNs)
			c.text(target, name, "confidence", strconv.FormatFloat(d.Confidence, 'g', 4, 64))
		}
		c.text(target, name, "detected", strconv.FormatBool(d.Detected))
		c.text(target, name, "usable", strconv.FormatBool(d.Usable))
		if d.Why != "" {
			c.text(target, name, "not usable", d.Why)
		}
	}
	for _, w := range cmp.Warnings {
		c.text(target, "", "warning", w)
	}
}

func (c *rows) selfCheck(s probe.SelfCheck) {
	c.text("", "", "self-check usable", strconv.FormatBool(s.Usable))
	for _, why := range s.Why {
		c.text("", "", "self-check failed", why)
	}
	c.count("", "", "threads", int64(s.Threads))
	c.time("", "", "lateness p99", float64(s.LatenessP99Ns))
	c.text("", "", "planned rate per second", strconv.FormatFloat(s.PlannedRate, 'f', -1, 64))
	c.text("", "", "achieved rate per second", strconv.FormatFloat(s.AchievedRate, 'f', 1, 64))
	if s.BiasKnown {
		c.time("", "", "connect bias", float64(s.ConnectBiasNs))
	}
	if s.Steal.Known {
		c.text("", "", "steal share", strconv.FormatFloat(s.Steal.Value, 'f', 4, 64))
	}
	if s.CPUWait.Known {
		c.text("", "", "cpu wait share", strconv.FormatFloat(s.CPUWait.Value, 'f', 4, 64))
	}
	c.count("", "", "abandoned", s.Abandoned)
}
