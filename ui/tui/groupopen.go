package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// openedLines is everything that is known of one node group, and how.
func (s *clusterScreen) openedLines(g advisor.NodeGroup, w int) []kit.Line {
	p := s.palette
	head := kit.Wrap(kit.Line{
		p.Strong(page.Nodes(p.Voice, g.Nodes)), p.Text("  " + modeName(p.Voice, g.Proxy) + "  " + orUnknown(g.Kernel)), p.Muted("  (esc goes back)"),
	}, w, 2)
	return join(head, s.wrong(g, w), s.about(g, w), s.signs(g.Proxy, w), s.sysctls(g.Proxy, w), s.names(g, w))
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
	p, x := s.palette, g.Proxy
	failing := ""
	if x.Failing > 0 {
		failing = plain.Count(x.Failing, "node") + ": " + x.FailingWhy
	}
	var out []kit.Line
	for _, row := range [][2]string{
		{"system", strings.TrimSpace(g.OSImage + "  " + g.Arch)},
		{"kernel", g.Kernel},
		{"kubelet", g.Kubelet},
		{"kube-proxy", x.Version.Value},
		{"what runs", string(x.Implementation.Value)},
		{"mode", modeName(p.Voice, x)},
		{"mode seen in", x.Mode.Source},
		{"mode, why unknown", strings.TrimSpace(string(x.Mode.Why) + " " + x.Mode.Detail)},
		{"beside it", string(x.Beside.Value)},
		{"before it", x.Partial},
		{"not running", failing},
		{"run by", g.Managed},
		{"leaving", g.Leaving},
		{"no kube-proxy for", g.Spared},
	} {
		if row[1] != "" {
			out = append(out, kit.Wrap(append(p.Column(kit.Muted, row[0], labelCells), p.Text(row[1])), w, labelCells)...)
		}
	}
	return out
}

// signs are all of the evidence, the strongest first.
func (s *clusterScreen) signs(x advisor.Proxy, w int) []kit.Line {
	p := s.palette
	if len(x.Evidence) == 0 {
		return nil
	}
	out := []kit.Line{{p.Strong("Evidence"), p.Muted("  (strongest first; !: disagrees with what was concluded)")}}
	for _, e := range x.Evidence {
		mark := p.Text("  ")
		if e.Conflict {
			mark = p.As(kit.Warn, "! ")
		}
		out = append(out, kit.Wrap(kit.Line{mark, p.Text(e.Source + ": "), p.Strong(e.Says)}, w, 4)...)
	}
	return out
}

// sysctls are the live values, where somebody read them.
func (s *clusterScreen) sysctls(x advisor.Proxy, w int) []kit.Line {
	p := s.palette
	if len(x.Sysctls) == 0 && len(x.SysctlDoubts) == 0 {
		return nil
	}
	title := kit.Line{p.Strong("Live sysctls")}
	if x.SysctlNodes > 0 {
		title = append(title, p.Muted("  (read on "+plain.Count(x.SysctlNodes, "node")+")"))
	}
	out := []kit.Line{title}
	for _, name := range slices.Sorted(maps.Keys(x.Sysctls)) {
		out = append(out, kit.Wrap(kit.Line{p.Text(fmt.Sprintf("  %s = %d", name, x.Sysctls[name]))}, w, 4)...)
	}
	for _, doubt := range x.SysctlDoubts {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Warn, "! "+doubt)}, w, 2)...)
	}
	return out
}

func (s *clusterScreen) names(g advisor.NodeGroup, w int) []kit.Line {
	if len(g.NodeNames) == 0 {
		return nil
	}
	return kit.Wrap(kit.Line{s.palette.Strong("For example  "), s.palette.Text(strings.Join(g.NodeNames, ", "))}, w, 2)
}
