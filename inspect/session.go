package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// State is what a session is at.
type State string

// The states of a session.
const (
	Idle     State = ""
	Creating State = "creating Jobs"
	Starting State = "waiting for pods"
	Reading  State = "reading nodes"
	Removing State = "removing"
	Finished State = "finished"
)

// Progress is where a session stands.
type Progress struct {
	State State
	Why   string // what it waits for, or works at; empty if there is nothing to say
	Done  int    // nodes of which everything is known that will be
	Nodes int
}

// Result is what came of an inspection.
type Result struct {
	Reports []advisor.NodeReport // in the order of the nodes
	Missing []Missing            // of which there is no report
	Cut     []Missing            // whose report is not whole
}

// patience is how long a session waits for what may never come.
type patience struct {
	retry   jobs.Retry    // of a stream
	look    time.Duration // how often it looks where it stands
	outage  time.Duration // of the API server: the inspection is given up
	refused time.Duration // a Job that can make no pod: the first try may come before an account or a policy is there
	told    time.Duration // nothing comes of the log of a pod that has ended
	slack   time.Duration // how much longer than it should a pod may take
	remove  time.Duration // until everything is removed
}

func usualPatience() patience {
	return patience{
		retry: jobs.UsualRetry(), look: 100 * time.Millisecond, outage: 90 * time.Second,
		refused: 8 * time.Second, told: 5 * time.Second, slack: slack / 2, remove: jobs.RemoveWithin,
	}
}

// Session is one inspection. Run it once; look at Progress any time.
type Session struct {
	// Keep, if not nil, is given each report as it came, one at a time. It must not hold on
	// to it.
	Keep func(node string, report []byte)
	// Parse reads a report; nil is for node.Parse. Whoever also looks into what it holds
	// stands above this package.
	Parse func(report []byte) ([]advisor.NodeReport, error)

	client    *jobs.Client
	spec      Spec
	now       func() time.Time
	patience  patience
	link      jobs.Link
	followers sync.WaitGroup
	keeping   sync.Mutex
	memory    memory

	mu       sync.Mutex
	state    State
	why      string
	begun    time.Time
	removing bool
	targets  []*target
	trouble  *plain.Error // why it ended early
	left     []plain.Error
}

// NewSession prepares an inspection; nothing is sent.
func NewSession(c *jobs.Client, s Spec) (*Session, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	out := &Session{client: c, spec: s, now: time.Now, patience: usualPatience(), memory: memory{most: mostInMemory}}
	for i, name := range s.Nodes {
		out.targets = append(out.targets, &target{index: i, node: name, ended: make(chan struct{})})
	}
	return out, nil
}

// Progress is where it stands; at once, any time.
func (s *Session) Progress() Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := Progress{State: s.state, Why: s.why, Nodes: len(s.targets)}
	for _, t := range s.targets {
		if t.settled() {
			p.Done++
		}
	}
	return p
}

// Left is what could not be removed, and how to remove it.
func (s *Session) Left() []plain.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.left)
}

// Run reads the nodes and removes everything it created, however it ends. It fails if no
// node could be read. Cut short, it returns what it has, and says of the other nodes why
// they are missing.
func (s *Session) Run(ctx context.Context) (Result, error) {
	s.mu.Lock()
	again := !s.begun.IsZero()
	s.begun = s.now()
	s.mu.Unlock()
	if again {
		return Result{}, errors.New("this session has run already; make another")
	}
	// Those who watch and follow go on until everything is removed.
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	home := s.maker()
	err := s.readAll(ctx, watching, home)
	s.remove(ctx, home)
	stop()
	s.followers.Wait()
	s.set(Finished, "")
	return s.result(ctx, err)
}

// maker makes objects, and removes them.
func (s *Session) maker() *jobs.Maker {
	return &jobs.Maker{
		Client: s.client, Pods: s.spec.Pods, Role: RoleCommand, Within: s.patience.remove, Now: s.now, Says: s.says,
		Until: func() time.Time { return s.now().Add(s.spec.Deadline()) },
	}
}

// readAll reads the nodes, some at a time. Home makes the namespace.
func (s *Session) readAll(ctx, watching context.Context, home *jobs.Maker) error {
	s.set(Creating, "")
	if s.spec.Make {
		if _, err := home.Create(ctx, s.spec.namespace()); err != nil {
			return err
		}
	}
	s.followers.Go(func() { s.watcher().Watch(watching) })
	for wave := range slices.Chunk(s.targets, atOnce) {
		m := s.maker()
		err := s.create(ctx, m, wave)
		if err == nil {
			err = s.await(ctx, wave)
		}
		s.remove(ctx, m)
		if err != nil {
			return err
		}
		if !s.anyReport() { // the reason is the cluster's, and not a node's
			return nil
		}
	}
	return nil
}

