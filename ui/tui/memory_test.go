package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/ui/state"
)

// in are options of one context whose answers are kept in a folder.
func in(dir string) Options {
	o, f := fiveContexts()
	f.list = f.list[:1]
	o.State = state.In(dir)
	return o
}

// answersOf is what is kept there.
func answersOf(t *testing.T, dir string) state.Kept {
	t.Helper()
	k, err := state.In(dir).Read(t.Context(), state.Key("prod-eu", "https://prod-eu"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestAnswersAreKept: what was answered is there in the next run, said to be of that day,
// below flags and above what the cluster shows, until it is forgotten.
func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		d := drive(in(dir)).passes(time.Second).keys("2", "down", "enter", "right", "right", "backspace", "backspace", "3", "0", "enter")
		d.passes(time.Second)
		if a := answersOf(t, dir).Answers; len(a) != 2 || a["connections"].Value != "short" || a["rollouts-per-day"].Value != "30" {
			t.Errorf("kept %+v", a)
		}
		d.leaves()

		time.Sleep(48 * time.Hour) // the clock of a bubble begins on 2000-01-01
		d = drive(in(dir)).passes(time.Second)
		d.wants(t, "Answers of earlier runs are in force: 2 Habits shows them")
		d.keys("2").wants(t, "● short connections", "as you said on 2000-01-01")
		if h := d.session.habits; h.RolloutsPerDay.Value != 30 || h.RolloutsPerDay.Source != "as you said on 2000-01-01" {
			t.Errorf("rollouts: %+v", h.RolloutsPerDay)
		}
		if got, want := d.session.commandLine("kpadvisor audit"), "kpadvisor audit --connections short --rollouts-per-day 30"; got != want {
			t.Errorf("y copies %q, want %q", got, want)
		}
		if !d.session.result("").Earlier {
			t.Error("the report is not said to rest on answers of earlier runs")
		}
		d.keys("x").passes(time.Second)
		if _, there := answersOf(t, dir).Answers["connections"]; there || d.session.habits.Connections.IsKnown() {
			t.Error("x does not forget")
		}
		d.leaves()

		o := in(dir)
		o.Habits, _ = o.Habits.Set(advisor.HabitRolloutsPerDay, "7", "--rollouts-per-day")
		d = drive(o).passes(time.Second)
		if got := d.session.habits.RolloutsPerDay; got.Value != 7 || got.Source != "--rollouts-per-day" {
			t.Errorf("above a flag: %+v", got)
		}
		if strings.Contains(d.text(), "earlier runs") || d.leaves().Earlier {
			t.Error("answers that are not in force are said to be")
		}
	})
}

// TestTicksAreKept: each runbook has its own ticks, and they outlast the run.
func TestTicksAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		d := drive(in(dir)).passes(time.Second).keys("3", "r", "down", "space")
		d.wants(t, "1 of 2", "[x] 2")
		d.keys("o").wants(t, "0 of 1", "[ ] 1")
		d.keys("space").wants(t, "1 of 1")
		d.passes(time.Second).leaves()
		if k := answersOf(t, dir).Steps; len(k["nftables"]) != 1 || len(k) != 2 {
			t.Errorf("kept %+v", k)
		}
		d = drive(in(dir)).passes(time.Second).keys("3", "r")
		d.wants(t, "1 of 2", "[ ] 1", "[x] 2")
		d.keys("down", "space").wants(t, "0 of 2")
		d.passes(time.Second).leaves()
		if k := answersOf(t, dir).Steps; len(k["nftables"]) != 0 {
			t.Errorf("kept %+v", k)
		}
	})
}

