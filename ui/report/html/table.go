package html

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

const (
	longestWord = 24 // characters in a row that a cell is wide enough for
	widestTable = 8  // columns; a wider one scrolls sideways even on a wide screen
	roomOfTable = 80 // characters of all columns but the last, which then need not be folded
)

// table has its head stay where the page scrolls, and below a row that can be opened
// what stands behind it.
func (m *markup) table(t page.Table) {
	if len(t.Rows) == 0 {
		return
	}
	wide := ""
	if len(t.Head) > widestTable {
		wide = "wide"
	}
	tight, room := "", ""
	if t.Tight {
		tight = "tight"
	}
	if roomy(t) {
		room = "roomy"
	}
	m.begin("div", "class", classes("scroll", wide), "tabindex", "0", "role", "region", "aria-label", cmp.Or(t.Title, m.voice.Text("Table")))
	m.begin("table", "class", classes(tight, room))
	m.leaf("caption", t.Title)
	m.tableHead(t)
	m.begin("tbody")
	for _, r := range t.Rows {
		m.row(t, r)
	}
	m.end()
	m.end()
	m.end()
}

// tables are some that follow one another: those with the same head stand side by side
// where there is room.
func (m *markup) tables(all []page.Table) {
	if len(all) == 1 {
		m.table(all[0])
		return
	}
	m.begin("div", "class", "side")
	for _, t := range all {
		m.table(t)
	}
	m.end()
}

// alike are the tables at the beginning of blocks that have the same head.
func alike(all []page.Block) []page.Table {
	var out []page.Table
	for _, b := range all {
		t, ok := b.(page.Table)
		if !ok || len(out) > 0 && !slices.Equal(t.Head, out[0].Head) {
			break
		}
		out = append(out, t)
	}
	return out
}

func (m *markup) tableHead(t page.Table) {
	if strings.Join(t.Head, "") == "" {
		return
	}
	m.begin("thead")
	m.begin("tr")
	for i, h := range t.Head {
		m.begin("th", "scope", "col", "class", cellClass(t, i, h))
		m.text(h)
		m.end()
	}
	m.end()
	m.end()
}

func (m *markup) row(t page.Table, r page.Row) {
	names := naming(t)
	m.begin("tr")
	for i, c := range r.Cells {
		if i == names {
			m.begin("th", "scope", "row", "class", cellClass(t, i, c))
		} else {
			m.begin("td", "class", cellClass(t, i, c))
		}
		m.linked(c)
		m.end()
	}
	m.end()
	if len(r.Open) == 0 {
		return
	}
	m.begin("tr", "class", "open")
	m.begin("td", "colspan", strconv.Itoa(max(1, len(t.Head), len(r.Cells))))
	m.begin("details")
	m.leaf("summary", more(m.voice, r, names))
	m.blocks(r.Open)
	m.end()
	m.end()
	m.end()
}

// more is what can be opened, and of which row.
func more(v say.Voice, r page.Row, names int) string {
	if names < len(r.Cells) && plain.Line(r.Cells[names], 0) != "" {
		return v.Sprintf("More on %s", r.Cells[names])
	}
	return v.Text("More on this row")
}

// naming is the column that says what a row is about: the first one of words, unless it
// is a remark at the end.
func naming(t page.Table) int {
	if i := slices.Index(t.Right, false); i >= 0 && i < len(t.Head)-1 {
		return i
	}
	return 0
}

// roomy reports a table of which all columns but the last are narrow enough to stand
// beside it without a fold.
func roomy(t page.Table) bool {
	sum := 0
	for column := range len(t.Head) - 1 {
		widest := 0
		for _, r := range t.Rows {
			if column < len(r.Cells) {
				widest = max(widest, ansi.StringWidth(r.Cells[column]))
			}
		}
		sum += max(widest, ansi.StringWidth(t.Head[column])) + 2
	}
	return sum <= roomOfTable
}

func numbers(t page.Table, column int) string {
	if column < len(t.Right) && t.Right[column] {
		return "right"
	}
	return ""
}

// breaks reports where a line may end: at a blank, and at every Chinese character.
func breaks(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Han, r) }

// cellClass says which cells are broken anywhere, as no column is as wide as a word of theirs.
func cellClass(t page.Table, column int, cell string) string {
	for word := range strings.FieldsFuncSeq(cell, breaks) {
		if utf8.RuneCountInString(word) > longestWord {
			return classes(numbers(t, column), "long")
		}
	}
	return numbers(t, column)
}
