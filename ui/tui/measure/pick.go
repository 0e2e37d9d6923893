package measure

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// pickPane is where one picks what to measure.
type pickPane struct {
	still
	on     *Screen
	cursor int // among the picks
	pager  kit.Pager
}

// pick is one of its lines.
type pick struct {
	title, about string
	open         func() tea.Cmd
}

// picks are the subjects, and what was run last.
func (s *pickPane) picks() []pick {
	var out []pick
	v := s.on.palette.Voice
	for _, o := range s.on.subjects {
		out = append(out, pick{o.title(), o.about(), func() tea.Cmd { return s.open(o) }})
	}
	again := func(title string, running bool, p pane) {
		about := v.Text("ended; enter looks at it again")
		if running {
			about = v.Text("still running; enter looks at it")
		}
		out = append(out, pick{title, about, func() tea.Cmd {
			s.on.show(p)
			return nil
		}})
	}
	if r := s.on.run; r.trial != nil {
		again(v.Sprintf("The last run: %s", r.trial.order.kind()), r.running(), r)
	}
	if d := s.on.drill; d.trial != nil {
		again(v.Text("The last drill"), d.running(), d)
	}
	return out
}

// open turns to a subject, and to its form if there is nothing else to do.
func (s *pickPane) open(o subject) tea.Cmd {
	_ = o.read() // it may have to do with facts that came since
	p := s.on.plan(o)
	if !o.ready() && !o.browses() {
		p.edit()
		return nil
	}
	return o.ask()
}

func (s *pickPane) adapt(k *screen.KeyMap) { k.Choose.SetEnabled(len(s.on.subjects) > 0) }

func (s *pickPane) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	all := s.picks()
	last := max(len(all)-1, 0)
	switch {
	case key.Matches(msg, k.Up):
		s.cursor = max(s.cursor-1, 0)
	case key.Matches(msg, k.Down):
		s.cursor = min(s.cursor+1, last)
	case key.Matches(msg, k.Top):
		s.cursor = 0
	case key.Matches(msg, k.Bottom):
		s.cursor = last
	case key.Matches(msg, k.Choose):
		return all[s.cursor].open()
	}
	return nil
}

func (s *pickPane) lines(f screen.Frame) []kit.Line {
	p, w := s.on.palette, f.Body.W
	if len(s.on.subjects) == 0 {
		return kit.Wrap(kit.Line{p.Text(p.Voice.Text("There is nothing to measure with here."))}, w, 0)
	}
	focus := 0
	out := []kit.Line{{p.Strong(p.Voice.Text("What to measure"))}, nil}
	for i, o := range s.picks() {
		mark, tok := "  ", kit.Normal
		if i == s.cursor {
			mark, tok, focus = "▸ ", kit.Accent, len(out)
		}
		out = append(out, kit.Line{p.Text(" "), p.As(kit.Accent, mark), p.As(tok, o.title)})
		out = append(out, kit.Wrap(kit.Line{p.Text("     "), p.Muted(o.about)}, w, 5)...)
	}
	out = append(out, nil)
	out = append(out, kit.Wrap(kit.Line{p.Muted(p.Voice.Sentences(
		p.Voice.Text("A mode costs time only when a connection is opened, so that is what is measured."), p.Voice.Text("Nothing starts before you say so.")))}, w, 0)...)
	return s.pager.Follow(out, focus, f.Body.H, p)
}
