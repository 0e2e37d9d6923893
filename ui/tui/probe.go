package tui

import (
	"context"
	"errors"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/ui/spark"
)

// probePage is what the Probe screen shows.
type probePage int

const (
	planPage probePage = iota // targets and plan, and what the run would need
	editPage                  // the same while it is typed
	runPage                   // the run, live or ended
)

// budgetMsg answers a question for the port budget.
type budgetMsg struct {
	question int
	budget   probe.Budget
	err      error
}

// probeScreen measures two targets alternately. The engine runs in a goroutine
// of its own and is looked at; it never waits for the screen.
type probeScreen struct {
	ctx     context.Context // of the program: ends every run
	opts    Options
	palette palette
	session *session
	page    probePage

	form      *form
	base      probe.Plan  // what the form has no field for
	next      *experiment // what the form says; nil while that can't be run
	question  int         // number of the last question for a budget
	budget    *probe.Budget
	budgetErr error
	pager     pager

	trial  *trial // the last run; nil before the first
	watch  watch
	result *probe.Result // of the last run that measured anything
}

func newProbe(ctx context.Context, o Options, p palette, s *session) *probeScreen {
	out := &probeScreen{ctx: ctx, opts: o, palette: p, session: s, base: probe.DefaultPlan()}
	out.form = newForm(p, "Two targets, measured in turn", experimentFields())
	out.form.fill(append([]string{"", ""}, planTexts(out.base)...)...)
	out.form.rest()
	return out
}

// running reports whether a run has not ended, even if it was told to.
func (s *probeScreen) running() bool { return s.trial != nil && !s.trial.over }

// takes is true while the form is open: every key is for its fields then.
func (s *probeScreen) takes(tea.KeyPressMsg) bool { return s.page == editPage }

func (s *probeScreen) adapt(k *keyMap) {
	k.Copy.SetEnabled(false)
	k.Save.SetEnabled(s.result != nil && !s.running() && s.opts.SaveProbe != nil)
	k.Save.SetHelp("s", "save run")
	if s.opts.Probe == nil {
		return
	}
	switch s.page {
	case editPage:
		s.form.adapt(k)
		k.Choose.SetHelp("enter", "next")
	case planPage:
		k.Choose.SetEnabled(!s.running())
		k.Choose.SetHelp("enter", s.chooseDoes())
		k.Edit.SetEnabled(s.next != nil)
		k.Preset.SetEnabled(true)
		k.Back.SetEnabled(s.trial != nil)
		k.Back.SetHelp("esc", "last run")
	case runPage:
		k.Choose.SetEnabled(!s.stopping())
		k.Choose.SetHelp("enter", "again")
		if s.running() {
			k.Choose.SetHelp("enter", "stop")
		}
		k.Back.SetEnabled(true)
		k.Back.SetHelp("esc", "plan")
		k.Freeze.SetEnabled(s.running() || s.watch.frozen)
		k.Pause.SetEnabled(s.running() && !s.stopping())
		for _, b := range []*key.Binding{&k.Phase, &k.Sweep, &k.Larger, &k.Smaller, &k.Auto} {
			b.SetEnabled(true)
		}
	}
}

// chooseDoes says what enter does on the plan page.
func (s *probeScreen) chooseDoes() string {
	switch {
	case s.next == nil:
		return "type targets"
	case s.refused():
		return "ask again"
	}
	return "start"
}

// refused reports whether the ports, or the addresses, are not there.
func (s *probeScreen) refused() bool {
	return s.budgetErr != nil || s.budget != nil && s.budget.Verdict == probe.Refuse
}

func (s *probeScreen) stopping() bool { return s.running() && s.trial.stopped }

func (s *probeScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pulledMsg:
		return s.pulled(msg)
	case endedMsg:
		s.ended(msg.trial)
	case budgetMsg:
		if msg.question == s.question {
			s.budget, s.budgetErr = &msg.budget, msg.err
		}
	case tea.PasteMsg:
		if s.page == editPage {
			s.form.paste(msg)
		}
	case tea.KeyPressMsg:
		switch {
		case s.opts.Probe == nil:
		case s.page == editPage:
			return s.editKey(msg)
		case s.page == planPage:
			return s.planKey(msg)
		default:
			return s.runKey(msg)
		}
	}
	return nil
}

