package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// The plot area in terminal cells.
const (
	chartHeight   = 12
	widestChart   = 64
	leastChart    = 20 // narrower curves say nothing
	chartMargin   = 12 // for the scale and the indent
	severalCurves = '*'
)

// curve draws lines, a letter at each point and dots on the straight lines between; where
// there is no room, it is a table.
func (t *text) curve(c page.Curve) {
	cells := min(t.Width-chartMargin, widestChart)
	if cells < leastChart || c.X.Log || c.Y.Log || len(c.Marks)+len(c.Bands) > 0 {
		t.table(c.Table())
		return
	}
	plot := newPlot(c, cells)
	letters := letters(c.Lines)
	var legend []string
	for i, l := range c.Lines {
		legend = append(legend, string(letters[i])+" "+l.Name)
		plot.draw(l, letters[i])
	}
	for _, l := range plot.lines(c) {
		t.verbatim(l)
	}
	t.paragraph(2, page.Muted, c.Caption()+": "+strings.Join(legend, ", ")+", "+string(severalCurves)+" several at one place")
}

// verbatim writes a line of a picture as it is.
func (t *text) verbatim(s string) {
	t.b.WriteString("  " + strings.TrimRight(t.spelled(plain.Text(s)), " ") + "\n")
}

// letters are one for each line: its own, or the first of its name that no line before it has.
func letters(lines []page.Line) []rune {
	out := make([]rune, len(lines))
	for i, l := range lines {
		for _, r := range l.Letter + strings.ToLower(l.Name) + "abcdefghijklmnopqrstuvwxyz" {
			if unicode.IsLetter(r) && r <= unicode.MaxASCII && !strings.ContainsRune(string(out[:i]), r) {
				out[i] = r
				break
			}
		}
	}
	return out
}

// plot is what a curve is drawn in, in cells.
type plot struct {
	cells     int
	most, top float64 // of x and y
	grid      [chartHeight][]rune
}

func newPlot(c page.Curve, cells int) *plot {
	p := &plot{cells: cells}
	for _, l := range c.Lines {
		for _, at := range l.Points {
			p.most, p.top = max(p.most, at.X), max(p.top, at.Y)
		}
	}
	p.top = kit.Step(p.top*1e3, 0) / 1e3
	for i := range p.grid {
		p.grid[i] = []rune(strings.Repeat(" ", cells))
	}
	return p
}

func (p *plot) column(x float64) int {
	return int(math.Round(x / max(p.most, 1) * float64(p.cells-1)))
}

// put marks a cell; a letter covers dots, and two letters become one mark.
func (p *plot) put(column int, y float64, mark rune) {
	row := int(math.Round((1 - y/p.top) * (chartHeight - 1)))
	cell := &p.grid[max(0, min(row, chartHeight-1))][column]
	switch {
	case *cell == ' ' || *cell == '·':
		*cell = mark
	case mark != '·' && *cell != mark:
		*cell = severalCurves
	}
}

func (p *plot) draw(l page.Line, mark rune) {
	for i := 1; i < len(l.Points); i++ {
		a, b := l.Points[i-1], l.Points[i]
		from, to := p.column(a.X), p.column(b.X)
		for x := from + 1; x < to; x++ {
			p.put(x, a.Y+float64(x-from)/float64(to-from)*(b.Y-a.Y), '·')
		}
	}
	for _, at := range l.Points {
		p.put(p.column(at.X), at.Y, mark)
	}
}

// lines are the plot with its scales; an x is named where there is room.
func (p *plot) lines(c page.Curve) []string {
	var out []string
	for i, row := range p.grid {
		scale := ""
		switch i {
		case 0:
			scale = plain.Number(int(p.top))
		case chartHeight - 1:
			scale = "0"
		}
		out = append(out, fmt.Sprintf("%7s |%s", scale, string(row)))
	}
	out = append(out, strings.Repeat(" ", 8)+"+"+strings.Repeat("-", p.cells))
	names, free := []byte(strings.Repeat(" ", p.cells+9)), p.cells+9
	xs := places(c)
	for i := len(xs) - 1; i >= 0; i-- { // the largest first: it ends the axis
		name := plain.Number(int(xs[i]))
		end := max(9+p.column(xs[i])+1, len(name))
		if end <= free {
			copy(names[end-len(name):], name)
			free = end - len(name) - 1
		}
	}
	return append(out, string(names))
}

// places are the x of all points, ascending.
func places(c page.Curve) []float64 {
	var out []float64
	for _, l := range c.Lines {
		for _, p := range l.Points {
			out = append(out, p.X)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
