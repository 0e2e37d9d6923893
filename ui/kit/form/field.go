package form

import (
	"charm.land/bubbles/v2/textinput"

	"kpadvisor/ui/kit"
)

// NewInput is a one-line input, used for its editing alone: InputLine draws it.
func NewInput() textinput.Model {
	m := textinput.New()
	m.CharLimit = 512
	m.KeyMap.Paste.SetEnabled(false) // it would run a clipboard program; a terminal's own paste arrives anyway
	return m
}

// InputLine draws an input w cells wide. Its cursor does not blink: a blink is
// a timer, and nothing is written to a terminal on which nothing happens.
func InputLine(p kit.Palette, m *textinput.Model, example string, w int) kit.Line {
	w = max(min(w, 52)-4, 8)
	value := []rune(m.Value())
	at := min(m.Position(), len(value))
	before, after := p.Fit(string(value[:at])), p.Fit(string(value[at:]))
	for kit.Cells(before) > w-2 { // the cursor stays in sight
		_, before = kit.Split(before, max(kit.Cells(before)-w+2, 2))
	}
	out := kit.Line{{Text: "[ "}, {Text: before}}
	on := " "
	if after != "" {
		on, after = kit.Split(after, kit.Cells(string([]rune(after)[0])))
	}
	if m.Focused() {
		out = append(out, kit.Span{Token: kit.Caret, Text: on})
	} else {
		out = append(out, kit.Span{Text: on})
	}
	if len(value) == 0 {
		out = append(out, p.Muted(example))
	} else {
		out = append(out, kit.Span{Text: after})
	}
	return append(out.Cut(w+2, p.Ellipsis).Pad(w+2), kit.Span{Text: " ]"})
}
