package report

import (
	"fmt"
	"io"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

// Markdown writes a document for a ticket or a wiki page, in GitHub's dialect.
func Markdown(w io.Writer, d page.Document) error {
	m := &markdown{voice: d.Voice}
	m.header(d)
	for _, s := range d.Sections {
		m.line("\n## %s", escape(s.Title))
		for _, b := range s.Blocks {
			m.block(b)
		}
	}
	return written(w, m.b.String())
}

type markdown struct {
	voice say.Voice
	b     strings.Builder
	said  string // the title: a card below it does not say it again
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

// header ends without a blank line, as every block does: each begins with one.
func (m *markdown) header(d page.Document) {
	title := d.Title
	if title == "" && d.Problem != nil {
		title = d.Problem.Sentence
	}
	m.said = d.Title
	m.line("# %s", escape(title))
	m.paragraph(strings.Join(d.About, " · "))
	m.bold(d.Banner)
	if p := d.Problem; p != nil {
		if d.Title != "" {
			m.bold(p.Sentence)
		}
		if p.Remedy != "" {
			m.paragraph(m.voice.Sprintf("Remedy: %s", p.Remedy))
		}
	}
}

// paragraph is one, or nothing if it says nothing.
func (m *markdown) paragraph(s string) {
	if s = escape(s); s != "" {
		m.line("\n%s", s)
	}
}

func (m *markdown) bold(s string) {
	if s = escape(s); s != "" {
		m.line("\n**%s**", s)
	}
}

// block draws a block.
func (m *markdown) block(b page.Block) {
	switch b := b.(type) {
	case page.Text:
		for _, p := range b.Paragraphs {
			m.paragraph(p)
		}
	case page.Card:
		if b.Do != m.said {
			m.bold(b.Do)
		}
		m.items(lines(m.voice, b))
	case page.Figures:
		var all page.List
		for _, f := range b {
			all = append(all, page.Item{Label: f.Label, Text: joined(f.Value, f.Note)})
		}
		m.items(all)
	case page.List:
		m.items(b)
	case page.Steps:
		m.items(numbered(b))
	case page.Sources:
		m.items(listed(b))
	case page.Table:
		m.table(b)
	case page.Chart:
		m.chart(b)
	}
}

// chart draws the picture that the text face has, with the numbers that it needs under it;
// where there is none, it is a table.
func (m *markdown) chart(c page.Chart) {
	t := newText(m.voice, Style{})
	drawn := t.picture(c)
	if drawn {
		m.line("")
		m.code("", "", strings.Split(strings.TrimRight(t.b.String(), "\n"), "\n"))
	}
	if !drawn || !saysAll(c) {
		m.table(c.Table(m.voice))
	}
}

func (m *markdown) table(t page.Table) {
	if len(t.Rows) == 0 {
		return
	}
	m.bold(t.Title)
	m.line("")
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
		m.row(r.Cells)
	}
}

func (m *markdown) items(all page.List) {
	m.line("")
	for _, it := range all {
		m.item(it)
	}
}

func (m *markdown) row(cells []string) {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = escapeCell(c)
	}
	m.line("| %s |", strings.Join(out, " | "))
}

// item writes a list entry, numbered where its mark is a number.
func (m *markdown) item(it page.Item) {
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
