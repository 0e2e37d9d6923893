package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kpadvisor/advisor"
)

// Survey is one read of a cluster, going on or done.
type Survey struct {
	client   *Client
	progress progress
	done     chan struct{}

	mu      sync.Mutex // over reading; held for a copy or an assignment, never for a request
	reading advisor.Reading
	// addresses are the InternalIPs of the Nodes; nothing changes them once they are here.
	addresses map[netip.Addr]string

	// Owned by the goroutine of Start.
	lost    int   // requests in a row that the server did not answer at all
	lostErr error // the last of them
}

// maxLost is how many unanswered requests in a row mean that the server is gone,
// so that a survey ends after that many timeouts and not after one for each kind.
const maxLost = 2

// Start reads the cluster in a goroutine, until it is done or ctx is. Wait joins it.
func (c *Client) Start(ctx context.Context) *Survey {
	s := &Survey{client: c, done: make(chan struct{})}
	s.reading.Facts = advisor.Facts{Origin: advisor.FromCluster, Name: cleanText(c.o.Name)}
	go func() {
		defer close(s.done)
		if whole := c.o.Whole; whole > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(ctx, whole, errLate)
			defer cancel()
		}
		defer func() {
			if p := recover(); p != nil {
				s.finish(fmt.Errorf("reading the cluster: %v", p))
			}
		}()
		s.finish(s.read(ctx))
	}()
	return s
}

// Reading returns the survey as far as it has come. The caller may keep and
// change the copy, except for what its node groups share (Evidence, Sysctls).
func (s *Survey) Reading() advisor.Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.reading
	r.Facts.Groups = slices.Clone(r.Facts.Groups)
	r.Facts.Coverage.Missing = slices.Clone(r.Facts.Coverage.Missing)
	if r.Stage != "" {
		r.Read, r.Total = int(s.progress.read.Load()), int(s.progress.total.Load())
	}
	return r
}

// Wait returns the reading when the survey has ended.
func (s *Survey) Wait() advisor.Reading {
	<-s.done
	return s.Reading()
}

// Addresses are the InternalIPs of the nodes that were read, and their names. They are no
// facts: a snapshot has none.
func (s *Survey) Addresses() map[netip.Addr]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addresses
}

// read does everything in order: what fills the screen first comes first.
func (s *Survey) read(ctx context.Context) error {
	if err := s.version(ctx); err != nil {
		return err
	}
	totals, totalErr := s.totals(ctx)
	nodes, nodeErr := s.nodes(ctx)
	stopped := ctx.Err() != nil && !isLate(ctx) // by the user, who sees as far as it came
	if totalErr != nil && nodeErr != nil && len(nodes.names) == 0 && !stopped {
		return totalErr // nothing can be read here: no facts, a problem
	}
	s.counts(ctx, totals)
	w := newWorkloads(s.client.o.Now())
	daemonSets := s.daemonSets(ctx, w)
	s.proxies(ctx, nodes, nodeErr, daemonSets)
	s.workloads(ctx, w, daemonSets.err)
	if isLate(ctx) {
		return nil // what there is, and a coverage that says what is missing
	}
	return ctx.Err()
}

// errLate is the end of a survey that Options.Whole cut short.
var errLate = errors.New("the read took longer than it may")

func isLate(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errLate) }

// cause is errLate for what failed because the survey's time is up.
func cause(ctx context.Context, err error) error {
	if err != nil && isLate(ctx) {
		return errLate
	}
	return err
}

// version asks for the server's version. The error is one that ends the survey.
func (s *Survey) version(ctx context.Context) error {
	v, err := s.client.serverVersion(ctx)
	err = cause(ctx, err)
	switch {
	case isConnectionError(err):
		return err
	case err != nil:
		s.miss("version of the API server", err, "what this version supports", 0, 0)
		s.publish(func(f *advisor.Facts) { f.Version = advisor.UnknownFor[string](why(err), "") })
	default:
		s.publish(func(f *advisor.Facts) { f.Version = advisor.KnownFrom(v, "GET /version") })
	}
	return nil
}

// publish changes the facts. What it puts there must not change any more.
func (s *Survey) publish(change func(*advisor.Facts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.reading.Facts)
}

// stage announces what is read next; total is 0 if it is not known.
func (s *Survey) stage(what string, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading.Stage = what
	s.progress.read.Store(0)
	s.progress.total.Store(int64(max(total, 0)))
}

// miss enters into the coverage what could not be read, or not wholly. What takes
// several requests is missing once.
func (s *Survey) miss(what string, err error, hides string, read, total int) {
	m := advisor.Missing{What: what, Why: why(err), Hides: hides, Read: read, Total: max(total, 0)}
	s.publish(func(f *advisor.Facts) {
		for i := range f.Coverage.Missing {
			if known := &f.Coverage.Missing[i]; known.What == m.What && known.Why == m.Why {
				known.Read += m.Read
				known.Total += m.Total
				return
			}
		}
		f.Coverage.Missing = append(f.Coverage.Missing, m)
	})
}

// finish ends the reading.
func (s *Survey) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading.Facts.TakenAt = s.client.o.Now()
	s.reading.Stage = ""
	s.reading.Done = true
	s.reading.Err = err
}

// collect reads a list and enters into the coverage what is missing of it.
func collect[T any](ctx context.Context, s *Survey, l list, total int, hides string, each func(*T)) error {
	s.stage(l.what, total)
	err := ask(ctx, s, func() error { return readAll(ctx, s.client, l, &s.progress, each) })
	if err != nil {
		s.miss(l.what, err, hides, int(s.progress.read.Load()), int(s.progress.total.Load()))
	}
	return err
}

// ask makes a request, unless the server is gone.
func ask(ctx context.Context, s *Survey, request func() error) error {
	if err := ctx.Err(); err != nil {
		return cause(ctx, err)
	}
	if s.lost >= maxLost {
		return s.lostErr
	}
	err := cause(ctx, request())
	if isUnanswered(err) && s.progress.read.Load() == 0 {
		s.lost++
		s.lostErr = err
	} else {
		s.lost = 0
	}
	return err
}

// isUnanswered reports that a server did not answer, not even to refuse.
func isUnanswered(err error) bool {
	if w := why(err); err == nil || w != advisor.TimedOut && w != advisor.Failed {
		return false
	}
	var status apierrors.APIStatus
	return !errors.As(err, &status)
}
