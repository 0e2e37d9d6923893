package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/say"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
)

// LabScope stands in every report on a lab; a voice says it.
const LabScope = "A lab measures rule lookup on this kernel, not your cluster."

// Lab is the report on one run or sweep of the lab.
type Lab struct {
	Result   lab.Result
	Position rules.Position // of the target among the rules in the tables and curves; empty: Middle
	Problem  *plain.Problem // why there is no result, or only a part of it; nil when all went well
	Voice    say.Voice      // what the report is said in
	Version  string         // of this program
}

// Page lays out the report, most important first.
func (l Lab) Page() Document {
	all := append(l.connects(), l.curves(), l.effects(), l.breakEven())
	for _, n := range l.sizes() {
		all = append(all, l.size(n))
	}
	all = append(all, l.places(), l.missing(), l.method())
	return Document{Voice: l.Voice, Title: l.Voice.Text(LabScope), Tone: Strong, About: l.about(), Problem: saidAgain(l.Voice, l.Problem), Sections: sections(l.Voice, all...)}
}

func (l Lab) about() []string {
	e := l.Result.Environment
	out := append(program(l.Version), l.Voice.Text("lab"))
	if e.Kernel == "" {
		return out
	}
	return append(out, machine(l.Voice, e.Where, e.Kernel, e.CPUs, e.Started)...)
}

// connects has a row per size and a column per mode for each load: cold first,
// because it decides, and hot with the guide's figures beside.
func (l Lab) connects() []draft {
	if len(l.modes()) == 0 {
		return nil
	}
	v := l.Voice
	hot := l.connect("hot", v.Sprintf("New connection, hot (one after the other): p10 in µs, target %s", place(v, l.position())), func(p lab.Point) int64 { return p.Connect.P10Ns })
	if guide := l.guide(); len(guide) > 0 {
		hot.Table.Head, hot.Table.Right = append(hot.Table.Head, v.Head("guide ipt ms"), v.Head("guide IPVS ms")), append(hot.Table.Right, true, true)
		hot.After = []string{v.Text("guide: the UK8S guide's mean connect time, in ms, of ab with 1,000 connections at once (2019, 20 endpoints per Service, 2 rules per port): another quantity. Compare where the columns cross, not their height.")}
		for i, n := range l.sizes() {
			cells := []string{"-", "-"}
			if g, ok := guide[n]; ok {
				cells = []string{fixed(g.IPTablesConnect), fixed(g.IPVSConnect)}
			}
			hot.Table.Rows[i].Cells = append(hot.Table.Rows[i].Cells, cells...)
		}
	}
	if !l.cold() {
		return []draft{hot}
	}
	middle := l
	middle.Position = rules.Middle
	cold := middle.connect("cold", v.Sprintf("New connection, cold (%g per second): median in µs, target in the middle", l.Result.Environment.Cold.PerSecond), func(p lab.Point) int64 { return p.Cold.P50Ns })
	return []draft{cold, hot}
}

// cold reports whether connections of the cold load were made, which a file of
// before 2026-12 has not.
func (l Lab) cold() bool {
	return slices.ContainsFunc(l.Result.Points, func(p lab.Point) bool { return p.ColdConnections > 0 })
}

func (l Lab) connect(id, title string, of func(lab.Point) int64) draft {
	s := draft{ID: id, Title: title, Table: Table{Head: []string{l.Voice.Head("Services")}, Right: []bool{true}}}
	for _, m := range l.modes() {
		s.Table.Head, s.Table.Right = append(s.Table.Head, Lane(m)), append(s.Table.Right, true)
	}
	for _, n := range l.sizes() {
		row := []string{plain.Number(n)}
		for _, m := range l.modes() {
			cell := "-"
			if p, ok := l.find(m, n, l.position()); ok {
				cell = micros(of(p))
			}
			row = append(row, cell)
		}
		s.row(row)
	}
	return s
}

// place is where among the rules the target is, in a word.
func place(v say.Voice, p rules.Position) string {
	switch p {
	case rules.First:
		return v.Head("first")
	case rules.Middle:
		return v.Head("middle")
	case rules.Last:
		return v.Head("last")
	case rules.Random:
		return v.Head("random")
	}
	return string(p)
}

