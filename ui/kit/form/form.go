// Package form is what is typed into: a line, and a column of them.
package form

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
)

// Form is a column of labelled fields. It takes every key while it is open.
type Form struct {
	palette kit.Palette
	title   string
	fields  []Field
	Inputs  []textinput.Model
	At      int
	Hint    string // under the fields
	Err     string // under the fields, in the user's words
}

// Field is a label and an example of what goes in.
type Field struct{ Label, Example string }

// Outcome is what a key did to a form.
type Outcome int

// The outcomes.
const (
	Open   Outcome = iota
	Closed         // left without sending
	Sent
)

// LabelWidth is what the labels of a form take.
const LabelWidth = 20

// New makes a form with the cursor in its first field.
func New(p kit.Palette, title string, fields []Field) *Form {
	f := &Form{palette: p, title: title, fields: fields, Hint: "enter on the last field sends"}
	for range fields {
		f.Inputs = append(f.Inputs, NewInput())
	}
	f.Inputs[0].Focus()
	return f
}

// Keys are the keys of a form; all others are typed into it.
type Keys struct{ Next, Previous, Choose, Back, Quit key.Binding }

// Keys are the bindings of this form.
func (f *Form) Keys() Keys {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	k := Keys{
		Next:     bind("tab/down", "next field", "tab", "down"),
		Previous: bind("shift+tab/up", "previous field", "shift+tab", "up"),
		Choose:   bind("enter", "go on", "enter"),
		Back:     bind("esc", "back", "esc"),
		Quit:     bind("ctrl+c", "quit", "ctrl+c"),
	}
	k.Next.SetEnabled(len(f.fields) > 1)
	k.Previous.SetEnabled(len(f.fields) > 1)
	return k
}

// Update acts on a key.
func (f *Form) Update(msg tea.KeyPressMsg) Outcome {
	k := f.Keys()
	switch {
	case key.Matches(msg, k.Back):
		return Closed
	case key.Matches(msg, k.Next):
		f.move(1)
	case key.Matches(msg, k.Previous):
		f.move(-1)
	case key.Matches(msg, k.Choose):
		if f.At == len(f.Inputs)-1 {
			return Sent
		}
		f.move(1)
	default:
		f.Err = ""
		f.Inputs[f.At], _ = f.Inputs[f.At].Update(msg)
	}
	return Open
}

// Paste puts text where the cursor is.
func (f *Form) Paste(msg tea.PasteMsg) {
	f.Err = ""
	f.Inputs[f.At], _ = f.Inputs[f.At].Update(msg)
}

func (f *Form) move(by int) {
	f.Inputs[f.At].Blur()
	f.At = (f.At + by + len(f.Inputs)) % len(f.Inputs)
	f.Inputs[f.At].Focus()
}

// Fill puts values into the fields.
func (f *Form) Fill(values ...string) {
	for i, v := range values {
		f.Inputs[i].SetValue(v)
		f.Inputs[i].CursorEnd()
	}
}

// Rest shows the form without a cursor.
func (f *Form) Rest() { f.Inputs[f.At].Blur() }

// Wake puts the cursor into the first field.
func (f *Form) Wake() {
	f.Rest()
	f.At = 0
	f.Inputs[0].Focus()
}

// Values are what the fields hold, as typed.
func (f *Form) Values() []string {
	out := make([]string, len(f.Inputs))
	for i := range f.Inputs {
		out[i] = f.Inputs[i].Value()
	}
	return out
}

// Lines draws the form and says which line the cursor is on.
func (f *Form) Lines(w int) ([]kit.Line, int) {
	p := f.palette
	out := []kit.Line{{p.Strong(f.title)}, nil}
	focus := 0
	for i, field := range f.fields {
		mark := "  "
		if f.Inputs[i].Focused() {
			mark, focus = "▸ ", len(out)
		}
		l := append(kit.Line{p.Text(" "), p.As(kit.Accent, mark)}, p.Column(kit.Normal, field.Label, LabelWidth)...)
		out = append(out, append(l, InputLine(p, &f.Inputs[i], field.Example, w-LabelWidth-3)...))
	}
	out = append(out, nil)
	if f.Err != "" {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, "Not accepted: "), p.Text(f.Err)}, w, 2)...)
		out = append(out, nil)
	}
	return append(out, kit.Wrap(kit.Line{p.Muted(f.Hint)}, w, 0)...), focus
}
