package measure

import (
	"context"
	"slices"
	"testing"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/screen/screentest"
)

// TestStartsAtOnce: ctrl+s starts from any field of a form, once it is known that it can,
// and stays where it cannot.
func TestStartsAtOnce(t *testing.T) {
	t.Parallel()
	f := measuretest.HeldLab()
	a := benching(f)
	if a.press("t", "down", "ctrl+s"); a.pane() != "run" {
		t.Fatalf("a lab that was checked: pane %s", a.pane())
	}
	<-f.Waiting
	a.Leave()

	o := with(&measuretest.Prober{})
	f = measuretest.HeldLab()
	measuretest.SetLab(&o.Tools, f)
	a = start(o, 80, 24)
	a.Update(screentest.Press("enter")) // the check is under way
	a.press("t")
	check := a.Update(screentest.Press("ctrl+s"))
	if a.pane() != "plan" || check == nil {
		t.Fatalf("before it is known what can run: pane %s", a.pane())
	}
	if a.do(check); a.pane() != "run" {
		t.Fatalf("once it is known: pane %s", a.pane())
	}
	<-f.Waiting
	a.Leave()

	o = with(&measuretest.Prober{})
	measuretest.EngineOf(&o.Tools).Budgets = func(context.Context, probe.Plan, ...probe.Target) (probe.Budget, error) {
		return probe.Budget{Verdict: probe.Refuse, Why: "none is free"}, nil
	}
	a = start(o, 80, 24).press("j", "enter", "enter").typed("10.0.0.1:80").press("ctrl+s")
	if a.wants(t, "Source ports: refused. none is free"); a.run.trial != nil {
		t.Error("what was refused was started")
	}
}

// TestAnotherKeyIsNoHurry: who does something else while a plan is checked does not start
// it.
func TestAnotherKeyIsNoHurry(t *testing.T) {
	t.Parallel()
	a := start(with(&measuretest.Prober{}), 80, 24)
	a.press("j", "enter", "enter").typed("10.0.0.1:80")
	asked := a.Update(screentest.Press("ctrl+s"))
	a.press("down")
	if a.do(asked); a.run.trial != nil || a.pane() != "plan" {
		t.Errorf("started, pane %s", a.pane())
	}
}

// TestWrongField: what is wrong stands under its field, with the cursor in it, on every
// form; and leaving a form loses nothing of it.
func TestWrongField(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		open  []string // to the form
		fill  []string // of what has to be there
		field int
		want  string
	}{
		{[]string{"enter", "t"}, nil, 1, "Not accepted: endpoints each:"},
		{[]string{"j", "enter", "enter"}, []string{"10.0.0.1:80"}, 2, "Not accepted: at once:"},
		{[]string{"j", "j", "enter"}, []string{"registry/k:1"}, 6, "Not accepted: rate:"},
		{[]string{"j", "j", "j", "enter", "t"}, nil, 3, "Not accepted: speed:"},
	} {
		a := start(with(&measuretest.Prober{}), 80, 24).press(tt.open...)
		for _, text := range tt.fill {
			a.typed(text)
		}
		for range tt.field {
			a.press("down")
		}
		a.press("ctrl+u").typed("nonsense").press("up", "ctrl+s")
		f := a.subject().form()
		if a.wants(t, tt.want); a.pane() != "edit" || f.At != tt.field {
			t.Errorf("%v: pane %s, field %d, want %d", tt.open, a.pane(), f.At, tt.field)
		}
		before := f.Values()
		a.press("esc", "esc", "enter")
		if a.pane() == "plan" {
			a.press("t")
		}
		if after := a.subject().form().Values(); !slices.Equal(before, after) || before[tt.field] != "nonsense" {
			t.Errorf("%v: esc leaves %q of %q", tt.open, after, before)
		}
	}
}

// TestChoices: arrows go through what a field can be, and other values can be typed where
// that makes sense.
func TestChoices(t *testing.T) {
	t.Parallel()
	a := benching(&measuretest.Lab{}).press("t", "right", "down", "down", "right", "down", "left", "down", "right", "esc")
	b := a.lab
	if b.next == nil || len(b.next.Shape.Distribution) == 0 || !slices.Equal(b.next.Modes, []lab.Mode{lab.Direct, lab.IPTablesLegacy, lab.IPTablesNFT}) ||
		b.next.Position == "random" || b.next.Plan.OpenLoop() {
		t.Errorf("chosen: %+v of %q", b.next, b.fields.Values())
	}
	a.press("t", "down", "down", "ctrl+u").typed("ipvs, nftables").press("left", "left", "esc") // arrows move in what was typed
	if b.next == nil || len(b.next.Modes) != 3 {
		t.Errorf("typed: %+v of %q", b.next, b.fields.Values())
	}
}
