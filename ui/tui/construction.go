package tui

import (
	"fmt"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/words"
)

// construction is what the lab was built of: each mode with its objects and the
// time they took, and what could not be built.
func (s *probeScreen) construction(w int) []line {
	p, st := s.palette, s.watch.lab
	if st == nil {
		return nil
	}
	var out []line
	row := func(m lab.Mode, l line) {
		out = append(out, wrap(append(p.column(normal, words.Lane(m), laneWidth), l...), w, laneWidth)...)
	}
	for _, b := range st.Built {
		if b.Mode != lab.Direct {
			row(b.Mode, line{p.text(objects(b.Counts) + "   programmed in " + time.Duration(b.ProgramNs).Round(time.Millisecond).String())})
		}
	}
	for _, k := range st.Skipped {
		row(k.Mode, line{p.as(warn, "left out: "), p.text(k.Reason)})
	}
	for _, m := range st.Missing {
		row(m.Mode, line{p.as(warn, "missing: "), p.text(m.Reason), p.muted("; " + m.Remedy)})
	}
	if len(out) == 0 {
		return nil
	}
	return append(s.hot(w), append([]line{{p.strong("Programmed")}}, out...)...)
}

// hot is the other load beside a paced one: what each mode takes one connection after
// the other, and what that is over direct.
func (s *probeScreen) hot(w int) []line {
	p, points := s.palette, s.watch.lab.Hot
	if len(points) == 0 {
		return nil
	}
	var direct int64
	for _, pt := range points {
		if pt.Mode == lab.Direct {
			direct = pt.Connect.P10Ns
		}
	}
	out := []line{{p.strong("Hot beside it"), p.muted("   one after the other, p10: the least that a mode costs")}}
	for _, pt := range points {
		l := append(p.column(normal, words.Lane(pt.Mode), laneWidth), p.right(normal, fmt.Sprintf("%.1f", float64(pt.Connect.P10Ns)/1e3), 8), p.text(" us"))
		if direct > 0 && pt.Mode != lab.Direct {
			l = append(l, p.muted(fmt.Sprintf("   %+.1f over direct", float64(pt.Connect.P10Ns-direct)/1e3)))
		}
		out = append(out, wrap(l, w, laneWidth)...)
	}
	return append(out, line{})
}

// absent are rows for the modes of a lab that could not be built: a mode is never
// left out without a word.
func (s *probeScreen) absent(w int) []line {
	p, st := s.palette, s.watch.lab
	if st == nil || len(s.watch.series) == 0 {
		return nil
	}
	var out []line
	row := func(m lab.Mode, why, reason string) {
		l := append(p.column(muted, words.Lane(m), s.watch.labelCells()), p.as(warn, why), p.text(reason))
		out = append(out, l.cut(w, p.ellipsis))
	}
	for _, k := range st.Skipped {
		row(k.Mode, "left out: ", k.Reason)
	}
	for _, m := range st.Missing {
		row(m.Mode, "missing: ", m.Reason)
	}
	return out
}

// objects counts what a mode holds in the kernel.
func objects(c lab.Counts) string {
	var parts []string
	for _, o := range []struct {
		n    int
		noun string
	}{{c.VirtualServers, "virtual server"}, {c.RealServers, "real server"}, {c.Rules, "rule"}, {c.Chains, "chain"}, {c.Elements, "element"}} {
		if o.n > 0 {
			parts = append(parts, plain.Count(o.n, o.noun))
		}
	}
	return strings.Join(parts, ", ")
}
