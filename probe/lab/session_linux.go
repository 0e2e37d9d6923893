package lab

import (
	"context"
	"errors"

	"kpadvisor/plain"
)

// Session is a live comparison: a sandbox with a node per mode and the probe
// running against them.
type Session struct {
	sandbox *sandbox
	keeper  *stateKeeper
	options Options
	ended   chan struct{}
}

// Start starts building o.Shape and then measures by o.Plan. It returns as soon
// as the inner half runs; State says how far it is. The Session ends with ctx or
// by Close.
func Start(ctx context.Context, o Options) (*Session, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	box, err := openSandbox(ctx, o.In, o.UMLKernel)
	if err != nil {
		return nil, err
	}
	s := &Session{sandbox: box, keeper: newStateKeeper(), options: o, ended: make(chan struct{})}
	if err := box.ask(doLive, 0, o); err != nil {
		box.close()
		return nil, err
	}
	go s.follow(ctx)
	return s, nil
}

// follow keeps the state up to date until the stream ends.
func (s *Session) follow(ctx context.Context) {
	defer close(s.ended)
	for {
		job, err := s.sandbox.listen(ctx, s.keeper.add)
		var said *plain.Error
		alive := err == nil || errors.As(err, &said) && !errors.Is(err, errStream)
		s.keeper.finish(job, alive, err)
		if !alive {
			return
		}
	}
}

// State copies what is known; it may be called any time, by anybody.
func (s *Session) State() State { return s.keeper.copy() }

// Resize changes the number of Services; everything else stays, and the kernel
// is told only what differs. What runs is stopped.
func (s *Session) Resize(services int) error {
	o := s.options
	o.Shape.Services, o.Sizes = services, nil
	if err := o.Validate(); err != nil {
		return err
	}
	s.options = o
	return s.sandbox.ask(doLive, s.keeper.restart(), o)
}

// Stop ends what is being measured and keeps the lab; what was measured so far
// becomes the State's Result. Wait tells when it is there.
func (s *Session) Stop() error {
	job, done := s.keeper.running()
	select {
	case <-done:
		return nil
	default:
		return s.sandbox.ask(doStop, job, s.options)
	}
}

// Wait waits until the current size is measured, or its plan has failed or was
// stopped, or until ctx ends, and returns the State then.
func (s *Session) Wait(ctx context.Context) State {
	_, done := s.keeper.running()
	select {
	case <-done:
	case <-ctx.Done():
	}
	return s.State()
}

// Close ends the Session and waits until everything it started is gone.
func (s *Session) Close() {
	s.sandbox.close()
	<-s.ended
}
