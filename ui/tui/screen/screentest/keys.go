// Package screentest drives screens in tests: keys by name, a cluster to look at and a
// hostile one, and what holds for whatever is drawn.
package screentest

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/tui/screen"
)

// Press is a key by its name.
func Press(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"tab": tea.KeyTab, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
		"right": tea.KeyRight, "backspace": tea.KeyBackspace, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "home": tea.KeyHome, "end": tea.KeyEnd,
	}
	switch {
	case name == "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case name == "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	case strings.HasPrefix(name, "ctrl+"):
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}
	case special[name] != 0:
		return tea.KeyPressMsg{Code: special[name]}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// NoKeyTwice fails where a key does two things.
func NoKeyTwice(t *testing.T, where string, k screen.KeyMap) {
	t.Helper()
	seen := map[string]string{}
	for _, group := range k.FullHelp() {
		for _, b := range group {
			if !b.Enabled() {
				continue
			}
			for _, name := range b.Keys() {
				if other, ok := seen[name]; ok {
					t.Errorf("%s: %q both %s and %s", where, name, other, b.Help().Desc)
				}
				seen[name] = b.Help().Desc
			}
		}
	}
}

// Named are the keys of all bindings, and whether an enabled one has them.
func Named(k screen.KeyMap) map[string]bool {
	named := map[string]bool{}
	for _, group := range k.FullHelp() {
		for _, b := range group {
			for _, name := range b.Keys() {
				named[name] = named[name] || b.Enabled()
			}
		}
	}
	return named
}
