package incluster

import (
	"slices"
	"sync"
	"time"

	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// What a session knows is in five parts, each with a lock of its own: where the run
// stands, what it made, the echo Services, whether the API server answers, and its pods.
// Only the roster's lock may be held while another is taken.

// stage is where the run stands, for who looks on.
type stage struct {
	mu      sync.Mutex
	state   probe.State
	why     string
	started time.Time
	ended   time.Time
	paused  bool
}

// start begins the run; false if it has begun before.
func (s *stage) start(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.started.IsZero()
	if first {
		s.started = now
	}
	return first
}

// end ends measuring.
func (s *stage) end(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = now
}

func (s *stage) set(state probe.State, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.why = state, why
}

func (s *stage) pause(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = on
}

func (s *stage) isPaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paused
}

// begun is when the run began; zero before.
func (s *stage) begun() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

// took is how long the run has taken, or took.
func (s *stage) took(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.started.IsZero():
		return 0
	case !s.ended.IsZero():
		return s.ended.Sub(s.started)
	}
	return now.Sub(s.started)
}

// progress is the state, why, and how long it has taken.
func (s *stage) progress(now time.Time) (p probe.Progress) {
	p.Elapsed = s.took(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.State, p.Why = s.state, s.why
	return p
}

// served are the addresses of the echo Services, IP:port.
type served struct {
	mu  sync.Mutex
	all []string
}

func (s *served) add(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, address)
}

func (s *served) get() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// roster is what is known of the run's pods, and what ended the run early.
type roster struct {
	mu        sync.Mutex
	removing  bool
	begun     bool // every source has said which is its first round
	sources   []*source
	echo      map[string]jobs.Standing // what hinders the echo server, by pod
	refused   map[string]string        // why a Job's pods are not made, by Job
	refusedAt time.Time                // since when
	trouble   *plain.Error             // why the run ended early
	units     []probe.Unit             // for who looks on, of so many rounds
	unitsOf   int
}

// fail ends the run for a reason, the first of them. The lock must be held.
func (r *roster) fail(t *plain.Error) {
	if r.trouble == nil {
		r.trouble = t
	}
}

// failed is why the run ended early; nil if it did not.
func (r *roster) failed() *plain.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trouble
}
