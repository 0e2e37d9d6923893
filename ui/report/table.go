package report

import (
	"slices"
	"strings"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// evidenceMin is the least width of a last column of words; with less of the
// page left it goes below its row.
const evidenceMin = 16

// table aligns columns two spaces apart, or one where it is tight or would not fit
// otherwise, and wraps the last one where the page ends. A table that is wider
// than the page even so is written as lists instead.
func (t *text) table(tb page.Table) {
	if len(tb.Rows) == 0 {
		return
	}
	if tb.Title != "" {
		t.paragraph(2, page.Strong, tb.Title)
	}
	last := len(tb.Head) - 1
	widths := t.columns(tb)
	gap, lead, numbers := "  ", 2, tb.Right[last]
	for _, n := range widths[:last] {
		lead += n + len(gap)
	}
	if tb.Tight || numbers && lead+widths[last] > t.Width {
		gap, lead = " ", lead-last
	}
	switch {
	case numbers && lead+widths[last] > t.Width, lead > t.Width:
		t.stacked(tb)
		return
	case !numbers:
		widths[last] = 0 // wrapped, so never padded
	}
	for i, r := range cells(tb) {
		tone := page.Normal
		if i == 0 {
			tone = page.Muted
		}
		line := "  "
		for c, n := range widths[:last] {
			line += pad(t.plainly(r[c]), n, tb.Right[c]) + gap
		}
		switch {
		case numbers:
			line += pad(t.plainly(r[last]), widths[last], true)
			t.b.WriteString(t.paint(tone, strings.TrimRight(line, " ")) + "\n")
		case t.Width-lead < evidenceMin:
			t.b.WriteString(t.paint(tone, strings.TrimRight(line, " ")) + "\n")
			if i > 0 { // a heading below its row would head nothing
				t.paragraph(4, tone, r[last])
			}
		default:
			t.hanging(line, tone, r[last], tone)
		}
	}
}

// columns is the widest cell of each column.
func (t *text) columns(tb page.Table) []int {
	widths := make([]int, len(tb.Head))
	for _, r := range cells(tb) {
		for i, c := range r {
			widths[i] = max(widths[i], kit.Cells(t.plainly(c)))
		}
	}
	return widths
}

// stacked writes each row as one paragraph: "nodes 180, mode iptables, ...".
func (t *text) stacked(tb page.Table) {
	for _, r := range tb.Rows {
		var parts []string
		for i, c := range r.Cells {
			if c != "" {
				parts = append(parts, tb.Head[i]+" "+c)
			}
		}
		t.paragraph(2, page.Normal, t.voice.List(parts...))
	}
}

// cells are those of the head and of all rows.
func cells(tb page.Table) [][]string {
	all := [][]string{tb.Head}
	for _, r := range tb.Rows {
		all = append(all, r.Cells)
	}
	return all
}

// alike is how many tables of one head and as many rows, each with a title, blocks begin with.
func alike(blocks []page.Block) int {
	first, ok := blocks[0].(page.Table)
	if !ok || first.Title == "" {
		return 0
	}
	n := 1
	for ; n < len(blocks); n++ {
		next, ok := blocks[n].(page.Table)
		if !ok || next.Title == "" || !slices.Equal(next.Head, first.Head) || len(next.Rows) != len(first.Rows) {
			break
		}
	}
	return n
}

// tables draws tables of one head: two side by side where their first columns say the same
// and there is room for both, else one below the other.
func (t *text) tables(blocks []page.Block) {
	if len(blocks) == 2 {
		a, b := blocks[0].(page.Table), blocks[1].(page.Table)
		if both, ok := t.beside(a, b); ok {
			t.table(both)
			return
		}
	}
	for _, b := range blocks {
		t.block(b)
	}
}

// beside is one table of two; false if it would be too wide.
func (t *text) beside(a, b page.Table) (page.Table, bool) {
	both := page.Table{Title: a.Title + " | " + b.Title, Tight: true}
	both.Head = slices.Concat(a.Head, []string{"|"}, b.Head[1:])
	both.Right = slices.Concat(a.Right, []bool{false}, b.Right[1:])
	for i, r := range a.Rows {
		other := b.Rows[i].Cells
		if r.Cells[0] != other[0] {
			return both, false
		}
		both.Rows = append(both.Rows, page.Row{Cells: slices.Concat(r.Cells, []string{"|"}, other[1:])})
	}
	wide := 2
	for _, n := range t.columns(both) {
		wide += n + 1
	}
	return both, wide-1 <= t.Width
}
