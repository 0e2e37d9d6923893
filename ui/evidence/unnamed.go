package evidence

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
)

// Unnamed is what [OfRun] needs of a run, with names of nobody: of targets, nodes,
// addresses and paths there are numbers, the same ones where the names were the same, and
// whatever else somebody may have written is gone.
func Unnamed(r probe.Result) probe.Result {
	n := numbering{}
	out := probe.Result{
		Environment: probe.Environment{Kernel: r.Environment.Kernel}, Plan: n.plan(r.Plan), Started: r.Started,
		Overlap: r.Overlap, SelfCheck: r.SelfCheck, Labels: map[string]string{},
	}
	for _, known := range []string{LabelModeA, LabelModeB, LabelServices, LabelModesFrom} {
		if text, ok := r.Labels[known]; ok {
			out.Labels[known] = text
		}
	}
	inLab := r.Labels[LabelLab] != ""
	if inLab { // what it is like stands behind the comma
		place, _, _ := strings.Cut(r.Labels[LabelLab], ",")
		out.Labels[LabelLab] = unnamedPlace(place)
	}
	for i, s := range r.Series {
		if !inLab || !slices.Contains(lab.Modes(), lab.Mode(s.Target.Name)) {
			s.Target.Name = fmt.Sprintf("target %d", i+1)
		}
		s.Target.Address, s.Resolved = n.of("target", s.Target.Address), n.of("address", s.Resolved)
		s.Target.Path, s.Target.Host = n.of("path", s.Target.Path), n.of("host", s.Target.Host)
		s.From, s.OtherError, s.Target.Besides = n.of("node", s.From), "", ""
		s.Conditions.Plan = n.plan(s.Conditions.Plan)
		out.Series = append(out.Series, s)
	}
	for _, u := range r.Units {
		u.Node, u.Service = n.of("node", u.Node), n.of("Service", u.Service)
		out.Units = append(out.Units, u)
	}
	return out
}

// UnnamedSweep is what [OfSweep] needs of a sweep, with names of nobody.
func UnnamedSweep(r lab.Result) lab.Result {
	r.Environment.Where = unnamedPlace(r.Environment.Where)
	return r
}

// UnnamedDrill is what [OfDrill] needs of a drill, with names of nobody.
func UnnamedDrill(r lab.DrillResult) lab.DrillResult {
	r.Environment.Where = unnamedPlace(r.Environment.Where)
	return r
}

// unnamedPlace is one of the two that labs are in; in a file could be anything.
func unnamedPlace(where string) string {
	if strings.HasPrefix(where, lab.InUML) {
		return lab.InUML
	}
	return lab.OnThisMachine
}

// numbering gives each name of a kind a number, from 1 on.
type numbering map[string]map[string]int

func (n numbering) number(kind, name string) int {
	if n[kind] == nil {
		n[kind] = map[string]int{}
	}
	if n[kind][name] == 0 {
		n[kind][name] = len(n[kind]) + 1
	}
	return n[kind][name]
}

// of is "node 2"; empty for no name.
func (n numbering) of(kind, name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("%s %d", kind, n.number(kind, name))
}

// plan has addresses of documentation (RFC 3849) for those that connections came from.
func (n numbering) plan(p probe.Plan) probe.Plan {
	p.Sources = slices.Clone(p.Sources)
	for i, a := range p.Sources {
		number := n.number("source", a.String())
		p.Sources[i] = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 14: byte(number >> 8), 15: byte(number)})
	}
	return p
}
