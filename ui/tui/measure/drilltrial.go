package measure

import (
	"context"
	"fmt"
	"sync"
	"time"

	"kpadvisor/probe/lab"
	"kpadvisor/ui/tui/measure/tools"
)

// drillEvery is the pause between two looks at a drill: it tells news no oftener.
const drillEvery = 200 * time.Millisecond

// drillMsg is what was seen of a drill.
type drillMsg struct {
	trial *drillTrial
	state lab.DrillState
	over  bool
}

// drillTrial is a drill in its goroutine.
type drillTrial struct {
	drillOrder
	cancel context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	session tools.Drill // nil until it is started
	err     error       // why it was not

	over    bool // the event loop knows that it has ended
	stopped bool // it was told to end
}

// run starts the drill and sees it to its end.
func (t *drillTrial) run(ctx context.Context, start func(context.Context, lab.DrillOptions) (tools.Drill, error)) {
	defer close(t.ended)
	defer t.cancel()
	defer func() {
		if v := recover(); v != nil {
			t.fail(fmt.Errorf("%w: %v", errDefect, v))
		}
	}()
	session, err := start(ctx, t.options)
	if err != nil {
		t.fail(err)
		return
	}
	t.mu.Lock()
	t.session = session
	t.mu.Unlock()
	session.Wait(ctx)
	session.Close()
}

func (t *drillTrial) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = err
}

// state is what is known of it now.
func (t *drillTrial) state() lab.DrillState {
	t.mu.Lock()
	session, err := t.session, t.err
	t.mu.Unlock()
	if session == nil {
		return lab.DrillState{Err: err, Finished: err != nil}
	}
	return session.State()
}
