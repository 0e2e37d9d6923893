package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
)

// drillScope stands in every report on a drill.
const drillScope = "A drill holds for this kernel: nodes with another one keep the answer of the decision table."

// Drill is the report on a drill of issue 81775.
type Drill struct {
	Result  lab.DrillResult
	Of      map[string][]string // by configuration, in words: whose it is in the cluster that the drill was made like
	Problem *plain.Problem      // why there is no result, or only a part of it; nil when all went well
	Version string              // of this program
}

// DrillText writes the result for a person, under the rules of [Text].
func DrillText(w io.Writer, d Drill, style Style) error {
	t := newText(style)
	t.paragraph(0, muted, strings.Join(d.about(), " · "))
	t.problem(d.Problem)
	t.b.WriteByte('\n')
	t.paragraph(0, strong, d.headline())
	for _, s := range d.card(t.Width, t.ASCII) {
		t.section(s)
	}
	return written(w, t.b.String())
}

// DrillMarkdown writes the result for a ticket or a wiki page.
func DrillMarkdown(w io.Writer, d Drill) error {
	m := &markdown{}
	m.line("# %s\n", escape(d.headline()))
	m.line("%s", escape(strings.Join(d.about(), " · ")))
	m.problem(d.Problem)
	for _, s := range d.card(defaultWidth, false) {
		m.section(s)
	}
	return written(w, m.String())
}

// drillDocument is the document of schema kpadvisor.drill/v1.
type drillDocument struct {
	Schema      string               `json:"schema"`
	Version     string               `json:"version,omitempty"`
	Error       *plain.Problem       `json:"error,omitempty"`
	Rows        []drillRowDocument   `json:"rows"`
	Missing     []lab.Missing        `json:"missing"`
	Plan        drill.Plan           `json:"plan"`
	Environment lab.DrillEnvironment `json:"environment"`
}

type drillRowDocument struct {
	drill.Row
	DrillVerdict
	Of []string `json:"of,omitempty"`
}

// DrillJSON writes the document of schema kpadvisor.drill/v1. Without a result
// it is a valid document that holds the problem.
func DrillJSON(w io.Writer, d Drill) error {
	r := d.Result
	doc := drillDocument{
		Schema: lab.DrillSchema, Version: d.Version, Error: d.Problem,
		Rows: []drillRowDocument{}, Missing: list(r.Missing), Plan: r.Plan, Environment: r.Environment,
	}
	doc.Plan.Configs, doc.Environment.Notes = list(r.Plan.Configs), list(r.Environment.Notes)
	for i, v := range JudgeDrill(r) {
		row := r.Rows[i]
		row.Marks = list(row.Marks)
		doc.Rows = append(doc.Rows, drillRowDocument{row, v, d.Of[row.Config.String()]})
	}
	return document(w, doc)
}

func (d Drill) about() []string {
	e := d.Result.Environment
	out := []string{strings.TrimSpace("kpadvisor " + d.Version), "drill of issue 81775"}
	if e.Kernel == "" {
		return out
	}
	return append(out, e.Where, "kernel "+e.Kernel, plain.Count(e.CPUs, "CPU"), e.Started.UTC().Format(time.DateOnly+" 15:04 MST"))
}

// headline is what the drill came to, in one sentence.
func (d Drill) headline() string {
	var stale, delayed, told int
	for _, v := range JudgeDrill(d.Result) {
		switch v.Seen {
		case reuse.StalePod:
			stale++
		case reuse.SynDelay:
			delayed++
		case reuse.UnknownReuse:
			continue
		}
		told++
	}
	of := fmt.Sprintf("of %s on kernel %s", plain.Count(told, "configuration"), d.Result.Environment.Kernel)
	untried := ""
	if slices.ContainsFunc(d.Result.Missing, func(m lab.Missing) bool { return m.Mode == lab.IPVS }) {
		untried = " IPVS, the mode with the issue, could not be tried."
	}
	switch {
	case told == 0:
		return "No configuration was seen to its end." + untried
	case stale > 0 && delayed > 0:
		return fmt.Sprintf("%d %s went on sending connections to the dead pod, and %d delayed them.%s", stale, of, delayed, untried)
	case stale > 0:
		return fmt.Sprintf("%d %s went on sending connections to the dead pod.%s", stale, of, untried)
	case delayed > 0:
		return fmt.Sprintf("%d %s delayed reused 5-tuples by 1 s; none sent one to the dead pod.%s", delayed, of, untried)
	}
	return fmt.Sprintf("None %s sent a connection to the dead pod.%s", of, untried)
}
