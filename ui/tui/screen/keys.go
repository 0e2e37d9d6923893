package screen

import (
	"charm.land/bubbles/v2/key"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
)

// KeyMap is every binding of the program. Those that do nothing on a screen are
// disabled there, and then no help shows them.
type KeyMap struct {
	voice say.Voice
	kit.PagerKeys
	Choose, Before, After, Clear, Back     key.Binding
	Filter, Curve, Runbook, Explain, Other key.Binding
	Edit, Browse, Preset, Freeze, Pause    key.Binding
	Phase, Span, Larger, Smaller, Auto     key.Binding
	Fewer, More, Create, Ask               key.Binding
	Turn, Send, All, Again, Contexts       key.Binding
	Tick, Take                             key.Binding
	Next, Previous, Screen                 key.Binding
	Save, Copy, Suspend, Help, Quit        key.Binding
}

// NewKeyMap is every binding, enabled, with what it does in words.
func NewKeyMap(v say.Voice) KeyMap {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	return KeyMap{
		voice: v,
		PagerKeys: kit.PagerKeys{
			Up:       bind("k/up", v.Text("up"), "k", "up"),
			Down:     bind("j/down", v.Text("down"), "j", "down"),
			PageUp:   bind("pgup", v.Text("page up"), "pgup", "ctrl+b"),
			PageDown: bind("pgdn", v.Text("page down"), "pgdown", "ctrl+f"),
			Top:      bind("g", v.Text("first line"), "g", "home"),
			Bottom:   bind("G", v.Text("last line"), "G", "end"),
		},
		Choose:   bind("enter", v.Text("choose"), "enter", "space"),
		Before:   bind("h/left", v.Text("previous question"), "h", "left"),
		After:    bind("l/right", v.Text("skip"), "l", "right"),
		Clear:    bind("x", v.Text("forget answer"), "x"),
		Back:     bind("esc", v.Text("back"), "esc"),
		Filter:   bind("/", v.Text("filter"), "/"),
		Curve:    bind("c", v.Text("curve"), "c"),
		Runbook:  bind("r", v.Text("runbook"), "r"),
		Explain:  bind("e", v.Text("explain"), "e"),
		Other:    bind("o", v.Text("another mode"), "o"),
		Edit:     bind("t", v.Text("change"), "t"),
		Browse:   bind("v", v.Head("Services"), "v"),
		Preset:   bind("a", v.Text("another plan"), "a"),
		Freeze:   bind("f", v.Text("freeze"), "f"),
		Pause:    bind("p", v.Text("pause"), "p"),
		Phase:    bind("c", v.Text("next phase"), "c"),
		Span:     bind("m", v.Text("whole run or last 30 s"), "m"),
		Larger:   bind("+", v.Text("larger scale"), "+", "="),
		Smaller:  bind("-", v.Text("smaller scale"), "-"),
		Auto:     bind("0", v.Text("scale by itself"), "0"),
		Fewer:    bind("[", v.Text("fewer Services"), "[", "<"),
		More:     bind("]", v.Text("more Services"), "]", ">"),
		Create:   bind("Y", v.Text("create the objects"), "Y"),
		Ask:      bind("i", v.Text("ask a node"), "i"),
		Tick:     bind("space", v.Text("tick"), "space", "enter"),
		Take:     bind("y", v.Text("copy command"), "y"),
		Turn:     bind("left/right", v.Text("choose"), "left", "right"),
		Send:     bind("ctrl+s", v.Text("take what is there"), "ctrl+s"),
		All:      bind("a", v.Text("read all"), "a"),
		Again:    bind("R", v.Text("read again"), "R"),
		Contexts: bind("C", v.Text("contexts"), "C"),
		Next:     bind("tab", v.Text("next"), "tab"),
		Previous: bind("shift+tab", v.Text("previous screen"), "shift+tab"),
		Screen:   bind("1-4", v.Text("go to screen"), "1", "2", "3", "4"),
		Save:     bind("s", v.Text("save"), "s"),
		Copy:     bind("y", v.Text("copy"), "y"),
		Suspend:  bind("ctrl+z", v.Text("suspend"), "ctrl+z"),
		Help:     bind("?", v.Text("help"), "?"),
		Quit:     bind("q", v.Text("quit"), "q", "ctrl+c"),
	}
}

