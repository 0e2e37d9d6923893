package plain

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Writer is the last line of defence of an output: what Hidden names does not get
// through it, whoever forgot to clean it, and neither does what is no UTF-8. Ends of
// lines and tabs do, and the styles (SGR) and the links (OSC 8) of a text if it may have
// any.
type Writer struct {
	to   io.Writer
	may  Passes
	rest string // the begin of a character whose end has not been written yet
}

// Passes says what a terminal may obey of a text.
type Passes struct{ Styles, Links bool }

// NewWriter guards w. It is for one writer at a time, as w is.
func NewWriter(w io.Writer, may Passes) *Writer { return &Writer{to: w, may: may} }

// Write implements [io.Writer].
func (w *Writer) Write(b []byte) (int, error) {
	s := w.rest + string(b)
	w.rest = ""
	if cut := unfinished(s); cut > 0 {
		s, w.rest = s[:len(s)-cut], s[len(s)-cut:]
	}
	if _, err := io.WriteString(w.to, w.clean(s)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// unfinished is how many bytes at the end of s are the begin of a character.
func unfinished(s string) int {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if tail := s[len(s)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRuneInString(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

func (w *Writer) clean(s string) string {
	if !strings.ContainsFunc(s, unsafe) {
		return s
	}
	var b strings.Builder
	open := false // a link
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		style, link := styleAt(s), linkAt(s)
		switch {
		case w.may.Styles && style > 0:
			n = style
			b.WriteString(s[:n])
		case w.may.Links && link > 0:
			n, open = link, link > len(endLink)
			b.WriteString(s[:n])
		case !unsafe(r):
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	if open {
		b.WriteString(endLink)
	}
	return b.String()
}

// A link begins with the address of a page between these, and ends with none.
const (
	beginLink = "\x1b]8;;"
	endLink   = beginLink + "\a"
)

// linkAt is the length of the begin or the end of a link that s begins with, 0 if it
// begins with neither.
func linkAt(s string) int {
	address, found := strings.CutPrefix(s, beginLink)
	end := strings.IndexByte(address, '\a')
	if !found || end < 0 || !ASCII(address[:end]) || end > 0 && !strings.HasPrefix(address, "https://") {
		return 0
	}
	return len(beginLink) + end + 1
}

// unsafe counts a real U+FFFD as well, as Text does.
func unsafe(r rune) bool { return r != '\n' && r != '\t' && (r == utf8.RuneError || Hidden(r)) }

// styleAt is the length of the style that s begins with, 0 if it begins with none.
func styleAt(s string) int {
	if !strings.HasPrefix(s, "\x1b[") {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case c != ';' && (c < '0' || c > '9'):
			return 0
		}
	}
	return 0
}
