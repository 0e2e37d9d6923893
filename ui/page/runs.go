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
	return append(program(r.Version), r.Voice.Text("probe compare"), r.Voice.Sprintf("by %s", r.Runs.Phase))
}

// headline is about the last row: the difference of two targets, or of the only one
// between two groups.
func (r Runs) headline() string {
	row := r.Runs.Rows[len(r.Runs.Rows)-1]
	a, v := row.A, r.Voice
	what := v.Again(row.What)
	u := unitFor(max(math.Abs(a.LowNs), math.Abs(a.HighNs), math.Abs(a.CentreNs)))
	switch {
	case row.B != nil && row.Detected:
		return v.Sprintf("%s is %s %s in the first runs and %s in the second (p=%.3f, %s and %s).", what,
			u.format(a.CentreNs), u.Name, u.format(row.B.CentreNs), row.P, v.Count(a.Runs, "run"), plain.Number(row.B.Runs))
	case row.B != nil:
		return v.Sprintf("~ not detected: no difference in %s between the first runs and the second (p=%.3f, %s and %s).", what,
			row.P, v.Count(a.Runs, "run"), plain.Number(row.B.Runs))
	case !a.Bounded:
		return v.Sprintf("%s is %s %s in one run; an interval over runs needs more of them.", what, u.format(a.CentreNs), u.Name)
	case row.Difference && !row.Detected:
		return v.Sprintf("~ not detected: %s is within [%s, %s] %s over %s; one of %s %s could have shown.", what,
			u.signed(a.LowNs), u.signed(a.HighNs), u.Name, v.Count(a.Runs, "run"), u.format((a.HighNs-a.LowNs)/2), u.Name)
	}
	return v.Sprintf("%s is %s %s, 95 %% interval %s to %s over %s.", what, u.format(a.CentreNs), u.Name,
		u.format(a.LowNs), u.format(a.HighNs), v.Count(a.Runs, "run"))
}

func (r Runs) table() draft {
	largest := 0.0
	for _, row := range r.Runs.Rows {
		largest = max(largest, math.Abs(row.A.CentreNs), math.Abs(row.A.HighNs))
	}
	u, v := unitFor(largest), r.Voice
	s := draft{ID: "over-runs", Title: v.Sprintf("Over runs, in %s by %s", u.Name, r.Runs.Phase)}
	if len(r.Runs.B) > 0 {
		s.Table = Table{Head: []string{"", v.Text("first"), v.Text("second"), v.Head("difference"), "p", v.Head("verdict")}, Right: []bool{false, true, true, true, true, false}}
		for _, row := range r.Runs.Rows {
			cells := []string{v.Again(row.What), spreadCell(row.A, u), spreadCell(*row.B, u), "~", fmt.Sprintf("%.3f", row.P), v.Text("not detected")}
			if row.Detected {
				cells[3], cells[5] = u.signed(row.DiffNs), v.Text("differs")
			}
			s.row(cells)
		}
		s.After = []string{v.Text("Median over 6 runs or more, mean of fewer, and how far its 95 % interval reaches. p is that of the Mann-Whitney U test; it needs 4 runs in each group to come below 0.05.")}
	} else {
		s.Table = Table{Head: []string{"", v.Head("median"), v.Head("95 % interval"), v.Head("runs"), v.Head("between"), v.Head("within"), v.Head("verdict")}, Right: []bool{false, true, true, true, true, true, false}}
		for _, row := range r.Runs.Rows {
			s.row(oneGroupRow(v, row, u))
		}
		s.After = []string{v.Text("Median over 6 runs or more; of fewer the mean, with Student's t. Between: standard deviation from run to run. Within: how far a single run says that its interval reaches; where it is much less than between, one run says too much.")}
	}
	for _, w := range r.Runs.Warnings {
		s.Items = append(s.Items, Item{Mark: "!", Tone: Warn, Text: v.Again(w)})
	}
	return s
}

func oneGroupRow(v say.Voice, row probe.RunsRow, u Unit) []string {
	a := row.A
	cells := []string{v.Again(row.What), u.format(a.CentreNs), "-", plain.Number(a.Runs), u.format(a.BetweenNs), "-", ""}
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
		cells[6] = v.Text("not detected")
		if row.Detected {
			cells[6] = v.Text("differs")
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
	v := r.Voice
	s := draft{ID: "runs", Title: v.Text("Runs")}
	for i, group := range [][]string{r.Runs.A, r.Runs.B} {
		if len(group) > 0 {
			s.Items = append(s.Items, Item{Label: []string{v.Text("first"), v.Text("second")}[i], Text: strings.Join(group, ", ")})
		}
	}
	return s
}
