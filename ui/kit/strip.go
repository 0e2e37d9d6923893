package kit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Strip is what happened in the course of time: several rows on one scale, the scale at
// the left, a clock under it, and the name of each row with its newest value at the right
// end.
type Strip struct {
	Of       string        // what is shown; stands beside the clock, under the names
	Unit     string        // of Top and every value
	Top      float64       // of the scale; what is above is marked so at its top
	From, To time.Duration // the ends of the time shown
	Now      time.Duration // the newest moment; what comes after is blank
	NowName  string        // stands there on the clock; empty for nothing
	Rows     []StripRow
	Events   []StripEvent
}

// StripRow is one of them.
type StripRow struct {
	Name, Figure string
	Token        Token
	Level        float64      // where the name stands, in the unit of the values; 0 is where the row ends
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
	figured    bool // there is room for figures beside the names
	time, y    ruler
}

// Draw draws the picture in at most w by h cells; nothing where that is too small.
func (s Strip) Draw(p Palette, w, h int) []Line {
	if w < leastStripWidth || h < leastStripHeight || s.To <= s.From {
		return nil
	}
	top := s.Top
	if !drawable(top) || top <= 0 {
		top = 1
	}
	a := stripArea{h: h - 1, y: newRuler(false, 0, top)}
	a.time = newRuler(false, float64(s.From), float64(s.To))
	labels := map[int]string{0: strings.TrimSpace(tickText(top) + " " + p.Fit(s.Unit)), a.h - 1: "0"}
	if a.h >= 4 {
		labels[a.h-1-a.y.at(top/2, a.h)] = tickText(top / 2)
	}
	for _, text := range labels {
		a.left = min(max(a.left, Cells(text)+1), w/3)
	}
	names, figures := Cells(p.Fit(s.Of))+1, 0
	for _, r := range s.Rows {
		names, figures = max(names, Cells(p.Fit(r.Name))+1), max(figures, Cells(p.Fit(r.Name+"  "+r.Figure))+1)
	}
	if a.figured = figures <= w*2/5; a.figured {
		names = max(names, figures)
	}
	a.w = w - a.left - min(names, w*2/5)
	right := s.names(p, a, w-a.left-a.w)
	var out []Line
	for i, row := range s.dots(p, a).Lines() {
		l := append(p.tickLabel(labels[i], a.left-1), p.Muted(edge(labels[i] != "")))
		out = append(out, append(append(l, row...), right[i]...))
	}
	foot := append(s.foot(p, a), p.Strong(" "+s.Of))
	return append(out, foot.Cut(w, p.Ellipsis))
}

// dots draws the rows, the marks over them and the events behind them.
func (s Strip) dots(p Palette, a stripArea) *Canvas {
	canvas := NewCanvas(p, a.w, a.h)
	for _, r := range s.Rows {
		s.line(canvas, a, r)
	}
	marks := Spark{ASCII: p.ASCII}
	for _, r := range s.Rows {
		for _, at := range r.Points {
			if m := s.mark(at); s.shows(at.At) && m.Token() != Normal {
				canvas.Glyph(a.time.at(float64(at.At), a.w), a.rowOf(r, at, m), marks.Glyph(m), m.Token())
			}
		}
	}
	for _, e := range s.Events {
		if s.shows(e.At) {
			for row := range a.h {
				canvas.Ground(a.time.at(float64(e.At), a.w), row, p.Fit("┊"), Muted)
			}
		}
	}
	return canvas
}

// shows reports whether a moment is among those shown.
func (s Strip) shows(at time.Duration) bool { return at >= s.From && at <= s.To }

// mark is what a point is drawn as: a value above the scale is none.
func (s Strip) mark(at StripPoint) Mark {
	if at.Mark == MarkValue && s.Top > 0 && at.Value > s.Top {
		return MarkOver
	}
	return at.Mark
}

// line draws the heights of a row, joined where one follows another: not across what was
// not measured, or is above the scale.
func (s Strip) line(canvas *Canvas, a stripArea, r StripRow) {
	across, down := canvas.Dots()
	joined := false
	var lastX, lastY int
	for _, at := range r.Points {
		if !s.shows(at.At) {
			continue
		}
		m, token := s.mark(at), r.Token
		if m != MarkValue && m != MarkWarm || math.IsNaN(at.Value) {
			joined = false
			continue
		}
		if m == MarkWarm {
			token = Muted
		}
		x, y := a.time.at(float64(at.At), across), down-1-a.y.at(at.Value, down)
		if joined {
			canvas.Stroke(lastX, lastY, x, y, token)
		} else {
			canvas.Dot(x, y, token)
		}
		lastX, lastY, joined = x, y, true
	}
}

