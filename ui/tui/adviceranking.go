package tui

import (
	"cmp"
	"strings"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// ranking is the modes in their order, compared by what they add to a new connection,
// and says which lines they have. Each begins with two blanks, for the pointer.
func (s *adviceScreen) ranking(w int) (lines []kit.Line, places []int) {
	p, v, a := s.palette, s.palette.Voice, s.session.advice
	if len(a.Ranking) == 0 {
		return nil, nil
	}
	bars := kit.Bars{Of: v.Text("new connection, p50")}
	notes := [][3]string{{v.Text("one change"), v.Text("announced"), v.Text("runs on")}}
	for i, r := range a.Ranking {
		e := estimateOf(a, r.Mode)
		change := cmp.Or(page.Micro(e.ChangeTime), v.Text("no figure"))
		bars.Bars = append(bars.Bars, kit.Bar{
			Name: page.Mode(p.Voice, r.Mode), Token: report.Token(page.ModeSeries(r.Mode)), Chosen: r.Mode == a.Recommended,
			Low: float64(e.NewConnectionP50LowNs), High: float64(e.NewConnectionP50HighNs), Known: e.Known || e.NewConnection != "",
			Figure: between(p.Voice, e.NewConnectionP50LowNs, e.NewConnectionP50HighNs),
		})
		notes = append(notes, [3]string{change, page.Announced(p.Voice, r.Mode), runsOn(p.Voice, r, a)})
		places = append(places, i+1)
	}
	for i, note := range noteColumns(notes, w) {
		if i == 0 {
			bars.Beside = note
		} else {
			bars.Bars[i-1].Note = note
		}
	}
	for _, l := range bars.Draw(p, w-2, len(bars.Bars)+1) {
		lines = append(lines, append(kit.Line{p.Text("  ")}, l...))
	}
	if w >= roomyRanking {
		lines = append(lines, cited(p, "  "+v.Sentences(v.Text("Estimates."), page.AnnouncedBy(v))).Cut(w, p.Ellipsis))
	}
	return lines, places
}

// noteColumns are the columns at the right of the bars, as many as have room.
func noteColumns(rows [][3]string, w int) []string {
	change, until := 15, 13
	for _, r := range rows {
		change, until = max(change, kit.Cells(r[0])), max(until, kit.Cells(r[1]))
	}
	var out []string
	for _, r := range rows {
		note := r[2]
		if w >= roomyRanking {
			note = padded(r[0], change+1) + padded(r[1], until+1) + note
		}
		out = append(out, strings.TrimRight(note, " "))
	}
	return out
}

// padded fills a text to w cells.
func padded(s string, w int) string { return s + strings.Repeat(" ", w-kit.Cells(s)) }

// roomyRanking is the width that all columns of the ranking take.
const roomyRanking = 76

func estimateOf(a advisor.Advice, m advisor.Mode) advisor.Estimate {
	for _, e := range a.Estimates {
		if e.Mode == m {
			return e
		}
	}
	return advisor.Estimate{Mode: m}
}

// runsOn counts the nodes on which a mode can run, among those that decide.
func runsOn(v say.Voice, r advisor.Ranked, a advisor.Advice) string {
	can, open, all := 0, 0, 0
	for _, g := range a.Groups {
		if !g.Weighs {
			continue
		}
		all += g.Nodes
		switch g.Can[r.Mode] {
		case release.CanYes:
			can += g.Nodes
		case release.CanNo:
		default:
			open += g.Nodes
		}
	}
	switch {
	case all == 0:
		return page.Can(v, r, a)
	case open > 0 && can == 0:
		return v.Text("not known")
	case can == all:
		return v.Sprintf("all %s", plain.Number(all))
	case can == 0:
		return v.Text("none yet")
	}
	return v.Sprintf("%s of %s", plain.Number(can), plain.Number(all))
}

// between writes a range: "+24 to +49 µs".
func between(v say.Voice, low, high int64) string {
	a, b := page.Latency(v, low), page.Latency(v, high)
	if a == b {
		return a
	}
	if i := strings.LastIndexByte(b, ' '); i >= 0 { // its unit, which is said once
		a = strings.TrimSuffix(a, b[i:])
	}
	return v.Sprintf("%s to %s", a, b)
}

// why is why the mode chosen in the ranking has its place, with every source.
func (s *adviceScreen) why(w int) []kit.Line {
	p, a := s.palette, s.session.advice
	if s.ranked.at >= len(a.Ranking) {
		return []kit.Line{{p.Text(p.Voice.Text("The ranking has changed; esc goes back to it."))}}
	}
	r := a.Ranking[s.ranked.at]
	title := p.Voice.Sprintf("Why %s is in place %d of %d", page.Mode(p.Voice, r.Mode), s.ranked.at+1, len(a.Ranking))
	head := kit.Wrap(append(kit.Line{p.Strong(title), p.Muted("  " + p.Voice.Text("(esc goes back)"))}, s.newer()...), w, 2)
	if can := page.Can(p.Voice, r, a); can != "" {
		head = append(head, kit.Line{p.As(kit.Warn, plain.Upper(can))})
	}
	var reasons []kit.Line
	for _, reason := range r.Reasons {
		reasons = append(reasons, s.sourced(reason, w, 2)...)
	}
	return kit.Join(head, reasons, s.holds(estimateOf(a, r.Mode), w), s.formula(estimateOf(a, r.Mode), w))
}

// holds is what a mode keeps on each node, and what it takes to change it.
func (s *adviceScreen) holds(e advisor.Estimate, w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	if !e.Known {
		return nil
	}
	out := []kit.Line{{p.Strong(v.Text("Each node would hold")), p.Muted("  " + v.Text("(estimate)"))}}
	rows := []string{page.Holds(v, e), page.Adds(v, e)}
	if e.OneEndpointChange != "" {
		rows = append(rows, v.Sprintf("one endpoint's change: %s", page.Micro(e.OneEndpointChange)))
	}
	if e.FullSync != "" {
		rows = append(rows, v.Sprintf("all at start: %s", page.Micro(e.FullSync)))
	}
	for _, row := range rows {
		if row != "" {
			out = append(out, kit.Wrap(kit.Line{p.Text("  " + row)}, w, 4)...)
		}
	}
	return out
}

func (s *adviceScreen) formula(e advisor.Estimate, w int) []kit.Line {
	p := s.palette
	if e.Formula == "" {
		return nil
	}
	out := append([]kit.Line{{p.Strong(p.Voice.Text("Formula"))}}, kit.Wrap(kit.Line{p.Text("  " + e.Formula)}, w, 4)...)
	if e.Source == "" {
		return out
	}
	return append(out, kit.Wrap(s.source(e.Source, 4), w, 6)...)
}
