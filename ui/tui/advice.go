package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// The pages of the Advice screen.
const (
	cardPage = iota
	whyPage
	curvePage
	runbookPage
	explainPage
	pages
)

// adviceScreen is the card with the ranking, and behind it why each mode has its place,
// what connections cost at other sizes, the runbook and the explanation.
type adviceScreen struct {
	palette kit.Palette
	session *session
	page    int
	pagers  [pages]kit.Pager
	drawing drawing
	ranked  selection // in the ranking
	run     runbook
}

func newAdvice(p kit.Palette, s *session) *adviceScreen {
	return &adviceScreen{palette: p, session: s, run: runbook{palette: p, session: s}}
}

func (s *adviceScreen) takes(tea.KeyPressMsg) bool { return false }

func (s *adviceScreen) adapt(k *screen.KeyMap) {
	ready, ranked := !s.session.empty(), len(s.session.advice.Ranking) > 0
	k.Choose.SetEnabled(ready && ranked && s.page == cardPage)
	k.Choose.SetHelp("enter", s.palette.Voice.Text("why"))
	k.Curve.SetEnabled(ready && s.page != curvePage)
	k.Runbook.SetEnabled(ready && s.page != runbookPage)
	k.Explain.SetEnabled(ready && s.page != explainPage)
	k.Other.SetEnabled(ready && s.page == runbookPage)
	k.Back.SetEnabled(s.page != cardPage)
	if s.page == runbookPage {
		s.run.adapt(k)
	}
}

func (s *adviceScreen) update(tea.Msg) tea.Cmd { return nil }

func (s *adviceScreen) key(press tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	switch {
	case key.Matches(press, k.Back):
		s.turn(cardPage)
	case key.Matches(press, k.Other):
		s.session.look(s.other())
		s.pagers[s.page].Top, s.run.list.at = 0, 0
	case key.Matches(press, k.Choose):
		s.turn(whyPage)
	case key.Matches(press, k.Curve):
		s.turn(curvePage)
	case key.Matches(press, k.Runbook):
		s.turn(runbookPage)
	case key.Matches(press, k.Explain):
		s.turn(explainPage)
	case s.page == cardPage:
		s.ranked.update(press, k.PagerKeys, &s.pagers[cardPage])
	case key.Matches(press, k.Take):
		at, _ := s.run.at()
		return func() tea.Msg { return copiedMsg{text: at.command, what: at.command} }
	case s.page == runbookPage:
		s.run.key(press, k, &s.pagers[runbookPage])
	default:
		s.pagers[s.page].Update(press, k.PagerKeys)
	}
	return nil
}

// turn opens a page at its start; the card stays where it was left. The runbook
// opens with the advised mode.
func (s *adviceScreen) turn(page int) {
	s.page = page
	if page != cardPage {
		s.pagers[page].Top, s.run.list.at = 0, 0
	}
	s.session.look("")
}

// other is the mode whose runbook comes after the one shown: the advised one,
// then those that are not advised.
func (s *adviceScreen) other() advisor.Mode {
	all := []advisor.Mode{""}
	for _, m := range advisor.Modes() {
		if m != s.session.advice.Recommended {
			all = append(all, m)
		}
	}
	return all[(slices.Index(all, s.session.to)+1)%len(all)]
}

func (s *adviceScreen) view(f screen.Frame) string {
	lines := s.drawing.draw(laidOut{revision: s.session.revision, page: s.page, frame: f}, func() []kit.Line { return s.lines(f) })
	switch s.page {
	case cardPage:
		lines = s.ranked.mark(lines, s.palette)
	case runbookPage:
		lines = s.run.list.mark(lines, s.palette)
	}
	return s.palette.Paint(s.pagers[s.page].Show(lines, f.Body.H, s.palette), f.Body.W)
}

// lines are those of the page.
func (s *adviceScreen) lines(f screen.Frame) []kit.Line {
	s.ranked.rows = nil
	switch {
	case s.session.empty():
		return s.nothing(f.Body.W)
	case s.page == whyPage:
		return s.why(f.Body.W)
	case s.page == curvePage:
		return s.curvePicture(f.Body.W, f.Body.H)
	case s.page == runbookPage:
		return s.run.lines(f.Body.W, s.newer(), s.reasons)
	case s.page == explainPage:
		return s.explanation(f.Body.W)
	}
	return s.card(f)
}

// nothing stands where there are no facts to decide on.
func (s *adviceScreen) nothing(w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	if s.session.lost() {
		return kit.Wrap(kit.Line{p.Strong(v.Text("No advice without facts. ")), p.Text(v.Text("1 Cluster offers a demo, typed counts or a snapshot file."))}, w, 0)
	}
	if s.session.pending() {
		return []kit.Line{{p.Strong(v.Text("Deciding…"))}}
	}
	return kit.Wrap(kit.Line{
		p.Strong(v.Text("The advice appears as soon as the first facts are here. ")), p.Text(v.Text("2 Habits can be answered meanwhile.")),
	}, w, 0)
}

// newer marks advice that is older than the facts and answers; empty otherwise.
func (s *adviceScreen) newer() kit.Line {
	if !s.session.pending() {
		return nil
	}
	return kit.Line{s.palette.Text("   "), s.palette.Muted(s.palette.Voice.Text("deciding anew…"))}
}

// ruleCells is what the ID of a rule takes at the end of a line.
const ruleCells = 8

// reason is a sentence after head, with a note at its end and its rule at the
// right edge of its last line.
func (s *adviceScreen) reason(head kit.Line, r advisor.Reason, note string, w, hang int) []kit.Line {
	p := s.palette
	room := w
	if r.Rule != 0 {
		room -= ruleCells
	}
	out := kit.Wrap(append(head, p.Text(page.Micro(r.Text)), p.Text(" "), p.Muted(note).Whole(w)), room, hang)
	if r.Rule != 0 {
		last := len(out) - 1
		out[last] = append(out[last].Pad(room), p.Right(kit.Muted, r.Rule.String(), ruleCells))
	}
	return out
}

func (s *adviceScreen) twoMode(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	if a.TwoMode == "" {
		return nil
	}
	out := kit.Wrap(kit.Line{p.Text(p.Voice.Text("Between iptables and IPVS alone (UK8S guide): ")), p.Strong(page.TwoMode(p.Voice, a.TwoMode))}, w, 2)
	if a.TwoModeWhy != "" {
		out = append(out, kit.Wrap(kit.Line{p.Text("  "), p.Muted(page.Micro(a.TwoModeWhy))}, w, 2)...)
	}
	return out
}

func (s *adviceScreen) flips(w int) []kit.Line {
	p := s.palette
	if len(s.session.advice.Flips) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong(p.Voice.Text("What would change this"))}}
	for _, f := range s.session.advice.Flips {
		out = append(out, kit.Wrap(kit.Line{p.Text("  " + f.If), p.Muted(" → "), p.Strong(f.Then)}, w, 4)...)
	}
	return out
}

func (s *adviceScreen) unanswered(w int) []kit.Line {
	p := s.palette
	if len(s.session.advice.Unanswered) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong(p.Voice.Text("Not answered")), p.Muted("  " + p.Voice.Text("(2 Habits)"))}}
	for _, u := range s.session.advice.Unanswered {
		out = append(out, kit.Wrap(kit.Line{p.Text("  " + string(u.Habit) + ": "), p.Muted(u.Changes)}, w, 4)...)
	}
	return out
}
