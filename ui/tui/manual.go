package tui

import (
	"charm.land/bubbles/v2/key"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// helpPage is what of the help is shown.
type helpPage int

const (
	noHelp   helpPage = iota
	helpHere          // the keys that do something on this screen now
	helpAll           // every key of the program
)

// manualLines is the help: keys, and what the words on the screens mean.
func (m *root) manualLines(w int) []kit.Line {
	p, v := m.palette, m.palette.Voice
	title, k, hint := v.Text("Keys here"), m.keys(), v.Text("(? again: all keys; any other key closes this help)")
	if m.help == helpAll {
		title, k, hint = v.Text("All keys"), screen.NewKeyMap(v), v.Text("(any other key closes this help)")
	}
	var block [2][]kit.Line
	for _, group := range k.FullHelp() {
		side := 0
		if len(block[0]) > len(block[1])+len(group)/2 {
			side = 1
		}
		for _, b := range group {
			if b.Enabled() {
				block[side] = append(block[side], m.helpLine(b))
			}
		}
	}
	half := w / 2
	f := screen.Frame{Left: screen.Rect{W: half - screen.ColumnGap}, Right: screen.Rect{W: w - half}}
	out := append(kit.Wrap(kit.Line{p.Strong(title), p.Muted("  " + hint)}, w, 2), f.Columns(block[0], block[1])...)
	out = append(out, nil, kit.Line{p.Strong(v.Text("Words"))})
	for _, s := range [][2]string{
		{v.Head("estimate"), v.Text("computed from counts by a formula with a source; never measured")},
		{v.Text("unknown"), v.Text("could not be read, or was not answered; never taken for zero")},
		{"KPA###", v.Text("the rule that says so; e on Advice explains each")},
	} {
		l := append(kit.Line{p.Text("  ")}, p.Column(kit.Normal, s[0], helpKeyCells)...)
		out = append(out, kit.Wrap(append(l, p.Text(s[1])), w, helpKeyCells+2)...)
	}
	for _, s := range []string{
		v.Text("Answer while the cluster is being read: no screen waits for another."),
		v.Text("A click points at a row, a second one opens it, and the wheel scrolls; with shift held (option on macOS) the terminal selects text."),
	} {
		out = append(out, kit.Wrap(kit.Line{p.Text("  " + s)}, w, 2)...)
	}
	return out
}

const helpKeyCells = 11

func (m *root) helpLine(b key.Binding) kit.Line {
	p := m.palette
	return append(append(kit.Line{p.Text("  ")}, p.Column(kit.Accent, b.Help().Key, helpKeyCells)...), p.Text(b.Help().Desc))
}
