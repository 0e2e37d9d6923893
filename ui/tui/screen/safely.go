package screen

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// Defect is a panic caught on its way to the terminal. Its text is one
// sentence; Stack says where it happened.
type Defect struct {
	Value any
	Stack []byte
}

// Error says in one sentence what happened.
func (d *Defect) Error() string {
	return fmt.Sprintf("the screen stopped because of a defect in kpadvisor: %v", d.Value)
}

// Caught is the defect of a panic that was just recovered.
func Caught(v any) *Defect { return &Defect{Value: v, Stack: debug.Stack()} }

// DefectMsg carries a panic out of a command.
type DefectMsg struct{ Defect *Defect }

// Safely is a command that hands a panic to whoever ends the program.
func Safely(cmd tea.Cmd) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if v := recover(); v != nil {
				msg = DefectMsg{Caught(v)}
			}
		}()
		return cmd()
	}
}

// SavedMsg says that something was written to a file, or not.
type SavedMsg struct {
	Path string
	Err  error
}
