package tui

import (
	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// curvePicture is what a new connection costs against Services, for each mode, with this
// cluster on it.
func (s *adviceScreen) curvePicture(w, h int) []kit.Line {
	p, c := s.palette, s.session.advice.Curve
	if !c.Known {
		return kit.Wrap(kit.Line{p.Strong("No curve. "), p.Text("What a new connection costs is estimated from the number of Services and kube-proxy's version.")}, w, 0)
	}
	const notes = 1
	out := curveOf(c).Draw(p, w, max(h-notes, 0))
	if len(out) == 0 {
		return kit.Wrap(kit.Line{p.Text("The curve needs a larger screen.")}, w, 0)
	}
	return append(out, kit.Line{p.Muted("Estimates, nothing is measured; e has formulas and sources.")}.Cut(w, p.Ellipsis))
}

// curveOf is the picture of a curve.
func curveOf(c advisor.Curve) kit.Curve {
	out := kit.Curve{
		X: kit.Axis{Name: "Service ports", Log: true}, Y: kit.Axis{Name: "New connection, p50", Unit: "µs"},
		Bands: []kit.Band{{From: float64(c.BandLow), To: float64(c.BandHigh), Name: "the guide's break-even, " + plain.Count(c.RulesPerPort, "rule") + " per port"}},
	}
	for _, l := range c.Lines {
		plot := kit.Plot{Name: page.Mode(l.Mode), Token: series(l.Mode)}
		for _, at := range l.Points {
			plot.Points = append(plot.Points, kit.Point{X: float64(at.Ports), Y: float64(at.Ns) / 1e3})
		}
		out.Lines = append(out.Lines, plot)
	}
	spot := func(ports int, name string) {
		if ports > 0 {
			out.Spots = append(out.Spots, kit.Spot{X: float64(ports), Y: c.At(advisor.IPTables, ports) / 1e3, Name: name + plain.Count(ports, "port")})
		}
	}
	spot(c.Here, "you: ")
	spot(c.Expected, "in a year: ")
	return out
}