// Marks are those of the marks that the picture has, for a legend.
func (s Strip) Marks() []Mark {
	seen := map[Mark]bool{}
	for _, r := range s.Rows {
		for _, at := range r.Points {
			if s.shows(at.At) {
				seen[s.mark(at)] = true
			}
		}
	}
	return slices.DeleteFunc(Marks(), func(m Mark) bool { return !seen[m] })
}

// rowOf is the row of a mark: the top for what is above the scale, else that of the last
// height of its row before it.
func (a stripArea) rowOf(r StripRow, at StripPoint, m Mark) int {
	if m == MarkOver {
		return 0
	}
	return a.h - 1 - a.y.at(r.last(at.At), a.h)
}

// last is the last height of a row until a moment.
func (r StripRow) last(until time.Duration) float64 {
	last := 0.0
	for _, at := range r.Points {
		if at.At > until {
			break
		}
		if (at.Mark == MarkValue || at.Mark == MarkWarm) && drawable(at.Value) {
			last = at.Value
		}
	}
	return last
}

// names are what stands at the right of each row of cells: every row's name at its
// level, or as near as others leave it, the highest first.
func (s Strip) names(p Palette, a stripArea, w int) map[int]Line {
	type named struct {
		row  StripRow
		want int
	}
	all := make([]named, 0, len(s.Rows))
	for _, r := range s.Rows {
		level := r.Level
		if level == 0 {
			level = r.last(s.To)
		}
		all = append(all, named{r, a.h - 1 - a.y.at(level, a.h)})
	}
	slices.SortStableFunc(all, func(x, y named) int { return cmp.Or(x.want-y.want, cmp.Compare(y.row.Level, x.row.Level)) })
	at := make([]int, len(all))
	for i := range all {
		if at[i] = all[i].want; i > 0 {
			at[i] = max(at[i], at[i-1]+1)
		}
	}
	below := a.h
	for i := len(all) - 1; i >= 0; i-- {
		at[i] = min(at[i], below-1)
		below = at[i]
	}
	out := map[int]Line{}
	for i, n := range all {
		text := n.row.Name
		if n.row.Figure != "" && a.figured {
			text += "  " + n.row.Figure
		}
		out[at[i]] = Line{p.As(n.row.Token, " "+text)}.Cut(w, p.Ellipsis)
	}
	return out
}

// foot is the clock under the picture, with the names of the events on it.
func (s Strip) foot(p Palette, a stripArea) Line {
	f := footLine{newRow(p.Fit("─"), a.w), make([]bool, a.w+1)}
	if s.NowName != "" && s.shows(s.Now) {
		f.put(min(a.time.at(float64(s.Now), a.w), a.w-Cells(p.Fit(s.NowName))), p.Fit(s.NowName))
	}
	for _, e := range s.Events {
		if s.shows(e.At) {
			f.put(a.time.at(float64(e.At), a.w), p.Fit("┊"+e.Name))
		}
	}
	step := clockStep(s.To-s.From, a.w/10)
	for i := range a.w { // no more than that fit, whatever the times are
		at := (s.From/step + time.Duration(i)) * step
		if !s.shows(at) {
			continue
		}
		text := clock(at)
		f.put(min(a.time.at(float64(at), a.w), a.w-len(text)), text)
	}
	return Line{{Text: repeated(" ", a.left-1)}, p.Muted("└"), {Token: Muted, Text: f.row.String()}}
}

// footLine is a line in which each text has a place of its own.
type footLine struct {
	row   row
	taken []bool // one more than cells
}

// put puts a text where there is room for it and a gap after it.
func (f footLine) put(at int, text string) {
	w := Cells(text)
	if at < 0 || at+w > len(f.row) || slices.Contains(f.taken[at:at+w+1], true) || at > 0 && f.taken[at-1] {
		return
	}
	f.row.put(at, text)
	for i := range w {
		f.taken[at+i] = true
	}
}

// clockStep is a round time of which at most so many are in a length.
func clockStep(length time.Duration, most int) time.Duration {
	for _, step := range []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour,
	} {
		if length/step <= time.Duration(max(most, 1)) {
			return step
		}
	}
	return max(length/time.Duration(max(most, 1)), time.Hour)
}

// clock is a time since a beginning: "0:05", "12:30", "1:02:30".
func clock(d time.Duration) string {
	s := int(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
