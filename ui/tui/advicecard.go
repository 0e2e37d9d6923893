package tui

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/words"
)

// card is the advice as one would tell it to a colleague: the verdict in a box, the modes
// compared, and under that what may change it, beside the curve where there is room.
func (s *adviceScreen) card(f frame) []kit.Line {
	w := f.Body.W
	top := s.verdict(w)
	ranking, places := s.ranking(w)
	if len(ranking) > 0 {
		top = append(top, nil)
		for _, at := range places {
			s.ranked.rows = append(s.ranked.rows, len(top)+at)
		}
		top = append(top, ranking...)
	}
	right := f.beside()
	side := join(s.sure(right), s.twoMode(right), s.reuse(right), s.flips(right), s.unanswered(right))
	if f.Right.W == 0 {
		return append(append(top, nil), side...)
	}
	return append(append(top, nil), f.columns(s.curvePicture(f.Left.W, max(f.Body.H-len(top)-1, 12)), side)...)
}

// mostCardLines is how many lines a text of the card may take: the rest is a key away.
const mostCardLines = 2

// verdict is the box: what to do, and what that rests on.
func (s *adviceScreen) verdict(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	action, token := verdict(a)
	title := plain.Upper(action)
	if s.session.busy() {
		title = "So far: " + action
	}
	head := append(kit.Line{p.As(token, title)}, s.newer()...)
	panel := kit.Panel{Title: head, Note: s.confidence(), Token: token}
	room := w - kit.PanelEdge
	lines := kit.Wrap(kit.Line{p.Strong(a.Headline)}, room, 0)
	for _, row := range s.cardRows(a) {
		l := append(p.Column(kit.Muted, row.label, cardLabelCells), p.As(row.token, row.text))
		wrapped := kit.Wrap(l, room, cardLabelCells)
		if len(wrapped) > mostCardLines {
			last := append(wrapped[mostCardLines-1], p.Text(strings.Repeat(" ", room)))
			wrapped = append(wrapped[:mostCardLines-1], last.Cut(room, p.Ellipsis))
		}
		lines = append(lines, wrapped...)
	}
	if n := len(a.First); n > 0 {
		panel.Foot = kit.Line{p.As(kit.Warn, words.First(a)), p.Muted(": " + plain.Count(n, "thing") + ", e has all")}
	}
	return panel.Draw(p, lines, w, 0)
}

// cardRow is a line of the card.
type cardRow struct {
	label, text string
	token       kit.Token
}

const cardLabelCells = 7

func (s *adviceScreen) cardRows(a advisor.Advice) []cardRow {
	var out []cardRow
	if now := inForce(a.Current); now != "" {
		out = append(out, cardRow{"Now", now, kit.Normal})
	}
	if because := words.Because(a); len(because) > 0 {
		out = append(out, cardRow{"Why", because[0].Text, kit.Normal})
	}
	if text := gravest(a); text != "" {
		out = append(out, cardRow{"Risk", text, kit.Bad})
	}
	text, token := issue(a)
	out = append(out, cardRow{"81775", text, token})
	if len(a.First) > 0 {
		out = append(out, cardRow{"First", a.First[0].Text, kit.Warn})
	}
	return out
}

// gravest is a critical finding that is not about issue 81775, which has its own line.
func gravest(a advisor.Advice) string {
	for _, f := range a.Findings {
		if f.Severity == advisor.Critical && f.Rule != advisor.KPA041 {
			return f.Text
		}
	}
	return ""
}

// issue is what issue 81775 does here, in one sentence.
func issue(a advisor.Advice) (string, kit.Token) {
	worst, nodes := exposed(a.Reuse)
	if worst.Exposure == "" {
		text := a.Caveat
		if _, here, ok := strings.Cut(text, "): "); ok { // what the issue is stands below
			text = here
		}
		return plain.Upper(text), kit.Normal
	}
	word, token := exposureWord(worst.Exposure, words.Urgent(worst))
	text := word + " on " + words.Nodes(nodes)
	if likely := words.Likelihood(worst); likely != "" {
		text += "; " + likely
	}
	return text, token
}

// sure is what the confidence rests on.
func (s *adviceScreen) sure(w int) []kit.Line {
	p, text := s.palette, words.Confidence(s.session.advice)
	if text == "" {
		return nil
	}
	return kit.Wrap(kit.Line{p.Strong("Confidence "), p.Text(text)}, w, 2)
}

// confidence is the degree in dots and in its word.
func (s *adviceScreen) confidence() kit.Line {
	p := s.palette
	dots := map[advisor.Confidence]int{advisor.High: 3, advisor.Medium: 2, advisor.Low: 1}[s.session.advice.Confidence]
	if dots == 0 {
		return nil
	}
	return kit.Line{
		p.Muted("confidence "), p.Strong(strings.Repeat("●", dots)), p.Muted(strings.Repeat("○", 3-dots)),
		p.Text(" " + string(s.session.advice.Confidence)),
	}
}
