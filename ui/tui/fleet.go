package tui

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// The fleet are the places that the kubeconfig names. Only one of them is read unasked;
// each look at what is being read looks at all of that.

// pullEvery is the pause between two looks at the surveys.
const pullEvery = 200 * time.Millisecond

// mostReads is how many clusters are read at once when all were asked for: each holds
// pages of objects, and this machine is somebody's.
const mostReads = 4

// reads are all surveys that were begun here: when the screens are left none goes on.
type reads struct {
	mu    sync.Mutex
	all   []Survey
	ended bool
}

// start begins a survey, and remembers it. After the end there is none.
func (r *reads) start(ctx context.Context, c Connection) Source {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return Source{}
	}
	s := c.Start(ctx)
	r.all = append(r.all, s.Survey)
	return s
}

// stop ends all of them and waits for that.
func (r *reads) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	for _, s := range r.all {
		s.Stop()
	}
}

type (
	look struct { // at one survey
		of      *place
		turn    int
		reading advisor.Reading
		at      time.Time
	}
	lookedMsg  []look
	startedMsg struct { // a survey has begun
		of     *place
		turn   int
		source Source
	}
	signedMsg struct { // plugins have asked their questions
		of   []*place
		ways []Connection
	}
	stoppedMsg struct{}
)

// everywhere are the places of the kubeconfig, and the one that is looked at.
func (m *root) everywhere() []*place {
	if slices.Contains(m.places, m.place) {
		return m.places
	}
	return append([]*place{m.place}, m.places...)
}

// pull looks at the surveys that have not ended; nil where there are none, or somebody
// looks already.
func (m *root) pull(after time.Duration) tea.Cmd {
	type survey struct {
		Survey
		look look
	}
	var all []survey
	for _, p := range m.everywhere() {
		if s := p.source.Survey; s != nil && !p.session.over() {
			all = append(all, survey{s, look{of: p, turn: p.turn}})
		}
		if s := p.again.source.Survey; s != nil {
			all = append(all, survey{s, look{of: p, turn: p.again.turn}})
		}
	}
	if m.pulling || len(all) == 0 {
		return nil
	}
	m.pulling = true
	read := func(at time.Time) tea.Msg {
		var out lookedMsg
		for _, s := range all {
			s.look.reading, s.look.at = s.Reading(), at
			out = append(out, s.look)
		}
		return out
	}
	if after == 0 {
		return screen.Safely(func() tea.Msg { return read(time.Now()) })
	}
	return screen.Safely(tea.Tick(after, read))
}

// looked takes what was seen. The next look comes after a pause, until all is over.
func (m *root) looked(all lookedMsg) tea.Cmd {
	m.pulling = false
	for _, l := range all {
		switch {
		case l.turn == l.of.turn:
			l.of.saw(l)
		case l.turn == l.of.again.turn:
			m.lookedAgain(l)
		}
	}
	return tea.Batch(m.pump(), m.pull(pullEvery))
}

// lookedAgain takes what another read has brought once that is done: until then what is
// known stays.
func (m *root) lookedAgain(l look) {
	p, v := l.of, m.palette.Voice
	p.again.reading = l.reading
	if !l.reading.Done && l.reading.Err == nil {
		return
	}
	source := p.again.source
	p.again = reread{}
	if err := l.reading.Err; err != nil {
		sentence, _ := source.Survey.Explain(err)
		m.note(kit.Bad, v.Text("Not read again: "), v.Said(sentence))
		return
	}
	p.turn, p.source.Survey = l.turn, source.Survey
	p.saw(l)
	if p == m.place {
		m.note(kit.Good, v.Text("Read again"), v.Sprintf(" in %s; answers are kept", seconds(v, p.session.elapsed)))
	}
}

// note says what just happened, until the next key.
func (m *root) note(t kit.Token, lead, text string) {
	m.notice = kit.Line{m.palette.As(t, lead), m.palette.Text(text)}
}

// open moves the program to a place. What is being read of the one before does not go on,
// and a probe there has to end first.
func (m *root) open(p *place) tea.Cmd {
	if v := m.palette.Voice; p != m.place && m.probe.Running() {
		m.note(kit.Warn, v.Text("The probe is running: "),
			v.Text("4 Probe shows and stops it, then another cluster can be opened"))
		return nil
	}
	var stop tea.Cmd
	if p != m.place {
		stop = m.stop(m.place)
		m.visit(p)
		m.remind(p.session)
	}
	m.goTo(clusterTab)
	return tea.Batch(stop, m.connect(p))
}

// stop ends what is being read of a place.
func (m *root) stop(p *place) tea.Cmd {
	var all []Survey
	if s := p.again.source.Survey; s != nil {
		all = append(all, s)
	}
	p.again = reread{}
	if s := p.source.Survey; p.reading() || p.wanted && s == nil {
		if s != nil {
			all = append(all, s)
		}
		p.reset()
	}
	return stopAll(all...)
}

// stopAll is the command that ends surveys and waits for that.
func stopAll(all ...Survey) tea.Cmd {
	if len(all) == 0 {
		return nil
	}
	return screen.Safely(func() tea.Msg {
		for _, s := range all {
			s.Stop()
		}
		return stoppedMsg{}
	})
}

