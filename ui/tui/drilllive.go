package tui

import (
	"fmt"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/report"
	"kpadvisor/ui/spark"
	"kpadvisor/ui/words"
)

// drillCounters is the room behind a row: "     321      0        0".
const drillCounters = 3 * 8

// drillLines is the drill: a row for each configuration, and under them, once it
// is over, the report.
func (s *probeScreen) drillLines(f frame) []line {
	w, d := f.Body.W, s.drill
	head := append([]line{s.drillHead(w)}, s.drillRows(w)...)
	rest := s.drillRest(w)
	if len(head) > f.Body.H-headRoom {
		return d.pager.show(append(append(head, nil), rest...), f.Body.H, s.palette)
	}
	return append(head, d.pager.show(rest, f.Body.H-len(head), s.palette)...)
}

// drillHead says how far it is.
func (s *probeScreen) drillHead(w int) line {
	p, d := s.palette, s.drill
	st, plan := &d.state, d.trial.options.Plan
	kind := d.trial.kind() + ": "
	speed := p.muted("   speed " + decimal(plan.Speed))
	length := max(st.Length, plan.Length())
	at := fmt.Sprintf("   %.0f of %.0f s", st.Elapsed.Seconds(), length.Seconds())
	if st.Elapsed > length { // a slow machine takes longer
		at = fmt.Sprintf("   %.0f s", st.Elapsed.Seconds())
	}
	var out line
	switch {
	case d.trial.over && st.Err != nil && len(st.Rows) == 0:
		return line{p.as(bad, "The drill failed")}
	case d.trial.over && d.trial.stopped:
		out = line{p.as(warn, "stopped"), p.text(at), speed}
	case d.trial.over && st.Err != nil:
		out = line{p.as(bad, "broke off"), p.text(at), speed}
	case d.trial.over:
		out = line{p.as(good, "finished"), p.text(at), speed}
	case d.trial.stopped:
		out = line{p.as(warn, "stopping"), p.text(at), speed}
	case len(st.Rows) == 0 && st.Stage.What == "":
		out = line{p.text("starting")}
	case len(st.Rows) == 0:
		out = line{p.strong(st.Stage.What), p.text(" " + words.Lane(st.Stage.Mode) + fmt.Sprintf("   %.0f %%", 100*st.Stage.Share))}
	default:
		out = line{p.strong(report.DrillNow(plan, *st)), p.text(at), speed}
	}
	return append(line{p.strong(kind)}, out...).cut(w, p.ellipsis)
}

// drillRows are the sparklines on one axis of time and one scale, with what was
// lost beside each.
func (s *probeScreen) drillRows(w int) []line {
	p, st := s.palette, &s.drill.state
	plan := s.drill.trial.options.Plan
	if len(st.Rows) == 0 {
		return nil
	}
	label := len(report.DrillLabel(st.Rows[0].Config)) + 1
	columns := w - label - drillCounters
	style := spark.Style{Width: columns, Top: report.DrillScale(st.Rows), Scroll: true, ASCII: p.ascii}
	length := report.DrillLength(plan, st.Rows)
	head := line{}.pad(label)
	head = append(head, p.muted(report.DrillRuler(plan, length, columns))).pad(label + columns)
	for _, name := range []string{"ok", "lost", "to dead"} {
		head = append(head, p.right(muted, name, drillCounters/3))
	}
	out := []line{head}
	for _, r := range st.Rows {
		out = append(out, s.drillRow(r, style, length, label))
	}
	return append(out, wrap(line{p.muted(report.DrillLegend(style))}, w, 0)...)
}

func (s *probeScreen) drillRow(r drill.Row, style spark.Style, length time.Duration, label int) line {
	p, all := s.palette, style.Width
	done := report.DrillColumns(length, r, style.Width)
	style.Width = len(done)
	out := p.column(normal, report.DrillLabel(r.Config), label)
	for _, run := range style.Row(done, len(done)) {
		out = append(out, p.as(markToken(run.Mark, 0), run.Text))
	}
	out = out.pad(label + all)
	total, dead := r.Total(), r.AfterDeath().ToOldPod
	for _, c := range []struct {
		n     int
		alarm bool
	}{{total.OK, false}, {total.Failed, true}, {dead, true}} {
		tok := normal
		if c.alarm && c.n > 0 {
			tok = bad
		}
		out = append(out, p.right(tok, plain.Number(c.n), drillCounters/3))
	}
	return out
}

// drillRest is what could not be tried, what became of the drill in the advice,
// and the report.
func (s *probeScreen) drillRest(w int) []line {
	p, d := s.palette, s.drill
	st := &d.state
	var out []line
	if st.Err != nil && !d.trial.stopped {
		reason, remedy := lab.Explain(st.Err)
		out = append(out, wrap(line{p.as(bad, "It ended early: "), p.text(reason), p.muted(prefixed("; ", remedy))}, w, 2)...)
	}
	told := d.trial.over && st.Result != nil && len(st.Result.Rows) > 0
	for _, m := range st.Missing {
		if told {
			break // by the report
		}
		l := append(p.column(normal, words.Lane(m.Mode), laneWidth), p.as(warn, "missing: "), p.text(m.Reason), p.muted(prefixed("; ", m.Remedy)))
		out = append(out, wrap(l, w, laneWidth)...)
	}
	if d.weighed != "" {
		out = append(out, wrap(line{p.text(d.weighed)}, w, 2)...)
	}
	if told {
		out = join(out, s.drillReport(*st.Result, w))
	}
	return out
}

// drillReport is the report as it is printed elsewhere, without its sparklines,
// which stand above.
func (s *probeScreen) drillReport(r lab.DrillResult, w int) []line {
	p := s.palette
	var b strings.Builder
	if err := report.DrillText(&b, report.Drill{Result: r, Version: s.opts.Version}, report.Style{Width: w, ASCII: p.ascii}); err != nil {
		return []line{{p.as(bad, "The report cannot be shown: "), p.text(err.Error())}}
	}
	var out []line
	for _, text := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		out = append(out, line{p.text(text)})
	}
	return out
}

// prefixed is text after a prefix, or nothing.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
