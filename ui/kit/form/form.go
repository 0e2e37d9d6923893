// Package form is what is typed into: a line, and a column of them.
package form

import (
	"errors"
	"slices"

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
	Err     string // in the user's words, under the field that it is about
	wrong   int    // that field; -1: it is about none, and stands under all of them
}

// Field is a label and an example of what goes in, or the choices that there are, of
// which the first is taken where nothing was chosen.
type Field struct {
	Label, Example string
	Choices        []string
	Free           bool // something else than a choice can be typed as well
}

// FieldError is an error about the value of one field.
type FieldError struct {
	At  int
	Err error
}

// Error implements [error].
func (e FieldError) Error() string { return e.Err.Error() }

// Unwrap gives what is wrong.
func (e FieldError) Unwrap() error { return e.Err }

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
	f := &Form{palette: p, title: title, fields: fields, Hint: p.Voice.Text("ctrl+s sends, as enter on the last field does"), wrong: -1}
	for _, field := range fields {
		input := NewInput()
		if len(field.Choices) > 0 && !field.Free {
			input.SetValue(field.Choices[0])
		}
		f.Inputs = append(f.Inputs, input)
	}
	f.Inputs[0].Focus()
	return f
}

// Keys are the keys of a form; all others are typed into it.
type Keys struct{ Next, Previous, Turn, Choose, Send, Back, Quit key.Binding }

// Keys are the bindings of this form.
func (f *Form) Keys() Keys {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	v := f.palette.Voice
	k := Keys{
		Next:     bind("tab/down", v.Text("next field"), "tab", "down"),
		Previous: bind("shift+tab/up", v.Text("previous field"), "shift+tab", "up"),
		Turn:     bind("left/right", v.Text("choose"), "left", "right", "space"),
		Choose:   bind("enter", v.Text("go on"), "enter"),
		Send:     bind("ctrl+s", v.Text("send"), "ctrl+s"),
		Back:     bind("esc", v.Text("back"), "esc"),
		Quit:     bind("ctrl+c", v.Text("quit"), "ctrl+c"),
	}
	k.Next.SetEnabled(len(f.fields) > 1)
	k.Previous.SetEnabled(len(f.fields) > 1)
	k.Turn.SetEnabled(f.choosing())
	if f.fields[f.At].Free {
		k.Turn.SetKeys("left", "right") // a blank is typed
	}
	return k
}

// choosing reports whether the field with the cursor holds one of its choices, so that
// arrows go to another one.
func (f *Form) choosing() bool {
	field := f.fields[f.At]
	return len(field.Choices) > 0 && (!field.Free || slices.Contains(field.Choices, f.Inputs[f.At].Value()))
}

// Offer gives a field other choices.
func (f *Form) Offer(at int, choices ...string) { f.fields[at].Choices = choices }

// Update acts on a key.
func (f *Form) Update(msg tea.KeyPressMsg) Outcome {
	k := f.Keys()
	switch {
	case key.Matches(msg, k.Back):
		return Closed
	case key.Matches(msg, k.Send):
		return Sent
	case key.Matches(msg, k.Next):
		f.move(1)
	case key.Matches(msg, k.Previous):
		f.move(-1)
	case key.Matches(msg, k.Turn):
		f.turn(msg.String() != "left")
	case key.Matches(msg, k.Choose):
		if f.At == len(f.Inputs)-1 {
			return Sent
		}
		f.move(1)
	default:
		f.edit(msg)
	}
	return Open
}

// turn goes to the next choice, or to the one before.
func (f *Form) turn(forward bool) {
	all := f.fields[f.At].Choices
	at := slices.Index(all, f.Inputs[f.At].Value())
	if at < 0 || forward {
		at++
	} else {
		at += len(all) - 1
	}
	f.Inputs[f.At].SetValue(all[at%len(all)])
	f.Inputs[f.At].CursorEnd()
	f.Settle()
}

// edit types into a field. Of choices one is typed by its first letter.
func (f *Form) edit(msg tea.Msg) {
	if field := f.fields[f.At]; len(field.Choices) == 0 || field.Free {
		f.Inputs[f.At], _ = f.Inputs[f.At].Update(msg)
		f.Settle()
		return
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok || press.Text == "" {
		return
	}
	for _, c := range f.fields[f.At].Choices {
		if len(c) >= len(press.Text) && c[:len(press.Text)] == press.Text {
			f.Inputs[f.At].SetValue(c)
			f.Settle()
			return
		}
	}
}

// Settle takes the error back: what it is about has changed.
func (f *Form) Settle() { f.Err, f.wrong = "", -1 }

// Paste puts text where the cursor is.
func (f *Form) Paste(msg tea.PasteMsg) { f.edit(msg) }

// Refuse says what is wrong. An error about a field stands under it, and the cursor goes
// there.
func (f *Form) Refuse(err error) {
	f.Err, f.wrong = f.palette.Voice.Said(err.Error()), -1
	var of FieldError
	if errors.As(err, &of) && of.At >= 0 && of.At < len(f.Inputs) {
		f.wrong = of.At
		f.move(of.At - f.At)
	}
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
		room := w - LabelWidth - 3
		switch {
		case len(field.Choices) > 0 && !field.Free:
			l = append(l, f.choice(i)...)
		case f.Inputs[i].Focused() && f.choosing():
			l = append(append(l, InputLine(p, &f.Inputs[i], field.Example, room-len(" < >"))...), p.Accent(" ◂ ▸"))
		default:
			l = append(l, InputLine(p, &f.Inputs[i], field.Example, room)...)
		}
		out = append(out, l.Cut(w, p.Ellipsis))
		if f.Err != "" && f.wrong == i {
			out = append(out, kit.Wrap(kit.Line{p.Text("   "), p.As(kit.Bad, p.Voice.Text("Not accepted: ")), p.Text(f.Err)}, w, 5)...)
		}
	}
	out = append(out, nil)
	if f.Err != "" && f.wrong < 0 {
		out = append(out, kit.Wrap(kit.Line{p.As(kit.Bad, p.Voice.Text("Not accepted: ")), p.Text(f.Err)}, w, 2)...)
		out = append(out, nil)
	}
	return append(out, kit.Wrap(kit.Line{p.Muted(f.Hint)}, w, 0)...), focus
}

// choice is the choice of a field between the arrows that change it, and how many there
// are.
func (f *Form) choice(i int) kit.Line {
	p, value := f.palette, f.Inputs[i].Value()
	if !f.Inputs[i].Focused() {
		return kit.Line{p.Text("  " + value)}
	}
	return kit.Line{p.Accent("◂ "), p.Strong(value), p.Accent(" ▸"), p.Muted("  " + f.fields[i].Example)}
}
