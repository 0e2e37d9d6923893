package report

import (
	"bytes"
	"fmt"
	"io"

	"kpadvisor/say"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/page"
)

// ProbeJSON writes the document of schema kpadvisor.probe/v1 (see the file in
// schema/), as probe.Write does: the file that shows the run again. Without a
// result it is a valid document that holds the problem.
func ProbeJSON(w io.Writer, p page.Probe) error {
	if !p.Empty() {
		return probe.Write(w, p.Result)
	}
	return document(w, struct {
		Schema  string         `json:"schema"`
		Version string         `json:"version,omitempty"`
		Error   *plain.Problem `json:"error"`
	}{probe.Schema, p.Version, p.Problem})
}

// RunsJSON writes the document of schema kpadvisor.runs/v1 (see the file in schema/).
func RunsJSON(w io.Writer, r page.Runs) error { return document(w, r.Runs) }

// LabCSV writes one line per point; see lab.Result.WriteCSV.
func LabCSV(w io.Writer, l page.Lab) error {
	var b bytes.Buffer
	if err := l.Result.WriteCSV(&b); err != nil {
		return fmt.Errorf("encode the report as CSV: %w", err)
	}
	return written(w, b.String())
}

// LabJSON writes the document of schema kpadvisor.sweep/v1 (see the file in
// schema/). Without a result it is a valid document that holds the problem.
func LabJSON(w io.Writer, l page.Lab) error {
	r := l.Result
	r.Schema = lab.Schema
	if r.Points == nil {
		r.Points, r.Missing, r.BreakEven, r.Effects, r.Flat = []lab.Point{}, []lab.Missing{}, []lab.BreakEven{}, []lab.Effect{}, []lab.Flat{}
	}
	r.Environment.Notes = list(r.Environment.Notes)
	return document(w, struct {
		lab.Result
		Version string         `json:"version,omitempty"`
		Error   *plain.Problem `json:"error,omitempty"`
	}{r, l.Version, l.Problem})
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
	page.DrillVerdict
	Of []string `json:"of,omitempty"`
}

// DrillJSON writes the document of schema kpadvisor.drill/v1. Without a result
// it is a valid document that holds the problem.
func DrillJSON(w io.Writer, d page.Drill) error {
	r := d.Result
	doc := drillDocument{
		Schema: lab.DrillSchema, Version: d.Version, Error: d.Problem,
		Rows: []drillRowDocument{}, Missing: list(r.Missing), Plan: r.Plan, Environment: r.Environment,
	}
	doc.Plan.Configs, doc.Environment.Notes = list(r.Plan.Configs), list(r.Environment.Notes)
	for i, v := range page.JudgeDrill(say.Voice{}, r) {
		row := r.Rows[i]
		row.Marks = list(row.Marks)
		doc.Rows = append(doc.Rows, drillRowDocument{row, v, d.Of[row.Config.String()]})
	}
	return document(w, doc)
}
