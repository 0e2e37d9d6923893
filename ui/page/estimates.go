package page

import (
	"slices"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe/lab"
)

// estimates lists what each mode would cost on a node. Every row says that it
// is an estimate; nothing measured is ever put in this table.
func estimates(v say.Voice, a advisor.Advice) draft {
	s := draft{ID: "estimates", Title: v.Text("Each node would hold (estimate, not measured)")}
	if len(a.Estimates) == 0 {
		return draft{}
	}
	s.Intro = []string{v.Text("Added is the time each new connection takes more on the client's node than with a nearly empty iptables table; a connection that is kept alive pays it once.")}
	s.Table = Table{
		Head:  []string{v.Head("estimate"), v.Head("rules"), v.Head("chains"), v.Head("elements"), v.Head("virtual"), v.Head("real"), v.Head("added p99")},
		Right: []bool{false, true, true, true, true, true, true},
	}
	added := Comparison{Of: v.Text("added to a new connection, median"), Unit: "µs"}
	for _, e := range a.Estimates {
		added.Bars = append(added.Bars, addedBar(v, e, e.Mode == a.Recommended))
		s.row(estimateRow(v, e))
		it := Item{Label: Mode(v, e.Mode), Notes: nonEmpty(Prefixed(v.Text("new connection: "), Micro(e.NewConnection)))}
		for _, n := range EstimateNotes(v, e) {
			it.Notes = append(it.Notes, v.Sprintf("%s: %s", n.Label, n.Text))
		}
		s.Items = append(s.Items, it)
	}
	s.Parts = []Block{added}
	return s
}

// addedBar is what a mode adds to a new connection: the middle of what is known of it.
func addedBar(v say.Voice, e advisor.Estimate, advised bool) Bar {
	b := Bar{Name: Mode(v, e.Mode), Series: ModeSeries(e.Mode), Known: e.Known, Chosen: advised, Figure: v.Text("unknown")}
	if !e.Known {
		return b
	}
	low, high := e.NewConnectionP50LowNs, e.NewConnectionP50HighNs
	if low == 0 && high == 0 {
		low, high = e.NewConnectionP50Ns, e.NewConnectionP50Ns
	}
	b.Low, b.High, b.Figure = float64(low)/1e3, float64(high)/1e3, Latency(v, e.NewConnectionP50Ns)
	if low != high {
		b.Note = v.Sprintf("%s to %s", Latency(v, low), Latency(v, high))
	}
	return b
}

// ModeSeries gives each mode its colour, the one that it has in a lab too.
func ModeSeries(m advisor.Mode) Series {
	switch m {
	case advisor.IPTables:
		return laneSeries(lab.IPTablesLegacy)
	case advisor.NFTables:
		return laneSeries(lab.NFTables)
	case advisor.IPVS:
		return laneSeries(lab.IPVS)
	}
	return 0
}

func estimateRow(v say.Voice, e advisor.Estimate) []string {
	if !e.Known {
		return []string{Mode(v, e.Mode), v.Text("unknown"), "", "", "", "", v.Text("unknown")}
	}
	return []string{
		Mode(v, e.Mode), plain.Number(e.Rules), plain.Number(e.Chains), blankZero(e.Elements),
		blankZero(e.VirtualServers), blankZero(e.RealServers),
		Latency(v, e.NewConnectionP99Ns),
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

// noted puts a note behind s, unless it is empty.
func noted(v say.Voice, s, note string) string {
	if note == "" {
		return s
	}
	return v.Sprintf("%s (%s)", s, note)
}

// Prefixed puts a label before s, unless s is empty.
func Prefixed(label, s string) string {
	if s == "" {
		return ""
	}
	return label + s
}
