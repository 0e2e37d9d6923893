package measure

import (
	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// The table of times: ab's columns and two percentiles.
const (
	numberWidth = 6               // "99999", "123.4", "60.0s"
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

// heading is the name of a column in words.
func heading(v say.Voice, name string) string {
	switch name {
	case "min":
		return v.Head("min")
	case "mean":
		return v.Head("mean")
	case "sd":
		return v.Head("sd")
	case "median":
		return v.Head("median")
	case "max":
		return v.Head("max")
	}
	return name
}

// table puts the targets side by side where there is room for it, and one under
// the other where there is not; columns that do not fit follow below. A number
// is never cut.
func (s *runPane) table(w int) []kit.Line {
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
func (s *runPane) beside() []kit.Line {
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
			head = append(head, p.Right(kit.Muted, heading(p.Voice, c.name), cellWidth))
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
func (s *runPane) stacked(first, end int) []kit.Line {
	p, r := s.palette, &s.watch
	wide := r.labelCells()
	head := kit.Line{}.Pad(phaseCells + wide)
	for _, c := range figures()[first:end] {
		head = append(head, p.Right(kit.Muted, heading(p.Voice, c.name), cellWidth))
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

func (s *runPane) phaseLabel(ph probe.Phase) kit.Line {
	p := s.palette
	tok := kit.Normal
	if ph == s.watch.phase {
		tok = kit.Strong
	}
	return kit.Line{p.As(tok, page.PhaseName(ph)), p.Muted(" " + s.watch.unit(ph).Name)}.Pad(phaseCells)
}

// numbers are some figures of one target and phase.
func (s *runPane) numbers(i int, ph probe.Phase, first, end int) kit.Line {
	p, u := s.palette, s.watch.unit(ph)
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
		out = append(out, p.Text(" "), p.Right(tok, figure(c.of(st), n, u), numberWidth))
	}
	return out
}

// unit is that of a phase, the same for all targets.
func (w *watch) unit(p probe.Phase) page.Unit {
	all := make([]probe.Stats, len(w.targets))
	for i := range w.targets {
		all[i] = w.stats(i, p)
	}
	return page.RowUnit(all...)
}

// figure writes a time in at most numberWidth cells. Of n values none is no number.
func figure(ns float64, n int64, u page.Unit) string {
	if n == 0 {
		return "-"
	}
	return u.Cell(ns)
}
