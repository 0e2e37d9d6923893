package incluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kpadvisor/probe"
)

// The states of a session besides those of package probe.
const (
	Creating probe.State = "creating Jobs"
	Starting probe.State = "waiting for pods"
	Removing probe.State = "removing"
)

// Session is one run in the cluster. It is used as a [probe.Runner] is: Run once,
// look at Snapshot any time.
type Session struct {
	client    *Client
	spec      Spec
	collector *probe.Collector
	now       func() time.Time
	patience  patience
	followers sync.WaitGroup

	mu        sync.Mutex
	ran       bool
	started   time.Time
	ended     time.Time
	state     probe.State
	why       string
	paused    bool
	removing  bool
	begun     bool // every source has said which is its first round
	sources   []*source
	echo      map[string]standing // what hinders the echo server, by pod
	refused   map[string]string   // why a Job's pods are not made, by Job
	refusedAt time.Time           // since when
	made      []made
	trouble   *Trouble // why the run ended early
	left      []Trouble
	downSince time.Time // the API server has not answered since; zero if it does
	downWhy   string
}

// made is an object that exists, or may.
type made struct{ kind, name, path string }

// NewSession prepares a run; nothing is sent.
func NewSession(c *Client, s Spec) (*Session, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	var targets, controls []probe.Target
	for group, g := range s.Pair.Groups() {
		all := s.targets(group, unknownAddress)
		targets = append(targets, all[0])
		if s.Schedule().Blocks > 1 {
			control := all[len(all)-1] // of an echo server it is not known yet where it is
			control.Name = g.Name + " direct"
			controls = append(controls, control)
		}
	}
	out := &Session{
		client: c, spec: s, collector: probe.NewCollector(s.Plan, targets, controls), now: time.Now, patience: usualPatience(), state: probe.Idle,
		echo: map[string]standing{}, refused: map[string]string{},
	}
	for group := range s.Pair.Groups() {
		for index := range s.each() {
			src := &source{id: len(out.sources), group: group, index: index}
			out.sources = append(out.sources, src)
			tells := []int{group}
			if len(controls) > 0 {
				tells = append(tells, len(targets)+group)
			}
			out.collector.Expect(src.id, tells...)
		}
	}
	return out, nil
}

// Pause makes rounds not count, or count again. The pods cannot be told: they go
// on at their rate.
func (s *Session) Pause(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = on
}

// Snapshot is what has come back so far; at once, any time.
func (s *Session) Snapshot() probe.Snapshot {
	series := s.collector.Series()
	for group, g := range s.spec.Pair.Groups() {
		if group < len(series) {
			series[group].From = listed(g.Names(), 3)
		}
	}
	complete, _ := s.collector.Rounds()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := probe.Snapshot{Series: series}
	p := &out.Progress
	p.State, p.Why = s.state, s.why
	p.Turns = 2 * s.spec.Plan.Blocks
	p.Turn = min(2*complete, p.Turns)
	switch {
	case s.started.IsZero():
	case !s.ended.IsZero():
		p.Elapsed = s.ended.Sub(s.started)
	default:
		p.Elapsed = s.now().Sub(s.started)
	}
	if s.state == probe.Measuring || s.state == probe.WarmingUp {
		p.Target = s.spec.Schedule().Group(s.now())
	}
	return out
}

// Trouble is why the run ended before its plan was done; nil if it did not, or
// was told to.
func (s *Session) Trouble() *Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

// Left is what could not be removed, and how to remove it.
func (s *Session) Left() []Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.left)
}

// Around counts what came of hits around changes, given by when they were seen.
func (s *Session) Around(changes []probe.Change, before, after time.Duration) ([]probe.Window, []probe.Tally) {
	return s.collector.Around(changes, before, after)
}

// Started is when Run was called; the times of a result count from there.
func (s *Session) Started() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

