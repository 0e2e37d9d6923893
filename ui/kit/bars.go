package kit

import (
	"math"
	"strings"
)

// Bars compares a few things by length: a solid bar up to what is certain, a light one on
// to what is possible, the figure beside it.
type Bars struct {
	Of     string // what is compared; stands above the bars
	Beside string // what stands beside them, above the notes
	Bars   []Bar
}

// Bar is one of them.
type Bar struct {
	Name      string
	Token     Token
	Low, High float64 // equal where the value is known exactly
	Known     bool
	Figure    string // as it is written
	Note      string
	Chosen    bool
}

// Draw draws a row for each bar, under a heading if there is one.
func (b Bars) Draw(p Palette, w, h int) []Line {
	if w <= 0 || h <= 0 || len(b.Bars) == 0 {
		return nil
	}
	c := b.columns(p, w)
	var out []Line
	if b.Of != "" || b.Beside != "" {
		head := Line{{Text: repeated(" ", c.name)}}
		head = append(head, p.Column(Muted, b.Of, c.bar+c.figure)...)
		out = append(out, append(head, p.Muted(b.Beside)).Cut(w, p.Ellipsis))
	}
	for _, one := range b.Bars {
		token := Normal
		if one.Chosen {
			token = Strong
		}
		l := p.Column(token, one.Name, c.name)
		drawn := Line{p.Muted(p.Voice.Text("unknown"))}
		if one.Known && drawable(one.High) && drawable(one.Low) {
			drawn = append(p.bar(one, c.top, c.bar), p.As(token, " "+one.Figure))
		}
		l = append(l, drawn.Cut(c.bar+c.figure-1, p.Ellipsis).Pad(c.bar+c.figure)...)
		out = append(out, append(l, p.Text(one.Note)).Cut(w, p.Ellipsis))
	}
	return out[:min(len(out), h)]
}

// Bar is one bar alone, at most w cells long, on a scale that ends at top.
func (p Palette) Bar(b Bar, top float64, w int) Line {
	if w <= 0 || !b.Known || !drawable(b.Low) || !drawable(b.High) {
		return nil
	}
	return p.bar(b, top, w)
}

// barColumns are the widths of a comparison.
type barColumns struct {
	name, bar, figure int
	top               float64 // the value of a whole bar
}

// columns shares the width: names, figures and notes take what they need, and the bars
// have what is left, but no less than a few cells and no more than can be compared.
func (b Bars) columns(p Palette, w int) barColumns {
	const least, most = 8, 60
	var c barColumns
	note := Cells(p.Fit(b.Beside))
	for _, one := range b.Bars {
		c.name = max(c.name, Cells(p.Fit(one.Name))+2)
		c.figure = max(c.figure, Cells(p.Fit(one.Figure))+3)
		note = max(note, Cells(p.Fit(one.Note)))
		if one.Known && drawable(one.High) {
			c.top = max(c.top, bounded(one.High), bounded(one.Low))
		}
	}
	c.name = min(c.name, max(w/3, 1))
	c.bar = max(min(w-c.name-c.figure-note, most), min(least, max(w-c.name-c.figure, 1)))
	c.figure = max(c.figure, Cells(p.Fit(b.Of))+2-c.bar)
	return c
}

// bar draws one value at most w cells wide. What is there but too small to be seen has
// the thinnest bar.
func (p Palette) bar(b Bar, top float64, w int) Line {
	length := func(v float64) float64 {
		if !(top > 0) || !(v > 0) { //nolint:staticcheck // also true for NaN
			return 0
		}
		return min(bounded(v)/top, 1) * float64(w)
	}
	low, high := length(min(b.Low, b.High)), length(max(b.Low, b.High))
	full, light := "█", "░"
	eighths := []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}
	if p.ASCII {
		full, light, eighths = "#", ".", []string{""}
	}
	n := len(eighths)
	parts := int(math.Round(low * float64(n)))
	solid := repeated(full, parts/n) + eighths[parts%n]
	rest := int(math.Ceil(high-1e-9)) - (parts+n-1)/n
	switch {
	case parts == 0 && rest <= 0 && p.ASCII:
		solid = "|"
	case parts == 0 && rest <= 0:
		solid = eighths[1]
	}
	return Line{{Token: b.Token, Text: solid}, {Token: b.Token, Text: repeated(light, rest)}}
}

// repeated is strings.Repeat for a count that may be less than none.
func repeated(s string, n int) string { return strings.Repeat(s, max(n, 0)) }
