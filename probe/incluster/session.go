package incluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kpadvisor/jobs"
	"kpadvisor/plain"
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
	reading   reading

	maker    *jobs.Maker
	stage    stage
	served   served
	link     jobs.Link
	roster   roster
	backends rollouts // of the Service, if it is the user's
}

// NewSession prepares a run; nothing is sent.
func NewSession(c *Client, s Spec) (*Session, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	var targets, controls []probe.Target
	for group, g := range s.Pair.Groups() {
		all := s.targets(group, s.unknownAddresses())
		targets = append(targets, all[0])
		if s.Schedule().Blocks > 1 {
			control := all[len(all)-1] // of an echo server it is not known yet where it is
			control.Name = g.Name + " direct"
			controls = append(controls, control)
		}
	}
	out := &Session{
		client: c, spec: s, collector: probe.NewCollector(s.Plan, targets, controls), now: time.Now, patience: usualPatience(),
		stage: stage{state: probe.Idle}, roster: roster{echo: map[string]jobs.Standing{}, refused: map[string]string{}},
	}
	out.maker = &jobs.Maker{
		Client: c.Client, Pods: s.Pods, Role: RoleCommand, Within: out.patience.remove, Now: out.now,
		Says: out.does, Until: func() time.Time { return out.stage.begun().Add(s.Deadline()) },
	}
	if s.Service != nil {
		out.backends.watch = func(ctx context.Context, _ string, each func(time.Time, string)) error {
			return c.WatchBackends(ctx, s.Service, each)
		}
	}
	out.reading = newReading(mostStreams, len(s.Pair.Groups())*s.each())
	out.patience.idle = out.patience.idleIn(s)
	out.patience = out.patience.plus(out.reading.sweep)
	for group := range s.Pair.Groups() {
		for index := range s.each() {
			src := &source{id: len(out.roster.sources), group: group, index: index}
			out.roster.sources = append(out.roster.sources, src)
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
func (s *Session) Pause(on bool) { s.stage.pause(on) }

// Snapshot is what has come back so far; at once, any time.
func (s *Session) Snapshot() probe.Snapshot {
	series := s.collector.Series()
	for group, g := range s.spec.Pair.Groups() {
		if group < len(series) {
			series[group].From = listed(g.Names(), 3)
		}
	}
	complete, _ := s.collector.Rounds()
	out := probe.Snapshot{Progress: s.stage.progress(s.now()), Series: series, Units: s.units()}
	p := &out.Progress
	p.Turns = 2 * s.spec.Plan.Blocks
	p.Turn = min(2*complete, p.Turns)
	if p.State == probe.Measuring || p.State == probe.WarmingUp {
		p.Target = s.spec.Schedule().Group(s.now())
	}
	return out
}

// Trouble is why the run ended before its plan was done; nil if it did not, or
// was told to.
func (s *Session) Trouble() *plain.Error { return s.roster.failed() }

// Left is what could not be removed, and how to remove it.
func (s *Session) Left() []plain.Error { return s.maker.Left() }

// Rollouts lists when the backends of the Service changed, as [Watched] does.
func (s *Session) Rollouts(address string) ([]time.Time, string) { return s.backends.Rollouts(address) }

// Run creates the objects, follows the pods until enough rounds are complete,
// and removes everything it created, however it ends. Cancelled or cut short it
// returns what is complete with Partial set and a nil error; Trouble then says
// why. It fails if there is nothing to return.
func (s *Session) Run(ctx context.Context) (probe.Result, error) {
	if !s.stage.start(s.now()) {
		return probe.Result{}, errors.New("this session has run already; make another")
	}

	// Those who watch and follow go on until everything is removed: the last lines
	// of a pod say how it fared.
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	unwatch := s.backends.begin(watching, s.service())
	s.stage.set(Creating, "")
	err := s.createAll(ctx)
	if err == nil {
		s.followers.Go(func() { s.watcher().Watch(watching) })
		err = s.await(ctx)
	}
	s.stage.end(s.now())
	s.removeAll(context.WithoutCancel(ctx))
	s.hearOut()
	stop()
	s.followers.Wait()
	unwatch()

	result, failed := s.result(ctx.Err() != nil || err != nil)
	complete, _ := s.collector.Rounds()
	s.stage.set(probe.Finished, "")
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

// service is the address of the Service, if it is the user's.
func (s *Session) service() string {
	if s.spec.Service == nil {
		return ""
	}
	return s.spec.Service.Address
}

// hearOut waits a moment for the last lines of pods that have been told to end.
func (s *Session) hearOut() {
	const patience = 3 * time.Second
	for deadline := s.now().Add(patience); s.now().Before(deadline); time.Sleep(lookEachTime / 2) {
		s.roster.mu.Lock()
		open := slices.ContainsFunc(s.roster.sources, func(src *source) bool { return src.following && src.live() })
		s.roster.mu.Unlock()
		if !open {
			return
		}
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
	r := &s.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if complete >= s.spec.Plan.Blocks {
		return true, nil
	}
	s.listen()
	if r.trouble == nil {
		r.trouble = s.hindrance()
	}
	if r.trouble != nil {
		return false, r.trouble
	}
	switch {
	case !r.begun:
		s.stage.set(Starting, s.waitingFor())
		s.begin()
	case s.stage.isPaused():
		s.stage.set(probe.Paused, "the pods go on, their rounds do not count")
	case complete == 0 && s.now().Before(s.spec.Schedule().Start(s.firstRound(), 0, 0)):
		s.stage.set(probe.WarmingUp, s.worry())
	default:
		s.stage.set(probe.Measuring, s.worry())
	}
	return false, nil
}

// tells notes that a source has told something that the run is for, and by when it has to
// do so again. One that begins with a later round has until then.
func (s *Session) tells(src *source) {
	from := s.now()
	if first := s.spec.Schedule().Start(src.hello.First, 0, 0); first.After(from) {
		from = first
	}
	src.due = from.Add(s.patience.idle)
}

// begin lets rounds count once every source has said from when on it measures.
func (s *Session) begin() {
	for _, src := range s.roster.sources {
		if src.hello == nil && src.live() {
			return
		}
	}
	s.roster.begun = true
	s.collector.Begin(s.firstRound())
}

// firstRound is the first in which all sources measure.
func (s *Session) firstRound() int {
	first := 0
	for _, src := range s.roster.sources {
		if src.hello != nil {
			first = max(first, src.hello.First)
		}
	}
	return first
}

// listen gives up sources that have not been heard of for too long.
func (s *Session) listen() {
	if down, _ := s.link.Down(s.now()); down > 0 {
		return // it is not they who are silent
	}
	for _, src := range s.roster.sources {
		if !src.live() || src.heard.IsZero() {
			continue
		}
		switch {
		case s.now().Sub(src.heard) > s.patience.silence:
			src.gone = jobs.ReasonText("no word for "+s.patience.silence.String(), src.standing.Why)
		case !src.due.IsZero() && s.now().After(src.due):
			src.gone = "it talks, and has told nothing that it measured for longer than its plan allows"
		default:
			continue
		}
		s.collector.Leave(src.id)
	}
}
