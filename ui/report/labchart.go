package report

import (
	"fmt"
	"math"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/kit"
)

// The plot area in terminal cells.
const (
	chartHeight   = 12
	widestChart   = 64
	leastChart    = 20 // narrower curves say nothing
	chartMargin   = 12 // for the scale and the indent
	severalCurves = '*'
)

// letter marks a mode's points.
func letter(m lab.Mode) rune {
	switch m {
	case lab.Direct:
		return 'd'
	case lab.IPTablesLegacy:
		return 'L'
	case lab.IPTablesNFT:
		return 'I'
	case lab.NFTables:
		return 'N'
	case lab.IPVS:
		return 'V'
	}
	return '?'
}

// curves draws connect times against the number of Services, a letter where a
// mode was measured and dots on the straight lines between.
func (l Lab) curves(width int) section {
	sizes, cells := l.sizes(), min(width-chartMargin, widestChart)
	if len(sizes) < 2 || cells < leastChart {
		return section{}
	}
	c := chart{cells: cells, most: sizes[len(sizes)-1]}
	var legend []string
	title, at, of := "Curves: hot, p10 in us against Services", l.position(), func(p lab.Point) int64 { return p.Connect.P10Ns }
	if l.cold() {
		title, at, of = "Curves: cold, median in us against Services", rules.Middle, func(p lab.Point) int64 { return p.Cold.P50Ns }
	}
	top := int64(0)
	for _, m := range l.modes() {
		legend = append(legend, fmt.Sprintf("%c %s", letter(m), m))
		for _, n := range sizes {
			if p, ok := l.find(m, n, at); ok {
				top = max(top, of(p))
			}
		}
	}
	c.top = kit.Step(float64(top), 0)
	for i := range c.grid {
		c.grid[i] = []rune(strings.Repeat(" ", cells))
	}
	for _, m := range l.modes() {
		var points []dot
		for _, n := range sizes {
			if p, ok := l.find(m, n, at); ok {
				points = append(points, dot{c.column(n), float64(of(p))})
			}
		}
		c.draw(points, letter(m))
	}
	return section{Title: title, Lines: c.lines(sizes), After: []string{strings.Join(legend, ", ") + ", * several at one place"}}
}

// dot is a point of a curve: a column and a time in ns.
type dot struct {
	column int
	ns     float64
}

type chart struct {
	cells, most int
	top         float64 // ns
	grid        [chartHeight][]rune
}

func (c *chart) column(services int) int {
	return int(math.Round(float64(services) / float64(c.most) * float64(c.cells-1)))
}

// put marks a cell; a letter covers dots, and two letters become one mark.
func (c *chart) put(at dot, mark rune) {
	row := int(math.Round((1 - at.ns/c.top) * (chartHeight - 1)))
	cell := &c.grid[max(0, min(row, chartHeight-1))][at.column]
	switch {
	case *cell == ' ' || *cell == '·':
		*cell = mark
	case mark != '·' && *cell != mark:
		*cell = severalCurves
	}
}

func (c *chart) draw(points []dot, mark rune) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for x := a.column + 1; x < b.column; x++ {
			share := float64(x-a.column) / float64(b.column-a.column)
			c.put(dot{x, a.ns + share*(b.ns-a.ns)}, '·')
		}
	}
	for _, p := range points {
		c.put(p, mark)
	}
}

// lines are the plot with its scales; a size is named where there is room.
func (c *chart) lines(sizes []int) []string {
	var out []string
	for i, row := range c.grid {
		scale := ""
		switch i {
		case 0:
			scale = micros(int64(c.top))
		case chartHeight - 1:
			scale = "0"
		}
		out = append(out, strings.TrimRight(fmt.Sprintf("%7s |%s", scale, string(row)), " "))
	}
	out = append(out, strings.Repeat(" ", 8)+"+"+strings.Repeat("-", c.cells))
	names, free := []byte(strings.Repeat(" ", c.cells+9)), c.cells+9
	for i := len(sizes) - 1; i >= 0; i-- { // the largest first: it ends the axis
		name := plain.Number(sizes[i])
		end := max(9+c.column(sizes[i])+1, len(name))
		if end <= free {
			copy(names[end-len(name):], name)
			free = end - len(name) - 1
		}
	}
	return append(out, string(names))
}
