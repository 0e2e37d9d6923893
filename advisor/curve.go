package advisor

import "math"

// Curve is what each mode adds to a new connection against the number of Service ports,
// with this cluster on it. All of it is estimated, by the formulas of the estimates.
type Curve struct {
	Known    bool
	Mode     Mode // in force on most nodes, whose line the marks stand on; iptables where none is known
	Here     int  // ports that a new connection is looked up among
	Expected int  // in a year, as answered; 0 if nobody did
	// The break-even band between iptables and IPVS in the UK8S guide, and the rules per
	// port that it goes with.
	BandLow, BandHigh, RulesPerPort int
	Lines                           []CurveLine // one per mode of Modes()
}

// CurveLine is the line of a mode.
type CurveLine struct {
	Mode   Mode
	Points []CurvePoint // ascending
}

// CurvePoint is the cost at a number of ports, and the range it lies in.
type CurvePoint struct {
	Ports             int
	LowNs, Ns, HighNs int64
}

// The curve begins where no mode costs anything yet, and ends beyond everything on it.
const (
	curveFrom  = 100
	curveUpTo  = 2   // times the cluster and the band
	curveSteps = 1.2 // from point to point
)

// curve is where this cluster stands among other sizes of the same shape.
func (s *situation) curve() Curve {
	v, known := s.oldest.Get()
	if !s.load.known || !known {
		return Curve{}
	}
	band := bandOf(v)
	c := Curve{Known: true, Mode: IPTables, Here: s.load.entries(), BandLow: band.low, BandHigh: band.high, RulesPerPort: band.rules}
	if expected := s.expectedEntries(); expected != c.Here {
		c.Expected = expected
	}
	if now := s.current(); len(now) > 0 && now[0].Mode != "" {
		c.Mode = now[0].Mode
	}
	last := curveUpTo * max(c.Here, c.Expected, band.high)
	var sizes []int
	for at := float64(min(curveFrom, max(c.Here, 1))); at < float64(last); at *= curveSteps {
		sizes = append(sizes, int(math.Ceil(at)))
	}
	sizes = append(sizes, last)
	for _, m := range Modes() {
		line := CurveLine{Mode: m}
		for _, n := range sizes {
			p50 := connectionCost(m, s.load.scaled(n), s.load.common, v).p50
			line.Points = append(line.Points, CurvePoint{n, p50.low, p50.mid, p50.high})
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

// At is the cost of a mode in nanoseconds at a number of ports, between the points.
func (c Curve) At(m Mode, ports int) float64 {
	for _, l := range c.Lines {
		if l.Mode != m {
			continue
		}
		for i, p := range l.Points {
			switch {
			case p.Ports < ports:
			case i == 0:
				return float64(p.Ns)
			default:
				a := l.Points[i-1]
				part := float64(ports-a.Ports) / float64(p.Ports-a.Ports)
				return float64(a.Ns) + part*float64(p.Ns-a.Ns)
			}
		}
	}
	return 0
}
