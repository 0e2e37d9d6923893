package tui

import (
	"regexp"
	"strings"
	"testing"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"
)

var _ help.KeyMap = keyMap{}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestNoKeyTwice walks the bindings that are live in every state: a key does
// one thing.
func TestNoKeyTwice(t *testing.T) {
	t.Parallel()
	check := func(where string, k keyMap) {
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
	for name, state := range states() {
		check(name, state(Options{}, 80, 24).keys())
	}
}

// TestEveryKeyIsHelped fails when a binding is in no group of the help.
func TestEveryKeyIsHelped(t *testing.T) {
	t.Parallel()
	n := 0
	for _, group := range newKeyMap().FullHelp() {
		n += len(group)
	}
	if rows := Keys(); len(rows) != n || n != 37 {
		t.Errorf("the help shows %d bindings and the table %d, of 37", n, len(rows))
	}
}

// TestFooterNamesTheWayOut: help and quit stand in the footer of every screen at
// the smallest width.
func TestFooterNamesTheWayOut(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		a := state(Options{}, minWidth, minHeight)
		lines := strings.Split(ansi.Strip(a.draw()), "\n")
		footer := lines[len(lines)-1]
		if !strings.Contains(footer, "quit") {
			t.Errorf("%s: no way out in %q", name, footer)
		}
		if !a.screens[a.active].takes(keyPress("?")) && !strings.Contains(footer, "? help") {
			t.Errorf("%s: no help in %q", name, footer)
		}
		for _, b := range a.keys().ShortHelp() {
			if b.Enabled() && b.Help() == (key.Help{}) {
				t.Errorf("%s: a binding without help", name)
			}
		}
	}
}

// TestNoOtherKeyActs: a key that neither footer nor help of a screen names does nothing
// there, unless it is typed.
func TestNoOtherKeyActs(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		a := state(Options{}, 80, 24)
		if a.help != noHelp {
			continue // any key closes it
		}
		before, named := a.draw(), map[string]bool{}
		for _, group := range a.keys().FullHelp() {
			for _, b := range group {
				for _, k := range b.Keys() {
					named[k] = named[k] || b.Enabled()
				}
			}
		}
		for k := range named {
			if named[k] || a.screens[a.active].takes(keyPress(k)) {
				continue
			}
			if _, cmd := a.Update(keyPress(k)); cmd != nil || a.draw() != before {
				t.Errorf("%s: %s acts, and is not named", name, k)
				a = state(Options{}, 80, 24)
			}
		}
	}
}
