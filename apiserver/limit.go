package apiserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// How large an answer may be, in bytes after decompression.
const (
	maxAnswer    = 1 << 20  // of one object, and of a refusal
	maxConfigMap = 8 << 20  // etcd takes 1.5 MiB, and its JSON may escape each byte
	maxPage      = 64 << 20 // of a list; kubectl's pages of 500 pods take some MiB
)

var (
	// ErrTooLarge is an answer, or an object in one, beyond all that an API server sends.
	ErrTooLarge = errors.New("the answer is larger than any of a Kubernetes API server")
	// ErrSlow is an answer that comes so slowly that it will not end.
	ErrSlow = errors.New("the answer comes too slowly to end")
)

// allowance is what a request lets its answer be.
type allowance struct {
	bytes int64 // of the body; 0 is no bound
	paced bool  // it has to come at the pace, or faster
}

type allowanceKey struct{}

// within gives the requests of a context an allowance.
func within(ctx context.Context, a allowance) context.Context {
	return context.WithValue(ctx, allowanceKey{}, a)
}

// pace is the slowest that a body may come: so many bytes in each such time spent
// waiting for it. 2,560 bytes in 10 s are a hundredth of a bad satellite link.
type pace struct {
	bytes  int64
	window time.Duration
}

func usualPace() pace { return pace{2560, 10 * time.Second} }

// distrust is the transport that all requests pass. It is above net/http's own, so that
// it counts bytes after decompression, whether that was asked for or not.
type distrust struct {
	next http.RoundTripper
	pace pace
}

// WrappedRoundTripper lets client-go find the transport below.
func (d *distrust) WrappedRoundTripper() http.RoundTripper { return d.next }

// RoundTrip implements [http.RoundTripper].
func (d *distrust) RoundTrip(r *http.Request) (*http.Response, error) {
	a, ok := r.Context().Value(allowanceKey{}).(allowance)
	if !ok {
		a = allowance{maxAnswer, true}
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	response, err := d.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return response, err
	}
	if response.StatusCode == http.StatusSwitchingProtocols { // no answer follows, but a connection
		context.AfterFunc(r.Context(), func() { cancel(nil) })
		return response, nil
	}
	boundRetry(ctx, response)
	b := &body{ReadCloser: response.Body, ctx: ctx, cancel: cancel, left: a.bytes, bounded: a.bytes > 0}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		b.left, b.bounded, b.cut, a.paced = maxAnswer, true, true, true
	}
	if a.paced {
		b.pace = d.pace
	}
	response.Body = b
	return response, nil
}

// boundRetry takes away a Retry-After that the request has not the time for, so that
// the refusal is known at once; rest.Request would sleep until the time is up. One that
// is no number of seconds it does not obey, one below zero it would obey at once.
func boundRetry(ctx context.Context, r *http.Response) {
	text := r.Header.Get("Retry-After")
	if text == "" {
		return
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	deadline, ends := ctx.Deadline()
	left := time.Hour
	if ends {
		left = time.Until(deadline)
	}
	switch {
	case err != nil, seconds > int64(left/time.Second):
		r.Header.Del("Retry-After")
	case seconds < 1:
		r.Header.Set("Retry-After", "1")
	}
}

// body is an answer's, within its allowance. It is read by one goroutine.
type body struct {
	io.ReadCloser
	ctx     context.Context
	cancel  context.CancelCauseFunc
	left    int64
	bounded bool
	cut     bool // at the bound it ends like any other: of a refusal, the code is what matters
	pace    pace // zero for none

	mu     sync.Mutex // over what follows, which the clock reads too
	clock  *time.Timer
	got    int64         // within this window
	waited time.Duration // the same
}

func (b *body) Read(p []byte) (int, error) {
	if b.bounded && b.left <= 0 {
		return b.beyond()
	}
	if b.bounded && int64(len(p)) > b.left {
		p = p[:b.left]
	}
	began := time.Now()
	b.wind()
	n, err := b.ReadCloser.Read(p)
	b.stop(n, time.Since(began))
	b.left -= int64(n)
	if cause := context.Cause(b.ctx); err != nil && errors.Is(cause, ErrSlow) {
		err = cause
	}
	return n, err
}

// beyond tells an answer that is as large as allowed from one that is larger.
func (b *body) beyond() (int, error) {
	if b.cut {
		return 0, io.EOF
	}
	var one [1]byte
	n, err := b.ReadCloser.Read(one[:])
	if n > 0 {
		return 0, ErrTooLarge
	}
	return 0, err
}

// wind starts the clock for the rest of the window.
func (b *body) wind() {
	if b.pace.window == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if rest := b.pace.window - b.waited; b.clock == nil {
		b.clock = time.AfterFunc(rest, b.ring)
	} else {
		b.clock.Reset(rest)
	}
}

// stop stops the clock: only time spent waiting counts.
func (b *body) stop(n int, took time.Duration) {
	if b.pace.window == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock.Stop()
	b.got += int64(n)
	if b.waited += took; b.waited >= b.pace.window {
		b.judge()
	}
}

// ring ends a window in which a read still waits.
func (b *body) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.judge()
	b.clock.Reset(b.pace.window)
}

// judge ends a window. The lock must be held.
func (b *body) judge() {
	if b.got < b.pace.bytes {
		b.cancel(fmt.Errorf("%w: %d bytes in %v", ErrSlow, b.got, b.pace.window))
	}
	b.got, b.waited = 0, 0
}

// Close ends the request.
func (b *body) Close() error {
	b.mu.Lock()
	if b.clock != nil {
		b.clock.Stop()
	}
	b.mu.Unlock()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
