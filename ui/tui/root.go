package tui

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui/measure"
	"kpadvisor/ui/tui/screen"
)

// pullEvery is the pause between two looks at the survey.
const pullEvery = 200 * time.Millisecond

// tab is one of the four screens. It acts on keys and messages and returns text.
type tab interface {
	// update acts on a message of the screen's own types.
	update(msg tea.Msg) tea.Cmd
	// key acts on a key; k are the bindings that are enabled here, which are those that
	// the help shows.
	key(msg tea.KeyPressMsg, k keyMap) tea.Cmd
	// view fills the body of the frame: no line wider, no more lines than it.
	view(f frame) string
	// adapt enables the bindings that do something now.
	adapt(k *keyMap)
	// takes reports whether the key belongs to a field that is being typed into.
	takes(msg tea.KeyPressMsg) bool
}

// The screens, in the order of their tabs.
const (
	clusterTab = iota
	habitsTab
	adviceTab
	probeTab
)

type (
	readingMsg advisor.Reading // the survey, pulled
	copiedMsg  struct {        // the report as text for the clipboard
		text string
		err  error
	}
	gotoMsg int // a screen asks for another one
)

// root routes: it owns what belongs to no screen.
type root struct {
	opts    Options
	palette kit.Palette
	session *session
	screens [4]tab
	probe   *measure.Screen // one of them
	names   [4]string
	active  int
	w, h    int
	help    helpPage
	manual  kit.Pager
	notice  kit.Line // about the last save or copy, until the next key
}

// newRoot makes the model; what it starts ends with ctx.
func newRoot(ctx context.Context, o Options) *root {
	p := kit.NewPalette(o.Style)
	s := &session{
		voice: p.Voice, given: o.Habits, measured: o.Measured, answers: map[advisor.HabitID]string{},
		deciding: deciding{decide: advisor.DecideIn, moveTo: advisor.MoveToIn},
	}
	if o.Survey == nil {
		s.reading.Err = errNoCluster
	}
	s.refresh()
	probing := measure.New(ctx, o.tools(), p, weighing{s})
	return &root{
		opts: o, palette: p, session: s, probe: probing,
		names:   tabNames(p.Voice),
		screens: [4]tab{newCluster(ctx, o, p, s), newHabits(p, s), newAdvice(p, s), measuring{probing}},
	}
}

// Init implements [tea.Model].
func (m *root) Init() tea.Cmd {
	var ask tea.Cmd
	if m.opts.AskBackground {
		ask = tea.RequestBackgroundColor
	}
	if m.opts.Survey == nil {
		return ask
	}
	return tea.Batch(m.pull(), ask)
}

// pull looks at the survey now.
func (m *root) pull() tea.Cmd {
	return safely(func() tea.Msg { return readingMsg(m.opts.Survey.Reading()) })
}

// pullLater looks at the survey after a pause.
func (m *root) pullLater() tea.Cmd {
	return safely(tea.Tick(pullEvery, func(time.Time) tea.Msg { return readingMsg(m.opts.Survey.Reading()) }))
}

// Update implements [tea.Model]. It acts at once; deciding anew, where what it
// did asks for that, is a command.
func (m *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.act(msg)
	m.considers()
	return m, tea.Batch(cmd, m.session.next(), m.session.nextWhatIf())
}

// considers keeps what the Habits screen shows of an answer in step with its cursor.
func (m *root) considers() {
	if h, ok := m.screens[m.active].(*habitsScreen); ok {
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
	case readingMsg:
		m.session.reading = advisor.Reading(msg)
		m.session.refresh()
		if m.session.over() {
			return nil
		}
		return m.pullLater()
	case decidedMsg:
		m.session.decided(msg)
	case consideredMsg:
		m.session.considered(msg)
	case screen.SavedMsg:
		m.notice = m.saved(msg)
	case copiedMsg:
		return m.copied(msg)
	case gotoMsg:
		m.active = int(msg)
	case openedMsg:
		return m.screens[clusterTab].update(msg)
	case measure.Msg:
		return m.probe.Update(msg)
	case tea.PasteMsg:
		return m.screens[m.active].update(msg)
	case tea.KeyPressMsg:
		return m.key(msg)
	}
	return nil
}

