package tui

import (
	"context"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/ask"
	"kpadvisor/ui/tui/measure"
	"kpadvisor/ui/tui/screen"
)

// tab is one of the four screens. It acts on keys and messages and returns text.
type tab interface {
	// update acts on a message of the screen's own types.
	update(msg tea.Msg) tea.Cmd
	// key acts on a key; k are the bindings that are enabled here, which are those that
	// the help shows.
	key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd
	// view fills the body of the frame: no line wider, no more lines than it.
	view(f screen.Frame) string
	// adapt enables the bindings that do something now.
	adapt(k *screen.KeyMap)
	// takes reports whether the key belongs to a field that is being typed into.
	takes(msg tea.KeyPressMsg) bool
}

// The screens, in the order of their tabs.
const (
	clusterTab = iota
	habitsTab
	adviceTab
	probeTab
	startTab // none of them: what else there is to look at
)

type (
	copiedMsg struct { // text for the clipboard
		text string
		what string // of it the notice names; empty: it is the report
		err  error
	}
	gotoMsg int // a screen asks for another one
)

// root routes: it owns what belongs to no screen.
type root struct {
	ctx      context.Context // of the program
	opts     Options
	palette  kit.Palette
	*place            // what is looked at
	places   []*place // the contexts of the kubeconfig
	visited  []*place // all that were looked at, also without a cluster
	reads    *reads
	pulling  bool                                            // a look at what is being read is under way, or comes after a pause
	exec     func(tea.ExecCommand, tea.ExecCallback) tea.Cmd // tea.Exec
	start    *startScreen
	choosing bool // that is in front
	names    [4]string
	active   int
	w, h     int
	help     helpPage
	manual   kit.Pager
	notice   kit.Line // about what just happened, until the next key
}

// newRoot makes the model; what it starts ends with ctx.
func newRoot(ctx context.Context, o Options) *root {
	if o.decide == nil {
		o.deciders = deciders{advisor.DecideIn, advisor.MoveToIn}
	}
	m := &root{ctx: ctx, opts: o, palette: kit.NewPalette(o.Style), reads: &reads{}, exec: tea.Exec, names: tabNames(o.Style.Voice)}
	if o.Contexts != nil {
		for _, c := range o.Contexts.List() {
			if !c.Current {
				m.places = append(m.places, newPlace(o, c, Source{}))
				continue
			}
			m.place = newPlace(o, c, o.Source)
			m.places = append(m.places, m.place)
		}
	}
	if m.place == nil {
		m.place = newPlace(o, Context{}, o.Source)
	}
	if o.Survey == nil {
		m.session.reading.Err = errNoCluster
		m.session.refresh()
	}
	m.visit(m.place)
	m.choosing = len(m.places) > 1
	m.start = newStart(m)
	m.start.point(m.place)
	return m
}

// visit makes a place the one that is looked at.
func (m *root) visit(p *place) {
	m.place = p
	if p.probe == nil {
		m.visited = append(m.visited, p)
		p.furnish(m.ctx, m.opts, m.palette)
	}
}

// front is the screen that is shown: where there is nothing of a cluster to show it is
// what else there is to look at.
func (m *root) front() tab {
	if m.starting() {
		return m.start
	}
	return m.screens[m.active]
}

// starting reports whether that is shown.
func (m *root) starting() bool { return m.active == clusterTab && (m.choosing || m.session.lost()) }

// Init implements [tea.Model].
func (m *root) Init() tea.Cmd {
	var ask tea.Cmd
	if m.opts.AskBackground {
		ask = tea.RequestBackgroundColor
	}
	return tea.Batch(m.pull(0), m.session.recall(m.ctx), ask)
}

// Update implements [tea.Model]. It acts at once; deciding anew, where what it
// did asks for that, is a command.
func (m *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.act(msg)
	m.considers()
	return m, tea.Batch(cmd, m.session.next(), m.session.nextWhatIf(), m.session.nextWrite(), m.ponder())
}

// ponder decides on a cluster that was read and is not looked at, one at a time: the list
// says how much there is to do.
func (m *root) ponder() tea.Cmd {
	for _, p := range m.places {
		if p != m.place && p.session.running {
			return nil
		}
	}
	for _, p := range m.places {
		if p != m.place && p.known() && !p.session.memory.waits() {
			if cmd := p.session.next(); cmd != nil {
				return cmd
			}
		}
	}
	return nil
}

// considers keeps what the Habits screen shows of an answer in step with its cursor.
func (m *root) considers() {
	if h, ok := m.front().(*habitsScreen); ok {
		m.session.consider(h.pointed())
		return
	}
	m.session.consider("", "")
}

