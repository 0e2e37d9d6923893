package measure

import (
	"errors"
	"slices"
	"strings"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen/screentest"
)

// corrupt puts hostile strings wherever a server, a kernel or a cluster can put any.
func corrupt(a app) {
	hostileRun(&a.run.watch)
	for _, o := range a.subjects {
		o.form().Err = screentest.Hostile()
	}
	for _, o := range a.subjects {
		for i := range o.form().Inputs {
			o.form().Inputs[i].SetValue(screentest.Hostile())
		}
	}
	if c, ok := a.shown.(*catalogue); ok {
		c.all = append(c.all, tools.Offer{Name: screentest.Hostile(), What: screentest.Hostile()})
		c.err, c.waiting = "", ""
		c.narrow()
	}
	if b := a.pair().budget; b != nil {
		b.Why = screentest.Hostile()
	}
	if a.lab != nil && a.lab.check != nil {
		c := a.lab.check
		c.environment.Kernel = screentest.Hostile()
		for i := range c.missing {
			c.missing[i].Reason, c.missing[i].Remedy = screentest.Hostile(), screentest.Hostile()
		}
	}
	for _, o := range a.subjects {
		if n, ok := o.(*nodes); ok && n.plan != nil {
			n.plan.Sides, n.plan.Differ, n.plan.Objects = []string{screentest.Hostile(), screentest.Hostile()}, []string{screentest.Hostile()}, []string{screentest.Hostile()}
			n.plan.Why, n.plan.Load, n.plan.Manifests = screentest.Hostile(), screentest.Hostile(), screentest.Hostile()+"\n"+screentest.Hostile()
			n.plan.Rights = []tools.RightNeeded{{Text: screentest.Hostile(), Why: screentest.Hostile()}}
		}
	}
	if d := a.drill; d.trial != nil {
		d.weighed, d.state.Stage.What, d.state.Stage.Mode = screentest.Hostile(), screentest.Hostile(), lab.Mode(screentest.Hostile())
		d.state.Missing = []lab.Missing{{Mode: lab.Mode(screentest.Hostile()), Reason: screentest.Hostile(), Remedy: screentest.Hostile()}}
		if d.state.Err != nil {
			d.state.Err = errors.New(screentest.Hostile())
		}
		if r := d.state.Result; r != nil {
			hostileRows := *r
			hostileRows.Environment.Kernel, hostileRows.Environment.Where, hostileRows.Environment.Notes = screentest.Hostile(), screentest.Hostile(), []string{screentest.Hostile()}
			hostileRows.Missing = d.state.Missing
			d.state.Result = &hostileRows
		}
	}
}

// hostileRun has such strings wherever a server or a kernel can put one.
func hostileRun(w *watch) {
	h := screentest.Hostile()
	for i := range w.targets {
		w.targets[i].Address, w.targets[i].Path = strings.Repeat(h, 2), h
	}
	w.gaps = slices.Repeat([]string{h}, len(w.targets))
	w.progress.Why, w.progress.State = h, probe.State(h)
	w.progress.Turn, w.progress.Turns = 1<<60, 1<<61
	w.title = h
	w.differences = []versus{{comparison: probe.Comparison{Warnings: []string{h, h}}}}
	if len(w.targets) == 0 {
		w.differences = nil
	}
	if w.lab != nil {
		w.lab.Missing = []lab.Missing{{Mode: lab.Mode(h), Reason: h, Remedy: h}}
		w.lab.Skipped = []lab.Skipped{{Mode: lab.Mode(h), Reason: h}}
	}
	w.series = append([]probe.Series{}, w.series...)
	for i := range w.series {
		for _, p := range probe.Phases() {
			w.series[i].Phases[p] = probe.Stats{N: 1 << 60, MinNs: 1 << 62, MeanNs: 1e30, SDNs: 1e-30, MedianNs: int64(i), P90Ns: -5, P99Ns: 1 << 62, MaxNs: 1 << 62}
		}
		w.series[i].Errors = map[probe.Class]int64{}
		for _, c := range probe.Classes() {
			w.series[i].Errors[c] = 1 << 60
		}
		w.series[i].Events = probe.Events{From1s: 1 << 60, From3s: 1 << 60, From7s: 1 << 60, ResentSYNs: 1 << 60}
	}
	if w.result != nil {
		r := *w.result
		r.Findings = []probe.Finding{{Target: h, Cause: probe.Cause(h), Text: h, How: h}}
		r.Notes = []string{h}
		r.SelfCheck.Usable, r.SelfCheck.Why = false, []string{h, h}
		w.result = &r
	}
	if w.err != nil {
		w.err = errors.New(h)
	}
}
