package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kpadvisor/say"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// headline is what the run comes to, in one sentence.
func (p Probe) headline() (string, Tone) {
	v := p.Voice
	all := p.Result.Comparisons()
	switch {
	case !p.Result.SelfCheck.Usable:
		return v.Text("This run supports no conclusion: its self-check failed."), Bad
	case len(all) == 0:
		return p.alone(), Strong
	case len(all) > 1:
		return p.severalHeadline(all)
	}
	d := all[0].Phases[p.Basis]
	a, b := p.sides(d)
	u := unitFor(math.Max(math.Abs(d.LowNs), math.Abs(d.HighNs)))
	said := p.slower(d, a, b, u)
	switch {
	case !d.Usable:
		return v.Sprintf("No conclusion by %s: %s.", p.Basis, v.Again(d.Why)), Bad
	case d.Blocks == 0:
		return v.Sprintf("No difference could be measured by %s: no block has both targets.", p.Basis), Bad
	case !d.Detected:
		said = v.Sprintf("~ not detected: %s shows no difference between %s and %s in %s%s.", p.Basis, a, b, restsOn(v, d), couldShow(v, d, u))
	}
	return v.Sentences(nonEmpty(said, p.against(d))...), Strong
}

// severalHeadline is the headline of more than two targets, each against the first.
func (p Probe) severalHeadline(all []probe.Comparison) (string, Tone) {
	v := p.Voice
	said, at := make([]string, len(all)), Strong
	for i, c := range all {
		d := c.Phases[p.Basis]
		u := unitFor(math.Max(math.Abs(d.LowNs), math.Abs(d.HighNs)))
		switch {
		case !d.Usable:
			said[i], at = v.Sprintf("%s no conclusion", c.A), Bad
		case d.Blocks == 0:
			said[i] = v.Sprintf("%s not measured", c.A)
		case !d.Detected:
			said[i] = v.Sprintf("%s ~ not detected", c.A)
		default:
			said[i] = fmt.Sprintf("%s %s %s [%s, %s]", c.A, u.signed(d.MedianDiffNs), u.Name, u.signed(d.LowNs), u.signed(d.HighNs))
		}
	}
	return v.Sprintf("Against %s, by %s: %s.", all[0].B, p.Basis, v.Clauses(said...)), at
}

// alone is the headline where nothing is compared.
func (p Probe) alone() string {
	s := p.Result.Series[0]
	stats, v := s.Phases[p.Basis], p.Voice
	if stats.N == 0 {
		return v.Sprintf("%s: no %s was measured in %s.", p.short(0), p.Basis, v.Count(int(s.Requests), "hit"))
	}
	u := unitFor(float64(stats.P99Ns))
	return v.Sprintf("%s: %s median %s %s, p99 %s %s, in %s.", p.short(0), p.Basis,
		u.format(float64(stats.MedianNs)), u.Name, u.format(float64(stats.P99Ns)), u.Name, v.Count(int(s.Requests), "hit"))
}

// couldShow says how large a difference would have been seen.
func couldShow(v say.Voice, d probe.Difference, u Unit) string {
	if !d.Bounded {
		return v.Sprintf(", an interval needs %d", probe.MinBlocks)
	}
	return v.Sprintf(", one of %s %s could have shown", u.format(d.SmallestNs), u.Name)
}

// difference is one row for each phase of two targets, the one that counts first,
// or by that phase one row for each target of more than two.
func (p Probe) difference() draft {
	v := p.Voice
	var s draft
	var rows Intervals
	switch all := p.Result.Comparisons(); len(all) {
	case 0:
		return s
	case 1:
		s, rows = p.differenceByPhase(all[0])
	default:
		s, rows = p.differenceByTarget(all)
	}
	rows.Over = v.Head("blocks")
	s.Intro = []string{v.Text("Median over the rounds of the difference of the two blocks' medians. ~ is not detected, which is not equal.")}
	if len(p.Result.Units) > 0 {
		s.Intro = []string{v.Text("Difference of the means over the nodes of each side, of the medians of their Services; over the Services where a side has one node, over the rounds where it has one Service. ~ is not detected, which is not equal.")}
		rows.Over = v.Head("over")
	}
	s.Parts = []Block{rows}
	s.After = []string{v.Sprintf("A row is judged alone; the more rows one looks at, the likelier one of them shows a difference by chance. Modes are compared by %s.", p.Basis)}
	return s
}

