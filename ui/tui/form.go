package tui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// form is a column of labelled fields. It takes every key while it is open.
type form struct {
	palette palette
	title   string
	fields  []formField
	inputs  []textinput.Model
	at      int
	hint    string // under the fields
	err     string // under the fields, in the user's words
}

// formField is a label and an example of what goes in.
type formField struct{ label, example string }

// formOutcome is what a key did to a form.
type formOutcome int

const (
	formOpen   formOutcome = iota
	formClosed             // left without sending
	formSent
)

// labelWidth is what the labels of a form take.
const labelWidth = 20

func newForm(p palette, title string, fields []formField) *form {
	f := &form{palette: p, title: title, fields: fields, hint: "enter on the last field sends"}
	for range fields {
		f.inputs = append(f.inputs, p.field())
	}
	f.inputs[0].Focus()
	return f
}

// adapt leaves the keys of a form; all others are typed into it.
func (f *form) adapt(k *keyMap) {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	*k = keyMap{
		Next:     bind("tab/down", "next field", "tab", "down"),
		Previous: bind("shift+tab/up", "previous field", "shift+tab", "up"),
		Choose:   bind("enter", "go on", "enter"),
		Back:     bind("esc", "back", "esc"),
		Quit:     bind("ctrl+c", "quit", "ctrl+c"),
	}
}

func (f *form) update(msg tea.KeyPressMsg) formOutcome {
	var k keyMap
	f.adapt(&k)
	switch {
	case key.Matches(msg, k.Back):
		return formClosed
	case key.Matches(msg, k.Next):
		f.move(1)
	case key.Matches(msg, k.Previous):
		f.move(-1)
	case key.Matches(msg, k.Choose):
		if f.at == len(f.inputs)-1 {
			return formSent
		}
		f.move(1)
	default:
		f.err = ""
		f.inputs[f.at], _ = f.inputs[f.at].Update(msg)
	}
	return formOpen
}

func (f *form) paste(msg tea.PasteMsg) {
	f.err = ""
	f.inputs[f.at], _ = f.inputs[f.at].Update(msg)
}

func (f *form) move(by int) {
	f.inputs[f.at].Blur()
	f.at = (f.at + by + len(f.inputs)) % len(f.inputs)
	f.inputs[f.at].Focus()
}

// fill puts values into the fields.
func (f *form) fill(values ...string) {
	for i, v := range values {
		f.inputs[i].SetValue(v)
		f.inputs[i].CursorEnd()
	}
}

// rest shows the form without a cursor, wake puts it into the first field.
func (f *form) rest() { f.inputs[f.at].Blur() }

func (f *form) wake() {
	f.rest()
	f.at = 0
	f.inputs[0].Focus()
}

func (f *form) values() []string {
	out := make([]string, len(f.inputs))
	for i := range f.inputs {
		out[i] = f.inputs[i].Value()
	}
	return out
}

// lines draws the form and says which line the cursor is on.
func (f *form) lines(w int) ([]line, int) {
	p := f.palette
	out := []line{{p.strong(f.title)}, nil}
	focus := 0
	for i, field := range f.fields {
		mark := "  "
		if f.inputs[i].Focused() {
			mark, focus = "▸ ", len(out)
		}
		l := append(line{p.text(" "), p.as(accent, mark)}, p.column(normal, field.label, labelWidth)...)
		out = append(out, append(l, p.fieldLine(&f.inputs[i], field.example, w-labelWidth-3)...))
	}
	out = append(out, nil)
	if f.err != "" {
		out = append(out, wrap(line{p.as(bad, "Not accepted: "), p.text(f.err)}, w, 2)...)
		out = append(out, nil)
	}
	return append(out, wrap(line{p.muted(f.hint)}, w, 0)...), focus
}
