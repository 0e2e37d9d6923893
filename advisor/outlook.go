package advisor

import (
	"math"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// milestone is one announced change of kube-proxy modes.
type milestone struct {
	from, before int // shown while the oldest kube-proxy is in [1.from, 1.before); 0: no bound
	text         string
	source       string
}

func milestones(v say.Voice) []milestone {
	return []milestone{
		{0, 26, v.Text("Mode userspace was removed in 1.26."), "kubernetes PR 112133"},
		{0, 33, v.Text("nftables mode: alpha in 1.29, beta in 1.31, stable in 1.33."), "KEP-3866"},
		{0, 40, v.Text("IPVS mode: deprecated in 1.35, refuses to start by default from 1.40 (gate KubeProxyIPVS), removed in 1.43."), srcKEP5495},
		{40, 43, v.Text("IPVS mode refuses to start without the gate KubeProxyIPVS and is removed in 1.43."), srcKEP5495},
		{43, 0, v.Text("IPVS mode was removed in 1.43."), srcKEP5495},
		{0, 40, v.Text("The default mode becomes nftables at 1.40: a mode left unset flips then. Write mode: explicitly."), srcKEP5343},
		{40, 0, v.Text("From 1.40 on nftables is the default mode."), srcKEP5343},
	}
}

// lifecycle returns what upstream has announced for the versions of this cluster.
func (s *situation) lifecycle() []Reason {
	out := []Reason{}
	oldest, known := s.oldest.Get()
	for _, m := range milestones(s.Voice) {
		if !known && m.from == 0 || known && oldest.AtLeast(m.from) && (m.before == 0 || !oldest.AtLeast(m.before)) {
			out = append(out, Reason{Text: m.text, Source: m.source})
		}
	}
	if r := s.reason(KPA074); r.Text != "" {
		out = append(out, r)
	}
	return out
}

// expectedEntries scales today's entries by the growth that was answered.
func (s *situation) expectedEntries() int {
	expected, ok := s.habits.ExpectedServices.Get()
	now := s.countedServices()
	if !ok || now == 0 {
		return s.load.entries()
	}
	return int(math.Round(float64(s.load.entries()) * float64(expected) / float64(now)))
}

// countedServices is the number of Services that kube-proxy programs.
func (s *situation) countedServices() int {
	c := s.facts.Services.Value
	if c.Counted > 0 {
		return c.Counted
	}
	return c.Total
}

// growth says what the expected number of Services would change, and when.
func (s *situation) growth(now decision) []Reason {
	out := []Reason{}
	expected, known := s.habits.ExpectedServices.Get()
	if !known || !s.load.known || !s.oldest.IsKnown() || s.countedServices() == 0 {
		return out
	}
	v, entries := s.oldest.Value, s.expectedEntries()
	grown := s.load.scaled(entries)
	cost := connectionCost(IPTables, grown, s.load.common, v)
	out = append(out, Reason{Text: s.Sprintf("At %s (about %s Service ports) iptables would add %s to each new connection (estimate).",
		s.Count(expected, "Service"), plain.Number(entries), cost.text(s.Voice)), Source: srcKEP3866})
	if r := s.bandCrossing(bandOf(v), entries); r.Text != "" {
		out = append(out, r)
	}
	if expected > testedServices {
		out = append(out, Reason{Text: s.Text("That is beyond the tested limit of 10,000 Services per cluster."), Source: "sig-scalability thresholds"})
	}
	t := s.withLoad(grown)
	if then := t.decide(); !then.same(now) {
		out = append(out, Reason{Text: s.Sprintf("The advice would then be: %s.", t.word(then).headline), Source: "this rule table"})
	} else {
		out = append(out, Reason{Text: s.Text("The advice would stay the same."), Source: "this rule table"})
	}
	return out
}

// bandCrossing says when the cluster enters or leaves the break-even band if it
// grows evenly over the year.
func (s *situation) bandCrossing(b band, then int) Reason {
	now := s.load.entries()
	edge, word := b.low, s.Text("enter")
	switch {
	case b.place(then) <= b.place(now):
		return Reason{}
	case b.place(now) == 0:
		edge, word = b.high, s.Text("leave")
	}
	months := math.Ceil(12 * float64(edge-now) / float64(then-now))
	return Reason{Rule: KPA067, Text: s.Sprintf("Growing evenly, it would %s the break-even band of iptables and IPVS, %s, in about %s.", word, b.text(s.Voice), s.Count(int(math.Max(1, months)), "month")), Source: srcUK8S}
}
