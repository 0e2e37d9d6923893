package page

import (
	"slices"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// estimates lists what each mode would cost on a node. Every row says that it
// is an estimate; nothing measured is ever put in this table.
func estimates(a advisor.Advice) draft {
	s := draft{ID: "estimates", Title: "Each node would hold (estimate, not measured)"}
	if len(a.Estimates) == 0 {
		return draft{}
	}
	s.Intro = []string{"Added is the time each new connection takes more on the client's node than with a nearly empty iptables table; a connection that is kept alive pays it once."}
	s.Table = Table{
		Head:  []string{"estimate", "rules", "chains", "elements", "virtual", "real", "added p50", "added p99"},
		Right: []bool{false, true, true, true, true, true, true, true},
	}
	for _, e := range a.Estimates {
		s.row(estimateRow(e))
		s.Items = append(s.Items, Item{Label: Mode(e.Mode), Notes: nonEmpty(
			prefixed("new connection: ", e.NewConnection),
			prefixed("largest Service: ", e.WorstService),
			prefixed("one endpoint's change: ", e.OneEndpointChange),
			prefixed("full sync: ", e.FullSync),
			prefixed("formula: ", e.Formula),
			prefixed("source: ", e.Source),
		)})
	}
	return s
}

func estimateRow(e advisor.Estimate) []string {
	if !e.Known {
		return []string{Mode(e.Mode), "unknown", "", "", "", "", "unknown", "unknown"}
	}
	return []string{
		Mode(e.Mode), plain.Number(e.Rules), plain.Number(e.Chains), blankZero(e.Elements),
		blankZero(e.VirtualServers), blankZero(e.RealServers),
		latency(e.NewConnectionP50Ns), latency(e.NewConnectionP99Ns),
	}
}

// blankZero leaves out what a mode has none of by its nature.
func blankZero(n int) string {
	if n == 0 {
		return "-"
	}
	return plain.Number(n)
}

func nonEmpty(all ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" })
}

// prefixed puts a label before s, unless s is empty.
func prefixed(label, s string) string {
	if s == "" {
		return ""
	}
	return label + s
}
