// Package report writes documents for people and programs: as text for a terminal
// or a mail, as Markdown for a ticket, as HTML for a meeting, and what they rest on as JSON
// or CSV for scripts.
// What is said is [page]'s; a face draws every block of it.
package report

import (
	"fmt"
	"io"
	"slices"

	"kpadvisor/ui/page"
)

// Paged is what can be laid out as a document.
type Paged interface{ Page() page.Document }

// Writers are the formats of one kind of report besides text, Markdown and
// HTML, which every kind has. A format that it does not have is nil.
type Writers[D Paged] struct {
	JSON func(io.Writer, D) error
	CSV  func(io.Writer, D) error
}

// Audits writes advice.
func Audits() Writers[page.Audit] { return Writers[page.Audit]{JSON: JSON} }

// Probes writes what the measuring engine measured.
func Probes() Writers[page.Probe] { return Writers[page.Probe]{JSON: ProbeJSON, CSV: ProbeCSV} }

// Labs writes what the lab measured.
func Labs() Writers[page.Lab] { return Writers[page.Lab]{JSON: LabJSON, CSV: LabCSV} }

// Drills writes what drills of issue 81775 saw.
func Drills() Writers[page.Drill] { return Writers[page.Drill]{JSON: DrillJSON, CSV: DrillCSV} }

// ManyRuns writes what many runs come to.
func ManyRuns() Writers[page.Runs] { return Writers[page.Runs]{JSON: RunsJSON} }

// Formats are the names that Write takes.
func (w Writers[D]) Formats() []string {
	all := []string{"text", "json"}
	if w.CSV != nil {
		all = append(all, "csv")
	}
	return append(all, "markdown", "html")
}

// Write writes a report in the format of this name; the style is for text alone.
func (w Writers[D]) Write(out io.Writer, doc D, format string, s Style) error {
	switch {
	case !slices.Contains(w.Formats(), format):
		return fmt.Errorf("write the report: there is no format %q", format)
	case format == "json":
		return w.JSON(out, doc)
	case format == "csv":
		return w.CSV(out, doc)
	case format == "markdown":
		return Markdown(out, doc.Page())
	case format == "html":
		return HTML(out, doc.Page())
	}
	return Text(out, doc.Page(), s)
}

// written writes a whole report and says so if it cannot.
func written(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
