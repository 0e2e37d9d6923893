package screen

import "kpadvisor/ui/kit"

// Rect is a part of the screen in cells, from the top left corner.
type Rect struct{ X, Y, W, H int }

// The smallest terminal that shows anything, and the widths at which the layout changes.
const (
	MinWidth    = 60
	MinHeight   = 20
	airyHeight  = 28  // from here on a blank row stands under the header
	headerWidth = 80  // from here on the tabs stand beside the name
	TwoColumns  = 100 // from here on a screen has two columns
	ColumnGap   = 3
	RoomyBody   = 30 // from this height of the body on there is room for more than the figures
)

// Frame is where everything goes. An empty rectangle is not drawn.
type Frame struct {
	Small                            bool // too small for anything but a sentence
	Name, Tabs, Rule                 Rect
	Body, Left, Right, Status, Usage Rect
}

// Layout is the whole arrangement as a function of the size alone, and of the cells that
// the tabs take: no screen computes another's margins, and nothing is measured by drawing
// it.
func Layout(w, h, tabs int) Frame {
	if w < MinWidth || h < MinHeight {
		return Frame{Small: true, Body: Rect{0, 0, w, h}}
	}
	var f Frame
	y := 0
	if w < headerWidth {
		f.Name, f.Tabs = Rect{0, 0, w, 1}, Rect{0, 1, w, 1}
		y = 2
	} else {
		f.Name, f.Tabs = Rect{0, 0, w - tabs - 1, 1}, Rect{w - tabs - 1, 0, tabs + 1, 1}
		y = 1
	}
	f.Rule = Rect{0, y, w, 1}
	if y++; h >= airyHeight {
		y++
	}
	f.Body = Rect{1, y, w - 2, h - y - 2}
	f.Left = f.Body
	if w >= TwoColumns {
		f.Left.W = (f.Body.W - ColumnGap) * 11 / 20
		f.Right = f.Body
		f.Right.X += f.Left.W + ColumnGap
		f.Right.W -= f.Left.W + ColumnGap
	}
	f.Status = Rect{1, h - 2, w - 2, 1}
	f.Usage = Rect{1, h - 1, w - 2, 1}
	return f
}

// Columns puts two blocks side by side where the Frame has two columns, and
// one under the other where it has one.
func (f Frame) Columns(left, right []kit.Line) []kit.Line {
	if f.Right.W == 0 {
		return append(append(left[:len(left):len(left)], nil), right...)
	}
	return kit.SideBySide(left, right, f.Left.W+ColumnGap)
}

// Beside is the width of what Columns puts second.
func (f Frame) Beside() int {
	if f.Right.W > 0 {
		return f.Right.W
	}
	return f.Left.W
}
