package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/tui/ask/asktest"
)

// unseen is a cluster of which nobody sees the mode, as on UK8S.
func unseen() advisor.Facts {
	f := mixedFacts()
	g := f.Groups[0]
	g.Nodes, g.NodeNames, g.Members = 3, []string{"node-1", "node-2", "node-3"}, []string{"node-1", "node-2", "node-3"}
	g.Proxy.Mode, g.Proxy.Evidence = advisor.Fact[advisor.Mode]{}, nil
	f.Groups, f.Nodes = []advisor.NodeGroup{g}, advisor.KnownFrom(3, "test")
	return f
}

// told is what a node says.
func told(node string, mode advisor.Mode) advisor.NodeReport {
	return advisor.NodeReport{
		Node: node, Whole: true, Mode: advisor.KnownFrom(mode, "kube-proxy"), Version: advisor.KnownFrom("v1.33.4", "kube-proxy"),
		Habits: []advisor.NodeHabits{{Method: advisor.ByConntrack, Over: time.Minute}},
	}
}

// asked are options over a cluster that can be asked.
func asked(f advisor.Facts, a *asktest.Asker) Options {
	o := done(f)
	o.Store, o.Asker = fakeStore{}, a
	return o
}

func threeNodes() *asktest.Asker {
	return &asktest.Asker{
		Reports: []advisor.NodeReport{told("node-1", advisor.IPVS), told("node-2", advisor.IPVS), told("elsewhere", advisor.NFTables)},
		Said:    []string{"node-3 was not asked: it did not answer in time."},
	}
}

// askStates are the page that asks nodes as a user reaches it.
func askStates() map[string]func(o Options, w, h int) app {
	of := func(a func() *asktest.Asker, keys ...string) func(o Options, w, h int) app {
		return func(o Options, w, h int) app {
			with := asked(unseen(), a())
			with.Style = o.Style
			return start(with, w, h).read().press(append([]string{"i"}, keys...)...)
		}
	}
	held := func() *asktest.Asker { a := threeNodes(); a.Hold = make(chan struct{}); return a }
	denied := func() *asktest.Asker {
		a := threeNodes()
		a.Denied = "create pods/portforward in kube-system."
		return a
	}
	return map[string]func(o Options, w, h int) app{
		"ask": of(threeNodes), "ask-forward": of(threeNodes, "G"), "ask-file": of(threeNodes, "down", "down", "enter"),
		"ask-file-invalid": of(threeNodes, "down", "down", "enter", "x", "ctrl+s"), "ask-pods": of(threeNodes, "G", "enter"),
		"ask-review": of(threeNodes, "G", "enter", "x", "ctrl+s"), "ask-denied": of(denied, "down", "down", "down", "enter", "enter"),
		"ask-running": of(held, "G", "enter", "x", "ctrl+s", "Y"), "ask-answer": askAnswer,
	}
}

// askAnswer is what came back in a file.
func askAnswer(o Options, w, h int) app {
	with := asked(unseen(), threeNodes())
	with.Style = o.Style
	return start(with, w, h).read().press("i", "down", "down", "enter").typed("node-1.txt").press("ctrl+s")
}

// asks drives a cluster that nobody sees, over the rules as they are.
func asks(a *asktest.Asker) *driven {
	o := asked(unseen(), a)
	m := newRoot(context.Background(), o)
	d := &driven{app{m}, make(chan tea.Msg, 1<<12)}
	d.begin(m.Init())
	d.happens(tea.WindowSizeMsg{Width: 100, Height: 40})
	return d.passes(time.Second)
}

// TestAskNodes: on a cluster that does not show its mode the verdict goes from "cannot
// tell" to what nodes say, in the background, and an answer of the user stays.
func TestAskNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := threeNodes()
		f.Hold = make(chan struct{})
		d := asks(f)
		if d.session.advice.Action != advisor.CannotTell {
			t.Fatalf("before anybody was asked: %s", d.session.advice.Headline)
		}
		d.keys("2", "down", "enter", "shift+tab", "i", "down", "down", "down", "enter", "right", "ctrl+s").passes(time.Second)
		d.wants(t, "Nothing was asked yet.", "create pods/portforward in kube-system", "Y ask")
		if f.Begun() != 0 {
			t.Fatal("nodes were asked unasked")
		}
		d.keys("Y").passes(time.Second).wants(t, "asking  0 of 3 nodes", "waiting for the pods to start", "0:0")
		d.keys("3").wants(t, "Nodes are being asked: 1 Cluster, i shows and stops it")
		close(f.Hold)
		d.passes(time.Second).wants(t, "Nodes were asked: 2 reports are in force")
		if got := d.session.advice; got.Action == advisor.CannotTell || !strings.Contains(d.text(), "IPVS") {
			t.Errorf("asked, and still: %s", got.Headline)
		}
		if got := d.session.answers[advisor.HabitConnections]; got == "" {
			t.Error("an answer is lost")
		}
		d.keys("1").wants(t, "2 reports are in force.", "node-1", "IPVS, as kube-proxy itself says", "connections, measured for 1m0s",
			"! node-3 was not asked", "elsewhere", "is not used", "The advice now:", "The same again: --port-forward")
		d.keys("3")
		if strings.Contains(d.text(), "Nodes were asked") {
			t.Error("what was seen is news")
		}
		if r := d.leaves(); !strings.Contains(r.Command, "--port-forward") && r.Command != "" || len(r.Reports) != 3 {
			t.Errorf("left with %q and %d reports", r.Command, len(r.Reports))
		}
		for i, want := range f.Requests() {
			if i > 0 || want.Group.Nodes != 3 || want.Scope != 1 {
				t.Errorf("asked for %+v", want)
			}
		}
	})
}

