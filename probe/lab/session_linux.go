package lab

import (
	"context"
	"errors"
)

// Session is a live comparison: a sandbox with a node per mode and the probe
// running against them.
type Session struct {
	sandbox *sandbox
	keeper  stateKeeper
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
	box, err := openSandbox(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Session{sandbox: box, options: o, ended: make(chan struct{})}
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
		var said *problem
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

// Close ends the Session and waits until everything it started is gone.
func (s *Session) Close() {
	s.sandbox.close()
	<-s.ended
}
