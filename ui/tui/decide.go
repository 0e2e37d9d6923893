package tui

import (
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/tui/screen"
)

// deciding keeps decisions out of the event loop: on a large cluster one takes
// longer than a key may wait. One is made at a time, in a command; what has
// changed meanwhile is decided on when it is back, and its own result is dropped:
// the latest question wins.
type deciding struct {
	asked   question // the latest
	number  int      // of the latest question
	shown   int      // the number of the question that last is of
	running bool
	made    bool // last is advice on these facts
	last    answer
	deciders
}

// deciders are what decides: those of package advisor but in tests.
type deciders struct {
	decide decider // advisor.DecideIn
	moveTo mover   // advisor.MoveToIn
}

// What makes advice, and a move that somebody asks for, in a language.
type (
	decider func(say.Voice, advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice
	mover   func(say.Voice, advisor.Facts, advisor.Habits, advisor.Measured, advisor.Mode) advisor.Move
)

// question is what advice is computed from.
type question struct {
	voice    say.Voice
	known    bool
	stage    string
	facts    advisor.Facts
	habits   advisor.Habits
	measured advisor.Measured
	weighed  int          // pieces of evidence
	to       advisor.Mode // a move that is asked for besides
	busy     bool         // the survey goes on
}

// answer is the advice on a question, and the move if one was asked for.
type answer struct {
	advice advisor.Advice
	move   *advisor.Move
}

// decidedMsg brings the answer to a question.
type decidedMsg struct {
	of     *session
	number int
	answer answer
}

// answer computes; it is pure and belongs into a command.
func (q question) answer(decide decider, moveTo mover) answer {
	f := q.facts
	f.Coverage.Pending = q.busy
	out := answer{advice: decide(q.voice, f, q.habits, q.measured)}
	if q.to != "" {
		move := moveTo(q.voice, f, q.habits, q.measured, q.to)
		out.move = &move
	}
	return out
}

// ask puts a question in the place of the one before.
func (d *deciding) ask(q question) {
	d.asked = q
	d.number++
}

// pending reports whether what is shown is older than what is known.
func (d *deciding) pending() bool { return d.shown != d.number }

// next is the command that decides, nil where there is nothing to decide or a
// decision is being made.
func (s *session) next() tea.Cmd {
	if s.running || !s.pending() {
		return nil
	}
	s.running = true
	q, n, decide, moveTo := s.asked, s.number, s.decide, s.moveTo
	return screen.Safely(func() tea.Msg { return decidedMsg{s, n, q.answer(decide, moveTo)} })
}

// drop forgets the advice and whatever is on its way.
func (s *session) drop() {
	s.number++
	s.shown = s.number
	s.asked, s.last, s.made, s.advice = question{}, answer{}, false, advisor.Advice{}
}

// decided takes an answer, unless there is a newer question.
func (s *session) decided(msg decidedMsg) {
	s.running = false
	s.revision++
	if msg.number != s.number {
		return
	}
	s.shown, s.made, s.last, s.advice = msg.number, true, msg.answer, msg.answer.advice
}

// move is the move that is looked at, once it is there.
func (s *session) move() *advisor.Move {
	if m := s.last.move; m != nil && m.To == s.to {
		return m
	}
	return nil
}
