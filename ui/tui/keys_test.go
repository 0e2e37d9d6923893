package tui

import (
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/ui/tui/screen"
	"kpadvisor/ui/tui/screen/screentest"
)

// TestNoKeyTwice walks the bindings that are live in every state: a key does
// one thing.
func TestNoKeyTwice(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		screentest.NoKeyTwice(t, name, state(Options{}, 80, 24).keys())
	}
}

// TestFooterNamesTheWayOut: help and quit stand in the footer of every screen at
// the smallest width.
func TestFooterNamesTheWayOut(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		a := state(Options{}, screen.MinWidth, screen.MinHeight)
		lines := strings.Split(ansi.Strip(a.draw()), "\n")
		footer := lines[len(lines)-1]
		if !strings.Contains(footer, "quit") {
			t.Errorf("%s: no way out in %q", name, footer)
		}
		if !a.front().takes(keyPress("?")) && !strings.Contains(footer, "? help") {
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
		before, named := a.draw(), screentest.Named(a.keys())
		for k := range named {
			if named[k] || a.front().takes(keyPress(k)) {
				continue
			}
			if _, cmd := a.Update(keyPress(k)); cmd != nil || a.draw() != before {
				t.Errorf("%s: %s acts, and is not named", name, k)
				a = state(Options{}, 80, 24)
			}
		}
	}
}
