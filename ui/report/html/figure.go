package html

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/ui/page"
)

// Pictures have their width from the page and places along it as shares of it, so that
// one drawing fits a phone, a screen and paper; heights are pixels. Margins are the
// style's, and what is written in them stands outside the picture.

// key says what a sign of a picture means, or a letter in it.
type key struct {
	name   string
	draw   func() // in a box of keyWidth by keyHeight pixels; nil for a letter
	letter string
}

const keyWidth, keyHeight = 30, 12

// mostOnPaper is how many rows of numbers under a picture are printed with it.
const mostOnPaper = 30

// figure is a picture with what it shows above it, and below it what its signs mean and
// all of its numbers.
func (m *markup) figure(of page.Block, caption string, keys []key, draw func()) {
	m.begin("figure")
	m.leaf("figcaption", caption)
	draw()
	m.legend(keys)
	if c, ok := of.(page.Chart); ok {
		t, many := c.Table(m.voice), ""
		t.Title = "" // is the caption's
		if len(t.Rows) > mostOnPaper {
			many = "many"
		}
		m.begin("details", "class", many)
		m.leaf("summary", m.voice.Text("The numbers of this picture"))
		m.table(t)
		m.end()
	}
	m.end()
}

func (m *markup) legend(keys []key) {
	if len(keys) == 0 {
		return
	}
	m.begin("ul", "class", "legend")
	for _, k := range keys {
		m.begin("li")
		if k.draw == nil {
			m.leaf("strong", k.letter)
		} else {
			m.begin("svg", "width", strconv.Itoa(keyWidth), "height", strconv.Itoa(keyHeight), "aria-hidden", "true")
			k.draw()
			m.end()
		}
		m.leaf("span", k.name)
		m.end()
	}
	m.end()
}

// picture begins an image and says in words what it shows.
func (m *markup) picture(title, description, class string, height float64) {
	m.begin("svg", "role", "img", "class", class, "width", "100%", "height", pixels(height))
	m.leaf("title", title)
	m.leaf("desc", description)
}

// stretched begins the part of a picture in which lines are drawn: columns that become as
// wide as the picture, and pixels of its height.
func (m *markup) stretched(columns, height int) {
	m.begin("svg", "viewBox", fmt.Sprintf("0 0 %d %d", columns, height), "preserveAspectRatio", "none",
		"width", "100%", "height", strconv.Itoa(height))
}

// line is straight, from a share of the width and pixels of the height to others.
func (m *markup) line(class string, x1, y1, x2, y2 float64) {
	m.shape("line", "class", class, "x1", percent(x1), "y1", pixels(y1), "x2", percent(x2), "y2", pixels(y2))
}

// box is a rectangle between two shares of the width.
func (m *markup) box(class string, from, to, y, height float64) {
	m.shape("rect", "class", class, "x", percent(from), "y", pixels(y),
		"width", percent(max(to-from, 0)), "height", pixels(height))
}

// label is a text in a picture.
func (m *markup) label(s, class, anchor string, x, y float64) {
	m.leaf("text", s, "class", class, "text-anchor", anchor, "x", percent(x), "y", pixels(y))
}

// sign is a small shape around a place.
func (m *markup) sign(class, path string, x, y float64) {
	m.begin("svg", "class", "at", "x", percent(x), "y", pixels(y), "width", "1", "height", "1")
	m.shape("path", "class", class, "d", path)
	m.end()
}

// The shapes that tell series apart where colours do not.
const (
	round    = "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"
	square   = "M-4 -4h8v8h-8z"
	triangle = "M0 -5l5 9h-10z"
	diamond  = "M0 -5.5l5 5.5l-5 5.5l-5 -5.5z"
	hanging  = "M0 5l5 -9h-10z"
	plus     = "M-1.5 -5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z"
	cross    = "M-5 -3l2 -2l3 3l3 -3l2 2l-3 3l3 3l-2 2l-3 -3l-3 3l-2 -2l3 -3z"
)

// manySeries is how many have a colour and a shape of their own.
const manySeries = 7

// seriesClass is the colour of a series.
func seriesClass(s page.Series) string {
	if s <= 0 {
		return "s0"
	}
	return "s" + strconv.Itoa((int(s)-1)%manySeries+1)
}

func seriesShape(s page.Series) string {
	if s <= 0 {
		return round
	}
	return []string{round, square, triangle, diamond, hanging, plus, cross}[(int(s)-1)%manySeries]
}

// percent is a share as SVG writes it.
func percent(share float64) string { return decimal(share*100) + "%" }

func pixels(v float64) string { return decimal(v) }

// decimal has two digits behind the point at most.
func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// anchorAt lets a text at the edge of a picture grow inwards.
func anchorAt(share, edge float64) string {
	switch {
	case share < edge:
		return "start"
	case share > 1-edge:
		return "end"
	}
	return "middle"
}

// shortened is s where there is no room for more; it stands in full elsewhere.
func shortened(s string, most int) string {
	return ansi.Truncate(s, most, "…")
}
