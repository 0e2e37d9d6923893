package tui

import (
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// exposed is the worst that issue 81775 does here and to how many nodes; empty
// where there is nothing to do about it. What is likely comes before what is not.
func exposed(all []advisor.Reuse) (worst advisor.Reuse, nodes int) {
	for _, r := range page.ByExposure(all) {
		switch {
		case slices.Index(page.Exposures()[:5], r.Exposure) < 0:
		case worst.Exposure == "":
			worst, nodes = r, r.Nodes
		case r.Exposure == worst.Exposure && page.Urgent(r) == page.Urgent(worst):
			nodes += r.Nodes
		}
	}
	return worst, nodes
}

// exposureWord says what issue 81775 does to a group; the words alone carry it.
// Capitals and alarm are for what is likely to be met.
func exposureWord(e reuse.Exposure, urgent bool) (string, kit.Token) {
	switch {
	case e == reuse.StalePod && urgent:
		return "EXPOSED", kit.Bad
	case e == reuse.StalePod:
		return "exposed", kit.Warn
	case e == reuse.SynDelay && urgent:
		return "1 s DELAYS", kit.Bad
	case e == reuse.SynDelay:
		return "1 s delays", kit.Warn
	case e == reuse.IfSysctl0:
		return "IF SYSCTL 0", kit.Warn
	case e == reuse.CheckSysctl:
		return "CHECK", kit.Warn
	case e == reuse.Safe:
		return "safe", kit.Good
	case e == reuse.NotIPVS:
		return "not IPVS", kit.Normal
	}
	return "unknown", kit.Warn
}

func (s *adviceScreen) reuse(w int) []kit.Line {
	const hang = 13
	p, a := s.palette, s.session.advice
	const title = "Issue 81775"
	out := kit.Wrap(kit.Line{p.Strong(title), p.Text(" " + strings.TrimSpace(strings.TrimPrefix(a.Caveat, title)))}, w, 0)
	few, more := s.few(len(a.Reuse), w)
	for _, r := range page.ByExposure(a.Reuse)[:few] {
		word, tok := exposureWord(r.Exposure, page.Urgent(r))
		l := append(kit.Line{p.Text("  ")}, p.Column(tok, word, hang-2)...)
		l = append(l, p.Strong(page.Nodes(r.Nodes)), p.Text("  "+r.Group))
		if text := page.Likelihood(r); text != "" {
			l = append(l, p.Text("  "), p.Text(text).Whole(w-hang))
		}
		out = append(out, kit.Wrap(l, w, hang)...)
		if r.Exposure == reuse.NotIPVS || r.Exposure == reuse.Safe {
			continue // why: on the page e opens
		}
		if r.Why != "" {
			out = append(out, kit.Wrap(kit.Line{p.Text(strings.Repeat(" ", hang) + r.Why)}, w, hang)...)
		}
		if r.Load != "" {
			out = append(out, kit.Wrap(kit.Line{p.Muted(strings.Repeat(" ", hang) + r.Load)}, w, hang)...)
		}
		for _, remedy := range r.Remedy {
			out = append(out, kit.Wrap(kit.Line{p.Text(strings.Repeat(" ", hang-2)), p.Accent("▸ "), p.Text(remedy)}, w, hang)...)
		}
	}
	return append(out, more...)
}
