package kit

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Tracks are what happened from beginning to end, one row of cells for each of several
// things, all on one scale and one axis of time: for more of them than a [Strip] can show
// on top of each other.
type Tracks struct {
	Caption string // what the height of a row is
	Length  time.Duration
	Top     float64 // the value of a full cell
	Rows    []StripRow
	Events  []TrackEvent
	Marks   []Meaning // what the marks mean, for the legend
}

// TrackEvent is a moment that all rows share, marked by a letter above them.
type TrackEvent struct {
	At           time.Duration
	Letter, Name string
}

// Meaning is a mark in words.
type Meaning struct {
	Mark Mark
	Name string
}

// leastTrack is the least number of cells in which a course can be seen.
const leastTrack = 20

// mostTrack is how long a row may be: its cells are compared by eye.
const mostTrack = 100

// Draw draws the events, a row for each thing and the legend, in at most w by h cells;
// nothing where that is too small.
func (s Tracks) Draw(p Palette, w, h int) []Line {
	label := 0
	for _, r := range s.Rows {
		label = max(label, Cells(p.Fit(r.Name))+1)
	}
	columns := min(w-label, mostTrack)
	if columns < leastTrack {
		return nil
	}
	legend := Wrap(Line{p.Muted(s.Legend(p))}, w, 0)
	if 1+len(s.Rows)+len(legend) > h {
		return nil
	}
	out := []Line{{{Text: repeated(" ", label)}, p.Muted(s.Ruler(columns))}}
	for _, r := range s.Rows {
		out = append(out, append(p.Column(Normal, r.Name, label), s.row(p, r, columns)...))
	}
	return append(out, legend...)
}

// row is the course of one thing as far as it has come.
func (s Tracks) row(p Palette, r StripRow, columns int) Line {
	done := s.Columns(r, columns)
	var out Line
	for _, run := range (Spark{Width: len(done), Top: s.Top, ASCII: p.ASCII}).Row(done) {
		token := run.Mark.Token()
		if token == Normal {
			token = r.Token
		}
		out = append(out, Span{Token: token, Text: run.Text})
	}
	return out
}

// Columns are a row in so many columns for the whole length, as far as it has come. A
// mark stands before a value, and the gravest mark before the others.
func (s Tracks) Columns(r StripRow, columns int) []Column {
	all := make([]Column, columns)
	values := make([][]float64, columns)
	last := -1
	for _, p := range r.Points {
		at := s.column(p.At, columns)
		last = max(last, at)
		if p.Mark == MarkValue {
			values[at] = append(values[at], p.Value)
		} else if gravity(p.Mark) > gravity(all[at].Mark) {
			all[at].Mark = p.Mark
		}
	}
	for at, v := range values {
		if all[at].Mark == MarkNone && len(v) > 0 {
			all[at] = Column{Mark: MarkValue, Value: v[len(v)/2]}
		}
	}
	return all[:last+1]
}

// gravity says which of two marks covers the other.
func gravity(m Mark) int {
	return slices.Index([]Mark{MarkStalled, MarkLate, MarkRollout, MarkNoReply}, m)
}

// column is the place of a moment.
func (s Tracks) column(at time.Duration, columns int) int {
	if s.Length <= 0 {
		return 0
	}
	return max(0, min(int(float64(at)/float64(s.Length)*float64(columns)), columns-1))
}

// Ruler has a letter above the column of each event.
func (s Tracks) Ruler(columns int) string {
	line := []rune(repeated(" ", columns))
	for _, e := range s.Events {
		if letter, _ := utf8.DecodeRuneInString(e.Letter); Cells(string(letter)) == 1 && e.Letter != "" {
			line[s.column(e.At, columns)] = letter
		}
	}
	return strings.TrimRight(string(line), " ")
}

// Legend explains the height of the rows, the letters of the events and the marks.
func (s Tracks) Legend(p Palette) string {
	var parts []string
	for _, e := range s.Events {
		if text := strings.TrimSpace(e.Letter + " " + e.Name); !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	for _, m := range s.Marks {
		parts = append(parts, Spark{ASCII: p.ASCII}.Glyph(m.Mark)+" "+m.Name)
	}
	return p.Voice.Clauses(s.Caption, p.Voice.List(parts...))
}
