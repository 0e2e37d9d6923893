package report

import (
	"strings"
	"unicode"
)

// ascii spells s without a character above U+007E.
func ascii(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r <= unicode.MaxASCII:
			b.WriteRune(r)
		default:
			b.WriteString(asciiFor(r))
		}
	}
	return b.String()
}

func asciiFor(r rune) string {
	switch r {
	case '·', '–', '—', '−', '─', '•', '\u2011':
		return "-"
	case '≥':
		return ">="
	case '≤':
		return "<="
	case '→':
		return "->"
	case '▸':
		return ">"
	case '×':
		return "x"
	case '≈':
		return "about "
	case '±':
		return "+/-"
	case 'µ', 'μ':
		return "u"
	case '…':
		return "..."
	case '“', '”':
		return `"`
	case '‘', '’':
		return "'"
	}
	return "?"
}