// TestUnusableState: a file that cannot be used is said once, and never written over.
func TestUnusableState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		name := filepath.Join(dir, state.Key("prod-eu", "https://prod-eu")+".json")
		if err := os.WriteFile(name, []byte(`{"version":7}`), 0o600); err != nil {
			t.Fatal(err)
		}
		d := drive(in(dir)).passes(time.Second)
		d.wants(t, "Answers are not kept: it is of version 7")
		d.keys("2", "down", "enter").passes(time.Second)
		if strings.Contains(d.text(), "not kept") || d.session.habits.Connections.Value != advisor.Short {
			t.Error("it is said for ever, or answers are lost")
		}
		d.leaves()
		if got, _ := os.ReadFile(name); string(got) != `{"version":7}` {
			t.Errorf("written over with %s", got)
		}
	})
}

// TestStateCannotBeWritten: then the answers hold for this run, and why is said.
func TestStateCannotBeWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "kpadvisor")
		d := drive(in(dir)).passes(time.Second)
		if err := os.WriteFile(dir, nil, 0o600); err != nil { // it is no folder any more
			t.Fatal(err)
		}
		d.keys("2", "down", "enter").passes(time.Second)
		d.wants(t, "Answers are not kept: ")
		if d.session.habits.Connections.Value != advisor.Short {
			t.Error("an answer is lost")
		}
		d.leaves()
	})
}

// TestLateState: an answer that was given before the earlier ones were read stands, and
// loses none of them.
func TestLateState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		kept := state.Kept{Answers: map[string]state.Answer{
			"connections": {Value: "long", On: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}, "behind-nat": {Value: "yes", On: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)},
			"gone": {Value: "what no version asks", On: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)},
		}}
		if err := state.In(dir).Write(state.Key("prod-eu", "https://prod-eu"), kept); err != nil {
			t.Fatal(err)
		}
		o := in(dir)
		o.deciders = deciders{fixedAdvice, fixedMove}
		a := app{newRoot(t.Context(), o)}
		late := a.session.recall(t.Context())
		if err := a.session.answer(advisor.HabitConnections, "short"); err != nil {
			t.Fatal(err)
		}
		if a.session.nextWrite() != nil {
			t.Error("written before what is there was read")
		}
		a.act(late())
		if h := a.session.habits; h.Connections.Value != advisor.Short || !h.BehindNAT.Value || h.BehindNAT.Source != "as you said on 1999-01-01" {
			t.Errorf("%+v", h)
		}
		a.act(a.session.nextWrite()())
		if got := answersOf(t, dir).Answers; got["connections"].Value != "short" || got["behind-nat"].Value != "yes" || len(got) != 3 {
			t.Errorf("kept %+v", got)
		}
	})
}

// TestNoState: where nothing is kept nothing is read, and nothing is kept of what is no
// cluster.
func TestNoState(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	synctest.Test(t, func(t *testing.T) {
		o := in("")
		o.State = state.Store{}
		d := drive(o).passes(time.Second).keys("2", "down", "enter", "shift+tab").passes(time.Second)
		d.leaves()
		o = in(filepath.Join(dir, "state"))
		d = drive(o).passes(time.Second).keys("C", "down", "enter", "2", "down", "enter").passes(time.Second)
		d.wants(t, "DEMO")
		d.leaves()
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%v, %v", left, err)
		}
	})
}

// TestTickIsOfTheStep: a tick stands on what was done, and not on a step that says
// something else; and however often a step changes, what is kept can be read again.
func TestTickIsOfTheStep(t *testing.T) {
	t.Parallel()
	a := start(in(t.TempDir()), 80, 24)
	s, step := a.session, advisor.Step{Title: "Go to nftables", Text: "32 nodes", Commands: []string{"kubectl edit"}}
	tick := func(step advisor.Step) { s.tick(advisor.NFTables, []advisor.Step{{Title: "Another"}, step}, step) }
	tick(step)
	for what, change := range map[string]func(*advisor.Step){
		"title": func(s *advisor.Step) { s.Title = "Go to IPVS" }, "text": func(s *advisor.Step) { s.Text = "180 nodes" },
		"commands": func(s *advisor.Step) { s.Commands = nil },
		"border":   func(s *advisor.Step) { s.Title, s.Text = s.Title+s.Text, "" },
	} {
		other := step
		if change(&other); !s.ticked(advisor.NFTables, step) || s.ticked(advisor.NFTables, other) {
			t.Errorf("another %s is the same step", what)
		}
	}
	s.reading.Done = true
	tick(advisor.Step{Title: "Another"})
	for i := range 300 {
		step.Text = strings.Repeat("n", i)
		tick(step)
	}
	if got := s.memory.kept.Steps["nftables"]; len(got) != 2 || !s.ticked(advisor.NFTables, advisor.Step{Title: "Another"}) {
		t.Errorf("%d ticks of 2 steps are kept", len(got))
	}
}

