package report

import (
	"fmt"
	"math"
	"slices"

	"kpadvisor/probe"
)

// headline is what the run comes to, in one sentence.
func (p Probe) headline() (string, tone) {
	c, ok := p.pair()
	if !p.Result.SelfCheck.Usable {
		return "This run supports no conclusion: its self-check failed.", bad
	}
	if !ok {
		return p.alone(), strong
	}
	d := c.Phases[p.Basis]
	a, b := p.short(0), p.short(1)
	by := "by " + p.Basis.String()
	u := unitFor(math.Max(math.Abs(d.LowNs), math.Abs(d.HighNs)))
	switch {
	case !d.Usable:
		return fmt.Sprintf("No conclusion %s: %s.", by, d.Why), bad
	case d.Blocks == 0:
		return fmt.Sprintf("No difference could be measured %s: no block has both targets.", by), bad
	case !d.Detected:
		return fmt.Sprintf("~ not detected: %s shows no difference between %s and %s in %s%s.", p.Basis, a, b, plural(d.Blocks, "block"), needed(d)), strong
	}
	slower, faster := a, b
	if d.MedianDiffNs < 0 {
		slower, faster = b, a
	}
	low, high := math.Abs(d.LowNs), math.Abs(d.HighNs)
	return fmt.Sprintf("%s is slower than %s by %s %s (%s), 95 %% interval %s to %s, %s.", slower, faster, u.format(math.Abs(d.MedianDiffNs)), u.name, p.Basis,
		u.format(min(low, high)), u.format(max(low, high)), plural(d.Blocks, "block")), strong
}

// alone is the headline where nothing is compared.
func (p Probe) alone() string {
	s := p.Result.Series[0]
	stats := s.Phases[p.Basis]
	if stats.N == 0 {
		return fmt.Sprintf("%s: no %s was measured in %s.", p.short(0), p.Basis, plural(int(s.Requests), "hit"))
	}
	u := unitFor(float64(stats.P99Ns))
	return fmt.Sprintf("%s: %s median %s %s, p99 %s %s, in %s.", p.short(0), p.Basis,
		u.format(float64(stats.MedianNs)), u.name, u.format(float64(stats.P99Ns)), u.name, plural(int(s.Requests), "hit"))
}

// needed says how many blocks it would take; empty if that cannot be said.
func needed(d probe.Difference) string {
	switch {
	case d.BlocksNeeded == 0:
		return ""
	case !d.Bounded:
		return fmt.Sprintf(", an interval needs %d", d.BlocksNeeded)
	}
	return fmt.Sprintf(", about %s needed to show one of %s us", count(d.BlocksNeeded), unit{"us", 1e3}.signed(d.MedianDiffNs))
}

// difference is one row for each phase, the one that counts first.
func (p Probe) difference() section {
	c, ok := p.pair()
	if !ok {
		return section{}
	}
	largest := 0.0
	for _, d := range c.Phases {
		largest = max(largest, math.Abs(d.MedianDiffNs), math.Abs(d.LowNs), math.Abs(d.HighNs))
	}
	u := unitFor(largest)
	s := section{Title: fmt.Sprintf("Difference in %s, %s minus %s", u.name, p.called(0), p.called(1))}
	s.Intro = []string{"Median over the rounds of the difference of the two blocks' medians. ~ is not detected, which is not equal."}
	s.Table = table{Head: []string{"", "difference", "95 % interval", "blocks", "verdict"}, Right: []bool{false, true, true, true, false}}
	phases := probe.Phases()
	order := slices.Clone(phases[:])
	slices.SortStableFunc(order, func(x, y probe.Phase) int { return rank(x, p.Basis) - rank(y, p.Basis) })
	for _, ph := range order {
		s.Table.Rows = append(s.Table.Rows, p.differenceRow(ph, c.Phases[ph], u))
	}
	s.After = []string{"A row is judged alone; the more rows one looks at, the likelier one of them shows a difference by chance. Modes are compared by " + p.Basis.String() + "."}
	for _, w := range c.Warnings {
		s.Items = append(s.Items, item{Mark: "!", Tone: warn, Text: w})
	}
	return s
}

func rank(ph, basis probe.Phase) int {
	if ph == basis {
		return 0
	}
	return 1
}

func (p Probe) differenceRow(ph probe.Phase, d probe.Difference, u unit) []string {
	row := []string{phaseName(ph), "-", "-", count(d.Blocks), ""}
	if d.Blocks == 0 {
		row[4] = "not measured"
		return row
	}
	if d.Bounded {
		row[2] = "[" + u.signed(d.LowNs) + ", " + u.signed(d.HighNs) + "]"
	}
	switch {
	case !d.Detected:
		row[1] = "~"
		row[4] = "not detected" + needed(d)
	case d.MedianDiffNs > 0:
		row[1], row[4] = u.signed(d.MedianDiffNs), p.short(0)+" is slower"
	default:
		row[1], row[4] = u.signed(d.MedianDiffNs), p.short(1)+" is slower"
	}
	if !d.Usable {
		row[4] = "NOT USABLE: " + d.Why
	}
	return row
}

// short names a target in a sentence: by its mode, if the user gave one.
func (p Probe) short(i int) string {
	if m := p.mode(i); m != "" {
		return m
	}
	return p.Result.Series[i].Target.Name
}

// called names a target in a heading: "A", "A (iptables)".
func (p Probe) called(i int) string {
	if m := p.mode(i); m != "" {
		return p.Result.Series[i].Target.Name + " (" + m + ")"
	}
	return p.Result.Series[i].Target.Name
}
