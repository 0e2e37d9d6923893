package kit

import "math"

// Distributions are how values of a few things spread, one above the other on one axis.
type Distributions struct {
	Of, Unit string
	Tall     int    // how many rows of cells each has; 0 is one
	Figures  string // what the figures are, under them
	Rows     []Spread
}

// Spread is one of them: quantiles, ascending in both.
type Spread struct {
	Name, Figure string
	Token        Token
	Quantiles    []Quantile
}

// Quantile says that so much of all values, from 0 to 1, is not above Value.
type Quantile struct{ Share, Value float64 }

// logFrom is how many times the least the greatest is for the axis to be logarithmic.
const logFrom = 20

// Draw draws a row for each and the axis, in at most w by h cells.
func (d Distributions) Draw(p Palette, w, h int) []Line {
	var values []float64
	name, figure := 0, 0
	for _, r := range d.Rows {
		name, figure = max(name, Cells(p.Fit(r.Name))+1), max(figure, Cells(p.Fit(r.Figure))+1)
		for _, q := range r.Quantiles {
			values = append(values, q.Value)
		}
	}
	name, figure = min(name, max(w/3, 0)), min(figure, max(w/2, 0))
	room := w - name - figure
	if room < 8 || h < 2 || len(values) == 0 {
		return nil
	}
	r := newRuler(false, values...)
	if r.low > 0 && r.high >= logFrom*r.low {
		r = newRuler(true, values...)
	}
	r = r.rounded(max(room/8, 2)) // and so the same axis while values grow a little
	tall := max(d.Tall, 1)
	var out []Line
	if d.Of != "" && h > tall*len(d.Rows)+1 {
		out = append(out, Line{p.Strong(d.Of)}.Cut(w, p.Ellipsis))
	}
	for _, one := range d.Rows[:min(len(d.Rows), (h-1-len(out))/tall)] {
		for i, text := range p.heights(one.density(r, room), tall) {
			l := Line{{Text: repeated(" ", name)}, {Token: one.Token, Text: text}}
			if i == tall-1 {
				l = append(p.Column(one.Token, one.Name, name), Span{Token: one.Token, Text: text}, p.As(Normal, " "+one.Figure))
			}
			out = append(out, l.Cut(w, p.Ellipsis))
		}
	}
	foot := append(Line{{Text: repeated(" ", name)}}, p.axisLine(r, room, d.Unit)...)
	return append(out, append(foot, p.Muted(" "+d.Figures)).Cut(w, p.Ellipsis))
}

// density is the share of all values in each of n cells. Between two quantiles it is
// the same everywhere: nothing more is known.
func (s Spread) density(r ruler, n int) []float64 {
	out := make([]float64, n)
	before := Quantile{math.NaN(), math.NaN()}
	for _, q := range s.Quantiles {
		if !drawable(q.Value) || !drawable(q.Share) {
			continue
		}
		if mass := q.Share - before.Share; mass > 0 && mass <= 1 {
			from, to := r.share(before.Value)*float64(n), r.share(q.Value)*float64(n)
			spill(out, mass, min(from, to), max(from, to))
		}
		before = q
	}
	return out
}

// spill spreads a mass evenly between two places among cells.
func spill(cells []float64, mass, from, to float64) {
	last := len(cells) - 1
	first := min(int(from), last)
	if int(to) <= first || to-from < 1e-9 {
		cells[first] += mass
		return
	}
	for i := first; i <= min(int(to), last); i++ {
		part := min(to, float64(i+1)) - max(from, float64(i))
		cells[i] += mass * max(part, 0) / (to - from)
	}
}

// heights draws values from 0 up to the greatest as columns so many cells tall, the top
// row first; 0 is blank.
func (p Palette) heights(values []float64, tall int) []string {
	glyphs := []rune("▁▂▃▄▅▆▇█")
	if p.ASCII {
		glyphs = []rune(".:-=+*#@")
	}
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	out := make([]string, tall)
	for row := range out {
		cells := make([]rune, len(values))
		for i, v := range values {
			cells[i] = ' '
			if v > 0 && top > 0 {
				eighths := min(int(v/top*float64(levels*tall)), levels*tall-1) - levels*(tall-1-row)
				if eighths >= 0 {
					cells[i] = glyphs[min(eighths, levels-1)]
				}
			}
		}
		out[row] = string(cells)
	}
	return out
}
