package tui

import (
	"context"
	"fmt"
	"sync"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe/lab"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/kit"
)

// Drill is a drill that was started; [*lab.DrillSession] is the real one.
type Drill interface {
	State() lab.DrillState    // at once, any time, also after Close
	Wait(ctx context.Context) // until it is over
	Close()                   // nothing is left when it returns
}

// drillEvery is the pause between two looks at a drill: it tells news no oftener.
const drillEvery = 200 * time.Millisecond

// drillMsg is what was seen of a drill.
type drillMsg struct {
	trial *drillTrial
	state lab.DrillState
	over  bool
}

// drillTrial is a drill in its goroutine.
type drillTrial struct {
	drillOrder
	cancel context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	session Drill // nil until it is started
	err     error // why it was not

	over    bool // the event loop knows that it has ended
	stopped bool // it was told to end
}

// run starts the drill and sees it to its end.
func (t *drillTrial) run(ctx context.Context, start func(context.Context, lab.DrillOptions) (Drill, error)) {
	defer close(t.ended)
	defer t.cancel()
	defer func() {
		if v := recover(); v != nil {
			t.fail(fmt.Errorf("%w: %v", errDefect, v))
		}
	}()
	session, err := start(ctx, t.options)
	if err != nil {
		t.fail(err)
		return
	}
	t.mu.Lock()
	t.session = session
	t.mu.Unlock()
	session.Wait(ctx)
	session.Close()
}

func (t *drillTrial) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = err
}

// state is what is known of it now.
func (t *drillTrial) state() lab.DrillState {
	t.mu.Lock()
	session, err := t.session, t.err
	t.mu.Unlock()
	if session == nil {
		return lab.DrillState{Err: err, Finished: err != nil}
	}
	return session.State()
}

// drillWatch is what the screen knows of the last drill.
type drillWatch struct {
	trial   *drillTrial // nil before the first
	state   lab.DrillState
	result  *lab.DrillResult // of the last drill that saw anything
	weighed string           // what became of it in the advice
	pager   kit.Pager
}

func (s *probeScreen) drilling() bool {
	return s.drill != nil && s.drill.trial != nil && !s.drill.trial.over
}

// beginDrill starts a drill. One thing at a time is measured.
func (s *probeScreen) beginDrill(o drillOrder) tea.Cmd {
	if s.running() {
		return nil
	}
	ctx, cancel := context.WithCancel(s.ctx)
	t := &drillTrial{drillOrder: o, cancel: cancel, ended: make(chan struct{})}
	go t.run(ctx, s.opts.Lab.Drill)
	*s.drill = drillWatch{trial: t, result: s.drill.result}
	s.page = drillPage
	wait := safely(func() tea.Msg {
		<-t.ended
		return drillMsg{t, t.state(), true}
	})
	return tea.Batch(wait, t.lookLater())
}

func (t *drillTrial) lookLater() tea.Cmd {
	return safely(tea.Tick(drillEvery, func(time.Time) tea.Msg { return drillMsg{trial: t, state: t.state()} }))
}

// drilled takes what was seen, and looks again later unless it is over.
func (s *probeScreen) drilled(msg drillMsg) tea.Cmd {
	d, t := s.drill, msg.trial
	if t != d.trial || t.over {
		return nil
	}
	d.state = msg.state
	if !msg.over {
		return t.lookLater()
	}
	t.over = true
	r := msg.state.Result
	if r == nil || len(r.Rows) == 0 {
		return nil
	}
	d.result = r
	found, err := evidence.OfDrill(*r)
	if err != nil {
		d.weighed = "3 Advice cannot weigh this drill: " + err.Error() + "."
		return nil
	}
	d.weighed = s.session.weighDrill(found)
	return nil
}

func (s *probeScreen) adaptDrill(k *keyMap) {
	k.Choose.SetEnabled(!s.running())
	k.Choose.SetHelp("enter", "again")
	if s.drilling() {
		k.Choose.SetEnabled(!s.drill.trial.stopped)
		k.Choose.SetHelp("enter", "stop")
	}
	k.Back.SetEnabled(true)
	k.Back.SetHelp("esc", "plan")
	k.Save.SetEnabled(s.drill.result != nil && !s.drilling() && s.opts.Store != nil)
	k.Save.SetHelp("s", "save drill")
}

func (s *probeScreen) drillKey(msg tea.KeyPressMsg) tea.Cmd {
	k, d := newKeyMap(), s.drill
	stop := func() {
		d.trial.stopped = true
		d.trial.cancel()
	}
	switch {
	case key.Matches(msg, k.Choose) && s.drilling():
		stop()
	case key.Matches(msg, k.Choose):
		return d.trial.begin(s)
	case key.Matches(msg, k.Back):
		if s.drilling() {
			stop()
		}
		s.subject, s.page, s.pager = d.trial.of(), planPage, kit.Pager{}
	default:
		d.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

// leaveDrill ends the drill, waits for it, and returns what there is to report.
func (s *probeScreen) leaveDrill() *lab.DrillResult {
	if s.drill == nil {
		return nil
	}
	if t := s.drill.trial; s.drilling() {
		t.cancel()
		<-t.ended
		_ = s.drilled(drillMsg{t, t.state(), true})
	}
	return s.drill.result
}

// saveDrill writes the last drill to a file, away from the event loop.
func (s *probeScreen) saveDrill() tea.Cmd {
	r := *s.drill.result
	return safely(func() tea.Msg {
		path, err := s.opts.Store.SaveDrill(r, "kpadvisor-drill-"+r.Environment.Started.UTC().Format("20060102-1504")+".json")
		return savedMsg{path, err}
	})
}
