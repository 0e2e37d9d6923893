package html

import (
	"cmp"
	"slices"
	"strings"

	"kpadvisor/say"
	"kpadvisor/ui/page"
)

const (
	curveHeight  = 300
	curveColumns = 1000 // in which lines are drawn; the width of the page is not known
	fewPoints    = 12   // up to so many have a sign and an interval each
	labelLength  = 34   // characters of a label in a picture
	lineLabel    = 22   // of one beside it
)

// plot is a curve with its scales.
type plot struct {
	page.Curve
	x, y scale
}

func newPlot(c page.Curve) plot {
	var xs, ys []float64
	for _, l := range c.Lines {
		for _, p := range l.Points {
			xs, ys = append(xs, p.X), append(ys, p.Y, p.Low, p.High)
		}
	}
	for _, k := range c.Marks {
		xs, ys = append(xs, k.X), append(ys, k.Y)
	}
	for _, b := range c.Bands {
		xs = append(xs, b.From, b.To)
	}
	return plot{c, newScale(xs, c.X.Log, false), newScale(ys, c.Y.Log, true)}
}

// down is where a value lies below the top of the picture.
func (p plot) down(v float64) float64 { return (1 - p.y.at(v)) * curveHeight }

// curve has lines on two axes, the stretches and the places to look at.
func (m *markup) curve(c page.Curve) {
	if len(c.Lines)+len(c.Marks)+len(c.Bands) == 0 {
		return
	}
	p := newPlot(c)
	m.figure(c, m.voice.Sprintf("%s against %s", m.inUnit(c.Y.Name, c.Y.Unit), m.inUnit(c.X.Name, c.X.Unit)), m.curveKeys(c), func() {
		m.begin("div", "class", "curve")
		m.picture(m.voice.Sprintf("%s against %s", c.Y.Name, c.X.Name), p.told(m.voice), "", curveHeight)
		m.axes(p)
		m.stretched(curveColumns, curveHeight)
		for _, l := range c.Lines {
			m.shape("path", "class", classes("line", seriesClass(l.Series), dashed(l)), "d", p.path(l))
		}
		m.end()
		for _, l := range c.Lines {
			m.points(p, l)
		}
		m.lineNames(p)
		m.places(p)
		m.end()
		m.end()
		m.leaf("p", m.inUnit(c.X.Name, c.X.Unit), "class", "axis-name", "aria-hidden", "true")
	})
}

func dashed(l page.Line) string {
	if l.Dashed {
		return "dashed"
	}
	return ""
}

// axes are the numbers left of the picture and below it. Bands lie under the lines.
func (m *markup) axes(p plot) {
	for _, b := range p.Bands {
		from, to := p.x.at(min(b.From, b.To)), p.x.at(max(b.From, b.To))
		m.box("band", from, to, 0, curveHeight)
		m.line("edge", from, 0, from, curveHeight)
		m.line("edge", to, 0, to, curveHeight)
	}
	for _, t := range p.y.ticks() {
		y := (1 - t.at) * curveHeight
		m.line("grid", 0, y, 1, y)
		m.beside(t.label, tickClass(t), "end", 0, -8, y+4)
	}
	for _, t := range p.x.ticks() {
		m.line("base", t.at, curveHeight, t.at, curveHeight+5)
		m.label(t.label, tickClass(t), anchorAt(t.at, 0.03), t.at, curveHeight+18)
	}
	m.line("base", 0, curveHeight, 1, curveHeight)
}

// beside is a label some pixels from a share of the width.
func (m *markup) beside(s, class, anchor string, x, pixelsOff, y float64) {
	m.leaf("text", s, "class", class, "text-anchor", anchor, "x", percent(x), "dx", pixels(pixelsOff), "y", pixels(y))
}

// path goes through the points of a line that can be drawn.
func (p plot) path(l page.Line) string {
	var b strings.Builder
	pen := "M"
	for _, q := range l.Points {
		if finite(q.X) && finite(q.Y) {
			b.WriteString(pen + decimal(p.x.at(q.X)*curveColumns) + " " + decimal(p.down(q.Y)))
			pen = "L"
		}
	}
	return b.String()
}

