package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
)

// probeEvery is the pause between two looks at the counters of a run.
const probeEvery = 100 * time.Millisecond

type (
	pulledMsg struct { // the counters, pulled
		trial      *trial
		snapshot   probe.Snapshot
		comparison *probe.Comparison // of two targets
		started    time.Time
		rollouts   [][]time.Time // per target
	}
	endedMsg struct{ trial *trial }
)

// trial is one run of the engine in its goroutine. Until ended is closed, result
// and err belong to that goroutine; the rest belongs to the event loop.
type trial struct {
	experiment
	prober Prober
	cancel context.CancelFunc
	ended  chan struct{}
	result probe.Result
	err    error

	over    bool // the event loop knows that it has ended
	stopped bool // it was told to end
	paused  bool // it was told to pause
	ticking bool // a look at it is under way
}

func newTrial(ctx context.Context, e experiment, p Prober) *trial {
	ctx, cancel := context.WithCancel(ctx)
	t := &trial{experiment: e, prober: p, cancel: cancel, ended: make(chan struct{})}
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
func (t *trial) look(rollouts func(string) []time.Time) pulledMsg {
	msg := pulledMsg{trial: t, snapshot: t.prober.Snapshot()}
	msg.started = time.Now().Add(-msg.snapshot.Elapsed)
	msg.rollouts = t.rollouts(rollouts)
	if s := msg.snapshot.Series; len(s) == 2 {
		c := probe.Compare(s[0], s[1])
		msg.comparison = &c
	}
	return msg
}

func (t *trial) rollouts(of func(string) []time.Time) [][]time.Time {
	if of == nil {
		return nil
	}
	var out [][]time.Time
	for _, target := range t.targets {
		out = append(out, of(target.Address))
	}
	return out
}

// begin starts a run. One at a time may run in a process.
func (s *probeScreen) begin(e experiment) tea.Cmd {
	if s.running() {
		return nil
	}
	p, err := s.opts.Probe(e.plan, e.targets...)
	if err != nil {
		s.page, s.form.err = planPage, err.Error()
		return nil
	}
	t := newTrial(s.ctx, e, p)
	s.trial = t
	s.watch = s.watch.again(e)
	if s.budget != nil {
		s.watch.budget = *s.budget
	}
	s.page = runPage
	wait := safely(func() tea.Msg {
		<-t.ended
		return endedMsg{t}
	})
	return tea.Batch(wait, s.pullLater())
}

// pullLater looks at the run after a pause, unless a look is under way.
func (s *probeScreen) pullLater() tea.Cmd {
	t := s.trial
	if t.ticking || t.over || s.watch.frozen {
		return nil
	}
	t.ticking = true
	return safely(tea.Tick(probeEvery, func(time.Time) tea.Msg { return t.look(s.opts.Rollouts) }))
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

// ended takes the result of a run, whether or not it is still being looked at.
func (s *probeScreen) ended(t *trial) {
	if t.over {
		return
	}
	t.over = true
	if t.err == nil {
		t.result.Environment.Version = s.opts.Version
		s.result = &t.result
	}
	if t == s.trial && !s.watch.frozen {
		s.watch.ended(t, s.opts.Rollouts)
	}
}

// freeze stops looking, or looks again.
func (s *probeScreen) freeze() tea.Cmd {
	w := &s.watch
	switch {
	case w.frozen && s.trial.over:
		w.frozen = false
		w.ended(s.trial, s.opts.Rollouts)
	case w.frozen:
		w.frozen = false
		return s.pullLater()
	case s.running():
		w.frozen = true
	}
	return nil
}

// leave ends the run, waits for it, and returns what there is to report.
func (s *probeScreen) leave() *probe.Result {
	if s.running() {
		s.trial.stop()
		<-s.trial.ended
		s.ended(s.trial)
	}
	return s.result
}

// savedRun is the name of the file for a run.
func savedRun(r probe.Result) string {
	return "kpadvisor-probe-" + r.Started.UTC().Format("20060102-1504") + ".json"
}

// save writes the last run to a file, away from the event loop.
func (s *probeScreen) save() tea.Cmd {
	r := *s.result
	return safely(func() tea.Msg {
		path, err := s.opts.SaveProbe(r, savedRun(r))
		return savedMsg{path, err}
	})
}
