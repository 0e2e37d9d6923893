// Package measure is the Probe screen: what can be measured, the form for it, the run
// while it lasts, and what it came to.
package measure

import (
	"cmp"
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen"
)

// pane is one of the screens behind the tab Probe.
type pane interface {
	// key acts on a key; k are the bindings that are enabled here.
	key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd
	// lines fill the body of the frame.
	lines(f screen.Frame) []kit.Line
	// adapt enables the bindings that do something now.
	adapt(k *screen.KeyMap)
	// types reports whether every key belongs to a field.
	types() bool
	// paste types into that field.
	paste(msg tea.PasteMsg)
}

// still is what a pane without fields does with what is pasted.
type still struct{}

func (still) types() bool        { return false }
func (still) paste(tea.PasteMsg) {}

// Screen measures one of its subjects at a time. The engine runs in a
// goroutine of its own and is looked at; it never waits for the screen.
type Screen struct {
	desk
	subjects []subject
	lab      *bench // one of the subjects, nil if there is no lab

	pick  *pickPane
	run   *runPane   // the last run
	drill *drillPane // the last drill
	shown pane
}

// New makes the screen; what it starts ends with ctx.
func New(ctx context.Context, t tools.Tools, p kit.Palette, s Session) *Screen {
	out := &Screen{desk: desk{ctx, &tools.Tools{}, p, s}}
	out.Equip(t)
	out.pick = &pickPane{on: out}
	out.run = &runPane{on: out, palette: p}
	out.drill = &drillPane{on: out, palette: p}
	out.shown = out.pick
	return out
}

// Equip gives it what there is to measure with from now on. What runs goes on, what is
// there stays as it is, and so does what there was and t does not have.
func (s *Screen) Equip(t tools.Tools) {
	had := *s.tools
	s.tools.Engine, s.tools.Lab = cmp.Or(t.Engine, had.Engine), cmp.Or(t.Lab, had.Lab)
	s.tools.Cluster, s.tools.Store = cmp.Or(t.Cluster, had.Cluster), cmp.Or(t.Store, had.Store)
	s.tools.Version = cmp.Or(t.Version, had.Version)
	if had.Lab == nil && t.Lab != nil {
		s.lab = newBench(s.desk)
		s.add(s.lab, newDrilling(s.desk))
	}
	if had.Engine == nil && t.Engine != nil {
		s.add(newPair(s.desk))
	}
	if had.Cluster == nil && t.Cluster != nil {
		s.add(newNodes(s.desk))
	}
}

// add offers subjects, in the order of their ranks.
func (s *Screen) add(all ...subject) {
	for _, one := range all {
		one.form().Rest()
		_ = one.read() // a form without targets says nothing yet
	}
	s.subjects = append(s.subjects, all...)
	slices.SortStableFunc(s.subjects, func(a, b subject) int { return cmp.Compare(rank(a), rank(b)) })
}

// rank is the place of a subject where one is picked.
func rank(of subject) int {
	switch of.(type) {
	case *bench:
		return 0
	case *pair:
		return 1
	case *nodes:
		return 2
	}
	return 3
}

// show turns to another pane.
func (s *Screen) show(p pane) { s.shown = p }

// plan turns to the form of a subject.
func (s *Screen) plan(of subject) *planPane {
	p := &planPane{on: s, subject: of}
	s.show(p)
	return p
}

// Running reports whether a run or a drill has not ended, even if it was told to.
func (s *Screen) Running() bool { return s.run.running() || s.drill.running() }

// Progress is how far what runs has come; of nothing if that is not known.
func (s *Screen) Progress() (n, of int) {
	if s.run.running() {
		return s.run.watch.progress.Turn, s.run.watch.progress.Turns
	}
	return 0, 0
}

// inCluster reports whether what runs has created objects in the cluster.
func (s *Screen) inCluster() bool { return s.run.running() && s.run.trial.order.inCluster() }

// Takes is true while something is typed into: every key is for that then.
func (s *Screen) Takes() bool { return s.shown.types() }

// Adapt enables the bindings that do something now.
func (s *Screen) Adapt(k *screen.KeyMap) {
	k.Copy.SetEnabled(false)
	k.Save.SetEnabled(s.run.result != nil && !s.Running() && s.tools.Store != nil)
	k.Save.SetHelp("s", s.palette.Voice.Text("save run"))
	s.shown.adapt(k)
}

// Msg is what the screen tells itself: whoever runs its commands hands it to Update.
type Msg interface{ ofMeasure() }

func (pulledMsg) ofMeasure() {}
func (endedMsg) ofMeasure()  {}
func (answerMsg) ofMeasure() {}
func (drillMsg) ofMeasure()  {}

// Update acts on a message of its own, or on what is pasted.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pulledMsg:
		return s.run.pulled(msg)
	case endedMsg:
		return s.run.ended(msg.trial)
	case drillMsg:
		return s.drill.seen(msg)
	case answerMsg:
		cmd := msg()
		if p, ok := s.shown.(*planPane); ok && p.hurry {
			return tea.Batch(cmd, p.soon())
		}
		return cmd
	case tea.PasteMsg:
		s.shown.paste(msg)
	}
	return nil
}

// Key acts on a key; k are the bindings that are enabled here.
func (s *Screen) Key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd { return s.shown.key(msg, k) }

// View fills the body of the frame.
func (s *Screen) View(f screen.Frame) string { return s.palette.Paint(s.shown.lines(f), f.Body.W) }

// Save saves the run, or the drill if that is what is looked at.
func (s *Screen) Save() tea.Cmd {
	if s.shown == pane(s.drill) {
		return s.drill.save()
	}
	return s.run.save()
}

// Leave ends the run, the drill and the lab, waits for them, and returns what there is
// to report.
func (s *Screen) Leave() (*probe.Result, *lab.DrillResult) {
	if s.inCluster() {
		s.tools.Cluster.Leaving(s.palette.Voice.Text("Removing what the probe created in the cluster…"))
	}
	s.run.leave()
	s.lab.close()
	s.drill.leave()
	return s.run.result, s.drill.result
}

// errDefect stands for a panic in the engine.
var errDefect = errors.New("a defect in kpadvisor")
