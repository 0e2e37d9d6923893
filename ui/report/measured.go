package report

import (
	"kpadvisor/advisor"
)

// measured lists what somebody measured, apart from what was estimated: the two
// never stand in one table.
func measured(m advisor.Measured) section {
	if len(m.Comparisons) == 0 {
		return section{}
	}
	s := section{
		Title: "Measured, not estimated: a new connection, in us",
		Intro: []string{"The difference is of medians, with its 95 % interval; ~ is not detected, which is not equal. It holds for the kernel and the Services it was measured with."},
		Table: table{
			Head:  []string{"measured", "difference", "95 % interval", "blocks", "kernel", "Services", "where"},
			Right: []bool{false, true, true, true, false, true, false},
		},
	}
	for _, c := range m.Comparisons {
		s.Table.Rows = append(s.Table.Rows, measuredRow(c))
	}
	return s
}

func measuredRow(c advisor.Comparison) []string {
	u := unit{"us", 1e3}
	diff, services := "~", "unknown"
	if c.Detected {
		diff = u.signed(float64(c.MedianDiffNs))
	}
	if c.Services > 0 {
		services = count(c.Services)
	}
	return []string{
		modeName(c.A) + " - " + modeName(c.B), diff, "[" + u.signed(float64(c.LowNs)) + ", " + u.signed(float64(c.HighNs)) + "]",
		count(c.Blocks), c.Kernel, services, c.Where,
	}
}
