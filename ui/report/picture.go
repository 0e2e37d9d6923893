package report

import (
	"math"
	"slices"
	"strings"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// The largest picture of a report, in cells.
const (
	widestPicture = 100
	curveRows     = 16
	anyRows       = 1 << 10 // a picture with a row for each thing is as high as they are many
)

// chart draws the picture of a chart and what it has of numbers besides; where there is no
// room for the picture, or for everything that it says, it is a table alone.
func (t *text) chart(c page.Chart) {
	if t.picture(c) && saysAll(c) {
		return
	}
	t.table(c.Table(t.voice))
}

// saysAll reports whether the picture of a chart needs no table beside it: of curves and
// strips because nobody reads hundreds of points, of bars because each has its figure.
func saysAll(c page.Chart) bool {
	switch c.(type) {
	case page.Distribution, page.Intervals:
		return false
	}
	return true
}

// picture draws a chart, indented as a paragraph is; false if it has no room here.
func (t *text) picture(c page.Chart) bool {
	style := kit.Style{Color: t.Color, ASCII: t.ASCII, Voice: t.voice}
	p := kit.NewPalette(style)
	lines, words := draw(c, p, min(t.Width-2, widestPicture))
	if len(lines) == 0 || !hold(lines, p, words) {
		return false
	}
	for _, l := range lines {
		t.b.WriteString(strings.TrimRight("  "+t.drawn(l, p), " ") + "\n")
	}
	return true
}

// drawn is a line without blanks at its end, in colours if this report has any.
func (t *text) drawn(l kit.Line, p kit.Palette) string {
	l = slices.Clone(l)
	for len(l) > 0 {
		last := &l[len(l)-1]
		if last.Text = strings.TrimRight(last.Text, " "); last.Text != "" {
			break
		}
		l = l[:len(l)-1]
	}
	if t.Color {
		return p.Paint([]kit.Line{l}, l.Width())
	}
	return spelled(l)
}

// spelled is the text of a line.
func spelled(l kit.Line) string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

// hold reports whether all words stand in a picture, none of them cut. Blanks do not
// count: a line ends at one, and in Chinese without.
func hold(lines []kit.Line, p kit.Palette, words []string) bool {
	var drawn strings.Builder
	for _, l := range lines {
		drawn.WriteString(solid(spelled(l)))
	}
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(drawn.String(), solid(p.Fit(w))) })
}

// solid is a text without its blanks.
func solid(s string) string { return strings.Join(strings.Fields(s), "") }

// draw is the picture of a chart, and the words that it has to hold.
func draw(c page.Chart, p kit.Palette, w int) (lines []kit.Line, words []string) {
	switch c := c.(type) {
	case page.Comparison:
		return bars(c, p, w)
	case page.Curve:
		return curve(c, p, w)
	case page.Strip:
		tracks := Tracks(p.Voice, c)
		words = []string{tracks.Legend(p)}
		for _, r := range c.Rows {
			words = append(words, r.Name)
		}
		return tracks.Draw(p, w, anyRows), words
	case page.Distribution:
		return distribution(c, p, w)
	case page.Intervals:
		return intervals(c, p, w)
	}
	return nil, nil
}

// Token is the colour of a series, on screens and in reports alike.
func Token(s page.Series) kit.Token {
	if s <= 0 {
		return kit.Normal
	}
	return kit.SideA + kit.Token(s-1)%(kit.SideE-kit.SideA+1)
}

// ToneToken is the style of a tone.
func ToneToken(t page.Tone) kit.Token {
	switch t {
	case page.Strong:
		return kit.Strong
	case page.Good:
		return kit.Good
	case page.Warn:
		return kit.Warn
	case page.Bad:
		return kit.Bad
	case page.Muted:
		return kit.Muted
	case page.Normal:
	}
	return kit.Normal
}

func bars(c page.Comparison, p kit.Palette, w int) (lines []kit.Line, words []string) {
	out := kit.Bars{Of: joined(c.Of, c.Unit)}
	words = []string{out.Of}
	for _, b := range c.Bars {
		bar := kit.Bar{Name: b.Name, Token: Token(b.Series), Low: b.Low, High: b.High, Known: b.Known, Figure: b.Written(p.Voice), Note: b.Note, Chosen: b.Chosen}
		if b.Chosen {
			bar.Name = p.Voice.Sprintf("%s (advised)", b.Name)
		}
		if out.Bars = append(out.Bars, bar); b.Known {
			words = append(words, bar.Figure)
		}
		words = append(words, bar.Name, b.Note)
	}
	return out.Draw(p, w, anyRows), words
}

