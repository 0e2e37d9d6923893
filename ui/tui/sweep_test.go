package tui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen/screentest"
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
	checker := screentest.NewChecker(t)
	at := func(w, h int) {
		a.Update(tea.WindowSizeMsg{Width: w, Height: h})
		checker.Fits(t, name, a.draw(), w, h, a.palette.ASCII)
	}
	for w := 20; w <= 160; w += screentest.SweepStep {
		at(w, 10+(w*7)%41)
	}
	for h := 10; h <= 50; h += screentest.SweepStep {
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
	s.moveTo = func(_ say.Voice, _ advisor.Facts, _ advisor.Habits, _ advisor.Measured, to advisor.Mode) advisor.Move {
		h := hostile()
		return advisor.Move{To: to, Differs: []advisor.Reason{{Text: h, Source: h}}, Runbook: []advisor.Step{{Title: h, Text: h, Commands: []string{h}}}}
	}
	s.reading.Facts = hostileFacts()
	s.reading.Stage = hostile()
	for i, p := range a.places {
		c := &p.session.context
		c.Name, c.Address, c.Plugin = fmt.Sprint(hostile(), i), hostile(), c.Plugin+hostile()
		if p.known() {
			p.session.reading.Facts = hostileFacts()
		}
	}
	for i := range a.start.stand {
		a.start.stand[i].title, a.start.stand[i].about = hostile(), hostile()
	}
	s.asked.known = false
	s.refresh()
	a.settle()
	a.notice = nil
	h := a.screens[habitsTab].(*habitsScreen)
	h.err = hostile()
	h.input.SetValue(hostile())
	h.touched = true
	a.source.Survey = hostileSurvey{}
	if f := a.start.form; f != nil {
		f.Err = hostile()
		for i := range f.Inputs {
			f.Inputs[i].SetValue(hostile())
		}
	}
}