func (m *root) act(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		first := m.w == 0
		m.w, m.h = msg.Width, msg.Height
		if first {
			return nil
		}
		return tea.ClearScreen
	case tea.BackgroundColorMsg:
		style := m.opts.Style
		style.Dark = msg.IsDark()
		m.palette.Turn(style)
	case lookedMsg:
		return m.looked(msg)
	case startedMsg:
		return m.started(msg)
	case signedMsg:
		return m.signedIn(msg)
	case decidedMsg:
		msg.of.decided(msg)
	case consideredMsg:
		msg.of.considered(msg)
	case keptMsg:
		msg.of.recalled(msg)
		m.tell(msg.err)
		m.remind(msg.of)
	case writtenMsg:
		msg.of.wrote(msg)
		m.tell(msg.err)
	case screen.SavedMsg:
		m.notice = m.saved(msg)
	case copiedMsg:
		return m.copied(msg)
	case gotoMsg:
		m.goTo(int(msg))
	case openedMsg:
		return m.start.update(msg)
	case measure.Msg:
		return m.probe.Update(msg)
	case ask.Msg:
		return msg.Of().Update(msg)
	case ask.CopyMsg:
		return m.copied(copiedMsg{text: string(msg), what: string(msg)})
	case tea.PasteMsg:
		return m.front().update(msg)
	case tea.MouseClickMsg:
		return m.click(msg)
	case tea.MouseWheelMsg:
		return m.wheel(msg)
	case tea.KeyPressMsg:
		return m.key(msg)
	}
	return nil
}

// goTo goes to a screen.
func (m *root) goTo(to int) {
	if m.active, m.choosing = to, to == startTab; m.choosing {
		m.active = clusterTab
		m.start.point(m.place)
	}
}

// chooses reports whether there is anything else to look at.
func (m *root) chooses() bool { return len(m.places) > 1 || m.opts.Offline != nil }

// remind says that answers of earlier runs decide on what is looked at.
func (m *root) remind(of *session) {
	if v := m.palette.Voice; of == m.session && of.earlier() {
		m.note(kit.Warn, v.Text("Answers of earlier runs are in force: "), v.Text("2 Habits shows them"))
	}
}

// tell says what went wrong with what is kept.
func (m *root) tell(err error) {
	if err != nil {
		m.notice = notKept(m.palette, err)
	}
}

// keys are the bindings as they are on the active screen.
func (m *root) keys() screen.KeyMap {
	k := screen.Common(m.palette.Voice)
	ready := !m.session.empty()
	k.Save.SetEnabled(ready && m.opts.Store != nil)
	k.Copy.SetEnabled(ready && (m.active != habitsTab || m.source.Command != "")) // there it copies the command
	k.Contexts.SetEnabled(m.chooses() && !m.starting())
	k.Again.SetEnabled((m.active == clusterTab || m.active == adviceTab) && m.renewable(m.place) && m.known() && m.again.turn == 0)
	m.front().adapt(&k)
	return k
}

func (m *root) key(msg tea.KeyPressMsg) tea.Cmd {
	k := m.keys()
	m.notice = nil
	switch {
	case msg.String() == "ctrl+c":
		return tea.Quit
	case m.help != noHelp:
		return m.helpKey(msg, k)
	case m.front().takes(msg):
		return m.front().key(msg, k)
	case key.Matches(msg, k.Quit):
		return tea.Quit
	case key.Matches(msg, k.Suspend):
		return tea.Suspend
	case key.Matches(msg, k.Help):
		m.help, m.manual = helpHere, kit.Pager{}
	case key.Matches(msg, k.Next):
		m.goTo((m.active + 1) % len(m.screens))
	case key.Matches(msg, k.Previous):
		m.goTo((m.active + len(m.screens) - 1) % len(m.screens))
	case key.Matches(msg, k.Screen):
		m.goTo(int(msg.String()[0] - '1'))
	case key.Matches(msg, k.Contexts):
		m.goTo(startTab)
	case key.Matches(msg, k.Again) && !m.starting():
		return m.renew(m.place)
	case key.Matches(msg, k.Save):
		return m.save()
	case key.Matches(msg, k.Copy):
		return m.copy()
	default:
		return m.front().key(msg, k)
	}
	return nil
}

func (m *root) helpKey(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	switch {
	case key.Matches(msg, k.Quit):
		return tea.Quit
	case m.manual.Update(msg, k.PagerKeys):
	case key.Matches(msg, k.Help) && m.help == helpHere:
		m.help, m.manual = helpAll, kit.Pager{}
	default:
		m.help = noHelp // any other key: nobody should have to look for the way out of a help text
	}
	return nil
}

// leave ends all that was begun, waits for it, and returns what the user leaves with.
func (m *root) leave(cancel context.CancelFunc) Result {
	var runs []probe.Result
	var drills []lab.DrillResult
	for _, p := range m.visited {
		p.asks.Leave()
		run, drill := p.probe.Leave()
		if run != nil {
			runs = append(runs, *run)
		}
		if drill != nil {
			drills = append(drills, *drill)
		}
	}
	cancel()
	m.reads.stop()
	if first := m.opts.Survey; first != nil {
		first.Stop()
	}
	out := m.session.result(m.source.Command)
	out.Survey, out.Probes, out.Drills = m.source.Survey, runs, drills
	for _, p := range m.visited {
		if err := p.session.flush(); err != nil {
			out.NotKept = err
		}
	}
	return out
}
