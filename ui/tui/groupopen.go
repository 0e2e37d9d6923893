package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// openedLines is everything that is known of one node group, and how.
func (s *clusterScreen) openedLines(g advisor.NodeGroup, w int) []kit.Line {
	p := s.palette
	head := kit.Wrap(kit.Line{
		p.Strong(page.Nodes(p.Voice, g.Nodes)), p.Text("  " + page.ProxyName(p.Voice, g.Proxy) + "  " + orUnknown(p.Voice, g.Kernel)), p.Muted("  " + p.Voice.Text("(esc goes back)")),
	}, w, 2)
	return kit.Join(head, s.wrong(g, w), s.about(g, w), s.signs(g.Proxy, w), s.sysctls(g.Proxy, w), s.names(g, w))
}

func (s *clusterScreen) wrong(g advisor.NodeGroup, w int) []kit.Line {
	var out []kit.Line
	for _, text := range wrongWith(s.palette.Voice, g) {
		out = append(out, kit.Wrap(kit.Line{s.palette.As(kit.Warn, "! "+text)}, w, 2)...)
	}
	return out
}

// about is what the nodes are. What was not seen is left out.
func (s *clusterScreen) about(g advisor.NodeGroup, w int) []kit.Line {
	const labelCells = 20
	p, v, x := s.palette, s.palette.Voice, g.Proxy
	failing := ""
	if x.Failing > 0 {
		failing = v.Sprintf("%s: %s", v.Count(x.Failing, "node"), v.Again(x.FailingWhy))
	}
	var out []kit.Line
	for _, row := range [][2]string{
		{v.Head("system"), strings.TrimSpace(g.OSImage + "  " + g.Arch)},
		{v.Head("kernel"), g.Kernel},
		{"kubelet", g.Kubelet},
		{"kube-proxy", x.Version.Value},
		{v.Text("what runs"), string(x.Implementation.Value)},
		{v.Head("mode"), page.ProxyName(v, x)},
		{v.Text("mode seen in"), v.Again(x.Mode.Source)},
		{v.Text("mode, why unknown"), whyDark(v, x.Mode)},
		{v.Text("beside it"), string(x.Beside.Value)},
		{v.Text("before it"), x.Partial},
		{v.Text("not running"), failing},
		{v.Text("run by"), v.Again(g.Managed)},
		{v.Text("leaving"), v.Again(g.Leaving)},
		{v.Text("no kube-proxy for"), v.Again(g.Spared)},
	} {
		if row[1] != "" {
			out = append(out, kit.Wrap(append(p.Column(kit.Muted, row[0], labelCells), p.Text(row[1])), w, labelCells)...)
		}
	}
	return out
}

// whyDark is why a mode is not known; empty where it is.
func whyDark(v say.Voice, mode advisor.Fact[advisor.Mode]) string {
	if mode.Why == advisor.NotAsked && mode.Detail == "" {
		return ""
	}
	return page.UnknownWhy(v, mode)
}

// signs are all of the evidence, the strongest first.
func (s *clusterScreen) signs(x advisor.Proxy, w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	if len(x.Evidence) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong(v.Text("Evidence")), p.Muted("  " + v.Text("(strongest first; !: disagrees with what was concluded)"))}}
	for _, e := range x.Evidence {
		mark := p.Text("  ")
		if e.Conflict {
			mark = p.As(kit.Warn, "! ")
		}
		out = append(out, kit.Wrap(kit.Line{mark, p.Text(v.Again(e.Source) + v.Text(": ")), p.Strong(v.Again(e.Says))}, w, 4)...)
	}
	return out
}

// sysctls are the live values, where somebody read them.
func (s *clusterScreen) sysctls(x advisor.Proxy, w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	if len(x.Sysctls) == 0 && len(x.SysctlDoubts) == 0 {
		return nil
	}
	title := kit.Line{p.Strong(v.Text("Live sysctls"))}
	if x.SysctlNodes > 0 {
		title = append(title, p.Muted("  "+v.Sprintf("(read on %s)", v.Count(x.SysctlNodes, "node"))))
	}
	out := []kit.Line{title}
	for _, name := range slices.Sorted(maps.Keys(x.Sysctls)) {
		out = append(out, kit.Wrap(kit.Line{p.Text(fmt.Sprintf("  %s = %d", name, x.Sysctls[name]))}, w, 4)...)
	}
	for _, doubt := range x.SysctlDoubts {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, "! "+v.Again(doubt))}, w, 2)...)
	}
	return out
}

func (s *clusterScreen) names(g advisor.NodeGroup, w int) []kit.Line {
	if len(g.NodeNames) == 0 {
		return nil
	}
	return kit.Wrap(kit.Line{s.palette.Strong(s.palette.Voice.Text("For example") + "  "), s.palette.Text(strings.Join(g.NodeNames, ", "))}, w, 2)
}