func curve(c page.Curve, p kit.Palette, w int) (lines []kit.Line, words []string) {
	words = []string{c.X.Name, c.X.Unit, c.Y.Name, c.Y.Unit}
	for _, l := range c.Lines {
		words = append(words, l.Name)
	}
	for _, m := range c.Marks {
		words = append(words, m.Name)
	}
	for _, b := range c.Bands {
		words = append(words, b.Name)
	}
	return Curve(c).Draw(p, w, curveRows), words
}

// Curve is a curve as a terminal draws it.
func Curve(c page.Curve) kit.Curve {
	out := kit.Curve{X: kit.Axis(c.X), Y: kit.Axis(c.Y)}
	for _, l := range c.Lines {
		plot := kit.Plot{Name: l.Name, Token: Token(l.Series), Letter: l.Letter, Dashed: l.Dashed}
		for _, at := range l.Points {
			plot.Points = append(plot.Points, kit.Point{X: at.X, Y: at.Y})
		}
		out.Lines = append(out.Lines, plot)
	}
	for _, m := range c.Marks {
		out.Spots = append(out.Spots, kit.Spot(m))
	}
	for _, b := range c.Bands {
		out.Bands = append(out.Bands, kit.Band(b))
	}
	return out
}

// Tracks is a strip as it is drawn, a row for each of its things.
func Tracks(v say.Voice, s page.Strip) kit.Tracks {
	out := kit.Tracks{Caption: s.Caption(v), Length: s.Length, Top: s.Top}
	for _, r := range s.Rows {
		row := kit.StripRow{Name: r.Name, Token: Token(r.Series)}
		for _, at := range r.Points {
			row.Points = append(row.Points, kit.StripPoint{At: at.At, Value: at.Value, Mark: mark(at.Seen)})
		}
		out.Rows = append(out.Rows, row)
	}
	for _, e := range s.Events {
		out.Events = append(out.Events, kit.TrackEvent(e))
	}
	for _, seen := range []page.Seen{page.Changed, page.Lost, page.Late} {
		out.Marks = append(out.Marks, kit.Meaning{Mark: mark(seen), Name: seen.Says(v)})
	}
	return out
}

// mark is how a strip shows what was seen.
func mark(s page.Seen) kit.Mark {
	switch s {
	case page.Lost:
		return kit.MarkNoReply
	case page.Late:
		return kit.MarkLate
	case page.Stalled:
		return kit.MarkStalled
	case page.Changed:
		return kit.MarkRollout
	case page.Measured:
	}
	return kit.MarkValue
}

func distribution(c page.Distribution, p kit.Palette, w int) (lines []kit.Line, words []string) {
	out := kit.Distributions{Of: c.Of, Unit: c.Unit}
	words = []string{c.Of}
	for _, r := range c.Rows {
		row := kit.Spread{Name: r.Name, Token: Token(r.Series)}
		for _, q := range r.Quantiles {
			row.Quantiles = append(row.Quantiles, kit.Quantile(q))
		}
		out.Rows, words = append(out.Rows, row), append(words, r.Name)
	}
	return out.Draw(p, w, anyRows), words
}

// intervals has nothing where nothing was measured, and a dot where no bounds are known.
func intervals(c page.Intervals, p kit.Palette, w int) (lines []kit.Line, words []string) {
	out := kit.Intervals{Of: c.Of, Unit: c.Unit}
	words = []string{c.Of}
	measured := false
	for _, r := range c.Rows {
		row := kit.Interval{Name: r.Name, Token: Token(r.Series), Low: r.Low, Value: r.Value, High: r.High}
		switch {
		case r.Bounded:
		case r.Low == 0 && r.Value == 0 && r.High == 0:
			row.Low, row.Value, row.High = math.NaN(), math.NaN(), math.NaN()
		default:
			row.Low, row.High = r.Value, r.Value
		}
		measured = measured || !math.IsNaN(row.Value)
		out.Rows, words = append(out.Rows, row), append(words, r.Name)
	}
	if !measured {
		return nil, nil
	}
	return out.Draw(p, w, anyRows), words
}
