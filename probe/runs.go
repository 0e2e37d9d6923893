package probe

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

// RunsSchema names the format of a comparison of many runs.
const RunsSchema = "kpadvisor.runs/v1"

// Spread is what a number comes to over many runs. Each run is one observation,
// however many blocks and hits it holds: the interval counts what differs from run to
// run (how the rules were built, where the processes landed, who else was there), of
// which the interval of a single run knows nothing.
type Spread struct {
	Runs       int     `json:"runs"`
	CentreNs   float64 `json:"centreNs"` // median of 6 runs or more, mean of fewer
	Bounded    bool    `json:"bounded"`  // LowNs and HighNs mean something: 2 runs at least
	LowNs      float64 `json:"lowNs,omitempty"`
	HighNs     float64 `json:"highNs,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
	Method     string  `json:"method,omitempty"`   // OrderStatistics or StudentT
	BetweenNs  float64 `json:"betweenNs"`          // standard deviation between the runs
	WithinNs   float64 `json:"withinNs,omitempty"` // median of how far the runs' own intervals reach to either side; 0 if not known
}

// How an interval over runs is made: of 6 runs or more from their order, which assumes
// nothing of their distribution; of fewer by Student's t, which takes it for normal.
const (
	OrderStatistics = "order statistics"
	StudentT        = "t"
)

// Pool puts runs together: a number of each, and how far each run's own interval
// reaches, as far as that is known.
func Pool(runs, reach []float64) Spread {
	s := Spread{Runs: len(runs), Method: StudentT}
	if s.Runs == 0 {
		return Spread{}
	}
	if len(reach) > 0 {
		s.WithinNs = middle(slices.Clone(reach))
	}
	if s.Runs == 1 {
		s.CentreNs, s.Method = runs[0], ""
		return s
	}
	s.BetweenNs = stats.StdDev(runs)
	var assume benchmath.Assumption = benchmath.AssumeNormal
	if s.Runs >= MinBlocks {
		assume, s.Method = benchmath.AssumeNothing, OrderStatistics
	}
	summary := assume.Summary(sampleOf(runs), confidence)
	s.CentreNs, s.LowNs, s.HighNs, s.Confidence, s.Bounded = summary.Center, summary.Lo, summary.Hi, summary.Confidence, true
	return s
}

// Detected reports whether the interval lies on one side of 0.
func (s Spread) Detected() bool { return s.Bounded && (s.LowNs > 0 || s.HighNs < 0) }

func sampleOf(values []float64) *benchmath.Sample {
	thresholds := benchmath.DefaultThresholds
	return benchmath.NewSample(slices.Clone(values), &thresholds)
}

// NamedRun is a run and what it is called: its file.
type NamedRun struct {
	Name   string
	Result Result
}

// RunsRow is one number over the runs: of a target, or of a difference of two.
type RunsRow struct {
	What       string  `json:"what"` // "A", or "A - B"
	Difference bool    `json:"difference,omitempty"`
	A          Spread  `json:"a"`                // the first group of runs
	B          *Spread `json:"b,omitempty"`      // the second, if there is one
	DiffNs     float64 `json:"diffNs,omitempty"` // A's centre minus B's
	P          float64 `json:"p,omitempty"`      // of the Mann-Whitney U test that both groups are of one distribution
	Detected   bool    `json:"detected"`         // of two groups: P is below 0.05; of one: a difference's interval leaves out 0
}

// Runs is a comparison of many runs by one phase.
type Runs struct {
	Schema   string    `json:"schema"`
	Phase    string    `json:"phase"`
	A        []string  `json:"a"` // names of the runs
	B        []string  `json:"b,omitempty"`
	Rows     []RunsRow `json:"rows"`
	Warnings []string  `json:"warnings,omitempty"`
}

// CompareRuns compares runs of the same targets: one group, or two groups of which
// the first is compared with the second. Runs whose self-check failed are left out,
// and what else differs between runs is said.
func CompareRuns(phase Phase, a, b []NamedRun) (Runs, error) {
	out := Runs{Schema: RunsSchema, Phase: phase.String()}
	var err error
	if a, err = out.take(a, &out.A); err != nil {
		return out, err
	}
	two := len(b) > 0
	if b, err = out.take(b, &out.B); err != nil {
		return out, err
	}
	if len(a) == 0 || two && len(b) == 0 {
		return out, errors.New("no run is left to compare")
	}
	first := a[0].Result.Series
	for _, r := range slices.Concat(a, b) {
		if len(r.Result.Series) != len(first) {
			return out, fmt.Errorf("%s has %d targets and %s has %d", a[0].Name, len(first), r.Name, len(r.Result.Series))
		}
	}
	out.differ(slices.Concat(a, b))
	for i, s := range first {
		out.add(RunsRow{What: s.Target.Name}, a, b, func(r Result) (value, reach float64, ok bool) {
			return r.Series[i].centre(phase)
		})
	}
	for _, pair := range Pairs(len(first)) {
		what := first[pair[0]].Target.Name + " - " + first[pair[1]].Target.Name
		out.add(RunsRow{What: what, Difference: true}, a, b, func(r Result) (value, reach float64, ok bool) {
			d := r.Compare(pair[0], pair[1]).Phases[phase]
			return d.MedianDiffNs, d.SmallestNs, d.Blocks > 0
		})
	}
	if len(out.Rows) == 0 {
		return out, fmt.Errorf("no run has measured %s", phase)
	}
	return out, nil
}

// take drops the runs that support no conclusion, and notes the names of the others.
func (out *Runs) take(runs []NamedRun, names *[]string) ([]NamedRun, error) {
	var usable []NamedRun
	for _, r := range runs {
		if len(r.Result.Series) == 0 {
			return nil, fmt.Errorf("%s holds no target", r.Name)
		}
		if !r.Result.SelfCheck.Usable {
			out.Warnings = append(out.Warnings, r.Name+" is left out: its self-check failed")
			continue
		}
		usable, *names = append(usable, r), append(*names, r.Name)
	}
	return usable, nil
}

// differ warns of runs that are not of the same thing as the first.
func (out *Runs) differ(runs []NamedRun) {
	for i, s := range runs[0].Result.Series {
		for _, r := range runs[1:] {
			other := r.Result.Series[i]
			for _, d := range conditionsThatDiffer(s, other) {
				out.Warnings = append(out.Warnings, fmt.Sprintf("%s, target %s: another %s than %s (%v, not %v)", r.Name, s.Target.Name, d.what, runs[0].Name, d.b, d.a))
			}
		}
	}
	slices.Sort(out.Warnings)
	out.Warnings = slices.Compact(out.Warnings)
}

// add adds a row, if any run has the number.
func (out *Runs) add(row RunsRow, a, b []NamedRun, number func(Result) (value, reach float64, ok bool)) {
	numbers := func(runs []NamedRun) (values, reach []float64) {
		for _, r := range runs {
			if v, w, ok := number(r.Result); ok {
				values = append(values, v)
				if w > 0 {
					reach = append(reach, w)
				}
			}
		}
		return values, reach
	}
	values, reach := numbers(a)
	if len(values) == 0 {
		return
	}
	row.A = Pool(values, reach)
	row.Detected = row.Difference && row.A.Detected()
	if len(b) > 0 {
		others, otherReach := numbers(b)
		if len(others) == 0 {
			return
		}
		pooled := Pool(others, otherReach)
		test := benchmath.AssumeNothing.Compare(sampleOf(values), sampleOf(others))
		row.B, row.DiffNs, row.P = &pooled, row.A.CentreNs-pooled.CentreNs, test.P
		row.Detected = test.P < test.Alpha
		for _, w := range test.Warnings {
			out.Warnings = append(out.Warnings, row.What+": "+w.Error())
		}
	}
	out.Rows = append(out.Rows, row)
}

// centre is the median of the blocks' medians, which are finer than the histogram's,
// and how far the interval for it reaches.
func (s Series) centre(p Phase) (ns, reach float64, ok bool) {
	var medians []float64
	for _, b := range s.Blocks {
		if b.N[p] > 0 {
			medians = append(medians, b.MedianNs[p])
		}
	}
	d := difference(medians)
	return d.MedianDiffNs, d.SmallestNs, d.Blocks > 0
}
