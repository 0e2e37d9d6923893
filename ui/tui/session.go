package tui

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/state"
)

// answered is the source of a habit that was answered on the Habits screen.
const answered = "answered"

// session is what all screens look at: facts, answers and the advice that
// follows from them. It lives in the event loop alone and needs no lock. Facts and
// answers are in force at once; the advice follows (decide.go).
type session struct {
	voice    say.Voice            // of advice and reports
	context  Context              // that is read; without a name where there is none
	reading  advisor.Reading      // the survey as last pulled
	reports  []advisor.NodeReport // what nodes said that were asked here, each once
	placed   advisor.Facts        // of the reading, with those reports in their places
	asks     []string             // the flags that read these reports again
	elapsed  time.Duration        // since it began
	given    advisor.Habits       // from the command line
	measured advisor.Measured     // from the command line and from the Probe screen
	answers  map[advisor.HabitID]string
	habits   advisor.Habits // given, answered, and prefilled from the facts
	to       advisor.Mode   // the mode whose runbook is looked at; empty for the advised one
	advice   advisor.Advice // as the screens show it
	revision int            // of all this: another number, perhaps other facts, answers or advice
	deciding
	whatIf whatIf
	memory memory
}

// newSession is that of a cluster of which nothing is known yet.
func newSession(o Options, of Context) *session {
	s := &session{
		voice: o.Style.Voice, context: of, measured: o.Measured, answers: map[advisor.HabitID]string{},
		deciding: deciding{deciders: o.deciders},
		memory:   memory{store: o.State, today: time.Now, disk: &disk{}},
	}
	if of.Current || of.Name == "" { // of another cluster nobody said anything
		s.given = o.Habits
	}
	if of.Name != "" && of.Server != "" {
		s.memory.key = state.Key(of.Name, of.Server)
	}
	return s
}

// facts are those in force.
func (s *session) facts() advisor.Facts {
	if len(s.reports) > 0 {
		return s.placed
	}
	return s.reading.Facts
}

// busy reports whether facts are still coming in.
func (s *session) busy() bool { return !s.over() }

// over reports whether the survey has ended, one way or the other.
func (s *session) over() bool { return s.reading.Done || s.reading.Err != nil }

// lost reports whether there is no cluster.
func (s *session) lost() bool { return s.reading.Err != nil }

// blank reports whether there is nothing to decide on yet.
func (s *session) blank() bool {
	f := s.facts()
	nothing := !f.Services.IsKnown() && !f.Nodes.IsKnown() && len(f.Groups) == 0 && !f.Version.IsKnown()
	return s.lost() || nothing && s.busy()
}

// empty reports whether there is no advice yet.
func (s *session) empty() bool { return s.blank() || !s.made }

// refresh brings the habits up to date, and asks for new advice where something
// that it rests on has changed. While facts come in that is only when the survey
// moves on to another kind of object or an answer changes: counts that grow must
// not make the advice flicker.
func (s *session) refresh() {
	s.revision++
	if len(s.reports) > 0 {
		s.placed, _ = advisor.WithReports(s.reading.Facts, s.reports)
	}
	facts := s.facts()
	h := s.given
	for _, id := range slices.Sorted(maps.Keys(s.answers)) {
		if next, err := h.Set(id, s.answers[id], answered); err == nil {
			h = next
		}
	}
	s.habits = advisor.Prefill(facts, over(h, s.memory.habits()))
	if s.blank() {
		s.drop()
		return
	}
	a := s.asked
	same := a.known && a.busy == s.busy() && a.weighed == evidenceIn(s.measured) && (s.to == "" || s.to == a.to) &&
		reflect.DeepEqual(a.habits, s.habits)
	if same && (s.busy() && a.stage == s.reading.Stage || reflect.DeepEqual(a.facts, facts)) {
		return
	}
	s.whatIf.number++
	s.ask(question{s.voice, true, s.reading.Stage, facts, s.habits, s.measured, evidenceIn(s.measured), s.to, s.busy()})
}

// restart forgets what was read: another read of the cluster begins.
func (s *session) restart() {
	s.reading, s.elapsed = advisor.Reading{}, 0
	s.drop()
	s.refresh()
}

// look asks for the runbook of a move to a mode; empty is the advised one.
func (s *session) look(to advisor.Mode) {
	s.to = to
	s.refresh()
}

// evidenceIn counts what was measured.
func evidenceIn(m advisor.Measured) int {
	return len(m.Comparisons) + len(m.BreakEvens) + len(m.Drills)
}

// answer sets one habit, or says in one sentence why the value is not one.
func (s *session) answer(id advisor.HabitID, value string) error {
	if _, err := s.habits.Set(id, value, answered); err != nil {
		return err
	}
	s.answers[id] = value
	s.memory.answer(string(id), value)
	s.refresh()
	return nil
}

// commandLine is command with the answers that somebody gave, here or as a flag; what
// the cluster shows it finds again.
func (s *session) commandLine(command string) string {
	out := command
	for _, q := range advisor.Questions() {
		value, source, known := s.habits.Answer(q.ID)
		if known && said(source) {
			out += " --" + string(q.ID) + " " + value
		}
	}
	return out
}

// remembers reports a habit that was answered here, now or in an earlier run.
func (s *session) remembers(id advisor.HabitID) bool {
	_, now := s.answers[id]
	_, earlier := s.memory.kept.Answers[string(id)]
	return now || earlier
}

// forget takes an answer back: what the cluster shows, or nothing, is in force again.
func (s *session) forget(id advisor.HabitID) {
	delete(s.answers, id)
	s.memory.forget(string(id))
	s.refresh()
}

// earlier reports that an answer of an earlier run is in force.
func (s *session) earlier() bool {
	return slices.ContainsFunc(advisor.Questions(), func(q advisor.Question) bool {
		_, source, known := s.habits.Answer(q.ID)
		return known && strings.HasPrefix(source, keptSource)
	})
}

// result is what the user leaves with. Its advice is the last that was made.
func (s *session) result(command string) Result {
	if command != "" {
		command = s.commandLine(strings.Join(append([]string{command}, s.asks...), " "))
	}
	return Result{
		Command: command,
		Facts:   s.facts(), Habits: s.habits, Measured: s.measured, Advice: s.last.advice,
		Asked: len(s.answers) > 0, Earlier: s.earlier(), Reports: s.reports,
	}
}

// document returns what makes the report on the facts and answers as they are now, in a
// language. That may take as long as a decision, so it is not for the event loop.
func (s *session) document(version string) func(say.Voice) page.Audit {
	q, decide, move := s.asked, s.decide, s.moveTo
	made, fresh := answer{s.last.advice, s.move()}, !s.pending() && !q.busy
	q.busy, q.to = false, s.to // a report does not grow
	doc := page.Audit{Facts: s.facts(), Habits: s.habits, Measured: s.measured, Version: version}
	return func(v say.Voice) page.Audit {
		doc, made, q := doc, made, q
		if q.voice != v || !fresh {
			q.voice = v
			made = q.answer(decide, move)
		}
		doc.Voice, doc.Advice, doc.Move = v, made.advice, made.move
		return doc
	}
}
