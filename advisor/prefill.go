package advisor

import "math"

// Prefill fills the habits that nobody answered from what the cluster shows, and
// says where each comes from. Answers are never overwritten.
func Prefill(f Facts, h Habits) Habits {
	if rate, ok := f.RolloutsPerDay.Get(); ok && !h.RolloutsPerDay.IsKnown() {
		h.RolloutsPerDay = KnownFrom(math.Round(rate*10)/10, f.RolloutsPerDay.Source)
	}
	if w, ok := f.Workloads.Get(); ok && !h.Draining.IsKnown() && w.Rolling > 0 {
		h.Draining = KnownFrom(drainOf(w), f.Workloads.Source)
	}
	return h
}

// drainOf reads the drain habit from the workloads that replace pods while
// others serve: nine in ten with preStop and readiness count as all.
func drainOf(w Workloads) Drain {
	most := w.Rolling - w.Rolling/10
	switch {
	case w.WithPreStop >= most && w.WithReadiness >= most:
		return DrainAll
	case w.WithPreStop == 0 && w.WithReadiness*2 < w.Rolling:
		return DrainNone
	default:
		return DrainSome
	}
}
