package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
)

// selection is the pointer on a list that stands among other lines. The pointer moves
// where the list is in sight; elsewhere the keys move the window, so that every line of
// the page can be reached.
type selection struct {
	at   int
	rows []int // the lines of the list; each begins with a blank of two cells
}

// update acts on a key that moves.
func (s *selection) update(msg tea.KeyPressMsg, k kit.PagerKeys, g *kit.Pager) {
	if len(s.rows) == 0 {
		g.Update(msg, k)
		return
	}
	s.at = min(s.at, len(s.rows)-1)
	switch {
	case key.Matches(msg, k.Up) && s.at > 0 && s.rows[s.at] < g.Top+g.Height:
		s.at--
	case key.Matches(msg, k.Down) && s.at < len(s.rows)-1 && s.rows[s.at] >= g.Top:
		s.at++
	default:
		g.Update(msg, k)
		if !key.Matches(msg, k.Up) && !key.Matches(msg, k.Down) {
			s.into(*g)
		}
		return
	}
	g.Reveal(s.rows[s.at], s.rows[s.at])
}

// into puts the pointer on a row that is in the window, if there is one.
func (s *selection) into(g kit.Pager) {
	if row := s.rows[s.at]; row >= g.Top && row < g.Top+g.Height {
		return
	}
	if i, _ := slices.BinarySearch(s.rows, g.Top); i < len(s.rows) && s.rows[i] < g.Top+g.Height {
		s.at = i
	}
}

// mark shows the pointer in lines.
func (s *selection) mark(lines []kit.Line, p kit.Palette) []kit.Line {
	if len(s.rows) == 0 {
		return lines
	}
	s.at = min(s.at, len(s.rows)-1)
	out, row := slices.Clone(lines), s.rows[s.at]
	out[row] = append(kit.Line{p.Accent("▸ ")}, out[row][1:]...)
	return out
}
