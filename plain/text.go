package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostMarks is how many characters may be drawn over the one before them: every
// language in use does with fewer, and more of them cover the lines above and below.
const mostMarks = 4

// Text makes a string from elsewhere safe to show, wherever that is: escape
// sequences, control characters and all that hides, joins or reorders what is read
// are gone, as is what is no UTF-8. Each white space is one space.
func Text(s string) string {
	if ASCII(s) {
		return s
	}
	marks := 0
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.In(r, unicode.Zl, unicode.Zp), blank(r):
			marks = 0
			return ' '
		case Hidden(r), r == utf8.RuneError:
			return -1
		case !unicode.In(r, unicode.Mn, unicode.Me):
			marks = 0
		default:
			if marks++; marks > mostMarks {
				return -1
			}
		}
		return r
	}, unescaped(s))
}

// Hidden reports whether a terminal or a page may obey r, show nothing for it, or draw
// it who knows how: everything but letters, marks, numbers, punctuation, symbols and
// spaces of the Unicode version of this Go. So what is not assigned is hidden too: a
// later version may make it format text. Of the rest, fillers and what chooses
// between glyphs are.
func Hidden(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// blank reports a letter or symbol that is drawn as nothing: the empty pattern of
// Braille, the null notehead and the blanks of hieroglyphs.
func blank(r rune) bool {
	return r == '\u2800' || r == '\U0001d159' || r == '\U00013441' || r == '\U00013442'
}

// unescaped is s without the escape sequences in it that have an end on their line.
// Of one without only the escape goes: the rest would take along what follows it.
func unescaped(s string) string {
	if !strings.Contains(s, "\x1b") {
		return s
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "\x1b")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		s = rest[sequence(rest):]
	}
}

// sequence is how many bytes after an escape belong to it (ECMA-48, 5.3 to 5.6).
func sequence(s string) int {
	last := func(from int, before, final byte) int {
		i := from
		for i < len(s) && s[i] >= ' ' && s[i] < before {
			i++
		}
		if i < len(s) && s[i] >= before && s[i] <= final {
			return i + 1
		}
		return from
	}
	switch {
	case s == "":
		return 0
	case s[0] == '[':
		return last(1, '@', '~')
	case strings.IndexByte("]PX^_", s[0]) < 0:
		return last(0, '0', '~')
	}
	end := strings.IndexAny(s, "\a\x1b\n")
	switch {
	case end >= 0 && s[end] == '\a':
		return end + 1
	case end >= 0 && strings.HasPrefix(s[end:], "\x1b\\"):
		return end + 2
	}
	return 1
}

// Safe reports that Text would hide nothing of s: what a file may hold that is shown
// later. A replacement character is safe, as invalid UTF-8 comes out of a decoder.
func Safe(s string) bool { return !strings.ContainsFunc(s, Hidden) }

// Line is Text with white space folded: one line, no space at its ends, at most so
// many characters, of which the last three are dots where it was cut; 0 is no bound.
func Line(s string, most int) string {
	s = strings.Join(strings.Fields(Text(s)), " ")
	if runes := []rune(s); most > 0 && len(runes) > most {
		return string(runes[:max(0, most-3)]) + "..."
	}
	return s
}

// Short is s with at most so many characters. Of what is longer, long words go first,
// which are values that somebody gave; then the middle goes, so that what it is about
// and what is wrong both stay.
func Short(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = middle(w, longWord)
	}
	return middle(strings.Join(words, " "), most)
}

// longWord is how much of one word is left in what is too long.
const longWord = 48

// middle leaves out the middle of what is longer than most characters.
func middle(s string, most int) string {
	const dots = "..."
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	head := (most - len(dots)) / 2
	return string(runes[:head]) + dots + string(runes[len(runes)-(most-len(dots)-head):])
}

// Lines is Text for what has lines, such as a command: their inner spacing stays.
func Lines(s string) []string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(Text(l), " ")
	}
	return lines
}

// ASCII reports that s is printable ASCII alone: one byte, one character, one column.
func ASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Upper makes the first letter a capital, for starting a sentence. What is spelled
// small stays so: iptables, nftables, kube-proxy.
func Upper(s string) string {
	for _, name := range []string{"iptables", "nftables", "kube-", "kpadvisor", "nft "} {
		if strings.HasPrefix(s, name) {
			return s
		}
	}
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[n:]
}
