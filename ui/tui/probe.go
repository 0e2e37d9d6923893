package tui

import (
	"context"
	"errors"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
)

// probePage is what the Probe screen shows.
type probePage int

const (
	pickPage   probePage = iota // what can be measured
	planPage                    // the form of one of them, and what the run would need
	editPage                    // the same while it is typed
	runPage                     // the run, live or ended
	drillPage                   // the drill, live or ended
	reviewPage                  // what a run in the cluster would create
)

// probeScreen measures one of its subjects at a time. The engine runs in a
// goroutine of its own and is looked at; it never waits for the screen.
type probeScreen struct {
	ctx     context.Context // of the program: ends every run
	opts    Options
	palette kit.Palette
	session *session
	page    probePage

	subjects []subject
	cursor   int // among the subjects, and the last run after them
	subject  subject
	lab      *bench      // one of the subjects, nil if there is no lab
	drill    *drillWatch // of the last drill
	pager    kit.Pager

	trial   *trial         // the last run; nil before the first
	then    func() tea.Cmd // what waits for its end
	watch   watch
	result  *probe.Result // of the last run that measured anything
	weighed string        // what became of it in the advice
}

func newProbe(ctx context.Context, o Options, p kit.Palette, s *session) *probeScreen {
	out := &probeScreen{ctx: ctx, opts: o, palette: p, session: s}
	with := desk{ctx, o, p, s}
	if o.Lab != nil {
		out.lab = newBench(with)
		out.subjects = append(out.subjects, out.lab)
	}
	if o.Engine != nil {
		out.subjects = append(out.subjects, newPair(with))
	}
	if o.Cluster != nil {
		out.subjects = append(out.subjects, newNodes(with))
	}
	if o.Lab != nil {
		out.drill = &drillWatch{}
		out.subjects = append(out.subjects, newDrilling(with))
	}
	for _, s := range out.subjects {
		s.form().Rest()
		_ = s.read() // a form without targets says nothing yet
	}
	return out
}

// running reports whether a run or a drill has not ended, even if it was told to.
func (s *probeScreen) running() bool { return s.measuring() || s.drilling() }

func (s *probeScreen) measuring() bool { return s.trial != nil && !s.trial.over }

// takes is true while something is typed into: every key is for that then.
func (s *probeScreen) takes(tea.KeyPressMsg) bool { return s.page == editPage || s.browsing() != nil }

// browsing is the subject whose catalogue is open, or nil.
func (s *probeScreen) browsing() *pair {
	if p, ok := s.subject.(*pair); ok && s.page == planPage && p.catalogue != nil {
		return p
	}
	return nil
}

func (s *probeScreen) paste(msg tea.PasteMsg) {
	switch b := s.browsing(); {
	case b != nil:
		b.catalogue.filter, _ = b.catalogue.filter.Update(msg)
		b.catalogue.narrow()
	case s.page == editPage:
		s.subject.form().Paste(msg)
	}
}

func (s *probeScreen) adapt(k *keyMap) {
	k.Copy.SetEnabled(false)
	k.Save.SetEnabled(s.result != nil && !s.running() && s.opts.Store != nil)
	k.Save.SetHelp("s", "save run")
	if len(s.subjects) == 0 {
		return
	}
	if b := s.browsing(); b != nil {
		b.catalogue.adapt(k)
		return
	}
	switch s.page {
	case pickPage:
		k.Choose.SetEnabled(true)
	case editPage:
		k.typing(s.subject.form())
		k.Choose.SetHelp("enter", "next")
	case planPage:
		k.Choose.SetEnabled(!s.running() && !s.subject.deciding() || !s.subject.ready())
		k.Choose.SetHelp("enter", s.chooseDoes())
		k.Edit.SetEnabled(s.subject.ready())
		k.Preset.SetEnabled(s.subject.presets() != "")
		k.Preset.SetHelp("a", s.subject.presets())
		k.Browse.SetEnabled(s.subject.browses())
		k.Back.SetEnabled(true)
	case runPage:
		s.adaptRun(k)
	case drillPage:
		s.adaptDrill(k)
	case reviewPage:
		k.Create.SetEnabled(!s.running())
		k.Back.SetEnabled(true)
		if n, ok := s.subject.(*nodes); ok {
			k.Create.SetHelp("Y", n.creates())
		}
	}
}

