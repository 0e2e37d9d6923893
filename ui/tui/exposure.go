package tui

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// exposure is what issue 81775 does to a group, in a word; the word alone carries it.
func exposure(p kit.Palette, r advisor.Reuse) kit.Span {
	urgent := page.Urgent(r)
	return p.As(token(page.ExposureTone(r.Exposure, urgent)), page.ExposureWord(p.Voice, r.Exposure, urgent))
}

// token is how a tone of a page is drawn.
func token(t page.Tone) kit.Token { return report.ToneToken(t) }

// exposureCells is the column of those words.
func exposureCells(p kit.Palette) int {
	cells := 0
	for _, e := range page.Exposures() {
		cells = max(cells, kit.Cells(p.Fit(page.ExposureWord(p.Voice, e, false))))
	}
	return cells
}

func (s *adviceScreen) reuse(w int) []kit.Line {
	p, a, hang := s.palette, s.session.advice, exposureCells(s.palette)+2
	title := p.Voice.Text("Issue 81775")
	rest, headed := strings.CutPrefix(a.Caveat, title)
	if !headed {
		rest = " " + rest
	}
	out := kit.Wrap(append(leading(p, kit.Strong, title), p.Text(rest)), w, 0)
	few, more := s.few(len(a.Reuse), w)
	for _, r := range page.ByExposure(a.Reuse)[:few] {
		word := exposure(p, r)
		l := append(kit.Line{p.Text("  ")}, p.Column(word.Token, word.Text, hang-2)...)
		l = append(l, p.Strong(page.Nodes(p.Voice, r.Nodes)), p.Text("  "+r.Group))
		if text := page.Likelihood(p.Voice, r); text != "" {
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