// loadName is how the connections of a lab came, in a word.
func loadName(v say.Voice, l lab.Load) string {
	if l == lab.Cold {
		return v.Head("cold")
	}
	return v.Head("hot")
}

// guide holds the guide's figures for the sizes that were measured.
func (l Lab) guide() map[int]lab.GuideRow {
	rows := make(map[int]lab.GuideRow)
	for _, g := range lab.Guide() {
		if slices.Contains(l.sizes(), g.Services) {
			rows[g.Services] = g
		}
	}
	return rows
}

func (l Lab) breakEven() draft {
	if len(l.sizes()) < 2 {
		return draft{}
	}
	v := l.Voice
	s := draft{ID: "break-even", Title: v.Text("Break-even, measured with the target in the middle")}
	for _, e := range l.Result.BreakEven {
		s.Items = append(s.Items, Item{Mark: "-", Text: v.Sprintf("%s: %s", loadName(v, e.Load), crossing(v, e))})
	}
	s.Items = append(s.Items, Item{Mark: "-", Text: v.Sprintf("the guide: IPVS from about %s Services on", plain.Number(lab.GuideBreakEven))})
	return s
}

// crossing says from how many Services on a mode is dearer.
func crossing(v say.Voice, e lab.BreakEven) string {
	switch e.Outcome {
	case lab.Crosses:
		return v.Sprintf("%s becomes dearer than %s at %s Services (95 %% interval %s to %s)", e.A, e.B, plain.Number(e.Services), plain.Number(e.Low), plain.Number(e.High))
	case lab.AlwaysA:
		return v.Sprintf("%s is cheaper than %s at every size measured", e.A, e.B)
	case lab.AlwaysB:
		return v.Sprintf("%s is cheaper than %s at every size measured", e.B, e.A)
	case lab.AtMost:
		return v.Sprintf("%s is dearer than %s from %s Services on at the latest; below that no difference was detected", e.A, e.B, plain.Number(e.High))
	case lab.OneSize:
		return v.Sprintf("one size, or one build of each, says nothing about where %s and %s change places", e.A, e.B)
	}
	return v.Sprintf("no break-even of %s and %s was detected within the noise", e.A, e.B)
}

// size is all that was measured of the modes at one size.
func (l Lab) size(services int) draft {
	v := l.Voice
	s := draft{
		ID: fmt.Sprintf("size-%d", services), Title: v.Count(services, "Service"),
		Table: Table{
			Head:  []string{v.Head("mode"), v.Head("cold µs"), v.Head("hot p10"), "p99 µs", "CPU µs", v.Head("program ms"), v.Head("change ms"), v.Head("rules"), "MiB"},
			Right: []bool{false, true, true, true, true, true, true, true, true},
			Tight: true,
		},
	}
	failed := 0
	for _, m := range l.modes() {
		p, ok := l.find(m, services, l.position())
		if !ok {
			continue
		}
		row := []string{Lane(m), "-", micros(p.Connect.P10Ns), micros(p.Connect.P99Ns), micros(p.CPUNs), "-", "-", "-", "-"}
		if p.ColdConnections > 0 {
			row[1] = micros(p.Cold.P50Ns)
		}
		if m != lab.Direct {
			row[5], row[6], row[7] = millis(p.ProgramNs), millis(p.UpdateNs), plain.Number(p.Rules)
		}
		if p.MemoryBytes > 0 && m != lab.Direct { // which programs nothing
			row[8] = fixed(float64(p.MemoryBytes) / (1 << 20))
		}
		failed += p.Failed
		s.row(row)
	}
	if failed > 0 {
		s.After = append(s.After, v.Sprintf("Failed connections, which stand in no time: %s.", plain.Number(failed)))
	}
	return s
}

// places shows, at the largest size, what the target's place among the rules does.
func (l Lab) places() draft {
	sizes := l.sizes()
	if len(sizes) == 0 {
		return draft{}
	}
	largest, v := sizes[len(sizes)-1], l.Voice
	s := draft{
		ID: "places", Title: v.Sprintf("Where among %s the target is: p10 in µs", v.Count(largest, "Service")),
		Table: Table{Head: []string{v.Head("mode")}, Right: []bool{false}},
		After: []string{v.Text("kube-proxy writes Services in random order at every sync, so that the middle is where a Service is on average.")},
	}
	for _, at := range rules.Positions() {
		s.Table.Head, s.Table.Right = append(s.Table.Head, place(v, at)), append(s.Table.Right, true)
	}
	for _, m := range l.modes() {
		row := []string{string(m)}
		for _, at := range rules.Positions() {
			if p, ok := l.find(m, largest, at); ok && m != lab.Direct {
				row = append(row, micros(p.Connect.P10Ns))
			}
		}
		if len(row) == len(s.Table.Head) {
			s.row(row)
		}
	}
	if len(s.Table.Rows) == 0 {
		return draft{}
	}
	return s
}

