package measure

import (
	"fmt"
	"time"

	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// construction is what the lab was built of: each mode with its objects and the
// time they took, and what could not be built.
func (s *runPane) construction(w int) []kit.Line {
	p, v, st := s.palette, s.palette.Voice, s.watch.lab
	if st == nil {
		return nil
	}
	var out []kit.Line
	row := func(m lab.Mode, l kit.Line) {
		out = append(out, kit.Wrap(append(p.Column(kit.Normal, page.Lane(m), laneWidth), l...), w, laneWidth)...)
	}
	for _, b := range st.Built {
		if b.Mode != lab.Direct {
			row(b.Mode, kit.Line{p.Text(page.Objects(v, b.Counts) + "   " + v.Sprintf("programmed in %s", time.Duration(b.ProgramNs).Round(time.Millisecond).String()))})
		}
	}
	for _, k := range st.Skipped {
		row(k.Mode, kit.Line{p.As(kit.Warn, v.Text("left out: ")), p.Text(v.Said(k.Reason))})
	}
	for _, m := range st.Missing {
		row(m.Mode, kit.Line{p.As(kit.Warn, v.Text("missing: ")), p.Text(v.Said(m.Reason)), p.Muted(v.Clauses("", v.Said(m.Remedy)))})
	}
	if len(out) == 0 {
		return nil
	}
	return append(s.hot(w), append([]kit.Line{{p.Strong(v.Text("Programmed"))}}, out...)...)
}

// hot is the other load beside a paced one: what each mode takes one connection after
// the other, and what that is over direct.
func (s *runPane) hot(w int) []kit.Line {
	p, v, points := s.palette, s.palette.Voice, s.watch.lab.Hot
	if len(points) == 0 {
		return nil
	}
	var direct int64
	for _, pt := range points {
		if pt.Mode == lab.Direct {
			direct = pt.Connect.P10Ns
		}
	}
	out := []kit.Line{{p.Strong(v.Text("Hot beside it")), p.Muted("   " + v.Text("one after the other, p10: the least that a mode costs"))}}
	for _, pt := range points {
		l := append(p.Column(kit.Normal, page.Lane(pt.Mode), laneWidth), p.Right(kit.Normal, fmt.Sprintf("%.1f", float64(pt.Connect.P10Ns)/1e3), 8), p.Text(" µs"))
		if direct > 0 && pt.Mode != lab.Direct {
			l = append(l, p.Muted("   "+v.Sprintf("%+.1f over direct", float64(pt.Connect.P10Ns-direct)/1e3)))
		}
		out = append(out, kit.Wrap(l, w, laneWidth)...)
	}
	return append(out, kit.Line{})
}

// absent are rows for the modes of a lab that could not be built: a mode is never
// left out without a word.
func (s *runPane) absent(w int) []kit.Line {
	p, v, st := s.palette, s.palette.Voice, s.watch.lab
	if st == nil || len(s.watch.series) == 0 {
		return nil
	}
	var out []kit.Line
	row := func(m lab.Mode, why, reason string) {
		l := append(p.Column(kit.Muted, page.Lane(m), s.watch.labelCells()), p.As(kit.Warn, why), p.Text(reason))
		out = append(out, l.Cut(w, p.Ellipsis))
	}
	for _, k := range st.Skipped {
		row(k.Mode, v.Text("left out: "), v.Said(k.Reason))
	}
	for _, m := range st.Missing {
		row(m.Mode, v.Text("missing: "), v.Said(m.Reason))
	}
	return out
}
