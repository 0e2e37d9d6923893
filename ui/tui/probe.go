package tui

import (
	tea "charm.land/bubbletea/v2"
)

// probeScreen announces the live probe and says how to measure until it is here.
type probeScreen struct {
	palette palette
	pager   pager
}

func (s *probeScreen) adapt(*keyMap)              {}
func (s *probeScreen) takes(tea.KeyPressMsg) bool { return false }

func (s *probeScreen) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		s.pager.update(k, newKeyMap())
	}
	return nil
}

func (s *probeScreen) view(f frame) string {
	return s.palette.paint(s.pager.show(s.lines(f), f.Body.H, s.palette), f.Body.W)
}

func (s *probeScreen) lines(f frame) []line {
	p := s.palette
	text := func(out []line, w int, items ...string) []line {
		for _, it := range items {
			out = append(out, wrap(line{p.text("  " + it)}, w, 2)...)
		}
		return out
	}
	left := wrap(line{p.strong("The live probe comes with its engine. "), p.text("This version does not measure.")}, f.Left.W, 0)
	left = text(left, f.Left.W,
		"It will open short connections to two targets in turn, in alternating blocks, and show both latencies on one scale:")
	for _, r := range [][2]string{
		{"targets", "two addresses, two nodes, or a lab in network namespaces"},
		{"phases", "Connect, Processing, Waiting, Total, as ab names them, in us"},
		{"answer", "the median difference with a 95 % interval, or not detected"},
		{"errors", "counted by class, so that issue 81775 is not mistaken for exhausted client ports"},
	} {
		l := append(append(line{p.text("  ")}, p.column(strong, r[0], 9)...), p.text(r[1]))
		left = append(left, wrap(l, f.Left.W, 11)...)
	}
	w := f.beside()
	right := []line{{p.strong("Until then: the recipe of the UK8S guide")}}
	right = text(right, w,
		"Two nodes alike but for the mode: N1 with iptables, N2 with IPVS. On each, one after the other and not at the same time:")
	right = append(right, nil, line{p.text("    "), p.accent("ab -c 1000 -n 10000 http://CLUSTER-IP:PORT/")}, nil)
	return f.columns(left, text(right, w,
		"Compare the rows Connect and Total. Mind: ab rounds to whole milliseconds, 10,000 connections from one client can use up its ports, and one run on each node is a single observation."))
}
