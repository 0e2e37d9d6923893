package measure

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/screen"
)

// planPane is the form of a subject, and what the run would need.
type planPane struct {
	still
	on      *Screen
	subject subject
	hurry   bool // it starts once what it needs is known
	pager   kit.Pager
}

func (s *planPane) adapt(k *screen.KeyMap) {
	o := s.subject
	k.Choose.SetEnabled(!s.on.Running() && !o.deciding() || !o.ready())
	k.Choose.SetHelp("enter", s.chooseDoes())
	k.Edit.SetEnabled(o.ready())
	k.Preset.SetEnabled(o.presets() != "")
	k.Preset.SetHelp("a", o.presets())
	k.Browse.SetEnabled(o.browses())
	k.Back.SetEnabled(true)
}

// chooseDoes says what enter does.
func (s *planPane) chooseDoes() string {
	v := s.on.palette.Voice
	switch {
	case !s.subject.ready():
		return v.Text("fill in")
	case s.subject.refused():
		return v.Text("ask again")
	}
	return s.subject.starts()
}

func (s *planPane) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	o := s.subject
	s.hurry = false
	switch {
	case key.Matches(msg, k.Edit), key.Matches(msg, k.Choose) && !o.ready():
		s.edit()
	case key.Matches(msg, k.Choose) && o.refused():
		return o.ask()
	case key.Matches(msg, k.Choose):
		return o.start(s)
	case key.Matches(msg, k.Browse):
		return o.browse(s)
	case key.Matches(msg, k.Preset):
		o.preset()
		_ = o.read() // without targets there is nothing to say yet
		return o.ask()
	case key.Matches(msg, k.Back):
		s.on.show(s.on.pick)
	default:
		s.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

// soon starts the plan, once it is known what it needs; not if that is not there.
func (s *planPane) soon() tea.Cmd {
	o := s.subject
	s.hurry = o.asking()
	if s.hurry || !o.ready() || o.refused() || s.on.Running() {
		return nil
	}
	return o.start(s)
}

// edit opens the form.
func (s *planPane) edit() {
	s.subject.form().Wake()
	s.on.show(editPane{s})
}

func (s *planPane) lines(f screen.Frame) []kit.Line {
	p := s.on.palette
	var ending []kit.Line
	if s.on.Running() {
		ending = []kit.Line{{p.As(kit.Warn, p.Voice.Text("The last run is ending."))}}
	}
	lines, _ := s.columns(f, p.Voice.Text("enter begins with the first field"), ending)
	return s.pager.Show(lines, f.Body.H, p)
}

// columns are the form, what the plan needs, and where values come from. They say
// which line the cursor is on.
func (s *planPane) columns(f screen.Frame, hint string, notes []kit.Line) ([]kit.Line, int) {
	form := s.subject.form()
	form.Hint = hint
	if s.subject.ready() {
		form.Hint = s.subject.summary()
	}
	fields, focus := form.Lines(f.Left.W)
	return f.Columns(kit.Join(fields, s.subject.needs(f.Left.W), notes), s.subject.offers(f.Beside())), focus
}

// editPane is a plan while it is typed.
type editPane struct{ *planPane }

func (s editPane) types() bool            { return true }
func (s editPane) paste(msg tea.PasteMsg) { s.subject.form().Paste(msg) }

func (s editPane) adapt(k *screen.KeyMap) {
	k.Typing(s.subject.form())
	k.Choose.SetHelp("enter", s.on.palette.Voice.Text("next field"))
	k.Send.SetHelp("ctrl+s", s.subject.starts())
}

func (s editPane) key(msg tea.KeyPressMsg, _ screen.KeyMap) tea.Cmd {
	f := s.subject.form()
	outcome, atOnce := f.Update(msg), key.Matches(msg, f.Keys().Send)
	if outcome == form.Open {
		return nil
	}
	err := s.subject.read()
	if err != nil && outcome == form.Sent {
		f.Refuse(err)
		return nil
	}
	f.Settle()
	f.Rest()
	s.on.show(s.planPane)
	asked := s.subject.ask()
	if !atOnce {
		return asked
	}
	if begun := s.soon(); begun != nil {
		return begun // nothing was asked
	}
	return asked
}

func (s editPane) lines(f screen.Frame) []kit.Line {
	lines, focus := s.columns(f, s.subject.hint(), nil)
	return s.pager.Follow(lines, focus, f.Body.H, s.on.palette)
}
