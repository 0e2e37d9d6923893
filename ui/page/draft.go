package page

import (
	"slices"

	"kpadvisor/say"

	"kpadvisor/advisor"
)

// draft is a section in the making: what it says stands in the order of the fields.
type draft struct {
	ID    string
	Title string
	Tone  Tone
	Intro []string
	Parts []Block // pictures, and whatever else has a form of its own
	Table Table
	Items List
	Steps Steps
	After []string // small print
}

// row adds one to the table.
func (d *draft) row(cells []string) { d.Table.Rows = append(d.Table.Rows, Row{Cells: cells}) }

// column adds one of numbers.
func (t *Table) column(head string) {
	t.Head, t.Right = append(t.Head, head), append(t.Right, true)
}

// section is the draft as blocks; those that are empty are left out.
func (d draft) section() Section {
	s := Section{ID: d.ID, Title: d.Title, Tone: d.Tone}
	if len(d.Intro) > 0 {
		s.Blocks = append(s.Blocks, Text{Paragraphs: d.Intro})
	}
	s.Blocks = append(s.Blocks, d.Parts...)
	if len(d.Table.Rows) > 0 {
		s.Blocks = append(s.Blocks, d.Table)
	}
	if len(d.Items) > 0 {
		s.Blocks = append(s.Blocks, d.Items)
	}
	if len(d.Steps) > 0 {
		s.Blocks = append(s.Blocks, d.Steps)
	}
	if len(d.After) > 0 {
		s.Blocks = append(s.Blocks, Text{Tone: Muted, Paragraphs: d.After})
	}
	return s
}

// sections are the drafts that say something, shortened to what a person reads.
func sections(v say.Voice, drafts ...draft) []Section {
	var out []Section
	for _, d := range drafts {
		if s := d.capped(v).section(); len(s.Blocks) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// mostShown is how many rows or entries of one section a person is shown. A cluster may
// have thousands of node groups, no two alike; those with most nodes come first.
const mostShown = 50

// worstFirst are the verdicts in their order, or, where they are too many to be shown,
// those first that need something done.
func worstFirst(all []advisor.Reuse) []advisor.Reuse {
	if len(all) <= mostShown {
		return all
	}
	return ByExposure(all)
}

// capped leaves out what nobody would read to its end, and says where it is.
func (d draft) capped(v say.Voice) draft {
	rest := max(len(d.Items), len(d.Table.Rows)) - mostShown
	if rest <= 0 {
		return d
	}
	d.Items, d.Table.Rows = d.Items[:min(len(d.Items), mostShown)], d.Table.Rows[:min(len(d.Table.Rows), mostShown)]
	d.After = append(slices.Clip(d.After), More(v, rest))
	return d
}
