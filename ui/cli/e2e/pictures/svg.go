//go:build unix

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// The size of a cell and what is around the screen, in px.
const (
	cellWidth  = 8.4
	cellHeight = 18
	baseline   = 13.5
	margin     = 14
)

// theme is the colours of a terminal.
type theme struct {
	ground, text, faint string
	basic               [16]string
}

func darkTheme() theme {
	return theme{ground: "#14171c", text: "#d7dae0", faint: "#8b93a1", basic: [16]string{
		"#14171c", "#e06c75", "#98c379", "#d19a66", "#61afef", "#c678dd", "#56b6c2", "#d7dae0",
		"#5c6370", "#ff7b86", "#a9d68a", "#e5c07b", "#74bdfb", "#d38ae8", "#6bcad6", "#ffffff",
	}}
}

func lightTheme() theme {
	return theme{ground: "#fbfbf8", text: "#24292f", faint: "#6e7781", basic: [16]string{
		"#24292f", "#b3261e", "#1a7f37", "#9a6700", "#0550ae", "#8250df", "#1b7c83", "#6e7781",
		"#57606a", "#cf222e", "#2da44e", "#bf8700", "#218bff", "#a475f9", "#3192aa", "#24292f",
	}}
}

// picture draws what a terminal of that size shows: text with escape codes of colour
// and style, a line for each row.
func picture(text string, width, height int, light bool) []byte {
	t := darkTheme()
	if light {
		t = lightTheme()
	}
	screen := uv.NewScreenBuffer(width, height)
	screen.Method = ansi.GraphemeWidth
	uv.NewStyledString(strings.TrimRight(text, "\n")).Draw(screen, screen.Bounds())
	var b bytes.Buffer
	w, h := float64(width)*cellWidth+2*margin, height*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %d" width="%.0f" height="%d" `+
		`font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", t.ground)
	for y := range height {
		t.row(&b, screen.Line(y), y)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// row draws a row, a run of cells of one style at a time.
func (t theme) row(b *bytes.Buffer, line uv.Line, y int) {
	for from := 0; from < len(line); {
		style, to, text := line[from].Style, from, ""
		for to < len(line) && line[to].Style.Equal(&style) {
			text += cmp.Or(line[to].Content, " ")
			to += max(line[to].Width, 1)
		}
		t.run(b, style, text, from, to-from, y)
		from = to
	}
}

func (t theme) run(b *bytes.Buffer, s uv.Style, text string, x, cells, y int) {
	fore, back := t.hex(s.Fg, t.text), t.hex(s.Bg, t.ground)
	if s.Attrs&uv.AttrFaint != 0 && s.Fg == nil {
		fore = t.faint
	}
	if s.Attrs&uv.AttrReverse != 0 {
		fore, back = back, fore
	}
	left, top, wide := margin+float64(x)*cellWidth, margin+y*cellHeight, float64(cells)*cellWidth
	if back != t.ground {
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, wide, cellHeight, back)
	}
	visible := strings.TrimRight(text, " ")
	if visible == "" {
		return
	}
	wide -= float64(len(text)-len(visible)) * cellWidth
	lead := len(visible) - len(strings.TrimLeft(visible, " "))
	left, wide = left+float64(lead)*cellWidth, wide-float64(lead)*cellWidth
	weight := ""
	if s.Attrs&uv.AttrBold != 0 {
		weight = ` font-weight="bold"`
	}
	// The length keeps the grid, whatever font there is.
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s"%s textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve">%s</text>`+"\n",
		left, float64(top)+baseline, fore, weight, wide, html.EscapeString(visible[lead:]))
}

// hex is a colour as SVG writes it: one of the sixteen of the theme, or its own.
func (t theme) hex(c color.Color, none string) string {
	switch c := c.(type) {
	case nil:
		return none
	case ansi.BasicColor:
		return t.basic[c%16]
	case ansi.IndexedColor:
		if c < 16 {
			return t.basic[c]
		}
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
