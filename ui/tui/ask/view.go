package ask

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// title names a way.
func (w Way) title(v say.Voice) string {
	switch w {
	case Forward:
		return v.Text("Port-forward to kube-proxy")
	case Prometheus:
		return v.Text("A Prometheus server")
	case Pods:
		return v.Text("Pods that inspect nodes")
	case Script:
	}
	return v.Text("A script, by hand")
}

// says are what a way takes, shows and creates.
func (w Way) says(v say.Voice) (right, shows, creates string) {
	switch w {
	case Forward:
		return v.Text("create pods/portforward in the namespace of a pod that uses the node's network"),
			v.Text("what kube-proxy says of itself: mode, settings, version and times of syncs; no sysctl and no rule"),
			v.Text("nothing")
	case Prometheus:
		return v.Text("to ask that server; a token is taken from PROMETHEUS_TOKEN"),
			v.Text("times of syncs, connections where node_exporter counts those of IPVS, and a mode as inferred, not proved"),
			v.Text("nothing")
	case Pods:
		return v.Text("create Jobs and read logs in a namespace that admits privileged pods, for hostNetwork"),
			v.Text("mode, settings, sysctls and kernel; on request how connections are really made, and rules"),
			v.Text("a Job with one pod on each node, which are removed afterwards")
	case Script:
	}
	return v.Text("to run a shell there; root sees more than others"),
		v.Text("mode, settings, times of syncs, sysctls, patch level of the kernel; as root rules as well"),
		v.Text("nothing on the node; kubectl debug a pod, which stays until you delete it")
}

// View fills the body of the frame.
func (s *Page) View(f screen.Frame) []kit.Line {
	p, w := s.palette, f.Body.W
	head := s.head(w)
	switch s.pane {
	case typing:
		fields, focus := s.forms[s.way].Lines(f.Left.W)
		lines := kit.Join(head, f.Columns(fields, s.about(s.way, f.Beside())))
		return s.pager.Follow(lines, len(head)+1+focus, f.Body.H, p)
	case waiting:
		return s.pager.Show(kit.Join(head, []kit.Line{{p.Muted(p.Voice.Text("asking what that takes…"))}}), f.Body.H, p)
	case review:
		return s.pager.Show(kit.Join(head, s.reviewed(w)), f.Body.H, p)
	case outcomes:
		s.news = s.news && !s.run.over
		return s.pager.Show(kit.Join(head, s.outcome(w)), f.Body.H, p)
	case ways:
	}
	s.at = max(0, min(s.at, len(s.rows())-1))
	left, focus := s.list(f.Left.W)
	for i := range s.lines {
		s.lines[i] += len(head) + 1
	}
	lines := kit.Join(head, f.Columns(left, s.about(s.rows()[s.at].way, f.Beside())))
	return s.pager.Follow(lines, len(head)+1+focus, f.Body.H, p)
}

// head says which nodes it is about.
func (s *Page) head(w int) []kit.Line {
	p, g := s.palette, s.group
	v := p.Voice
	kernel := g.Kernel
	if kernel == "" {
		kernel = v.Text("unknown")
	}
	return kit.Wrap(kit.Line{
		p.Strong(v.Text("Ask a node of this group")), p.Text("  " + page.Nodes(v, g.Nodes) + "  " + page.ProxyName(v, g.Proxy) + "  " + kernel),
	}, w, 2)
}

// list is the ways, and the line of the row pointed at.
func (s *Page) list(w int) (out []kit.Line, pointed int) {
	p, v := s.palette, s.palette.Voice
	s.lines = s.lines[:0]
	last := Way(-1)
	for i, r := range s.rows() {
		mark, tok := "  ", kit.Normal
		if i == s.at {
			mark, tok = "▸ ", kit.Accent
		}
		switch heads := r.way == Script && r.command != ""; {
		case r.way != last && heads:
			out = append(out, kit.Line{p.Strong(r.way.title(v))})
		case last == Script && r.way != Script, s.run != nil && i == len(s.rows())-1:
			out = append(out, nil)
		}
		last = r.way
		s.lines = append(s.lines, len(out))
		l := kit.Line{p.Accent(mark), p.As(tok, r.title)}
		if r.command != "" {
			l = kit.Line{p.Accent(mark), p.As(tok, "$ "+r.command)}
		}
		out = append(out, l.Cut(w, p.Ellipsis))
	}
	return out, s.lines[s.at]
}

