package measure

import (
	"context"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen"
	"kpadvisor/ui/tui/screen/screentest"
)

// options are what a screen is made with in a test.
type options struct {
	tools.Tools
	style kit.Style
	facts advisor.Facts
}

// with is a screen on a cluster, with everything to measure with and that run.
func with(f *measuretest.Prober) options {
	return options{Tools: measuretest.Everything(f), facts: facts()}
}

// in is the same in another style.
func (o options) in(s kit.Style) options {
	o.style = s
	return o
}

// facts are those of a cluster of which it is known what kube-proxy holds.
func facts() advisor.Facts {
	f := screentest.Facts()
	c, _ := f.Services.Get()
	f.Load = advisor.KnownFrom(advisor.Load{Family: "IPv4", Ports: c.Ports, Endpoints: 5 * c.Ports}, "test")
	return f
}

// beside is what stands beside the screen: it takes all that is measured.
type beside struct {
	facts       advisor.Facts
	comparisons []advisor.Comparison
	drills      []advisor.Drill
}

func (b *beside) Facts() advisor.Facts { return b.facts }

func (b *beside) Weigh(found []advisor.Comparison) string {
	b.comparisons = append(b.comparisons, found...)
	return "3 Advice takes this in."
}

func (b *beside) WeighDrill(d advisor.Drill) string {
	b.drills = append(b.drills, d)
	return "3 Advice takes this in."
}

// app is the screen with what is around it, driven by hand.
type app struct{ *around }

type around struct {
	*Screen
	beside *beside
	w, h   int
	ascii  bool
	notice string
}

// tabs is the room for the names of the screens.
const tabs = 38

func start(o options, w, h int) app {
	b := &beside{facts: o.facts}
	return app{&around{Screen: New(context.Background(), o.Tools, kit.NewPalette(o.style), b), beside: b, w: w, h: h, ascii: o.style.ASCII}}
}

func (a app) keys() screen.KeyMap {
	k := screen.Common(a.palette.Voice)
	a.Adapt(&k)
	return k
}

// Update acts on a message as the program around it would.
func (a app) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
	case screen.SavedMsg:
		a.notice = "Saved: " + msg.Path
	case tea.KeyPressMsg:
		k := a.keys()
		a.notice = ""
		switch {
		case a.Takes():
			return a.Key(msg, k)
		case key.Matches(msg, k.Quit), key.Matches(msg, k.Help), key.Matches(msg, k.Next), key.Matches(msg, k.Previous), key.Matches(msg, k.Screen), key.Matches(msg, k.Suspend):
			return nil
		case key.Matches(msg, k.Save):
			return a.Save()
		}
		return a.Key(msg, k)
	default:
		return a.Screen.Update(msg)
	}
	return nil
}

// draw is the body of the frame, what was saved, and the keys.
func (a app) draw() string {
	f := screen.Layout(a.w, a.h, tabs)
	if f.Small {
		return ""
	}
	rows := strings.Split(a.View(f), "\n")
	rows = append(rows, make([]string, max(f.Body.H-len(rows), 0))...)
	rows = append(rows, a.palette.Paint([]kit.Line{{a.palette.Text(a.notice)}}, f.Status.W), a.palette.Paint([]kit.Line{a.palette.Usage(a.keys().ShortHelp(), f.Usage.W)}, f.Usage.W))
	return " " + strings.Join(rows, "\n ")
}

func (a app) text() string { return ansi.Strip(a.draw()) }

func (a app) wants(t *testing.T, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(a.text(), p) {
			t.Errorf("no %q on the screen:\n%s", p, a.text())
		}
	}
}

// press sends keys by name, and runs what they start to its end.
func (a app) press(keys ...string) app {
	for _, k := range keys {
		a.draw() // nobody presses a key on a screen that was not shown
		a.do(a.Update(screentest.Press(k)))
	}
	return a
}

func (a app) do(cmd tea.Cmd) {
	for cmd != nil {
		msg := cmd()
		switch msg.(type) {
		case nil, tea.BatchMsg: // a batch is a run of the probe: it goes on until it is told to end
			return
		}
		cmd = a.Update(msg)
	}
}

// typed presses the keys of a text.
func (a app) typed(text string) app {
	for _, r := range text {
		if r == ' ' {
			a.press("space")
			continue
		}
		a.press(string(r))
	}
	return a
}

// plan types two targets into the form and leaves it.
func (a app) plan(addresses ...string) app {
	if a.press("j", "enter"); a.pane() == "plan" {
		a.press("enter")
	}
	for _, address := range addresses {
		a.typed(address).press("enter")
	}
	for range pairFields(say.Voice{}) {
		if a.pane() == "edit" {
			a.press("enter")
		}
	}
	return a
}

// begin starts the run and runs none of its commands: the test looks for itself.
func (a app) begin() app {
	a.Update(screentest.Press("enter"))
	return a
}

// look takes one look at the run.
func (a app) look() app {
	a.Update(a.run.trial.look())
	return a
}

// end waits for the run and tells the screen.
func (a app) end() app {
	<-a.run.trial.ended
	a.Update(endedMsg{a.run.trial})
	return a
}

// lookAtDrill takes one look at the drill.
func (a app) lookAtDrill() app {
	t := a.drill.trial
	a.Update(drillMsg{trial: t, state: t.state()})
	return a
}

// endDrill waits for the drill and tells the screen.
func (a app) endDrill() app {
	t := a.drill.trial
	<-t.ended
	a.Update(drillMsg{t, t.state(), true})
	return a
}

// pane names the pane that is shown.
func (a app) pane() string {
	switch a.shown.(type) {
	case *pickPane:
		return "pick"
	case *planPane:
		return "plan"
	case editPane:
		return "edit"
	case *catalogue:
		return "catalogue"
	case *reviewPane:
		return "review"
	case *runPane:
		return "run"
	case *drillPane:
		return "drill"
	}
	return "unknown"
}

// subject is the one whose form is shown, or nil.
func (a app) subject() subject {
	switch p := a.shown.(type) {
	case *planPane:
		return p.subject
	case editPane:
		return p.subject
	}
	return nil
}

// pair is the subject of two addresses.
func (a app) pair() *pair {
	for _, o := range a.subjects {
		if p, ok := o.(*pair); ok {
			return p
		}
	}
	return &pair{}
}
