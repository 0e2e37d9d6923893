package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/words"
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
	palette palette
	session *session
	page    int
	pagers  [pages]pager
	drawing drawing
}

func newAdvice(p palette, s *session) *adviceScreen { return &adviceScreen{palette: p, session: s} }

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
		s.pagers[s.page].top = 0
	case key.Matches(press, k.Runbook):
		s.turn(runbookPage)
	case key.Matches(press, k.Explain):
		s.turn(explainPage)
	default:
		s.pagers[s.page].update(press, k)
	}
	return nil
}

// turn opens a page at its start; the card stays where it was left. The runbook
// opens with the advised mode.
func (s *adviceScreen) turn(page int) {
	s.page = page
	if page != cardPage {
		s.pagers[page].top = 0
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
	lines := s.drawing.draw(laidOut{s.session.revision, s.page, f}, func() []line { return s.lines(f) })
	return s.palette.paint(s.pagers[s.page].show(lines, f.Body.H, s.palette), f.Body.W)
}

// lines are those of the page.
func (s *adviceScreen) lines(f frame) []line {
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
func (s *adviceScreen) nothing(w int) []line {
	p := s.palette
	if s.session.lost() {
		return wrap(line{p.strong("No advice without facts. "), p.text("1 Cluster offers a demo, typed counts or a snapshot file.")}, w, 0)
	}
	if s.session.pending() {
		return []line{{p.strong("Deciding…")}}
	}
	return wrap(line{p.strong("The advice appears as soon as the first facts are here. "), p.text("2 Habits can be answered meanwhile.")}, w, 0)
}

// roomyBody is the height from which on the card has room for more than the
// deciding reason of each place.
const roomyBody = 30

// card is the advice as one would tell it to a colleague.
func (s *adviceScreen) card(f frame) []line {
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
func join(blocks ...[]line) []line {
	var out []line
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

func (s *adviceScreen) headline(w int) []line {
	p, a := s.palette, s.session.advice
	l := line{p.strong(a.Headline)}
	if s.session.busy() {
		l = line{p.as(warn, "So far: "), p.strong(a.Headline)}
	}
	out := wrap(l, w, 0)
	action, tok := verdict(a)
	facts := line{p.as(tok, action).whole(w)}
	if now := inForce(a.Current); now != "" {
		facts = append(facts, p.text("   "), p.text("now: "+now).whole(w))
	}
	out = append(out, wrap(append(facts, s.newer()...), w, 0)...)
	if text := words.Confidence(a); text != "" {
		out = append(out, wrap(line{p.text("confidence "), p.text(text)}, w, 2)...)
	}
	if worst, nodes := exposed(a.Reuse); worst.Exposure != "" {
		word, tok := exposureWord(worst.Exposure, words.Urgent(worst))
		l := line{p.text("issue 81775: "), p.as(tok, word), p.text(" on " + words.Nodes(nodes))}
		if text := words.Likelihood(worst); text != "" {
			l = append(l, p.text("   "+text))
		}
		out = append(out, wrap(l, w, 2)...)
	}
	return out
}

// newer marks advice that is older than the facts and answers; empty otherwise.
func (s *adviceScreen) newer() line {
	if !s.session.pending() {
		return nil
	}
	return line{s.palette.text("   "), s.palette.muted("deciding anew…")}
}

// first is what comes before the recommended mode; the page e opens says where
// each has that from.
func (s *adviceScreen) first(w int) []line {
	p, a := s.palette, s.session.advice
	if len(a.First) == 0 {
		return nil
	}
	out := []line{{p.as(warn, words.First(a))}}
	for i, r := range a.First {
		out = append(out, s.reason(line{p.text(fmt.Sprintf("  %d ", i+1))}, r, "", w, 4)...)
	}
	return out
}

// verdict is what to do, in two or three words.
func verdict(a advisor.Advice) (string, token) {
	to := words.Mode(a.Recommended)
	switch a.Action {
	case advisor.Keep:
		return "keep " + to, good
	case advisor.Change:
		return "change to " + to, accent
	case advisor.Measure:
		return "either: measure", accent
	case advisor.None:
		return "no kube-proxy here", strong
	}
	if a.Recommended != "" {
		return "run " + to + ", if it does not run already", warn
	}
	return "cannot tell", warn
}

// inForce names the modes that run now, with their nodes.
func inForce(modes []advisor.ModeCount) string {
	var parts []string
	for _, m := range modes {
		name := words.Mode(m.Mode)
		if m.Mode == "" && m.Implementation != "" && m.Implementation != advisor.KubeProxy {
			name = string(m.Implementation)
		}
		if m.Nodes > 0 {
			name += " on " + plain.Count(m.Nodes, "node")
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}

// ranking shows at most most reasons for each place; the page e opens has all.
func (s *adviceScreen) ranking(w, most int) []line {
	p, a := s.palette, s.session.advice
	if len(a.Ranking) == 0 {
		return nil
	}
	var out []line
	for i, r := range a.Ranking {
		tok := strong
		if r.Mode == a.Recommended {
			tok = accent
		}
		head := append(line{p.strong(strconv.Itoa(i+1) + " ")}, p.column(tok, words.Mode(r.Mode), nameCells)...)
		can := words.Can(r, a)
		if can != "" {
			head = append(head, p.as(warn, can))
		}
		reasons, hang := r.Reasons[:min(len(r.Reasons), most)], nameCells+2
		if can != "" || len(reasons) == 0 {
			out = append(out, wrap(head, w, hang)...)
			head = nil
		}
		for i, reason := range reasons {
			if head == nil {
				head = line{p.text(strings.Repeat(" ", hang))}
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
func (s *adviceScreen) reason(head line, r advisor.Reason, note string, w, hang int) []line {
	p := s.palette
	room := w
	if r.Rule != 0 {
		room -= ruleCells
	}
	out := wrap(append(head, p.text(r.Text), p.text(" "), p.muted(note).whole(w)), room, hang)
	if r.Rule != 0 {
		last := len(out) - 1
		out[last] = append(out[last].pad(room), p.right(muted, r.Rule.String(), ruleCells))
	}
	return out
}

func (s *adviceScreen) twoMode(w int) []line {
	p, a := s.palette, s.session.advice
	if a.TwoMode == "" {
		return nil
	}
	answer := map[advisor.TwoModeAnswer]string{
		advisor.TwoIPTables: "iptables", advisor.TwoIPVS: "IPVS", advisor.TwoEither: "either, measure",
	}[a.TwoMode]
	if answer == "" {
		answer = "cannot tell"
	}
	out := wrap(line{p.text("Between iptables and IPVS alone (UK8S guide): "), p.strong(answer)}, w, 2)
	if a.TwoModeWhy != "" {
		out = append(out, wrap(line{p.text("  "), p.muted(a.TwoModeWhy)}, w, 2)...)
	}
	return out
}

func (s *adviceScreen) flips(w int) []line {
	p := s.palette
	if len(s.session.advice.Flips) == 0 {
		return nil
	}
	out := []line{{p.strong("What would change this")}}
	for _, f := range s.session.advice.Flips {
		out = append(out, wrap(line{p.text("  " + f.If), p.muted(" → "), p.strong(f.Then)}, w, 4)...)
	}
	return out
}

func (s *adviceScreen) unanswered(w int) []line {
	p := s.palette
	if len(s.session.advice.Unanswered) == 0 {
		return nil
	}
	out := []line{{p.strong("Not answered"), p.muted("  (2 Habits)")}}
	for _, u := range s.session.advice.Unanswered {
		out = append(out, wrap(line{p.text("  " + string(u.Habit) + ": "), p.muted(u.Changes)}, w, 4)...)
	}
	return out
}
