package screen

import (
	"charm.land/bubbles/v2/key"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
)

// KeyMap is every binding of the program. Those that do nothing on a screen are
// disabled there, and then no help shows them.
type KeyMap struct {
	kit.PagerKeys
	Choose, Before, After, Clear, Back     key.Binding
	Filter, Curve, Runbook, Explain, Other key.Binding
	Edit, Browse, Preset, Freeze, Pause    key.Binding
	Phase, Sweep, Larger, Smaller, Auto    key.Binding
	Fewer, More, Create                    key.Binding
	Turn, Send, All, Again, Contexts       key.Binding
	Tick, Take                             key.Binding
	Next, Previous, Screen                 key.Binding
	Save, Copy, Suspend, Help, Quit        key.Binding
}

// NewKeyMap is every binding, enabled.
func NewKeyMap() KeyMap {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	return KeyMap{
		PagerKeys: kit.PagerKeys{
			Up:       bind("k/up", "up", "k", "up"),
			Down:     bind("j/down", "down", "j", "down"),
			PageUp:   bind("pgup", "page up", "pgup", "ctrl+b"),
			PageDown: bind("pgdn", "page down", "pgdown", "ctrl+f"),
			Top:      bind("g", "first line", "g", "home"),
			Bottom:   bind("G", "last line", "G", "end"),
		},
		Choose:   bind("enter", "choose", "enter", "space"),
		Before:   bind("h/left", "previous question", "h", "left"),
		After:    bind("l/right", "skip", "l", "right"),
		Clear:    bind("x", "forget answer", "x"),
		Back:     bind("esc", "back", "esc"),
		Filter:   bind("/", "filter", "/"),
		Curve:    bind("c", "curve", "c"),
		Runbook:  bind("r", "runbook", "r"),
		Explain:  bind("e", "explain", "e"),
		Other:    bind("o", "another mode", "o"),
		Edit:     bind("t", "change", "t"),
		Browse:   bind("v", "Services", "v"),
		Preset:   bind("a", "another plan", "a"),
		Freeze:   bind("f", "freeze", "f"),
		Pause:    bind("p", "pause", "p"),
		Phase:    bind("c", "next phase", "c"),
		Sweep:    bind("m", "sweep or scroll", "m"),
		Larger:   bind("+", "larger scale", "+", "="),
		Smaller:  bind("-", "smaller scale", "-"),
		Auto:     bind("0", "scale by itself", "0"),
		Fewer:    bind("[", "fewer Services", "[", "<"),
		More:     bind("]", "more Services", "]", ">"),
		Create:   bind("Y", "create the objects", "Y"),
		Tick:     bind("space", "tick", "space"),
		Take:     bind("y", "copy command", "y"),
		Turn:     bind("left/right", "choose", "left", "right"),
		Send:     bind("ctrl+s", "take what is there", "ctrl+s"),
		All:      bind("a", "read all", "a"),
		Again:    bind("R", "read again", "R"),
		Contexts: bind("C", "contexts", "C"),
		Next:     bind("tab", "next", "tab"),
		Previous: bind("shift+tab", "previous screen", "shift+tab"),
		Screen:   bind("1-4", "go to screen", "1", "2", "3", "4"),
		Save:     bind("s", "save", "s"),
		Copy:     bind("y", "copy", "y"),
		Suspend:  bind("ctrl+z", "suspend", "ctrl+z"),
		Help:     bind("?", "help", "?"),
		Quit:     bind("q", "quit", "q", "ctrl+c"),
	}
}

// Common are the bindings of which a screen enables those that do something there; what
// every screen has is enabled.
func Common() KeyMap {
	k := NewKeyMap()
	for _, b := range []*key.Binding{
		&k.Choose, &k.Before, &k.After, &k.Clear, &k.Back, &k.Filter, &k.Curve, &k.Runbook, &k.Explain, &k.Other,
		&k.Edit, &k.Browse, &k.Preset, &k.Freeze, &k.Pause, &k.Phase, &k.Sweep, &k.Larger, &k.Smaller, &k.Auto,
		&k.Fewer, &k.More, &k.Create, &k.Turn, &k.Send, &k.All, &k.Again, &k.Contexts, &k.Tick, &k.Take,
	} {
		b.SetEnabled(false)
	}
	return k
}

// Typing leaves the keys of a form.
func (k *KeyMap) Typing(f *form.Form) {
	of := f.Keys()
	*k = KeyMap{Next: of.Next, Previous: of.Previous, Turn: of.Turn, Choose: of.Choose, Send: of.Send, Back: of.Back, Quit: of.Quit}
}

// Filtering leaves the keys of a filter above a list; all others are typed into it.
func (k *KeyMap) Filtering() {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	*k = KeyMap{
		PagerKeys: kit.PagerKeys{Up: bind("up", "up", "up"), Down: bind("down", "down", "down")},
		Choose:    bind("enter", "keep", "enter"), Back: bind("esc", "all", "esc"), Quit: bind("ctrl+c", "quit", "ctrl+c"),
	}
}

// ShortHelp is the footer, in the order in which it may be cut at its end: what
// this screen adds comes after what every screen needs.
func (k KeyMap) ShortHelp() []key.Binding {
	return []key.Binding{
		k.Next, k.Help, k.Quit, k.Choose, k.Tick, k.Take, k.Create, k.Back, k.All, k.Again, k.After, k.Send, k.Turn, k.Filter, k.Other, k.Curve, k.Runbook, k.Explain, k.Fewer, k.More, k.Freeze, k.Pause, k.Edit, k.Browse, k.Preset, k.Save, k.Copy, k.Contexts,
		k.Phase, k.Sweep, k.Larger, k.Smaller, k.Auto,
	}
}

// FullHelp is every binding, grouped.
func (k KeyMap) FullHelp() [][]key.Binding {
	return [][]key.Binding{
		{k.Next, k.Previous, k.Screen},
		{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom},
		{k.Choose, k.Turn, k.Send, k.Before, k.After, k.Clear, k.Back},
		{k.Contexts, k.All, k.Again},
		{k.Filter, k.Curve, k.Runbook, k.Explain, k.Other, k.Tick, k.Take},
		{k.Edit, k.Browse, k.Preset, k.Freeze, k.Pause, k.Phase, k.Sweep, k.Larger, k.Smaller, k.Auto, k.Fewer, k.More, k.Create},
		{k.Save, k.Copy, k.Suspend, k.Help, k.Quit},
	}
}

// Binding is one row of a table of keys.
type Binding struct{ Keys, Does string }

// Keys lists every key of the terminal interface, for a README or a help text.
func Keys() []Binding {
	var out []Binding
	for _, group := range NewKeyMap().FullHelp() {
		for _, b := range group {
			out = append(out, Binding{b.Help().Key, b.Help().Desc})
		}
	}
	return out
}
