package advisor

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Set returns the habits with one answered. The value is what the flag takes; an
// empty value or "unknown" takes the answer back. The error is one sentence.
func (h Habits) Set(id HabitID, value, source string) (Habits, error) {
	q, ok := question(id)
	if !ok {
		return h, fmt.Errorf("no habit is called %q", string(id))
	}
	value = strings.ToLower(strings.TrimSpace(value))
	if value == "" || value == "unknown" {
		return h.clear(id), nil
	}
	if len(q.Choices) > 0 {
		return h.setChoice(q, value, source)
	}
	n, err := q.number(value)
	if err != nil {
		return h, err
	}
	switch id {
	case HabitNewConnections:
		h.NewConnectionsPerSecond = KnownFrom(n, source)
	case HabitRolloutsPerDay:
		h.RolloutsPerDay = KnownFrom(n, source)
	default:
		h.ExpectedServices = KnownFrom(int(n), source)
	}
	return h, nil
}

func (h Habits) clear(id HabitID) Habits {
	switch id {
	case HabitConnections:
		h.Connections = Fact[Pattern]{}
	case HabitNewConnections:
		h.NewConnectionsPerSecond = Fact[float64]{}
	case HabitBehindNAT:
		h.BehindNAT = Fact[bool]{}
	case HabitRolloutsPerDay:
		h.RolloutsPerDay = Fact[float64]{}
	case HabitDraining:
		h.Draining = Fact[Drain]{}
	case HabitMaySetSysctls:
		h.MaySetSysctls = Fact[bool]{}
	case HabitExpectedServices:
		h.ExpectedServices = Fact[int]{}
	}
	return h
}

func (h Habits) setChoice(q Question, value, source string) (Habits, error) {
	switch value { // what boolean flags say
	case "true", "y":
		value = "yes"
	case "false", "n":
		value = "no"
	}
	names := make([]string, 0, len(q.Choices))
	found := false
	for _, c := range q.Choices {
		names = append(names, c.Value)
		found = found || c.Value == value
	}
	if !found {
		return h, fmt.Errorf("%s takes one of %s, not %q", q.ID, strings.Join(names, ", "), value)
	}
	switch q.ID {
	case HabitConnections:
		h.Connections = KnownFrom(Pattern(value), source)
	case HabitDraining:
		h.Draining = KnownFrom(Drain(value), source)
	case HabitBehindNAT:
		h.BehindNAT = KnownFrom(value == "yes", source)
	case HabitMaySetSysctls:
		h.MaySetSysctls = KnownFrom(value == "yes", source)
	}
	return h, nil
}

// number parses a non-negative number within the bounds of the question.
// Thousands may be separated by commas or underscores.
func (q Question) number(value string) (float64, error) {
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", "_", "").Replace(value), 64)
	switch {
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		return 0, fmt.Errorf("%s takes a number, not %q", q.ID, value)
	case n < 0:
		return 0, fmt.Errorf("%s cannot be negative", q.ID)
	case n > q.Max:
		return 0, fmt.Errorf("%s is at most %s", q.ID, count(int(q.Max)))
	case q.Integer && n != math.Trunc(n):
		return 0, fmt.Errorf("%s takes a whole number, not %q", q.ID, value)
	}
	return n, nil
}

// Answer reads one habit back as Set takes it; ok is false where it is not known.
func (h Habits) Answer(id HabitID) (value, source string, ok bool) {
	switch id {
	case HabitConnections:
		return string(h.Connections.Value), h.Connections.Source, h.Connections.IsKnown()
	case HabitNewConnections:
		return decimal(h.NewConnectionsPerSecond)
	case HabitBehindNAT:
		return yesOrNo(h.BehindNAT)
	case HabitRolloutsPerDay:
		return decimal(h.RolloutsPerDay)
	case HabitDraining:
		return string(h.Draining.Value), h.Draining.Source, h.Draining.IsKnown()
	case HabitMaySetSysctls:
		return yesOrNo(h.MaySetSysctls)
	case HabitExpectedServices:
		if !h.ExpectedServices.IsKnown() {
			return "", "", false
		}
		return strconv.Itoa(h.ExpectedServices.Value), h.ExpectedServices.Source, true
	default:
		return "", "", false
	}
}

func decimal(f Fact[float64]) (string, string, bool) {
	if !f.IsKnown() {
		return "", "", false
	}
	return strconv.FormatFloat(f.Value, 'f', -1, 64), f.Source, true
}

func yesOrNo(f Fact[bool]) (string, string, bool) {
	switch {
	case !f.IsKnown():
		return "", "", false
	case f.Value:
		return "yes", f.Source, true
	default:
		return "no", f.Source, true
	}
}
