package page

import (
	"fmt"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
)

// effects has a row for each pair of modes and size, and a column for each load.
func (l Lab) effects() draft {
	v := l.Voice
	s := draft{
		ID: "effects", Title: v.Text("What a new connection costs more: µs, 95 % interval over builds"),
		Table: Table{Head: []string{v.Head("Services"), "", v.Head("cold"), v.Head("hot")}, Right: []bool{true, false, true, true}},
	}
	byRow := map[lab.Effect]map[lab.Load]lab.Effect{}
	var order []lab.Effect
	for _, e := range l.Result.Effects {
		if e.B == lab.Direct || e.B == lab.Bare {
			continue
		}
		row := lab.Effect{A: e.A, B: e.B, Services: e.Services}
		if byRow[row] == nil {
			byRow[row] = map[lab.Load]lab.Effect{}
			order = append(order, row)
		}
		byRow[row][e.Load] = e
	}
	if len(order) == 0 {
		return draft{}
	}
	for _, row := range order {
		cells := []string{plain.Number(row.Services), Lane(row.A) + " - " + Lane(row.B)}
		for _, load := range lab.Loads() {
			e, ok := byRow[row][load]
			cells = append(cells, effect(e, ok))
		}
		s.row(cells)
	}
	s.After = nonEmpty(v.Text("~ is not detected: this run could have shown no difference smaller than the one named."), l.tracking(), l.flat())
	return s
}

// effect is "+22.0 [18.9, 25.1]", or how large a difference would have been seen.
func effect(e lab.Effect, ok bool) string {
	switch {
	case !ok:
		return "-"
	case !e.Detected():
		return "~ (" + Unit{"µs", 1e3}.size(float64(e.SmallestNs())) + ")"
	}
	return fmt.Sprintf("%+.1f [%+.1f, %+.1f]", float64(e.Ns)/1e3, float64(e.LowNs)/1e3, float64(e.HighNs)/1e3)
}

// tracking says what of a flat mode's cost is connection tracking, at the largest
// size: a cluster pays that in every mode.
func (l Lab) tracking() string {
	sizes := l.sizes()
	if len(sizes) == 0 {
		return ""
	}
	largest := sizes[len(sizes)-1]
	find := func(a, b lab.Mode, load lab.Load) (lab.Effect, bool) {
		for _, e := range l.Result.Effects {
			if e.A == a && e.B == b && e.Load == load && e.Services == largest {
				return e, true
			}
		}
		return lab.Effect{}, false
	}
	coldTracking, ok := find(lab.Direct, lab.Bare, lab.Cold)
	hotTracking, hotOK := find(lab.Direct, lab.Bare, lab.Hot)
	if !ok || !hotOK {
		return ""
	}
	v := l.Voice
	text := v.Sprintf("Connection tracking alone, which direct has as every pod has: %s µs cold, %s µs hot (direct minus the same without).",
		effect(coldTracking, true), effect(hotTracking, true))
	cold, ok := find(lab.NFTables, lab.Direct, lab.Cold)
	hot, hotOK := find(lab.NFTables, lab.Direct, lab.Hot)
	if ok && hotOK {
		text = v.Sentences(text, v.Sprintf("nftables costs %s µs cold and %s µs hot beyond that: lookup and address translation.", effect(cold, true), effect(hot, true)))
	}
	return text
}

// flat is the check that a sweep carries in itself.
func (l Lab) flat() string {
	v := l.Voice
	var parts []string
	for _, f := range l.Result.Flat {
		parts = append(parts, v.Sprintf("%s %s by %.1f µs (standard deviation of %s)", Lane(f.Mode), loadName(v, f.Load), float64(f.SDNs)/1e3, v.Count(f.Builds, "build")))
	}
	if len(parts) == 0 {
		return ""
	}
	return v.Sprintf("The check: what modes cost over direct that do not depend on the number of Services varied all the same: %s.", v.Clauses(parts...))
}