// keys are the bindings as they are on the active screen.
func (m *root) keys() keyMap {
	k := screen.Common(m.palette.Voice)
	ready := !m.session.empty()
	k.Save.SetEnabled(ready && m.opts.Store != nil)
	k.Copy.SetEnabled(ready)
	m.screens[m.active].adapt(&k)
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
	case m.screens[m.active].takes(msg):
		return m.screens[m.active].key(msg, k)
	case key.Matches(msg, k.Quit):
		return tea.Quit
	case key.Matches(msg, k.Suspend):
		return tea.Suspend
	case key.Matches(msg, k.Help):
		m.help, m.manual = helpHere, kit.Pager{}
	case key.Matches(msg, k.Next):
		m.active = (m.active + 1) % len(m.screens)
	case key.Matches(msg, k.Previous):
		m.active = (m.active + len(m.screens) - 1) % len(m.screens)
	case key.Matches(msg, k.Screen):
		m.active = int(msg.String()[0] - '1')
	case key.Matches(msg, k.Save):
		return m.save()
	case key.Matches(msg, k.Copy):
		return m.copy()
	default:
		return m.screens[m.active].key(msg, k)
	}
	return nil
}

func (m *root) helpKey(msg tea.KeyPressMsg, k keyMap) tea.Cmd {
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

// save writes the report, or the run of the probe, to a file, away from the event loop.
func (m *root) save() tea.Cmd {
	if m.active == probeTab {
		return m.probe.Save()
	}
	doc, name := m.session.document(m.opts.Version), fileName(m.session.facts())
	store := m.opts.Store
	return safely(func() tea.Msg {
		path, err := store.SaveReport(doc, name)
		return screen.SavedMsg{Path: path, Err: err}
	})
}

// saved is the notice about a save.
func (m *root) saved(msg screen.SavedMsg) kit.Line {
	p := m.palette
	if msg.Err != nil {
		return kit.Line{p.As(kit.Bad, p.Voice.Text("Not saved: ")), p.Text(p.Voice.Said(msg.Err.Error()))}
	}
	l := kit.Line{p.As(kit.Good, p.Voice.Text("Saved: ")), p.Text(msg.Path)}
	if l.Width() > m.w-2 { // then without the folder, which is the one that we are in
		l[1] = p.Text(filepath.Base(msg.Path))
	}
	return l
}

// fileName is where a report of these facts goes, without what tells its faces apart:
// letters, digits and dashes of the name of the cluster, and the day of the reading.
func fileName(f advisor.Facts) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, plain.Text(f.Name))
	parts := []string{"kpadvisor"}
	if name = strings.Trim(name[:min(len(name), 40)], "-"); name != "" {
		parts = append(parts, name)
	}
	if !f.TakenAt.IsZero() {
		parts = append(parts, f.TakenAt.UTC().Format("20060102-1504"))
	}
	return strings.Join(parts, "-")
}

// clipboardLimit is what terminals accept in one OSC 52 sequence, before base64.
const clipboardLimit = 74994 / 4 * 3

// copy makes the report for the terminal's clipboard, away from the event loop. On the
// Habits screen it is the command that gives the same answers.
func (m *root) copy() tea.Cmd {
	if m.active == habitsTab {
		return m.copied(copiedMsg{text: m.session.commandLine(m.opts.Command)})
	}
	doc, v := m.session.document(m.opts.Version), m.palette.Voice
	return safely(func() tea.Msg {
		var b strings.Builder
		err := report.Markdown(&b, doc(v).Page())
		return copiedMsg{b.String(), err}
	})
}

// copied sends the report to the terminal's clipboard. Nobody can tell whether
// the terminal took it, so the notice names the way that always works.
func (m *root) copied(msg copiedMsg) tea.Cmd {
	p, v := m.palette, m.palette.Voice
	switch {
	case msg.err != nil:
		m.notice = kit.Line{p.As(kit.Bad, v.Text("Not copied: ")), p.Text(v.Said(msg.err.Error()))}
		return nil
	case len(msg.text) > clipboardLimit:
		m.notice = kit.Line{p.As(kit.Warn, v.Text("Too long for a clipboard: ")), p.Text(v.Sprintf("%s bytes; s saves a file", plain.Number(len(msg.text))))}
		return nil
	}
	m.notice = kit.Line{p.Strong(v.Text("Sent to the terminal's clipboard")), p.Text(v.Text(" (OSC 52). If nothing arrived: s saves a file"))}
	return tea.SetClipboard(msg.text)
}