// points are the signs of a line, which tell it from the others without its colour, and
// what is known of its values: of few points at each, of many as an area around the line.
func (m *markup) points(p plot, l page.Line) {
	every := max(1, (len(l.Points)+fewPoints-1)/fewPoints)
	class := classes(seriesClass(l.Series), "fill")
	if l.Dashed {
		class = classes(seriesClass(l.Series), "hollow")
	}
	for i, q := range l.Points {
		if i%every != 0 && i != len(l.Points)-1 || !finite(q.X) || !finite(q.Y) {
			continue
		}
		if finite(q.Low) && finite(q.High) && q.Low < q.High {
			m.line(classes("whisker", seriesClass(l.Series)), p.x.at(q.X), p.down(q.Low), p.x.at(q.X), p.down(q.High))
		}
		m.sign(class, seriesShape(l.Series), p.x.at(q.X), p.down(q.Y))
	}
}

// lineNames stand at the right of the lines where the page is wide enough, one below the
// other where the lines end close together.
func (m *markup) lineNames(p plot) {
	const apart = 15
	type end struct {
		name string
		y    float64
	}
	var ends []end
	for _, l := range p.Lines {
		if n := len(l.Points); n > 0 {
			ends = append(ends, end{l.Name, p.down(l.Points[n-1].Y)})
		}
	}
	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.y, b.y) })
	for i := range ends {
		if i > 0 {
			ends[i].y = max(ends[i].y, ends[i-1].y+apart)
		}
	}
	for i := len(ends) - 1; i >= 0; i-- { // and back up from the lower edge
		most := float64(curveHeight)
		if i < len(ends)-1 {
			most = ends[i+1].y - apart
		}
		ends[i].y = min(ends[i].y, most)
	}
	for _, e := range ends {
		m.beside(shortened(e.name, lineLabel), "direct", "start", 1, 10, e.y+4)
	}
}

// places are the bands' names and the marks with theirs.
func (m *markup) places(p plot) {
	var l labels
	for _, k := range p.Marks {
		l.keepFree(p.x.at(k.X), p.down(k.Y))
	}
	for _, b := range p.Bands {
		name := shortened(b.Name, labelLength)
		at := (p.x.at(b.From) + p.x.at(b.To)) / 2
		m.label(name, "place muted", anchorAt(at, 1./3), at, l.place(name, at, 14, 30, 46, 62))
	}
	for i, k := range p.Marks {
		if !finite(k.X) || !finite(k.Y) {
			continue
		}
		name, at, y := shortened(k.Name, labelLength), p.x.at(k.X), p.down(k.Y)
		class := "spot"
		if i > 0 {
			class = "spot later" // the first one is where the cluster is
		}
		m.sign(class, round, at, y)
		m.label(name, "place", anchorAt(at, 1./3), at, l.place(name, at, y-12, y+20, y-28, y+36, y-44, y+52))
	}
}

// curveKeys tell the lines apart, and what was measured from what is estimated.
func (m *markup) curveKeys(c page.Curve) []key {
	var keys []key
	for _, l := range c.Lines {
		what := m.voice.Text("measured")
		sign := "fill"
		if l.Dashed {
			what, sign = m.voice.Text("estimate"), "hollow"
		}
		keys = append(keys, key{name: m.voice.Sprintf("%s, %s", l.Name, what), draw: func() {
			m.line(classes("line", seriesClass(l.Series), dashed(l)), 0, keyHeight/2, 1, keyHeight/2)
			m.sign(classes(seriesClass(l.Series), sign), seriesShape(l.Series), 0.5, keyHeight/2)
		}})
	}
	return keys
}

// told says in words what the picture shows.
func (p plot) told(v say.Voice) string {
	var parts []string
	for _, l := range p.Lines {
		if n := len(l.Points); n > 0 {
			parts = append(parts, l.Name+" "+p.point(l.Points[0])+" – "+p.point(l.Points[n-1]))
		}
	}
	for _, k := range p.Marks {
		parts = append(parts, k.Name)
	}
	for _, b := range p.Bands {
		parts = append(parts, b.Name+" "+number(b.From)+" – "+with(number(b.To), p.X.Unit))
	}
	return v.Clauses(parts...)
}

func (p plot) point(q page.Point) string {
	return with(number(q.Y), p.Y.Unit) + " @ " + with(number(q.X), p.X.Unit)
}
