package tui

import (
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/tui/screen"
)

// whatIf is what an answer that has not been given yet would make of the advice. It is
// decided on in a command, like the advice itself: one at a time, and the latest counts.
type whatIf struct {
	id      advisor.HabitID
	value   string         // empty: nothing is considered
	number  int            // of the latest; every change of facts or answers makes another
	shown   int            // the number that advice is of
	advice  advisor.Advice // with that answer
	running bool
}

// consideredMsg brings the advice with an answer that has not been given.
type consideredMsg struct {
	of     *session
	number int
	advice advisor.Advice
}

// consider asks what an answer would change; an empty value asks nothing.
func (s *session) consider(id advisor.HabitID, value string) {
	if w := &s.whatIf; w.id != id || w.value != value {
		w.id, w.value = id, value
		w.number++
	}
}

// foreseen is the advice with the answer considered, once it is known.
func (s *session) foreseen() (advisor.Advice, bool) {
	w := s.whatIf
	return w.advice, w.value != "" && w.shown == w.number && !s.empty() && !s.pending()
}

// nextWhatIf is the command that finds out, nil where there is nothing to find out or
// somebody does already. Advice comes before what it might be.
func (s *session) nextWhatIf() tea.Cmd {
	w := &s.whatIf
	if w.running || w.value == "" || w.shown == w.number || s.empty() || s.pending() {
		return nil
	}
	habits, err := s.habits.Set(w.id, w.value, answered)
	if err != nil {
		w.shown, w.value = w.number, ""
		return nil
	}
	w.running = true
	n, v, decide, facts, measured := w.number, s.voice, s.decide, s.facts(), s.measured
	facts.Coverage.Pending = s.busy()
	return screen.Safely(func() tea.Msg { return consideredMsg{s, n, decide(v, facts, habits, measured)} })
}

// considered takes what a command found out, unless something else is asked by now.
func (s *session) considered(msg consideredMsg) {
	w := &s.whatIf
	if w.running = false; msg.number == w.number {
		w.shown, w.advice = msg.number, msg.advice
	}
}
