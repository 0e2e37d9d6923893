package page

import (
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
)

// curves are connect times against the number of Services: cold ones, which decide,
// where they were measured.
func (l Lab) curves() draft {
	if len(l.sizes()) < 2 {
		return draft{}
	}
	v := l.Voice
	s := draft{ID: "curves", Title: v.Text("Curves: a hot connection")}
	of, at := "p10", l.position()
	time := func(p lab.Point) int64 { return p.Connect.P10Ns }
	if l.cold() {
		s.Title, of, at = v.Text("Curves: a cold connection"), v.Head("median"), rules.Middle
		time = func(p lab.Point) int64 { return p.Cold.P50Ns }
	}
	c := Curve{X: Axis{Name: v.Head("Services")}, Y: Axis{Name: of, Unit: "µs"}}
	for _, m := range l.modes() {
		line := Line{Name: string(m), Series: laneSeries(m), Letter: laneLetter(m)}
		for _, n := range l.sizes() {
			if p, ok := l.find(m, n, at); ok {
				y := float64(time(p)) / 1e3
				line.Points = append(line.Points, Point{X: float64(n), Y: y, Low: y, High: y})
			}
		}
		c.Lines = append(c.Lines, line)
	}
	s.Parts = []Block{c}
	return s
}

// laneLetter marks a mode's points.
func laneLetter(m lab.Mode) string {
	switch m {
	case lab.IPTablesLegacy:
		return "L"
	case lab.IPTablesNFT:
		return "I"
	case lab.NFTables:
		return "N"
	case lab.IPVS:
		return "V"
	case lab.Direct, lab.Bare:
		return "d"
	}
	return ""
}

// laneSeries gives each mode of the lab its colour.
func laneSeries(m lab.Mode) Series {
	switch m {
	case lab.IPTablesLegacy:
		return 1
	case lab.NFTables:
		return 2
	case lab.IPVS:
		return 3
	case lab.IPTablesNFT:
		return 4
	case lab.Direct, lab.Bare:
		return 5
	}
	return 0
}
