package tui

import (
	"maps"
	"reflect"
	"slices"

	"kpadvisor/advisor"
	"kpadvisor/ui/report"
)

// answered is the source of a habit that was answered on the Habits screen.
const answered = "answered"

// session is what all screens look at: facts, answers and the advice that
// follows from them. It lives in the event loop alone and needs no lock.
type session struct {
	reading advisor.Reading // the survey as last pulled
	chosen  *advisor.Facts  // facts taken where there is no cluster
	given   advisor.Habits  // from the command line
	answers map[advisor.HabitID]string
	habits  advisor.Habits // given, answered, and prefilled from the facts
	advice  advisor.Advice
	decided decision
	decide  func(advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice // advisor.Decide
}

// decision is what the advice was computed from.
type decision struct {
	made   bool
	stage  string
	facts  advisor.Facts
	habits advisor.Habits
}

// facts are those in force.
func (s *session) facts() advisor.Facts {
	if s.chosen != nil {
		return *s.chosen
	}
	return s.reading.Facts
}

// busy reports whether facts are still coming in.
func (s *session) busy() bool { return !s.over() && s.chosen == nil }

// over reports whether the survey has ended, one way or the other.
func (s *session) over() bool { return s.reading.Done || s.reading.Err != nil }

// lost reports whether there is no cluster and nothing was taken instead.
func (s *session) lost() bool { return s.reading.Err != nil && s.chosen == nil }

// empty reports whether there is nothing to advise on yet.
func (s *session) empty() bool {
	f := s.facts()
	return s.lost() || !f.Services.IsKnown() && !f.Nodes.IsKnown() && len(f.Groups) == 0 && !f.Version.IsKnown() && s.busy()
}

// refresh brings habits and advice up to date. While facts come in it decides
// anew only when the survey moves on to another kind of object or an answer
// changes: counts that grow must not make the advice flicker.
func (s *session) refresh() {
	facts := s.facts()
	h := s.given
	for _, id := range slices.Sorted(maps.Keys(s.answers)) {
		if next, err := h.Set(id, s.answers[id], answered); err == nil {
			h = next
		}
	}
	s.habits = advisor.Prefill(facts, h)
	d := &s.decided
	if d.made && reflect.DeepEqual(d.habits, s.habits) &&
		(s.busy() && d.stage == s.reading.Stage || reflect.DeepEqual(d.facts, facts)) {
		return
	}
	s.advice = s.decide(facts, s.habits, advisor.Measured{})
	s.decided = decision{true, s.reading.Stage, facts, s.habits}
}

// answer sets one habit, or says in one sentence why the value is not one.
func (s *session) answer(id advisor.HabitID, value string) error {
	if _, err := s.habits.Set(id, value, answered); err != nil {
		return err
	}
	s.answers[id] = value
	s.refresh()
	return nil
}

// forget takes an answer back: what the cluster shows, or nothing, is in force again.
func (s *session) forget(id advisor.HabitID) {
	delete(s.answers, id)
	s.refresh()
}

func (s *session) result() Result {
	return Result{Facts: s.facts(), Habits: s.habits, Advice: s.advice, Asked: len(s.answers) > 0}
}

func (s *session) document(version string) report.Document {
	return report.Document{Advice: s.advice, Facts: s.facts(), Habits: s.habits, Version: version}
}