// connect begins to read a place, unless that was begun and has not failed. Who signs in
// to it gets the terminal before.
func (m *root) connect(p *place) tea.Cmd {
	if p.starting || p.source.Survey != nil && !p.failed() || !m.renewable(p) {
		return nil
	}
	p.reset()
	p.wanted = true
	if p.session.context.Plugin != "" {
		return m.signIn(p)
	}
	return m.fetch(p, nil)
}

// connectAll asks for all places that nobody asked for yet.
func (m *root) connectAll() tea.Cmd {
	var guarded []*place
	for _, p := range m.places {
		if !p.idle() {
			continue
		}
		p.wanted = true
		if p.session.context.Plugin != "" {
			guarded = append(guarded, p)
		}
	}
	if len(guarded) == 0 {
		return m.pump()
	}
	return tea.Batch(m.pump(), m.signIn(guarded...))
}

// pump begins to read what was asked for, as far as not too much is read at once.
func (m *root) pump() tea.Cmd {
	free := mostReads
	for _, p := range m.places {
		if p.reading() {
			free--
		}
	}
	var all []tea.Cmd
	for _, p := range m.places {
		waits := p.wanted && !p.starting && p.source.Survey == nil && (p.signed != nil || p.session.context.Plugin == "")
		if waits && free > 0 {
			free--
			all = append(all, m.fetch(p, p.signed))
		}
	}
	return tea.Batch(all...)
}

// fetch begins to read a place on a way that is known, or else on a new one, and what was
// answered for it.
func (m *root) fetch(p *place, way Connection) tea.Cmd {
	p.starting, p.turn = true, p.next()
	return tea.Batch(p.session.recall(m.ctx), m.fetchTurn(p, way, p.turn))
}

// fetchTurn begins the read with that number. How long somebody took to sign in before is
// no part of it.
func (m *root) fetchTurn(p *place, way Connection, turn int) tea.Cmd {
	p.began = time.Now()
	ctx, contexts, name, reads := m.ctx, m.opts.Contexts, p.session.context.Name, m.reads
	return screen.Safely(func() tea.Msg {
		if way == nil {
			way = contexts.Connect(name)
		}
		return startedMsg{p, turn, reads.start(ctx, way)}
	})
}

// started takes a survey that has begun. If nobody wants it any more it ends.
func (m *root) started(msg startedMsg) tea.Cmd {
	p := msg.of
	switch {
	case msg.source.Survey == nil: // the screens are being left
		return nil
	case msg.turn == p.again.turn:
		p.again.source = msg.source
	case msg.turn == p.turn:
		p.begin(msg.source)
		if p.probe != nil {
			p.probe.Equip(m.opts.tools(p.source))
			p.asks.Equip(p.source.Asker)
		}
	default:
		return stopAll(msg.source.Survey)
	}
	return m.pull(0)
}

// renew reads a place again. What is known of it and what was answered stays meanwhile.
func (m *root) renew(p *place) tea.Cmd {
	p.again = reread{turn: p.next()}
	if p.session.context.Plugin != "" {
		return m.signIn(p)
	}
	return m.fetchTurn(p, nil, p.again.turn)
}

// renewable reports a place that can be read, and read again.
func (m *root) renewable(p *place) bool {
	return m.opts.Contexts != nil && slices.Contains(m.places, p)
}

// signIn gives the terminal to the plugins of these places, one after the other.
func (m *root) signIn(all ...*place) tea.Cmd {
	s := &signing{ctx: m.ctx, contexts: m.opts.Contexts}
	for _, p := range all {
		s.names = append(s.names, p.session.context.Name)
	}
	return m.exec(s, func(error) tea.Msg { // that the terminal is not ours again, the next frame shows
		if s.defect != nil {
			return screen.DefectMsg{Defect: s.defect}
		}
		return signedMsg{all[:len(s.ways)], s.ways}
	})
}

// signedIn begins to read what can be read now.
func (m *root) signedIn(msg signedMsg) tea.Cmd {
	var all []tea.Cmd
	for i, p := range msg.of {
		switch {
		case p.again.turn != 0:
			all = append(all, m.fetchTurn(p, msg.ways[i], p.again.turn))
		case p.wanted && p == m.place:
			all = append(all, m.fetch(p, msg.ways[i]))
		case p.wanted:
			p.signed = msg.ways[i]
		}
	}
	return tea.Batch(append(all, m.pump())...)
}

// signing is what runs while the terminal is not ours.
type signing struct {
	ctx      context.Context
	contexts Contexts
	names    []string
	ways     []Connection
	defect   *screen.Defect
}

// Run implements [tea.ExecCommand]. What goes wrong with a cluster is the error of its
// reading.
func (s *signing) Run() error {
	defer func() {
		if v := recover(); v != nil {
			s.defect = screen.Caught(v)
		}
	}()
	for _, name := range s.names {
		if s.ctx.Err() != nil {
			break
		}
		way := s.contexts.Connect(name)
		way.SignIn(s.ctx)
		s.ways = append(s.ways, way)
	}
	return nil
}

// SetStdin implements [tea.ExecCommand]: plugins have the terminal of the program.
func (*signing) SetStdin(io.Reader) {}

// SetStdout implements [tea.ExecCommand].
func (*signing) SetStdout(io.Writer) {}

// SetStderr implements [tea.ExecCommand].
func (*signing) SetStderr(io.Writer) {}
