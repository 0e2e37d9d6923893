package tui

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

func (a app) text() string { return ansi.Strip(a.draw()) }

func (a app) wants(t *testing.T, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(a.text(), p) {
			t.Errorf("no %q on the screen:\n%s", p, a.text())
		}
	}
}

func TestMovingBetweenScreens(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read()
	for _, step := range []struct {
		key  string
		want int
	}{
		{"tab", habitsTab},
		{"tab", adviceTab},
		{"tab", probeTab},
		{"tab", clusterTab},
		{"shift+tab", probeTab},
		{"2", habitsTab},
		{"4", probeTab},
		{"1", clusterTab},
		{"5", clusterTab},
	} {
		if a.press(step.key); a.active != step.want {
			t.Errorf("%s goes to screen %d, want %d", step.key, a.active, step.want)
		}
	}
}

func TestQuitEverywhere(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		for _, k := range []string{"q", "ctrl+c"} {
			a := state(Options{}, 80, 24)
			if k == "q" && a.front().takes(keyPress("q")) {
				continue
			}
			_, cmd := a.Update(keyPress(k))
			if cmd == nil {
				t.Errorf("%s: %s does not quit", name, k)
			} else if _, ok := cmd().(tea.QuitMsg); !ok {
				t.Errorf("%s: %s does something else", name, k)
			}
		}
	}
}

func TestHelpOverlay(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read().press("?")
	a.wants(t, "Keys here", "previous screen", "filter")
	if text := a.text(); strings.Contains(text, "sweep or scroll") {
		t.Errorf("a key of another screen:\n%s", text)
	}
	a.press("?").wants(t, "All keys")
	if a.press("j", "k", "G"); a.help == noHelp {
		t.Error("moving in the help closes it")
	}
	if a.press("x"); a.help != noHelp {
		t.Error("any other key should close the help")
	}
	if a.active != clusterTab {
		t.Error("closing the help did something else as well")
	}
}

// TestPullsOnlyWhileReading: a survey that is done is not asked again, and on a
// screen on which nothing moves no command waits.
func TestPullsOnlyWhileReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pulls := 0
		a := start(surveyed(func() advisor.Reading {
			pulls++
			return advisor.Reading{Facts: mixedFacts(), Stage: "Nodes", Read: pulls, Done: pulls == 6}
		}), 80, 24)
		began := time.Now()
		a.run(a.Init())
		if pulls != 6 {
			t.Errorf("pulled %d times, want 6", pulls)
		}
		if took := time.Since(began); took != 5*pullEvery {
			t.Errorf("six pulls took %v, want %v", took, 5*pullEvery)
		}
	})
}

// TestAdviceDoesNotFlicker: while one kind of object is being counted the advice
// stands still; it follows an answer at once, and the end of the survey.
func TestAdviceDoesNotFlicker(t *testing.T) {
	t.Parallel()
	a := start(surveyed(func() advisor.Reading { return advisor.Reading{} }), 80, 24)
	decided := 0
	a.session.decide = func(v say.Voice, f advisor.Facts, h advisor.Habits, m advisor.Measured) advisor.Advice {
		decided++
		return fixedAdvice(v, f, h, m)
	}
	step := func(stage string, read int, over bool) {
		f := mixedFacts()
		f.Services.Value.Total = read
		a.sees(advisor.Reading{Facts: f, Stage: stage, Read: read, Done: over})
	}
	for i, tt := range []struct {
		do   func()
		want int
	}{
		{func() { step("Services", 1, false) }, 1},
		{func() { step("Services", 2, false) }, 1},
		{func() { _ = a.session.answer(advisor.HabitConnections, "short"); a.settle() }, 2},
		{func() { step("EndpointSlices", 3, false) }, 3},
		{func() { step("EndpointSlices", 3, true) }, 4}, // what is not known now was not read
		{func() { step("", 4, true) }, 5},
		{func() { step("", 4, true) }, 5},
	} {
		if tt.do(); decided != tt.want {
			t.Errorf("step %d: decided %d times, want %d", i, decided, tt.want)
		}
	}
}

func TestWithoutCluster(t *testing.T) {
	t.Parallel()
	without := func() app { return start(lost(), 80, 24).read() }

	a := without()
	a.wants(t, "no cluster", "does not answer", "Check the VPN", "demo mixed")
	a.press("enter").wants(t, "DEMO mixed", "4,312")
	a.press("3").wants(t, "DEMO mixed", "nftables")
	a.press("1", "esc").wants(t, "Without a cluster")

	a = without().press("down", "space").typed("4300").press("tab").typed("38000 q?1")
	if got := a.start.form.Values()[:2]; got[0] != "4300" || got[1] != "38000 q?1" {
		t.Errorf("the form holds %q", got)
	}
	a.press("enter", "enter", "enter", "enter", "enter").wants(t, "TYPED", "4,312")

	a = without().press("G", "enter").typed("none.json").press("enter")
	a.wants(t, "no such file: none.json")
	a.press("ctrl+u").typed("facts").run(func() tea.Msg { return tea.PasteMsg{Content: ".json"} })
	a.press("enter").wants(t, "SNAPSHOT", "4,312")
	if f := a.session.result("").Facts; f.Origin != advisor.FromSnapshot {
		t.Errorf("the result is of %q", f.Origin)
	}
}

