package tui

import (
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/habitstest"
	"kpadvisor/ui/tui/screen/screentest"
)

func TestHabitsAreAskedInTurn(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read().press("2")
	a.wants(t, "Question 1 of 2", "not answered")
	a.press("down", "enter")
	a.wants(t, "Question 2 of 2", "[ 14", "from the cluster: 98 ReplicaSets of 41 Deployments in 7 days")
	if v := a.session.habits.Connections; v.Value != advisor.Short || v.Source != answered {
		t.Errorf("connections: %+v", v)
	}
	a.press("enter") // what the cluster says stays what the cluster says
	if v := a.session.habits.RolloutsPerDay; v.Source == answered || v.Value != 14 {
		t.Errorf("rollouts: %+v", v)
	}
	a.wants(t, "last question")
	if a.press("enter"); a.active != adviceTab {
		t.Errorf("after the last question: screen %d", a.active)
	}
}

// TestMeasuredHabitsFillIn: what nodes measured is the answer until somebody gives one, and
// says so.
func TestMeasuredHabitsFillIn(t *testing.T) {
	t.Parallel()
	f := habitstest.On(mixedFacts())
	measured := advisor.HabitsMeasuredAt(f).Pattern
	a := start(done(f), 100, 24).read().press("2")
	a.wants(t, "measured on 2 nodes, 60 s, from conntrack events,", "networks of pods (any destination)")
	if v := a.session.habits.Connections; v != measured {
		t.Errorf("connections: %+v, measured %+v", v, measured)
	}
	a.press("down", "enter", "left")
	a.wants(t, "your answer")
	if v := a.session.habits.Connections; v.Source != answered {
		t.Errorf("answered: %+v", v)
	}
	if a.press("x"); a.session.habits.Connections != measured {
		t.Errorf("taken back: %+v", a.session.habits.Connections)
	}
}

func TestHabitIsCorrectedAndForgotten(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read().press("2", "right", "backspace", "backspace", "3", "0", "enter")
	if v := a.session.habits.RolloutsPerDay; v.Source != answered || v.Value != 30 {
		t.Errorf("typed over: %+v", v)
	}
	a.press("left", "x")
	if v := a.session.habits.RolloutsPerDay; v.Source == answered || v.Value != 14 {
		t.Errorf("forgotten: %+v", v)
	}
	a.wants(t, "[ 14")
}

// TestBadNumberLosesNothing: the error stands under the field, the text stays in
// it, and the answer before is in force.
func TestBadNumberLosesNothing(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read().press("2", "right", "1", ".", ".", "enter")
	a.wants(t, "Not accepted", "[ 141..", "Question 2 of 2")
	if v := a.session.habits.RolloutsPerDay; v.Value != 14 {
		t.Errorf("rollouts: %+v", v)
	}
	if a.active != habitsTab {
		t.Error("a digit in a field went to another screen")
	}
}

func TestSkippingLeavesUnknown(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read().press("2", "right", "right", "right")
	if a.session.habits.Connections.IsKnown() || a.session.result("").Asked {
		t.Errorf("skipped: %+v", a.session.habits)
	}
}

// TestSurveyFillsInAndDoesNotOverwrite: a number that is being typed stays,
// whatever the survey finds meanwhile.
func TestSurveyFillsInAndDoesNotOverwrite(t *testing.T) {
	t.Parallel()
	a := start(surveyed(func() advisor.Reading { return advisor.Reading{Stage: "Services"} }), 80, 24)
	a.sees(advisor.Reading{Stage: "Services"})
	a.press("2", "right")
	a.wants(t, "the survey may still tell", "[  ")
	a.sees(advisor.Reading{Facts: mixedFacts(), Stage: "Nodes"})
	a.wants(t, "[ 14")
	a.press("5")
	f := mixedFacts()
	f.RolloutsPerDay.Value = 99
	a.sees(advisor.Reading{Facts: f, Done: true})
	a.wants(t, "[ 145")
	if a.press("3", "enter"); a.session.habits.RolloutsPerDay.Value != 1453 {
		t.Errorf("rollouts: %+v", a.session.habits.RolloutsPerDay)
	}
}

// TestRealQuestions walks those of the advisor with nothing but enter and right.
func TestRealQuestions(t *testing.T) {
	t.Parallel()
	m := newRoot(t.Context(), done(mixedFacts()))
	a := app{m}
	m.w, m.h = 80, 24
	a.read().press("2")
	for range advisor.Questions() {
		screentest.NewChecker(t).Fits(t, "habits", a.draw(), 80, 24, false)
		a.press("down", "enter")
		if s := a.screens[habitsTab].(*habitsScreen); s.err != "" {
			t.Errorf("question %d: %s", s.at, s.err)
			a.press("right")
		}
	}
	a.wants(t, "last question")
}
