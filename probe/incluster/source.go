package incluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// source is one pod that measures, as the session knows it. It is guarded by the
// session's mutex, except for what only its follower uses.
type source struct {
	id           int // in the collector
	group, index int
	pod          string // name; empty until there is one
	node         string
	standing     jobs.Standing
	gone         string // why its pod is gone, or is silent for too long; the source is lost then
	following    bool

	hello   *Hello
	end     *End
	heard   time.Time     // when the last line arrived
	due     time.Time     // by when it has to tell something that it measured; zero before its first line
	ahead   time.Duration // the node's clock is at least so much ahead of this one's; a lower bound that rises towards it
	aheadOK bool
	lastAt  time.Time // of the last line, by the node's clock
	lastSeq int64
	lost    int64     // lines that never arrived
	toldAt  time.Time // when it said that somebody had told it to end; zero if it has not
	endedAt time.Time // when its pod was seen to have ended; zero if it has not
	overran int       // blocks that ended after their slot
	words   string    // the last line that no agent wrote
}

// live reports whether more is to be expected of it.
func (s *source) live() bool { return s.gone == "" && s.end == nil }

// mayTell reports whether the log of a pod that has ended may still say why.
func (s *Session) mayTell(src *source) bool {
	return src.following && !src.endedAt.IsZero() && s.now().Sub(src.endedAt) < s.patience.told
}

// called is how sentences name it.
func (s *source) called() string {
	if s.node == "" {
		return "a pod"
	}
	return "the pod on " + s.node
}

// overlap is how much of a log is read again that is taken up: the API server
// knows whole seconds.
const overlap = 2 * time.Second

// follow reads the log of a pod until its last line, or until there can be none.
// A stream that breaks is taken up again where it broke.
func (s *Session) follow(ctx context.Context, src *source) {
	defer func() {
		if v := recover(); v != nil {
			s.lose(src, fmt.Sprintf("a defect in kpadvisor: %v", v))
		}
	}()
	pause := s.patience.retry.First
	for {
		before := src.lastSeq
		select {
		case s.reading.slots <- struct{}{}: // whoever has waited longest is next
		case <-ctx.Done():
			return
		}
		err := s.read(ctx, src)
		<-s.reading.slots
		done, why := s.afterStream(src, err)
		if done || ctx.Err() != nil {
			if why != "" {
				s.lose(src, why)
			}
			return
		}
		if src.lastSeq > before {
			pause = s.patience.retry.First
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = s.patience.retry.Next(pause)
	}
}

// read reads one stream to its end.
func (s *Session) read(ctx context.Context, src *source) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	since := time.Time{}
	if !src.lastAt.IsZero() {
		since = src.lastAt.Add(-overlap)
	}
	var hung, over atomic.Bool
	if s.reading.visit > 0 {
		turn := time.AfterFunc(s.reading.visit, func() {
			over.Store(true)
			cancel()
		})
		defer turn.Stop()
	}
	watchdog := time.AfterFunc(s.patience.quiet, func() {
		hung.Store(true)
		cancel()
	})
	defer watchdog.Stop()
	body, err := s.client.Log(ctx, s.spec.Namespace, src.pod, since)
	if hung.Load() || over.Load() { // the API server waits for a node
		return errHung
	}
	if err != nil {
		return err
	}
	s.link.Reached()
	defer body.Close()
	err = eachLine(body, func(text []byte) error {
		watchdog.Reset(s.patience.quiet)
		return s.take(src, text, s.now())
	})
	if hung.Load() || over.Load() && errors.Is(err, context.Canceled) {
		return errHung
	}
	return err
}

// errHung is a stream on which nothing came for too long, or whose turn is over.
var errHung = errors.New("nothing came for too long")

