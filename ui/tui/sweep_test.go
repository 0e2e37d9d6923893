package tui

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain/plaintest"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
)

// TestEverySize draws every screen and overlay at every size, with a well-behaved
// and with a hostile cluster: no line wider than the terminal, no more lines
// than it has, no control character but the program's own colours.
func TestEverySize(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sweep(t, name, state(Options{Style: kit.Style{Color: true, Dark: true}}, 80, 24))
			for _, style := range []kit.Style{{}, {ASCII: true}} {
				a := state(Options{Style: style}, 80, 24)
				corrupt(a)
				sweep(t, name, a)
			}
		})
	}
}

func sweep(t *testing.T, name string, a app) {
	t.Helper()
	listed := plaintest.NewChecker(t)
	at := func(w, h int) {
		a.Update(tea.WindowSizeMsg{Width: w, Height: h})
		check(t, listed, name, a.draw(), w, h, a.palette.ASCII)
	}
	for w := 20; w <= 160; w += sweepStep {
		at(w, 10+(w*7)%41)
	}
	for h := 10; h <= 50; h += sweepStep {
		at(60, h)
		at(110, h)
	}
}

// hostileSurvey explains what went wrong in hostile words.
type hostileSurvey struct{ fakeSurvey }

func (hostileSurvey) Explain(error) (string, string) { return hostile(), hostile() }

// corrupt puts hostile strings wherever a cluster can put any.
func corrupt(a app) {
	s := a.session
	s.decide = hostileAdvice
	s.moveTo = func(_ advisor.Facts, _ advisor.Habits, _ advisor.Measured, to advisor.Mode) advisor.Move {
		h := hostile()
		return advisor.Move{To: to, Differs: []advisor.Reason{{Text: h, Source: h}}, Runbook: []advisor.Step{{Title: h, Text: h, Commands: []string{h}}}}
	}
	if s.chosen != nil {
		f := hostileFacts()
		s.chosen = &f
	} else {
		s.reading.Facts = hostileFacts()
		s.reading.Stage = hostile()
	}
	s.asked.known = false
	s.refresh()
	a.settle()
	a.notice = nil
	h := a.screens[habitsTab].(*habitsScreen)
	h.err = hostile()
	h.input.SetValue(hostile())
	h.touched = true
	hostileRun(&a.probe.run.watch)
	for _, o := range a.probe.subjects {
		o.form().Err = hostile()
	}
	for _, o := range a.probe.subjects {
		for i := range o.form().Inputs {
			o.form().Inputs[i].SetValue(hostile())
		}
	}
	if c, ok := a.probe.shown.(*catalogue); ok {
		c.all = append(c.all, Offer{Name: hostile(), What: hostile()})
		c.err, c.waiting = "", ""
		c.narrow()
	}
	if b := a.pair().budget; b != nil {
		b.Why = hostile()
	}
	if a.probe.lab != nil && a.probe.lab.check != nil {
		c := a.probe.lab.check
		c.environment.Kernel = hostile()
		for i := range c.missing {
			c.missing[i].Reason, c.missing[i].Remedy = hostile(), hostile()
		}
	}
	for _, o := range a.probe.subjects {
		if n, ok := o.(*nodes); ok && n.plan != nil {
			n.plan.Sides, n.plan.Differ, n.plan.Objects = []string{hostile(), hostile()}, []string{hostile()}, []string{hostile()}
			n.plan.Why, n.plan.Load, n.plan.Manifests = hostile(), hostile(), hostile()+"\n"+hostile()
			n.plan.Rights = []RightNeeded{{hostile(), hostile(), false}}
		}
	}
	if d := a.probe.drill; d.trial != nil {
		d.weighed, d.state.Stage.What, d.state.Stage.Mode = hostile(), hostile(), lab.Mode(hostile())
		d.state.Missing = []lab.Missing{{Mode: lab.Mode(hostile()), Reason: hostile(), Remedy: hostile()}}
		if d.state.Err != nil {
			d.state.Err = errors.New(hostile())
		}
		if r := d.state.Result; r != nil {
			hostileRows := *r
			hostileRows.Environment.Kernel, hostileRows.Environment.Where, hostileRows.Environment.Notes = hostile(), hostile(), []string{hostile()}
			hostileRows.Missing = d.state.Missing
			d.state.Result = &hostileRows
		}
	}
	c := a.screens[clusterTab].(*clusterScreen)
	c.opts.Survey = hostileSurvey{}
	if c.form != nil {
		c.form.Err = hostile()
		for i := range c.form.Inputs {
			c.form.Inputs[i].SetValue(hostile())
		}
	}
}

func check(t *testing.T, listed *plaintest.Checker, name, drawn string, w, h int, asciiOnly bool) {
	t.Helper()
	lines := strings.Split(drawn, "\n")
	if len(lines) > h {
		t.Fatalf("%s %dx%d: %d lines", name, w, h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > w {
			t.Fatalf("%s %dx%d: line %d is %d wide: %q", name, w, h, i, n, l)
		}
		for _, r := range sgr.ReplaceAllString(l, "") {
			if listed.Hidden(r) || asciiOnly && r > unicode.MaxASCII {
				t.Fatalf("%s %dx%d: line %d holds %U: %q", name, w, h, i, r, l)
			}
		}
	}
}
