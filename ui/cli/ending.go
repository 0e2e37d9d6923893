package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"kpadvisor/plain"
)

// patience is how long what was interrupted has to say how far it came: it is what a
// reader of a pipe has that has stopped reading, and a decision that takes minutes.
const patience = 700 * time.Millisecond

// ending ends a run that was interrupted, also one that cannot hear of it: that waits
// in the system or is deep in thought. What must not be cut short holds it.
type ending struct {
	left sync.WaitGroup // what runs, also once nobody waits for it

	mu      sync.Mutex
	holds   int
	changed chan struct{} // closed, and made anew, when holds change
}

func newEnding() *ending { return &ending{changed: make(chan struct{})} }

// hold keeps an interrupted run from being left until the function returned is called,
// once or more: removing what is in a cluster, or saving what was measured.
func (e *ending) hold() (release func()) {
	if e == nil { // of a test that calls a part
		return func() {}
	}
	e.add(1)
	return sync.OnceFunc(func() { e.add(-1) })
}

func (e *ending) add(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.holds += n
	close(e.changed)
	e.changed = make(chan struct{})
}

func (e *ending) state() (held bool, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.holds > 0, e.changed
}

// errLeft is the error of a run that was left because it did not end.
var errLeft = errors.New("it did not end")

// run runs fn to its end, or leaves it when ctx has ended and it does not.
func (e *ending) run(ctx context.Context, fn func() error) error {
	done := make(chan error, 1)
	e.left.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				done <- failure{plain.Problem{
					Sentence: "Stopped because of a defect in kpadvisor: " + plain.Line(fmt.Sprint(p), 200) + ".", Remedy: "Please report it, with the command that was given.",
				}, Failure}
			}
		}()
		done <- fn()
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	for {
		held, changed := e.state()
		over := time.NewTimer(patience)
		if held {
			over.Stop()
		}
		select {
		case err := <-done:
			over.Stop()
			return err
		case <-changed:
			over.Stop()
		case <-over.C:
			return errLeft
		}
	}
}

// gate is an output that can be shut: what was left behind must not write into what is
// said about it.
type gate struct {
	to      io.Writer
	writing sync.Mutex // held for as long as a write takes, which may be for ever

	mu   sync.Mutex
	used bool
	shut bool
}

// Write implements [io.Writer].
func (g *gate) Write(b []byte) (int, error) {
	g.writing.Lock()
	defer g.writing.Unlock()
	if !g.enter() {
		return 0, errLeft
	}
	return g.to.Write(b)
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.used = g.used || !g.shut
	return !g.shut
}

// close shuts the gate and reports whether anything has passed it, or was about to.
func (g *gate) close() (used bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	return g.used
}

// past is the way around a gate that is shut. A write that was under way then comes first.
func (g *gate) past() io.Writer { return past{g} }

type past struct{ gate *gate }

// Write implements [io.Writer].
func (p past) Write(b []byte) (int, error) {
	p.gate.writing.Lock()
	defer p.gate.writing.Unlock()
	return p.gate.to.Write(b)
}

// soon does what may wait for ever, for as long as a user who has pressed ctrl-C waits.
func (e *ending) soon(fn func()) {
	done := make(chan struct{})
	e.left.Go(func() {
		defer close(done)
		defer func() { _ = recover() }() // nobody is left to be told
		fn()
	})
	over := time.NewTimer(patience / 7)
	defer over.Stop()
	select {
	case <-done:
	case <-over.C:
	}
}
