package kit

import (
	"math"
	"slices"
	"time"
)

// Strip is what happened in the course of time: several rows on one scale, the newest at
// the right, the scale at the left, and the name of each with its newest value at the
// right end.
type Strip struct {
	Unit   string        // of Top and every value
	Top    float64       // of the scale; what is above is at its top
	Now    time.Duration // the moment at the right end
	Window time.Duration // what is shown of the time before
	Rows   []StripRow
	Events []StripEvent
}

// StripRow is one of them.
type StripRow struct {
	Name, Figure string
	Token        Token
	Points       []StripPoint // the oldest first
}

// StripPoint is a moment: a height, or something else that was seen.
type StripPoint struct {
	At    time.Duration
	Value float64
	Mark  Mark
}

// StripEvent is a moment that all rows share.
type StripEvent struct {
	At   time.Duration
	Name string
}

// The smallest picture that shows a strip.
const (
	leastStripWidth  = 24
	leastStripHeight = 3
)

// stripArea is where the dots are, and what they stand for.
type stripArea struct {
	left, w, h int
	time, y    ruler
}

// Draw draws the picture in at most w by h cells; nothing where that is too small.
func (s Strip) Draw(p Palette, w, h int) []Line {
	if w < leastStripWidth || h < leastStripHeight || s.Window <= 0 {
		return nil
	}
	top := s.Top
	if !drawable(top) || top <= 0 {
		top = 1
	}
	a := stripArea{h: h - 1, y: newRuler(false, 0, top)}
	a.time = newRuler(false, float64(s.Now-s.Window), float64(s.Now))
	labels := map[int]string{0: tickText(top), a.h - 1: "0"}
	if a.h >= 5 {
		labels[a.h/2] = tickText(a.y.value(a.h-1-a.h/2, a.h))
	}
	for _, text := range labels {
		a.left = max(a.left, Cells(text)+1)
	}
	names := 0
	for _, r := range s.Rows {
		names = max(names, Cells(p.Fit(r.Name+"  "+r.Figure))+1)
	}
	a.w = w - a.left - min(names, w/3)
	right := s.names(p, a, w-a.left-a.w)
	var out []Line
	for i, row := range s.dots(p, a).Lines() {
		l := append(p.tickLabel(labels[i], a.left-1), p.Muted(edge(labels[i] != "")))
		out = append(out, append(append(l, row...), right[i]...))
	}
	return append(out, s.foot(p, a))
}

// dots draws the rows, the marks over them and the events behind them.
func (s Strip) dots(p Palette, a stripArea) *Canvas {
	canvas := NewCanvas(p, a.w, a.h)
	across, down := canvas.Dots()
	marks := Spark{ASCII: p.ASCII}
	for _, r := range s.Rows {
		joined := false
		var lastX, lastY int
		for _, at := range r.Points {
			if at.At > s.Now || at.At < s.Now-s.Window {
				continue
			}
			x := a.time.at(float64(at.At), across)
			switch at.Mark {
			case MarkNone:
				joined = false
				continue
			case MarkValue, MarkWarm:
			case MarkNoReply, MarkStalled, MarkOver, MarkLate, MarkRollout:
				canvas.Glyph(a.time.at(float64(at.At), a.w), a.rowOf(r, at), marks.Glyph(at.Mark), Bad)
				continue
			}
			if math.IsNaN(at.Value) {
				joined = false
				continue
			}
			y := down - 1 - a.y.at(at.Value, down)
			if joined {
				canvas.Stroke(lastX, lastY, x, y, r.Token)
			} else {
				canvas.Dot(x, y, r.Token)
			}
			lastX, lastY, joined = x, y, true
		}
	}
	for _, e := range s.Events {
		if e.At <= s.Now && e.At >= s.Now-s.Window {
			for row := range a.h {
				canvas.Ground(a.time.at(float64(e.At), a.w), row, p.Fit("┊"), Muted)
			}
		}
	}
	return canvas
}

// rowOf is the row of the last height of a row of the strip before a mark.
func (a stripArea) rowOf(r StripRow, mark StripPoint) int {
	last := 0.0
	for _, at := range r.Points {
		if at.At > mark.At {
			break
		}
		if at.Mark == MarkValue && drawable(at.Value) {
			last = at.Value
		}
	}
	return a.h - 1 - a.y.at(last, a.h)
}

// names are what stands at the right of each row of cells.
func (s Strip) names(p Palette, a stripArea, w int) map[int]Line {
	plots := Curve{}
	for _, r := range s.Rows {
		at := a.h - 1 - a.rowOf(r, StripPoint{At: s.Now})
		text := r.Name
		if r.Figure != "" {
			text += "  " + r.Figure
		}
		plots.Lines = append(plots.Lines, Plot{Name: text, Token: r.Token, Points: []Point{{Y: a.y.value(at, a.h)}}})
	}
	return plots.names(p, curveArea{h: a.h, y: a.y}, w)
}

// ago writes how long the time shown is.
func (p Palette) ago(d time.Duration) string {
	if d >= 2*time.Minute {
		return p.Voice.Sprintf("%s min ago", tickText(math.Round(d.Minutes())))
	}
	return p.Voice.Sprintf("%s s ago", tickText(math.Round(d.Seconds())))
}

// foot is the axis of time with the names of the events on it.
func (s Strip) foot(p Palette, a stripArea) Line {
	row := newRow(p.Fit("─"), a.w)
	taken := make([]bool, a.w+1)
	put := func(at int, text string) {
		text = p.Fit(text)
		w := Cells(text)
		if at < 0 || at+w > a.w || slices.Contains(taken[at:at+w], true) {
			return
		}
		row.put(at, text)
		for i := range w + 1 {
			taken[at+i] = true
		}
	}
	now := p.Voice.Text("now")
	if s.Unit != "" {
		now += "  " + s.Unit
	}
	put(a.w-Cells(p.Fit(now)), now)
	put(0, p.ago(s.Window))
	for _, e := range s.Events {
		if e.At <= s.Now && e.At >= s.Now-s.Window {
			put(a.time.at(float64(e.At), a.w), "┊"+e.Name)
		}
	}
	return Line{{Text: repeated(" ", a.left-1)}, p.Muted("└"), {Token: Muted, Text: row.String()}}
}
