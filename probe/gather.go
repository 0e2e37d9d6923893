package probe

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Gathered is what a Collector cannot know of a run that was made elsewhere.
type Gathered struct {
	Environment Environment
	Started     time.Time
	Elapsed     time.Duration
	Partial     bool
	Budget      Budget // of the source that is worst off
	// Checks are what the sources found out about themselves, by name. A source
	// that could not tell is absent.
	Checks map[string]SelfCheck
	Notes  []string // besides those that the plan has
}

// Result puts together what was collected.
func (c *Collector) Result(g Gathered) (Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.series(c.ledgers)
	out := Result{
		Environment: g.Environment, Plan: c.plan, Started: g.Started.UTC().Round(0), Elapsed: g.Elapsed, Partial: g.Partial, Budget: g.Budget,
		Series: all[:c.targets], Controls: all[c.targets:],
	}
	for i, t := range c.ledgers {
		s := &all[i]
		s.Conditions = Conditions{Kernel: g.Environment.Kernel, Engine: g.Environment.Engine, Plan: c.plan, Started: out.Started}
		for _, p := range Phases() {
			var err error
			s.Quantiles[p] = nil
			if s.Histograms[p], err = encode(t.phases[p]); err != nil {
				return Result{}, fmt.Errorf("could not encode the %s histogram: %w", p, err)
			}
		}
		if i < c.targets {
			out.Findings = append(out.Findings, Diagnose(*s)...)
		}
	}
	out.SelfCheck = c.check(g, out.Series)
	out.Notes = append(append(notes(c.plan, g.Environment.Engine), bounds(c.plan, out.Series)...), g.Notes...)
	return out, nil
}

// check is the worst of what the sources said of themselves, and what is seen
// from here.
func (c *Collector) check(g Gathered, series []Series) SelfCheck {
	o := observed{plan: c.plan, lateness: c.lateness.stats(), rate: achieved(series), series: series}
	worst := func(a, b Share) Share {
		if !a.Known || b.Known && b.Value > a.Value {
			return b
		}
		return a
	}
	var why []string
	usable := true
	for _, name := range slices.Sorted(maps.Keys(g.Checks)) {
		check := g.Checks[name]
		o.steal, o.cpuWait = worst(o.steal, check.Steal), worst(o.cpuWait, check.CPUWait)
		o.dropped += check.Abandoned
		usable = usable && check.Usable
		for _, reason := range check.Why {
			why = append(why, name+": "+reason)
		}
	}
	out := o.check()
	if !usable { // what the sources say of themselves is said in their words, once
		out.Usable, out.Why = false, why
	}
	return out
}
