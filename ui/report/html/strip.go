package html

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

const (
	stripHeight  = 56
	stripMargin  = 4
	stripColumns = 600 // moments closer to each other are drawn as one
	letterHeight = 15
	leastBetween = 0.04 // of the width, between two letters on one line
)

// longest is how long a strip can be; sums of its moments are still times.
const longest = 50 * 365 * 24 * time.Hour

// course is a strip with its two scales.
type course struct {
	page.Strip
	top    float64
	length time.Duration
}

func newCourse(s page.Strip) course {
	c := course{Strip: s, top: s.Top, length: s.Length}
	for _, r := range s.Rows {
		for _, p := range r.Points {
			c.length = max(c.length, p.At)
			if !finite(s.Top) || s.Top <= 0 {
				c.top = max(0, c.top, finiteOr0(p.Value))
			}
		}
	}
	if !finite(c.top) || c.top <= 0 {
		c.top = 1
	}
	c.length = min(c.length, longest)
	return c
}

func finiteOr0(v float64) float64 {
	if finite(v) {
		return v
	}
	return 0
}

// at is a moment as a share of the width.
func (c course) at(d time.Duration) float64 {
	if c.length <= 0 {
		return 0
	}
	return max(0, min(float64(d)/float64(c.length), 1))
}

// y is a value as a place in a row.
func (c course) y(v float64) float64 {
	share := max(0, min(finiteOr0(v)/c.top, 1))
	return stripHeight - stripMargin - share*(stripHeight-2*stripMargin)
}

// strip has a row for each thing on one scale, what happened to it marked there, and the
// moments that all share marked through all rows.
func (m *markup) strip(s page.Strip) {
	if len(s.Rows) == 0 {
		return
	}
	c := newCourse(s)
	caption := m.voice.Sprintf("%s, 0 to %s", c.Of, with(number(c.top), c.Unit))
	if c.length > 0 {
		caption = m.voice.Sprintf("%s, over %s", caption, moment(c.length))
	}
	m.figure(s, caption, m.stripKeys(c), func() {
		m.rows(func() {
			m.letters(c)
			for _, r := range c.Rows {
				m.chartRow(func() { m.named(r.Name, r.Series) }, func() { m.stripRow(c, r) }, func() {})
			}
			m.axisRow(timeTicks(c.length))
		})
	})
}

// letters stand above the rows where the events are, on as many lines as they need.
func (m *markup) letters(c course) {
	if len(c.Events) == 0 {
		return
	}
	var ends []float64 // of each line
	lines := make([]int, len(c.Events))
	for i, e := range c.Events {
		at := c.at(e.At)
		line := slices.IndexFunc(ends, func(end float64) bool { return at-end >= leastBetween })
		if line < 0 {
			line = len(ends)
			ends = append(ends, 0)
		}
		ends[line], lines[i] = at, line
	}
	m.chartRow(func() {}, func() {
		m.begin("svg", "width", "100%", "height", pixels(float64(len(ends)*letterHeight)), "aria-hidden", "true")
		for i, e := range c.Events {
			m.label(shortened(e.Letter, 3), "letter", anchorAt(c.at(e.At), 0.02), c.at(e.At), float64((lines[i]+1)*letterHeight-3))
		}
		m.end()
	}, func() {})
}

func (m *markup) stripRow(c course, r page.StripRow) {
	m.picture(r.Name, c.told(m.voice, r), seriesClass(r.Series), stripHeight)
	m.line("grid", 0, stripMargin, 1, stripMargin)
	m.line("base", 0, stripHeight-stripMargin, 1, stripHeight-stripMargin)
	for _, e := range c.Events {
		m.line("event", c.at(e.At), 0, c.at(e.At), stripHeight)
	}
	m.stretched(stripColumns, stripHeight)
	if d := c.path(r.Points); d != "" {
		m.shape("path", "class", "line", "d", d)
	}
	m.end()
	drawn := map[[2]int]bool{}
	for _, p := range r.Points {
		place := [2]int{int(p.Seen), int(c.at(p.At) * stripColumns / 4)} // a sign is four columns wide
		if p.Seen != page.Measured && !drawn[place] {
			drawn[place] = true
			m.seen(p.Seen, c.at(p.At), stripPlace(p.Seen))
		}
	}
	m.end()
}

