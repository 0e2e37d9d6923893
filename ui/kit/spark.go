package kit

import (
	"math"
	"strings"
)

// Mark is what a cell shows.
type Mark int

// The marks. None of the glyphs that stand for an event is used for a height.
const (
	MarkNone    Mark = iota // nothing was measured there
	MarkValue               // a height
	MarkWarm                // a height that does not count
	MarkNoReply             // what came to an end had failed
	MarkStalled             // nothing came to an end, well or badly
	MarkOver                // above the scale; Row makes it of a value
	MarkLate                // something came back in a retransmit band
	MarkRollout             // the backends changed
)

// Token is how a mark is painted; Normal is one that is no event.
func (m Mark) Token() Token {
	switch m {
	case MarkNoReply, MarkLate:
		return Bad
	case MarkOver, MarkStalled:
		return Warn
	case MarkRollout:
		return Accent
	case MarkNone, MarkValue, MarkWarm:
	}
	return Normal
}

// Marks lists the marks that a legend may have to explain.
func Marks() []Mark { return []Mark{MarkNoReply, MarkStalled, MarkOver, MarkLate, MarkRollout} }

// Column is one thing to draw; Value has a meaning for MarkValue and MarkWarm.
type Column struct {
	Mark  Mark
	Value float64
}

// Run is text in cells of one mark, each character one cell wide.
type Run struct {
	Mark Mark
	Text string
}

// Spark is values as one row of cells, which knows no colours: whoever draws a run picks
// the style by its mark. Two rows on one scale can be compared by eye.
type Spark struct {
	Width int     // cells
	Top   float64 // the value of a full cell; 0 is the baseline
	ASCII bool
}

// Glyph is the character of a mark that is not a height; a blank for MarkNone.
func (s Spark) Glyph(m Mark) string {
	switch m {
	case MarkNoReply:
		return s.pick("×", "x")
	case MarkStalled:
		return s.pick("·", "_")
	case MarkOver:
		return s.pick("▲", "^")
	case MarkLate:
		return "!"
	case MarkRollout:
		return s.pick("│", "|")
	case MarkNone, MarkValue, MarkWarm:
	}
	return " "
}

func (s Spark) pick(unicode, ascii string) string {
	if s.ASCII {
		return ascii
	}
	return unicode
}

// levels is the number of heights.
const levels = 8

// Row draws the last columns in exactly Width cells, the newest at the right.
func (s Spark) Row(columns []Column) []Run {
	if s.Width <= 0 {
		return nil
	}
	cells := make([]Column, s.Width)
	columns = columns[max(len(columns)-s.Width, 0):]
	copy(cells[s.Width-len(columns):], columns)
	return s.runs(cells)
}

func (s Spark) runs(cells []Column) []Run {
	var out []Run
	var text strings.Builder
	for i, c := range cells {
		mark, glyph := s.cell(c)
		if i > 0 && mark != out[len(out)-1].Mark {
			out[len(out)-1].Text = text.String()
			text.Reset()
		}
		if i == 0 || mark != out[len(out)-1].Mark {
			out = append(out, Run{Mark: mark})
		}
		text.WriteString(glyph)
	}
	out[len(out)-1].Text = text.String()
	return out
}

// cell is the character of a column, and the mark it turned out to be.
func (s Spark) cell(c Column) (Mark, string) {
	if c.Mark != MarkValue && c.Mark != MarkWarm {
		return c.Mark, s.Glyph(c.Mark)
	}
	level := 0
	switch {
	case math.IsNaN(c.Value):
		return MarkNone, s.Glyph(MarkNone)
	case !(s.Top > 0) || c.Value <= 0: //nolint:staticcheck // also true for NaN
	case c.Value > s.Top:
		return MarkOver, s.Glyph(MarkOver)
	case math.IsInf(s.Top, 1):
	default:
		level = min(max(int(math.Ceil(c.Value/s.Top*levels))-1, 0), levels-1)
	}
	return c.Mark, string([]rune(s.pick("▁▂▃▄▅▆▇█", ".:-=+*#@"))[level])
}