// eachLine calls fn for each line, none of which may be longer than maxLine. The
// line is valid until fn returns.
func eachLine(r io.Reader, fn func([]byte) error) error {
	in := bufio.NewReaderSize(r, 8<<10)
	var long []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(long) > 0 || errors.Is(err, bufio.ErrBufferFull) {
			if len(long)+len(part) > maxLine {
				return errors.New("a line of a pod's log is too long")
			}
			long = append(long, part...)
			part = long
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil { // a line without an end was cut off: it will come again
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := fn(part); err != nil {
			return err
		}
		long = long[:0]
	}
}

// afterStream says whether anything more can come of a pod whose stream has
// ended, and if not, why it has not said its last word.
func (s *Session) afterStream(src *source, err error) (done bool, why string) {
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	var fatal *plain.Error
	switch {
	case src.end != nil || src.gone != "":
		return true, ""
	case s.roster.removing && (err == nil || apierrors.IsNotFound(err)): // it was told to end
		return true, ""
	case errors.As(err, &fatal):
		return true, fatal.Sentence
	case apierrors.IsNotFound(err):
		return true, "it was deleted"
	case apierrors.IsUnauthorized(err), apierrors.IsForbidden(err):
		s.roster.fail(jobs.Trouble("The logs of the pods cannot be followed", err, RoleCommand))
		return true, ""
	case err == nil && src.standing.Ended:
		return true, jobs.ReasonText(src.standing.Why, src.words)
	case err != nil && !errors.Is(err, errHung) && !apierrors.IsBadRequest(err): // 400: the container is not there yet
		s.link.Unreached(s.now(), err)
	}
	return false, ""
}

// lose gives a source up.
func (s *Session) lose(src *source, why string) {
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	if !src.live() {
		return
	}
	if src.gone = why; why == "" {
		src.gone = "it ended without a word"
	}
	s.collector.Leave(src.id)
}

// take takes a line of a source that arrived at a time.
func (s *Session) take(src *source, text []byte, arrived time.Time) error {
	l, err := readLine(text)
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	switch {
	case errors.Is(err, errNotALine):
		if words := plain.Line(string(text), jobs.MostText); words != "" {
			src.words = words
		}
		return nil
	case err != nil:
		return plain.Fail(fmt.Sprintf("What %s says cannot be used: %v", src.called(), err), "", err)
	case l.Sequence <= src.lastSeq:
		return nil // it was read before the stream broke
	}
	src.lost += l.Sequence - src.lastSeq - 1
	src.lastSeq, src.lastAt, src.heard = l.Sequence, l.At, arrived
	if ahead := l.At.Sub(arrived); !src.aheadOK || ahead > src.ahead {
		src.ahead, src.aheadOK = ahead, true
	}
	switch {
	case l.Hello != nil:
		return s.greet(src, l.Hello)
	case l.Record != nil:
		return s.record(src, *l.Record)
	case l.End != nil:
		s.part(src, l.End)
	case l.Progress != nil && src.hello == nil:
		src.standing.Why = jobs.ReasonText(string(l.Progress.State), l.Progress.Why)
	}
	for _, seen := range l.Seen {
		if seen.Target == 0 && src.hello != nil {
			seen.Interval.At = s.sinceStart(src, seen.Interval.At)
			s.collector.Interval(src.group, seen.Interval)
		}
	}
	return nil
}

// greet takes the first line of a source.
func (s *Session) greet(src *source, h *Hello) error {
	want := s.spec.Schedule().Blocks
	if h.Run != s.spec.Run || h.Group != src.group || h.Index != src.index || len(h.Resolved) != want {
		return plain.Fail(fmt.Sprintf("What %s says cannot be used: it is of another run.", src.called()), "", nil)
	}
	// It measures from the first round on that it can; a later one it would never reach.
	if last := s.spec.Schedule().First(s.now().Add(s.spec.Start)) + s.spec.Plan.WarmUp + 1; h.First > last {
		return plain.Fail(fmt.Sprintf("What %s says cannot be used: it would begin in round %d, and %d is the last.", src.called(), h.First, last), "", nil)
	}
	src.hello = h
	s.tells(src)
	if src.node == "" {
		src.node = h.Node
	}
	return nil
}

// record takes a block.
func (s *Session) record(src *source, r probe.Record) error {
	if src.hello != nil {
		s.tells(src)
	}
	if src.hello == nil || s.stage.isPaused() {
		return nil // its round will lack it, and not count
	}
	if r.Target < 0 || r.Target >= s.spec.Schedule().Blocks {
		return plain.Fail(fmt.Sprintf("What %s says cannot be used: it names a target that it has not.", src.called()), "", nil)
	}
	if r.Block.Length > s.spec.Block()+s.spec.Guard {
		src.overran++
	}
	r.Target = src.group + r.Target*len(s.spec.Pair.Groups())
	r.Block.At = s.sinceStart(src, r.Block.At)
	return s.collector.Add(src.id, r)
}

// part takes the last line of a source.
func (s *Session) part(src *source, e *End) {
	src.end = e
	switch {
	case e.Error != "":
		src.gone = e.Error
	case e.Told && !s.roster.removing:
		// By somebody else. Why may be known already, or be told by the API server soon.
		src.gone, src.toldAt = reasonOr(src.standing.Why, "it was told to end"), s.now()
	}
	s.collector.Leave(src.id)
}

// sinceStart turns a time since the epoch by a node's clock into one since the
// start of the run. Clocks that agree as well as can be told are not corrected.
func (s *Session) sinceStart(src *source, at time.Duration) time.Duration {
	const sure = 500 * time.Millisecond
	at += s.spec.Epoch.Sub(s.stage.begun())
	if src.ahead > sure || src.ahead < -sure {
		at -= src.ahead
	}
	return max(0, at)
}

// podEvent takes what the API server says of a pod; gone says that it is deleted.
func (s *Session) podEvent(ctx context.Context, p *jobs.Pod, gone bool) {
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	group, index, ok := s.spec.podPlace(p)
	if !ok {
		s.echoEvent(p, gone)
		return
	}
	src := s.roster.sources[group*s.spec.each()+index]
	if src.pod == "" {
		src.pod = p.Metadata.Name
	}
	if src.pod != p.Metadata.Name {
		return // a second try of a Job; half a run is no run
	}
	now := jobs.Stands(p.Status)
	if src.hello != nil && !now.Ended && now.Why == "" {
		now.Why = src.standing.Why
	}
	if src.hello == nil && now.Started && now.Why == "" && src.standing.Started {
		now.Why = src.standing.Why // what the agent itself waits for
	}
	if src.standing = now; s.roster.removing {
		return
	}
	if !src.toldAt.IsZero() && now.Why != "" {
		src.gone = now.Why
	}
	if p.Spec.NodeName != "" {
		src.node = plain.Line(p.Spec.NodeName, jobs.MostText)
	}
	if gone && src.live() && src.standing.Why == "" {
		src.standing.Why = "it was deleted"
	}
	if src.standing.Ended = src.standing.Ended || gone; src.standing.Ended && src.endedAt.IsZero() {
		src.endedAt = s.now()
	}
	switch {
	case now.Started && !src.following:
		src.following = true
		s.followers.Go(func() { s.follow(ctx, src) })
	case !now.Started && src.standing.Ended && src.live():
		src.gone = jobs.ReasonText(src.standing.Why)
		s.collector.Leave(src.id)
	}
}

// echoEvent keeps what hinders the echo server.
func (s *Session) echoEvent(p *jobs.Pod, gone bool) {
	if !strings.HasPrefix(p.Metadata.Labels[jobs.LabelPart], partEcho) {
		return
	}
	now := jobs.Stands(p.Status)
	switch {
	case gone || now.Ended:
		if s.roster.removing {
			return
		}
		s.roster.echo[p.Metadata.Name] = jobs.Standing{Why: jobs.ReasonText("the echo server on "+plain.Line(p.Spec.NodeName, jobs.MostText), reasonOr(now.Why, "it was deleted")), Hopeless: true}
	case now.Why != "":
		now.Why = jobs.ReasonText("the echo server on "+orNone(plain.Line(p.Spec.NodeName, jobs.MostText)), now.Why)
		s.roster.echo[p.Metadata.Name] = now
	default:
		delete(s.roster.echo, p.Metadata.Name)
	}
}

func reasonOr(why, otherwise string) string {
	if why == "" {
		return otherwise
	}
	return why
}
