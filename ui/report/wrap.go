package report

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// width is the number of terminal columns s takes.
func width(s string) int { return ansi.StringWidth(s) }

// wrap breaks s at spaces into lines of at most w columns. It does not break at
// hyphens, which would tear kernel releases apart; a single word wider than w
// is cut, since a report must not be wider than its page.
func wrap(s string, w int) []string {
	w = max(w, 1)
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		n := width(word)
		if line != "" && used+1+n > w {
			lines, line, used = append(lines, line), "", 0
		}
		for n > w && line == "" {
			head := ansi.Truncate(word, w, "")
			if head == "" { // a wide character on a page one column wide
				break
			}
			lines = append(lines, head)
			word = word[len(head):]
			n = width(word)
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+n
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// pad fills s with spaces to w columns, on the left if right is set.
func pad(s string, w int, right bool) string {
	fill := strings.Repeat(" ", max(0, w-width(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// joined puts a blank between what is not empty.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
