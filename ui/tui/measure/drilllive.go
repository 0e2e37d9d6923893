package measure

import (
	"fmt"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui/screen"
)

// headRoom is what the rows leave to the rest at least.
const headRoom = 4

// drillCounters is the room behind a row: "     321      0        0".
const drillCounters = 3 * 8

// lines are a row for each configuration, and under them, once it is over, the report.
func (s *drillPane) lines(f screen.Frame) []kit.Line {
	w := f.Body.W
	head := append([]kit.Line{s.headline(w)}, s.rows(w)...)
	rest := s.rest(w)
	if len(head) > f.Body.H-headRoom {
		return s.pager.Show(append(append(head, nil), rest...), f.Body.H, s.palette)
	}
	return append(head, s.pager.Show(rest, f.Body.H-len(head), s.palette)...)
}

// headline says how far it is.
func (s *drillPane) headline(w int) kit.Line {
	p, v := s.palette, s.palette.Voice
	st, plan := &s.state, s.trial.options.Plan
	kind := v.Sprintf("%s:", s.trial.kind()) + " "
	speed := p.Muted("   " + v.Sprintf("speed %s", page.Rate(plan.Speed)))
	length := max(st.Length, plan.Length())
	at := "   " + v.Sprintf("%.0f of %.0f s", st.Elapsed.Seconds(), length.Seconds())
	if st.Elapsed > length { // a slow machine takes longer
		at = "   " + v.Sprintf("%.0f s", st.Elapsed.Seconds())
	}
	var out kit.Line
	switch {
	case s.trial.over && st.Err != nil && len(st.Rows) == 0:
		return kit.Line{p.As(kit.Bad, v.Text("The drill failed"))}
	case s.trial.over && s.trial.stopped:
		out = kit.Line{p.As(kit.Warn, v.Text("stopped")), p.Text(at), speed}
	case s.trial.over && st.Err != nil:
		out = kit.Line{p.As(kit.Bad, v.Text("broke off")), p.Text(at), speed}
	case s.trial.over:
		out = kit.Line{p.As(kit.Good, v.Text("finished")), p.Text(at), speed}
	case s.trial.stopped:
		out = kit.Line{p.As(kit.Warn, v.Text("stopping")), p.Text(at), speed}
	case len(st.Rows) == 0 && st.Stage.What == "":
		out = kit.Line{p.Text(v.Text("starting"))}
	case len(st.Rows) == 0:
		out = kit.Line{p.Strong(v.Said(st.Stage.What)), p.Text(" " + page.Lane(st.Stage.Mode) + fmt.Sprintf("   %.0f %%", 100*st.Stage.Share))}
	default:
		out = kit.Line{p.Strong(page.DrillNow(p.Voice, plan, *st)), p.Text(at), speed}
	}
	return append(kit.Line{p.Strong(kind)}, out...).Cut(w, p.Ellipsis)
}

// rows are the sparklines on one axis of time and one scale, with what was
// lost beside each.
func (s *drillPane) rows(w int) []kit.Line {
	p, st := s.palette, &s.state
	plan := s.trial.options.Plan
	if len(st.Rows) == 0 {
		return nil
	}
	label := kit.Cells(page.DrillLabel(st.Rows[0].Config)) + 1
	columns := w - label - drillCounters
	tracks := report.Tracks(p.Voice, page.DrillStrip(p.Voice, plan, st.Rows))
	style := kit.Spark{Width: columns, Top: tracks.Top, ASCII: p.ASCII}
	head := kit.Line{}.Pad(label)
	head = append(head, p.Muted(tracks.Ruler(columns))).Pad(label + columns)
	v := p.Voice
	for _, name := range []string{v.Text("ok"), v.Head("lost"), v.Text("to dead")} {
		head = append(head, p.Right(kit.Muted, name, drillCounters/3))
	}
	out := []kit.Line{head}
	for i, r := range st.Rows {
		out = append(out, s.row(r, tracks.Columns(tracks.Rows[i], columns), style, label))
	}
	return append(out, kit.Wrap(kit.Line{p.Muted(tracks.Legend(p))}, w, 0)...)
}

func (s *drillPane) row(r drill.Row, done []kit.Column, style kit.Spark, label int) kit.Line {
	p, all := s.palette, style.Width
	style.Width = len(done)
	out := p.Column(kit.Normal, page.DrillLabel(r.Config), label)
	for _, run := range style.Row(done) {
		out = append(out, p.As(markToken(run.Mark), run.Text))
	}
	out = out.Pad(label + all)
	total, dead := r.Total(), r.AfterDeath().ToOldPod
	for _, c := range []struct {
		n     int
		alarm bool
	}{{total.OK, false}, {total.Failed, true}, {dead, true}} {
		tok := kit.Normal
		if c.alarm && c.n > 0 {
			tok = kit.Bad
		}
		out = append(out, p.Right(tok, plain.Number(c.n), drillCounters/3))
	}
	return out
}

// markToken is how a run of a row is painted.
func markToken(m kit.Mark) kit.Token {
	if m == kit.MarkValue {
		return kit.SideA
	}
	return m.Token()
}

// rest is what could not be tried, what became of the drill in the advice,
// and the report.
func (s *drillPane) rest(w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	st := &s.state
	var out []kit.Line
	if st.Err != nil && !s.trial.stopped {
		reason, remedy := lab.Explain(st.Err)
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, v.Text("It ended early: ")), p.Text(v.Said(reason)), p.Muted(page.Prefixed(v.Clauses("", ""), v.Said(remedy)))}, w, 2)...)
	}
	told := s.trial.over && st.Result != nil && len(st.Result.Rows) > 0
	for _, m := range st.Missing {
		if told {
			break // by the report
		}
		l := append(p.Column(kit.Normal, page.Lane(m.Mode), laneWidth), p.As(kit.Warn, v.Text("missing: ")), p.Text(v.Said(m.Reason)), p.Muted(page.Prefixed(v.Clauses("", ""), v.Said(m.Remedy))))
		out = append(out, kit.Wrap(l, w, laneWidth)...)
	}
	if s.weighed != "" {
		out = append(out, kit.Wrap(kit.Line{p.Text(s.weighed)}, w, 2)...)
	}
	if told {
		out = kit.Join(out, s.printed(*st.Result, w))
	}
	return out
}

// printed is the report as it is printed elsewhere, without its sparklines,
// which stand above.
func (s *drillPane) printed(r lab.DrillResult, w int) []kit.Line {
	p := s.palette
	var b strings.Builder
	if err := report.Text(&b, page.Drill{Voice: p.Voice, Result: r, Version: s.on.tools.Version}.Page(), report.Style{Width: w, ASCII: p.ASCII}); err != nil {
		return []kit.Line{{p.As(kit.Bad, p.Voice.Text("The report cannot be shown: ")), p.Text(p.Voice.Said(err.Error()))}}
	}
	var out []kit.Line
	for _, text := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		out = append(out, kit.Line{p.Text(text)})
	}
	return out
}