// about is what the way pointed at takes, shows and creates.
func (s *Page) about(of Way, w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	right, shows, creates := of.says(v)
	out := []kit.Line{{p.Strong(of.title(v))}}
	for _, row := range [][2]string{{v.Text("Takes"), right}, {v.Text("Shows"), shows}, {v.Text("Creates"), creates}} {
		const labelCells = 9
		out = append(out, kit.Wrap(append(p.Column(kit.Muted, row[0], labelCells), p.Text(row[1])), w, labelCells)...)
	}
	return out
}

// reviewed is everything that a plan takes.
func (s *Page) reviewed(w int) []kit.Line {
	p, v, plan := s.palette, s.palette.Voice, s.plan
	doubt := kit.Line{p.As(kit.Warn, v.Text("Nothing was asked yet. ")), p.Strong(v.Text("Y asks")), p.Text(v.Text(", esc leaves it."))}
	switch {
	case plan.Denied != "":
		doubt = kit.Line{p.As(kit.Bad, v.Text("Denied: ")), p.Text(v.Said(plan.Denied))}
	case s.Running():
		doubt = kit.Line{p.As(kit.Warn, v.Text("Another asking goes on; this one waits until that has ended."))}
	case plan.Count > 0:
		doubt = kit.Line{p.As(kit.Warn, v.Text("Nothing of this exists yet. ")), p.Strong(v.Text("Y creates it")), p.Text(v.Text(", esc leaves it."))}
	}
	out := kit.Wrap(doubt, w, 0)
	for _, why := range plan.Heavy {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, "! "), p.Text(v.Said(why))}, w, 2)...)
	}
	if s.sure {
		out = append(out, kit.Line{p.As(kit.Bad, v.Text("Y once more does it."))})
	}
	out = append(out, nil)
	for _, text := range plan.Does {
		out = append(out, kit.Wrap(kit.Line{p.Text("  "), p.Text(v.Said(text))}, w, 2)...)
	}
	if plan.Lasts > 0 {
		out = append(out, kit.Wrap(kit.Line{p.Muted("  " + v.Sprintf("It takes about %s.", plan.Lasts.Round(time.Second).String()))}, w, 2)...)
	}
	for _, o := range plan.Objects {
		out = append(out, kit.Line{p.Text("  " + v.Said(o))}.Cut(w, p.Ellipsis))
	}
	if plan.Deadline > 0 {
		out = append(out, kit.Wrap(kit.Line{p.Muted("  " + v.Sprintf("Without this program they end after %s at the latest.", plan.Deadline.Round(time.Second).String()))}, w, 2)...)
	}
	if len(plan.Rights) > 0 {
		out = append(out, nil, kit.Line{p.Strong(v.Text("Rights that are used"))})
	}
	for _, r := range plan.Rights {
		l := kit.Line{p.Text("  " + r.Text)}
		if !r.Allowed {
			l = append(l, p.As(kit.Warn, "  "+v.Text("denied")))
		}
		out = append(out, kit.Wrap(append(l, p.Muted("  "+v.Said(r.Why))), w, 4)...)
	}
	if plan.Manifests == "" {
		return out
	}
	out = append(out, nil, kit.Line{p.Strong(v.Text("Manifests"))})
	for _, text := range strings.Split(strings.TrimRight(plan.Manifests, "\n"), "\n") {
		out = append(out, kit.Line{p.Text("  " + text)}.Cut(w, p.Ellipsis))
	}
	return out
}