// missing names what was not measured, and why.
func (l Lab) missing() draft {
	if len(l.Result.Missing)+len(l.Result.Skipped) == 0 {
		return draft{}
	}
	v := l.Voice
	s := draft{ID: "missing", Title: v.Text("Not measured"), Tone: Warn}
	for _, m := range l.Result.Missing {
		s.Items = append(s.Items, untried(v, m))
	}
	for _, k := range l.Result.Skipped {
		s.Items = append(s.Items, Item{Label: string(k.Mode), Text: v.Sprintf("at %s: %s", v.Count(k.Services, "Service"), v.Again(k.Reason))})
	}
	return s
}

func (l Lab) method() draft {
	e, v := l.Result.Environment, l.Voice
	if e.Kernel == "" || len(l.Result.Points) == 0 {
		return draft{}
	}
	notes := slices.DeleteFunc(slices.Clone(e.Notes), func(n string) bool { return n == LabScope })
	s := draft{
		ID: "method", Title: v.Text("How it was measured"),
		Intro: []string{
			v.Sprintf("From a client pod to a ClusterIP, with direct to the pod itself: %s of each mode and size, with the rules in a new order each, %s of %s per build and place, in balanced order, seed %d.",
				v.Count(max(1, e.Builds), "build"), v.Count(e.Rounds, "block"), v.Count(e.Block, "connection"), e.Seed),
			v.Text("hot: one connection after the other, so that the CPU's caches hold the rules; p10, for other work on this machine only makes it slower. It is the least that a mode costs."),
		},
		After: append(nonEmpty(Prefixed(v.Text("Booted: "), e.UMLKernel), strings.Join(nonEmpty(e.IPTables, e.NFT), ", ")), againAll(v, notes)...),
	}
	if c := e.Cold; c.PerSecond > 0 {
		s.Intro = append(s.Intro, v.Sprintf("cold: %g connections per second at random times, the CPU awake, %d MiB of other memory written before each: the CPU's own caches hold nothing of the rules, as on a node that does other work between two connections. Cold figures count in advice, hot ones are shown.", c.PerSecond, c.EvictBytes>>20))
	}
	s.Intro = append(s.Intro, v.Text("CPU: of the client, per hot connection. program: all rules from nothing. change: one endpoint's. MiB: of kernel memory, others' use included."))
	return s
}

func (l Lab) position() rules.Position {
	if l.Position == "" {
		return rules.Middle
	}
	return l.Position
}

// modes and sizes are those with points, in order.
func (l Lab) modes() []lab.Mode {
	return slices.DeleteFunc(lab.Modes(), func(m lab.Mode) bool {
		return !slices.ContainsFunc(l.Result.Points, func(p lab.Point) bool { return p.Mode == m })
	})
}

func (l Lab) sizes() []int {
	var n []int
	for _, p := range l.Result.Points {
		n = append(n, p.Services)
	}
	slices.Sort(n)
	return slices.Compact(n)
}

// find is the point of a mode at a size and place; Direct has but one.
func (l Lab) find(m lab.Mode, services int, at rules.Position) (lab.Point, bool) {
	i := slices.IndexFunc(l.Result.Points, func(p lab.Point) bool {
		return p.Mode == m && p.Services == services && (p.Position == at || m == lab.Direct)
	})
	if i < 0 {
		return lab.Point{}, false
	}
	return l.Result.Points[i], true
}

func micros(ns int64) string { return fixed(float64(ns) / 1e3) }
func millis(ns int64) string { return fixed(float64(ns) / 1e6) }

// fixed keeps a column narrow: no decimals from 1,000 on.
func fixed(v float64) string {
	if v >= 999.95 {
		return plain.Number(int(v + 0.5))
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}
