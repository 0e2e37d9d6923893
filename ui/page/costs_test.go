package page

import (
	"testing"

	"kpadvisor/say"

	"kpadvisor/advisor"
)

// TestCostCurve: the lines, the places and the band of a curve in its picture; an audit
// without a curve has no section for it.
func TestCostCurve(t *testing.T) {
	t.Parallel()
	c := advisor.Curve{Known: true, Mode: advisor.IPTables, Here: 300, BandLow: 200, BandHigh: 400, RulesPerPort: 2, Lines: []advisor.CurveLine{
		{Mode: advisor.IPVS, Points: []advisor.CurvePoint{{Ports: 100, LowNs: 18_000, Ns: 18_000, HighNs: 18_000}, {Ports: 500, LowNs: 18_000, Ns: 18_000, HighNs: 18_000}}},
		{Mode: advisor.IPTables, Points: []advisor.CurvePoint{{Ports: 100, LowNs: 500, Ns: 1000, HighNs: 2000}, {Ports: 500, LowNs: 4000, Ns: 5000, HighNs: 9000}}},
	}}
	got := CostCurve(say.Voice{}, c)
	if len(got.Marks) != 1 || got.Marks[0] != (Mark{X: 300, Y: 3, Name: "you: 300 ports"}) {
		t.Errorf("marks %+v", got.Marks)
	}
	if b := got.Bands[0]; b.From != 200 || b.To != 400 {
		t.Errorf("band %+v", b)
	}
	if p := got.Lines[1].Points[1]; p != (Point{X: 500, Y: 5, Low: 4, High: 9}) || !got.Lines[1].Dashed {
		t.Errorf("line %+v", got.Lines[1])
	}
	if c.Mode = advisor.IPVS; CostCurve(say.Voice{}, c).Marks[0].Y != 18 {
		t.Error("the mark is not on the line of the mode in force")
	}
	if c.Expected = 400; len(CostCurve(say.Voice{}, c).Marks) != 2 {
		t.Error("the number expected is not marked")
	}
	for known, want := range map[bool]int{true: 1, false: 0} {
		c.Known = known
		if n := len(sections(say.Voice{}, costs(say.Voice{}, c))); n != want {
			t.Errorf("known %v: %d sections", known, n)
		}
	}
}
