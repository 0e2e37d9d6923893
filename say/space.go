package say

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// spaced puts a space between Chinese and what is not, as Kubernetes' own Chinese pages
// do. Formats need not know then whether a word that goes into them is Chinese.
func spaced(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	before := ' '
	for i, r := range s {
		if chinese(before) && opens(r, s[i:]) || closes(before) && chinese(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// meet puts two texts together, with a space where spaced has one; within them nothing is
// changed.
func meet(a, b string) string {
	before, _ := utf8.DecodeLastRuneInString(a)
	after, _ := utf8.DecodeRuneInString(b)
	if chinese(before) && opens(after, b) || closes(before) && chinese(after) {
		return a + " " + b
	}
	return a + b
}

func chinese(r rune) bool { return unicode.Is(unicode.Han, r) }

// opens reports what begins a word, a number, a flag or a path. A slash between two
// Chinese words, as in "times/second", stays close to both.
func opens(r rune, rest string) bool {
	if r == '/' {
		after, _ := utf8.DecodeRuneInString(rest[1:])
		return wordly(after)
	}
	return wordly(r) || strings.ContainsRune("+-$(µ", r)
}

func closes(r rune) bool { return wordly(r) || strings.ContainsRune("+%)", r) }

func wordly(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
