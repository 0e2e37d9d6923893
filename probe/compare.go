package probe

import (
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// confidence of every interval.
const confidence = 0.95

// MinBlocks is the least number of blocks for which an interval with that
// confidence exists.
const MinBlocks = 6

// Comparison is the difference between two targets. A positive difference
// says that A is slower than B.
type Comparison struct {
	A        string               `json:"a"` // names of the targets
	B        string               `json:"b"`
	Phases   PerPhase[Difference] `json:"phases"`
	Warnings []string             `json:"warnings,omitempty"` // whatever else differs between A and B, or weakens the comparison
}

// Difference is the median, over rounds, of A's block median minus B's. A
// round is one observation however many hits it holds. Where several nodes or
// Services were measured it is that of CompareUnits.
type Difference struct {
	Blocks       int     // observations: rounds in which both targets have a value
	MedianDiffNs float64 // means nothing while Blocks is 0
	Bounded      bool    // LowNs and HighNs mean something
	LowNs        float64 // interval for the median difference
	HighNs       float64
	Confidence   float64 // of that interval, at least 0.95
	Detected     bool    // the interval lies on one side of 0; if not it is "~", which is not "equal"
	SmallestNs   float64 // if Bounded: the smallest difference this run could have shown, half the interval's width
	Usable       bool    // the engine's self-check lets this phase carry a conclusion
	Why          string  // if not usable
	Over         Over    // what it is an observation of
	Units        [2]int  // how many of those on each side; nothing for rounds
}

// Pairs lists which of n series are compared with each other, by their indices:
// of two the first with the second, of more each with the first.
func Pairs(n int) [][2]int {
	if n == 2 {
		return [][2]int{{0, 1}}
	}
	var out [][2]int
	for i := 1; i < n; i++ {
		out = append(out, [2]int{i, 0})
	}
	return out
}

// Compare pairs the rounds of A and B and compares them. The interval is the
// order-statistic one for a median (benchmath.AssumeNothing): it assumes
// nothing about the shape of the distribution.
func Compare(a, b Series) Comparison {
	c := Comparison{A: a.Target.Name, B: b.Target.Name, Warnings: warnings(a, b)}
	for _, p := range Phases() {
		c.Phases[p] = difference(pairs(a.Blocks, b.Blocks, p))
	}
	return c
}

// pairs lists the differences of the rounds in which both have a value.
func pairs(a, b []Block, p Phase) []float64 {
	other := make(map[int]Block, len(b))
	for _, block := range b {
		other[block.Round] = block
	}
	var diffs []float64
	for _, block := range a {
		if partner, ok := other[block.Round]; ok && block.N[p] > 0 && partner.N[p] > 0 {
			diffs = append(diffs, block.MedianNs[p]-partner.MedianNs[p])
		}
	}
	return diffs
}

func difference(diffs []float64) Difference {
	d := Difference{Blocks: len(diffs), Usable: true}
	if d.Blocks == 0 {
		return d
	}
	thresholds := benchmath.DefaultThresholds
	summary := benchmath.AssumeNothing.Summary(benchmath.NewSample(slices.Clone(diffs), &thresholds), confidence)
	d.MedianDiffNs = summary.Center
	d.Bounded = !math.IsInf(summary.Lo, 0) && !math.IsInf(summary.Hi, 0)
	if !d.Bounded {
		return d
	}
	d.LowNs, d.HighNs, d.Confidence = summary.Lo, summary.Hi, summary.Confidence
	d.Detected = d.LowNs > 0 || d.HighNs < 0
	// An interval around a difference leaves out 0 if it reaches less far than that.
	d.SmallestNs = (d.HighNs - d.LowNs) / 2
	return d
}

// String is the difference in one line, in µs.
func (d Difference) String() string {
	switch {
	case d.Blocks == 0:
		return "not measured"
	case !d.Bounded:
		return fmt.Sprintf("~ not detected (%d blocks, an interval needs %d)", d.Blocks, MinBlocks)
	case d.Over != OverRounds && !d.Detected:
		return fmt.Sprintf("~ not detected [%+.1f, %+.1f] us (%s)", d.LowNs/1e3, d.HighNs/1e3, d.named())
	case d.Over != OverRounds:
		return fmt.Sprintf("%+.1f us [%+.1f, %+.1f] %.0f %%, %s", d.MedianDiffNs/1e3, d.LowNs/1e3, d.HighNs/1e3, d.Confidence*100, d.named())
	case !d.Detected:
		return fmt.Sprintf("~ not detected (%d blocks could show one of %.1f us)", d.Blocks, d.SmallestNs/1e3)
	}
	return fmt.Sprintf("%+.1f us [%+.1f, %+.1f] %.0f %%, %d blocks", d.MedianDiffNs/1e3, d.LowNs/1e3, d.HighNs/1e3, d.Confidence*100, d.Blocks)
}

// warnings lists what differs between two series besides their addresses.
func warnings(a, b Series) []string {
	var out []string
	for _, d := range conditionsThatDiffer(a, b) {
		out = append(out, fmt.Sprintf("%s and %s differ in %s: %v and %v", a.Target.Name, b.Target.Name, d.what, d.a, d.b))
	}
	if !a.Conditions.Started.Equal(b.Conditions.Started) {
		out = append(out, fmt.Sprintf("%s and %s were not measured alternately but in two runs", a.Target.Name, b.Target.Name))
	}
	if a.Target.Address == b.Target.Address && a.From == b.From {
		out = append(out, fmt.Sprintf("%s and %s are the same address", a.Target.Name, b.Target.Name))
	}
	for _, s := range []Series{a, b} {
		if failed := s.Failed(); failed > 0 && failed*100 >= s.Requests {
			out = append(out, fmt.Sprintf("%s: %d of %d hits failed; times are of the others", s.Target.Name, failed, s.Requests))
		}
		if late := s.Events.Retransmitted(); late > 0 {
			out = append(out, fmt.Sprintf("%s: %d connections took 1 s or more; a median hardly shows them", s.Target.Name, late))
		}
	}
	return out
}

// condition is something besides the address in which two series differ.
type condition struct {
	what string
	a, b any
}

func conditionsThatDiffer(a, b Series) []condition {
	var out []condition
	differ := func(what string, x, y any) {
		if x != y {
			out = append(out, condition{what, x, y})
		}
	}
	p, q := a.Conditions.Plan, b.Conditions.Plan
	differ("kind", a.Target.Kind, b.Target.Kind)
	differ("path", a.Target.Path, b.Target.Path)
	differ("Host header", a.Target.Host, b.Target.Host)
	differ("kernel", a.Conditions.Kernel, b.Conditions.Kernel)
	differ("engine", a.Conditions.Engine, b.Conditions.Engine)
	differ("concurrency", p.Concurrency, q.Concurrency)
	differ("threads", p.Workers(), q.Workers())
	differ("rate", p.Rate, q.Rate)
	differ("source ports", p.Ports, q.Ports)
	differ("source addresses", fmt.Sprint(p.Sources), fmt.Sprint(q.Sources))
	differ("timeout", p.Timeout, q.Timeout)
	differ("jitter", p.OpenLoop() && p.Jitter, q.OpenLoop() && q.Jitter)
	differ("kept connections", p.KeptAlive, q.KeptAlive)
	return out
}
