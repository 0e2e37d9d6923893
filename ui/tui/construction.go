package tui

import (
	"strings"
	"time"

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
		out = append(out, wrap(append(p.column(plain, words.Lane(m), laneWidth), l...), w, laneWidth)...)
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
	return append([]line{{p.strong("Programmed")}}, out...)
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
			parts = append(parts, words.Count(o.n, o.noun))
		}
	}
	return strings.Join(parts, ", ")
}
