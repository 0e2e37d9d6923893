package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/plain"
)

// A span is a run of text in one style; a line is what one row of the screen
// shows. Text stays apart from escape codes until a line is painted, so nothing
// here ever cuts through one, and every width is that of the text alone.
type span struct {
	token token
	text  string
}

type line []span

// cells is the number of terminal cells a text takes.
func cells(s string) int {
	if plain.ASCII(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// width is the number of terminal cells the line takes.
func (l line) width() int {
	n := 0
	for _, s := range l {
		n += cells(s.text)
	}
	return n
}

// pad fills the line with blanks to w cells; a longer line is left alone.
func (l line) pad(w int) line {
	if n := w - l.width(); n > 0 {
		return append(l[:len(l):len(l)], span{text: strings.Repeat(" ", n)})
	}
	return l
}

// cut shortens the line to w cells, the last of them the ellipsis.
func (l line) cut(w int, ellipsis string) line {
	if l.width() <= w {
		return l
	}
	room := max(w-cells(ellipsis), 0)
	var out line
	for _, s := range l {
		head, rest := split(s.text, room)
		out = append(out, span{s.token, head})
		room -= cells(head)
		if rest != "" {
			return append(out, span{s.token, ansi.Truncate(ellipsis, w, "")})
		}
	}
	return out
}

// split returns the longest prefix of s that fits in w cells, and what is left.
func split(s string, w int) (head, rest string) {
	if plain.ASCII(s) {
		w = max(min(w, len(s)), 0)
		return s[:w], s[w:]
	}
	head = ansi.Truncate(s, w, "")
	return head, s[len(head):]
}

// word is what stays together when a line is wrapped, and the blanks before it.
type word struct {
	blanks int
	spans  line
}

func cutWords(l line) []word {
	var out []word
	var cur word
	for _, s := range l {
		for s.text != "" {
			rest := strings.TrimLeft(s.text, " ")
			if n := len(s.text) - len(rest); n > 0 {
				if len(cur.spans) > 0 {
					out, cur = append(out, cur), word{}
				}
				cur.blanks += n
			}
			end := strings.IndexByte(rest, ' ')
			if end < 0 {
				end = len(rest)
			}
			if end > 0 {
				cur.spans = append(cur.spans, span{s.token, rest[:end]})
			}
			s.text = rest[end:]
		}
	}
	if len(cur.spans) > 0 {
		out = append(out, cur)
	}
	return out
}

// glue is a blank at which wrap does not break.
const glue = "\u00a0"

// whole keeps a span on one line of what wrap makes of it, if it fits in w cells.
func (s span) whole(w int) span {
	if cells(s.text) > w {
		return s
	}
	return span{s.token, strings.ReplaceAll(s.text, " ", glue)}
}

// wrap breaks the line between words so that no part is wider than w; parts
// after the first are indented by hang. A word wider than that is broken, not lost.
func wrap(l line, w, hang int) []line {
	hang = min(hang, w/2)
	var out []line
	var cur line
	used := 0
	put := func(t token, s string) {
		if n := len(cur); n > 0 && cur[n-1].token == t {
			cur[n-1].text += strings.ReplaceAll(s, glue, " ")
		} else if s != "" {
			cur = append(cur, span{t, strings.ReplaceAll(s, glue, " ")})
		}
		used += cells(s)
	}
	next := func() {
		out = append(out, cur)
		cur, used = line{{text: strings.Repeat(" ", hang)}}, hang
	}
	for _, wd := range cutWords(l) {
		width := wd.spans.width()
		if used > 0 && used+wd.blanks+width > w && !(len(out) > 0 && used == hang) {
			next()
			wd.blanks = 0
		} else if len(out) > 0 && used == hang {
			wd.blanks = 0
		}
		wd.blanks = min(wd.blanks, w/2)
		between := normal
		if n := len(cur); n > 0 && cur[n-1].token == wd.spans[0].token {
			between = cur[n-1].token
		}
		put(between, strings.Repeat(" ", wd.blanks))
		for _, s := range wd.spans {
			for cells(s.text) > w-used {
				head, rest := split(s.text, w-used)
				put(s.token, head)
				s.text = rest
				next()
			}
			put(s.token, s.text)
		}
	}
	return append(out, cur)
}

// ascii is the fall-back of a glyph this program draws, or a question mark.
func ascii(r rune) string {
	switch r {
	case '…':
		return "..."
	case '·', '–', '—', '─':
		return "-"
	case 'µ':
		return "u"
	case '×':
		return "x"
	case '≥':
		return ">="
	case '≤':
		return "<="
	case '≈':
		return "~"
	case '±':
		return "+-"
	case '→':
		return "->"
	case '←':
		return "<-"
	case '↑', '▲':
		return "^"
	case '↓':
		return "v"
	case '━':
		return "="
	case '█':
		return "#"
	case '░':
		return "."
	case '▸':
		return ">"
	case '●':
		return "*"
	case '○':
		return "o"
	case '“', '”':
		return `"`
	case '‘', '’':
		return "'"
	case '│':
		return "|"
	}
	if r > '~' {
		return "?"
	}
	return string(r)
}

// fold writes s with ASCII characters alone.
func fold(s string) string {
	if plain.ASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(ascii(r))
	}
	return b.String()
}
