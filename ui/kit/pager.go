package kit

import (
	"cmp"
	"fmt"

	"charm.land/bubbles/v2/key"
)

// Pager shows a window on more lines than fit, and says how many it does not show.
type Pager struct {
	Top           int    // first line shown
	total, Height int    // of what was last shown
	Keys          string // what moves the window, for the hint; empty is j/k, g/G
}

// PagerKeys move the window.
type PagerKeys struct{ Up, Down, PageUp, PageDown, Top, Bottom key.Binding }

// Update moves the window and reports whether the key was meant for it.
func (g *Pager) Update(msg fmt.Stringer, k PagerKeys) bool {
	switch {
	case key.Matches(msg, k.Up):
		g.Top--
	case key.Matches(msg, k.Down):
		g.Top++
	case key.Matches(msg, k.PageUp):
		g.Top -= g.Height
	case key.Matches(msg, k.PageDown):
		g.Top += g.Height
	case key.Matches(msg, k.Top):
		g.Top = 0
	case key.Matches(msg, k.Bottom):
		g.Top = g.total
	default:
		return false
	}
	g.clamp()
	return true
}

func (g *Pager) clamp() { g.Top = max(0, min(g.Top, g.total-g.Height)) }

// Scroll moves the window by so many lines.
func (g *Pager) Scroll(by int) {
	g.Top += by
	g.clamp()
}

// Reveal moves the window as little as needed for lines first to last to show.
func (g *Pager) Reveal(first, last int) {
	if last >= g.Top+g.Height {
		g.Top = last - g.Height + 1
	}
	if first < g.Top {
		g.Top = first
	}
	g.clamp()
}

// Follow is a window on the lines that always has line focus in it.
func (g *Pager) Follow(lines []Line, focus, h int, p Palette) []Line {
	g.Show(lines, h, p)
	g.Reveal(focus, min(focus+1, len(lines)-1))
	return g.Show(lines, h, p)
}

// Show returns at most h lines. Where there are more, the last line says so.
func (g *Pager) Show(lines []Line, h int, p Palette) []Line {
	g.total, g.Height = len(lines), h
	if g.total > h {
		g.Height = max(h-1, 1)
	}
	g.clamp()
	if g.total <= h {
		return lines
	}
	out := append([]Line{}, lines[g.Top:g.Top+g.Height]...)
	if h < 2 {
		return out
	}
	hint := p.Voice.Sprintf("↑ %s above", p.Voice.Count(g.Top, "line"))
	if below := g.total - g.Top - g.Height; below > 0 {
		hint = "↓ " + p.Voice.Count(below, "more line") + "  (" + cmp.Or(g.Keys, "j/k, g/G") + ")"
	}
	return append(out, Line{p.Muted(hint)})
}