func (s *probeScreen) adaptRun(k *keyMap) {
	k.Choose.SetEnabled(!s.running())
	k.Choose.SetHelp("enter", "again")
	if s.measuring() {
		k.Choose.SetEnabled(!s.stopping())
		k.Choose.SetHelp("enter", "stop")
	}
	k.Back.SetEnabled(true)
	k.Back.SetHelp("esc", "plan")
	k.Freeze.SetEnabled(s.measuring() || s.watch.frozen)
	k.Pause.SetEnabled(s.measuring() && !s.stopping() && s.trial.prober.pauses())
	scale := s.watch.scale
	k.Sweep.SetEnabled(true)
	k.Larger.SetEnabled(scale.Top > 0 && scale.Larger() != scale)
	k.Smaller.SetEnabled(scale.Top > 0 && scale.Smaller() != scale)
	k.Phase.SetEnabled(len(s.watch.phases()) > 1)
	k.Auto.SetEnabled(scale.Fixed)
	_, fewer := s.resized(false)
	_, more := s.resized(true)
	k.Fewer.SetEnabled(fewer)
	k.More.SetEnabled(more && !fewer)
	if fewer && more {
		k.Fewer.SetHelp("[ ]", "Services") // one word for both
	}
}

// resized is the run that is shown at another size, if it can change its size and
// another run may begin once it has ended.
func (s *probeScreen) resized(larger bool) (order, bool) {
	if s.stopping() || s.drilling() {
		return nil, false
	}
	return s.trial.order.resized(larger)
}

// chooseDoes says what enter does on the plan page.
func (s *probeScreen) chooseDoes() string {
	switch {
	case !s.subject.ready():
		return "fill in"
	case s.subject.refused():
		return "ask again"
	}
	return s.subject.starts()
}

func (s *probeScreen) stopping() bool { return s.measuring() && s.trial.stopped }

func (s *probeScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pulledMsg:
		return s.pulled(msg)
	case endedMsg:
		return s.ended(msg.trial)
	case drillMsg:
		return s.drilled(msg)
	case answerMsg:
		return msg.to.answered(msg)
	case tea.PasteMsg:
		s.paste(msg)
	case tea.KeyPressMsg:
		switch {
		case len(s.subjects) == 0:
		case s.browsing() != nil:
			return s.browsing().pickKey(msg)
		case s.page == pickPage:
			return s.pickKey(msg)
		case s.page == editPage:
			return s.editKey(msg)
		case s.page == planPage:
			return s.planKey(msg)
		case s.page == drillPage:
			return s.drillKey(msg)
		case s.page == reviewPage:
			return s.reviewKey(msg)
		default:
			return s.runKey(msg)
		}
	}
	return nil
}

// edit opens the form.
func (s *probeScreen) edit() {
	s.page = editPage
	s.subject.form().Wake()
}

func (s *probeScreen) editKey(msg tea.KeyPressMsg) tea.Cmd {
	f := s.subject.form()
	outcome := f.Update(msg)
	if outcome == form.Open {
		return nil
	}
	err := s.subject.read()
	if err != nil && outcome == form.Sent {
		f.Err = err.Error()
		return nil
	}
	f.Err = ""
	f.Rest()
	s.page = planPage
	return s.subject.ask()
}

