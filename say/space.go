package say

import (
	"strings"
	"unicode"
)

// spaced puts a space between Chinese and what is not, as Kubernetes' own Chinese pages
// do. Formats need not know then whether a word that goes into them is Chinese.
func spaced(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	before := rune(0)
	for _, r := range s {
		if unicode.Is(unicode.Han, before) && opens(r) || closes(before) && unicode.Is(unicode.Han, r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func opens(r rune) bool  { return wordly(r) || strings.ContainsRune("+-/$(µ", r) }
func closes(r rune) bool { return wordly(r) || strings.ContainsRune("+%)", r) }

func wordly(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
