package kit

// Intervals are differences with their confidence intervals, on one axis that has 0 on
// it.
type Intervals struct {
	Of, Unit string
	Rows     []Interval
	Figures  string // what the figures are, under them
}

// Interval is one of them.
type Interval struct {
	Name             string
	Token            Token
	Low, Value, High float64
	Figure           string // as it is written
}

// Draw draws a row for each and the axis, in at most w by h cells.
func (v Intervals) Draw(p Palette, w, h int) []Line {
	ends := []float64{0}
	name, figure := 0, 0
	for _, r := range v.Rows {
		name, figure = max(name, Cells(p.Fit(r.Name))+1), max(figure, Cells(p.Fit(r.Figure))+1, Cells(p.Fit(v.Figures))+1)
		ends = append(ends, r.Low, r.Value, r.High)
	}
	name, figure = min(name, max(w/3, 0)), min(figure, max(w/2, 0))
	room := w - name - figure
	if room < 12 || h < 2 || len(v.Rows) == 0 {
		return nil
	}
	axis := newRuler(false, ends...).rounded(max(room/12, 2))
	var out []Line
	if v.Of != "" && h > len(v.Rows)+1 {
		out = append(out, Line{p.Strong(v.Of)}.Cut(w, p.Ellipsis))
	}
	for _, r := range v.Rows[:min(len(v.Rows), h-1-len(out))] {
		l := append(p.Column(Normal, r.Name, name), p.interval(r, axis, room)...)
		out = append(out, append(l, p.As(Normal, " "+r.Figure)).Cut(w, p.Ellipsis))
	}
	foot := append(Line{{Text: repeated(" ", name)}}, p.axisLine(axis, room, v.Unit)...)
	return append(out, append(foot, p.Muted(" "+v.Figures)).Cut(w, p.Ellipsis))
}

// interval draws one from end to end, with the place of 0 behind it.
func (p Palette) interval(r Interval, axis ruler, w int) Line {
	c := NewCanvas(p, w, 1)
	if drawable(r.Low) && drawable(r.High) && drawable(r.Value) {
		from, to := axis.at(min(r.Low, r.High), w), axis.at(max(r.Low, r.High), w)
		for col := from; col <= to; col++ {
			c.Glyph(col, 0, p.Fit("─"), r.Token)
		}
		if to > from {
			c.Glyph(from, 0, p.Fit("├"), r.Token)
			c.Glyph(to, 0, p.Fit("┤"), r.Token)
		}
		c.Glyph(axis.at(r.Value, w), 0, p.Fit("●"), r.Token)
	}
	c.Ground(axis.at(0, w), 0, p.Fit("┊"), Muted)
	return c.Lines()[0]
}
