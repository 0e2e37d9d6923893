package tui

import (
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/say"
)

// whatIfAdvice knows only how clients talk.
func whatIfAdvice(v say.Voice, _ advisor.Facts, h advisor.Habits, _ advisor.Measured) advisor.Advice {
	out := advisor.Advice{Headline: "Keep IPVS", Reuse: []advisor.Reuse{{Nodes: 32, Exposure: reuse.StalePod, Likelihood: reuse.UnknownLikelihood}}}
	switch h.Connections.Or("") {
	case advisor.Short:
		out.Headline, out.Reuse[0].Likelihood = "Leave IPVS today", reuse.Certain
	case advisor.LongLived:
		out.Reuse[0].Likelihood = reuse.Unlikely
	}
	return out
}

// TestWhatIf: each answer pointed at shows what it would do, and does nothing before it
// is given; the latest counts.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	m := newRoot(t.Context(), done(mixedFacts()))
	a := app{m}
	m.w, m.h = 80, 24
	m.session.decide = whatIfAdvice
	a.read().press("2")
	a.wants(t, "With this answer", "as now: Keep IPVS", "likelihood not known → unlikely ████░░░░ on 32 nodes")
	a.press("down").wants(t, "Leave IPVS today", "likelihood not known → certain ████████ on 32 nodes")
	if a.session.advice.Headline != "Keep IPVS" || a.session.habits.Connections.IsKnown() {
		t.Errorf("an answer that was not given is in force: %q", a.session.advice.Headline)
	}
	m.act(keyPress("up"))
	m.considers()
	late := m.session.nextWhatIf()
	m.act(keyPress("down")) // what comes back late is of no account
	m.considers()
	a.wants(t, "So far")
	m.act(late())
	if _, known := a.session.foreseen(); known {
		t.Error("what another answer does is shown")
	}
	a.settle()
	a.wants(t, "Leave IPVS today")
	a.press("enter", "left").wants(t, "So far", "Leave IPVS today")
	if a.press("3"); a.session.whatIf.value != "" || a.session.nextWhatIf() != nil {
		t.Error("something is considered where nobody sees it")
	}
}

// TestWhatIfOnce: a survey that goes on and brings nothing that decides makes nobody
// find out again.
func TestWhatIfOnce(t *testing.T) {
	t.Parallel()
	o := done(mixedFacts())
	o.Survey = fakeSurvey(func() advisor.Reading { return advisor.Reading{Facts: mixedFacts(), Stage: "Nodes"} })
	m := newRoot(t.Context(), o)
	a := app{m}
	m.w, m.h = 80, 24
	made := 0
	m.session.decide = func(v say.Voice, f advisor.Facts, h advisor.Habits, x advisor.Measured) advisor.Advice {
		made++
		return whatIfAdvice(v, f, h, x)
	}
	a.read().press("2").wants(t, "With this answer")
	before := made
	for range 5 {
		a.read()
	}
	if made != before {
		t.Errorf("%d decisions for readings that bring nothing new", made-before)
	}
	a.wants(t, "With this answer")
}

// TestCopyCommandLine: y on Habits copies what gives the same answers again, and not
// those that the cluster gives by itself.
func TestCopyCommandLine(t *testing.T) {
	t.Parallel()
	o := done(mixedFacts())
	o.Command = "kpadvisor audit --context prod"
	o.Habits, _ = o.Habits.Set(advisor.HabitConnections, "short", "--connections")
	m := newRoot(t.Context(), o)
	a := app{m}
	m.w, m.h = 80, 24
	a.read().press("2")
	got := a.session.commandLine(o.Command)
	if want := "kpadvisor audit --context prod --connections short"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if a.press("y"); !strings.Contains(a.draw(), "To the terminal's clipboard") {
		t.Error("nothing says that it was copied")
	}
}
