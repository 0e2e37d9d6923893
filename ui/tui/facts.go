package tui

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// The columns of the Cluster screen.
const (
	nameCells   = 10 // "Endpoints"
	numberCells = 9  // right-aligned, up to 9,999,999
	indent      = nameCells + numberCells + 2
)

// lines are the facts: counts first, then the nodes, then what each mode would cost.
func (s *clusterScreen) lines(f frame) []kit.Line {
	facts, w := s.session.facts(), f.Body.W
	out := f.Columns(s.boxed("Cluster", s.counts(facts, s.inside(f.Left.W, f)), f.Left.W, f), s.boxed("Services", s.services(facts, s.inside(f.Beside(), f)), f.Beside(), f))
	out = append(out, nil)
	groups, rows := s.groups(facts, w)
	s.list.rows, s.filterAt = nil, len(out)
	for _, row := range rows {
		s.list.rows = append(s.list.rows, len(out)+row)
	}
	out = append(append(out, groups...), nil)
	return append(out, f.Columns(s.estimates(f.Left.W), s.coverage(facts, f.Beside()))...)
}

// boxed frames a block where there are two columns.
func (s *clusterScreen) boxed(title string, lines []kit.Line, w int, f frame) []kit.Line {
	if f.Right.W == 0 || len(lines) == 0 {
		return lines
	}
	return kit.Panel{Title: kit.Line{s.palette.Strong(title)}}.Draw(s.palette, lines, w, 0)
}

// inside is the width of what boxed frames.
func (s *clusterScreen) inside(w int, f frame) int {
	if f.Right.W == 0 {
		return w
	}
	return w - kit.PanelEdge
}

// beingRead stands for what the survey has still to bring: that is not the same
// as not read.
const beingRead = "being read"

// noCounts says why there is no estimate.
func (s *session) noCounts() string {
	if s.busy() {
		return "unknown: the counts it needs are being read"
	}
	return "unknown: the counts it needs were not read"
}

// row is a label, a right-aligned number and notes on it.
func (s *clusterScreen) row(label, number string, w int, notes ...string) []kit.Line {
	p := s.palette
	l := append(p.Column(kit.Strong, label, nameCells), p.Right(kit.Normal, number, numberCells), p.Text("  "))
	for i, n := range notes {
		if i > 0 {
			l = append(l, p.Text("   "))
		}
		l = append(l, p.Text(n).Whole(w-indent))
	}
	return kit.Wrap(l, w, indent)
}

// gap is a row whose number is not known; it says why in words.
func (s *clusterScreen) gap(label, why string, w int) []kit.Line {
	p := s.palette
	if why == "unknown" && s.session.busy() {
		why = beingRead
	}
	l := append(p.Column(kit.Strong, label, nameCells), p.Right(kit.Muted, "-", numberCells), p.Text("  "), p.Muted(why))
	return kit.Wrap(l, w, indent)
}

// total is a row of which only the number of objects is known, and why no more.
func (s *clusterScreen) total(label, of string, n advisor.Fact[int], why string, w int) []kit.Line {
	if !n.IsKnown() {
		return s.gap(label, why, w)
	}
	if why == "unknown" && s.session.busy() {
		why = beingRead
	}
	return s.row(label, plain.Number(n.Value), w, of, why)
}

// tally is a number and a note on it in which # stands for the number.
type tally struct {
	n    int
	note string
}

// some keeps the notes that have something to count. A note that ends in one
// thing, as in "# Deployment|s", is about many where the number is not one.
func some(all ...tally) []string {
	var out []string
	for _, t := range all {
		if t.n <= 0 {
			continue
		}
		one, rest, _ := strings.Cut(t.note, "|")
		if t.n != 1 {
			one += rest
		}
		out = append(out, strings.Replace(one, "#", plain.Number(t.n), 1))
	}
	return out
}

func (s *clusterScreen) counts(f advisor.Facts, w int) []kit.Line {
	var out []kit.Line
	if v, ok := f.Services.Get(); ok {
		out = append(out, s.row("Services", plain.Number(v.Total), w, s.serviceNotes(f, v)...)...)
	} else {
		out = append(out, s.total("Services", "in all", f.Totals.Services, page.UnknownWhy(s.palette.Voice, f.Services), w)...)
	}
	if v, ok := f.Endpoints.Get(); ok {
		notes := some(tally{v.Ready, "# ready"}, tally{v.Terminating, "# terminating"})
		if v.IPv4 > 0 && v.IPv6 > 0 {
			notes = append(notes, some(tally{v.IPv4, "# IPv4"}, tally{v.IPv6, "# IPv6"})...)
		}
		if v.Largest > 0 {
			notes = append(notes, strings.TrimSpace("largest "+v.LargestName)+" "+plain.Number(v.Largest))
		}
		out = append(out, s.row("Endpoints", plain.Number(v.Total), w, notes...)...)
	} else {
		out = append(out, s.total("Endpoints", "EndpointSlices", f.Totals.EndpointSlices, page.UnknownWhy(s.palette.Voice, f.Endpoints), w)...)
	}
	if n, ok := f.Nodes.Get(); ok {
		var notes []string
		if platform, ok := f.Platform.Get(); ok {
			notes = append(notes, string(platform))
		}
		notes = append(notes, page.ProxyNames(s.palette.Voice, f.Groups)...)
		out = append(out, s.row("Nodes", plain.Number(n), w, strings.Join(notes, " · "))...)
	} else {
		out = append(out, s.gap("Nodes", page.UnknownWhy(s.palette.Voice, f.Nodes), w)...)
	}
	return append(out, s.rollouts(f, w)...)
}

