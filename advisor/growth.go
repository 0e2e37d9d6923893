package advisor

import (
	"fmt"
	"math"
)

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
func (s *situation) growth(now verdict) []Reason {
	out := []Reason{}
	expected, known := s.habits.ExpectedServices.Get()
	if !known || !s.load.known || !s.oldest.IsKnown() || s.countedServices() == 0 {
		return out
	}
	v, entries := s.oldest.Value, s.expectedEntries()
	grown := s.load.scaled(entries)
	p50, p99 := connectionNs(IPTables, grown, v)
	out = append(out, Reason{Text: fmt.Sprintf("At %s (about %s Service ports) iptables would add %s p50, %s p99 to each new connection (estimate).",
		plural(expected, "Service"), count(entries), micros(p50), micros(p99)), Source: srcKEP3866})
	if r := s.bandCrossing(bandOf(v), entries); r.Text != "" {
		out = append(out, r)
	}
	if expected > testedServices {
		out = append(out, Reason{Text: "That is beyond the tested limit of 10,000 Services per cluster.", Source: "sig-scalability thresholds"})
	}
	facts := s.facts
	facts.Load = KnownFrom(grown, "expected Services")
	then := s.with(facts, s.habits).decide()
	if !then.same(now) {
		out = append(out, Reason{Text: "The advice would then be: " + then.headline + ".", Source: "this rule table"})
	} else {
		out = append(out, Reason{Text: "The advice would stay the same.", Source: "this rule table"})
	}
	return out
}

// bandCrossing says when the cluster enters or leaves the break-even band if it
// grows evenly over the year.
func (s *situation) bandCrossing(b band, then int) Reason {
	now := s.load.entries()
	edge, word := b.low, "enter"
	switch {
	case b.place(then) <= b.place(now):
		return Reason{}
	case b.place(now) == 0:
		edge, word = b.high, "leave"
	}
	months := math.Ceil(12 * float64(edge-now) / float64(then-now))
	return Reason{Rule: "KPA067", Text: fmt.Sprintf("Growing evenly, it would %s the break-even band of iptables and IPVS, %s, in about %s.", word, b, plural(int(math.Max(1, months)), "month")), Source: srcUK8S}
}