func (s *probeScreen) editKey(msg tea.KeyPressMsg) tea.Cmd {
	outcome := s.form.update(msg)
	if outcome == formOpen {
		return nil
	}
	err := s.take()
	if err != nil && outcome == formSent {
		s.form.err = err.Error()
		return nil
	}
	s.form.err = ""
	s.form.rest()
	s.page = planPage
	return s.ask()
}

func (s *probeScreen) planKey(msg tea.KeyPressMsg) tea.Cmd {
	k := newKeyMap()
	switch {
	case key.Matches(msg, k.Edit), key.Matches(msg, k.Choose) && s.next == nil:
		s.page = editPage
		s.form.wake()
	case key.Matches(msg, k.Choose) && s.running():
	case key.Matches(msg, k.Choose) && s.refused():
		return s.ask()
	case key.Matches(msg, k.Choose):
		return s.begin(*s.next)
	case key.Matches(msg, k.Preset):
		return s.preset()
	case key.Matches(msg, k.Back):
		if s.trial != nil {
			s.page = runPage
		}
	default:
		s.pager.update(msg, k)
	}
	return nil
}

// preset fills in the plan of the UK8S guide, or the default one again.
func (s *probeScreen) preset() tea.Cmd {
	s.base = other(s.base)
	s.form.fill(append(s.form.values()[:2], planTexts(s.base)...)...)
	_ = s.take() // without targets there is nothing to say yet
	return s.ask()
}

// take reads the form.
func (s *probeScreen) take() error {
	s.next, s.budget, s.budgetErr = nil, nil, nil
	s.question++ // what is being asked about is no longer of interest
	e, err := readExperiment(s.base, s.form.values())
	if err == nil {
		s.next = &e
	}
	return err
}

// ask asks for the port budget, away from the event loop: names are looked up.
func (s *probeScreen) ask() tea.Cmd {
	if s.next == nil || s.opts.Budget == nil {
		return nil
	}
	s.question++
	s.budget, s.budgetErr = nil, nil
	question, e := s.question, *s.next
	return safely(func() tea.Msg {
		b, err := s.opts.Budget(s.ctx, e.plan, e.targets...)
		return budgetMsg{question, b, err}
	})
}

func (s *probeScreen) runKey(msg tea.KeyPressMsg) tea.Cmd {
	k, w := newKeyMap(), &s.watch
	switch {
	case key.Matches(msg, k.Choose) && s.running():
		s.trial.stop()
	case key.Matches(msg, k.Choose):
		return s.begin(w.experiment)
	case key.Matches(msg, k.Back):
		if s.running() {
			s.trial.stop()
		}
		s.page = planPage
		return s.ask()
	case key.Matches(msg, k.Freeze):
		return s.freeze()
	case key.Matches(msg, k.Pause):
		if s.running() && !s.stopping() {
			s.trial.pause()
		}
	case key.Matches(msg, k.Phase):
		w.nextPhase()
	case key.Matches(msg, k.Sweep):
		w.scroll = !w.scroll
	case key.Matches(msg, k.Larger):
		w.scale = w.scale.Larger()
	case key.Matches(msg, k.Smaller):
		w.scale = w.scale.Smaller()
	case key.Matches(msg, k.Auto):
		w.scale = spark.Scale{}
		w.follow()
	default:
		w.pager.update(msg, k)
	}
	return nil
}

// errDefect stands for a panic in the engine.
var errDefect = errors.New("a defect in kpadvisor")

func (s *probeScreen) view(f frame) string {
	p := s.palette
	switch {
	case s.opts.Probe == nil:
		return p.paint(wrap(line{p.text("There is nothing to measure with here.")}, f.Body.W, 0), f.Body.W)
	case s.page == runPage:
		return p.paint(s.live(f), f.Body.W)
	}
	lines, focus := s.planLines(f)
	if s.page == editPage {
		return p.paint(s.pager.follow(lines, focus, f.Body.H, p), f.Body.W)
	}
	return p.paint(s.pager.show(lines, f.Body.H, p), f.Body.W)
}
