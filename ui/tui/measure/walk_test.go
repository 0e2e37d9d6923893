package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen"
	"kpadvisor/ui/tui/screen/screentest"
)

// walks of so many steps meet every fault that they were written for, each in
// several of them.
const (
	walks     = 10
	walkSteps = 300
)

// TestProbeWalk presses keys at random on the pages of the Probe screen, over runs
// that take their time. Whatever was pressed before: nothing breaks, the page of a
// run says what kind of run it is, "again" begins what is shown and nothing else, esc
// leads to its form, and a key that the footer names does something.
func TestProbeWalk(t *testing.T) {
	t.Parallel()
	for seed := range uint64(walks) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newWalk(t, seed).walk() })
		})
	}
}

// walk is a user without a plan, and what really happened: what was begun is known
// from those who were asked to begin it, not from the screen.
type walk struct {
	app
	t       *testing.T
	checker screentest.Checker
	cancel  context.CancelFunc
	seed    uint64
	dice    *rand.Rand
	msgs    chan tea.Msg
	keys    []string // pressed so far, and what happened besides

	mu    sync.Mutex
	begun []begun
	asked string // the last request for nodes
	ends  []chan struct{}
}

// begun is a run that somebody was asked to begin: its kind and everything in it.
type begun struct{ kind, what string }

func newWalk(t *testing.T, seed uint64) *walk {
	ctx, cancel := context.WithCancel(t.Context())
	w := &walk{t: t, checker: screentest.NewChecker(t), cancel: cancel, seed: seed, dice: rand.New(rand.NewPCG(seed, 14)), msgs: make(chan tea.Msg, 1<<16)}
	w.app = start(w.options(), 80, 24)
	w.ctx = ctx
	return w
}

func (w *walk) walk() {
	defer func() {
		v := recover()
		if v != nil || w.t.Failed() {
			w.t.Logf("seed %d: %s", w.seed, strings.Join(w.keys[max(0, len(w.keys)-80):], " "))
		}
		if v != nil {
			panic(v)
		}
	}()
	for n := 0; n < walkSteps && !w.t.Failed(); n++ {
		w.step()
	}
	w.Leave()
	w.cancel()
	time.Sleep(time.Second) // looks that are under way
}

// options have every subject, and note what they are asked to begin.
func (w *walk) options() options {
	o := with(&measuretest.Prober{})
	measuretest.EngineOf(&o.Tools).Prepares = func(plan probe.Plan, targets ...probe.Target) (tools.Prober, error) {
		if _, err := probe.NewRunner(plan, targets...); err != nil {
			return nil, err
		}
		w.note("Addresses", plan, targets)
		return w.prober(), nil
	}
	measuretest.BenchOf(&o.Tools).Starts = func(ctx context.Context, lo lab.Options) (tools.Lab, error) {
		w.note("Lab", lo)
		f := &measuretest.Lab{Hold: w.hold()}
		_, err := f.Begin(ctx, lo)
		return notedLab{f, w, lo}, err
	}
	measuretest.ClusterOf(&o.Tools).Decides = func(ctx context.Context, r tools.NodesRequest) (tools.NodesPlan, error) {
		w.mu.Lock()
		w.asked = fmt.Sprintf("%+v", []any{r})
		w.mu.Unlock()
		plan, err := (&measuretest.Nodes{}).Decide(ctx, r)
		plan.Begin = func() (tools.Prober, error) {
			w.note("Nodes", r)
			return w.prober(), nil
		}
		return plan, err
	}
	measuretest.BenchOf(&o.Tools).Drills = func(ctx context.Context, do lab.DrillOptions) (tools.Drill, error) {
		w.note("Drill", do)
		return (&measuretest.Drill{Hold: w.hold()}).Begin(ctx, do)
	}
	return o
}

// notedLab notes what it is resized to.
type notedLab struct {
	*measuretest.Lab
	walk    *walk
	options lab.Options
}

func (l notedLab) Resize(services int) error {
	l.options.Shape.Services = services
	l.walk.note("Lab", l.options)
	return l.Lab.Resize(services)
}

func (w *walk) prober() *measuretest.Prober {
	r := measuretest.RunOf(43e3, 31e3, 14)
	return &measuretest.Prober{Shows: measuretest.Live(r), Result: r, Hold: w.hold()}
}

func (w *walk) note(kind string, what ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun = append(w.begun, begun{kind, fmt.Sprintf("%+v", what)})
}

// hold is something that lasts until the walk ends it.
func (w *walk) hold() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan struct{})
	w.ends = append(w.ends, c)
	return c
}

// end lets everything that was begun end by itself.
func (w *walk) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.ends {
		close(c)
	}
	w.ends = nil
}

// shown is what was begun of the run or the drill that is looked at.
func (w *walk) shown() begun {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range slices.Backward(w.begun) {
		if w.pane() == "drill" == (b.kind == "Drill") {
			return b
		}
	}
	return begun{}
}

func (w *walk) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.begun)
}

// chances are what anybody may press anywhere, and what forms take.
func chances() []string {
	return append(strings.Fields("enter enter enter enter esc esc esc space t t a v f p c m + - 0 [ ] < > Y s y r e o x h l k j j g G up down down left right pgup pgdown "+
		"home end tab shift+tab 4 4 4 4 1 ? backspace ctrl+u ctrl+u 7 0 ,"),
		"type uml", "type moon", "type ipvs", "type cluster", "type 10.96.0.10:80", "type registry/kpadvisor:1", "type 30s", "type -1", "type 9223372036854775808")
}