func (p Probe) differenceByPhase(c probe.Comparison) (draft, Intervals) {
	u, v := differenceUnit(c.Phases[:]), p.Voice
	s := draft{ID: "difference", Title: v.Sprintf("Difference in %s, %s minus %s", u.Name, p.called(0), p.called(1)), Items: cautions(v, c)}
	rows := intervals(v.Head("difference"), u)
	order := p.Result.Phases()
	slices.SortStableFunc(order, func(x, y probe.Phase) int { return rank(x, p.Basis) - rank(y, p.Basis) })
	for _, ph := range order {
		a, b := p.sides(c.Phases[ph])
		rows.Rows = append(rows.Rows, interval(v, PhaseName(ph), c.Phases[ph], u, v.Sprintf("%s is slower", above(c.Phases[ph], a, b))))
	}
	return s, rows
}

func (p Probe) differenceByTarget(all []probe.Comparison) (draft, Intervals) {
	differences := make([]probe.Difference, len(all))
	for i, c := range all {
		differences[i] = c.Phases[p.Basis]
	}
	u, v := differenceUnit(differences), p.Voice
	s := draft{ID: "difference", Title: v.Sprintf("Difference in %s, each minus %s, by %s", u.Name, all[0].B, p.Basis), Items: cautions(v, all...)}
	rows := intervals(v.Sprintf("difference from %s", all[0].B), u)
	for i, c := range all {
		row := interval(v, c.A, differences[i], u, v.Sprintf("%s is slower", above(differences[i], c.A, c.B)))
		row.Series = Series(i + 2) // the first target has 1
		rows.Rows = append(rows.Rows, row)
	}
	return s, rows
}

// differenceUnit is one unit for all of them.
func differenceUnit(all []probe.Difference) Unit {
	largest := 0.0
	for _, d := range all {
		largest = max(largest, math.Abs(d.MedianDiffNs), math.Abs(d.LowNs), math.Abs(d.HighNs))
	}
	return unitFor(largest)
}

// cautions are the warnings of comparisons, each once.
func cautions(v say.Voice, all ...probe.Comparison) List {
	var out List
	said := map[string]bool{}
	for _, c := range all {
		for _, w := range c.Warnings {
			if !said[w] {
				said[w] = true
				out = append(out, Item{Mark: "!", Tone: Warn, Text: v.Again(w)})
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

// intervals are those of one picture, in one unit.
func intervals(of string, u Unit) Intervals {
	return Intervals{Of: of, Unit: u.Name, Level: 0.95}
}

// interval is one difference, with this verdict if it was detected.
func interval(v say.Voice, what string, d probe.Difference, u Unit, verdict string) Interval {
	row := Interval{Name: what, Figure: "-", Over: plain.Number(d.Blocks), Verdict: v.Text("not measured")}
	if d.Over != probe.OverRounds {
		row.Over = restsOn(v, d)
	}
	if d.Blocks == 0 {
		return row
	}
	row.Low, row.Value, row.High, row.Bounded = d.LowNs/u.ns, d.MedianDiffNs/u.ns, d.HighNs/u.ns, d.Bounded
	switch row.Figure = u.signed(d.MedianDiffNs); {
	case !d.Detected:
		row.Figure, row.Verdict = "~", v.Sprintf("not detected%s", couldShow(v, d, u))
	case strings.Trim(row.Figure, "+-0.") == "":
		row.Verdict = v.Text("less than this table shows")
	default:
		row.Verdict, row.Tone = verdict, Strong
	}
	if !d.Usable {
		row.Verdict, row.Tone = v.Sprintf("NOT USABLE: %s", v.Again(d.Why)), Bad
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
	if m := p.Mode(i); m != "" {
		return m
	}
	return p.Result.Series[i].Target.Name
}

// called names a target in a heading: "A", "A (iptables)".
func (p Probe) called(i int) string {
	if m := p.Mode(i); m != "" {
		return p.Voice.Sprintf("%s (%s)", p.Result.Series[i].Target.Name, m)
	}
	return p.Result.Series[i].Target.Name
}
