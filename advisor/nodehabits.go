package advisor

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kpadvisor/plain"
)

// NodeHabits is how connections are made at a node, as one method measured it there. What
// a method cannot know is unknown, with the reason: no figure stands for another.
type NodeHabits struct {
	Method HabitMethod   `json:"method"`
	Over   time.Duration `json:"overNs"`
	// New is how many connections a second began; of which, is the method's matter.
	New Fact[float64] `json:"newPerSecond"`
	// Onward is how many of them were sent to another address than they were begun to, as
	// Services and ports of hosts do. Only conntrack tells.
	Onward Fact[float64] `json:"onwardPerSecond"`
	// Busiest is how many of them the busiest began: an address to one destination, or all
	// of one network namespace.
	Busiest Fact[float64]       `json:"busiestPerSecond"`
	Open    Fact[int]           `json:"open"` // established, at the end
	Life    Fact[time.Duration] `json:"meanLifeNs"`
	// Reused is the share of new connections whose 5-tuple had been used within the 120 s
	// before, from 0 to 1: the risk of issue 81775 itself.
	// New must have them in it.
	Reused Fact[float64] `json:"reusedShare"`
	// Addresses is how many addresses began connections: seen here, which behind NAT is
	// fewer than there are clients.
	Addresses Fact[int] `json:"addressesSeen"`
}

// HabitMethod says how habits were measured.
type HabitMethod string

// The methods. What each is worth is measured by the tests of package inspect/agent.
const (
	// ByIPVS counts what IPVS began on the node by the rows of its CPUs, and reuse by
	// entries of its connection table that get younger.
	ByIPVS HabitMethod = "ipvs"
	// ByProcesses counts what the pods of the node began, by network namespace: to any
	// destination, and of no Service in particular.
	ByProcesses HabitMethod = "processes"
	// ByConntrack counts the events of connections that the node tracks, begun here or
	// passing.
	ByConntrack HabitMethod = "conntrack"
)

// HabitMethods are all methods, the best first: events miss nothing, IPVS knows what it
// began itself, and processes know no destination.
func HabitMethods() []HabitMethod { return []HabitMethod{ByConntrack, ByIPVS, ByProcesses} }

// What no node comes near: it begins some 100,000 connections a second and tracks some
// millions.
const (
	mostPerSecond   = 10_000_000
	mostConnections = 1_000_000_000
	longestMeasure  = 24 * time.Hour
	longestLife     = 100 * 365 * 24 * time.Hour
)

// Check says in one sentence which figure no node can have measured; nil if none.
func (h NodeHabits) Check() error {
	if !slices.Contains(HabitMethods(), h.Method) {
		return fmt.Errorf("habits are not measured by %q", plain.Line(string(h.Method), shownOfAnswer))
	}
	least := int64(0) // of what could not be measured
	if h.New.IsKnown() || h.Onward.IsKnown() || h.Busiest.IsKnown() || h.Reused.IsKnown() {
		least = 1
	}
	if err := (plain.Bounds{Low: least, Longest: longestMeasure}).Check(h.Over, "overNs"); err != nil {
		return err
	}
	rates := struct {
		New     float64 `json:"newPerSecond"`
		Onward  float64 `json:"onwardPerSecond"`
		Busiest float64 `json:"busiestPerSecond"`
	}{h.New.Value, h.Onward.Value, h.Busiest.Value}
	if err := (plain.Bounds{High: mostPerSecond}).Check(rates, ""); err != nil {
		return err
	}
	if err := (plain.Bounds{High: 1}).Check(h.Reused.Value, "reusedShare"); err != nil {
		return err
	}
	return plain.Bounds{High: mostConnections, Longest: longestLife}.Check(h, "")
}

// CheckHabits is Check for all habits of a report, which has each method once.
func (r NodeReport) CheckHabits() error {
	seen := map[HabitMethod]bool{}
	for _, h := range r.Habits {
		if err := h.Check(); err != nil {
			return err
		}
		if seen[h.Method] {
			return fmt.Errorf("habits were measured twice by %q", h.Method)
		}
		seen[h.Method] = true
	}
	return nil
}

// Measures are the habits of a report, the best method first; none where they cannot be.
func (r NodeReport) Measures() []NodeHabits {
	if r.CheckHabits() != nil {
		return nil
	}
	out := slices.Clone(r.Habits)
	slices.SortFunc(out, func(a, b NodeHabits) int {
		return cmp.Compare(slices.Index(HabitMethods(), a.Method), slices.Index(HabitMethods(), b.Method))
	})
	return out
}
