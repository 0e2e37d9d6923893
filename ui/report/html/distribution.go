package html

import (
	"slices"
	"strings"

	"kpadvisor/ui/page"
)

// wideSpread is how many times its smallest value the largest one must be before
// a distribution is drawn on a logarithmic scale.
const wideSpread = 20

// distribution has for each thing a line from its lowest to its highest quantile, a
// stroke at each of them, and a box for each pair that has as much below as above it.
func (m *markup) distribution(d page.Distribution) {
	if len(d.Rows) == 0 {
		return
	}
	var values []float64
	for _, r := range d.Rows {
		for _, q := range r.Quantiles {
			if finite(q.Value) {
				values = append(values, q.Value)
			}
		}
	}
	s := newScale(values, wide(values), true)
	keys := []key{{name: m.voice.Sprintf("marks at %s", quantileNames(d.Rows)), draw: func() {
		m.line("whisker s0", 0.1, keyHeight/2, 0.9, keyHeight/2)
		for _, x := range []float64{0.1, 0.5, 0.9} {
			m.line("whisker s0", x, 1, x, keyHeight-1)
		}
	}}}
	m.figure(d, m.inUnit(d.Of, d.Unit), keys, func() {
		m.rows(func() {
			for _, r := range d.Rows {
				m.chartRow(func() { m.spreadName(r) }, func() { m.spread(r, s, d.Unit) }, func() {
					m.leaf("span", spreadFigure(r, d.Unit), "class", "value")
				})
			}
			m.axisRow(s.ticks())
		})
	})
}

func wide(values []float64) bool {
	return len(values) > 0 && slices.Min(values) > 0 && slices.Max(values) >= wideSpread*slices.Min(values)
}

func (m *markup) spreadName(r page.Spread) {
	m.named(r.Name, r.Series)
	if r.N > 0 {
		m.words(" ")
		m.leaf("span", m.voice.Count(int(r.N), "value"), "class", "note")
	}
}

// spreadFigure is the middle and the end of a distribution.
func spreadFigure(r page.Spread, unit string) string {
	var parts []string
	for i, q := range r.Quantiles {
		if q.Share == 0.5 || i == len(r.Quantiles)-1 {
			parts = append(parts, quantileName(q)+" "+with(number(q.Value), unit))
		}
	}
	return strings.Join(parts, " · ")
}

// quantileName is "p99.9".
func quantileName(q page.Quantile) string { return "p" + number(q.Share*100) }

// quantileNames are those that all rows together have.
func quantileNames(rows []page.Spread) string {
	var names []string
	var all []page.Quantile
	for _, r := range rows {
		all = append(all, r.Quantiles...)
	}
	slices.SortStableFunc(all, func(a, b page.Quantile) int {
		switch {
		case a.Share < b.Share:
			return -1
		case a.Share > b.Share:
			return 1
		}
		return 0
	})
	for _, q := range all {
		if n := quantileName(q); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

func (m *markup) spread(r page.Spread, s scale, unit string) {
	const middle, most = rowHeight / 2, 11
	m.picture(r.Name, spreadFigure(r, unit), seriesClass(r.Series), rowHeight)
	m.grid(s.ticks(), rowHeight)
	known := slices.DeleteFunc(slices.Clone(r.Quantiles), func(q page.Quantile) bool { return !finite(q.Value) })
	if n := len(known); n > 0 {
		m.line("whisker", s.at(known[0].Value), middle, s.at(known[n-1].Value), middle)
	}
	for low, high := 0, len(known)-1; low < high; {
		below, above := known[low].Share, 1-known[high].Share
		switch {
		case near(below, above): // the further in, the higher
			half := 3 + min(below*2, 1)*(most-3)
			m.box("box", s.at(known[low].Value), s.at(known[high].Value), middle-half, 2*half)
			low, high = low+1, high-1
		case below < above:
			low++
		default:
			high--
		}
	}
	for _, q := range known {
		half := 4.0
		if q.Share == 0.5 {
			half = most
		}
		m.line("whisker", s.at(q.Value), middle-half, s.at(q.Value), middle+half)
	}
	for _, q := range known {
		if q.Share == 0.5 {
			m.sign("fill", seriesShape(r.Series), s.at(q.Value), middle)
		}
	}
	m.end()
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }
