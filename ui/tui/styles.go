package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	"charm.land/lipgloss/v2"

	"kpadvisor/plain"
)

// Style is how the terminal may be written to. The zero value has no colour and
// draws with Unicode.
type Style struct {
	Color bool // the 16 ANSI colours; without it bold and faint are all there is
	ASCII bool // no character beyond ASCII
	Dark  bool // the background is dark
}

// token is what a piece of text is, not what it looks like. Text is always in
// the terminal's own foreground unless it is one of a few words, and those
// words say the same without their colour.
type token int

const (
	normal token = iota
	strong       // headings, the answer
	muted        // sources, notes, units
	accent       // where the user is: one colour, one meaning
	good
	warn
	bad
	sideA // one target of a comparison, always beside its name
	sideB
	sideC
	sideD
	sideE
	caret  // the cell a field's cursor is on
	tokens // how many there are
)

// palette paints tokens and makes spans of text fit for this terminal.
type palette struct {
	ascii    bool
	ellipsis string
	styles   [tokens]lipgloss.Style
}

// newPalette is the only place that knows colours. It uses the 16 that every
// terminal has and every theme adjusts.
func newPalette(s Style) palette {
	p := palette{ascii: s.ASCII, ellipsis: "…"}
	if s.ASCII {
		p.ellipsis = "..."
	}
	base := lipgloss.NewStyle()
	p.styles = [tokens]lipgloss.Style{
		normal: base, strong: base.Bold(true), muted: base.Faint(true),
		accent: base.Bold(true), good: base.Bold(true), warn: base.Bold(true), bad: base.Bold(true), sideA: base, sideB: base, sideC: base, sideD: base, sideE: base,
		caret: base.Reverse(true),
	}
	if s.Color {
		pick := lipgloss.LightDark(s.Dark)
		color := func(t token, light, dark string) {
			p.styles[t] = p.styles[t].Foreground(pick(lipgloss.Color(light), lipgloss.Color(dark)))
		}
		color(accent, "4", "14")
		color(good, "2", "10")
		color(warn, "5", "11") // yellow cannot be read on white
		color(bad, "1", "9")
		color(sideA, "4", "12")
		color(sideB, "3", "3") // the orange of sixteen colours
		color(sideC, "6", "6")
		color(sideD, "5", "13")
		color(sideE, "2", "10")
	}
	return p
}

// fit makes any string, wherever it comes from, safe to show here.
func (p palette) fit(s string) string {
	s = plain.Text(s)
	if p.ascii {
		s = fold(s)
	}
	return s
}

func (p palette) text(s string) span   { return span{normal, p.fit(s)} }
func (p palette) strong(s string) span { return span{strong, p.fit(s)} }
func (p palette) muted(s string) span  { return span{muted, p.fit(s)} }
func (p palette) accent(s string) span { return span{accent, p.fit(s)} }
func (p palette) as(t token, s string) span {
	return span{t, p.fit(s)}
}

// column is s cut or filled to exactly w cells.
func (p palette) column(t token, s string, w int) line {
	return line{p.as(t, s)}.cut(w, p.ellipsis).pad(w)
}

// right is s, filled from the left to w cells. Numbers are never cut.
func (p palette) right(t token, s string, w int) span {
	sp := p.as(t, s)
	if n := w - cells(sp.text); n > 0 {
		sp.text = strings.Repeat(" ", n) + sp.text
	}
	return sp
}

// paint turns lines into what a terminal is sent, each cut to w cells.
func (p palette) paint(lines []line, w int) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, s := range l.cut(w, p.ellipsis) {
			switch {
			case s.token == normal || s.token != caret && strings.TrimSpace(s.text) == "":
				b.WriteString(s.text)
			default:
				b.WriteString(p.styles[s.token].Render(s.text))
			}
		}
	}
	return b.String()
}

// usage is the footer: bindings and what they do, as many as fit whole.
func (p palette) usage(bindings []key.Binding, w int) line {
	var out line
	for _, b := range bindings {
		if !b.Enabled() {
			continue
		}
		var next line
		if len(out) > 0 {
			next = line{p.muted(" · ")}
		}
		next = append(next, p.strong(b.Help().Key), p.text(" "+b.Help().Desc))
		if out.width()+next.width() > w {
			break
		}
		out = append(out, next...)
	}
	return out
}

// field is a one-line input, used for its editing alone: fieldLine draws it.
func (p palette) field() textinput.Model {
	m := textinput.New()
	m.CharLimit = 512
	m.KeyMap.Paste.SetEnabled(false) // it would run a clipboard program; a terminal's own paste arrives anyway
	return m
}

// fieldLine draws an input w cells wide. Its cursor does not blink: a blink is
// a timer, and nothing is written to a terminal on which nothing happens.
func (p palette) fieldLine(m *textinput.Model, example string, w int) line {
	w = max(min(w, 52)-4, 8)
	value := []rune(m.Value())
	at := min(m.Position(), len(value))
	before, after := p.fit(string(value[:at])), p.fit(string(value[at:]))
	for cells(before) > w-2 { // the cursor stays in sight
		_, before = split(before, max(cells(before)-w+2, 2))
	}
	out := line{{text: "[ "}, {text: before}}
	on := " "
	if after != "" {
		on, after = split(after, cells(string([]rune(after)[0])))
	}
	if m.Focused() {
		out = append(out, span{caret, on})
	} else {
		out = append(out, span{text: on})
	}
	if len(value) == 0 {
		out = append(out, p.muted(example))
	} else {
		out = append(out, span{text: after})
	}
	return append(out.cut(w+2, p.ellipsis).pad(w+2), span{text: " ]"})
}
