package report

import (
	"regexp"
	"strings"
	"unicode"

	"kpadvisor/plain"
)

// escape makes one clean line of s that Markdown takes literally, wherever a block may
// begin: no heading, list, emphasis, link, image, HTML or code comes out of a string of
// the cluster, and nobody is mentioned. Prose stays as it is to read: only what would
// do something is escaped, and what GitHub links by itself becomes code, since no
// escape holds it.
func escape(s string) string {
	s = inline(plain.Line(s, 0), false)
	switch first, _, _ := strings.Cut(s, " "); {
	case s == "":
	case s[0] == '>', strings.ContainsRune("-+=:", rune(s[0])) && strings.Trim(first, first[:1]) == "":
		return `\` + s
	default:
		end := strings.TrimLeft(first, "0123456789")
		if end != first && (end == "." || end == ")") {
			return strings.TrimSuffix(first, end) + `\` + s[len(first)-1:]
		}
	}
	return s
}

// escapeCell is escape for a cell of a table, where no block begins.
func escapeCell(s string) string { return inline(plain.Line(s, 0), true) }

// inline escapes word by word.
func inline(s string, inTable bool) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if linking.MatchString(w) {
			words[i] = code(w, inTable)
		} else {
			words[i] = literal(w)
		}
	}
	return strings.Join(words, " ")
}

// linking finds what GitHub makes a link, a mention, a reference or a picture of:
// addresses of pages and mail, @who, #12, GH-12, commits, and :emoji:.
var linking = regexp.MustCompile(`(?i)://|www\.|mailto:|xmpp:|@[\w-]|#\d|\bGH-\d|\b[0-9a-f]{40}\b|:[a-z+_-][\w+-]*:`)

// code makes code of a word; what ends a sentence stays behind it. The one thing that
// a table wants escaped in it is its own bar.
func code(word string, inTable bool) string {
	inner := strings.TrimRight(word, ".,;")
	end := word[len(inner):]
	fence := strings.Repeat("`", longestRun(inner, '`')+1)
	if strings.HasPrefix(inner, "`") || strings.HasSuffix(inner, "`") {
		inner = " " + inner + " "
	}
	if inTable {
		inner = strings.ReplaceAll(inner, "|", `\|`)
	}
	return fence + inner + fence + end
}

// literal escapes what may do something inside a line.
func literal(word string) string {
	if word == "~" || word == "<" { // alone they do nothing; ~ is our sign of what was not detected
		return word
	}
	var b strings.Builder
	before := ' '
	for i, r := range word {
		after := word[i+len(string(r)):]
		switch {
		case strings.ContainsRune("\\`*[|~$#", r),
			r == '_' && !(isWord(before) && begins(after, isWord)),
			r == '&' && begins(after, func(r rune) bool { return r == '#' || isWord(r) }):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '<':
			b.WriteString("&lt;")
		default:
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// begins reports whether the first character of s is one of those.
func begins(s string, of func(rune) bool) bool {
	for _, r := range s {
		return of(r)
	}
	return false
}

// fence is what stands around lines of code: longer than any such run in them.
func fence(lines []string) string {
	n := 3
	for _, l := range lines {
		n = max(n, longestRun(l, '`')+1)
	}
	return strings.Repeat("`", n)
}

func longestRun(s string, of rune) int {
	most, n := 0, 0
	for _, r := range s {
		if r == of {
			n++
		} else {
			n = 0
		}
		most = max(most, n)
	}
	return most
}
