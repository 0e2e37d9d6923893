package tui

import (
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// drawing is what a screen has laid out. Laying out takes as long as there are node
// groups; a key that only moves the window on it must not wait for that again.
type drawing struct {
	of    laidOut
	lines []kit.Line
}

// laidOut is all that a drawing rests on.
type laidOut struct {
	revision int // of the session
	page     int // of the screen
	frame    screen.Frame
	filter   string // of its list
}

// draw returns the lines of that, laid out anew if they are of something else.
func (d *drawing) draw(of laidOut, lay func() []kit.Line) []kit.Line {
	if d.of != of || d.lines == nil {
		d.of, d.lines = of, lay()
	}
	return d.lines
}
