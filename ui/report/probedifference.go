package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// headline is what the run comes to, in one sentence.
func (p Probe) headline() (string, tone) {
	all := p.Result.Comparisons()
	switch {
	case !p.Result.SelfCheck.Usable:
		return "This run supports no conclusion: its self-check failed.", bad
	case len(all) == 0:
		return p.alone(), strong
	case len(all) > 1:
		return p.severalHeadline(all)
	}
	d := all[0].Phases[p.Basis]
	a, b := p.sides(d)
	by := "by " + p.Basis.String()
	u := unitFor(math.Max(math.Abs(d.LowNs), math.Abs(d.HighNs)))
	switch {
	case !d.Usable:
		return fmt.Sprintf("No conclusion %s: %s.", by, d.Why), bad
	case d.Blocks == 0:
		return fmt.Sprintf("No difference could be measured %s: no block has both targets.", by), bad
	case !d.Detected:
		return fmt.Sprintf("~ not detected: %s shows no difference between %s and %s in %s%s.%s", p.Basis, a, b, restsOn(d), couldShow(d, u), p.against(d)), strong
	}
	return p.slower(d, a, b, u) + p.against(d), strong
}

// severalHeadline is the headline of more than two targets, each against the first.
func (p Probe) severalHeadline(all []probe.Comparison) (string, tone) {
	said, at := make([]string, len(all)), strong
	for i, c := range all {
		d := c.Phases[p.Basis]
		u := unitFor(math.Max(math.Abs(d.LowNs), math.Abs(d.HighNs)))
		switch {
		case !d.Usable:
			said[i], at = c.A+" no conclusion", bad
		case d.Blocks == 0:
			said[i] = c.A + " not measured"
		case !d.Detected:
			said[i] = c.A + " ~ not detected"
		default:
			said[i] = fmt.Sprintf("%s %s %s [%s, %s]", c.A, u.signed(d.MedianDiffNs), u.name, u.signed(d.LowNs), u.signed(d.HighNs))
		}
	}
	return fmt.Sprintf("Against %s, by %s: %s.", all[0].B, p.Basis, strings.Join(said, "; ")), at
}

// alone is the headline where nothing is compared.
func (p Probe) alone() string {
	s := p.Result.Series[0]
	stats := s.Phases[p.Basis]
	if stats.N == 0 {
		return fmt.Sprintf("%s: no %s was measured in %s.", p.short(0), p.Basis, plain.Count(int(s.Requests), "hit"))
	}
	u := unitFor(float64(stats.P99Ns))
	return fmt.Sprintf("%s: %s median %s %s, p99 %s %s, in %s.", p.short(0), p.Basis,
		u.format(float64(stats.MedianNs)), u.name, u.format(float64(stats.P99Ns)), u.name, plain.Count(int(s.Requests), "hit"))
}

// couldShow says how large a difference would have been seen.
func couldShow(d probe.Difference, u unit) string {
	if !d.Bounded {
		return fmt.Sprintf(", an interval needs %d", probe.MinBlocks)
	}
	return fmt.Sprintf(", one of %s %s could have shown", u.format(d.SmallestNs), u.name)
}

// difference is one row for each phase of two targets, the one that counts first,
// or by that phase one row for each target of more than two.
func (p Probe) difference() section {
	var s section
	switch all := p.Result.Comparisons(); len(all) {
	case 0:
		return s
	case 1:
		s = p.differenceByPhase(all[0])
	default:
		s = p.differenceByTarget(all)
	}
	s.Intro = []string{"Median over the rounds of the difference of the two blocks' medians. ~ is not detected, which is not equal."}
	s.Table.Head = []string{"", "difference", "95 % interval", "blocks", "verdict"}
	if len(p.Result.Units) > 0 {
		s.Intro = []string{"Difference of the means over the nodes of each side, of the medians of their Services; over the Services where a side has one node, over the rounds where it has one Service. ~ is not detected, which is not equal."}
		s.Table.Head[3] = "over"
	}
	s.Table.Right = []bool{false, true, true, true, false}
	s.After = []string{"A row is judged alone; the more rows one looks at, the likelier one of them shows a difference by chance. Modes are compared by " + p.Basis.String() + "."}
	return s
}

func (p Probe) differenceByPhase(c probe.Comparison) section {
	u := differenceUnit(c.Phases[:])
	s := section{Title: fmt.Sprintf("Difference in %s, %s minus %s", u.name, p.called(0), p.called(1)), Items: cautions(c)}
	order := p.Result.Phases()
	slices.SortStableFunc(order, func(x, y probe.Phase) int { return rank(x, p.Basis) - rank(y, p.Basis) })
	for _, ph := range order {
		a, b := p.sides(c.Phases[ph])
		s.Table.Rows = append(s.Table.Rows, differenceRow(phaseName(ph), c.Phases[ph], u, above(c.Phases[ph], a, b)+" is slower"))
	}
	return s
}

func (p Probe) differenceByTarget(all []probe.Comparison) section {
	differences := make([]probe.Difference, len(all))
	for i, c := range all {
		differences[i] = c.Phases[p.Basis]
	}
	u := differenceUnit(differences)
	s := section{Title: fmt.Sprintf("Difference in %s, each minus %s, by %s", u.name, all[0].B, p.Basis), Items: cautions(all...)}
	for i, c := range all {
		s.Table.Rows = append(s.Table.Rows, differenceRow(c.A, differences[i], u, above(differences[i], c.A, c.B)+" is slower"))
	}
	return s
}

// differenceUnit is one unit for all of them.
func differenceUnit(all []probe.Difference) unit {
	largest := 0.0
	for _, d := range all {
		largest = max(largest, math.Abs(d.MedianDiffNs), math.Abs(d.LowNs), math.Abs(d.HighNs))
	}
	return unitFor(largest)
}

// cautions are the warnings of comparisons, each once.
func cautions(all ...probe.Comparison) []item {
	var out []item
	said := map[string]bool{}
	for _, c := range all {
		for _, w := range c.Warnings {
			if !said[w] {
				said[w] = true
				out = append(out, item{Mark: "!", Tone: warn, Text: w})
			}
		}
	}
	return out
}

func rank(ph, basis probe.Phase) int {
	if ph == basis {
		return 0
	}
	return 1
}

// differenceRow is one difference, with this verdict if it was detected.
func differenceRow(what string, d probe.Difference, u unit, verdict string) []string {
	row := []string{what, "-", "-", plain.Number(d.Blocks), ""}
	if d.Over != probe.OverRounds {
		row[3] = restsOn(d)
	}
	if d.Blocks == 0 {
		row[4] = "not measured"
		return row
	}
	if d.Bounded {
		row[2] = "[" + u.signed(d.LowNs) + ", " + u.signed(d.HighNs) + "]"
	}
	switch row[1] = u.signed(d.MedianDiffNs); {
	case !d.Detected:
		row[1], row[4] = "~", "not detected"+couldShow(d, u)
	case strings.Trim(row[1], "+-0.") == "":
		row[4] = "less than this table shows"
	default:
		row[4] = verdict
	}
	if !d.Usable {
		row[4] = "NOT USABLE: " + d.Why
	}
	return row
}

// above is whichever of a and b has the larger time.
func above(d probe.Difference, a, b string) string {
	if d.MedianDiffNs < 0 {
		return b
	}
	return a
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
