package incluster

import (
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// What a session knows is in four parts, each with a lock of its own: where the run
// stands, what it made, whether the API server answers, and its pods. Only the
// roster's lock may be held while another is taken.

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

// inventory is what the run made, and what is left of it.
type inventory struct {
	mu       sync.Mutex
	made     []made
	left     []plain.Error
	services []string // IP:port of the echo Services
}

// made is an object that exists, or may.
type made struct {
	kind, name string
	uid        types.UID // empty until the API server has said it
}

// enter notes an object before it is asked for: the answer may get lost.
func (l *inventory) enter(m made) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made = append(l.made, m)
}

// known notes the uid of an object that was made.
func (l *inventory) known(kind, name string, uid types.UID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.made {
		if m := &l.made[i]; m.kind == kind && m.name == name {
			m.uid = uid
		}
	}
}

// strike takes an object out that was refused.
func (l *inventory) strike(kind, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made = slices.DeleteFunc(l.made, func(m made) bool { return m.name == name && m.kind == kind })
}

// all is what was made, last first.
func (l *inventory) all() []made {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Clone(l.made)
	slices.Reverse(out)
	return out
}

func (l *inventory) leave(t plain.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = append(l.left, t)
}

func (l *inventory) remains() []plain.Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.left)
}

// serve notes the address of an echo Service.
func (l *inventory) serve(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.services = append(l.services, address)
}

func (l *inventory) served() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.services)
}

// link is whether the API server answers.
type link struct {
	mu    sync.Mutex
	since time.Time // it has not answered; zero if it does
	why   string
}

func (l *link) reached() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since = time.Time{}
}

func (l *link) unreached(now time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		l.since = now
	}
	l.why = errorText(err)
}

// down is for how long the API server has not answered, and why; 0 if it does.
func (l *link) down(now time.Time) (time.Duration, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		return 0, ""
	}
	return max(1, now.Sub(l.since)), l.why
}

// roster is what is known of the run's pods, and what ended the run early.
type roster struct {
	mu        sync.Mutex
	removing  bool
	begun     bool // every source has said which is its first round
	sources   []*source
	echo      map[string]standing // what hinders the echo server, by pod
	refused   map[string]string   // why a Job's pods are not made, by Job
	refusedAt time.Time           // since when
	trouble   *plain.Error        // why the run ended early
	units     []probe.Unit        // for who looks on, of so many rounds
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