// path goes through what was measured, and breaks where nothing could be. In one column
// it goes from the lowest to the highest value.
func (c course) path(points []page.StripPoint) string {
	var b strings.Builder
	column, low, high, pen := -1, 0.0, 0.0, "M"
	flush := func() {
		if column < 0 {
			return
		}
		fmt.Fprintf(&b, "%s%d %s", pen, column, decimal(c.y(low)))
		pen = "L"
		if high != low {
			fmt.Fprintf(&b, "L%d %s", column, decimal(c.y(high)))
		}
		column = -1
	}
	for _, p := range points {
		switch p.Seen {
		case page.Measured:
			if at := int(c.at(p.At) * stripColumns); at != column {
				flush()
				column, low, high = at, p.Value, p.Value
			}
			low, high = min(low, p.Value), max(high, p.Value)
		case page.Lost, page.Stalled:
			flush()
			pen = "M"
		case page.Late, page.Changed: // the line goes on
		}
	}
	flush()
	return b.String()
}

// seen draws the sign of what else was seen.
func (m *markup) seen(s page.Seen, x, y float64) {
	switch s {
	case page.Lost:
		m.sign("seen bad", cross, x, y)
	case page.Late:
		m.sign("seen warn", hanging, x, y)
	case page.Stalled:
		m.sign("seen muted", square, x, y)
	case page.Changed:
		m.sign("seen", diamond, x, y)
	case page.Measured:
	}
}

// stripPlace is where in a row such a sign stands: no two hide each other.
func stripPlace(s page.Seen) float64 {
	switch s {
	case page.Lost:
		return 10
	case page.Late:
		return 22
	case page.Changed:
		return 34
	case page.Stalled, page.Measured:
	}
	return 46
}

// stripKeys explain the letters of the events and the signs that were used.
func (m *markup) stripKeys(c course) []key {
	var keys []key
	for i, e := range c.Events {
		again := func(before page.Event) bool { return before.Letter == e.Letter && before.Name == e.Name }
		if !slices.ContainsFunc(c.Events[:i], again) {
			keys = append(keys, key{name: e.Name, letter: e.Letter})
		}
	}
	for _, s := range []page.Seen{page.Lost, page.Late, page.Stalled, page.Changed} {
		if slices.ContainsFunc(c.Rows, func(r page.StripRow) bool { return saw(r, s) }) {
			keys = append(keys, key{name: s.Says(m.voice), draw: func() { m.seen(s, 0.5, keyHeight/2) }})
		}
	}
	return keys
}

func saw(r page.StripRow, s page.Seen) bool {
	return slices.ContainsFunc(r.Points, func(p page.StripPoint) bool { return p.Seen == s })
}

// told says in words what a row shows.
func (c course) told(v say.Voice, r page.StripRow) string {
	var values []float64
	seen := map[page.Seen]int{}
	for _, p := range r.Points {
		if p.Seen == page.Measured && finite(p.Value) {
			values = append(values, p.Value)
		}
		seen[p.Seen] += max(1, p.Amount)
	}
	var parts []string
	if len(values) > 0 {
		parts = append(parts, number(slices.Min(values))+" – "+with(number(slices.Max(values)), c.Unit))
	}
	for _, s := range []page.Seen{page.Lost, page.Late, page.Stalled, page.Changed} {
		if seen[s] > 0 {
			parts = append(parts, v.Sprintf("%s: %s", s.Says(v), plain.Number(seen[s])))
		}
	}
	return v.Clauses(parts...)
}
