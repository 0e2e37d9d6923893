package tui

import (
	"maps"
	"reflect"
	"slices"

	"kpadvisor/advisor"
	"kpadvisor/ui/report"
	"kpadvisor/ui/words"
)

// answered is the source of a habit that was answered on the Habits screen.
const answered = "answered"

// session is what all screens look at: facts, answers and the advice that
// follows from them. It lives in the event loop alone and needs no lock.
type session struct {
	reading  advisor.Reading  // the survey as last pulled
	chosen   *advisor.Facts   // facts taken where there is no cluster
	given    advisor.Habits   // from the command line
	measured advisor.Measured // from the command line and from the Probe screen
	answers  map[advisor.HabitID]string
	habits   advisor.Habits // given, answered, and prefilled from the facts
	advice   advisor.Advice
	decided  decision
	decide   func(advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice // advisor.Decide
}

// decision is what the advice was computed from.
type decision struct {
	made    bool
	stage   string
	facts   advisor.Facts
	habits  advisor.Habits
	weighed int // pieces of evidence
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
	if d.made && reflect.DeepEqual(d.habits, s.habits) && d.weighed == evidenceIn(s.measured) &&
		(s.busy() && d.stage == s.reading.Stage || reflect.DeepEqual(d.facts, facts)) {
		return
	}
	s.advice = s.decide(facts, s.habits, s.measured)
	s.decided = decision{true, s.reading.Stage, facts, s.habits, evidenceIn(s.measured)}
}

// evidenceIn counts what was measured.
func evidenceIn(m advisor.Measured) int {
	return len(m.Comparisons) + len(m.BreakEvens) + len(m.Drills)
}

// weighDrill adds a drill to what the advice rests on, and says in one sentence
// what that means for this cluster.
func (s *session) weighDrill(d advisor.Drill) string {
	s.measured.Drills = append([]advisor.Drill{d}, s.measured.Drills...)
	s.refresh()
	return s.takenIn(d.Kernel)
}

// weigh adds comparisons to what the advice rests on, the newest first, and says
// in one sentence what that means for this cluster.
func (s *session) weigh(found []advisor.Comparison) string {
	if len(found) == 0 {
		return ""
	}
	s.measured.Comparisons = append(slices.Clone(found), s.measured.Comparisons...)
	s.refresh()
	return s.takenIn(found[0].Kernel)
}

// takenIn says for how many nodes a measurement on a kernel counts.
func (s *session) takenIn(kernel string) string {
	nodes := 0
	for _, g := range s.facts().Groups {
		if g.Kernel == kernel {
			nodes += g.Nodes
		}
	}
	if nodes == 0 {
		return "3 Advice shows this and does not weigh it: no node has kernel " + kernel + "."
	}
	return "3 Advice takes this in: " + words.Count(nodes, "node") + " with kernel " + kernel + "."
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
	return Result{Facts: s.facts(), Habits: s.habits, Measured: s.measured, Advice: s.advice, Asked: len(s.answers) > 0}
}

func (s *session) document(version string) report.Document {
	return report.Document{Advice: s.advice, Facts: s.facts(), Habits: s.habits, Measured: s.measured, Version: version}
}
