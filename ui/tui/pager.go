package tui

import (
	"cmp"

	"kpadvisor/plain"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// pager shows a window on more lines than fit, and says how many it does not show.
type pager struct {
	top           int    // first line shown
	total, height int    // of what was last shown
	keys          string // what moves the window, for the hint; empty is j/k, g/G
}

// update moves the window and reports whether the key was meant for it.
func (g *pager) update(msg tea.KeyPressMsg, k keyMap) bool {
	switch {
	case key.Matches(msg, k.Up):
		g.top--
	case key.Matches(msg, k.Down):
		g.top++
	case key.Matches(msg, k.PageUp):
		g.top -= g.height
	case key.Matches(msg, k.PageDown):
		g.top += g.height
	case key.Matches(msg, k.Top):
		g.top = 0
	case key.Matches(msg, k.Bottom):
		g.top = g.total
	default:
		return false
	}
	g.clamp()
	return true
}

func (g *pager) clamp() { g.top = max(0, min(g.top, g.total-g.height)) }

// reveal moves the window as little as needed for lines first to last to show.
func (g *pager) reveal(first, last int) {
	if last >= g.top+g.height {
		g.top = last - g.height + 1
	}
	if first < g.top {
		g.top = first
	}
	g.clamp()
}

// follow is a window on the lines that always has line focus in it.
func (g *pager) follow(lines []line, focus, h int, p palette) []line {
	g.show(lines, h, p)
	g.reveal(focus, min(focus+1, len(lines)-1))
	return g.show(lines, h, p)
}

// show returns at most h lines. Where there are more, the last line says so.
func (g *pager) show(lines []line, h int, p palette) []line {
	g.total, g.height = len(lines), h
	if g.total > h {
		g.height = max(h-1, 1)
	}
	g.clamp()
	if g.total <= h {
		return lines
	}
	out := append([]line{}, lines[g.top:g.top+g.height]...)
	if h < 2 {
		return out
	}
	hint := "↑ " + plain.Count(g.top, "line") + " above"
	if below := g.total - g.top - g.height; below > 0 {
		hint = "↓ " + plain.Count(below, "more line") + "  (" + cmp.Or(g.keys, "j/k, g/G") + ")"
	}
	return append(out, line{p.muted(hint)})
}
