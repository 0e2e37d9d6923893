package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/evidence"
)

// probeEvery is the pause between two looks at the counters of a run.
const probeEvery = 100 * time.Millisecond

type (
	pulledMsg struct { // the counters, pulled
		trial       *trial
		snapshot    probe.Snapshot
		differences []versus
		started     time.Time
		rollouts    [][]time.Time // per target
		gaps        []string      // per target
		lab         *lab.State    // of a run of the lab
	}
	endedMsg struct{ trial *trial }
)

// run is what a trial runs: the probe, or the lab, which says more and cannot wait.
type run interface {
	Prober
	// look is a Snapshot with what a lab says of itself at the same moment; that is nil
	// of another run.
	look() (probe.Snapshot, *lab.State)
	// pauses reports whether it can wait between two blocks.
	pauses() bool
}

// watched is a run of the probe.
type watched struct{ Prober }

func (w watched) look() (probe.Snapshot, *lab.State) { return w.Snapshot(), nil }
func (watched) pauses() bool                         { return true }

// trial is one run of the engine in its goroutine. Until ended is closed, result
// and err belong to that goroutine; the rest belongs to the event loop.
type trial struct {
	experiment
	order  order // what it was begun for
	prober run
	cancel context.CancelFunc
	ended  chan struct{}
	result probe.Result
	err    error

	over    bool // the event loop knows that it has ended
	stopped bool // it was told to end
	paused  bool // it was told to pause
	ticking bool // a look at it is under way
}

func newTrial(ctx context.Context, o order, e experiment, p run) *trial {
	ctx, cancel := context.WithCancel(ctx)
	t := &trial{experiment: e, order: o, prober: p, cancel: cancel, ended: make(chan struct{})}
	go t.run(ctx)
	return t
}

func (t *trial) run(ctx context.Context) {
	defer close(t.ended)
	defer t.cancel()
	defer func() {
		if v := recover(); v != nil {
			t.err = fmt.Errorf("%w: %v", errDefect, v)
		}
	}()
	t.result, t.err = t.prober.Run(ctx)
}

func (t *trial) stop() {
	t.stopped = true
	t.cancel()
}

func (t *trial) pause() {
	t.paused = !t.paused
	t.prober.Pause(t.paused)
}

// look copies the counters and compares, both away from the event loop.
func (t *trial) look() pulledMsg {
	msg := pulledMsg{trial: t}
	msg.snapshot, msg.lab = t.prober.look()
	msg.started = time.Now().Add(-msg.snapshot.Elapsed)
	msg.rollouts, msg.gaps = t.changes()
	for _, p := range probe.Pairs(len(msg.snapshot.Series)) {
		msg.differences = append(msg.differences, versus{p[0], p[1], msg.snapshot.Compare(p[0], p[1])})
	}
	return msg
}

// changes are those behind each target, and why they are not seen.
func (t *trial) changes() (at [][]time.Time, gaps []string) {
	for _, target := range t.targets {
		seen, gap := t.prober.Rollouts(target.Address)
		at, gaps = append(at, seen), append(gaps, gap)
	}
	return at, gaps
}

// beginTrial starts a run of the engine. One thing at a time is measured.
func (s *probeScreen) beginTrial(o order, e experiment, p run, budget probe.Budget) tea.Cmd {
	if s.running() {
		return nil
	}
	t := newTrial(s.ctx, o, e, p)
	s.trial, s.then = t, nil
	s.watch = s.watch.again(o.kind(), e)
	s.watch.budget = budget
	s.page = runPage
	wait := safely(func() tea.Msg {
		<-t.ended
		return endedMsg{t}
	})
	return tea.Batch(wait, s.pullLater())
}

// resize measures the lab at the next larger or smaller size, when what runs
// has ended.
func (s *probeScreen) resize(larger bool) tea.Cmd {
	next, ok := s.resized(larger)
	if !ok {
		return nil
	}
	if !s.running() {
		return next.begin(s)
	}
	s.trial.stop()
	s.then = func() tea.Cmd { return next.begin(s) }
	return nil
}

// pullLater looks at the run after a pause, unless a look is under way.
func (s *probeScreen) pullLater() tea.Cmd {
	t := s.trial
	if t.ticking || t.over || s.watch.frozen {
		return nil
	}
	t.ticking = true
	return safely(tea.Tick(probeEvery, func(time.Time) tea.Msg { return t.look() }))
}

// pulled takes what was seen, and looks again later. What was seen of a run
// that has ended, or after a freeze, is dropped.
func (s *probeScreen) pulled(msg pulledMsg) tea.Cmd {
	msg.trial.ticking = false
	if msg.trial != s.trial || s.trial.over || s.watch.frozen {
		return nil
	}
	s.watch.pulled(msg)
	return s.pullLater()
}

// ended takes the result of a run, whether or not it is still being looked at,
// and goes on with what was waiting for its end.
func (s *probeScreen) ended(t *trial) tea.Cmd {
	if t.over {
		return nil
	}
	t.over = true
	if t.err == nil {
		t.result.Environment.Version = s.opts.Version
		if len(t.labels) > 0 {
			t.result.Labels = t.labels
		}
		s.result = &t.result
		s.weigh(t)
	}
	if t == s.trial && !s.watch.frozen {
		s.watch.ended(t)
	}
	if then := s.then; then != nil {
		s.then = nil
		return then()
	}
	return nil
}

// weigh gives what was measured to the advice, if it says which modes it is about.
func (s *probeScreen) weigh(t *trial) {
	s.weighed = ""
	if len(t.result.Labels) == 0 {
		return
	}
	found, err := evidence.OfRun(t.result)
	if err != nil {
		s.weighed = "3 Advice cannot weigh this run: " + err.Error()
		return
	}
	s.weighed = s.session.weigh(found)
}

// freeze stops looking, or looks again.
func (s *probeScreen) freeze() tea.Cmd {
	w := &s.watch
	switch {
	case w.frozen && s.trial.over:
		w.frozen = false
		w.ended(s.trial)
	case w.frozen:
		w.frozen = false
		return s.pullLater()
	case s.measuring():
		w.frozen = true
	}
	return nil
}

// inCluster reports whether what runs has created objects in the cluster.
func (s *probeScreen) inCluster() bool {
	return s.measuring() && s.trial.order.inCluster()
}

// leave ends the run and the lab, waits for them, and returns what there is to report.
func (s *probeScreen) leave() *probe.Result {
	if s.trial != nil && !s.trial.over {
		s.trial.stop()
		<-s.trial.ended
		s.then = nil
		s.ended(s.trial)
	}
	s.lab.close()
	return s.result
}

// savedRun is the name of the file for a run.
func savedRun(r probe.Result) string {
	return "kpadvisor-probe-" + r.Started.UTC().Format("20060102-1504") + ".json"
}

// saveShown saves the run, or the drill if that is what is looked at.
func (s *probeScreen) saveShown() tea.Cmd {
	if s.page == drillPage {
		return s.saveDrill()
	}
	return s.saveRun()
}

// saveRun writes the last run to a file, away from the event loop.
func (s *probeScreen) saveRun() tea.Cmd {
	r := *s.result
	return safely(func() tea.Msg {
		path, err := s.opts.Store.SaveRun(r, savedRun(r))
		return savedMsg{path, err}
	})
}