func (s *probeScreen) planKey(msg tea.KeyPressMsg) tea.Cmd {
	k := newKeyMap()
	switch {
	case key.Matches(msg, k.Edit), key.Matches(msg, k.Choose) && !s.subject.ready():
		s.edit()
	case key.Matches(msg, k.Choose) && s.running():
	case key.Matches(msg, k.Choose) && s.subject.refused():
		return s.subject.ask()
	case key.Matches(msg, k.Choose):
		return s.subject.start(s)
	case key.Matches(msg, k.Browse) && s.subject.browses():
		return s.subject.browse()
	case key.Matches(msg, k.Preset) && s.subject.presets() != "":
		s.subject.preset()
		_ = s.subject.read() // without targets there is nothing to say yet
		return s.subject.ask()
	case key.Matches(msg, k.Back):
		s.page = pickPage
	default:
		s.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

// reviewKey is a key where everything that would be created is shown.
func (s *probeScreen) reviewKey(msg tea.KeyPressMsg) tea.Cmd {
	k := newKeyMap()
	n, ok := s.subject.(*nodes)
	switch {
	case !ok || n.plan == nil || key.Matches(msg, k.Back):
		s.page, s.pager = planPage, kit.Pager{}
	case key.Matches(msg, k.Create) && s.running():
	case key.Matches(msg, k.Create):
		return n.create(s)
	default:
		s.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

func (s *probeScreen) runKey(msg tea.KeyPressMsg) tea.Cmd {
	k, w := newKeyMap(), &s.watch
	switch {
	case key.Matches(msg, k.Choose) && s.measuring():
		s.trial.stop()
	case key.Matches(msg, k.Choose):
		return s.trial.order.begin(s)
	case key.Matches(msg, k.Back):
		if s.measuring() {
			s.trial.stop()
		}
		s.then = nil
		s.subject, s.page, s.pager = s.trial.order.of(), planPage, kit.Pager{}
		return s.subject.ask()
	case key.Matches(msg, k.Freeze):
		return s.freeze()
	case key.Matches(msg, k.Pause):
		if s.measuring() && !s.stopping() && s.trial.prober.pauses() {
			s.trial.pause()
		}
	case key.Matches(msg, k.Fewer), key.Matches(msg, k.More):
		return s.resize(key.Matches(msg, k.More))
	case key.Matches(msg, k.Phase):
		w.nextPhase()
	case key.Matches(msg, k.Sweep):
		w.scroll = !w.scroll
	case key.Matches(msg, k.Larger):
		w.scale = w.scale.Larger()
	case key.Matches(msg, k.Smaller):
		w.scale = w.scale.Smaller()
	case key.Matches(msg, k.Auto):
		w.scale = kit.Scale{}
		w.follow()
	default:
		w.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

// errDefect stands for a panic in the engine.
var errDefect = errors.New("a defect in kpadvisor")

func (s *probeScreen) view(f frame) string {
	p := s.palette
	switch {
	case len(s.subjects) == 0:
		return p.Paint(kit.Wrap(kit.Line{p.Text("There is nothing to measure with here.")}, f.Body.W, 0), f.Body.W)
	case s.page == runPage:
		return p.Paint(s.live(f), f.Body.W)
	case s.page == drillPage:
		return p.Paint(s.drillLines(f), f.Body.W)
	case s.page == reviewPage:
		if n, ok := s.subject.(*nodes); ok && n.plan != nil {
			return p.Paint(s.pager.Show(n.review(f.Body.W), f.Body.H, p), f.Body.W)
		}
		return ""
	case s.browsing() != nil:
		c := s.browsing().catalogue
		lines, focus := c.lines(f.Body.W)
		return p.Paint(c.pager.Follow(lines, focus, f.Body.H, p), f.Body.W)
	}
	lines, focus := s.pickLines(f.Body.W)
	if s.page != pickPage {
		lines, focus = s.planLines(f)
	}
	if s.page == planPage {
		return p.Paint(s.pager.Show(lines, f.Body.H, p), f.Body.W)
	}
	return p.Paint(s.pager.Follow(lines, focus, f.Body.H, p), f.Body.W)
}

// planLines is the form, what the plan needs, and where values come from. It
// says which line the cursor is on.
func (s *probeScreen) planLines(f frame) ([]kit.Line, int) {
	p, form := s.palette, s.subject.form()
	form.Hint = "enter on the last field checks the plan"
	if s.page == planPage {
		form.Hint = "enter begins with the first field"
	}
	if s.subject.ready() {
		form.Hint = s.subject.summary()
	}
	fields, focus := form.Lines(f.Left.W)
	left := join(fields, s.subject.needs(f.Left.W))
	if s.page == planPage && s.running() {
		left = join(left, []kit.Line{{p.As(kit.Warn, "The last run is ending.")}})
	}
	return f.columns(left, s.subject.offers(f.beside())), focus
}
