package tui

import (
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/tui/screen"
)

// guard stands between Bubble Tea and the root model. A panic in Update, View
// or a command ends the program the ordinary way, so that the terminal is
// restored and the user gets one sentence. (Bubble Tea recovers as well, but
// writes a stack trace to the terminal.)
type guard struct {
	model  tea.Model
	quit   func() // asks the program to end; blocks until it listens
	defect *screen.Defect
}

// Init implements [tea.Model].
func (g *guard) Init() (cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.defect, cmd = screen.Caught(v), tea.Quit
		}
	}()
	return g.model.Init()
}

// Update implements [tea.Model].
func (g *guard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.defect, cmd = screen.Caught(v), tea.Quit
		}
	}()
	if d, ok := msg.(screen.DefectMsg); ok {
		g.defect = d.Defect
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
			g.defect = screen.Caught(p)
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
