package advisor

import "testing"

// TestCurve: the line of each mode passes through its own estimate where the cluster is,
// never falls, and ends beyond everything that stands on it.
func TestCurve(t *testing.T) {
	t.Parallel()
	f := Facts{
		Version:  KnownFrom("v1.33.4", "test"),
		Services: KnownFrom(ServiceCounts{Total: 4000, Counted: 4000, Ports: 4800}, "test"),
	}
	f.Endpoints = KnownFrom(EndpointCounts{Total: 40_000, Ready: 40_000, Serving: 40_000}, "test")
	h := Habits{ExpectedServices: KnownFrom(6000, "test")}
	a := Decide(f, h, Measured{})
	c := a.Curve
	if !c.Known || c.Here != 4800 || c.Expected != 7200 || c.BandLow != 1400 || c.BandHigh != 3000 || len(c.Lines) != len(Modes()) {
		t.Fatalf("%+v", c)
	}
	for i, l := range c.Lines {
		e := a.Estimates[i]
		before := CurvePoint{}
		for _, p := range l.Points {
			if p.Ports <= before.Ports || p.Ns < before.Ns || p.LowNs > p.Ns || p.Ns > p.HighNs {
				t.Errorf("%s: %+v after %+v", l.Mode, p, before)
			}
			if before.Ports < c.Here && p.Ports >= c.Here && (e.NewConnectionP50Ns < before.Ns || e.NewConnectionP50Ns > p.Ns) {
				t.Errorf("%s: %d ns here is not between %+v and %+v", l.Mode, e.NewConnectionP50Ns, before, p)
			}
			before = p
		}
		if before.Ports < max(c.Here, c.Expected, c.BandHigh) {
			t.Errorf("%s ends at %d", l.Mode, before.Ports)
		}
	}
	if c := Decide(Facts{}, h, Measured{}).Curve; c.Known {
		t.Errorf("known of nothing: %+v", c)
	}
}
