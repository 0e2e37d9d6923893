package html

import "kpadvisor/ui/page"

// comparison has a bar for each thing, full as far as it is known to reach, and pale
// from there to where it reaches at most.
func (m *markup) comparison(c page.Comparison) {
	if len(c.Bars) == 0 {
		return
	}
	var values []float64
	ranged := false
	for _, b := range c.Bars {
		if b.Known {
			values = append(values, b.Low, b.High)
			ranged = ranged || b.Low != b.High
		}
	}
	s := newScale(values, false, true)
	var keys []key
	if ranged {
		keys = append(keys, key{name: m.voice.Text("what is known of a value, from its lowest to its highest"), draw: func() {
			m.box("bar s0", 0, 0.4, 1, keyHeight-2)
			m.box("range s0", 0.4, 1, 1, keyHeight-2)
		}})
	}
	m.figure(c, m.inUnit(c.Of, c.Unit), keys, func() {
		m.rows(func() {
			for _, b := range c.Bars {
				m.chartRow(func() { m.barName(b) }, func() { m.bar(b, s) }, func() {
					m.leaf("span", b.Figure, "class", "value")
					m.words(" ")
					m.prose("span", b.Note, "class", "note")
				})
			}
			if len(values) > 0 {
				m.axisRow(s.ticks())
			}
		})
	})
}

func (m *markup) barName(b page.Bar) {
	if !b.Chosen {
		m.leaf("span", b.Name)
		return
	}
	m.leaf("strong", b.Name)
	m.words(" ")
	m.leaf("span", m.voice.Text("advised"), "class", "tag")
}

func (m *markup) bar(b page.Bar, s scale) {
	const margin = 5
	m.picture(b.Name, b.Figure, seriesClass(b.Series), rowHeight)
	m.grid(s.ticks(), rowHeight)
	if b.Known {
		low, high, zero := min(b.Low, b.High), max(b.Low, b.High), s.at(0)
		switch { // full is what lies between 0 and the nearer end of what is known
		case low >= 0:
			m.box("bar", zero, s.at(low), margin, rowHeight-2*margin)
		case high <= 0:
			m.box("bar", s.at(high), zero, margin, rowHeight-2*margin)
		}
		if low != high {
			m.box("range", s.at(low), s.at(high), margin, rowHeight-2*margin)
		}
		m.line("base", zero, 0, zero, rowHeight)
	} else if b.Figure == "" {
		m.label(m.voice.Text("unknown"), "muted", "start", 0.02, rowHeight/2+4)
	}
	m.end()
}
