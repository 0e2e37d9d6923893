package report

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// hidden reports whether a terminal may obey r instead of showing it: control
// characters, and the format characters that hide or reorder what is read.
// The astral ones (language tags) are left to [clean], which drops them.
func hidden(r rune) bool {
	return r < 0x10000 && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

// clean makes one line of a string that may come from a cluster: escape
// sequences and hidden characters gone, white space folded into single spaces.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, ansi.Strip(s))
	return strings.Join(strings.Fields(s), " ")
}

// cleanLines is clean for a command, whose lines and inner spacing matter.
func cleanLines(s string) []string {
	lines := strings.Split(strings.TrimRight(ansi.Strip(s), "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.Map(func(r rune) rune {
			if r == '\t' {
				return ' '
			}
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, l)
	}
	return lines
}

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
