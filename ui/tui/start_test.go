package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain/plaintest"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/screen/screentest"
)

// TestOnlyTheCurrentIsRead: of the contexts the current one is read, and nobody signs in
// anywhere, until somebody asks for more.
func TestOnlyTheCurrentIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := fiveContexts()
		d := drive(o).passes(time.Minute)
		d.wants(t, "Contexts  5 in the kubeconfig", "▸ prod-eu", "212 nodes", "iptables · IPVS", "to do", "enter signs in with aws  us.example:443", "Without a cluster", "demo mixed")
		d.keys("down", "down", "down", "up", "end", "home", "tab", "tab", "3", "C", "/", "l", "esc", "?", "esc").passes(time.Minute)
		if got := append(f.noted(&f.signed), f.noted(&f.started)...); len(got) != 0 {
			t.Fatalf("nobody asked, and this was read: %q", got)
		}
		d.keys("a").passes(5 * time.Second)
		started := f.noted(&f.started)
		slices.Sort(started)
		if want := []string{"arn:aws:eks:eu-west-1:123456789012:cluster/production-us", "lab", "old-lab", "staging"}; !slices.Equal(started, want) {
			t.Errorf("asked for all, and this was read: %q", started)
		}
		if got := f.noted(&f.signed); len(got) != 1 || !strings.HasPrefix(got[0], "arn:") {
			t.Errorf("signed in to %q", got)
		}
		d.wants(t, "✖ refuses connections  old-lab.example:6443", "connecting 5 s of 30 s  staging.example:6443")
		if d.keys("a").passes(time.Second); len(f.noted(&f.started)) != 4 {
			t.Error("what was read is read again")
		}
		d.leaves()
		if got := f.noted(&f.stopped); len(got) != 5 { // prod-eu as well
			t.Errorf("left with %q stopped", got)
		}
	})
}

// TestOpenMoves: opening another context moves everything to it, ends the read of the one
// before, and leaves that as it was.
func TestOpenMoves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := fiveContexts()
		f.read["prod-eu"] = func(time.Duration) advisor.Reading {
			return advisor.Reading{Facts: factsOf("prod-eu"), Stage: "Pods", Read: 3, Total: 9}
		}
		d := drive(o).passes(time.Second).keys("enter", "2", "down", "enter")
		d.wants(t, "kpadvisor  prod-eu")
		if got := d.session.habits.Connections; got.Value != advisor.Short {
			t.Fatalf("answered %+v", got)
		}
		d.keys("C", "down", "down", "enter").passes(time.Second)
		d.wants(t, "kpadvisor  lab", "4,312")
		if got := f.noted(&f.stopped); !slices.Equal(got, []string{"prod-eu"}) {
			t.Errorf("stopped %q", got)
		}
		if d.session.habits.Connections.IsKnown() || !strings.Contains(d.title(), "lab") || d.source.Command != "kpadvisor audit --context lab" {
			t.Errorf("%q, %q, %+v", d.title(), d.source.Command, d.session.habits.Connections)
		}
		d.keys("3").wants(t, "nftables on the 180 nodes")
		d.keys("C").wants(t, "▸ lab", "not read  prod-eu.example:6443")
		f.read["prod-eu"] = nil
		d.keys("up", "up", "enter").passes(time.Second)
		d.wants(t, "kpadvisor  prod-eu", "4,312")
		if got := f.noted(&f.started); !slices.Equal(got, []string{"lab", "prod-eu"}) {
			t.Errorf("read %q", got)
		}
		if got := d.session.habits.Connections; got.Value != advisor.Short {
			t.Errorf("the answer is lost: %+v", got)
		}
		if r := d.leaves(); r.Facts.Name != "prod-eu" || r.Command != "kpadvisor audit --context prod-eu --connections short" || r.Survey == nil {
			t.Errorf("left with %q of %q", r.Command, r.Facts.Name)
		}
	})
}

// TestRetry: what has failed is tried again, in the list and where there was nothing else.
func TestRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := fiveContexts()
		d := drive(o).keys("down", "down", "down", "enter").passes(time.Second)
		d.wants(t, "old-lab  not read", "✖ The API server at old-lab.example:6443 refuses connections. Check the VPN.", "R retry")
		f.read["old-lab"] = nil
		d.keys("R").passes(time.Second)
		d.wants(t, "kpadvisor  old-lab  v1.33.4", "4,312")
		if got := f.noted(&f.started); !slices.Equal(got, []string{"old-lab", "old-lab"}) {
			t.Errorf("read %q", got)
		}
		d.leaves()
	})
}

// TestRenew: another read of what is known changes nothing before it is done, keeps the
// answers, and if it fails what was known stays.
func TestRenew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := fiveContexts()
		d := drive(o).passes(time.Second).keys("enter", "2", "down", "enter", "shift+tab")
		slow := factsOf("prod-eu")
		slow.Services.Value.Total = 5000
		f.read["prod-eu"] = func(since time.Duration) advisor.Reading {
			return advisor.Reading{Facts: slow, Stage: "Pods", Read: 1, Total: 2, Done: since > 3*time.Second}
		}
		d.keys("R").passes(time.Second)
		d.wants(t, "again: reading Pods", "4,312")
		if strings.Contains(d.text(), "R read again") {
			t.Error("it can be read once more meanwhile")
		}
		d.passes(3*time.Second).wants(t, "5,000", "Read again", "answers are kept")
		if d.session.habits.Connections.Value != advisor.Short {
			t.Error("an answer is lost")
		}
		f.read["prod-eu"] = refuses
		d.keys("3", "R").passes(time.Second).wants(t, "Not read again: The API server at prod-eu.example:6443 refuses connections.")
		d.keys("1").wants(t, "5,000", "R read again")
		d.leaves()
	})
}

