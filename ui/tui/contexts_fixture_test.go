package tui

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/tui/ask"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen"
)

// fakeContexts are clusters that do as a test says, and note what is asked of them.
type fakeContexts struct {
	list []Context
	read map[string]func(since time.Duration) advisor.Reading // nil: everything at once

	signing time.Duration      // how long a plugin takes
	cluster tools.ClusterBench // of each
	asker   ask.Asker          // of each

	mu                       sync.Mutex
	signed, started, stopped []string
}

// List implements [Contexts].
func (f *fakeContexts) List() []Context { return f.list }

// Connect implements [Contexts].
func (f *fakeContexts) Connect(name string) Connection { return &fakeConnection{f, name} }

func (f *fakeContexts) note(list *[]string, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*list = append(*list, name)
}

// noted is a copy of a list.
func (f *fakeContexts) noted(list *[]string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(*list)
}

type fakeConnection struct {
	of   *fakeContexts
	name string
}

// SignIn implements [Connection].
func (c *fakeConnection) SignIn(context.Context) {
	time.Sleep(c.of.signing)
	c.of.note(&c.of.signed, c.name)
}

// Start implements [Connection].
func (c *fakeConnection) Start(context.Context) Source {
	c.of.note(&c.of.started, c.name)
	return Source{Survey: &contextSurvey{of: c.of, name: c.name, began: time.Now()}, Command: "kpadvisor audit --context " + c.name, Cluster: c.of.cluster, Asker: c.of.asker}
}

// contextSurvey is the read of one of them.
type contextSurvey struct {
	of    *fakeContexts
	name  string
	began time.Time

	mu    sync.Mutex
	ended bool
}

// Reading implements [Survey].
func (s *contextSurvey) Reading() advisor.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return advisor.Reading{Done: true, Err: context.Canceled}
	}
	if read := s.of.read[s.name]; read != nil {
		return read(time.Since(s.began))
	}
	return advisor.Reading{Facts: factsOf(s.name), Done: true}
}

// Explain implements [Survey].
func (s *contextSurvey) Explain(err error) (sentence, remedy string) {
	return "The API server at " + s.name + ".example:6443 " + err.Error() + ".", "Check the VPN."
}

// Stop implements [Survey].
func (s *contextSurvey) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended = true
		s.of.note(&s.of.stopped, s.name)
	}
}

// factsOf are facts of a cluster of that name.
func factsOf(name string) advisor.Facts {
	f := mixedFacts()
	f.Name = name
	return f
}

// refuses is a cluster that does not let anybody in.
func refuses(time.Duration) advisor.Reading {
	return advisor.Reading{Err: errors.New("refuses connections"), Done: true}
}

// silent is a cluster that does not answer.
func silent(time.Duration) advisor.Reading { return advisor.Reading{} }

// fiveContexts are prod-eu, which is the current one and has been read, and four others.
func fiveContexts() (Options, *fakeContexts) {
	f := &fakeContexts{read: map[string]func(time.Duration) advisor.Reading{"old-lab": refuses, "staging": silent}}
	for _, name := range []string{"prod-eu", "arn:aws:eks:eu-west-1:123456789012:cluster/production-us", "lab", "old-lab", "staging"} {
		f.list = append(f.list, Context{Name: name, Address: name + ".example:6443", Server: "https://" + name, Limit: 30 * time.Second})
	}
	f.list[0].Current, f.list[1].Plugin = true, "aws"
	f.list[1].Address = "us.example:443"
	o := Options{Contexts: f, Offline: fakeOffline{}, Store: fakeStore{}}
	o.Source = Source{Survey: &contextSurvey{of: f, name: "prod-eu", began: time.Now()}, Command: "kpadvisor audit --context prod-eu"}
	return o, f
}

// inPlace runs what needs the terminal where there is none.
func inPlace(c tea.ExecCommand, done tea.ExecCallback) tea.Cmd {
	return func() tea.Msg { return done(c.Run()) }
}

// seen takes so many looks at all that is read.
func (a app) seen(looks int) app {
	for range looks {
		a.pulling = false
		if cmd := a.pull(0); cmd != nil {
			a.Update(cmd())
		}
	}
	return a
}

// driven is a model whose commands run, as under Bubble Tea, in a bubble of synctest.
type driven struct {
	app
	msgs chan tea.Msg
}

func drive(o Options) *driven {
	o.deciders = deciders{fixedAdvice, fixedMove}
	m := newRoot(context.Background(), o)
	m.exec = inPlace
	d := &driven{app{m}, make(chan tea.Msg, 1<<12)}
	d.begin(m.Init())
	d.happens(tea.WindowSizeMsg{Width: 80, Height: 24})
	return d
}

// begin runs a command.
func (d *driven) begin(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				d.begin(c)
			}
		default:
			d.msgs <- msg
		}
	}()
}

// happens tells the model, and waits until nothing more comes of it at once.
func (d *driven) happens(msgs ...tea.Msg) {
	for _, msg := range msgs {
		_, cmd := d.root.Update(msg)
		d.begin(cmd)
	}
	for {
		synctest.Wait()
		select {
		case msg := <-d.msgs:
			if defect, ok := msg.(screen.DefectMsg); ok {
				panic(defect.Defect)
			}
			_, cmd := d.root.Update(msg)
			d.begin(cmd)
		default:
			return
		}
	}
}

// keys presses keys by name.
func (d *driven) keys(names ...string) *driven {
	for _, name := range names {
		d.draw()
		d.happens(keyPress(name))
	}
	return d
}

// passes lets time go by.
func (d *driven) passes(t time.Duration) *driven {
	for end := time.Now().Add(t); time.Now().Before(end); {
		time.Sleep(pullEvery / 2)
		d.happens()
	}
	return d
}

// leaves ends it, and lets what is under way end.
func (d *driven) leaves() Result {
	r := d.leave(func() {})
	time.Sleep(time.Second)
	return r
}

// startStates are the start screen as a user reaches it.
func startStates() map[string]func(o Options, w, h int) app {
	contexts := func(looks int) func(o Options, w, h int) app {
		return func(o Options, w, h int) app {
			c, _ := fiveContexts()
			c.Style = o.Style
			return start(c, w, h).seen(looks)
		}
	}
	asked := func(o Options, w, h int) app {
		a := contexts(1)(o, w, h)
		for _, p := range a.places[2:] { // as if somebody had asked for them three seconds ago
			p.wanted = true
			a.Update(startedMsg{p, p.turn, a.opts.Contexts.Connect(p.session.context.Name).Start(a.ctx)})
		}
		a.seen(1)
		for _, p := range a.places {
			if p.session.elapsed = 1300 * time.Millisecond; !p.session.over() {
				p.session.elapsed = 3 * time.Second
			}
		}
		for cmd := a.ponder(); cmd != nil; cmd = a.ponder() {
			a.act(cmd())
		}
		return a
	}
	keys := func(names ...string) func(o Options, w, h int) app {
		return func(o Options, w, h int) app { return asked(o, w, h).press(names...) }
	}
	return map[string]func(o Options, w, h int) app{
		"start": asked, "start-unread": contexts(0), "start-plugin": keys("down"), "start-failed": keys("down", "down", "down"),
		"start-filter": keys("/", "l", "a", "b"), "start-filtered": keys("/", "l", "a", "b", "enter"), "start-typed": keys("G", "up", "enter", "4", "up"),
		"start-open": keys("down", "down", "enter"), "start-advice": keys("down", "down", "enter", "3"),
	}
}
