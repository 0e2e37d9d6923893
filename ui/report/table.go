package report

import "strings"

// evidenceMin is the least width of a last column of words; with less of the
// page left it goes below its row.
const evidenceMin = 16

// table aligns columns two spaces apart, or one where it is tight or would not fit
// otherwise, and wraps the last one where the page ends. A table that is wider
// than the page even so is written as lists instead.
func (t *text) table(tb table) {
	if len(tb.Rows) == 0 {
		return
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
	for i, r := range append([][]string{tb.Head}, tb.Rows...) {
		tone := normal
		if i == 0 {
			tone = muted
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
func (t *text) columns(tb table) []int {
	widths := make([]int, len(tb.Head))
	for _, r := range append([][]string{tb.Head}, tb.Rows...) {
		for i, c := range r {
			widths[i] = max(widths[i], width(t.plainly(c)))
		}
	}
	return widths
}

// stacked writes each row as one paragraph: "nodes 180, mode iptables, ...".
func (t *text) stacked(tb table) {
	for _, r := range tb.Rows {
		var parts []string
		for i, c := range r {
			if c != "" {
				parts = append(parts, tb.Head[i]+" "+c)
			}
		}
		t.paragraph(2, normal, strings.Join(parts, ", "))
	}
}