// Common are the bindings of which a screen enables those that do something there; what
// every screen has is enabled.
func Common(v say.Voice) KeyMap {
	k := NewKeyMap(v)
	for _, b := range []*key.Binding{
		&k.Choose, &k.Before, &k.After, &k.Clear, &k.Back, &k.Filter, &k.Curve, &k.Runbook, &k.Explain, &k.Other,
		&k.Edit, &k.Browse, &k.Preset, &k.Freeze, &k.Pause, &k.Phase, &k.Span, &k.Larger, &k.Smaller, &k.Auto,
		&k.Fewer, &k.More, &k.Create, &k.Turn, &k.Send, &k.All, &k.Again, &k.Contexts, &k.Tick, &k.Take, &k.Ask,
	} {
		b.SetEnabled(false)
	}
	return k
}

// Typing leaves the keys of a form.
func (k *KeyMap) Typing(f *form.Form) {
	of := f.Keys()
	*k = KeyMap{voice: k.voice, Next: of.Next, Previous: of.Previous, Turn: of.Turn, Choose: of.Choose, Send: of.Send, Back: of.Back, Quit: of.Quit}
}

// Filtering leaves the keys of a filter above a list; all others are typed into it.
func (k *KeyMap) Filtering() {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	v := k.voice
	*k = KeyMap{
		voice:     v,
		PagerKeys: kit.PagerKeys{Up: bind("up", v.Text("up"), "up"), Down: bind("down", v.Text("down"), "down")},
		Choose:    bind("enter", v.Text("keep"), "enter"), Back: bind("esc", v.Text("all"), "esc"), Quit: bind("ctrl+c", v.Text("quit"), "ctrl+c"),
	}
}

// ShortHelp is the footer, in the order in which it may be cut at its end: what
// this screen adds comes after what every screen needs.
func (k KeyMap) ShortHelp() []key.Binding {
	return []key.Binding{
		k.Next, k.Help, k.Quit, k.Choose, k.Tick, k.Take, k.Create, k.Ask, k.Back, k.All, k.Again, k.After, k.Send, k.Turn, k.Filter, k.Other, k.Curve, k.Runbook, k.Explain, k.Fewer, k.More, k.Freeze, k.Pause, k.Edit, k.Browse, k.Preset, k.Save, k.Copy, k.Contexts,
		k.Phase, k.Span, k.Larger, k.Smaller, k.Auto,
	}
}

// FullHelp is every binding, grouped.
func (k KeyMap) FullHelp() [][]key.Binding {
	return [][]key.Binding{
		{k.Next, k.Previous, k.Screen},
		{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom},
		{k.Choose, k.Turn, k.Send, k.Before, k.After, k.Clear, k.Back},
		{k.Contexts, k.All, k.Again},
		{k.Filter, k.Ask, k.Curve, k.Runbook, k.Explain, k.Other, k.Tick, k.Take},
		{k.Edit, k.Browse, k.Preset, k.Freeze, k.Pause, k.Phase, k.Span, k.Larger, k.Smaller, k.Auto, k.Fewer, k.More, k.Create},
		{k.Save, k.Copy, k.Suspend, k.Help, k.Quit},
	}
}

// Binding is one row of a table of keys.
type Binding struct{ Keys, Does string }

// Keys lists every key of the terminal interface, for a README or a help text.
func Keys(v say.Voice) []Binding {
	var out []Binding
	for _, group := range NewKeyMap(v).FullHelp() {
		for _, b := range group {
			out = append(out, Binding{b.Help().Key, b.Help().Desc})
		}
	}
	return out
}
