package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
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
	decide func(advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice
	moveTo func(advisor.Facts, advisor.Habits, advisor.Measured, advisor.Mode) advisor.Move
}

// question is what advice is computed from.
type question struct {
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
func (q question) answer(decide func(advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice,
	moveTo func(advisor.Facts, advisor.Habits, advisor.Measured, advisor.Mode) advisor.Move,
) answer {
	out := answer{advice: decide(q.facts, q.habits, q.measured)}
	if q.to != "" {
		move := moveTo(q.facts, q.habits, q.measured, q.to)
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
	return safely(func() tea.Msg { return decidedMsg{s, n, q.answer(decide, moveTo)} })
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
	if s.asked.busy {
		s.advice = whileReading(s.advice)
	}
}

// settled takes note of the end of a survey that changed nothing more: what is
// not known now was not read.
func (s *session) settled() {
	if s.asked.busy && !s.busy() {
		s.asked.busy, s.advice = false, s.last.advice
	}
}

// move is the move that is looked at, once it is there.
func (s *session) move() *advisor.Move {
	if m := s.last.move; m != nil && m.To == s.to {
		return m
	}
	return nil
}

// whileReading is advice in the words of a survey that goes on: what is still to
// come is being read, which is not the same as not read.
func whileReading(a advisor.Advice) advisor.Advice {
	words := strings.NewReplacer(
		"not everything was read", "not everything has been read yet",
		"were not read", "are being read", "was not read", "is being read", "was not seen", "has not been seen yet",
	)
	soon := func(all []advisor.Reason) []advisor.Reason {
		all = slices.Clone(all)
		for i := range all {
			all[i].Text = words.Replace(all[i].Text)
			if all[i].Source == "not read" {
				all[i].Source = "being read"
			}
		}
		return all
	}
	a.Headline, a.TwoModeWhy, a.Caveat = words.Replace(a.Headline), words.Replace(a.TwoModeWhy), words.Replace(a.Caveat)
	a.Because, a.First, a.Unseen = soon(a.Because), soon(a.First), soon(a.Unseen)
	a.ConfidenceBecause = slices.Clone(a.ConfidenceBecause)
	for i, text := range a.ConfidenceBecause {
		a.ConfidenceBecause[i] = words.Replace(text)
	}
	a.Ranking = slices.Clone(a.Ranking)
	for i := range a.Ranking {
		a.Ranking[i].Reasons = soon(a.Ranking[i].Reasons)
	}
	return a
}
