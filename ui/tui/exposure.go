package tui

import (
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/ui/words"
)

// exposed is the worst that issue 81775 does here and to how many nodes; empty
// where there is nothing to do about it. What is likely comes before what is not.
func exposed(all []advisor.Reuse) (worst advisor.Reuse, nodes int) {
	for _, r := range words.ByExposure(all) {
		switch {
		case slices.Index(words.Exposures()[:5], r.Exposure) < 0:
		case worst.Exposure == "":
			worst, nodes = r, r.Nodes
		case r.Exposure == worst.Exposure && words.Urgent(r) == words.Urgent(worst):
			nodes += r.Nodes
		}
	}
	return worst, nodes
}

// exposureWord says what issue 81775 does to a group; the words alone carry it.
// Capitals and alarm are for what is likely to be met.
func exposureWord(e reuse.Exposure, urgent bool) (string, token) {
	switch {
	case e == reuse.StalePod && urgent:
		return "EXPOSED", bad
	case e == reuse.StalePod:
		return "exposed", warn
	case e == reuse.SynDelay && urgent:
		return "1 s DELAYS", bad
	case e == reuse.SynDelay:
		return "1 s delays", warn
	case e == reuse.IfSysctl0:
		return "IF SYSCTL 0", warn
	case e == reuse.CheckSysctl:
		return "CHECK", warn
	case e == reuse.Safe:
		return "safe", good
	case e == reuse.NotIPVS:
		return "not IPVS", normal
	}
	return "unknown", warn
}

func (s *adviceScreen) reuse(w int) []line {
	const hang = 13
	p, a := s.palette, s.session.advice
	const title = "Issue 81775"
	out := wrap(line{p.strong(title), p.text(" " + strings.TrimSpace(strings.TrimPrefix(a.Caveat, title)))}, w, 0)
	few, more := s.few(len(a.Reuse), w)
	for _, r := range words.ByExposure(a.Reuse)[:few] {
		word, tok := exposureWord(r.Exposure, words.Urgent(r))
		l := append(line{p.text("  ")}, p.column(tok, word, hang-2)...)
		l = append(l, p.strong(words.Nodes(r.Nodes)), p.text("  "+r.Group))
		if text := words.Likelihood(r); text != "" {
			l = append(l, p.text("  "), p.text(text).whole(w-hang))
		}
		out = append(out, wrap(l, w, hang)...)
		if r.Exposure == reuse.NotIPVS || r.Exposure == reuse.Safe {
			continue // why: on the page e opens
		}
		if r.Why != "" {
			out = append(out, wrap(line{p.text(strings.Repeat(" ", hang) + r.Why)}, w, hang)...)
		}
		if r.Load != "" {
			out = append(out, wrap(line{p.muted(strings.Repeat(" ", hang) + r.Load)}, w, hang)...)
		}
		for _, remedy := range r.Remedy {
			out = append(out, wrap(line{p.text(strings.Repeat(" ", hang-2)), p.accent("▸ "), p.text(remedy)}, w, hang)...)
		}
	}
	return append(out, more...)
}
