package plain

import (
	"encoding/csv"
	"strings"
)

// Cell is a string from elsewhere as one clean line that a spreadsheet takes for text,
// never for a formula: one that begins as a formula does gets an apostrophe, as OWASP
// advises ("CSV Injection"), before the spaces that some programs skip. A number that
// is meant as one is written without it.
func Cell(s string) string {
	s = Line(s, 0)
	if s != "" && strings.ContainsAny(firstRune(s), "=+-@＝＋－＠﹢﹣﹦﹫−") {
		return "'" + s
	}
	return s
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// Row is one line of CSV of cells that are clean already.
func Row(cells ...string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(cells) // a builder takes everything
	w.Flush()
	return b.String()
}
