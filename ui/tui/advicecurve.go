package tui

import (
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// curvePicture is what a new connection costs against Services, for each mode, with this
// cluster on it.
func (s *adviceScreen) curvePicture(w, h int) []kit.Line {
	p, c := s.palette, s.session.advice.Curve
	if !c.Known {
		return kit.Wrap(kit.Line{
			p.Strong(p.Voice.Text("No curve. ")), p.Text(p.Voice.Text("What a new connection costs is estimated from the number of Services and kube-proxy's version.")),
		}, w, 0)
	}
	const notes = 1
	out := report.Curve(page.CostCurve(p.Voice, c)).Draw(p, w, max(h-notes, 0))
	if len(out) == 0 {
		return kit.Wrap(kit.Line{p.Text(p.Voice.Text("The curve needs a larger screen."))}, w, 0)
	}
	return append(out, kit.Line{p.Muted(p.Voice.Sprintf("Estimates, nothing is measured; you are on the line of %s; e has formulas and sources.", page.Mode(p.Voice, c.Mode)))}.Cut(w, p.Ellipsis))
}
