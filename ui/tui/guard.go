package tui

import (
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// guard stands between Bubble Tea and the root model. A panic in Update, View
// or a command ends the program the ordinary way, so that the terminal is
// restored and the user gets one sentence. (Bubble Tea recovers as well, but
// writes a stack trace to the terminal.)
type guard struct {
	model  tea.Model
	quit   func() // asks the program to end; blocks until it listens
	defect *Defect
}

// defectMsg carries a panic out of a command.
type defectMsg struct{ defect *Defect }

func caught(v any) *Defect { return &Defect{Value: v, Stack: debug.Stack()} }

// Init implements [tea.Model].
func (g *guard) Init() (cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.defect, cmd = caught(v), tea.Quit
		}
	}()
	return g.model.Init()
}

// Update implements [tea.Model].
func (g *guard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.defect, cmd = caught(v), tea.Quit
		}
	}()
	if d, ok := msg.(defectMsg); ok {
		g.defect = d.defect
	}
	if g.defect != nil {
		return g, tea.Quit
	}
	g.model, cmd = g.model.Update(msg)
	return g, cmd
}

// View implements [tea.Model].
func (g *guard) View() (v tea.View) {
	defer func() {
		if p := recover(); p != nil {
			g.defect = caught(p)
			v = blank()
			// Quit hands a message to the loop that is calling View now.
			go g.quit()
		}
	}()
	if g.defect != nil {
		return blank()
	}
	return g.model.View()
}

func blank() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	return v
}

// safely is a command that hands a panic to the guard.
func safely(cmd tea.Cmd) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if v := recover(); v != nil {
				msg = defectMsg{caught(v)}
			}
		}()
		return cmd()
	}
}
