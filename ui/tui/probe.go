package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
)

// pane is one of the screens behind the tab Probe.
type pane interface {
	// key acts on a key; k are the bindings that are enabled here.
	key(msg tea.KeyPressMsg, k keyMap) tea.Cmd
	// lines fill the body of the frame.
	lines(f frame) []kit.Line
	// adapt enables the bindings that do something now.
	adapt(k *keyMap)
	// types reports whether every key belongs to a field.
	types() bool
	// paste types into that field.
	paste(msg tea.PasteMsg)
}

// still is what a pane without fields does with what is pasted.
type still struct{}

func (still) types() bool        { return false }
func (still) paste(tea.PasteMsg) {}

// probeScreen measures one of its subjects at a time. The engine runs in a
// goroutine of its own and is looked at; it never waits for the screen.
type probeScreen struct {
	desk
	subjects []subject
	lab      *bench // one of the subjects, nil if there is no lab

	pick  *pickPane
	run   *runPane   // the last run
	drill *drillPane // the last drill
	shown pane
}

func newProbe(ctx context.Context, t tools, p kit.Palette, s advised) *probeScreen {
	out := &probeScreen{desk: desk{ctx, t, p, s}}
	if t.Lab != nil {
		out.lab = newBench(out.desk)
		out.subjects = append(out.subjects, out.lab)
	}
	if t.Engine != nil {
		out.subjects = append(out.subjects, newPair(out.desk))
	}
	if t.Cluster != nil {
		out.subjects = append(out.subjects, newNodes(out.desk))
	}
	if t.Lab != nil {
		out.subjects = append(out.subjects, newDrilling(out.desk))
	}
	for _, s := range out.subjects {
		s.form().Rest()
		_ = s.read() // a form without targets says nothing yet
	}
	out.pick = &pickPane{on: out}
	out.run = &runPane{on: out, palette: p}
	out.drill = &drillPane{on: out, palette: p}
	out.shown = out.pick
	return out
}

// show turns to another pane.
func (s *probeScreen) show(p pane) { s.shown = p }

// plan turns to the form of a subject.
func (s *probeScreen) plan(of subject) *planPane {
	p := &planPane{on: s, subject: of}
	s.show(p)
	return p
}

// running reports whether a run or a drill has not ended, even if it was told to.
func (s *probeScreen) running() bool { return s.run.running() || s.drill.running() }

// progress is how far what runs has come; of nothing if that is not known.
func (s *probeScreen) progress() (n, of int) {
	if s.run.running() {
		return s.run.watch.progress.Turn, s.run.watch.progress.Turns
	}
	return 0, 0
}

// inCluster reports whether what runs has created objects in the cluster.
func (s *probeScreen) inCluster() bool { return s.run.running() && s.run.trial.order.inCluster() }

// takes is true while something is typed into: every key is for that then.
func (s *probeScreen) takes(tea.KeyPressMsg) bool { return s.shown.types() }

func (s *probeScreen) adapt(k *keyMap) {
	k.Copy.SetEnabled(false)
	k.Save.SetEnabled(s.run.result != nil && !s.running() && s.tools.Store != nil)
	k.Save.SetHelp("s", "save run")
	s.shown.adapt(k)
}

func (s *probeScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pulledMsg:
		return s.run.pulled(msg)
	case endedMsg:
		return s.run.ended(msg.trial)
	case drillMsg:
		return s.drill.seen(msg)
	case answerMsg:
		return msg()
	case tea.PasteMsg:
		s.shown.paste(msg)
	}
	return nil
}

func (s *probeScreen) key(msg tea.KeyPressMsg, k keyMap) tea.Cmd { return s.shown.key(msg, k) }

func (s *probeScreen) view(f frame) string { return s.palette.Paint(s.shown.lines(f), f.Body.W) }

// save saves the run, or the drill if that is what is looked at.
func (s *probeScreen) save() tea.Cmd {
	if s.shown == pane(s.drill) {
		return s.drill.save()
	}
	return s.run.save()
}

// leave ends the run and the lab, waits for them, and returns what there is to report.
func (s *probeScreen) leave() *probe.Result {
	s.run.leave()
	s.lab.close()
	return s.run.result
}

// leaveDrill ends the drill, waits for it, and returns what there is to report.
func (s *probeScreen) leaveDrill() *lab.DrillResult {
	s.drill.leave()
	return s.drill.result
}

// errDefect stands for a panic in the engine.
var errDefect = errors.New("a defect in kpadvisor")
