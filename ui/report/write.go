package report

import (
	"fmt"
	"io"
	"slices"
)

// Writers are the formats of one kind of report. A format that it does not have
// is nil.
type Writers[D any] struct {
	Text     func(io.Writer, D, Style) error
	JSON     func(io.Writer, D) error
	CSV      func(io.Writer, D) error
	Markdown func(io.Writer, D) error
}

// Documents writes advice.
func Documents() Writers[Document] {
	return Writers[Document]{Text: Text, JSON: JSON, Markdown: Markdown}
}

// Probes writes what the measuring engine measured.
func Probes() Writers[Probe] {
	return Writers[Probe]{Text: ProbeText, JSON: ProbeJSON, CSV: ProbeCSV, Markdown: ProbeMarkdown}
}

// Labs writes what the lab measured.
func Labs() Writers[Lab] {
	return Writers[Lab]{Text: LabText, JSON: LabJSON, CSV: LabCSV, Markdown: LabMarkdown}
}

// Drills writes what drills of issue 81775 saw.
func Drills() Writers[Drill] {
	return Writers[Drill]{Text: DrillText, JSON: DrillJSON, CSV: DrillCSV, Markdown: DrillMarkdown}
}

// Formats are the names that Write takes.
func (w Writers[D]) Formats() []string {
	all := []string{"text", "json"}
	if w.CSV != nil {
		all = append(all, "csv")
	}
	return append(all, "markdown")
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
		return w.Markdown(out, doc)
	}
	return w.Text(out, doc, s)
}
