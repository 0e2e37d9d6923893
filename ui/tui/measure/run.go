package measure

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// runPane is the last run, live or ended.
type runPane struct {
	still
	on      *Screen
	palette kit.Palette

	trial   *trial         // nil before the first
	then    func() tea.Cmd // what waits for its end
	watch   watch
	result  *probe.Result // of the last run that measured anything
	weighed string        // what became of it in the advice
	scrolls bool          // the pictures move with the rest, as last shown
}

// running reports whether it has not ended, even if it was told to.
func (s *runPane) running() bool { return s.trial != nil && !s.trial.over }

func (s *runPane) stopping() bool { return s.running() && s.trial.stopped }

func (s *runPane) adapt(k *screen.KeyMap) {
	v := s.palette.Voice
	k.Choose.SetEnabled(!s.on.Running())
	k.Choose.SetHelp("enter", v.Text("again"))
	if s.running() {
		k.Choose.SetEnabled(!s.stopping())
		k.Choose.SetHelp("enter", v.Text("stop"))
	}
	k.Back.SetEnabled(true)
	k.Back.SetHelp("esc", v.Text("plan"))
	k.Freeze.SetEnabled(s.running() || s.watch.frozen)
	k.Pause.SetEnabled(s.running() && !s.stopping() && s.trial.prober.pauses())
	drawn := len(s.watch.series) > 0
	scale := s.watch.scale
	k.Span.SetEnabled(drawn)
	k.Span.SetHelp("m", map[bool]string{true: v.Text("last 30 s"), false: v.Text("whole run")}[s.watch.whole()])
	k.Larger.SetEnabled(drawn && scale.Top > 0 && scale.Larger() != scale)
	k.Smaller.SetEnabled(drawn && scale.Top > 0 && scale.Smaller() != scale)
	k.Phase.SetEnabled(drawn && len(s.watch.phases()) > 1)
	k.Auto.SetEnabled(drawn && scale.Fixed)
	_, fewer := s.resized(false)
	_, more := s.resized(true)
	k.Fewer.SetEnabled(fewer)
	k.More.SetEnabled(more && !fewer)
	if fewer && more {
		k.Fewer.SetHelp("[ ]", v.Head("Services")) // one word for both
		k.Fewer.SetKeys(slices.Concat(k.Fewer.Keys(), k.More.Keys())...)
	}
}

// resized is the run that is shown at another size, if it can change its size and
// another run may begin once it has ended.
func (s *runPane) resized(larger bool) (order, bool) {
	if s.stopping() || s.on.drill.running() {
		return nil, false
	}
	return s.trial.order.resized(larger)
}

func (s *runPane) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	w := &s.watch
	switch {
	case key.Matches(msg, k.Choose) && s.running():
		s.trial.stop()
	case key.Matches(msg, k.Choose):
		return s.trial.order.begin(s.on)
	case key.Matches(msg, k.Back):
		if s.running() {
			s.trial.stop()
		}
		s.then = nil
		return s.on.plan(s.trial.order.of()).subject.ask()
	case key.Matches(msg, k.Freeze):
		return s.freeze()
	case key.Matches(msg, k.Pause):
		s.trial.pause()
	case key.Matches(msg, k.Fewer), key.Matches(msg, k.More):
		return s.resize(slices.Contains(k.More.Keys(), msg.String()))
	default:
		if !w.look(msg, k) {
			w.pager.Update(msg, k.PagerKeys)
		} else if s.scrolls { // what has changed is above
			w.pager.Top = 0
		}
	}
	return nil
}

// look acts on a key that changes how the run is looked at.
func (w *watch) look(msg tea.KeyPressMsg, k screen.KeyMap) bool {
	switch {
	case key.Matches(msg, k.Phase):
		w.nextPhase()
	case key.Matches(msg, k.Span):
		w.other = !w.other
		w.follow()
	case key.Matches(msg, k.Larger):
		w.scale = w.scale.Larger()
	case key.Matches(msg, k.Smaller):
		w.scale = w.scale.Smaller()
	case key.Matches(msg, k.Auto):
		w.scale = kit.Scale{}
		w.follow()
	default:
		return false
	}
	return true
}

