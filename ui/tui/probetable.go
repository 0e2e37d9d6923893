package tui

import (
	"fmt"
	"time"

	"kpadvisor/probe"
	"kpadvisor/ui/kit"
)

// The table of times: ab's columns and two percentiles.
const (
	numberWidth = 6               // "999999", "123.45", "60.00s"
	cellWidth   = numberWidth + 1 // with the blank before it
	phaseCells  = 16              // "First-packet us "
	sideGap     = 3
)

// figures are the columns of the table.
func figures() []struct {
	name string
	of   func(probe.Stats) float64
} {
	return []struct {
		name string
		of   func(probe.Stats) float64
	}{
		{"min", func(s probe.Stats) float64 { return float64(s.MinNs) }},
		{"mean", func(s probe.Stats) float64 { return s.MeanNs }},
		{"sd", func(s probe.Stats) float64 { return s.SDNs }},
		{"median", func(s probe.Stats) float64 { return float64(s.MedianNs) }},
		{"max", func(s probe.Stats) float64 { return float64(s.MaxNs) }},
		{"p90", func(s probe.Stats) float64 { return float64(s.P90Ns) }},
		{"p99", func(s probe.Stats) float64 { return float64(s.P99Ns) }},
	}
}

// table puts the targets side by side where there is room for it, and one under
// the other where there is not; columns that do not fit follow below. A number
// is never cut.
func (s *probeScreen) table(w int) []kit.Line {
	all, n := figures(), len(s.watch.targets)
	if n <= 2 && phaseCells+n*len(all)*cellWidth+(n-1)*sideGap <= w {
		return s.beside()
	}
	fit := max((w-phaseCells-s.watch.labelCells())/cellWidth, 1)
	var out []kit.Line
	for first := 0; first < len(all); first += fit {
		if first > 0 {
			out = append(out, nil)
		}
		out = append(out, s.stacked(first, min(first+fit, len(all)))...)
	}
	return out
}

// beside has a group of columns for each target.
func (s *probeScreen) beside() []kit.Line {
	p, r := s.palette, &s.watch
	all := figures()
	group := len(all) * cellWidth
	over, head := kit.Line{}.Pad(phaseCells), kit.Line{}.Pad(phaseCells)
	for i := range r.targets {
		if i > 0 {
			over, head = over.Pad(over.Width()+sideGap), append(head, p.Muted(" │ "))
		}
		over = append(over, kit.Line{p.Right(side(i), r.label(i), cellWidth)}.Pad(group)...)
		for _, c := range all {
			head = append(head, p.Right(kit.Muted, c.name, cellWidth))
		}
	}
	out := []kit.Line{head}
	if len(r.targets) > 1 {
		out = []kit.Line{over, head}
	}
	for _, ph := range r.phases() {
		l := s.phaseLabel(ph)
		for i := range r.targets {
			if i > 0 {
				l = append(l, p.Muted(" │ "))
			}
			l = append(l, s.numbers(i, ph, 0, len(all))...)
		}
		out = append(out, l)
	}
	return out
}

// stacked has a line for each target under each phase.
func (s *probeScreen) stacked(first, end int) []kit.Line {
	p, r := s.palette, &s.watch
	wide := r.labelCells()
	head := kit.Line{}.Pad(phaseCells + wide)
	for _, c := range figures()[first:end] {
		head = append(head, p.Right(kit.Muted, c.name, cellWidth))
	}
	out := []kit.Line{head}
	for _, ph := range r.phases() {
		for i := range r.targets {
			l := kit.Line{}.Pad(phaseCells)
			if i == 0 {
				l = s.phaseLabel(ph)
			}
			l = append(l, p.Column(side(i), r.label(i), wide)...)
			out = append(out, append(l, s.numbers(i, ph, first, end)...))
		}
	}
	return out
}

func (s *probeScreen) phaseLabel(ph probe.Phase) kit.Line {
	p := s.palette
	tok := kit.Normal
	if ph == s.watch.phase {
		tok = kit.Strong
	}
	return kit.Line{p.As(tok, phaseName(ph)), p.Muted(" " + unit(s.watch.inMilliseconds(ph)))}.Pad(phaseCells)
}

// numbers are some figures of one target and phase.
func (s *probeScreen) numbers(i int, ph probe.Phase, first, end int) kit.Line {
	p, ms := s.palette, s.watch.inMilliseconds(ph)
	st := s.watch.stats(i, ph)
	var out kit.Line
	for _, c := range figures()[first:end] {
		n := st.N
		if c.name == "sd" && n < 2 {
			n = 0
		}
		tok := kit.Normal
		if c.name == "median" {
			tok = kit.Strong
		}
		out = append(out, p.Text(" "), p.Right(tok, figure(c.of(st), n, ms), numberWidth))
	}
	return out
}

// inMilliseconds says in which unit a phase is shown, the same for all targets:
// ms only if every median is of 10 ms or more, so that no short time loses its
// digits to a long one.
func (w *watch) inMilliseconds(p probe.Phase) bool {
	measured := false
	for i := range w.targets {
		if s := w.stats(i, p); s.N > 0 {
			measured = true
			if s.MedianNs < int64(10*time.Millisecond) {
				return false
			}
		}
	}
	return measured
}

func unit(ms bool) string {
	if ms {
		return "ms"
	}
	return "us"
}

// figure writes a time in at most numberWidth cells with at least three digits;
// what is too long for its unit is in seconds and says so. Of n values none is
// no number.
func figure(ns float64, n int64, ms bool) string {
	v := ns / 1e3
	if ms {
		v = ns / 1e6
	}
	switch {
	case n == 0:
		return "-"
	case v >= 999_999.5 && ns < 99.995e9:
		return fmt.Sprintf("%.2fs", ns/1e9)
	case v >= 999_999.5:
		return fmt.Sprintf("%.0fs", ns/1e9)
	case v >= 999.95:
		return fmt.Sprintf("%.0f", v)
	case ms && v < 9.9995:
		return fmt.Sprintf("%.3f", v)
	case ms && v < 99.995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// round writes a scale's top, which is 1, 2 or 5 of something.
func round(ns float64) string {
	for _, u := range []struct {
		ns   float64
		name string
	}{{1e9, " s"}, {1e6, " ms"}, {1e3, " us"}} {
		if ns >= u.ns {
			return fmt.Sprintf("%.0f%s", ns/u.ns, u.name)
		}
	}
	return fmt.Sprintf("%.0f ns", ns)
}
