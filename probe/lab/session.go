package lab

import (
	"slices"
	"sync"
	"time"

	"kpadvisor/probe"
)

// snapshotEvery is how often what happens is shown; a screen needs no more.
const snapshotEvery = 200 * time.Millisecond

// State is what a Session knows at a moment. It is a copy that costs next to
// nothing, to be taken as often as a screen is drawn; what it points to is never
// written again, and must not be.
type State struct {
	Environment Environment
	Missing     []Missing // modes that cannot run here
	Skipped     []Skipped // modes left out at this size
	Built       []Built   // modes programmed at this size
	Stage       Stage     // what is being done
	Hot         []Point   // of each mode before a paced plan: the other load, one build of it
	Snapshot    probe.Snapshot
	Result      *probe.Result // once the plan is done
	Err         error         // why it stopped, nil while it goes on or went well; see Explain
	Finished    bool          // nothing more comes before a Resize
}

// stateKeeper collects events into a State.
type stateKeeper struct {
	mu    sync.Mutex
	state State
	job   int
	done  chan struct{} // closed when the job has finished
}

func newStateKeeper() *stateKeeper { return &stateKeeper{done: make(chan struct{})} }

func (k *stateKeeper) add(e Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := &k.state
	switch { // what can run here does not depend on the size, and is found out once
	case e.Environment != nil: // begins the finding out, which an early Resize makes start again
		s.Environment, s.Missing = *e.Environment, nil
		return
	case e.Missing != nil:
		s.Missing = append(s.Missing, *e.Missing)
		return
	case e.Job != k.job:
		return // of the size before
	}
	switch {
	case e.Skipped != nil:
		s.Skipped = append(s.Skipped, *e.Skipped)
	case e.Built != nil:
		s.Built = append(s.Built, *e.Built)
	case e.Stage != nil:
		s.Stage = *e.Stage
	case e.Point != nil:
		s.Hot = append(s.Hot, *e.Point)
	case e.Snapshot != nil:
		s.Snapshot = join(s.Snapshot, *e.Snapshot)
	case e.Result != nil:
		s.Result = e.Result
	}
}

// finish ends a job; one that was overtaken by a new size says nothing, unless
// nothing can come any more.
func (k *stateKeeper) finish(job int, alive bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.state.Finished || alive && job != k.job {
		return
	}
	k.state.Err, k.state.Finished = err, true
	close(k.done)
}

// running returns the current job and what is closed when it has finished.
func (k *stateKeeper) running() (job int, done <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.job, k.done
}

// restart forgets what belonged to the last size and returns the next job.
func (k *stateKeeper) restart() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.state.Finished {
		k.done = make(chan struct{})
	}
	k.state = State{Environment: k.state.Environment, Missing: k.state.Missing}
	k.job++
	return k.job
}

func (k *stateKeeper) copy() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.state
	s.Missing, s.Skipped, s.Built, s.Hot = slices.Clone(s.Missing), slices.Clone(s.Skipped), slices.Clone(s.Built), slices.Clone(s.Hot)
	return s
}
