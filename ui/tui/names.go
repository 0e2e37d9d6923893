package tui

import (
	tea "charm.land/bubbletea/v2"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// What the screens of this package share with those of others, by its short name.
type (
	frame  = screen.Frame
	keyMap = screen.KeyMap
	// Defect is a panic caught on its way to the terminal.
	Defect = screen.Defect
)

// again says what was written down in English when something was read. What others wrote
// stays as it is.
func again(v say.Voice, s string) string { return v.Said(v.Seen(s)) }

func safely(cmd tea.Cmd) tea.Cmd { return screen.Safely(cmd) }

func join(blocks ...[]kit.Line) []kit.Line { return kit.Join(blocks...) }
