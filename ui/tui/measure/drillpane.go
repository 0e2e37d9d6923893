package measure

import (
	"context"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe/lab"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// drillPane is the last drill, live or ended.
type drillPane struct {
	still
	on      *Screen
	palette kit.Palette
	drillWatch
}

// drillWatch is what is known of it.
type drillWatch struct {
	trial   *drillTrial // nil before the first
	state   lab.DrillState
	result  *lab.DrillResult // of the last drill that saw anything
	weighed string           // what became of it in the advice
	pager   kit.Pager
}

// running reports whether it has not ended, even if it was told to.
func (s *drillPane) running() bool { return s.trial != nil && !s.trial.over }

// begin starts a drill. One thing at a time is measured.
func (s *drillPane) begin(o drillOrder) tea.Cmd {
	if s.on.Running() {
		return nil
	}
	ctx, cancel := context.WithCancel(s.on.ctx)
	t := &drillTrial{drillOrder: o, cancel: cancel, ended: make(chan struct{})}
	go t.run(ctx, s.on.tools.Lab.Drill)
	s.drillWatch = drillWatch{trial: t, result: s.result}
	s.on.show(s)
	wait := screen.Safely(func() tea.Msg {
		<-t.ended
		return drillMsg{t, t.state(), true}
	})
	return tea.Batch(wait, t.lookLater())
}

func (t *drillTrial) lookLater() tea.Cmd {
	return screen.Safely(tea.Tick(drillEvery, func(time.Time) tea.Msg { return drillMsg{trial: t, state: t.state()} }))
}

// seen takes what was seen, and looks again later unless it is over.
func (s *drillPane) seen(msg drillMsg) tea.Cmd {
	t := msg.trial
	if t != s.trial || t.over {
		return nil
	}
	s.state = msg.state
	if !msg.over {
		return t.lookLater()
	}
	t.over = true
	r := msg.state.Result
	if r == nil || len(r.Rows) == 0 {
		return nil
	}
	s.result = r
	found, err := evidence.OfDrill(*r)
	if err != nil {
		s.weighed = s.palette.Voice.Sprintf("3 Advice cannot weigh this drill: %s.", s.palette.Voice.Said(err.Error()))
		return nil
	}
	s.weighed = s.on.session.WeighDrill(found)
	return nil
}

func (s *drillPane) adapt(k *screen.KeyMap) {
	v := s.palette.Voice
	k.Choose.SetEnabled(!s.on.Running())
	k.Choose.SetHelp("enter", v.Text("again"))
	if s.running() {
		k.Choose.SetEnabled(!s.trial.stopped)
		k.Choose.SetHelp("enter", v.Text("stop"))
	}
	k.Back.SetEnabled(true)
	k.Back.SetHelp("esc", v.Text("plan"))
	k.Save.SetEnabled(s.result != nil && !s.running() && s.on.tools.Store != nil)
	k.Save.SetHelp("s", v.Text("save drill"))
}

func (s *drillPane) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	stop := func() {
		s.trial.stopped = true
		s.trial.cancel()
	}
	switch {
	case key.Matches(msg, k.Choose) && s.running():
		stop()
	case key.Matches(msg, k.Choose):
		return s.trial.begin(s.on)
	case key.Matches(msg, k.Back):
		if s.running() {
			stop()
		}
		s.on.plan(s.trial.of())
	default:
		s.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

// leave ends the drill and waits for it.
func (s *drillPane) leave() {
	if !s.running() {
		return
	}
	s.trial.cancel()
	<-s.trial.ended
	_ = s.seen(drillMsg{s.trial, s.trial.state(), true})
}

// save writes the last drill to a file, away from the event loop.
func (s *drillPane) save() tea.Cmd {
	r := *s.result
	return screen.Safely(func() tea.Msg {
		path, err := s.on.tools.Store.SaveDrill(r, "kpadvisor-drill-"+r.Environment.Started.UTC().Format("20060102-1504"))
		return screen.SavedMsg{Path: path, Err: err}
	})
}
