package page

import (
	"fmt"
	"slices"
	"time"

	"kpadvisor/say"

	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
)

// DrillNow is the last step that was due, in at most 45 columns.
func DrillNow(v say.Voice, p drill.Plan, s lab.DrillState) string {
	if s.Elapsed > p.Length()+time.Second/2 {
		return v.Text("waiting for the last answers")
	}
	now := drill.Action("")
	for _, step := range p.Steps(true) {
		if step.At <= s.Elapsed {
			now = step.Do
		}
	}
	switch now {
	case drill.NewPod:
		return v.Text("the new pod is ready")
	case drill.Terminating:
		return v.Text("the old pod's endpoint terminates")
	case drill.ListenerDown:
		return v.Text("the old pod's process is gone")
	case drill.AddressGone:
		return v.Text("the old pod's network is gone")
	case drill.Check, drill.ServerDeleted, drill.End:
		return v.Text("kube-proxy checks for connections left")
	}
	return v.Text("connections begin")
}

// drillEvent is a step as a strip marks it; without a letter where it is not marked.
func drillEvent(v say.Voice, a drill.Action) (letter, name string) {
	switch a {
	case drill.NewPod:
		return "n", v.Text("new pod")
	case drill.Terminating:
		return "t", v.Text("endpoint terminating")
	case drill.ListenerDown:
		return "d", v.Text("process gone")
	case drill.AddressGone:
		return "g", v.Text("network gone")
	case drill.Check:
		return "c", v.Text("kube-proxy's check")
	case drill.ServerDeleted, drill.End:
	}
	return "", ""
}

// drillLabels is the width of the names of a drill's strip, so that they stay in line.
const drillLabels = 23

// DrillLabel is a configuration in drillLabels columns at least.
func DrillLabel(c drill.Config) string {
	cells := configCells(c)
	if c.Sysctls == nil {
		return fmt.Sprintf("%-*s", drillLabels, cells[0])
	}
	return fmt.Sprintf("%-*s", drillLabels, fmt.Sprintf("%s reuse %s exp %s ct %s", cells[0], cells[1], cells[2], cells[3]))
}

// DrillStrip is the course of a drill as far as it has come: medians of connect(), what
// was lost or late, and when each step was taken.
func DrillStrip(v say.Voice, p drill.Plan, rows []drill.Row) Strip {
	s := Strip{Of: v.Text("connect time"), Unit: "µs", Length: p.Length()}
	for _, step := range p.Steps(true) {
		if letter, name := drillEvent(v, step.Do); letter != "" {
			s.Events = append(s.Events, Event{At: step.At, Letter: letter, Name: name})
		}
	}
	var values []float64
	for _, r := range rows {
		if n := len(r.Intervals); n > 0 { // a slow machine takes longer than was planned
			s.Length = max(s.Length, r.Intervals[n-1].At+1)
		}
		row := stripRow(r)
		for _, point := range row.Points {
			if point.Value > 0 {
				values = append(values, point.Value)
			}
		}
		s.Rows = append(s.Rows, row)
	}
	s.Top = roundTop(values)
	return s
}

func stripRow(r drill.Row) StripRow {
	row := StripRow{Name: DrillLabel(r.Config), Series: laneSeries(lab.Mode(r.Mode))}
	for _, i := range r.Intervals {
		point := StripPoint{At: i.At}
		switch {
		case i.Failed > 0:
			point.Seen, point.Amount = Lost, i.Failed
		case i.Late > 0:
			point.Seen, point.Amount = Late, i.Late
		case i.OK == 0:
			continue
		}
		if i.OK > 0 {
			point.Value = float64(i.MedianNs) / 1e3
		}
		row.Points = append(row.Points, point)
	}
	for _, m := range r.Marks {
		if m.Do != drill.Check {
			row.Points = append(row.Points, StripPoint{At: m.At, Seen: Changed})
		}
	}
	slices.SortStableFunc(row.Points, func(a, b StripPoint) int { return int(a.At - b.At) })
	return row
}

// roundTop is the first of 1, 2, 3, 5, 7, 10, 20, ... that nearly all values stay well
// under: a twentieth of them may be above it, so that one does not flatten the others.
func roundTop(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	most := values[(len(values)-1)*19/20] * 1.2
	for decade := 1.0; ; decade *= 10 {
		for _, step := range []float64{1, 2, 3, 5, 7} {
			if step*decade >= most {
				return step * decade
			}
		}
	}
}

// curves is the strip of all configurations.
func (d Drill) curves() draft {
	p, rows := d.Result.Plan, d.Result.Rows
	if len(rows) == 0 || p.Validate() != nil {
		return draft{}
	}
	strip := DrillStrip(d.Voice, p, rows)
	return draft{
		ID: "course", Title: d.Voice.Sprintf("Connect time over %s s", secondsOf(strip.Length)),
		Parts: []Block{strip},
	}
}