// services is what kube-proxy programs, by kind, and what it does not.
func (s *clusterScreen) services(f advisor.Facts, w int) []kit.Line {
	v, ok := f.Services.Get()
	if !ok || v.ClusterIP+v.NodePort+v.LoadBalancer == 0 {
		return nil
	}
	var bars kit.Bars
	for _, kind := range []struct {
		name string
		n    int
	}{{"ClusterIP", v.ClusterIP}, {"NodePort", v.NodePort}, {"LoadBalancer", v.LoadBalancer}} {
		if kind.n > 0 {
			bars.Bars = append(bars.Bars, kit.Bar{
				Name: kind.name, Token: kit.Accent, Low: float64(kind.n), High: float64(kind.n), Known: true, Figure: plain.Number(kind.n),
			})
		}
	}
	out := bars.Draw(s.palette, w, len(bars.Bars))
	if no := some(tally{v.Headless, "# headless"}, tally{v.ExternalName, "# ExternalName"}, tally{v.OtherProxy, "# for another proxy"}); len(no) > 0 {
		out = append(out, kit.Wrap(kit.Line{s.palette.Muted("not counted: " + strings.Join(no, ", "))}, w, 2)...)
	}
	return out
}

func (s *clusterScreen) serviceNotes(f advisor.Facts, v advisor.ServiceCounts) []string {
	notes := some(tally{v.Ports, "# port|s"})
	if none := page.WithoutEndpoints(s.palette.Voice, v.Ports, f.Load); none != "" && len(notes) > 0 {
		notes[0] += ", " + none
	}
	notes = append(notes, some(tally{v.WithoutEndpoints, "without endpoints #"}, tally{v.SessionAffinity, "ClientIP affinity #"})...)
	if load, ok := f.Load.Get(); ok && load.DualStack {
		notes = append(notes, "dual-stack")
	}
	return notes
}

func (s *clusterScreen) rollouts(f advisor.Facts, w int) []kit.Line {
	v, ok := f.RolloutsPerDay.Get()
	if !ok {
		if f.RolloutsPerDay.State == advisor.Unknown && f.RolloutsPerDay.Why == advisor.NotAsked && !s.session.busy() {
			return nil
		}
		return s.gap("Rollouts", page.UnknownWhy(s.palette.Voice, f.RolloutsPerDay), w)
	}
	notes := []string{"a day"}
	if l, ok := f.Workloads.Get(); ok {
		notes = append(notes, some(tally{l.Deployments, "# Deployment|s"}, tally{l.StatefulSets, "# StatefulSet|s"}, tally{l.DaemonSets, "# DaemonSet|s"})...)
	}
	return s.row("Rollouts", page.Rate(v), w, notes...)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// estimates is what each mode would hold on each node of this cluster.
func (s *clusterScreen) estimates(w int) []kit.Line {
	p := s.palette
	out := kit.Wrap(kit.Line{p.Strong("Each node would hold"), p.Muted("  (estimate; e on Advice gives formula and source)")}, w, 2)
	all := s.session.advice.Estimates
	if s.session.pending() && s.session.empty() {
		return append(out, kit.Line{p.Muted("  being worked out")})
	}
	if len(all) == 0 || s.session.empty() {
		return append(out, kit.Line{p.Muted("  not until Services are counted")})
	}
	for _, e := range all {
		l := append(kit.Line{p.Text("  ")}, p.Column(kit.Strong, page.Mode(p.Voice, e.Mode), nameCells)...)
		if !e.Known {
			out = append(out, append(l, p.Muted(s.session.noCounts())))
			continue
		}
		out = append(out, kit.Wrap(append(l, p.Text(page.Holds(p.Voice, e))), w, nameCells+2)...)
		out = append(out, kit.Wrap(kit.Line{p.Text(strings.Repeat(" ", nameCells+2)), p.Muted(page.Adds(p.Voice, e))}, w, nameCells+2)...)
	}
	return out
}

// coverage lists what was not read and what that hides.
func (s *clusterScreen) coverage(f advisor.Facts, w int) []kit.Line {
	p := s.palette
	if len(f.Coverage.Missing) == 0 {
		return nil
	}
	out := []kit.Line{{p.As(kit.Warn, "Not read")}}
	for _, m := range f.Coverage.Missing {
		l := kit.Line{p.Text("  "), p.Strong(m.What), p.Text(" (" + page.MissingWhy(p.Voice, m) + ")")}
		if m.Hides != "" {
			l = append(l, p.Text(" hides: "+m.Hides))
		}
		out = append(out, kit.Wrap(l, w, 4)...)
	}
	return out
}