// TestAskStays: what nodes said stays when the cluster is read again.
func TestAskStays(t *testing.T) {
	t.Parallel()
	a := askAnswer(Options{}, 80, 24)
	a.wants(t, "2 reports are in force.")
	if m, known := a.session.facts().Groups[0].Proxy.Mode.Get(); !known || m != advisor.IPVS {
		t.Fatalf("%+v", a.session.facts().Groups)
	}
	a.sees(advisor.Reading{Facts: unseen(), Done: true})
	if m, known := a.session.facts().Groups[0].Proxy.Mode.Get(); !known || m != advisor.IPVS || !a.asks.Shown() {
		t.Errorf("read again, and lost: %+v", a.session.facts().Groups[0].Proxy.Mode)
	}
	if len(a.session.reports) != 3 {
		t.Errorf("%d reports", len(a.session.reports))
	}
	a.press("esc").press("down", "down", "enter", "ctrl+s") // the same file once more
	if len(a.session.reports) != 3 {
		t.Errorf("of one node there are two: %d reports", len(a.session.reports))
	}
}

// TestAskEnds: an asking that is stopped, fails, breaks or is left behind ends, and says
// so; what it made in the cluster is waited for.
func TestAskEnds(t *testing.T) {
	t.Parallel()
	pods := []string{"i", "G", "enter", "x", "ctrl+s"}
	for name, c := range map[string]struct {
		of   func() *asktest.Asker
		keys []string
		want string
	}{
		"stopped": {func() *asktest.Asker { return &asktest.Asker{Hold: make(chan struct{})} }, []string{"enter"}, "Stopped."},
		"failed":  {func() *asktest.Asker { return &asktest.Asker{Fails: errors.New("no pod could be made")} }, nil, "It failed: no pod could be made"},
		"broken":  {func() *asktest.Asker { return &asktest.Asker{Panics: true} }, nil, "It failed: a defect in kpadvisor: asked too much"},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := c.of()
			d := asks(f)
			d.keys(pods...).passes(time.Second).keys("Y").passes(time.Second).keys(c.keys...).passes(time.Second)
			d.wants(t, c.want)
			if f.Begun() != 1 || f.Ended() != 1 {
				t.Errorf("%s: %d begun, %d ended", name, f.Begun(), f.Ended())
			}
			d.leaves()
		})
	}
	synctest.Test(t, func(t *testing.T) {
		f := &asktest.Asker{Hold: make(chan struct{})}
		d := asks(f)
		d.keys(pods...).passes(time.Second).keys("Y").passes(time.Second)
		d.leaves()
		if f.Ended() != 1 || !slices.Contains(f.Left(), "Removing what was created in the cluster…") {
			t.Errorf("left behind: %d ended, %q", f.Ended(), f.Left())
		}
	})
}

// TestAskCopies: a command is sent to the clipboard as it is.
func TestAskCopies(t *testing.T) {
	t.Parallel()
	o := asked(unseen(), threeNodes())
	a := start(o, 80, 24).read().press("i")
	_, cmd := a.Update(keyPress("y"))
	if _, cmd = a.Update(cmd()); cmd == nil || !strings.Contains(a.draw(), "kpadvisor node-script | ssh root@node-1 sh > node-1.txt") {
		t.Errorf("nothing is copied:\n%s", a.text())
	}
}

// TestAskByMouse: a click points at a way, and another one opens it.
func TestAskByMouse(t *testing.T) {
	t.Parallel()
	a := start(asked(unseen(), threeNodes()), 80, 24).read().press("i")
	lines := strings.Split(a.text(), "\n")
	y := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "A Prometheus server") })
	click := func() { a.draw(); a.Update(tea.MouseClickMsg{X: 10, Y: y, Button: tea.MouseLeft}) }
	click()
	if !strings.Contains(strings.Split(a.text(), "\n")[y], "▸") {
		t.Fatalf("it is not pointed at:\n%s", a.text())
	}
	click()
	a.wants(t, "Label matchers")
	a.Update(tea.PasteMsg{Content: "https://prometheus.example"})
	a.wants(t, "https://prometheus.example")
}

// TestAskedNowhere: where nobody can be asked the key is not offered.
func TestAskedNowhere(t *testing.T) {
	t.Parallel()
	if a := start(done(unseen()), 80, 24).read(); a.keys().Ask.Enabled() {
		t.Error("nobody is asked by nothing")
	}
}

// TestAskInChinese: the page says all that it says in Chinese.
func TestAskInChinese(t *testing.T) {
	t.Parallel()
	for name, state := range askStates() {
		a := state(inChinese(), 120, 40)
		for _, english := range []string{"Ask a node", "Takes", "Creates", "nothing", "one of this group", "asking", "in force", "Nothing"} {
			if strings.Contains(a.text(), english) {
				t.Errorf("%s: %q is left", name, english)
			}
		}
	}
	if say.In(say.Chinese).Text("Ask a node of this group") == "Ask a node of this group" {
		t.Error("the title has no Chinese")
	}
}