// step does one thing, and looks.
func (w *walk) step() {
	switch n := w.dice.IntN(100); {
	case n < 3:
		w.happens("<resize>", tea.WindowSizeMsg{Width: 60 + w.dice.IntN(150), Height: 20 + w.dice.IntN(50)})
	case n < 5:
		w.happens("<paste>", tea.PasteMsg{Content: "10.96.0.10:80\n\x1b[31m"})
	case n < 12:
		w.end()
		w.happens("<ends>")
	case n < 20:
		time.Sleep(time.Duration(w.dice.IntN(400)) * time.Millisecond)
		w.happens("<pause>")
	case n < 65:
		w.named()
	default:
		all := chances()
		w.pressed(all[w.dice.IntN(len(all))])
	}
	w.checker.Fits(w.t, "walk", w.draw(), w.w, w.h, false)
	w.looks()
}

// happens tells the model, and waits until nothing more comes of it.
func (w *walk) happens(what string, msgs ...tea.Msg) {
	w.keys = append(w.keys, what)
	for _, m := range msgs {
		w.send(m)
	}
	for {
		synctest.Wait()
		select {
		case m := <-w.msgs:
			w.send(m)
		default:
			return
		}
	}
}

// send gives the model a message, and reports whether that set anything going.
func (w *walk) send(msg tea.Msg) bool {
	cmd := w.Update(msg)
	w.begin(cmd)
	return cmd != nil
}

func (w *walk) begin(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch m := cmd().(type) {
		case tea.BatchMsg:
			for _, c := range m {
				w.begin(c)
			}
		case Msg, screen.SavedMsg, screen.DefectMsg:
			w.msgs <- m
		}
	}()
}

// named presses a key that the footer names, and wants it to do something.
func (w *walk) named() {
	var names []string
	for _, b := range w.app.keys().ShortHelp() {
		leaves := len(b.Keys()) == 0 || (b.Keys()[0] == "tab" || b.Keys()[0] == "?") && !w.Takes()
		if b.Enabled() && !leaves && !key.Matches(screentest.Press("ctrl+c"), b) {
			names = append(names, b.Keys()[0])
		}
	}
	if len(names) == 0 {
		names = []string{"esc"}
	}
	name := names[w.dice.IntN(len(names))]
	before, page, n, focus := w.draw(), w.pane(), w.count(), w.focus()
	refused := strings.Contains(before, "Not accepted") // and is refused again
	if !w.pressed(name) && !refused && w.draw() == before && w.pane() == page && w.count() == n && w.focus() == focus {
		w.t.Errorf("the footer names %s, which does nothing:\n%s", name, before)
	}
}

// focus is the field that is typed into; on a small screen it may not be in view.
func (w *walk) focus() int {
	if w.pane() != "edit" {
		return -1
	}
	return w.subject().form().At
}

// pressed presses a key, or types, and reports whether anything was set going. Where
// the key means something for a run, it judges what came of it.
func (w *walk) pressed(name string) bool {
	k := w.app.keys()
	onRun := w.pane() == "run" || w.pane() == "drill"
	again := onRun && (name == "enter" || name == "space") && k.Choose.Enabled() && k.Choose.Help().Desc == "again"
	shown, n := w.shown(), w.count()
	var going bool
	if text, ok := strings.CutPrefix(name, "type "); ok {
		for _, r := range text {
			going = w.send(screentest.Press(string(r))) || going
		}
	} else {
		going = w.send(screentest.Press(name))
	}
	w.happens(name)
	switch {
	case again && shown.kind == "Nodes":
		if w.asked != shown.what || w.pane() != "plan" {
			w.t.Errorf("again: nodes were asked for as %s, shown is %s", w.asked, shown.what)
		}
	case again:
		if w.count() != n+1 || w.shown() != shown {
			w.t.Errorf("again: %d begun, the last %+v; shown was %+v", w.count()-n, w.shown(), shown)
		}
	case onRun && name == "esc":
		if got := kindOf(w.subject()); w.pane() != "plan" || got != shown.kind {
			w.t.Errorf("esc leads from a run of %s to the form of %s", shown.kind, got)
		}
	}
	return going
}

// kindOf is the kind of run that a form is for.
func kindOf(s subject) string {
	switch s.(type) {
	case *pair:
		return "Addresses"
	case *bench:
		return "Lab"
	case *nodes:
		return "Nodes"
	case *drilling:
		return "Drill"
	}
	return ""
}

// looks judges what is on the screen.
func (w *walk) looks() {
	shown := w.shown()
	if w.w < 60 || w.h < 24 {
		return
	}
	top := w.run.watch.pager.Top
	named := strings.Contains(w.text(), shown.kind+": ")
	if w.pane() == "drill" {
		top = w.drill.pager.Top
		named = named || strings.Contains(w.text(), "The drill failed")
	}
	switch w.pane() {
	case "run", "drill":
		if top == 0 && !named {
			w.t.Errorf("the page of a run of %s does not say so:\n%s", shown.kind, w.text())
		}
	}
	if w.inCluster() != (w.run.running() && w.ran().kind == "Nodes") {
		w.t.Errorf("inCluster is %v of a run of %s", w.inCluster(), w.ran().kind)
	}
}

// ran is the last run that was no drill.
func (w *walk) ran() begun {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range slices.Backward(w.begun) {
		if b.kind != "Drill" {
			return b
		}
	}
	return begun{}
}