// outcome is the asking that goes on, or what came of it.
func (s *Page) outcome(w int) []kit.Line {
	p, v, a := s.palette, s.palette.Voice, s.run
	if !a.over {
		return s.going(w)
	}
	var out []kit.Line
	switch {
	case a.stopped || errors.Is(a.err, context.Canceled):
		out = append(out, kit.Line{p.As(kit.Warn, v.Text("Stopped. ")), p.Text(v.Text("What came until then counts."))})
	case a.err != nil:
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, v.Text("It failed: ")), p.Text(v.Said(a.err.Error()))}, w, 2)...)
	}
	if n := len(a.answer.Reports); n > 0 {
		l := kit.Line{p.As(kit.Good, v.Sprintf("%s in force.", v.Plural(a.placed, "report is", "reports are")))}
		if a.placed == 0 {
			l = kit.Line{p.As(kit.Warn, v.Text("None of the reports is of a node of this cluster."))}
		}
		if a.answer.Again != "" && a.placed > 0 {
			l = append(l, p.Muted("  "+v.Sprintf("The same again: %s", a.answer.Again)))
		}
		out = append(out, kit.Wrap(l, w, 2)...)
	}
	out = append(out, s.reports(w)...)
	for _, said := range append(a.said, a.answer.Said...) {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, "! "), p.Text(v.Said(said))}, w, 2)...)
	}
	if verdict := s.session.Verdict(); verdict != "" && a.placed > 0 {
		out = append(out, nil)
		out = append(out, kit.Wrap(kit.Line{p.Strong(v.Text("The advice now: ")), p.Text(verdict)}, w, 2)...)
	}
	return out
}

// mostShown is how many reports are listed.
const mostShown = 10

// reports are what came, a line each.
func (s *Page) reports(w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	var out []kit.Line
	all := s.run.answer.Reports
	for _, r := range all[:min(len(all), mostShown)] {
		l := kit.Line{p.Text("  "), p.Strong(plain.Line(called(r, v.Text("a node")), 63)), p.Text("  "), p.Text(v.Clauses(found(v, r)...))}
		out = append(out, kit.Wrap(l, w, 4)...)
	}
	if more := len(all) - mostShown; more > 0 {
		out = append(out, kit.Line{p.Muted("  " + v.Sprintf("and %s more", plain.Number(more)))})
	}
	return out
}

// found is what a report says, in clauses.
func found(v say.Voice, r advisor.NodeReport) []string {
	out := []string{v.Text("it does not tell the mode")}
	if m, known := r.Mode.Get(); known {
		out[0] = v.Sprintf("%s, as kube-proxy itself says", page.Mode(v, m))
	}
	if version, known := r.Version.Get(); known {
		out = append(out, "kube-proxy "+plain.Line(version, 40))
	}
	if len(r.Sysctls) > 0 {
		out = append(out, v.Text("its sysctls"))
	}
	for _, h := range r.Habits {
		out = append(out, v.Sprintf("connections, measured for %s", h.Over.Round(time.Second).String()))
		break
	}
	if !r.Whole {
		out = append(out, v.Text("the report ends too early"))
	}
	return out
}

// going is the asking while it lasts.
func (s *Page) going(w int) []kit.Line {
	p, v, a := s.palette, s.palette.Voice, s.run
	state := v.Text("asking")
	if a.stopped {
		state = v.Text("stopping")
	}
	l := kit.Line{p.Strong(a.way.title(v)), p.Text("  " + state)}
	if a.progress.Of > 0 {
		l = append(l, p.Text("  "+v.Sprintf("%s of %s", plain.Number(a.progress.Done), v.Count(a.progress.Of, "node"))))
	}
	seconds := int(a.took / time.Second)
	out := []kit.Line{append(l, p.Muted(fmt.Sprintf("  %d:%02d", seconds/60, seconds%60)))}
	if a.progress.Doing != "" {
		out = append(out, kit.Wrap(kit.Line{p.Text("  "), p.Muted(v.Said(a.progress.Doing))}, w, 2)...)
	}
	hint := v.Text("It goes on while you look at other screens; enter stops it.")
	if a.plan.Count > 0 {
		hint = v.Sentences(hint, v.Text("What it created is removed then."))
	}
	return append(append(out, nil), kit.Wrap(kit.Line{p.Muted(hint)}, w, 0)...)
}
