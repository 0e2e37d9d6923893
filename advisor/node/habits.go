package node

import (
	"encoding/json"
	"slices"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// Bounds of measured habits. What is beyond them no node can have.
const (
	maxHabits      = 256 << 10 // bytes of the section
	mostPerSecond  = 1e7
	mostOpen       = 100_000_000
	longestHabits  = 24 * time.Hour
	longestLife    = 100 * 365 * 24 * time.Hour
	mostHabitWords = 200 // characters of a reason or a source
)

// habits are those that a program of ours has measured, or what the script counted.
func (r raw) habits() []advisor.NodeHabits {
	if _, measured := r.sections[SectionHabits]; !measured {
		return r.counted()
	}
	text, ok := r.sections[SectionHabits].text()
	var all, out []advisor.NodeHabits
	if !ok || len(text) > maxHabits || json.Unmarshal([]byte(text), &all) != nil {
		return nil
	}
	for _, h := range all {
		of := func(o advisor.NodeHabits) bool { return o.Method == h.Method }
		if !slices.Contains(advisor.HabitMethods(), h.Method) || slices.ContainsFunc(out, of) || h.Over < 0 || h.Over > longestHabits {
			continue
		}
		out = append(out, believable(h))
	}
	return out
}

// believable leaves out of habits what cannot be.
func believable(h advisor.NodeHabits) advisor.NodeHabits {
	rate := func(x float64) bool { return x >= 0 && x <= mostPerSecond && h.Over > 0 }
	h.New, h.Busiest, h.Onward = possible(h.New, rate), possible(h.Busiest, rate), possible(h.Onward, rate)
	h.Reused = possible(h.Reused, func(x float64) bool { return x >= 0 && x <= 1 })
	count := func(n int) bool { return n >= 0 && n <= mostOpen }
	h.Open, h.Addresses = possible(h.Open, count), possible(h.Addresses, count)
	h.Life = possible(h.Life, func(d time.Duration) bool { return d >= 0 && d <= longestLife })
	if all, known := h.New.Get(); known {
		part := func(x float64) bool { return x <= all*1.001+1e-9 }
		h.Busiest, h.Onward = possible(h.Busiest, part), possible(h.Onward, part)
	}
	return h
}

// possible is a fact if its value can be, with words that are safe to show.
func possible[T any](f advisor.Fact[T], can func(T) bool) advisor.Fact[T] {
	if f.State == advisor.Known && !can(f.Value) {
		return advisor.UnknownFor[T](advisor.Unreadable, "no node can have what was measured")
	}
	out := advisor.Fact[T]{State: f.State, Source: plain.Line(f.Source, mostHabitWords), Detail: plain.Line(f.Detail, mostHabitWords)}
	if f.State == advisor.Known {
		out.Value = f.Value
	}
	if f.State == advisor.Unknown {
		out.Why = advisor.Unreadable
		for _, w := range []advisor.Why{advisor.NotAsked, advisor.Forbidden, advisor.Bounded, advisor.Failed} {
			if f.Why == w {
				out.Why = w
			}
		}
	}
	return out
}