// TestLateFileIsForAClosedForm: what arrives after the user has turned away changes nothing.
func TestLateFileIsForAClosedForm(t *testing.T) {
	t.Parallel()
	a := start(lost(), 80, 24).read().press("G", "enter").typed("facts.json")
	_, cmd := a.Update(keyPress("enter"))
	msg := cmd()
	a.press("esc")
	a.Update(msg)
	a.wants(t, "Without a cluster")
}

func TestNoSurveyAtAll(t *testing.T) {
	t.Parallel()
	a := start(Options{}, 80, 24)
	if a.Init() != nil {
		t.Error("there is nothing to pull")
	}
	a.wants(t, "No cluster.")
	a.press("enter", "j", "3").wants(t, "No advice without facts")
}

func TestSave(t *testing.T) {
	t.Parallel()
	o := done(mixedFacts())
	var saved page.Audit
	o.Version = "v0"
	o.Store = noted{report: func(doc page.Audit, name string) (string, error) {
		saved = doc
		return "/home/me/" + name + ".{md,html,json}", nil
	}}
	a := start(o, 80, 24).read().press("2", "enter", "s")
	a.wants(t, "Saved: /home/me/kpadvisor-prod-eu-20261123-1600.{md,html,json}")
	if saved.Version != "v0" || saved.Facts.Name != "prod-eu" || !saved.Habits.Connections.IsKnown() || saved.Advice.Headline == "" {
		t.Errorf("saved %+v", saved)
	}
	a.press("j")
	if strings.Contains(a.text(), "Saved") {
		t.Error("the notice stays")
	}
	a.opts.Store = noted{report: func(page.Audit, string) (string, error) { return "", errors.New("the disk is full") }}
	a.press("s").wants(t, "Not saved: the disk is full")
	a.opts.Store = noted{report: func(_ page.Audit, name string) (string, error) {
		return "/home/me/" + strings.Repeat("deep/", 10) + name + ".{md,html,json}", nil
	}}
	a.press("s").wants(t, "Saved: kpadvisor-prod-eu-20261123-1600.{md,html,json}") // a long way there is left out
}

func TestFileNameIsAFileName(t *testing.T) {
	t.Parallel()
	f := hostileFacts()
	f.Name = "../../etc/" + f.Name
	name := fileName(f)
	if strings.ContainsAny(name, "/\\\x1b \x00") || strings.HasPrefix(name, ".") || len(name) > 80 {
		t.Errorf("%q", name)
	}
	if got := fileName(advisor.Facts{}); got != "kpadvisor" {
		t.Errorf("without a name: %q", got)
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read()
	_, cmd := a.Update(keyPress("y"))
	if cmd == nil {
		t.Fatal("y copies nothing")
	}
	_, cmd = a.Update(cmd())
	if cmd == nil {
		t.Fatal("nothing is sent to the clipboard")
	}
	a.wants(t, "OSC 52", "s saves a file")
}

func TestResizeRepaints(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read()
	_, cmd := a.Update(tea.WindowSizeMsg{Width: 100, Height: 30})
	if cmd == nil {
		t.Error("a resize leaves what was there")
	}
}

func TestResult(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read()
	if r := a.session.result(""); r.Asked || r.Advice.Headline == "" || r.Facts.Name != "prod-eu" {
		t.Errorf("before any answer: %+v", r)
	}
	a.press("2", "down", "enter")
	r := a.session.result("")
	if !r.Asked || r.Habits.Connections.Value != advisor.Short {
		t.Errorf("after an answer: %+v", r.Habits)
	}
}

// TestRuleIsUnderTheTab: the heavy part of the rule stands under the active tab, in every
// language and wherever the tabs stand.
func TestRuleIsUnderTheTab(t *testing.T) {
	t.Parallel()
	for _, l := range say.Languages() {
		o := done(mixedFacts())
		o.Style.Voice = say.In(l)
		for _, w := range []int{60, 79, 80, 120} {
			a := start(o, w, 24).read()
			for i, name := range tabNames(o.Style.Voice) {
				a.press(strconv.Itoa(i + 1))
				lines := strings.Split(ansi.Strip(a.draw()), "\n")
				rule := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "━") })
				label := strconv.Itoa(i+1) + " " + name
				before, _, found := strings.Cut(lines[rule-1], label)
				light, heavy, _ := strings.Cut(lines[rule], "━")
				if heavy = strings.TrimRight(heavy, "─"); !found || kit.Cells(light) != kit.Cells(before) || kit.Cells("━"+heavy) != kit.Cells(label) {
					t.Errorf("%s, %d columns: the rule is not under %s:\n%s\n%s", l, w, label, lines[rule-1], lines[rule])
				}
			}
		}
	}
}
