package inspect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// What logs may take, in bytes.
const (
	mostOfLog    = 64 << 20  // one; a report that is longer is cut off
	mostInMemory = 256 << 20 // all that are read at a time
)

// Why a log is taken no further.
var (
	errRotated = errors.New("its log was rotated while the connection was broken, and what came between is lost")
	errLong    = fmt.Errorf("its log is longer than %d MiB", mostOfLog>>20)
	errMemory  = fmt.Errorf(
		"the reports of all nodes together are longer than %d MiB: fewer nodes at a time have room (--nodes)",
		mostInMemory>>20,
	)
	errHung = errors.New("nothing came of its log any more")
)

// memory is what the logs take that are read just now.
type memory struct {
	mu         sync.Mutex
	taken, max int
	most       int
}

// take reports whether there is room for more bytes.
func (m *memory) take(n int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.taken+n > m.most {
		return false
	}
	m.taken += n
	m.max = max(m.max, m.taken)
	return true
}

func (m *memory) give(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken -= n
}

// journal is the log of a pod as far as it was read. A kubelet that rotates a log while it
// is followed goes on with the new file; from the beginning it gives only the newest. So a
// log that is read again has to begin as it did before.
type journal struct {
	text []byte
	at   int // of the stream that is read: what is before was there already
}

// add takes bytes of a stream.
func (j *journal) add(part []byte, m *memory) error {
	known := j.text[j.at:min(j.at+len(part), len(j.text))]
	if !bytes.Equal(known, part[:len(known)]) {
		return errRotated
	}
	j.at += len(part)
	part = part[len(known):]
	switch {
	case len(j.text)+len(part) > mostOfLog:
		return errLong
	case !m.take(len(part)):
		return errMemory
	}
	j.text = append(j.text, part...)
	return nil
}

// final reports an error after which reading again gives no more.
func final(err error) bool {
	return errors.Is(err, errRotated) || errors.Is(err, errLong) || errors.Is(err, errMemory)
}

// follow reads the log of a pod until its report is whole, or can not become so.
func (s *Session) follow(ctx context.Context, t *target) {
	defer func() {
		if v := recover(); v != nil {
			s.lose(t, fmt.Sprintf("a defect in kpadvisor: %v", v))
		}
	}()
	var j journal
	defer func() { s.memory.give(len(j.text)) }()
	pause, stuck := s.patience.retry.First, 0
	for {
		s.mu.Lock()
		settled, ended := t.settled(), t.hasEnded
		s.mu.Unlock()
		if settled || ctx.Err() != nil {
			return
		}
		before := len(j.text)
		j.at = 0
		err := s.read(ctx, t, &j)
		switch {
		case len(j.text) > before:
			stuck, pause = 0, s.patience.retry.First
		case ended:
			stuck++
		}
		last := ended && (err == nil && len(j.text) == before || stuck >= mostStuck)
		if s.took(t, &j, err, last) || ctx.Err() != nil {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = s.patience.retry.Next(pause)
	}
}

// read reads one stream to its end. Once the pod has ended, something has to come of it
// all the time.
func (s *Session) read(ctx context.Context, t *target, j *journal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var came atomic.Int64
	var hung atomic.Bool
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		s.watchdog(ctx, t, &came, func() {
			hung.Store(true)
			cancel()
		})
	}()
	defer func() {
		cancel()
		<-watching
	}()
	body, err := s.client.Log(ctx, s.spec.Namespace, t.pod, time.Time{})
	if err == nil {
		s.link.Reached()
		defer func() { _ = body.Close() }() // it was only read
		err = eachPart(body, func(part []byte) error {
			came.Add(1)
			return j.add(part, &s.memory)
		})
	}
	if hung.Load() {
		return errHung
	}
	return err
}

// watchdog calls hung if nothing has come for too long after the pod has ended.
func (s *Session) watchdog(ctx context.Context, t *target, came *atomic.Int64, hung func()) {
	select {
	case <-t.ended:
	case <-ctx.Done():
		return
	}
	for before := came.Load(); ; {
		select {
		case <-time.After(s.patience.told):
		case <-ctx.Done():
			return
		}
		now := came.Load()
		if now == before {
			hung()
			return
		}
		before = now
	}
}

// eachPart hands over what comes. It is valid until fn returns.
func eachPart(r io.Reader, fn func([]byte) error) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := r.Read(buffer)
		if n > 0 {
			if err := fn(buffer[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// mostStuck is how often the log of a pod that has ended is read in vain.
const mostStuck = 3

// took takes what was read up to now, and reports whether there will be no more: last says
// that nobody waits any longer.
func (s *Session) took(t *target, j *journal, err error, last bool) bool {
	whole := s.enter(t, j.text, false, "")
	switch {
	case whole:
		return true
	case final(err):
		return s.enter(t, j.text, true, err.Error())
	case apierrors.IsNotFound(err):
		return s.enter(t, j.text, true, "its pod was deleted")
	case apierrors.IsUnauthorized(err), apierrors.IsForbidden(err):
		s.fail(jobs.Trouble("The logs of the pods cannot be followed", err, RoleCommand))
		return true
	case last:
		s.mu.Lock()
		why := t.standing.Why
		s.mu.Unlock()
		if err != nil {
			why = jobs.ReasonText(why, jobs.ErrorText(err))
		}
		return s.enter(t, j.text, true, why)
	case err != nil && !errors.Is(err, errHung) && !apierrors.IsBadRequest(err): // 400: the container is not there yet
		s.link.Unreached(s.now(), err)
	}
	return false
}

// enter enters the report of a log, a whole one or, where it is the last, what there is.
// Why says why there is no more. It reports whether the node is settled.
func (s *Session) enter(t *target, text []byte, last bool, why string) bool {
	parse := s.Parse
	if parse == nil {
		parse = node.Parse
	}
	reports, err := parse(text)
	switch {
	case err != nil && last:
		s.lose(t, jobs.ReasonText(why, lastWords(text)))
		return true
	case err != nil, !reports[0].Whole && !last:
		return false
	}
	r := reports[0] // what follows is none of the agent
	r.Node = t.node
	if s.settle(t, r, why) && s.Keep != nil {
		s.keeping.Lock()
		defer s.keeping.Unlock()
		s.Keep(t.node, text)
	}
	return true
}

// settle enters a report, unless the node has been given up.
func (s *Session) settle(t *target, r advisor.NodeReport, why string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.settled() {
		return false
	}
	if t.report = &r; !r.Whole {
		if t.cut = why; why == "" {
			t.cut = "its pod ended before it had written everything"
		}
	}
	return true
}

// lastWords are the last line of a log that is no report.
func lastWords(text []byte) string {
	const most = 4 << 10
	line := strings.TrimSpace(string(text[max(0, len(text)-most):]))
	if i := strings.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	}
	if line == "" {
		return "it wrote no report: is kpadvisor in the image?"
	}
	return "it wrote no report, but: " + plain.Line(line, jobs.MostText)
}
