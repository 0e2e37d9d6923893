package page

import (
	"fmt"
	"math"
	"strings"

	"kpadvisor/say"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// Runs is the report on many saved runs of the measuring engine.
type Runs struct {
	Runs    probe.Runs
	Voice   say.Voice // what the report is said in
	Version string    // of this program
}

// Page lays out the comparison.
func (r Runs) Page() Document {
	return Document{Voice: r.Voice, Title: r.headline(), Tone: Strong, About: r.about(), Sections: sections(r.Voice, r.table(), r.names())}
}

func (r Runs) about() []string {
	return append(program(r.Version), "probe compare", "by "+r.Runs.Phase)
}

// headline is about the last row: the difference of two targets, or of the only one
// between two groups.
func (r Runs) headline() string {
	row := r.Runs.Rows[len(r.Runs.Rows)-1]
	a := row.A
	u := unitFor(max(math.Abs(a.LowNs), math.Abs(a.HighNs), math.Abs(a.CentreNs)))
	switch {
	case row.B != nil && row.Detected:
		return fmt.Sprintf("%s is %s %s in the first runs and %s in the second (p=%.3f, %s and %s).", row.What,
			u.format(a.CentreNs), u.Name, u.format(row.B.CentreNs), row.P, plain.Count(a.Runs, "run"), plain.Number(row.B.Runs))
	case row.B != nil:
		return fmt.Sprintf("~ not detected: no difference in %s between the first runs and the second (p=%.3f, %s and %s).", row.What,
			row.P, plain.Count(a.Runs, "run"), plain.Number(row.B.Runs))
	case !a.Bounded:
		return fmt.Sprintf("%s is %s %s in one run; an interval over runs needs more of them.", row.What, u.format(a.CentreNs), u.Name)
	case row.Difference && !row.Detected:
		return fmt.Sprintf("~ not detected: %s is within [%s, %s] %s over %s; one of %s %s could have shown.", row.What,
			u.signed(a.LowNs), u.signed(a.HighNs), u.Name, plain.Count(a.Runs, "run"), u.format((a.HighNs-a.LowNs)/2), u.Name)
	}
	return fmt.Sprintf("%s is %s %s, 95 %% interval %s to %s over %s.", row.What, u.format(a.CentreNs), u.Name,
		u.format(a.LowNs), u.format(a.HighNs), plain.Count(a.Runs, "run"))
}

func (r Runs) table() draft {
	largest := 0.0
	for _, row := range r.Runs.Rows {
		largest = max(largest, math.Abs(row.A.CentreNs), math.Abs(row.A.HighNs))
	}
	u := unitFor(largest)
	s := draft{ID: "over-runs", Title: fmt.Sprintf("Over runs, in %s by %s", u.Name, r.Runs.Phase)}
	if len(r.Runs.B) > 0 {
		s.Table = Table{Head: []string{"", "first", "second", "difference", "p", "verdict"}, Right: []bool{false, true, true, true, true, false}}
		for _, row := range r.Runs.Rows {
			cells := []string{row.What, spreadCell(row.A, u), spreadCell(*row.B, u), "~", fmt.Sprintf("%.3f", row.P), "not detected"}
			if row.Detected {
				cells[3], cells[5] = u.signed(row.DiffNs), "differs"
			}
			s.row(cells)
		}
		s.After = []string{"Median over 6 runs or more, mean of fewer, and how far its 95 % interval reaches. p is that of the Mann-Whitney U test; it needs 4 runs in each group to come below 0.05."}
	} else {
		s.Table = Table{Head: []string{"", "median", "95 % interval", "runs", "between", "within", "verdict"}, Right: []bool{false, true, true, true, true, true, false}}
		for _, row := range r.Runs.Rows {
			s.row(oneGroupRow(r.Voice, row, u))
		}
		s.After = []string{"Median over 6 runs or more; of fewer the mean, with Student's t. Between: standard deviation from run to run. Within: how far a single run says that its interval reaches; where it is much less than between, one run says too much."}
	}
	for _, w := range r.Runs.Warnings {
		s.Items = append(s.Items, Item{Mark: "!", Tone: Warn, Text: w})
	}
	return s
}

func oneGroupRow(v say.Voice, row probe.RunsRow, u Unit) []string {
	a := row.A
	cells := []string{row.What, u.format(a.CentreNs), "-", plain.Number(a.Runs), u.format(a.BetweenNs), "-", ""}
	if a.WithinNs > 0 {
		cells[5] = u.format(a.WithinNs)
	}
	if a.Bounded {
		cells[2] = "[" + u.format(a.LowNs) + ", " + u.format(a.HighNs) + "]"
	}
	if row.Difference {
		cells[1] = u.signed(a.CentreNs)
		if a.Bounded {
			cells[2] = "[" + u.signed(a.LowNs) + ", " + u.signed(a.HighNs) + "]"
		}
		cells[6] = "not detected"
		if row.Detected {
			cells[6] = "differs"
		}
	}
	return cells
}

// spreadCell is "43.0 +-1.2", of one run alone "43.0".
func spreadCell(s probe.Spread, u Unit) string {
	if !s.Bounded {
		return u.format(s.CentreNs)
	}
	return u.format(s.CentreNs) + " +-" + u.format(max(s.HighNs-s.CentreNs, s.CentreNs-s.LowNs))
}

func (r Runs) names() draft {
	s := draft{ID: "runs", Title: "Runs"}
	for i, group := range [][]string{r.Runs.A, r.Runs.B} {
		if len(group) > 0 {
			s.Items = append(s.Items, Item{Label: []string{"first", "second"}[i], Text: strings.Join(group, ", ")})
		}
	}
	return s
}
