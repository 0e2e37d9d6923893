package report

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

const (
	defaultWidth = 80
	minWidth     = 40 // below this a report is not readable whatever one does
	labelColumn  = 18 // a longer label gets its own line
	screenLines  = 23 // a longer report has its title at both ends
)

// Style says how a text report is drawn.
type Style struct {
	Width int  // columns; 0 means 80. Commands are never broken, so that they can be copied
	Color bool // ANSI colours; nothing is said by colour alone
	ASCII bool // no character above U+007E
	Links bool // sources lead to their pages (OSC 8)
}

// Text writes a document for a person: every line at most style.Width columns
// wide but for commands, which stay whole so that they can be copied.
func Text(w io.Writer, d page.Document, style Style) error {
	t := newText(d.Voice, style)
	t.header(d)
	for _, s := range d.Sections {
		t.section(s)
	}
	if strings.Count(t.b.String(), "\n") > screenLines {
		t.title(d)
	}
	return written(w, t.b.String())
}

// text collects a text report; it is written in one piece, so that a failing
// writer is noticed once and never leaves half a line unnoticed.
type text struct {
	Style
	voice say.Voice
	b     strings.Builder
	said  string // the title: a card below it does not say it again
}

func newText(v say.Voice, style Style) *text {
	if style.Width <= 0 {
		style.Width = defaultWidth
	}
	style.Width = max(style.Width, minWidth)
	return &text{Style: style, voice: v}
}

// problem says why there is no report, or only a part of one; nil says nothing.
func (t *text) problem(p *plain.Problem) {
	if p == nil {
		return
	}
	t.b.WriteByte('\n')
	t.paragraph(0, page.Bad, p.Sentence)
	if p.Remedy != "" {
		t.paragraph(0, page.Normal, t.voice.Sprintf("Remedy: %s", p.Remedy))
	}
}

func (t *text) header(d page.Document) {
	t.paragraph(0, page.Muted, strings.Join(d.About, " · "))
	t.paragraph(0, page.Warn, d.Banner)
	t.problem(d.Problem)
	t.title(d)
}

// title is what the document comes to; nothing if it says nothing.
func (t *text) title(d page.Document) {
	if t.said = d.Title; d.Title != "" {
		t.b.WriteByte('\n')
		t.paragraph(0, d.Tone, d.Title)
	}
}

func (t *text) section(s page.Section) {
	t.b.WriteByte('\n')
	title := s.Tone
	if title == page.Normal {
		title = page.Strong
	}
	t.paragraph(0, title, s.Title)
	for i := 0; i < len(s.Blocks); i++ {
		if n := alike(s.Blocks[i:]); n > 1 {
			t.tables(s.Blocks[i : i+n])
			i += n - 1
			continue
		}
		t.block(s.Blocks[i])
	}
}

// block draws a block of a section.
func (t *text) block(b page.Block) {
	switch b := b.(type) {
	case page.Text:
		for _, p := range b.Paragraphs {
			t.paragraph(2, b.Tone, p)
		}
	case page.Card:
		t.card(b)
	case page.Figures:
		t.figures(b)
	case page.List:
		t.items(b)
	case page.Steps:
		t.items(numbered(b))
	case page.Sources:
		t.items(listed(b))
	case page.Table:
		t.table(b)
	case page.Chart:
		t.chart(b)
	}
}

func (t *text) card(c page.Card) {
	if c.Do != t.said {
		t.paragraph(2, c.Tone, c.Do)
	}
	t.items(lines(t.voice, c))
}

// figures have their values in one column, so that they can be compared.
func (t *text) figures(all page.Figures) {
	label, value := 0, 0
	for _, f := range all {
		label, value = max(label, kit.Cells(t.plainly(f.Label))), max(value, kit.Cells(t.plainly(f.Value)))
	}
	for _, f := range all {
		lead := "  " + pad(t.plainly(f.Label), label, false) + "  "
		if kit.Cells(lead)+value+2+evidenceMin > t.Width {
			t.hanging(lead, page.Normal, joined(f.Value, f.Note), page.Normal)
			continue
		}
		t.hanging(lead+pad(t.plainly(f.Value), value, true)+"  ", page.Normal, f.Note, page.Normal)
	}
}

// lines are what a card says besides what to do, as a list.
func lines(v say.Voice, c page.Card) page.List {
	var out page.List
	for _, l := range c.Lines {
		out = append(out, page.Item{Label: l.Label, Text: l.Text, Tone: l.Tone})
	}
	if c.Confidence != "" {
		text := c.Confidence
		if c.Rests != "" {
			text = v.Sprintf("%s: %s", c.Confidence, c.Rests)
		}
		out = append(out, page.Item{Label: v.Text("Confidence"), Text: text})
	}
	return out
}

