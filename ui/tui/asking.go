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
	_, said = advisor.WithReports(s.reading.Facts, a.Reports)
	for _, r := range a.Reports {
		i := slices.IndexFunc(s.reports, func(o advisor.NodeReport) bool { return r.Node != "" && strings.EqualFold(o.Node, r.Node) })
		if i < 0 {
			s.reports = append(s.reports, r)
		} else {
			s.reports[i] = r
		}
	}
	s.refresh()
	for _, r := range a.Reports {
		if s.isPlaced(r) {
			placed++
		}
	}
	if placed > 0 && a.Again != "" && !slices.Contains(s.asks, a.Again) {
		s.asks = append(s.asks, a.Again)
	}
	return placed, said
}

// isPlaced reports whether a report is of a node of the cluster.
func (s asking) isPlaced(r advisor.NodeReport) bool {
	return slices.ContainsFunc(s.facts().NodeReports, func(o advisor.NodeReport) bool {
		return o.Placed && (strings.EqualFold(o.Node, r.Node) || strings.EqualFold(firstPart(o.Node), firstPart(r.Node)))
	})
}

// firstPart is a host name without its domain.
func firstPart(name string) string {
	host, _, _ := strings.Cut(name, ".")
	return host
}

// Verdict implements [ask.Session].
func (s asking) Verdict() string {
	if s.empty() {
		return ""
	}
	return page.Micro(s.advice.Headline)
}
