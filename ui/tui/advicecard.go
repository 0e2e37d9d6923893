package tui

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// card is the advice as one would tell it to a colleague: the verdict in a box, the modes
// compared, and under that what may change it, beside the curve where there is room.
func (s *adviceScreen) card(f screen.Frame) []kit.Line {
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
	right := f.Beside()
	side := kit.Join(s.sure(right), s.twoMode(right), s.reuse(right), s.flips(right), s.unanswered(right))
	if f.Right.W == 0 {
		return append(append(top, nil), side...)
	}
	return append(append(top, nil), f.Columns(s.curvePicture(f.Left.W, max(f.Body.H-len(top)-1, 12)), side)...)
}

// mostCardLines is how many lines a text of the card may take: the rest is a key away.
const mostCardLines = 2

// verdict is the box: what to do, and what that rests on.
func (s *adviceScreen) verdict(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	card := page.VerdictCard(p.Voice, a)
	title := plain.Upper(page.Action(p.Voice, a))
	if s.session.busy() {
		title = p.Voice.Sprintf("So far: %s", page.Action(p.Voice, a))
	}
	head := append(kit.Line{p.As(token(card.Tone), title)}, s.newer()...)
	panel := kit.Panel{Title: head, Note: s.confidence(), Token: token(card.Tone)}
	room := w - kit.PanelEdge
	lines := kit.Wrap(kit.Line{p.Strong(card.Do)}, room, 0)
	for _, row := range card.Lines {
		l := append(p.Column(kit.Muted, row.Label, cardLabelCells), p.As(token(row.Tone), row.Text))
		wrapped := kit.Wrap(l, room, cardLabelCells)
		if len(wrapped) > mostCardLines {
			last := append(wrapped[mostCardLines-1], p.Text(strings.Repeat(" ", room)))
			wrapped = append(wrapped[:mostCardLines-1], last.Cut(room, p.Ellipsis))
		}
		lines = append(lines, wrapped...)
	}
	if n := len(a.First); n > 0 {
		panel.Foot = kit.Line{p.As(kit.Warn, page.First(p.Voice, a)), p.Muted(p.Voice.Sprintf(": %s, e has all", p.Voice.Count(n, "thing")))}
	}
	return panel.Draw(p, lines, w, 0)
}

// cardLabelCells is the column of its labels.
const cardLabelCells = 10

// sure is what the confidence rests on.
func (s *adviceScreen) sure(w int) []kit.Line {
	p, text := s.palette, page.Confidence(s.palette.Voice, s.session.advice)
	if text == "" {
		return nil
	}
	return kit.Wrap(kit.Line{p.Strong(p.Voice.Text("Confidence") + " "), p.Text(text)}, w, 2)
}

// confidence is the degree in dots and in its word.
func (s *adviceScreen) confidence() kit.Line {
	p := s.palette
	dots := map[advisor.Confidence]int{advisor.High: 3, advisor.Medium: 2, advisor.Low: 1}[s.session.advice.Confidence]
	if dots == 0 {
		return nil
	}
	return kit.Line{
		p.Muted(p.Voice.Text("confidence") + " "), p.Strong(strings.Repeat("●", dots)), p.Muted(strings.Repeat("○", 3-dots)),
		p.Text(" " + page.Degree(p.Voice, s.session.advice.Confidence)),
	}
}
