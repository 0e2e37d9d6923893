package html

import "kpadvisor/ui/page"

// rowHeight is that of a picture which is one of several rows.
const rowHeight = 28

// rows are pictures one below the other on one scale. Names and figures beside them are
// texts of the page, which fold where there is no room.
func (m *markup) rows(draw func()) {
	m.begin("div", "class", "rows")
	draw()
	m.end()
}

// row is one of them: its name and a remark on it, the picture, and what it comes to.
func (m *markup) chartRow(name, picture, note func()) {
	m.begin("div", "class", "row")
	m.begin("div", "class", "name")
	name()
	m.end()
	m.begin("div", "class", "plot")
	picture()
	m.end()
	m.begin("div", "class", "figure")
	note()
	m.end()
	m.end()
}

// axisRow has the numbers of the scale under the last row.
func (m *markup) axisRow(ticks []tick) {
	m.begin("div", "class", "row axis", "aria-hidden", "true")
	m.begin("div", "class", "plot")
	m.begin("svg", "width", "100%", "height", "20")
	for _, t := range ticks {
		m.label(t.label, tickClass(t), anchorAt(t.at, 0.04), t.at, 14)
	}
	m.end()
	m.end()
	m.end()
}

// grid goes through a row, so that the eye finds the numbers under the last one.
func (m *markup) grid(ticks []tick, height float64) {
	for _, t := range ticks {
		m.line("grid", t.at, 0, t.at, height)
	}
}

func tickClass(t tick) string {
	if t.minor {
		return "tick minor"
	}
	return "tick"
}

// named writes the name of a row with the sign of its series.
func (m *markup) named(name string, s page.Series) {
	m.begin("svg", "width", "12", "height", keyPixels(), "aria-hidden", "true", "class", seriesClass(s))
	m.sign("fill", seriesShape(s), 0.5, keyHeight/2)
	m.end()
	m.leaf("span", name)
}

func keyPixels() string { return pixels(keyHeight) }
