package tui

import (
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/ask"
)

// asking is the session as the page sees it that asks nodes.
type asking struct{ *session }

// Facts implements [ask.Session].
func (s asking) Facts() advisor.Facts { return s.facts() }

// Heard implements [ask.Session]. A report takes the place of an earlier one of its node,
// and stays when the cluster is read again: it goes to its place in what that brings.
func (s asking) Heard(a ask.Answer) (placed int, said []string) {
	p := advisor.Place(s.reading.Facts, a.Reports)
	for _, r := range a.Reports {
		i := slices.IndexFunc(s.reports, func(o advisor.NodeReport) bool { return r.Node != "" && strings.EqualFold(o.Node, r.Node) })
		if i < 0 {
			s.reports = append(s.reports, r)
		} else {
			s.reports[i] = r.Above(s.reports[i])
		}
	}
	if p.Placed > 0 && a.Again != "" && !slices.Contains(s.asks, a.Again) {
		s.asks = append(s.asks, a.Again)
	}
	s.refresh()
	return p.Placed, append(p.Notes, p.Unplaced...)
}

// Verdict implements [ask.Session].
func (s asking) Verdict() string {
	if s.empty() {
		return ""
	}
	return page.Micro(s.advice.Headline)
}
