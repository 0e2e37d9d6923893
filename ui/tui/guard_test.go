package tui

import (
	"context"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/tui/screen"
)

// breaking is a model that panics where it is told to.
type breaking struct{ init, update, view bool }

func (b breaking) Init() tea.Cmd {
	if b.init {
		panic("init")
	}
	return nil
}

func (b breaking) Update(tea.Msg) (tea.Model, tea.Cmd) {
	if b.update {
		panic("update")
	}
	return b, nil
}

func (b breaking) View() tea.View {
	if b.view {
		panic("view")
	}
	return tea.NewView("fine")
}

func TestGuardTurnsPanicsIntoADefect(t *testing.T) {
	t.Parallel()
	quits := func(cmd tea.Cmd) bool {
		if cmd == nil {
			return false
		}
		_, ok := cmd().(tea.QuitMsg)
		return ok
	}
	g := &guard{model: breaking{init: true}}
	if !quits(g.Init()) || g.defect == nil {
		t.Error("a panic in Init does not end the program")
	}
	g = &guard{model: breaking{update: true}}
	if _, cmd := g.Update(nil); !quits(cmd) || g.defect == nil {
		t.Error("a panic in Update does not end the program")
	}
	called := make(chan bool, 1)
	g = &guard{model: breaking{view: true}, quit: func() { called <- true }}
	if v := g.View(); v.Content != "" || g.defect == nil || !<-called {
		t.Error("a panic in View does not end the program")
	}
	g.View() // the last frame while leaving must not panic again
	g = &guard{model: breaking{}}
	if _, cmd := g.Update(screen.Safely(func() tea.Msg { panic("command") })()); !quits(cmd) || g.defect == nil {
		t.Error("a panic in a command does not end the program")
	}
	if text := g.defect.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "command") || len(g.defect.Stack) == 0 {
		t.Errorf("the error is %q", text)
	}
}

// breakingOffline cannot open a file.
type breakingOffline struct{ fakeOffline }

func (breakingOffline) Open(context.Context, string) (Source, error) { panic("open") }

// TestEveryCommandIsSafe: what the program calls for others may panic.
func TestEveryCommandIsSafe(t *testing.T) {
	t.Parallel()
	o := lost()
	o.Offline = breakingOffline{}
	a := start(o, 80, 24).read().press("G", "enter")
	_, cmd := a.Update(keyPress("enter"))
	if _, ok := cmd().(screen.DefectMsg); !ok {
		t.Error("a panic while opening a file is not caught")
	}
	a = start(surveyed(func() advisor.Reading { panic("reading") }), 80, 24)
	if _, ok := a.Init()().(screen.DefectMsg); !ok {
		t.Error("a panic while reading is not caught")
	}
}
