package report

import (
	"fmt"
	"io"
	"strings"

	"kpadvisor/plain"
)

// Markdown writes the report for a ticket or a wiki page, in GitHub's dialect.
func Markdown(w io.Writer, doc Document) error {
	m := &markdown{}
	m.header(doc)
	if !doc.noAdvice() {
		for _, s := range card(doc) {
			m.section(s)
		}
	}
	return written(w, m.String())
}

type markdown struct{ b strings.Builder }

// String is the document so far. Each block ends with the blank line it needs
// before whatever comes next, which leaves too many here and there.
func (m *markdown) String() string { return strings.ReplaceAll(m.b.String(), "\n\n\n", "\n\n") }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *markdown) header(doc Document) {
	title := doc.Advice.Headline
	if title == "" {
		title = "No advice"
	}
	m.line("# %s\n", escape(title))
	m.line("%s", escape(strings.Join(append([]string{"kpadvisor " + doc.Version}, about(doc.Facts)...), " · ")))
	if s := banner(doc.Facts.Origin); s != "" && !doc.noAdvice() {
		m.line("\n**%s**", escape(s))
	}
	m.problem(doc.Problem)
}

// problem says why there is no report, or only a part of one; nil says nothing.
func (m *markdown) problem(p *plain.Problem) {
	if p == nil {
		return
	}
	m.line("\n**%s**", escape(p.Sentence))
	if p.Remedy != "" {
		m.line("\nRemedy: %s", escape(p.Remedy))
	}
}

func (m *markdown) section(s section) {
	m.line("\n## %s\n", escape(s.Title))
	for _, p := range s.Intro {
		m.line("%s\n", escape(p))
	}
	if len(s.Lines) > 0 {
		m.code("", "", s.Lines)
		m.line("")
	}
	m.table(s.Table)
	for _, it := range s.Items {
		m.item(it)
	}
	for _, p := range s.After {
		m.line("\n%s", escape(p))
	}
}

func (m *markdown) table(t table) {
	if len(t.Rows) == 0 {
		return
	}
	m.row(t.Head)
	rule := make([]string, len(t.Head))
	for i := range rule {
		rule[i] = "---"
		if t.Right[i] {
			rule[i] = "---:"
		}
	}
	m.line("| %s |", strings.Join(rule, " | "))
	for _, r := range t.Rows {
		m.row(r)
	}
	m.line("")
}

func (m *markdown) row(cells []string) {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = escapeCell(c)
	}
	m.line("| %s |", strings.Join(out, " | "))
}

// item writes a list entry, numbered where its mark is a number.
func (m *markdown) item(it item) {
	bullet, mark := "-", it.Mark
	if mark != "" && strings.Trim(mark, "0123456789") == "" {
		bullet, mark = mark+".", ""
	}
	var head []string
	if mark != "" && mark != "-" {
		head = append(head, escape(mark))
	}
	if it.Label != "" {
		head = append(head, "**"+escape(it.Label)+"**")
	}
	lead := strings.Join(head, " ")
	if lead != "" && it.Text != "" {
		lead += ": "
	}
	m.line("%s %s%s", bullet, lead, escape(it.Text))
	inner := strings.Repeat(" ", len(bullet)+1)
	for _, n := range it.Notes {
		m.line("%s- %s", inner, escape(n))
	}
	if len(it.Commands) == 0 {
		return
	}
	m.line("")
	m.code(inner, "sh", it.Commands)
}

// code writes texts as they are, but clean.
func (m *markdown) code(indent, language string, texts []string) {
	var lines []string
	for _, t := range texts {
		lines = append(lines, plain.Lines(t)...)
	}
	fence := fence(lines)
	m.line("%s%s%s", indent, fence, language)
	for _, l := range lines {
		m.line("%s%s", indent, l)
	}
	m.line("%s%s", indent, fence)
}
