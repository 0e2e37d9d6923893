package tui

import (
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

// clickable is a screen that knows what stands where on it, as it was last drawn. A click
// points at a row; one on the row that is pointed at does what enter does.
type clickable interface {
	// click acts on a click in the body, in cells from its top left corner, and reports
	// whether it was on what was pointed at already.
	click(x, y int) (again bool)
	// scroll moves the window by so many lines.
	scroll(lines int)
}

// click acts on a click anywhere.
func (m *root) click(msg tea.MouseClickMsg) tea.Cmd {
	f := screen.Layout(m.w, m.h, tabsWidth(m.names))
	if msg.Button != tea.MouseLeft || f.Small {
		return nil
	}
	m.notice = nil
	if m.help != noHelp {
		m.help = noHelp
		return nil
	}
	if !m.front().takes(tea.KeyPressMsg{}) {
		for i, tab := range m.tabs(f) {
			if within(tab, msg.X, msg.Y) {
				m.goTo(i)
				return nil
			}
		}
	}
	if s, ok := m.front().(clickable); ok && within(f.Body, msg.X, msg.Y) {
		if s.click(msg.X-f.Body.X, msg.Y-f.Body.Y) {
			return m.front().key(tea.KeyPressMsg{Code: tea.KeyEnter}, m.keys())
		}
	}
	return nil
}

// wheel scrolls what is shown.
func (m *root) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	by, code := wheelLines, tea.KeyDown
	switch msg.Button {
	case tea.MouseWheelUp:
		by, code = -wheelLines, tea.KeyUp
	case tea.MouseWheelDown:
	default:
		return nil
	}
	if m.help != noHelp {
		m.manual.Scroll(by)
		return nil
	}
	if s, ok := m.front().(clickable); ok {
		s.scroll(by)
		return nil
	}
	if m.front().takes(tea.KeyPressMsg{Code: code}) {
		return nil
	}
	var all []tea.Cmd
	for range wheelLines {
		all = append(all, m.front().key(tea.KeyPressMsg{Code: code}, m.keys()))
	}
	return tea.Batch(all...)
}

func within(r screen.Rect, x, y int) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// tabs are where their names stand.
func (m *root) tabs(f screen.Frame) []screen.Rect {
	x, y := f.Tabs.X, f.Tabs.Y
	if y > 0 {
		x = 1
	}
	var out []screen.Rect
	for _, name := range m.names {
		w := kit.Cells(m.palette.Fit(name)) + len("1 ")
		out = append(out, screen.Rect{X: x, Y: y, W: w, H: 1})
		x += w + len("  ")
	}
	return out
}

// hit is the row of a list that a line of the page belongs to; rows are as high as height
// says.
func (s *selection) hit(line int, height func(row int) int) (row int, ok bool) {
	for i, first := range s.rows {
		if line >= first && line < first+height(i) {
			return i, true
		}
	}
	return 0, false
}

// click points at the row that was clicked, and reports whether it was pointed at already.
func (s *selection) click(line int, height func(row int) int) (again bool) {
	row, ok := s.hit(line, height)
	again = ok && row == s.at
	if ok {
		s.at = row
	}
	return again
}

func (s *clusterScreen) click(_, y int) (again bool) {
	if s.asks.Shown() {
		return s.asks.Click(y)
	}
	if s.opened != nil || s.filter.Focused() || y >= s.pager.Height {
		return false
	}
	return s.list.click(s.pager.Top+y, func(row int) int { return len(s.drawn.lines[s.shown[row]]) })
}

func (s *clusterScreen) scroll(lines int) {
	if s.asks.Shown() {
		s.asks.Scroll(lines)
		return
	}
	if s.opened != nil {
		s.inner.Scroll(lines)
		return
	}
	s.list.scroll(lines, &s.pager)
}

// scroll moves the window, and the pointer with it where the list is in sight.
func (s *selection) scroll(lines int, g *kit.Pager) {
	g.Scroll(lines)
	if len(s.rows) > 0 {
		s.at = min(s.at, len(s.rows)-1)
		s.into(*g)
	}
}

func (s *adviceScreen) click(_, y int) (again bool) {
	g := s.pagers[s.page]
	switch {
	case y >= g.Height:
	case s.page == cardPage:
		return s.ranked.click(g.Top+y, func(int) int { return 1 })
	case s.page == runbookPage:
		return s.run.list.click(g.Top+y, func(row int) int { return s.run.stops[row].lines })
	}
	return false
}

func (s *adviceScreen) scroll(lines int) {
	g := &s.pagers[s.page]
	switch s.page {
	case cardPage:
		s.ranked.scroll(lines, g)
	case runbookPage:
		s.run.list.scroll(lines, g)
	default:
		g.Scroll(lines)
	}
}

// click chooses, or goes to the question that was clicked beside it.
func (s *habitsScreen) click(x, y int) (again bool) {
	line := s.pager.Top + y
	if y >= s.pager.Height {
		return false
	}
	if x >= s.beside {
		if at := line - 1; at >= 0 && at < len(s.questions) {
			s.show(at)
		}
		return false
	}
	for i, row := range s.rows {
		if line < row || line >= row+s.heights[i] {
			continue
		}
		if i == s.cursor {
			return true
		}
		s.pointAt(i)
	}
	return false
}

func (s *habitsScreen) scroll(lines int) { s.pager.Scroll(lines) }

func (s *startScreen) click(x, y int) (again bool) {
	if s.form != nil || s.filter.Focused() {
		return false
	}
	for i, row := range s.rows {
		if row == y && (i < len(s.shown) || s.beside == 0 || x < s.beside) {
			again, s.at = i == s.at, i
		}
	}
	return again
}

func (s *startScreen) scroll(lines int) {
	if s.form == nil {
		s.move(lines)
	}
}
