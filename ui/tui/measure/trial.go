package measure

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/tui/measure/tools"
)

// probeEvery is the pause between two looks at the counters of a run.
const probeEvery = 100 * time.Millisecond

type (
	pulledMsg struct { // the counters, pulled
		trial       *trial
		snapshot    probe.Snapshot
		differences []versus
		told        *versus
		started     time.Time
		rollouts    [][]time.Time // per target
		gaps        []string      // per target
		lab         *lab.State    // of a run of the lab
	}
	endedMsg struct{ trial *trial }
)

// run is what a trial runs: the probe, or the lab, which says more and cannot wait.
type run interface {
	tools.Prober
	// look is a Snapshot with what a lab says of itself at the same moment.
	look() (probe.Snapshot, *lab.State)
	// says is the second alone; nil of another run than one of the lab.
	says() *lab.State
	// pauses reports whether it can wait between two blocks.
	pauses() bool
}

// watched is a run of the probe.
type watched struct{ tools.Prober }

func (w watched) look() (probe.Snapshot, *lab.State) { return w.Snapshot(), nil }
func (watched) says() *lab.State                     { return nil }
func (watched) pauses() bool                         { return true }

// trial is one run of the engine in its goroutine. Until ended is closed, result,
// spread and err belong to that goroutine; the rest belongs to the event loop.
type trial struct {
	experiment
	order  order // what it was begun for
	prober run
	cancel context.CancelFunc
	ended  chan struct{}
	result probe.Result
	spread []probe.Series // of the result, with their Quantiles
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
	t.spread = slices.Clone(t.result.Series)
	for i := range t.spread {
		for _, p := range probe.Phases() {
			t.spread[i].Quantiles[p], _ = t.spread[i].Spread(p) // without, there is no picture of it
		}
	}
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
	msg.differences, msg.told = compared(msg.snapshot.Series, msg.lab != nil, msg.snapshot.Compare)
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
