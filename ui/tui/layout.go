package tui

import "kpadvisor/ui/kit"

// rect is a part of the screen in cells, from the top left corner.
type rect struct{ X, Y, W, H int }

// The smallest terminal that shows anything, and the widths at which the layout changes.
const (
	minWidth, minHeight = 60, 20
	airyHeight          = 28  // from here on a blank row stands under the header
	headerWidth         = 80  // from here on the tabs stand beside the name
	twoColumns          = 100 // from here on a screen has two columns
	columnGap           = 3
	roomyBody           = 30 // from this height of the body on there is room for more than the figures
)

// frame is where everything goes. An empty rectangle is not drawn.
type frame struct {
	Small                            bool // too small for anything but a sentence
	Name, Tabs, Rule                 rect
	Body, Left, Right, Status, Usage rect
}

// layout is the whole arrangement as a function of the size alone: no screen
// computes another's margins, and nothing is measured by drawing it.
func layout(w, h int) frame {
	if w < minWidth || h < minHeight {
		return frame{Small: true, Body: rect{0, 0, w, h}}
	}
	var f frame
	y := 0
	if w < headerWidth {
		f.Name, f.Tabs = rect{0, 0, w, 1}, rect{0, 1, w, 1}
		y = 2
	} else {
		f.Name, f.Tabs = rect{0, 0, w - tabsWidth - 1, 1}, rect{w - tabsWidth - 1, 0, tabsWidth + 1, 1}
		y = 1
	}
	f.Rule = rect{0, y, w, 1}
	if y++; h >= airyHeight {
		y++
	}
	f.Body = rect{1, y, w - 2, h - y - 2}
	f.Left = f.Body
	if w >= twoColumns {
		f.Left.W = (f.Body.W - columnGap) * 11 / 20
		f.Right = f.Body
		f.Right.X += f.Left.W + columnGap
		f.Right.W -= f.Left.W + columnGap
	}
	f.Status = rect{1, h - 2, w - 2, 1}
	f.Usage = rect{1, h - 1, w - 2, 1}
	return f
}

// columns puts two blocks side by side where the frame has two columns, and
// one under the other where it has one.
func (f frame) columns(left, right []kit.Line) []kit.Line {
	if f.Right.W == 0 {
		return append(append(left[:len(left):len(left)], nil), right...)
	}
	return kit.SideBySide(left, right, f.Left.W+columnGap)
}

// beside is the width of what columns puts second.
func (f frame) beside() int {
	if f.Right.W > 0 {
		return f.Right.W
	}
	return f.Left.W
}
