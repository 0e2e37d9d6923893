package kit

import "strings"

// Canvas is a raster of dots, 2 by 4 to a cell in braille, 1 by 3 in ASCII. A cell has the
// style of what was drawn in it last. Dots outside are not drawn.
type Canvas struct {
	ascii      bool
	cols, rows int
	cells      []canvasCell
}

type canvasCell struct {
	token Token
	dots  byte // of braille's eight, or of the three heights of ASCII
	glyph string
}

// NewCanvas is an empty canvas of so many cells.
func NewCanvas(p Palette, cols, rows int) *Canvas {
	cols, rows = max(cols, 0), max(rows, 0)
	return &Canvas{ascii: p.ASCII, cols: cols, rows: rows, cells: make([]canvasCell, cols*rows)}
}

// cellDots is how many dots a cell has, across and down.
func (c *Canvas) cellDots() (across, down int) {
	if c.ascii {
		return 1, 3
	}
	return 2, 4
}

// Dots is the size in dots.
func (c *Canvas) Dots() (w, h int) {
	across, down := c.cellDots()
	return c.cols * across, c.rows * down
}

// at is a cell, or nil outside.
func (c *Canvas) at(col, row int) *canvasCell {
	if col < 0 || row < 0 || col >= c.cols || row >= c.rows {
		return nil
	}
	return &c.cells[row*c.cols+col]
}

// Dot draws one dot, counted from the top left corner.
func (c *Canvas) Dot(x, y int, t Token) {
	if x < 0 || y < 0 {
		return
	}
	across, down := c.cellDots()
	if cell := c.at(x/across, y/down); cell != nil {
		cell.token = t
		cell.dots |= c.bit(x%across, y%down)
	}
}

// bit is the place of a dot in its cell: braille counts down the left column, down the
// right one, and has its lowest row last.
func (c *Canvas) bit(x, y int) byte {
	switch {
	case c.ascii:
		return 1 << y
	case y == 3:
		return 0x40 << x
	}
	return 1 << (3*x + y)
}

// Stroke draws a straight line between two dots.
func (c *Canvas) Stroke(x0, y0, x1, y1 int, t Token) { c.stroke(x0, y0, x1, y1, t, false) }

// stroke leaves gaps of one cell of braille in a line that is dashed.
func (c *Canvas) stroke(x0, y0, x1, y1 int, t Token, dashed bool) {
	const dash, gap = 6, 2
	n := max(x1-x0, x0-x1, y1-y0, y0-y1)
	for i := range n + 1 {
		x, y := x0+divide((x1-x0)*i, n), y0+divide((y1-y0)*i, n)
		if !dashed || x%(dash+gap) < dash {
			c.Dot(x, y, t)
		}
	}
}

// divide rounds to the nearest; nothing divided by nothing is nothing.
func divide(a, b int) int {
	if b == 0 {
		return 0
	}
	if a < 0 {
		return -((-a + b/2) / b)
	}
	return (a + b/2) / b
}

// Glyph puts one character, one cell wide, in the place of the dots of a cell.
func (c *Canvas) Glyph(col, row int, glyph string, t Token) {
	if cell := c.at(col, row); cell != nil {
		cell.glyph, cell.token = glyph, t
	}
}

// Ground puts a character where nothing is drawn.
func (c *Canvas) Ground(col, row int, glyph string, t Token) {
	if cell := c.at(col, row); cell != nil && cell.dots == 0 && cell.glyph == "" {
		cell.glyph, cell.token = glyph, t
	}
}

// Lines are the rows of the canvas, each of its whole width.
func (c *Canvas) Lines() []Line {
	out := make([]Line, c.rows)
	for row := range out {
		for col := 0; col < c.cols; {
			first := c.at(col, row).token
			var b strings.Builder
			for ; col < c.cols && c.at(col, row).token == first; col++ {
				b.WriteString(c.character(*c.at(col, row)))
			}
			out[row] = append(out[row], Span{Token: first, Text: b.String()})
		}
	}
	return out
}

func (c *Canvas) character(cell canvasCell) string {
	switch {
	case cell.glyph != "":
		return cell.glyph
	case cell.dots == 0:
		return " "
	case !c.ascii:
		return string(rune(0x2800) + rune(cell.dots))
	}
	return []string{" ", "'", "-", "=", "_", "|", "=", "|"}[cell.dots]
}
