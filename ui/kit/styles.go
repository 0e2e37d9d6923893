package kit

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/lipgloss/v2"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// Style is how the terminal may be written to. The zero value has no colour and
// draws with Unicode.
type Style struct {
	Color bool      // the 16 ANSI colours; without it bold and faint are all there is
	Rich  bool      // 24-bit colours in their place
	ASCII bool      // no character beyond ASCII
	Dark  bool      // the background is dark
	Links bool      // text may lead to a page (OSC 8)
	Voice say.Voice // the language of the words that pictures and pagers have of their own
}

// Token is what a piece of text is, not what it looks like. Text is always in
// the terminal's own foreground unless it is one of a few words, and those
// words say the same without their colour.
type Token int

// The tokens.
const (
	Normal Token = iota
	Strong       // headings, the answer
	Muted        // sources, notes, units
	Accent       // where the user is: one colour, one meaning
	Good
	Warn
	Bad
	SideA // one target of a comparison, always beside its name
	SideB
	SideC
	SideD
	SideE
	Caret  // the cell a field's cursor is on
	tokens // how many there are
)

// Palette paints tokens and makes spans of text fit for this terminal. It has the voice
// with it, since who draws words needs both.
type Palette struct {
	ASCII    bool
	Ellipsis string
	links    bool
	Voice    say.Voice
	styles   *[tokens]lipgloss.Style // shared by all copies: the background may become known late
}

// NewPalette is for a terminal that may be written to in this style.
func NewPalette(s Style) Palette {
	p := Palette{ASCII: s.ASCII, Ellipsis: "…", links: s.Links, Voice: s.Voice, styles: new([tokens]lipgloss.Style)}
	if s.ASCII {
		p.Ellipsis = "..."
	}
	p.Turn(s)
	return p
}

// Turn gives this palette and all its copies the colours of a style.
func (p Palette) Turn(s Style) {
	base := lipgloss.NewStyle()
	*p.styles = [tokens]lipgloss.Style{
		Normal: base, Strong: base.Bold(true), Muted: base.Faint(true),
		Accent: base.Bold(true), Good: base.Bold(true), Warn: base.Bold(true), Bad: base.Bold(true), SideA: base, SideB: base, SideC: base, SideD: base, SideE: base,
		Caret: base.Reverse(true),
	}
	if !s.Color {
		return
	}
	pick := lipgloss.LightDark(s.Dark)
	for t, c := range colors(s.Rich) {
		p.styles[t] = p.styles[t].Foreground(pick(lipgloss.Color(c.light), lipgloss.Color(c.dark)))
	}
	if s.Rich { // faint is up to the terminal, and often too faint
		p.styles[Muted] = p.styles[Muted].Faint(false)
	}
}

// shade is a colour on a light and on a dark background.
type shade struct{ light, dark string }

// colors is the only place that knows any: the 16 that every terminal has and every theme
// adjusts, or 24-bit ones. Those of the sides can be told apart by the colour-blind
// (after Okabe and Ito), and every 24-bit one has a contrast of at least 4.5 to 1.
func colors(rich bool) map[Token]shade {
	if rich {
		return map[Token]shade{
			Muted: {"#5c6570", "#98a2b3"}, Accent: {"#0550ae", "#7cc7ff"},
			Good: {"#1a7f37", "#7ee787"}, Warn: {"#8a5a00", "#e3b341"}, Bad: {"#b3261e", "#ff7b72"},
			SideA: {"#0068a3", "#56b4e9"}, SideB: {"#a35200", "#e69f00"}, SideC: {"#00735a", "#2fd3a5"},
			SideD: {"#9a3f72", "#e58fc0"}, SideE: {"#66620a", "#f0e442"},
		}
	}
	return map[Token]shade{
		Accent: {"4", "14"}, Good: {"2", "10"}, Warn: {"5", "11"}, Bad: {"1", "9"}, // yellow cannot be read on white
		SideA: {"4", "12"}, SideB: {"3", "3"}, SideC: {"6", "6"}, SideD: {"5", "13"}, SideE: {"2", "10"}, // 3 is their orange
	}
}

// Fit makes any string, wherever it comes from, safe to show here.
func (p Palette) Fit(s string) string {
	s = plain.Text(s)
	if p.ASCII {
		s = Fold(s)
	}
	return s
}

// Text is a span without a style of its own.
func (p Palette) Text(s string) Span { return Span{Text: p.Fit(s)} }

// Strong is a heading or an answer.
func (p Palette) Strong(s string) Span { return Span{Token: Strong, Text: p.Fit(s)} }

// Muted is a note, a source or a unit.
func (p Palette) Muted(s string) Span { return Span{Token: Muted, Text: p.Fit(s)} }

// Accent is where the user is.
func (p Palette) Accent(s string) Span { return Span{Token: Accent, Text: p.Fit(s)} }

// As is a span in that style.
func (p Palette) As(t Token, s string) Span {
	return Span{Token: t, Text: p.Fit(s)}
}

// Column is s cut or filled to exactly w cells.
func (p Palette) Column(t Token, s string, w int) Line {
	return Line{p.As(t, s)}.Cut(w, p.Ellipsis).Pad(w)
}

// Right is s, filled from the left to w cells. Numbers are never cut.
func (p Palette) Right(t Token, s string, w int) Span {
	sp := p.As(t, s)
	if n := w - Cells(sp.Text); n > 0 {
		sp.Text = strings.Repeat(" ", n) + sp.Text
	}
	return sp
}

// Paint turns lines into what a terminal is sent, each cut to w cells.
func (p Palette) Paint(lines []Line, w int) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, s := range l.Cut(w, p.Ellipsis) {
			text := s.Text
			if s.Token != Normal && (s.Token == Caret || strings.TrimSpace(s.Text) != "") {
				text = p.styles[s.Token].Render(s.Text)
			}
			b.WriteString(p.linked(text, s.link))
		}
	}
	return b.String()
}

// Usage is the footer: bindings and what they do, as many as fit whole.
func (p Palette) Usage(bindings []key.Binding, w int) Line {
	var out Line
	for _, b := range bindings {
		if !b.Enabled() {
			continue
		}
		var next Line
		if len(out) > 0 {
			next = Line{p.Muted(" · ")}
		}
		next = append(next, p.Strong(b.Help().Key), p.Text(" "+b.Help().Desc))
		if out.Width()+next.Width() > w {
			break
		}
		out = append(out, next...)
	}
	return out
}
