package report

import (
	"strings"
	"time"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// strip draws a row for each thing on one time axis and one scale; where there is no room,
// it is a table.
func (t *text) strip(s page.Strip) {
	label := 0
	for _, r := range s.Rows {
		label = max(label, width(t.plainly(r.Name)))
	}
	columns := min(t.Width-label-4, 100)
	if columns < leastChart {
		t.table(s.Table())
		return
	}
	style := kit.Spark{Width: columns, Top: s.Top, Scroll: true, ASCII: t.ASCII}
	t.verbatim(strings.Repeat(" ", label+1) + StripRuler(s, columns))
	for _, r := range s.Rows {
		line := pad(t.plainly(r.Name), label, false) + " "
		style.Width = columns
		done := StripColumns(s, r, columns)
		style.Width = len(done)
		for _, run := range style.Row(done, len(done)) {
			line += run.Text
		}
		t.verbatim(line)
	}
	t.paragraph(2, page.Muted, StripLegend(s, style))
}

// StripColumns are a row of a strip in so many columns for its whole length, as far as it
// has come: values, marks where a step was taken, and, before those, marks where
// connections were lost or late.
func StripColumns(s page.Strip, r page.StripRow, columns int) []kit.Column {
	all := make([]kit.Column, columns)
	values := make([][]float64, columns)
	last := -1
	for _, p := range r.Points {
		at := stripColumn(s.Length, p.At, columns)
		last = max(last, at)
		if p.Seen == page.Measured {
			values[at] = append(values[at], p.Value)
			continue
		}
		if mark := stripMark(p.Seen); order(mark) > order(all[at].Mark) {
			all[at].Mark = mark
		}
	}
	for at, v := range values {
		if all[at].Mark == kit.MarkNone && len(v) > 0 {
			all[at] = kit.Column{Mark: kit.MarkValue, Value: v[len(v)/2]}
		}
	}
	return all[:last+1]
}

// stripMark is how a strip marks what was seen.
func stripMark(s page.Seen) kit.Mark {
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

// order says which of two marks covers the other.
func order(m kit.Mark) int {
	switch m {
	case kit.MarkNoReply:
		return 4
	case kit.MarkRollout:
		return 3
	case kit.MarkLate:
		return 2
	case kit.MarkStalled:
		return 1
	case kit.MarkNone, kit.MarkValue, kit.MarkWarm, kit.MarkOver:
	}
	return 0
}

// StripRuler has a letter above the column of each event.
func StripRuler(s page.Strip, columns int) string {
	line := []rune(strings.Repeat(" ", columns))
	for _, e := range s.Events {
		for _, letter := range e.Letter {
			line[stripColumn(s.Length, e.At, columns)] = letter
			break
		}
	}
	return strings.TrimRight(string(line), " ")
}

func stripColumn(length, at time.Duration, columns int) int {
	if length <= 0 {
		return 0
	}
	return max(0, min(int(float64(at)/float64(length)*float64(columns)), columns-1))
}

// StripLegend explains the height of the columns of StripColumns, their marks, and the
// letters of StripRuler.
func StripLegend(s page.Strip, style kit.Spark) string {
	var parts []string
	said := map[string]bool{}
	for _, e := range s.Events {
		if text := joined(e.Letter, e.Name); !said[text] {
			said[text] = true
			parts = append(parts, text)
		}
	}
	var marks []string
	for _, seen := range []page.Seen{page.Changed, page.Lost, page.Late} {
		marks = append(marks, style.Glyph(stripMark(seen))+" "+seen.String())
	}
	return s.Caption() + "; " + strings.Join(append(parts, marks...), ", ")
}
