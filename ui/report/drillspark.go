package report

import (
	"fmt"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/kit"
)

// drillLetter marks a step above the sparklines of a drill.
func drillLetter(a drill.Action) string {
	switch a {
	case drill.NewPod:
		return "n"
	case drill.Terminating:
		return "t"
	case drill.ListenerDown:
		return "d"
	case drill.AddressGone:
		return "g"
	case drill.Check:
		return "c"
	case drill.ServerDeleted, drill.End:
	}
	return ""
}

// DrillNow is the last step that was due, in at most 45 columns.
func DrillNow(p drill.Plan, s lab.DrillState) string {
	if s.Elapsed > p.Length()+time.Second/2 {
		return "waiting for the last answers"
	}
	now := drill.Action("")
	for _, step := range p.Steps(true) {
		if step.At <= s.Elapsed {
			now = step.Do
		}
	}
	switch now {
	case drill.NewPod:
		return "the new pod is ready"
	case drill.Terminating:
		return "the old pod's endpoint terminates"
	case drill.ListenerDown:
		return "the old pod's process is gone"
	case drill.AddressGone:
		return "the old pod's network is gone"
	case drill.Check, drill.ServerDeleted, drill.End:
		return "kube-proxy checks for connections left"
	}
	return "connections begin"
}

// DrillLegend explains the marks of DrillColumns and the letters of DrillRuler.
func DrillLegend(s kit.Spark) string {
	return fmt.Sprintf("n new pod, t endpoint terminating, d process gone, g network gone, c kube-proxy's check; %s step taken, %s connections lost, %s second SYN",
		s.Glyph(kit.MarkRollout), s.Glyph(kit.MarkNoReply), s.Glyph(kit.MarkLate))
}

// DrillLength is how long a drill with these rows takes: as planned, or longer on
// a slow machine.
func DrillLength(p drill.Plan, rows []drill.Row) time.Duration {
	length := p.Length()
	for _, r := range rows {
		if n := len(r.Intervals); n > 0 {
			length = max(length, r.Intervals[n-1].At+1)
		}
	}
	return length
}

// DrillColumns are the sparkline of a row, in so many columns for a whole drill, as far as it has come: medians of connect() in ns, marks where a step was
// taken, and, before those, marks where connections were lost or late.
func DrillColumns(length time.Duration, r drill.Row, columns int) []kit.Column {
	all := make([]kit.Column, columns)
	medians := make([][]int64, columns)
	last := -1
	for _, i := range r.Intervals {
		at := drillColumn(length, i.At, columns)
		last = max(last, at)
		if i.OK > 0 {
			medians[at] = append(medians[at], i.MedianNs)
		}
		switch {
		case i.Failed > 0:
			all[at].Mark = kit.MarkNoReply
		case i.Late > 0 && all[at].Mark != kit.MarkNoReply:
			all[at].Mark = kit.MarkLate
		}
	}
	for at, m := range medians {
		if all[at].Mark == kit.MarkNone && len(m) > 0 {
			all[at] = kit.Column{Mark: kit.MarkValue, Value: float64(m[len(m)/2])}
		}
	}
	for _, m := range r.Marks {
		if at := drillColumn(length, m.At, columns); m.Do != drill.Check && all[at].Mark != kit.MarkNoReply {
			all[at].Mark = kit.MarkRollout
			last = max(last, at)
		}
	}
	return all[:last+1]
}

// DrillRuler has a letter above the column of each step that is planned.
func DrillRuler(p drill.Plan, length time.Duration, columns int) string {
	line := []byte(strings.Repeat(" ", columns))
	for _, s := range p.Steps(true) {
		if l := drillLetter(s.Do); l != "" {
			line[drillColumn(length, s.At, columns)] = l[0]
		}
	}
	return strings.TrimRight(string(line), " ")
}

func drillColumn(length, at time.Duration, columns int) int {
	return max(0, min(int(float64(at)/float64(length)*float64(columns)), columns-1))
}

// DrillScale is a top that the medians of all rows fit under.
func DrillScale(rows []drill.Row) float64 {
	var values []float64
	for _, r := range rows {
		for _, i := range r.Intervals {
			if i.OK > 0 {
				values = append(values, float64(i.MedianNs))
			}
		}
	}
	return kit.Scale{}.Follow(values).Top
}

// drillLabels is the width of the names before the sparklines.
const drillLabels = 23

// DrillLabel is a configuration in drillLabels columns.
func DrillLabel(c drill.Config) string {
	cells := configCells(c)
	if c.Sysctls == nil {
		return fmt.Sprintf("%-*s", drillLabels, cells[0])
	}
	return fmt.Sprintf("%-*s", drillLabels, fmt.Sprintf("%s reuse %s exp %s ct %s", cells[0], cells[1], cells[2], cells[3]))
}

// curves draws a sparkline per configuration on one time axis and one scale.
func (d Drill) curves(width int, ascii bool) section {
	p, rows := d.Result.Plan, d.Result.Rows
	columns := min(width-drillLabels-4, 100)
	if len(rows) == 0 || columns < leastChart || p.Validate() != nil {
		return section{}
	}
	style := kit.Spark{Width: columns, Top: DrillScale(rows), Scroll: true, ASCII: ascii}
	length := DrillLength(p, rows)
	lines := []string{strings.Repeat(" ", drillLabels+1) + DrillRuler(p, length, columns)}
	for _, r := range rows {
		lines = append(lines, DrillLabel(r.Config)+" "+sparkText(style, DrillColumns(length, r, columns)))
	}
	return section{
		Title: fmt.Sprintf("Connect time, 0 to %s us, over %s s", plain.Number(int(style.Top/1e3)), secondsOf(length)),
		Lines: lines, After: []string{DrillLegend(style)},
	}
}

// sparkText draws columns from the left.
func sparkText(style kit.Spark, columns []kit.Column) string {
	style.Width = len(columns)
	var b strings.Builder
	for _, run := range style.Row(columns, len(columns)) {
		b.WriteString(run.Text)
	}
	return b.String()
}
