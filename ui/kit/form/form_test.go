package form

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/ui/kit"
)

func three() *Form {
	return New(kit.NewPalette(kit.Style{}), "Three", []Field{{Label: "Number", Example: "7"}, {Label: "Mode", Choices: []string{"not known", "iptables", "IPVS"}}, {Label: "Last"}})
}

func press(f *Form, keys ...string) Outcome {
	named := map[string]tea.KeyPressMsg{
		"tab": {Code: tea.KeyTab}, "enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
		"up": {Code: tea.KeyUp}, "space": {Code: tea.KeySpace, Text: " "}, "ctrl+s": {Code: 's', Mod: tea.ModCtrl}, "backspace": {Code: tea.KeyBackspace},
	}
	last := Open
	for _, k := range keys {
		msg, ok := named[k]
		if !ok {
			msg = tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
		}
		last = f.Update(msg)
	}
	return last
}

func text(f *Form) string {
	lines, _ := f.Lines(60)
	return ansi.Strip(f.palette.Paint(lines, 60))
}

// TestChoices: arrows, the space bar and first letters choose; nothing else can be typed.
func TestChoices(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"": "not known", "right": "iptables", "right right": "IPVS", "right right right": "not known", "left": "IPVS", "space": "iptables",
		"I": "IPVS", "i": "iptables", "x": "not known", "backspace": "not known", "right backspace q": "iptables",
	} {
		f := three()
		if press(f, append([]string{"tab"}, strings.Fields(keys)...)...); f.Values()[1] != want {
			t.Errorf("%q chooses %q, want %q", keys, f.Values()[1], want)
		}
		f.Paste(tea.PasteMsg{Content: "\x1b[2J"})
		if f.Values()[1] != want {
			t.Errorf("pasted over: %q", f.Values()[1])
		}
	}
	f := three()
	if press(f, "tab"); !strings.Contains(text(f), "◂ not known ▸") || !f.Keys().Turn.Enabled() {
		t.Errorf("how to choose is not shown:\n%s", text(f))
	}
	if press(f, "tab"); strings.Contains(text(f), "◂") || f.Keys().Turn.Enabled() {
		t.Errorf("arrows in a field that is typed into:\n%s", text(f))
	}
}

// TestSend: ctrl+s takes what is there, from every field; enter does so from the last.
func TestSend(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		f := three()
		for range n {
			press(f, "tab")
		}
		if got := press(f, "ctrl+s"); got != Sent {
			t.Errorf("ctrl+s in field %d: %v", n, got)
		}
		if got := press(f, "enter"); (got == Sent) != (n == 2) {
			t.Errorf("enter in field %d: %v", n, got)
		}
	}
	if f := three(); press(f, "5", "esc") != Closed || f.Values()[0] != "5" {
		t.Errorf("esc loses %q", f.Values())
	}
}

// TestRefuse: an error about a field stands right under it, the cursor is there, and the
// next change takes it back.
func TestRefuse(t *testing.T) {
	t.Parallel()
	f := three()
	press(f, "tab", "tab")
	f.Refuse(FieldError{0, errors.New("it is no number")})
	rows := strings.Split(text(f), "\n")
	if f.At != 0 || !f.Inputs[0].Focused() || !strings.Contains(rows[2], "Number") || !strings.Contains(rows[3], "Not accepted: it is no number") {
		t.Errorf("the cursor is in field %d:\n%s", f.At, text(f))
	}
	if press(f, "5"); strings.Contains(text(f), "Not accepted") || f.Values()[0] != "5" {
		t.Errorf("it stays:\n%s", text(f))
	}
	f.Refuse(errors.New("all of it"))
	rows = strings.Split(text(f), "\n")
	if f.At != 0 || !strings.Contains(rows[len(rows)-3], "Not accepted: all of it") {
		t.Errorf("not under the fields:\n%s", text(f))
	}
	f.Refuse(FieldError{9, errors.New("no such field")})
	if !strings.Contains(text(f), "no such field") {
		t.Error("an error is not shown")
	}
}
