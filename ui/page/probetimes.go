package page

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/say"
)

// Unit is what the times of one row, or of one table, are written in.
type Unit struct {
	Name string // "µs" or "ms"
	ns   float64
}

// unitFor is µs while the largest time needs no more than five digits of it.
func unitFor(largestNs float64) Unit {
	if largestNs < 99_999.5e3 {
		return Unit{"µs", 1e3}
	}
	return Unit{"ms", 1e6}
}

// format writes a time in at most five columns, without a precision beyond the
// 0.1 µs that a histogram and a kernel's clock can bear.
func (u Unit) format(ns float64) string {
	v, digits := ns/u.ns, 0
	switch a := math.Abs(v); {
	case u.Name == "µs" && a < 999.95:
		digits = 1
	case u.Name == "µs":
	case a < 9.9995:
		digits = 3
	case a < 99.995:
		digits = 2
	case a < 999.95:
		digits = 1
	}
	text := fmt.Sprintf("%.*f", digits, v)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return text
}

// size writes how large something is that is not nothing, if only it cannot be seen in
// this unit.
func (u Unit) size(ns float64) string {
	text := u.format(ns)
	if ns <= 0 || strings.Trim(text, "0.") != "" {
		return text
	}
	_, digits, _ := strings.Cut(text, ".")
	return "<0." + strings.Repeat("0", len(digits)) + "5"
}

// Of is a time in this unit.
func (u Unit) Of(ns float64) float64 { return ns / u.ns }

// signed is format with a sign, as a difference has one.
func (u Unit) signed(ns float64) string {
	text := u.format(ns)
	if strings.HasPrefix(text, "-") || strings.Trim(text, "0.") == "" {
		return text
	}
	return "+" + text
}

// statNames head the columns of one target, in ab's order and two more.
func statNames(v say.Voice) []string {
	return []string{v.Head("min"), v.Head("mean"), v.Head("sd"), v.Head("median"), v.Head("max"), "p90", "p99"}
}

// rowUnit is the unit of one phase for all targets.
func (p Probe) rowUnit(ph probe.Phase) Unit {
	all := make([]probe.Stats, len(p.Result.Series))
	for i, s := range p.Result.Series {
		all[i] = s.Phases[ph]
	}
	return RowUnit(all...)
}

// RowUnit is one unit for all of them: ms only if every median is of 10 ms or more, so
// that no short time loses its digits to a long one.
func RowUnit(all ...probe.Stats) Unit {
	u := Unit{"µs", 1e3}
	for _, s := range all {
		if s.N > 0 && s.MedianNs < int64(10*time.Millisecond) {
			return Unit{"µs", 1e3}
		}
		if s.N > 0 {
			u = Unit{"ms", 1e6}
		}
	}
	return u
}

// Cell is format, and for a time too long for five columns of its row's unit
// one with a unit of its own: "123ms", "7.10s".
func (u Unit) Cell(ns float64) string {
	switch {
	case ns < 99_999.5*u.ns:
		return u.format(ns)
	case ns < 999.5e6:
		return fmt.Sprintf("%.0fms", ns/1e6)
	case ns < 9.995e9:
		return fmt.Sprintf("%.2fs", ns/1e9)
	case ns < 99.95e9:
		return fmt.Sprintf("%.1fs", ns/1e9)
	}
	return fmt.Sprintf("%.0fs", ns/1e9)
}

// statCells are the times of one phase under statNames; "-" where none is known.
func statCells(s probe.Stats, u Unit) []string {
	times := []float64{float64(s.MinNs), s.MeanNs, s.SDNs, float64(s.MedianNs), float64(s.MaxNs), float64(s.P90Ns), float64(s.P99Ns)}
	cells := make([]string, len(times))
	for i, ns := range times {
		cells[i] = u.Cell(ns)
		if s.N == 0 || s.N == 1 && i == 2 { // the spread of one value is unknown, not 0
			cells[i] = "-"
		}
	}
	return cells
}

// times are ab's four rows and the kernel's, in a table for each target. A row has one
// unit, the same for all of them.
func (p Probe) times() draft {
	v := p.Voice
	s := draft{ID: "times", Title: v.Text("Times")}
	heads := append([]string{""}, statNames(v)...)
	for i, series := range p.Result.Series {
		t := Table{Title: p.called(i), Head: slices.Clone(heads), Right: numbers(1, len(heads)-1)}
		for _, ph := range p.Result.Phases() {
			t.Rows = append(t.Rows, Row{Cells: p.timesRow(ph, i)})
		}
		s.Parts = append(s.Parts, t)
		s.After = append(s.After, p.countsLine(series))
	}
	if spread := p.spread(); len(spread.Rows) > 0 {
		s.Parts = append(s.Parts, spread)
	}
	return s
}

// spread is how the times that count are distributed, of each target: as few quantiles as
// a table beside it has room for.
func (p Probe) spread() Distribution {
	names := make([]string, len(p.Result.Series))
	for i := range names {
		names[i] = p.called(i)
	}
	d := SpreadOf(p.Result.Series, names, p.Basis)
	for i, r := range d.Rows {
		d.Rows[i].Quantiles = slices.DeleteFunc(r.Quantiles, func(q Quantile) bool {
			return !slices.Contains([]float64{0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999}, q.Share)
		})
	}
	return d
}

// SpreadOf is how the times of a phase are distributed, of each series under its name; one
// without any is left out.
func SpreadOf(all []probe.Series, names []string, ph probe.Phase) Distribution {
	stats := make([]probe.Stats, len(all))
	for i, s := range all {
		stats[i] = s.Phases[ph]
	}
	u := RowUnit(stats...)
	d := Distribution{Of: ph.String(), Unit: u.Name}
	shares := probe.Shares()
	for i, s := range all {
		spread, err := s.Spread(ph)
		if err != nil || spread == nil {
			continue
		}
		row := Spread{Name: names[i], Series: Series(i + 1), N: s.Phases[ph].N}
		for n, ns := range spread {
			row.Quantiles = append(row.Quantiles, Quantile{shares[n], float64(ns) / u.ns})
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}

// timesRow is one phase of target i under its name and unit.
func (p Probe) timesRow(ph probe.Phase, i int) []string {
	u := p.rowUnit(ph)
	return append([]string{PhaseName(ph) + " " + u.Name}, statCells(p.Result.Series[i].Phases[ph], u)...)
}

// numbers marks the columns of numbers after some of words.
func numbers(words, n int) []bool {
	out := make([]bool, words+n)
	for i := range n {
		out[words+i] = true
	}
	return out
}

// countsLine says how many times each phase's row rests on.
func (p Probe) countsLine(s probe.Series) string {
	v := p.Voice
	var parts []string
	var over int64
	first := s.Phases[probe.Connect].N
	same := true
	for _, ph := range p.Result.Phases() {
		n := s.Phases[ph].N
		parts = append(parts, ph.String()+" "+plain.Number(int(n)))
		same = same && n == first
		over += s.Phases[ph].Over60s
	}
	text := v.Sprintf("%s: n %s.", s.Target.Name, v.List(parts...))
	if same {
		text = v.Sprintf("%s: n %s in each row.", s.Target.Name, plain.Number(int(first)))
	}
	if over == 0 {
		return text
	}
	return v.Sentences(text, v.Sprintf("%s above 60 s count as 60 s in median and percentiles.", v.Count(int(over), "time")))
}

// PhaseName is a phase as ab spells it in its table.
func PhaseName(ph probe.Phase) string {
	name := ph.String()
	return strings.ToUpper(name[:1]) + name[1:]
}