func (s *Session) anyReport() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.targets, func(t *target) bool { return t.report != nil })
}

// create makes the Jobs of some nodes. One that is refused costs its node alone, unless the
// first is.
func (s *Session) create(ctx context.Context, m *jobs.Maker, wave []*target) error {
	s.mu.Lock()
	s.state, s.removing = Creating, false
	s.mu.Unlock()
	spec := s.spec
	spec.Made = s.now()
	for i, t := range wave {
		_, err := m.Create(ctx, spec.object(t.index))
		var refused *plain.Error
		switch {
		case err == nil:
			s.mu.Lock()
			t.created = s.now()
			s.mu.Unlock()
		case i > 0 && ctx.Err() == nil && errors.As(err, &refused):
			s.lose(t, jobs.ErrorText(refused))
		default:
			return err
		}
	}
	return nil
}

// remove removes what was made.
func (s *Session) remove(ctx context.Context, m *jobs.Maker) {
	s.mu.Lock()
	s.removing = true
	s.mu.Unlock()
	if m.Made() > 0 {
		m.Remove(context.WithoutCancel(ctx))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = append(s.left, m.Left()...)
}

// says tells what is made or removed just now.
func (s *Session) says(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.removing {
		s.state = Removing
	}
	s.why = what
}

func (s *Session) set(state State, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.why = state, why
}

// await waits until all of some nodes are settled. The error is why it cannot go on.
func (s *Session) await(ctx context.Context, wave []*target) error {
	tick := time.NewTicker(s.patience.look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		if done, err := s.stands(wave); done || err != nil {
			return err
		}
	}
}

// stands looks where some nodes stand, and gives up those of which nothing will come.
func (s *Session) stands(wave []*target) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	down, why := s.link.Down(s.now())
	if down > s.patience.outage && s.trouble == nil {
		s.trouble = plain.Fail(
			fmt.Sprintf("The API server has not answered for %v: %s.", s.patience.outage, why),
			"Run it again when \"kubectl version\" works.",
			nil,
		)
	}
	if s.trouble != nil {
		return false, s.trouble
	}
	s.state, s.why, done = Reading, "", true
	for _, t := range wave {
		if t.settled() {
			continue
		}
		if down == 0 { // else it is not they who are silent
			s.hindered(t)
		}
		if t.settled() {
			continue
		}
		done = false
		if !t.following {
			s.state = Starting
		}
		if s.why == "" && t.waiting() != "" {
			s.why = t.node + ": " + t.waiting()
		}
	}
	if down > 0 {
		s.why = "the API server does not answer, the pods go on: " + why
	}
	return done, nil
}

// result puts together what was read.
func (s *Session) result(ctx context.Context, err error) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := "no node before it could be read"
	var trouble *plain.Error
	switch {
	case ctx.Err() != nil:
		rest = "stopped before it was read"
	case errors.As(err, &trouble):
		rest = jobs.ErrorText(trouble)
	}
	var out Result
	for _, t := range s.targets {
		switch {
		case t.report != nil:
			out.Reports = append(out.Reports, *t.report)
			if t.cut != "" {
				out.Cut = append(out.Cut, Missing{t.node, t.cut})
			}
		case t.gone != "":
			out.Missing = append(out.Missing, Missing{t.node, t.gone})
		default:
			out.Missing = append(out.Missing, Missing{t.node, rest})
		}
	}
	switch {
	case len(out.Reports) > 0:
		return out, nil
	case ctx.Err() != nil:
		return out, fmt.Errorf("stopped before a node was read: %w", context.Cause(ctx))
	case err != nil:
		return out, err
	}
	return out, s.nothing(out.Missing)
}

// nothing is that no node could be read.
func (s *Session) nothing(missing []Missing) error {
	for _, t := range s.targets {
		if jobs.Insecure(t.gone) {
			return jobs.NotAdmitted(s.spec.Namespace, t.gone)
		}
	}
	return plain.Fail(fmt.Sprintf("No node could be read: %s.", listed(missing)),
		"Remove the reason and run it again; --start-timeout allows more time, --image names another image.", nil)
}
