package tui

import (
	"errors"
	"math"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// The columns of the list of contexts.
const (
	leastNameCells  = 12
	leastModesCells = 16 // "iptables · IPVS" and a blank
	mostModesCells  = 36 // of a wide screen: the eye has to find what stands beside them
	versionColumn   = 9  // "v1.33.4"
	countColumn     = 12 // "5,000 nodes"
	todoColumn      = 14 // "! 12 to do", "nothing to do"
	tookColumn      = 7  // "12.3 s"
	mostDetail      = 3  // lines on what the pointer is on
	standCells      = 22 // "open a snapshot file"
)

func (s *startScreen) view(f screen.Frame) string {
	p := s.palette
	if s.form != nil {
		lines, focus := s.form.Lines(f.Body.W)
		return p.Paint(s.pager.Follow(lines, focus, f.Body.H, p), f.Body.W)
	}
	if f.Right.W > 0 && len(s.on.places) > 0 {
		return p.Paint(s.panels(f), f.Body.W)
	}
	return p.Paint(s.column(f), f.Body.W)
}

// column is everything in one list, and what there is to say of the row pointed at under
// it, at a place that does not move.
func (s *startScreen) column(f screen.Frame) []kit.Line {
	p, w := s.palette, f.Body.W
	s.list, s.beside = kit.Pager{}, 0
	detail := s.detail(w, mostDetail)
	h := f.Body.H
	if len(s.on.places) > 0 {
		h -= mostDetail
	}
	top := s.trouble(w)
	if len(s.on.places) > 0 {
		top = append(top, s.title(w))
	}
	total := len(top) + len(s.shown)
	bottom := []kit.Line{nil, {p.Strong(p.Voice.Text("Without a cluster"))}}
	s.rows = s.rows[:0]
	for i := range s.shown {
		s.rows = append(s.rows, len(top)+i)
	}
	for i := range s.stand {
		s.rows = append(s.rows, total+len(bottom))
		bottom = append(bottom, s.standRow(i, w))
	}
	if len(s.stand) > 0 {
		bottom = append(bottom, nil, kit.Line{p.Muted(p.Voice.Text("A demo is made up and says so on every screen."))}.Cut(w, p.Ellipsis))
	}
	lines := append(append(top, make([]kit.Line, len(s.shown))...), bottom...)
	focus := 0
	if s.at < len(s.rows) {
		focus = s.rows[s.at]
	}
	if s.at == 0 {
		focus = 0 // what stands above the first row is read with it
	}
	defer func() { // lines of the page become lines of the window
		for i, row := range s.rows {
			if s.rows[i] = row - s.pager.Top; s.rows[i] < 0 || s.rows[i] >= s.pager.Height {
				s.rows[i] = -1
			}
		}
	}()
	s.pager.Follow(lines, focus, h, p) // settles the window: rows out of sight are not drawn
	s.pager.Reveal(focus, focus)
	for i := range s.shown {
		if row := len(top) + i; row >= s.pager.Top && row < s.pager.Top+s.pager.Height {
			lines[row] = s.row(i, w)
		}
	}
	out := s.pager.Show(lines, h, p)
	if len(s.on.places) == 0 || s.pointed() == nil {
		return out
	}
	for len(out) < h {
		out = append(out, nil)
	}
	return append(out[:h:h], detail...)
}

// panels are the contexts in one frame, and under it what there is without a cluster
// beside the details of what the pointer is on.
func (s *startScreen) panels(f screen.Frame) []kit.Line {
	p := s.palette
	var stand []kit.Line
	for i := range s.stand {
		stand = append(stand, s.standRow(i, f.Left.W-kit.PanelEdge))
	}
	least := max(len(stand), mostDetail+1) + kit.PanelRows
	inside := f.Body.W - kit.PanelEdge
	lines := make([]kit.Line, len(s.shown))
	h := min(f.Body.H-least-kit.PanelRows, max(len(lines), 1))
	room := f.Body.H - h - kit.PanelRows
	detail := s.detail(f.Right.W-kit.PanelEdge, room-kit.PanelRows)
	low := max(least, min(room, len(detail)+kit.PanelRows))
	s.list.Follow(lines, min(s.at, max(len(lines)-1, 0)), h, p)
	s.rows = s.rows[:0]
	s.beside = f.Left.W
	for i := range lines {
		if i < s.list.Top || i >= s.list.Top+s.list.Height {
			s.rows = append(s.rows, -1)
			continue
		}
		s.rows = append(s.rows, 1+i-s.list.Top)
		lines[i] = s.row(i, inside)
	}
	out := kit.Panel{Title: s.title(inside)}.Draw(p, s.list.Show(lines, h, p), f.Body.W, 0)
	for i := range s.stand {
		s.rows = append(s.rows, len(out)+1+i)
	}
	left := kit.Panel{Title: kit.Line{p.Strong(p.Voice.Text("Without a cluster"))}}.Draw(p, stand, f.Left.W, low)
	right := kit.Panel{Title: kit.Line{p.Strong(p.Voice.Text("Selected"))}}.Draw(p, detail, f.Right.W, low)
	return append(out, kit.SideBySide(left, right, f.Left.W+screen.ColumnGap)...)
}

// trouble says why there is no cluster where the list does not.
func (s *startScreen) trouble(w int) []kit.Line {
	p, at := s.palette, s.on.place
	if !at.session.lost() || s.on.renewable(at) {
		return nil
	}
	sentence, remedy := explained(p.Voice, at)
	out := kit.Wrap(kit.Line{p.As(kit.Bad, p.Voice.Text("No cluster. ")), p.Text(sentence)}, w, 0)
	if remedy != "" {
		out = append(out, kit.Wrap(kit.Line{p.Text(remedy)}, w, 0)...)
	}
	if len(s.on.places) > 0 {
		out = append(out, nil)
	}
	return out
}

// explained is what is wrong with a place, and what can be done.
func explained(v say.Voice, at *place) (sentence, remedy string) {
	err := at.session.reading.Err
	switch {
	case errors.Is(err, errNoCluster):
		return v.Text("no cluster to read"), ""
	case at.source.Survey == nil:
		return v.Said(err.Error()), ""
	}
	sentence, remedy = at.source.Survey.Explain(err)
	return v.Said(sentence), v.Said(remedy)
}

// title heads the contexts: how many there are, or the filter on them.
func (s *startScreen) title(w int) kit.Line {
	p := s.palette
	v := p.Voice
	title := kit.Line{p.Strong(v.Text("Contexts"))}
	if s.filter.Focused() || s.filter.Value() != "" {
		title = append(title, p.Text(v.Text(" with ")))
		return append(title, form.InputLine(p, &s.filter, v.Text("part of a name or an address"), w-title.Width()-1)...)
	}
	return append(title, p.Muted("  "+v.Sprintf("%s in the kubeconfig", plain.Number(len(s.on.places)))))
}

// pointer marks the row pointed at.
func (s *startScreen) pointer(row int) (kit.Line, kit.Token) {
	if row == s.at {
		return kit.Line{s.palette.Accent("▸ ")}, kit.Accent
	}
	return kit.Line{s.palette.Text("  ")}, kit.Normal
}

// standRow is one thing to look at without a cluster.
func (s *startScreen) standRow(i, w int) kit.Line {
	p := s.palette
	mark, tok := s.pointer(len(s.shown) + i)
	l := append(mark, p.Column(tok, s.stand[i].title, standCells)...)
	return append(l, p.Muted(s.stand[i].about)).Cut(w, p.Ellipsis)
}

// row is one context as far as it is known.
func (s *startScreen) row(i, w int) kit.Line {
	p, at := s.palette, s.shown[i]
	mark, tok := s.pointer(i)
	name := s.nameCells(w)
	l := append(mark, p.Column(tok, middle(p.Fit(at.session.context.Name), name, p.Ellipsis), name)...)
	l = append(l, p.Text("  "))
	room := w - l.Width()
	return append(l, s.state(at, room)...).Cut(w, p.Ellipsis)
}

// nameCells is the column of the names: as wide as the longest that is shown needs, and
// as what stands beside it leaves.
func (s *startScreen) nameCells(w int) int {
	longest := leastNameCells
	first, last := s.window().Top, s.window().Top+s.window().Height
	for _, at := range s.shown[min(first, len(s.shown)):min(max(last, first), len(s.shown))] {
		longest = max(longest, kit.Cells(s.palette.Fit(at.session.context.Name)))
	}
	rest := 2 + 2 + versionColumn + countColumn + 2 + todoColumn + tookColumn
	return min(longest, max(w-rest-leastModesCells, leastNameCells))
}

// state is what there is to say of a context, beside its name.
func (s *startScreen) state(at *place, w int) kit.Line {
	p, session := s.palette, at.session
	c := session.context
	switch {
	case at.failed():
		sentence, _ := explained(p.Voice, at)
		out := kit.Line{p.As(kit.Bad, "✖ ")}
		if what, ok := strings.CutPrefix(sentence, p.Voice.Said("The API server at "+c.Address)); ok { // which stands beside it
			return append(out, p.Text(strings.Trim(what, " .。")), p.Muted("  "+c.Address))
		}
		return append(out, p.Text(sentence))
	case at.known():
		return s.known(at, w)
	case at.reading() && session.reading.Stage != "":
		out := kit.Line{}
		if v, ok := session.facts().Version.Get(); ok {
			out = append(out, p.Column(kit.Normal, v, versionColumn)...)
		}
		line := readingLine(p, session.reading)
		if out.Width()+line.Width() > w { // the counts say what the bar shows
			r := session.reading
			line = kit.Line{p.Text(p.Voice.Sprintf("reading %s %s of %s", p.Voice.Again(r.Stage), plain.Number(r.Read), plain.Number(r.Total)))}
		}
		return append(out, line...)
	case at.reading():
		return connecting(p, session)
	case at.wanted:
		return kit.Line{p.Muted(p.Voice.Text("waits for its turn") + "  " + c.Address)}
	case c.Plugin != "":
		return kit.Line{p.Muted(p.Voice.Sprintf("not read; enter signs in with %s", plain.Line(c.Plugin, mostPlugin)) + "  " + c.Address)}
	}
	return kit.Line{p.Muted(p.Voice.Text("not read") + "  " + c.Address)}
}

// mostPlugin bounds the name of a plugin in a row.
const mostPlugin = 30

// known is a context that has been read.
func (s *startScreen) known(at *place, w int) kit.Line {
	p, session := s.palette, at.session
	f := session.facts()
	v := p.Voice
	nodes := v.Text("? nodes")
	if n, ok := f.Nodes.Get(); ok {
		nodes = v.Count(n, "node")
	}
	left := append(p.Column(kit.Muted, f.Version.Or("?"), versionColumn), p.Right(kit.Normal, nodes, countColumn), p.Text("  "))
	took := seconds(v, session.elapsed)
	if at.again.turn != 0 {
		took = v.Text("again…")
	}
	room := w - left.Width() - todoColumn - tookColumn
	if room < leastModesCells { // what there is to do says more than how long it took
		room, took = room+tookColumn, ""
	}
	room = min(max(room, 1), mostModesCells)
	left = append(left, p.Column(kit.Normal, strings.Join(page.ProxyNames(v, f.Groups), " · "), room-1)...)
	left = append(append(left, p.Text(" ")), s.todo(at)...)
	if took == "" {
		return left
	}
	return append(left, p.Right(kit.Muted, took, tookColumn))
}

// todo is how much there is to do, once that is known.
func (s *startScreen) todo(at *place) kit.Line {
	p, v, session := s.palette, s.palette.Voice, at.session
	n := page.ToDo(session.advice)
	switch {
	case session.empty() || session.pending() || session.memory.waits():
		return p.Column(kit.Muted, "", todoColumn)
	case n > 0:
		tok := kit.Warn
		if hasCritical(session.advice) {
			tok = kit.Bad
		}
		return p.Column(tok, "! "+v.Sprintf("%s to do", plain.Number(n)), todoColumn)
	case session.advice.Action == advisor.CannotTell:
		return p.Column(kit.Muted, v.Text("cannot tell"), todoColumn)
	}
	return p.Column(kit.Good, v.Text("nothing to do"), todoColumn)
}

func hasCritical(a advisor.Advice) bool {
	for _, f := range a.Findings {
		if f.Severity == advisor.Critical {
			return true
		}
	}
	return false
}

// connecting is who has not answered yet, and how long it has left.
func connecting(p kit.Palette, s *session) kit.Line {
	text, v := p.Voice.Text("connecting…"), p.Voice
	switch now := int(s.elapsed / time.Second); {
	case now > 0 && s.context.Limit > 0:
		text = v.Sprintf("connecting %d s of %d s", now, int(math.Ceil(s.context.Limit.Seconds())))
	case now > 0:
		text = v.Sprintf("connecting %d s", now)
	}
	return kit.Line{p.Text(text), p.Muted("  " + s.context.Address)}
}

// seconds is how long something took.
func seconds(v say.Voice, d time.Duration) string {
	if d < 50*time.Millisecond {
		return v.Text("<0.1 s")
	}
	return v.Sprintf("%.1f s", d.Seconds())
}

// middle leaves out the middle of what is wider than w cells: the end tells the names of
// one provider apart.
func middle(s string, w int, ellipsis string) string {
	if kit.Cells(s) <= w {
		return s
	}
	room := max(w-kit.Cells(ellipsis), 0)
	head, _ := kit.Split(s, room/3)
	tail := s
	for kit.Cells(tail) > room-kit.Cells(head) && tail != "" {
		first, _ := kit.Split(tail, kit.Cells(tail)-(room-kit.Cells(head)))
		if first == "" {
			_, first = "", string([]rune(tail)[0])
		}
		tail = tail[len(first):]
	}
	return head + ellipsis + tail
}