// numbered are steps as a list.
func numbered(all page.Steps) page.List {
	var out page.List
	for i, s := range all {
		it := page.Item{Mark: strconv.Itoa(i + 1), Text: s.Title, Commands: s.Commands}
		if s.Text != "" {
			it.Notes = []string{s.Text}
		}
		out = append(out, it)
	}
	return out
}

// listed are sources as a list.
func listed(all page.Sources) page.List {
	var out page.List
	for _, s := range all {
		out = append(out, page.Item{Label: s.Rule, Tone: page.Muted, Text: s.Text})
	}
	return out
}

// paragraph writes s wrapped and indented; nothing if there is nothing to say.
func (t *text) paragraph(indent int, tone page.Tone, s string) {
	if s = t.plainly(s); s == "" {
		return
	}
	for _, l := range t.wrap(s, t.Width-indent) {
		t.b.WriteString(strings.Repeat(" ", indent) + t.paint(tone, l) + "\n")
	}
}

func (t *text) items(items page.List) {
	mark, label := 0, 0
	for _, it := range items {
		mark, label = max(mark, kit.Cells(t.plainly(it.Mark))), max(label, kit.Cells(t.plainly(it.Label)))
	}
	for _, it := range items {
		t.item(it, mark, label)
	}
}

// item writes mark and label in their columns and the text beside them, or
// below them where a label of this list is too long for a column.
func (t *text) item(it page.Item, mark, label int) {
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
		t.hanging(lead, page.Strong, it.Label, page.Strong)
		lead = strings.Repeat(" ", 4)
	case label > 0:
		lead += pad(t.plainly(it.Label), label, false) + "  "
		first = page.Normal
	}
	t.hanging(lead, tone, body, first)
	for _, n := range notes {
		t.paragraph(kit.Cells(lead), page.Normal, n)
	}
	for _, c := range it.Commands {
		for _, l := range plain.Lines(c) {
			t.b.WriteString(strings.Repeat(" ", kit.Cells(lead)+2) + t.paint(page.Strong, t.spelled(l)) + "\n")
		}
	}
}

// wrap is wrap with what s names leading to its pages, if this report leads anywhere.
func (t *text) wrap(s string, w int) []string {
	if !t.Links {
		return wrap(s, w)
	}
	var one kit.Line
	for _, r := range page.References(strings.Join(strings.Fields(s), " ")) {
		one = append(one, kit.Span{Text: r.Text}.To(r.URL))
	}
	var out []string
	p := kit.NewPalette(kit.Style{Links: true})
	for _, l := range kit.Wrap(one, max(w, 2), 0) {
		out = append(out, p.Paint([]kit.Line{l}, l.Width()))
	}
	return out
}

// wrap breaks s at spaces into lines of at most w columns. It does not break at hyphens,
// which would tear kernel releases apart.
func wrap(s string, w int) []string {
	var out []string
	one := kit.Line{{Text: strings.Join(strings.Fields(s), " ")}}
	for _, l := range kit.Wrap(one, max(w, 2), 0) { // no character is wider than two
		out = append(out, spelled(l))
	}
	return out
}

// pad fills s with spaces to w columns, on the left if right is set.
func pad(s string, w int, right bool) string {
	fill := strings.Repeat(" ", max(0, w-kit.Cells(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// joined puts a blank between what is not empty.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// hanging writes s behind lead, further lines under its first character.
func (t *text) hanging(lead string, leadTone page.Tone, s string, tone page.Tone) {
	for i, l := range t.wrap(t.plainly(s), t.Width-kit.Cells(lead)) {
		if i == 0 {
			t.b.WriteString(strings.TrimRight(t.paint(leadTone, lead)+t.paint(tone, l), " ") + "\n")
		} else {
			t.b.WriteString(strings.Repeat(" ", kit.Cells(lead)) + t.paint(tone, l) + "\n")
		}
	}
}

// plainly is one clean line in the characters of this style.
func (t *text) plainly(s string) string { return t.spelled(plain.Line(s, 0)) }

func (t *text) spelled(s string) string {
	if t.ASCII {
		return kit.Fold(s)
	}
	return s
}

// paint colours s with the sixteen colours every terminal has. Body text keeps
// the terminal's own colour, which is readable on a light ground as well.
func (t *text) paint(tone page.Tone, s string) string {
	code := ""
	switch tone {
	case page.Strong:
		code = "1"
	case page.Good:
		code = "1;32"
	case page.Warn:
		code = "1;33"
	case page.Bad:
		code = "1;31"
	case page.Muted:
		code = "2"
	}
	if !t.Color || code == "" || strings.TrimSpace(s) == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
