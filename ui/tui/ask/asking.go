package ask

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/screen"
)

// lookEvery is the pause between two looks at an asking.
const lookEvery = 500 * time.Millisecond

// Msg is what the page tells itself: whoever runs its commands hands it to Update of the
// page that it is Of.
type Msg interface{ Of() *Page }

type (
	plannedMsg struct {
		of     *Page
		number int
		plan   Plan
		err    error
	}
	readMsg struct { // from a file
		of     *Page
		number int
		answer Answer
		err    error
	}
	lookedMsg struct{ run *asking }
	endedMsg  struct{ run *asking }
)

// Of implements [Msg].
func (m plannedMsg) Of() *Page { return m.of }

// Of implements [Msg].
func (m readMsg) Of() *Page { return m.of }

// Of implements [Msg].
func (m lookedMsg) Of() *Page { return m.run.of }

// Of implements [Msg].
func (m endedMsg) Of() *Page { return m.run.of }

// asking is one request on its way, in a goroutine of its own. Until ended is closed answer
// and err belong to that; the rest belongs to the event loop.
type asking struct {
	of     *Page
	way    Way
	plan   Plan
	began  time.Time
	cancel context.CancelFunc
	ended  chan struct{}
	answer Answer
	err    error

	progress Progress // as last looked at
	took     time.Duration
	over     bool // the event loop knows that it has ended
	stopped  bool // it was told to end
	placed   int
	said     []string // what could not be placed
}

func (a *asking) run(ctx context.Context) {
	defer close(a.ended)
	defer a.cancel()
	defer func() {
		if v := recover(); v != nil {
			a.err = fmt.Errorf("a defect in kpadvisor: %v", v)
		}
	}()
	a.answer, a.err = a.plan.Asking.Ask(ctx)
}

func (a *asking) stop() {
	a.stopped = true
	a.cancel()
}

// look takes note of how far it has come.
func (a *asking) look(now time.Time) {
	a.progress, a.took = a.plan.Asking.Progress(), now.Sub(a.began)
}

// Running reports an asking that has not ended, even if it was told to.
func (s *Page) Running() bool { return s.run != nil && !s.run.over }

// Progress is how far it has come; of nothing if that is not known.
func (s *Page) Progress() (n, of int) {
	if !s.Running() {
		return 0, 0
	}
	return s.run.progress.Done, s.run.progress.Of
}

// ask asks what a request takes.
func (s *Page) ask(r Request) tea.Cmd {
	s.number++
	s.turn(waiting)
	number, ctx, asker := s.number, s.ctx, s.asker
	return screen.Safely(func() tea.Msg {
		plan, err := asker.Plan(ctx, r)
		return plannedMsg{s, number, plan, err}
	})
}

// read reads a file away from the event loop.
func (s *Page) read(path, node string) tea.Cmd {
	s.number++
	s.turn(waiting)
	number, ctx, asker := s.number, s.ctx, s.asker
	return screen.Safely(func() tea.Msg {
		answer, err := asker.File(ctx, path, node)
		return readMsg{s, number, answer, err}
	})
}

// begin asks as it was planned, once that was said twice where it is heavy.
func (s *Page) begin() tea.Cmd {
	if len(s.plan.Heavy) > 0 && !s.sure {
		s.sure = true
		return nil
	}
	ctx, cancel := context.WithCancel(s.ctx)
	a := &asking{of: s, way: s.request.Way, plan: s.plan, began: time.Now(), cancel: cancel, ended: make(chan struct{})}
	s.run = a
	s.turn(outcomes)
	go a.run(ctx)
	return tea.Batch(a.next(), screen.Safely(func() tea.Msg {
		<-a.ended
		return endedMsg{a}
	}))
}

// next looks at it after a pause.
func (a *asking) next() tea.Cmd {
	return screen.Safely(tea.Tick(lookEvery, func(time.Time) tea.Msg { return lookedMsg{a} }))
}

// Update acts on a message of its own.
func (s *Page) Update(msg Msg) tea.Cmd {
	switch msg := msg.(type) {
	case plannedMsg:
		s.planned(msg)
	case readMsg:
		s.cameBack(msg)
	case lookedMsg:
		if msg.run == s.run && s.Running() {
			msg.run.look(time.Now())
			return msg.run.next()
		}
	case endedMsg:
		s.ended(msg.run)
	}
	return nil
}

// planned shows what a request takes, or what is wrong with it where it was typed.
func (s *Page) planned(msg plannedMsg) {
	switch {
	case msg.number != s.number:
	case msg.err != nil:
		s.refuse(msg.err)
	default:
		s.plan, s.sure = msg.plan, false
		s.turn(review)
	}
}

// refuse goes back to the form with what is wrong.
func (s *Page) refuse(err error) {
	s.wake()
	s.forms[s.way].Refuse(err)
}

// cameBack places the reports of a file.
func (s *Page) cameBack(msg readMsg) {
	switch {
	case msg.number != s.number:
	case msg.err != nil:
		s.refuse(form.FieldError{At: 0, Err: msg.err})
	default:
		a := &asking{of: s, way: Script, answer: msg.answer, over: true}
		s.hear(a)
		if !s.Running() {
			s.run = a
			s.turn(outcomes)
			return
		}
		s.turn(ways) // what goes on is shown, once it has ended
	}
}

// ended takes what came of an asking.
func (s *Page) ended(a *asking) {
	if a != s.run || a.over {
		return
	}
	a.look(time.Now())
	a.over = true
	s.news = true
	s.hear(a)
}

// hear places what came.
func (s *Page) hear(a *asking) {
	if len(a.answer.Reports) > 0 {
		a.placed, a.said = s.session.Heard(a.answer)
	}
}

// Leave ends what goes on, waits for that, and places what came of it.
func (s *Page) Leave() {
	if !s.Running() {
		return
	}
	if s.run.plan.Count > 0 {
		s.asker.Leaving(s.palette.Voice.Text("Removing what was created in the cluster…"))
	}
	s.run.cancel()
	<-s.run.ended
	s.ended(s.run)
}

// News is what has come of an asking that nobody has looked at since, in a sentence; empty
// if there is nothing.
func (s *Page) News() string {
	v := s.palette.Voice
	switch {
	case !s.news:
		return ""
	case s.run.err != nil && len(s.run.answer.Reports) == 0:
		return v.Text("no node answered; 1 Cluster, i says why")
	}
	return v.Sprintf("%s in force; 1 Cluster, i says more", v.Plural(s.run.placed, "report is", "reports are"))
}

// called is the name of the node that a report is of.
func called(r advisor.NodeReport, unknown string) string {
	if r.Node == "" {
		return unknown
	}
	return r.Node
}
