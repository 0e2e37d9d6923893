package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// The pages of the Advice screen.
const (
	cardPage = iota
	runbookPage
	explainPage
	pages
)

// adviceScreen is the card, and behind it the runbook and the explanation.
type adviceScreen struct {
	palette kit.Palette
	session *session
	page    int
	pagers  [pages]kit.Pager
	drawing drawing
}

func newAdvice(p kit.Palette, s *session) *adviceScreen { return &adviceScreen{palette: p, session: s} }

func (s *adviceScreen) takes(tea.KeyPressMsg) bool { return false }

func (s *adviceScreen) adapt(k *keyMap) {
	ready := !s.session.empty()
	k.Runbook.SetEnabled(ready && s.page != runbookPage)
	k.Explain.SetEnabled(ready && s.page != explainPage)
	k.Other.SetEnabled(ready && s.page == runbookPage)
	k.Back.SetEnabled(s.page != cardPage)
}

func (s *adviceScreen) update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	k := newKeyMap()
	s.adapt(&k)
	switch {
	case key.Matches(press, k.Back):
		s.turn(cardPage)
	case key.Matches(press, k.Other):
		s.session.look(s.other())
		s.pagers[s.page].Top = 0
	case key.Matches(press, k.Runbook):
		s.turn(runbookPage)
	case key.Matches(press, k.Explain):
		s.turn(explainPage)
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
		s.pagers[page].Top = 0
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

func (s *adviceScreen) view(f frame) string {
	lines := s.drawing.draw(laidOut{s.session.revision, s.page, f}, func() []kit.Line { return s.lines(f) })
	return s.palette.Paint(s.pagers[s.page].Show(lines, f.Body.H, s.palette), f.Body.W)
}

// lines are those of the page.
func (s *adviceScreen) lines(f frame) []kit.Line {
	switch {
	case s.session.empty():
		return s.nothing(f.Body.W)
	case s.page == runbookPage:
		return s.runbook(f.Body.W)
	case s.page == explainPage:
		return s.explanation(f.Body.W)
	}
	return s.card(f)
}

// nothing stands where there are no facts to decide on.
func (s *adviceScreen) nothing(w int) []kit.Line {
	p := s.palette
	if s.session.lost() {
		return kit.Wrap(kit.Line{p.Strong("No advice without facts. "), p.Text("1 Cluster offers a demo, typed counts or a snapshot file.")}, w, 0)
	}
	if s.session.pending() {
		return []kit.Line{{p.Strong("Deciding…")}}
	}
	return kit.Wrap(kit.Line{p.Strong("The advice appears as soon as the first facts are here. "), p.Text("2 Habits can be answered meanwhile.")}, w, 0)
}

// roomyBody is the height from which on the card has room for more than the
// deciding reason of each place.
const roomyBody = 30

// card is the advice as one would tell it to a colleague.
func (s *adviceScreen) card(f frame) []kit.Line {
	w, right := f.Left.W, f.beside()
	head := join(s.headline(f.Body.W), s.first(f.Body.W))
	most := 1
	if f.Body.H >= roomyBody {
		most = 3
	}
	left := join(s.ranking(w, most), s.twoMode(w))
	side := join(s.reuse(right), s.flips(right), s.unanswered(right))
	return append(append(head, nil), f.columns(left, side)...)
}

// join puts a blank line between blocks that are not empty.
func join(blocks ...[]kit.Line) []kit.Line {
	var out []kit.Line
	for _, b := range blocks {
		if len(b) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, nil)
		}
		out = append(out, b...)
	}
	return out
}

func (s *adviceScreen) headline(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	l := kit.Line{p.Strong(page.Micro(a.Headline))}
	if s.session.busy() {
		l = kit.Line{p.As(kit.Warn, "So far: "), p.Strong(page.Micro(a.Headline))}
	}
	out := kit.Wrap(l, w, 0)
	facts := kit.Line{p.As(token(page.ActionTone(a.Action)), page.Action(a)).Whole(w)}
	if len(a.Current) > 0 {
		facts = append(facts, p.Text("   "), p.Text("now: "+page.InForce(a.Current)).Whole(w))
	}
	out = append(out, kit.Wrap(append(facts, s.newer()...), w, 0)...)
	if text := page.Confidence(a); text != "" {
		out = append(out, kit.Wrap(kit.Line{p.Text("confidence "), p.Text(text)}, w, 2)...)
	}
	if worst, nodes := page.Exposed(a.Reuse); worst.Exposure != "" {
		l := kit.Line{p.Text("issue 81775: "), exposure(p, worst), p.Text(" on " + page.Nodes(nodes))}
		if text := page.Likelihood(worst); text != "" {
			l = append(l, p.Text("   "+text))
		}
		out = append(out, kit.Wrap(l, w, 2)...)
	}
	return out
}

// newer marks advice that is older than the facts and answers; empty otherwise.
func (s *adviceScreen) newer() kit.Line {
	if !s.session.pending() {
		return nil
	}
	return kit.Line{s.palette.Text("   "), s.palette.Muted("deciding anew…")}
}

// first is what comes before the recommended mode; the page e opens says where
// each has that from.
func (s *adviceScreen) first(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	if len(a.First) == 0 {
		return nil
	}
	out := []kit.Line{{p.As(kit.Warn, page.First(a))}}
	for i, r := range a.First {
		out = append(out, s.reason(kit.Line{p.Text(fmt.Sprintf("  %d ", i+1))}, r, "", w, 4)...)
	}
	return out
}

// ranking shows at most most reasons for each place; the page e opens has all.
func (s *adviceScreen) ranking(w, most int) []kit.Line {
	p, a := s.palette, s.session.advice
	if len(a.Ranking) == 0 {
		return nil
	}
	var out []kit.Line
	for i, r := range a.Ranking {
		tok := kit.Strong
		if r.Mode == a.Recommended {
			tok = kit.Accent
		}
		head := append(kit.Line{p.Strong(strconv.Itoa(i+1) + " ")}, p.Column(tok, page.Mode(r.Mode), nameCells)...)
		can := page.Can(r, a)
		if can != "" {
			head = append(head, p.As(kit.Warn, can))
		}
		reasons, hang := r.Reasons[:min(len(r.Reasons), most)], nameCells+2
		if can != "" || len(reasons) == 0 {
			out = append(out, kit.Wrap(head, w, hang)...)
			head = nil
		}
		for i, reason := range reasons {
			if head == nil {
				head = kit.Line{p.Text(strings.Repeat(" ", hang))}
			}
			tail := ""
			if more := len(r.Reasons) - most; more > 0 && i == len(reasons)-1 {
				tail = fmt.Sprintf("(%d more: e)", more)
			}
			out = append(out, s.reason(head, reason, tail, w, hang)...)
			head = nil
		}
	}
	return out
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
	out := kit.Wrap(kit.Line{p.Text("Between iptables and IPVS alone (UK8S guide): "), p.Strong(page.TwoMode(a.TwoMode))}, w, 2)
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
	out := []kit.Line{{p.Strong("What would change this")}}
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
	out := []kit.Line{{p.Strong("Not answered"), p.Muted("  (2 Habits)")}}
	for _, u := range s.session.advice.Unanswered {
		out = append(out, kit.Wrap(kit.Line{p.Text("  " + string(u.Habit) + ": "), p.Muted(u.Changes)}, w, 4)...)
	}
	return out
}