// TestNothingTellsItApart: what nothing tells from other clusters keeps nothing.
func TestNothingTellsItApart(t *testing.T) {
	t.Parallel()
	key := func(c Context) string { return newSession(Options{}, c).memory.key }
	whole := Context{Name: "prod", Address: "10.0.0.1:443", Server: "https://10.0.0.1:443/k8s/a"}
	nameless, unknown, beside := whole, whole, whole
	nameless.Name, unknown.Server, beside.Server = "", "", "https://10.0.0.1:443/k8s/b"
	if key(nameless) != "" || key(unknown) != "" || key(whole) == "" || key(whole) == key(beside) {
		t.Errorf("%q, %q, %q, %q", key(nameless), key(unknown), key(whole), key(beside))
	}
}

// TestLastAnswer: an answer is kept also where the screens are left while it is being
// written, and a write that comes late does not undo a later one.
func TestLastAnswer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := start(in(dir), 80, 24)
	a.act(a.session.recall(t.Context())())
	answers := func(value string) {
		if err := a.session.answer(advisor.HabitConnections, value); err != nil {
			t.Fatal(err)
		}
	}
	answers("short")
	late := a.session.nextWrite()
	if err := a.session.flush(); err != nil || answersOf(t, dir).Answers["connections"].Value != "short" {
		t.Errorf("left while it is written: %+v, %v", answersOf(t, dir), err)
	}
	answers("long")
	if err := a.session.flush(); err != nil {
		t.Error(err)
	}
	late()
	if got := answersOf(t, dir).Answers["connections"].Value; got != "long" {
		t.Errorf("a late write leaves %q", got)
	}
	a.leave(func() {})
}

// TestAllAreRecalled: how much there is to do in a cluster that nobody opened is counted
// with what was answered for it, and not before.
func TestAllAreRecalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		kept := state.Kept{Answers: map[string]state.Answer{"connections": {Value: "long", On: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}}}
		if err := state.In(dir).Write(state.Key("lab", "https://lab"), kept); err != nil {
			t.Fatal(err)
		}
		o, _ := fiveContexts()
		o.State = state.In(dir)
		d := drive(o).keys("a").passes(5 * time.Second)
		lab := d.places[2]
		if strings.Contains(d.text(), "earlier runs") {
			t.Error("what is looked at rests on no answers of another")
		}
		if got := lab.session.asked.habits.Connections; got.Value != advisor.LongLived || !strings.HasPrefix(d.start.todo(lab)[0].Text, "! ") {
			t.Errorf("decided with %+v: %q", got, d.start.todo(lab)[0].Text)
		}
		d.keys("down", "down", "enter").wants(t, "kpadvisor  lab", "Answers of earlier runs are in force")
		d.leaves()

		d = drive(o)
		lab = d.places[2]
		recall := lab.session.recall(t.Context())
		d.keys("a").passes(5 * time.Second)
		if got := d.start.todo(lab)[0].Text; !lab.known() || strings.TrimSpace(got) != "" || lab.session.running || lab.session.made {
			t.Errorf("decided before what was answered was read: %q", got)
		}
		d.begin(recall)
		d.passes(time.Second)
		if got := d.start.todo(lab)[0].Text; !strings.HasPrefix(got, "! ") {
			t.Errorf("and after: %q", got)
		}
		d.leaves()
	})
}
