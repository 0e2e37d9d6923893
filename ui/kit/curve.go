package kit

import (
	"slices"
	"strings"
)

// Curve is y against x: lines with their names at their right ends, places to look at,
// and stretches of x.
type Curve struct {
	X, Y  Axis
	Lines []Plot
	Spots []Spot
	Bands []Band
}

// Plot is a line through points, in ascending order of x.
type Plot struct {
	Name   string
	Token  Token
	Letter string // at each of its points, before its name; empty for none
	Points []Point
	Dashed bool // not measured
}

// Point is a point of a plot.
type Point struct{ X, Y float64 }

// Spot is a place to look at.
type Spot struct {
	X, Y float64
	Name string
}

// Band is a stretch of x.
type Band struct {
	From, To float64
	Name     string
}

// The smallest picture that shows a curve.
const (
	leastCurveWidth  = 24
	leastCurveHeight = 6
)

// curveArea is where the dots are, and what they stand for.
type curveArea struct {
	left, w, h int // cells; left is what the labels of y take, with the axis
	x, y       ruler
	ticks      []float64
}

// Draw draws the picture in at most w by h cells; nothing where that is too small.
func (c Curve) Draw(p Palette, w, h int) []Line {
	if w < leastCurveWidth || h < leastCurveHeight {
		return nil
	}
	var out []Line
	if c.Y.Name != "" {
		out = append(out, Line{p.Strong(c.Y.Name)}.Cut(w, p.Ellipsis))
	}
	if name := (Line{p.Muted(c.X.Name + unitAfter(c.X.Unit) + " →")}); c.X.Name != "" && len(out) > 0 && out[0].Width()+name.Width() < w {
		out[0] = append(out[0].Pad(w-name.Width()), name...)
	}
	legend := c.legend(p, w)
	legend = legend[:min(len(legend), max(h-len(out)-leastCurveHeight, 0))]
	a := c.area(p, w, h-len(out)-len(legend)-1)
	if a.w < 8 || a.h < 2 {
		return nil
	}
	canvas := c.dots(p, a)
	names := c.names(p, a, w-a.left-a.w)
	labels := map[int]string{}
	for _, t := range a.ticks {
		labels[a.h-1-a.y.at(t, a.h)] = tickText(t) + unitAfter(c.Y.Unit)
	}
	for i, row := range canvas.Lines() {
		l := append(p.tickLabel(labels[i], a.left-1), p.Muted(edge(labels[i] != "")))
		out = append(out, append(append(l, row...), names[i]...))
	}
	foot := Line{{Text: repeated(" ", a.left-1)}, p.Muted("└")}
	out = append(out, append(foot, p.axisLine(a.x, a.w, "")...))
	return append(out, legend...)
}

// edge is the axis at the left, where a label stands and where none does.
func edge(labelled bool) string {
	if labelled {
		return "┤"
	}
	return "│"
}

func unitAfter(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}

// area shares the width between labels, dots and names.
func (c Curve) area(p Palette, w, h int) curveArea {
	xs, ys := c.values()
	a := curveArea{h: h, x: newRuler(c.X.Log, xs...), y: newRuler(c.Y.Log, ys...)}
	most := max(min(h/3, 5), 2)
	a.y = a.y.rounded(most)
	a.ticks = a.y.ticks(most)
	for _, t := range a.ticks {
		a.left = max(a.left, Cells(p.Fit(tickText(t)+unitAfter(c.Y.Unit)))+1)
	}
	a.left = min(a.left, w/3)
	names := 0
	for _, l := range c.Lines {
		names = max(names, Cells(p.Fit(l.label()))+1)
	}
	a.w = w - a.left - min(names, w/4)
	return a
}

// values are all that the axes have to hold. A linear y begins at 0.
func (c Curve) values() (xs, ys []float64) {
	if !c.Y.Log {
		ys = append(ys, 0)
	}
	for _, l := range c.Lines {
		for _, at := range l.Points {
			xs, ys = append(xs, at.X), append(ys, at.Y)
		}
	}
	for _, s := range c.Spots {
		xs, ys = append(xs, s.X), append(ys, s.Y)
	}
	return xs, ys
}

