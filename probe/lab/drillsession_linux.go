package lab

import (
	"context"
	"sync"
)

// DrillSession is a running drill, for a screen that looks at it now and then.
type DrillSession struct {
	sandbox *sandbox
	keeper  drillKeeper
	ended   chan struct{}
	closing sync.Once
}

// StartDrill starts a drill and returns as soon as the inner half runs; State
// says how far it is. The drill ends by itself, with ctx, or by Close.
func StartDrill(ctx context.Context, o DrillOptions) (*DrillSession, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	box, err := openSandbox(ctx, o.In, o.UMLKernel)
	if err != nil {
		return nil, err
	}
	s := &DrillSession{sandbox: box, ended: make(chan struct{})}
	s.keeper.plan = o.Plan
	if err := box.askDrill(o.Plan); err != nil {
		box.close()
		return nil, err
	}
	go s.follow(ctx, o)
	return s, nil
}

func (s *DrillSession) follow(ctx context.Context, o DrillOptions) {
	defer close(s.ended)
	_, err := s.sandbox.listen(ctx, func(e Event) {
		if e.DrillEnvironment != nil && o.In == UML {
			e.DrillEnvironment.Where = InUML
		}
		s.keeper.add(e)
	})
	s.keeper.finish(err)
	s.closing.Do(s.sandbox.close) // nobody can ask for more
}

// State copies what is known; it may be called any time, by anybody.
func (s *DrillSession) State() DrillState { return s.keeper.copy() }

// Wait waits until the drill is over or ctx ends.
func (s *DrillSession) Wait(ctx context.Context) {
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
}

// Close ends the drill, if it still runs, and waits until everything it started
// is gone, which is so by itself once the drill is over. It may be called again,
// and State still answers.
func (s *DrillSession) Close() {
	s.closing.Do(s.sandbox.close)
	<-s.ended
}
