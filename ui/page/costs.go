package page

import (
	"kpadvisor/advisor"
	"kpadvisor/say"
)

// costs is the guide's picture with this cluster on it.
func costs(v say.Voice, c advisor.Curve) draft {
	if !c.Known {
		return draft{}
	}
	return draft{
		ID: "costs", Title: v.Text("What a new connection costs (estimate, not measured)"),
		Parts: []Block{CostCurve(v, c)},
		After: []string{
			v.Text("By the formulas of the estimates, for a cluster of the same shape with more or fewer Service ports."),
			v.Sprintf("The marks stand on the line of %s.", Mode(v, c.Mode)),
			v.Sprintf("The guide's break-even of iptables and IPVS is taken for %s per port, as kube-proxy of this version writes.", v.Count(c.RulesPerPort, "rule")),
		},
	}
}

// CostCurve is what each mode adds to a new connection against the number of Service
// ports: where this cluster is, where it is expected to be, and where the guide's curves
// of iptables and IPVS cross.
func CostCurve(v say.Voice, c advisor.Curve) Curve {
	out := Curve{
		X: Axis{Name: v.Head("Service ports"), Log: true}, Y: Axis{Name: v.Text("added to a new connection, median"), Unit: "µs"},
		Bands: []Band{{From: float64(c.BandLow), To: float64(c.BandHigh), Name: v.Text("break-even in the UK8S guide")}},
	}
	for _, l := range c.Lines {
		line := Line{Name: Mode(v, l.Mode), Series: ModeSeries(l.Mode), Dashed: true}
		for _, p := range l.Points {
			line.Points = append(line.Points, Point{X: float64(p.Ports), Y: float64(p.Ns) / 1e3, Low: float64(p.LowNs) / 1e3, High: float64(p.HighNs) / 1e3})
		}
		out.Lines = append(out.Lines, line)
	}
	mark := func(ports int, name string) {
		if ports > 0 {
			out.Marks = append(out.Marks, Mark{X: float64(ports), Y: c.At(c.Mode, ports) / 1e3, Name: v.Sprintf("%s: %s", name, v.Count(ports, "port"))})
		}
	}
	mark(c.Here, v.Text("you"))
	mark(c.Expected, v.Text("in a year"))
	return out
}
