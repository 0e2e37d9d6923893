package plain

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Writer is the last line of defence of an output: what Hidden names does not get
// through it, whoever forgot to clean it, and neither does what is no UTF-8. Ends of
// lines and tabs do, and the styles (SGR) of a text if it may have any.
type Writer struct {
	to     io.Writer
	styles bool
	rest   string // the begin of a character whose end has not been written yet
}

// NewWriter guards w. It is for one writer at a time, as w is.
func NewWriter(w io.Writer, styles bool) *Writer { return &Writer{to: w, styles: styles} }

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
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if style := styleAt(s); w.styles && style > 0 {
			b.WriteString(s[:style])
			n = style
		} else if !unsafe(r) {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
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