// begin starts a run of the engine. One thing at a time is measured.
func (s *runPane) begin(o order, e experiment, p run, budget probe.Budget) tea.Cmd {
	if s.on.Running() {
		return nil
	}
	t := newTrial(s.on.ctx, o, e, p)
	s.trial, s.then = t, nil
	s.watch = s.watch.again(o.kind(), e)
	s.watch.budget = budget
	s.on.show(s)
	wait := screen.Safely(func() tea.Msg {
		<-t.ended
		return endedMsg{t}
	})
	return tea.Batch(wait, s.pullLater())
}

// resize measures the lab at the next larger or smaller size, when what runs
// has ended.
func (s *runPane) resize(larger bool) tea.Cmd {
	next, ok := s.resized(larger)
	if !ok {
		return nil
	}
	if !s.on.Running() {
		return next.begin(s.on)
	}
	s.trial.stop()
	s.then = func() tea.Cmd { return next.begin(s.on) }
	return nil
}

// pullLater looks at the run after a pause, unless a look is under way.
func (s *runPane) pullLater() tea.Cmd {
	t := s.trial
	if t.ticking || t.over || s.watch.frozen {
		return nil
	}
	t.ticking = true
	return screen.Safely(tea.Tick(probeEvery, func(time.Time) tea.Msg { return t.look() }))
}

// pulled takes what was seen, and looks again later. What was seen of a run
// that has ended, or after a freeze, is dropped.
func (s *runPane) pulled(msg pulledMsg) tea.Cmd {
	msg.trial.ticking = false
	if msg.trial != s.trial || s.trial.over || s.watch.frozen {
		return nil
	}
	s.watch.pulled(msg)
	return s.pullLater()
}

// ended takes the result of a run, whether or not it is still being looked at,
// and goes on with what was waiting for its end.
func (s *runPane) ended(t *trial) tea.Cmd {
	if t.over {
		return nil
	}
	t.over = true
	if t.err == nil {
		t.result.Environment.Version = s.on.tools.Version
		if len(t.labels) > 0 {
			t.result.Labels = t.labels
		}
		s.result = &t.result
		s.weigh(t)
	}
	if t == s.trial && !s.watch.frozen {
		s.watch.ended(t)
	}
	if then := s.then; then != nil {
		s.then = nil
		return then()
	}
	return nil
}

// weigh gives what was measured to the advice, if it says which modes it is about.
func (s *runPane) weigh(t *trial) {
	s.weighed = ""
	if len(t.result.Labels) == 0 {
		return
	}
	found, err := evidence.OfRun(t.result)
	if err != nil {
		s.weighed = s.palette.Voice.Sprintf("3 Advice cannot weigh this run: %s", s.palette.Voice.Said(err.Error()))
		return
	}
	s.weighed = s.on.session.Weigh(found)
}

// freeze stops looking, or looks again.
func (s *runPane) freeze() tea.Cmd {
	w := &s.watch
	switch {
	case w.frozen && s.trial.over:
		w.frozen = false
		w.ended(s.trial)
	case w.frozen:
		w.frozen = false
		return s.pullLater()
	case s.running():
		w.frozen = true
	}
	return nil
}

// leave ends the run and waits for it.
func (s *runPane) leave() {
	if !s.running() {
		return
	}
	s.trial.stop()
	<-s.trial.ended
	s.then = nil
	s.ended(s.trial)
}

// savedRun is the name of the files for a run, without what tells the faces apart.
func savedRun(r probe.Result) string {
	return "kpadvisor-probe-" + r.Started.UTC().Format("20060102-1504")
}

// save writes the last run to a file, away from the event loop.
func (s *runPane) save() tea.Cmd {
	r := *s.result
	return screen.Safely(func() tea.Msg {
		path, err := s.on.tools.Store.SaveRun(r, savedRun(r))
		return screen.SavedMsg{Path: path, Err: err}
	})
}
