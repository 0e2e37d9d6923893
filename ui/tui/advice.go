package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
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
}

func newAdvice(p palette, s *session) *adviceScreen { return &adviceScreen{palette: p, session: s} }

func (s *adviceScreen) takes(tea.KeyPressMsg) bool { return false }

func (s *adviceScreen) adapt(k *keyMap) {
	ready := !s.session.empty()
	k.Runbook.SetEnabled(ready && s.page != runbookPage)
	k.Explain.SetEnabled(ready && s.page != explainPage)
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
		s.page = cardPage
	case key.Matches(press, k.Runbook):
		s.turn(runbookPage)
	case key.Matches(press, k.Explain):
		s.turn(explainPage)
	default:
		s.pagers[s.page].update(press, k)
	}
	return nil
}

// turn opens a page at its start.
func (s *adviceScreen) turn(page int) {
	s.page = page
	s.pagers[page].top = 0
}

func (s *adviceScreen) view(f frame) string {
	var lines []line
	switch {
	case s.session.empty():
		lines = s.nothing(f.Body.W)
	case s.page == runbookPage:
		lines = s.runbook(f.Body.W)
	case s.page == explainPage:
		lines = s.explanation(f.Body.W)
	default:
		lines = s.card(f)
	}
	return s.palette.paint(s.pagers[s.page].show(lines, f.Body.H, s.palette), f.Body.W)
}

// nothing stands where there are no facts to decide on.
func (s *adviceScreen) nothing(w int) []line {
	p := s.palette
	if s.session.lost() {
		return wrap(line{p.strong("No advice without facts. "), p.text("1 Cluster offers a demo, typed counts or a snapshot file.")}, w, 0)
	}
	return wrap(line{p.strong("The advice appears as soon as the first facts are here. "), p.text("2 Habits can be answered meanwhile.")}, w, 0)
}

// roomyBody is the height from which on the card has room for more than the
// deciding reason of each place.
const roomyBody = 30

// card is the advice as one would tell it to a colleague.
func (s *adviceScreen) card(f frame) []line {
	w, right := f.Left.W, f.beside()
	head := s.headline(f.Body.W)
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
	if a.Confidence != "" {
		facts = append(facts, p.text("   "), p.text("confidence "+string(a.Confidence)).whole(w))
	}
	if now := inForce(a.Current); now != "" {
		facts = append(facts, p.text("   "), p.text("now: "+now).whole(w))
	}
	out = append(out, wrap(facts, w, 0)...)
	if worst, nodes := exposed(a.Reuse); worst != "" {
		word, tok := exposureWord(worst)
		out = append(out, line{p.text("issue 81775: "), p.as(tok, word), p.text(" on " + words.Nodes(nodes))})
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
			name += " on " + words.Count(m.Nodes, "node")
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
		if !r.Possible {
			head = append(head, p.as(warn, "not possible here"))
		}
		reasons, hang := r.Reasons[:min(len(r.Reasons), most)], nameCells+2
		if !r.Possible || len(reasons) == 0 {
			out = append(out, head)
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
	if r.Rule != "" {
		room -= ruleCells
	}
	out := wrap(append(head, p.text(r.Text), p.text(" "), p.muted(note).whole(w)), room, hang)
	if r.Rule != "" {
		last := len(out) - 1
		out[last] = append(out[last].pad(room), p.right(muted, r.Rule, ruleCells))
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

// exposures in the order in which they need looking at.
func exposures() []advisor.Exposure {
	return []advisor.Exposure{
		advisor.StalePod, advisor.SynDelay, advisor.IfSysctl0, advisor.CheckSysctl, advisor.UnknownReuse, advisor.Safe, advisor.NotIPVS,
	}
}

// exposed is the worst that issue 81775 does here and to how many nodes; empty
// where there is nothing to do about it.
func exposed(all []advisor.Reuse) (worst advisor.Exposure, nodes int) {
	for _, e := range exposures()[:5] {
		for _, r := range all {
			if r.Exposure == e {
				worst, nodes = e, nodes+r.Nodes
			}
		}
		if worst != "" {
			break
		}
	}
	return worst, nodes
}

// byExposure sorts the groups, those that need something done first.
func byExposure(all []advisor.Reuse) []advisor.Reuse {
	order := exposures()
	return slices.SortedStableFunc(slices.Values(all), func(a, b advisor.Reuse) int {
		return slices.Index(order, a.Exposure) - slices.Index(order, b.Exposure)
	})
}

// exposureWord says what issue 81775 does to a group; the words alone carry it.
func exposureWord(e advisor.Exposure) (string, token) {
	switch e {
	case advisor.StalePod:
		return "EXPOSED", bad
	case advisor.SynDelay:
		return "1 s DELAYS", bad
	case advisor.IfSysctl0:
		return "IF SYSCTL 0", warn
	case advisor.CheckSysctl:
		return "CHECK", warn
	case advisor.Safe:
		return "safe", good
	case advisor.NotIPVS:
		return "not IPVS", plain
	}
	return "unknown", warn
}

func (s *adviceScreen) reuse(w int) []line {
	const hang = 13
	p, a := s.palette, s.session.advice
	const title = "Issue 81775"
	out := wrap(line{p.strong(title), p.text(" " + strings.TrimSpace(strings.TrimPrefix(a.Caveat, title)))}, w, 0)
	for _, r := range byExposure(a.Reuse) {
		word, tok := exposureWord(r.Exposure)
		l := append(line{p.text("  ")}, p.column(tok, word, hang-2)...)
		out = append(out, wrap(append(l, p.strong(words.Nodes(r.Nodes)), p.text("  "+r.Group)), w, hang)...)
		if r.Exposure == advisor.NotIPVS || r.Exposure == advisor.Safe {
			continue // why: on the page e opens
		}
		if r.Why != "" {
			out = append(out, wrap(line{p.text(strings.Repeat(" ", hang) + r.Why)}, w, hang)...)
		}
		if r.Load != "" {
			out = append(out, wrap(line{p.muted(strings.Repeat(" ", hang) + r.Load)}, w, hang)...)
		}
		for _, remedy := range r.Remedy {
			out = append(out, wrap(line{p.text(strings.Repeat(" ", hang-2)), p.accent("▸ "), p.text(remedy)}, w, hang)...)
		}
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
