package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
)

func (s *probeScreen) pickKey(msg tea.KeyPressMsg) tea.Cmd {
	k, last := newKeyMap(), len(s.picks())-1
	switch {
	case key.Matches(msg, k.Up):
		s.cursor = max(s.cursor-1, 0)
	case key.Matches(msg, k.Down):
		s.cursor = min(s.cursor+1, last)
	case key.Matches(msg, k.Top):
		s.cursor = 0
	case key.Matches(msg, k.Bottom):
		s.cursor = last
	case key.Matches(msg, k.Choose) && s.cursor >= len(s.subjects):
		s.page = s.picks()[s.cursor].page
	case key.Matches(msg, k.Choose):
		s.subject, s.page, s.pager = s.subjects[s.cursor], planPage, kit.Pager{}
		_ = s.subject.read() // it may have to do with facts that came since
		if !s.subject.ready() && !s.subject.browses() {
			s.edit() // there is nothing else to do
			return nil
		}
		return s.subject.ask()
	}
	return nil
}

// pick is a line of the first page.
type pick struct {
	title, about string
	page         probePage // of what was run already
}

// picks are the subjects, and what was run last.
func (s *probeScreen) picks() []pick {
	var out []pick
	for _, o := range s.subjects {
		out = append(out, pick{title: o.title(), about: o.about()})
	}
	again := func(title string, running bool, page probePage) {
		about := "ended; enter looks at it again"
		if running {
			about = "still running; enter looks at it"
		}
		out = append(out, pick{title, about, page})
	}
	if s.trial != nil {
		again("The last run: "+s.trial.order.kind(), s.measuring(), runPage)
	}
	if s.drill != nil && s.drill.trial != nil {
		again("The last drill", s.drilling(), drillPage)
	}
	return out
}

// pickLines is what can be measured, and which line the cursor is on.
func (s *probeScreen) pickLines(w int) ([]kit.Line, int) {
	p, focus := s.palette, 0
	out := []kit.Line{{p.Strong("What to measure")}, nil}
	for i, o := range s.picks() {
		mark, tok := "  ", kit.Normal
		if i == s.cursor {
			mark, tok, focus = "▸ ", kit.Accent, len(out)
		}
		out = append(out, kit.Line{p.Text(" "), p.As(kit.Accent, mark), p.As(tok, o.title)})
		out = append(out, kit.Wrap(kit.Line{p.Text("     "), p.Muted(o.about)}, w, 5)...)
	}
	out = append(out, nil)
	return append(out, kit.Wrap(kit.Line{p.Muted("A mode costs time only when a connection is opened, so that is what is measured. Nothing starts before you say so.")}, w, 0)...), focus
}
