package report

import (
	"fmt"
	"io"
	"strings"

	"kpadvisor/plain"
)

const (
	defaultWidth = 80
	minWidth     = 40 // below this a report is not readable whatever one does
	labelColumn  = 18 // a longer label gets its own line
)

// Text writes the report for a person: every line at most style.Width columns
// wide but for commands, which stay whole so that they can be copied.
func Text(w io.Writer, doc Document, style Style) error {
	t := newText(style)
	t.header(doc)
	if !doc.noAdvice() {
		for _, s := range card(doc) {
			t.section(s)
		}
		// The report is longer than a screen: what it comes to stands at both ends.
		if h := doc.Advice.Headline; h != "" {
			t.b.WriteByte('\n')
			t.paragraph(0, strong, h)
		}
	}
	return written(w, t.b.String())
}

// written writes a whole report and says so if it cannot.
func written(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// text collects a text report; it is written in one piece, so that a failing
// writer is noticed once and never leaves half a line unnoticed.
type text struct {
	Style
	b strings.Builder
}

func newText(style Style) *text {
	if style.Width <= 0 {
		style.Width = defaultWidth
	}
	style.Width = max(style.Width, minWidth)
	return &text{Style: style}
}

// problem says why there is no report, or only a part of one; nil says nothing.
func (t *text) problem(p *plain.Problem) {
	if p == nil {
		return
	}
	t.b.WriteByte('\n')
	t.paragraph(0, bad, p.Sentence)
	t.paragraph(0, normal, prefixed("Remedy: ", p.Remedy))
}

func (t *text) header(doc Document) {
	t.paragraph(0, muted, strings.Join(append([]string{"kpadvisor " + doc.Version}, about(doc.Facts)...), " · "))
	if s := banner(doc.Facts.Origin); s != "" && !doc.noAdvice() {
		t.paragraph(0, warn, s)
	}
	t.problem(doc.Problem)
	if doc.Advice.Headline != "" {
		t.b.WriteByte('\n')
		t.paragraph(0, strong, doc.Advice.Headline)
	}
}

func (t *text) section(s section) {
	t.b.WriteByte('\n')
	title := s.Tone
	if title == normal {
		title = strong
	}
	t.paragraph(0, title, s.Title)
	for _, p := range s.Intro {
		t.paragraph(2, normal, p)
	}
	for _, l := range s.Lines {
		t.b.WriteString("  " + strings.TrimRight(t.spelled(plain.Text(l)), " ") + "\n")
	}
	t.table(s.Table)
	t.items(s.Items)
	for _, p := range s.After {
		t.paragraph(2, muted, p)
	}
}

// paragraph writes s wrapped and indented; nothing if there is nothing to say.
func (t *text) paragraph(indent int, tone tone, s string) {
	if s = t.plainly(s); s == "" {
		return
	}
	for _, l := range wrap(s, t.Width-indent) {
		t.b.WriteString(strings.Repeat(" ", indent) + t.paint(tone, l) + "\n")
	}
}

func (t *text) items(items []item) {
	mark, label := 0, 0
	for _, it := range items {
		mark, label = max(mark, width(t.plainly(it.Mark))), max(label, width(t.plainly(it.Label)))
	}
	for _, it := range items {
		t.item(it, mark, label)
	}
}

// item writes mark and label in their columns and the text beside them, or
// below them where a label of this list is too long for a column.
func (t *text) item(it item, mark, label int) {
	lead := "  "
	if mark > 0 {
		lead += pad(t.plainly(it.Mark), mark, false) + " "
	}
	body := it.Text
	notes := it.Notes
	if body == "" && len(notes) > 0 {
		body, notes = notes[0], notes[1:]
	}
	tone, first := it.Tone, it.Tone
	switch {
	case label > labelColumn:
		t.hanging(lead, strong, it.Label, strong)
		lead = strings.Repeat(" ", 4)
	case label > 0:
		lead += pad(t.plainly(it.Label), label, false) + "  "
		first = normal
	}
	t.hanging(lead, tone, body, first)
	for _, n := range notes {
		t.paragraph(width(lead), normal, n)
	}
	for _, c := range it.Commands {
		for _, l := range plain.Lines(c) {
			t.b.WriteString(strings.Repeat(" ", width(lead)+2) + t.paint(strong, t.spelled(l)) + "\n")
		}
	}
}

// hanging writes s behind lead, further lines under its first character.
func (t *text) hanging(lead string, leadTone tone, s string, tone tone) {
	for i, l := range wrap(t.plainly(s), t.Width-width(lead)) {
		if i == 0 {
			t.b.WriteString(strings.TrimRight(t.paint(leadTone, lead)+t.paint(tone, l), " ") + "\n")
		} else {
			t.b.WriteString(strings.Repeat(" ", width(lead)) + t.paint(tone, l) + "\n")
		}
	}
}

// plainly is one clean line in the characters of this style.
func (t *text) plainly(s string) string { return t.spelled(plain.Line(s, 0)) }

func (t *text) spelled(s string) string {
	if t.ASCII {
		return ascii(s)
	}
	return s
}

// paint colours s with the sixteen colours every terminal has. Body text keeps
// the terminal's own colour, which is readable on a light ground as well.
func (t *text) paint(tone tone, s string) string {
	code := ""
	switch tone {
	case strong:
		code = "1"
	case good:
		code = "1;32"
	case warn:
		code = "1;33"
	case bad:
		code = "1;31"
	case muted:
		code = "2"
	}
	if !t.Color || code == "" || strings.TrimSpace(s) == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
