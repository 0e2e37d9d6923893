package tui

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// The columns of the Cluster screen.
const (
	nameCells   = 10 // "Endpoints"
	numberCells = 9  // right-aligned, up to 9,999,999
	indent      = nameCells + numberCells + 2
)

// lines are the facts: counts first, then the nodes, then what each mode would cost.
func (s *clusterScreen) lines(f screen.Frame) []kit.Line {
	facts, w, v := s.session.facts(), f.Body.W, s.palette.Voice
	out := f.Columns(s.boxed(v.Text("Cluster"), s.counts(facts, s.inside(f.Left.W, f)), f.Left.W, f), s.boxed(v.Head("Services"), s.services(facts, s.inside(f.Beside(), f)), f.Beside(), f))
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
func (s *clusterScreen) boxed(title string, lines []kit.Line, w int, f screen.Frame) []kit.Line {
	if f.Right.W == 0 || len(lines) == 0 {
		return lines
	}
	return kit.Panel{Title: kit.Line{s.palette.Strong(title)}}.Draw(s.palette, lines, w, 0)
}

// inside is the width of what boxed frames.
func (s *clusterScreen) inside(w int, f screen.Frame) int {
	if f.Right.W == 0 {
		return w
	}
	return w - kit.PanelEdge
}

// missing is why a fact is not there. What the survey has still to bring is being read,
// which is not the same as not read.
func missing[T any](s *session, f advisor.Fact[T]) string {
	if s.busy() && f.State == advisor.Unknown && f.Why == advisor.NotAsked && f.Detail == "" {
		return s.voice.Text("being read")
	}
	return page.UnknownWhy(s.voice, f)
}

// noCounts says why there is no estimate.
func (s *session) noCounts() string {
	if s.busy() {
		return s.voice.Text("unknown: the counts it needs are being read")
	}
	return s.voice.Text("unknown: the counts it needs were not read")
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
	l := append(p.Column(kit.Strong, label, nameCells), p.Right(kit.Muted, "-", numberCells), p.Text("  "), p.Muted(why))
	return kit.Wrap(l, w, indent)
}

// total is a row of which only the number of objects is known, and why no more.
func (s *clusterScreen) total(label, of string, n advisor.Fact[int], why string, w int) []kit.Line {
	if !n.IsKnown() {
		return s.gap(label, why, w)
	}
	return s.row(label, plain.Number(n.Value), w, of, why)
}

// tally is a number and what is said of it.
type tally struct {
	n    int
	said string
}

// some keeps what is said of something that is there.
func some(all ...tally) []string {
	var out []string
	for _, t := range all {
		if t.n > 0 {
			out = append(out, t.said)
		}
	}
	return out
}

func (s *clusterScreen) counts(f advisor.Facts, w int) []kit.Line {
	var out []kit.Line
	v := s.palette.Voice
	if n, ok := f.Services.Get(); ok {
		out = append(out, s.row(v.Head("Services"), plain.Number(n.Total), w, s.serviceNotes(f, n)...)...)
	} else {
		out = append(out, s.total(v.Head("Services"), v.Text("in all"), f.Totals.Services, missing(s.session, f.Services), w)...)
	}
	if n, ok := f.Endpoints.Get(); ok {
		out = append(out, s.row(v.Head("Endpoints"), plain.Number(n.Total), w, s.endpointNotes(n)...)...)
	} else {
		out = append(out, s.total(v.Head("Endpoints"), v.Head("EndpointSlices"), f.Totals.EndpointSlices, missing(s.session, f.Endpoints), w)...)
	}
	if n, ok := f.Nodes.Get(); ok {
		var notes []string
		if platform, ok := f.Platform.Get(); ok {
			notes = append(notes, string(platform))
		}
		notes = append(notes, page.ProxyNames(v, f.Groups)...)
		out = append(out, s.row(v.Head("Nodes"), plain.Number(n), w, strings.Join(notes, " · "))...)
	} else {
		out = append(out, s.gap(v.Head("Nodes"), missing(s.session, f.Nodes), w)...)
	}
	return append(out, s.rollouts(f, w)...)
}

func (s *clusterScreen) endpointNotes(n advisor.EndpointCounts) []string {
	v := s.palette.Voice
	notes := some(tally{n.Ready, v.Plural(n.Ready, "ready", "ready")}, tally{n.Terminating, v.Plural(n.Terminating, "terminating", "terminating")})
	if n.IPv4 > 0 && n.IPv6 > 0 {
		notes = append(notes, v.Sprintf("%s IPv4", plain.Number(n.IPv4)), v.Sprintf("%s IPv6", plain.Number(n.IPv6)))
	}
	switch {
	case n.Largest > 0 && n.LargestName != "":
		notes = append(notes, v.Sprintf("largest %s %s", n.LargestName, plain.Number(n.Largest)))
	case n.Largest > 0:
		notes = append(notes, v.Sprintf("largest %s", plain.Number(n.Largest)))
	}
	return notes
}

// services is what kube-proxy programs, by kind, and what it does not.
func (s *clusterScreen) services(f advisor.Facts, w int) []kit.Line {
	n, ok := f.Services.Get()
	if !ok || n.ClusterIP+n.NodePort+n.LoadBalancer == 0 {
		return nil
	}
	var bars kit.Bars
	for _, kind := range []struct {
		name string
		n    int
	}{{"ClusterIP", n.ClusterIP}, {"NodePort", n.NodePort}, {"LoadBalancer", n.LoadBalancer}} {
		if kind.n > 0 {
			bars.Bars = append(bars.Bars, kit.Bar{
				Name: kind.name, Token: kit.Accent, Low: float64(kind.n), High: float64(kind.n), Known: true, Figure: plain.Number(kind.n),
			})
		}
	}
	out := bars.Draw(s.palette, w, len(bars.Bars))
	v := s.palette.Voice
	no := some(tally{n.Headless, v.Plural(n.Headless, "headless", "headless")},
		tally{n.ExternalName, v.Plural(n.ExternalName, "ExternalName", "ExternalName")},
		tally{n.OtherProxy, v.Plural(n.OtherProxy, "for another proxy", "for another proxy")})
	if len(no) > 0 {
		out = append(out, kit.Wrap(kit.Line{s.palette.Muted(v.Sprintf("not counted: %s", v.List(no...)))}, w, 2)...)
	}
	return out
}

func (s *clusterScreen) serviceNotes(f advisor.Facts, n advisor.ServiceCounts) []string {
	v := s.palette.Voice
	notes := some(tally{n.Ports, v.Count(n.Ports, "port")})
	if none := page.WithoutEndpoints(v, n.Ports, f.Load); none != "" && len(notes) > 0 {
		notes[0] = v.Sprintf("%s, %s", notes[0], none)
	}
	notes = append(notes, some(tally{n.WithoutEndpoints, v.Sprintf("without endpoints %s", plain.Number(n.WithoutEndpoints))},
		tally{n.SessionAffinity, v.Sprintf("ClientIP affinity %s", plain.Number(n.SessionAffinity))})...)
	if load, ok := f.Load.Get(); ok && load.DualStack {
		notes = append(notes, v.Head("dual-stack"))
	}
	return notes
}

func (s *clusterScreen) rollouts(f advisor.Facts, w int) []kit.Line {
	v := s.palette.Voice
	n, ok := f.RolloutsPerDay.Get()
	if !ok {
		if f.RolloutsPerDay.State == advisor.Unknown && f.RolloutsPerDay.Why == advisor.NotAsked && !s.session.busy() {
			return nil
		}
		return s.gap(v.Head("Rollouts"), missing(s.session, f.RolloutsPerDay), w)
	}
	notes := []string{v.Text("a day")}
	if l, ok := f.Workloads.Get(); ok {
		notes = append(notes, some(tally{l.Deployments, v.Count(l.Deployments, "Deployment")},
			tally{l.StatefulSets, v.Count(l.StatefulSets, "StatefulSet")}, tally{l.DaemonSets, v.Count(l.DaemonSets, "DaemonSet")})...)
	}
	return s.row(v.Head("Rollouts"), page.Rate(n), w, notes...)
}

func orUnknown(v say.Voice, s string) string {
	if s == "" {
		return v.Text("unknown")
	}
	return s
}

// estimates is what each mode would hold on each node of this cluster.
func (s *clusterScreen) estimates(w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	out := kit.Wrap(kit.Line{p.Strong(v.Text("Each node would hold")), p.Muted("  " + v.Text("(estimate; e on Advice gives formula and source)"))}, w, 2)
	all := s.session.advice.Estimates
	if s.session.pending() && s.session.empty() {
		return append(out, kit.Line{p.Muted("  " + v.Text("being worked out"))})
	}
	if len(all) == 0 || s.session.empty() {
		return append(out, kit.Line{p.Muted("  " + v.Text("not until Services are counted"))})
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
	p, v := s.palette, s.palette.Voice
	if len(f.Coverage.Missing) == 0 {
		return nil
	}
	out := []kit.Line{{p.As(kit.Warn, v.Text("Not read"))}}
	for _, m := range f.Coverage.Missing {
		l := kit.Line{p.Text("  "), p.Strong(v.Again(m.What)), p.Text(v.Sprintf(" (%s)", page.MissingWhy(v, m)))}
		if m.Hides != "" {
			l = append(l, p.Text(v.Sprintf(" hides: %s", v.Again(m.Hides))))
		}
		out = append(out, kit.Wrap(l, w, 4)...)
	}
	return out
}
