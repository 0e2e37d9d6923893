package kit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/plain"
)

// Span is a run of text in one style. Text stays apart from escape codes until a line
// is painted, so nothing here ever cuts through one, and every width is that of the
// text alone.
type Span struct {
	Token Token
	Text  string
	link  string // the page that it leads to, for To
}

// of is another text in the style of a span, and leading where that leads.
func (s Span) of(text string) Span {
	s.Text = text
	return s
}

// like reports whether two spans differ in their text alone.
func (s Span) like(o Span) bool { return s.Token == o.Token && s.link == o.link }

// Line is what one row of the screen shows.
type Line []Span

// Cells is the number of terminal cells a text takes.
func Cells(s string) int {
	if plain.ASCII(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			n++
		case r >= '\u4e00' && r <= '\u9fff', r >= '\uff01' && r <= '\uff5e', r == '。', r == '、':
			n += 2
		default:
			return ansi.StringWidth(s)
		}
	}
	return n
}

// Width is the number of terminal cells the line takes.
func (l Line) Width() int {
	n := 0
	for _, s := range l {
		n += Cells(s.Text)
	}
	return n
}

// Pad fills the line with blanks to w cells; a longer line is left alone.
func (l Line) Pad(w int) Line {
	if n := w - l.Width(); n > 0 {
		return append(l[:len(l):len(l)], Span{Text: strings.Repeat(" ", n)})
	}
	return l
}

// Cut shortens the line to w cells, the last of them the ellipsis.
func (l Line) Cut(w int, ellipsis string) Line {
	if l.Width() <= w {
		return l
	}
	room := max(w-Cells(ellipsis), 0)
	var out Line
	for _, s := range l {
		head, rest := Split(s.Text, room)
		out = append(out, s.of(head))
		room -= Cells(head)
		if rest != "" {
			return append(out, s.of(ansi.Truncate(ellipsis, w, "")))
		}
	}
	return out
}

// Split returns the longest prefix of s that fits in w cells, and what is left.
func Split(s string, w int) (head, rest string) {
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
	spans  Line
}

func cutWords(l Line) []word {
	var out []word
	var cur word
	for _, s := range l {
		for s.Text != "" {
			rest := strings.TrimLeft(s.Text, " ")
			if n := len(s.Text) - len(rest); n > 0 {
				if len(cur.spans) > 0 {
					out, cur = append(out, cur), word{}
				}
				cur.blanks += n
			}
			end := strings.IndexByte(rest, ' ')
			if end < 0 {
				end = len(rest)
			}
			for _, part := range breakable(rest[:end]) {
				if n := len(cur.spans); n > 0 && mayBreak(cur.spans[n-1].Text, part) {
					out, cur = append(out, cur), word{}
				}
				cur.spans = append(cur.spans, s.of(part))
			}
			s.Text = rest[end:]
		}
	}
	if len(cur.spans) > 0 {
		out = append(out, cur)
	}
	return out
}

// breakable cuts a word where a line may end in it: Chinese has no blanks.
func breakable(s string) []string {
	if s == "" {
		return nil
	}
	if plain.ASCII(s) {
		return []string{s}
	}
	var out []string
	from := 0
	for i := range s {
		if i > from && mayBreak(s[from:i], s[i:]) {
			out, from = append(out, s[from:i]), i
		}
	}
	return append(out, s[from:])
}

// mayBreak reports whether a line may end between two texts without a blank between:
// beside a Chinese character, but not before what closes nor behind what opens.
func mayBreak(a, b string) bool {
	before, _ := utf8.DecodeLastRuneInString(a)
	after, _ := utf8.DecodeRuneInString(b)
	if strings.ContainsRune("，。、；：？！）》」』】”’…—"+joiner, after) || strings.ContainsRune("（《「『【“‘—"+joiner, before) {
		return false
	}
	return chinese(before) && after != ')' || chinese(after) && before != '('
}

// chinese reports a Chinese character, or a sign that belongs to Chinese text alone.
func chinese(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= '\u3000' && r <= '\u303f' || r >= '\uff00' && r <= '\uff60'
}

// glue is a blank at which Wrap does not break, and joiner takes no room and keeps what
// is beside it together.
const (
	glue   = "\u00a0"
	joiner = "\u2060"
)

// Whole keeps a span on one line of what Wrap makes of it, if it fits in w cells.
func (s Span) Whole(w int) Span {
	if Cells(s.Text) > w {
		return s
	}
	return s.of(strings.Join(breakable(strings.ReplaceAll(s.Text, " ", glue)), joiner))
}

// unglued is a text as it is drawn.
func unglued(s string) string {
	if plain.ASCII(s) || !strings.Contains(s, glue) && !strings.Contains(s, joiner) {
		return s
	}
	return strings.NewReplacer(glue, " ", joiner, "").Replace(s)
}

// leastWrap has room for a wide character beside the widest indentation: with less, Wrap
// would never come to an end. Whoever has less cuts.
const leastWrap = 4

// Wrap breaks the line between words so that no part is wider than w; parts
// after the first are indented by hang. A word wider than that is broken, not lost.
func Wrap(l Line, w, hang int) []Line {
	w = max(w, leastWrap)
	hang = min(hang, w/2)
	var out []Line
	var cur Line
	used := 0
	put := func(s Span) {
		text := unglued(s.Text)
		if n := len(cur); n > 0 && cur[n-1].like(s) {
			cur[n-1].Text += text
		} else if text != "" {
			cur = append(cur, s.of(text))
		}
		used += Cells(s.Text)
	}
	next := func() {
		out = append(out, cur)
		cur, used = Line{{Text: strings.Repeat(" ", hang)}}, hang
	}
	for _, wd := range cutWords(l) {
		width := wd.spans.Width()
		if used > 0 && used+wd.blanks+width > w && !(len(out) > 0 && used == hang) {
			next()
			wd.blanks = 0
		} else if len(out) > 0 && used == hang {
			wd.blanks = 0
		}
		wd.blanks = min(wd.blanks, w/2)
		between := Span{}
		if n := len(cur); n > 0 && cur[n-1].like(wd.spans[0]) {
			between = cur[n-1]
		}
		put(between.of(strings.Repeat(" ", wd.blanks)))
		for _, s := range wd.spans {
			for Cells(s.Text) > w-used {
				head, rest := Split(s.Text, w-used)
				put(s.of(head))
				s.Text = rest
				next()
			}
			put(s)
		}
	}
	return append(out, cur)
}

// ascii is the fall-back of a glyph this program draws, or a question mark.
func ascii(r rune) string {
	switch r {
	case '…':
		return "..."
	case '·', '•', '–', '—', '−', '─', '\u2011':
		return "-"
	case 'µ', 'μ':
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
		return "+/-"
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
	case '◂':
		return "<"
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
	case '│', '┤', '├':
		return "|"
	case '┊':
		return ":"
	case '╭', '╮', '╰', '╯', '└', '┴', '┼':
		return "+"
	case '⚠':
		return "!"
	case '✖':
		return "x"
	}
	if r > '~' {
		return "?"
	}
	return string(r)
}

// Fold writes s with ASCII characters alone.
func Fold(s string) string {
	if plain.ASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(ascii(r))
	}
	return b.String()
}
