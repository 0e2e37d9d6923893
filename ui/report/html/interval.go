package html

import (
	"strings"

	"kpadvisor/say"
	"kpadvisor/ui/page"
)

// intervals are marks with what is known of them, on one axis with 0 on it.
func (m *markup) intervals(c page.Intervals) {
	if len(c.Rows) == 0 {
		return
	}
	var values []float64
	for _, r := range c.Rows {
		if values = append(values, r.Value); r.Bounded {
			values = append(values, r.Low, r.High)
		}
	}
	s := newScale(values, false, true)
	caption := m.inUnit(c.Of, c.Unit)
	if c.Level > 0 && c.Level < 1 {
		caption = m.voice.Sprintf("%s, %s %% intervals", caption, number(c.Level*100))
	}
	m.figure(c, caption, nil, func() {
		m.rows(func() {
			for _, r := range c.Rows {
				m.chartRow(func() { m.named(r.Name, r.Series) }, func() { m.interval(c, r, s) }, func() {
					m.leaf("span", r.Figure, "class", classes("value", toneClass(r.Tone)))
					m.words(" ")
					m.leaf("span", rests(m.voice, c, r), "class", "note")
				})
			}
			m.axisRow(s.ticks())
		})
	})
}

// rests is what a difference means, and what it rests on: "A is slower, blocks: 20".
func rests(v say.Voice, c page.Intervals, r page.Interval) string {
	over := r.Over
	if over != "" && strings.Trim(over, "0123456789,") == "" {
		over = v.Sprintf("%s: %s", c.Over, over)
	}
	if r.Verdict == "" || over == "" {
		return r.Verdict + over
	}
	return v.Sprintf("%s, %s", r.Verdict, over)
}

func (m *markup) interval(c page.Intervals, r page.Interval, s scale) {
	const middle, cap = rowHeight / 2, 5
	m.picture(r.Name, m.voice.Clauses(r.Figure, rests(m.voice, c, r)), seriesClass(r.Series), rowHeight)
	m.grid(s.ticks(), rowHeight)
	m.line("zero", s.at(0), 0, s.at(0), rowHeight)
	if r.Bounded {
		m.line("whisker", s.at(r.Low), middle, s.at(r.High), middle)
		m.line("whisker", s.at(r.Low), middle-cap, s.at(r.Low), middle+cap)
		m.line("whisker", s.at(r.High), middle-cap, s.at(r.High), middle+cap)
	}
	if finite(r.Value) {
		m.sign("fill", seriesShape(r.Series), s.at(r.Value), middle)
	}
	m.end()
}