// Run creates the objects, follows the pods until enough rounds are complete,
// and removes everything it created, however it ends. Cancelled or cut short it
// returns what is complete with Partial set and a nil error; Trouble then says
// why. It fails if there is nothing to return.
func (s *Session) Run(ctx context.Context) (probe.Result, error) {
	s.mu.Lock()
	if s.ran {
		s.mu.Unlock()
		return probe.Result{}, errors.New("this session has run already; make another")
	}
	s.ran, s.started = true, s.now()
	s.mu.Unlock()

	// Those who watch and follow go on until everything is removed: the last lines
	// of a pod say how it fared.
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	s.stage(Creating, "")
	err := s.createAll(ctx)
	if err == nil {
		s.followers.Go(func() { s.watch(watching) })
		err = s.await(ctx)
	}
	s.mu.Lock()
	s.ended = s.now()
	s.mu.Unlock()
	s.removeAll(context.WithoutCancel(ctx))
	s.hearOut()
	stop()
	s.followers.Wait()

	result, failed := s.result(ctx.Err() != nil || err != nil)
	complete, _ := s.collector.Rounds()
	s.stage(probe.Finished, "")
	switch {
	case failed != nil:
		return probe.Result{}, failed
	case complete > 0:
		return result, nil
	case ctx.Err() != nil:
		return probe.Result{}, fmt.Errorf("stopped before the first round was complete: %w", context.Cause(ctx))
	}
	return probe.Result{}, err
}

// hearOut waits a moment for the last lines of pods that have been told to end.
func (s *Session) hearOut() {
	const patience = 3 * time.Second
	for deadline := s.now().Add(patience); s.now().Before(deadline); time.Sleep(lookEachTime / 2) {
		s.mu.Lock()
		open := slices.ContainsFunc(s.sources, func(src *source) bool { return src.following && src.live() })
		s.mu.Unlock()
		if !open {
			return
		}
	}
}

func (s *Session) stage(state probe.State, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.why = state, why
}

// fail ends the run for a reason. The lock must be held.
func (s *Session) fail(t *Trouble) {
	if s.trouble == nil {
		s.trouble = t
	}
}

// lookEachTime is how often a session looks where it stands.
const lookEachTime = 100 * time.Millisecond

// await waits until enough rounds are complete. The error says why they are not
// and will not be; it is that of the context if the run was told to end.
func (s *Session) await(ctx context.Context) error {
	tick := time.NewTicker(lookEachTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		done, err := s.stands()
		if done || err != nil {
			return err
		}
	}
}

// stands looks where the run stands, and says so to whoever looks on.
func (s *Session) stands() (done bool, err error) {
	complete, _ := s.collector.Rounds()
	s.mu.Lock()
	defer s.mu.Unlock()
	if complete >= s.spec.Plan.Blocks {
		return true, nil
	}
	s.listen()
	if s.trouble == nil {
		s.trouble = s.hindrance()
	}
	if s.trouble != nil {
		return false, s.trouble
	}
	switch {
	case !s.begun:
		s.state, s.why = Starting, s.waitingFor()
		s.begin()
	case s.paused:
		s.state, s.why = probe.Paused, "the pods go on, their rounds do not count"
	case complete == 0 && s.now().Before(s.spec.Schedule().Start(s.firstRound(), 0, 0)):
		s.state, s.why = probe.WarmingUp, s.worry()
	default:
		s.state, s.why = probe.Measuring, s.worry()
	}
	return false, nil
}

// begin lets rounds count once every source has said from when on it measures.
func (s *Session) begin() {
	for _, src := range s.sources {
		if src.hello == nil && src.live() {
			return
		}
	}
	s.begun = true
	s.collector.Begin(s.firstRound())
}

// firstRound is the first in which all sources measure.
func (s *Session) firstRound() int {
	first := 0
	for _, src := range s.sources {
		if src.hello != nil {
			first = max(first, src.hello.First)
		}
	}
	return first
}

// listen gives up sources that have not been heard of for too long.
func (s *Session) listen() {
	if !s.downSince.IsZero() {
		return // it is not they who are silent
	}
	for _, src := range s.sources {
		if src.live() && !src.heard.IsZero() && s.now().Sub(src.heard) > s.patience.silence {
			src.gone = reasonText("no word for "+s.patience.silence.String(), src.standing.why)
			s.collector.Leave(src.id)
		}
	}
}