// TestSigningInIsNoRead: how long somebody took to sign in is no part of how long the
// cluster took.
func TestSigningInIsNoRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := fiveContexts()
		f.signing = 10 * time.Second
		d := drive(o).keys("down", "enter").passes(15 * time.Second)
		if d.session.elapsed > 2*time.Second {
			t.Errorf("the read took %v", d.session.elapsed)
		}
		d.keys("R").passes(15 * time.Second)
		if n := len(f.noted(&f.signed)); d.session.elapsed > 2*time.Second || n != 2 {
			t.Errorf("read again it took %v, signed in %d times", d.session.elapsed, n)
		}
		d.leaves()
	})
}

// TestFlagsAreOfTheFirst: habits of the command line are of what is read first, and of
// what is looked at without a cluster.
func TestFlagsAreOfTheFirst(t *testing.T) {
	t.Parallel()
	o, _ := fiveContexts()
	o.Habits.Connections = advisor.KnownFrom(advisor.Short, "--connections")
	a := start(o, 80, 24)
	if got := a.session.habits.Connections; got.Value != advisor.Short {
		t.Errorf("the first: %+v", got)
	}
	for _, p := range a.places[1:] {
		if p.session.given.Connections.IsKnown() {
			t.Errorf("%s: nobody said so of it", p.session.context.Name)
		}
	}
	if !newPlace(o, Context{}, Source{}).session.given.Connections.IsKnown() {
		t.Error("what is no cluster of the kubeconfig has none of them")
	}
}

// TestMeasuredOutlivesARead: what was measured without a cluster, and the lab that it was
// measured in, are there once the cluster can be read, and so are its nodes.
func TestMeasuredOutlivesARead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := fiveContexts()
		f.cluster = &measuretest.Cluster{}
		d := drive(o).keys("down", "down", "down", "enter").passes(time.Second)
		had := d.probe
		f.read["old-lab"] = nil
		d.keys("R").passes(time.Second)
		if d.probe != had {
			t.Error("the Probe screen is another")
		}
		d.keys("4").wants(t, "Nodes of this cluster")
		d.leaves()
	})
}

// TestNothingToCopy: where no command gives the same answers none is offered.
func TestNothingToCopy(t *testing.T) {
	t.Parallel()
	o, _ := fiveContexts()
	o.Source.Command = ""
	a := start(o, 80, 24).seen(1).press("2")
	if a.keys().Copy.Enabled() {
		t.Error("a command without a program can be copied")
	}
}

// TestLateStart: a read that begins after everybody has turned away is ended.
func TestLateStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, f := fiveContexts()
		d := drive(o).passes(time.Second)
		d.start.point(d.places[4])
		d.draw()
		_, late := d.root.Update(keyPress("enter")) // staging, and its command waits
		d.keys("C", "up", "up", "enter").passes(time.Second)
		d.wants(t, "kpadvisor  lab")
		d.begin(late)
		d.passes(time.Second).wants(t, "kpadvisor  lab")
		if got := f.noted(&f.stopped); !slices.Contains(got, "staging") {
			t.Errorf("stopped %q", got)
		}
		d.leaves()
	})
}

// TestManyContexts: a thousand contexts take no longer for a key than their list on one
// screen, no more of them are read at once than few, and names may be anything.
func TestManyContexts(t *testing.T) {
	f := &fakeContexts{read: map[string]func(time.Duration) advisor.Reading{}}
	for i := range 1000 {
		name := fmt.Sprintf("%s %d", plaintest.Hostile+strings.Repeat("名", i%300), i)
		f.list = append(f.list, Context{Name: name, Address: hostile()})
		f.read[name] = silent
	}
	o := Options{Contexts: f, Offline: fakeOffline{}}
	o.deciders = deciders{fixedAdvice, fixedMove}
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		a := app{newRoot(t.Context(), o)}
		a.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		a.draw()
		if n := testing.AllocsPerRun(5, func() { a.act(keyPress("j")); a.draw() }); n > mostAllocations {
			t.Errorf("%v: %.0f allocations for a key", size, n)
		}
		screentest.NewChecker(t).Fits(t, "start", a.draw(), size[0], size[1], false)
		a.press("end", "pgup", "/").typed("999")
		a.wants(t, "Contexts with")
		if len(a.start.shown) != 1 {
			t.Errorf("%d contexts have 999", len(a.start.shown))
		}
		a.press("esc").act(keyPress("a"))
		reading := 0
		for _, p := range a.places {
			if p.reading() {
				reading++
			}
		}
		if reading != mostReads {
			t.Errorf("%d are read at once", reading)
		}
	}
}