// dots draws the bands, the lines over them and the spots over those.
func (c Curve) dots(p Palette, a curveArea) *Canvas {
	canvas := NewCanvas(p, a.w, a.h)
	across, down := canvas.Dots()
	place := func(x, y float64) (int, int) { return a.x.at(x, across), down - 1 - a.y.at(y, down) }
	for _, l := range c.Lines {
		points := slices.DeleteFunc(slices.Clone(l.Points), c.lacks)
		for i, at := range points {
			x, y := place(at.X, at.Y)
			fromX, fromY := x, y
			if i > 0 {
				fromX, fromY = place(points[i-1].X, points[i-1].Y)
			}
			canvas.stroke(fromX, fromY, x, y, l.Token, l.Dashed)
		}
	}
	c.letters(p, a, canvas)
	for i, s := range c.Spots {
		if drawable(s.X) && drawable(s.Y) {
			canvas.Glyph(a.x.at(s.X, a.w), a.h-1-a.y.at(s.Y, a.h), p.Fit(spotGlyph(i)), Accent)
		}
	}
	for _, b := range c.Bands {
		if b.From > a.x.high || b.To < a.x.low || !(b.From <= b.To) { //nolint:staticcheck // also true for NaN
			continue
		}
		for col := a.x.at(b.From, a.w); col <= a.x.at(b.To, a.w); col++ {
			for row := range a.h {
				canvas.Ground(col, row, p.Fit("░"), Muted)
			}
		}
	}
	return canvas
}

// lacks reports whether a point has no place in the picture.
func (c Curve) lacks(at Point) bool {
	return !drawable(at.X) || !drawable(at.Y) || c.X.Log && at.X <= 0 || c.Y.Log && at.Y <= 0
}

// several stands where the letters of two lines would.
const several = "*"

// letters draws those of the lines at their points.
func (c Curve) letters(p Palette, a curveArea, canvas *Canvas) {
	type cell struct{ col, row int }
	drawn := map[cell]string{}
	for _, l := range c.Lines {
		letter := p.Fit(l.Letter)
		if Cells(letter) != 1 {
			continue
		}
		for _, at := range l.Points {
			if c.lacks(at) {
				continue
			}
			place := cell{a.x.at(at.X, a.w), a.h - 1 - a.y.at(at.Y, a.h)}
			switch before := drawn[place]; before {
			case "", letter:
				drawn[place] = letter
				canvas.Glyph(place.col, place.row, letter, l.Token)
			default:
				drawn[place] = several
				canvas.Glyph(place.col, place.row, several, Normal)
			}
		}
	}
}

// label is the name of a line with its letter.
func (l Plot) label() string { return strings.TrimSpace(l.Letter + " " + l.Name) }

// spotGlyph is the first spot's, or that of all others.
func spotGlyph(i int) string {
	if i == 0 {
		return "●"
	}
	return "○"
}

// names are what stands at the right of each row: every line's, in the row where it ends
// or, where another one ends there, in the next one that is free.
func (c Curve) names(p Palette, a curveArea, w int) map[int]Line {
	out := map[int]Line{}
	for _, l := range c.Lines {
		if l.Name == "" || len(l.Points) == 0 {
			continue
		}
		ends := a.h - 1 - a.y.at(l.Points[len(l.Points)-1].Y, a.h)
		for step := range 2 * a.h { // there, one below, one above, two below, ...
			row := ends + (step+1)/2
			if step%2 == 0 {
				row = ends - step/2
			}
			if _, taken := out[row]; !taken && row >= 0 && row < a.h {
				out[row] = Line{p.As(l.Token, " "+l.label())}.Cut(w, p.Ellipsis)
				break
			}
		}
	}
	return out
}

// legend names the spots and the bands.
func (c Curve) legend(p Palette, w int) []Line {
	var l Line
	add := func(token Token, glyph, name string) {
		if name == "" {
			return
		}
		if len(l) > 0 {
			l = append(l, p.Text("   "))
		}
		l = append(l, p.As(token, glyph), p.Text(" "+name).Whole(w/2))
	}
	for i, s := range c.Spots {
		add(Accent, spotGlyph(i), s.Name)
	}
	if slices.ContainsFunc(c.Lines, func(l Plot) bool { return l.Letter != "" }) {
		add(Normal, several, p.Voice.Text("several at one place"))
	}
	for _, b := range c.Bands {
		add(Muted, "░", b.Name)
	}
	if len(l) == 0 {
		return nil
	}
	return Wrap(l, w, 2)
}
