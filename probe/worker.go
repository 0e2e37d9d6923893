package probe

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// firing is one block while it is fired; all workers take tickets from it.
type firing struct {
	target  int
	start   int64 // run's clock
	end     int64 // no ticket is due at or after it; 0 is no end
	limit   int64 // tickets; 0 is no limit
	rate    float64
	jitter  *jitter // open loop; nil is none
	overdue int64   // open loop, ns; see Plan.Overdue
	users   *users  // closed loop with more users than workers
	ticket  atomic.Int64
	notSent atomic.Int64 // tickets that were overdue
	done    sync.WaitGroup
}

// next hands out a ticket and when it is due. Sequence and due time belong
// together without a lock because the one is computed from the other: number n
// of an open loop is due at n/rate whoever draws it and however late.
func (f *firing) next(now int64) (due int64, ok bool) {
	n := f.ticket.Add(1) - 1
	if f.limit > 0 && n >= f.limit {
		return 0, false
	}
	due = now
	if f.rate > 0 {
		after := Due(n, f.rate)
		if f.jitter != nil {
			after = f.jitter.due(n, f.rate)
		}
		due = f.start + int64(after)
		return due, f.end == 0 || due < f.end
	}
	if f.end > 0 && now >= f.end {
		return 0, false
	}
	if f.users != nil {
		due = f.users.next()
	}
	return due, true
}

// tooLate reports whether a hit is too long overdue to be sent, and counts it:
// leaving it out silently would hide a stall.
func (f *firing) tooLate(due, now int64) bool {
	if f.rate == 0 || now-due <= f.overdue {
		return false
	}
	f.notSent.Add(1)
	return true
}

// worker fires hits on a thread of its own.
type worker struct {
	shared   *shared
	recorder *recorder
	shooter  shooter
	jobs     chan *firing
	batch    []hit
	flushed  int64
	waited   cpuTimes // of the thread, when it ended
}

// A batch is given to the recorder when it is full or 20 ms old, so that a
// screen which pulls every 100 ms is never far behind.
const (
	batchSize = 64
	batchAge  = 20 * time.Millisecond
)

// run serves jobs until they are closed. It never unlocks its thread: the
// thread ends with the goroutine instead of going back to the scheduler.
func (w *worker) run(index int, arm armourer, ready chan<- error) (err error) {
	runtime.LockOSThread()
	if w.shooter, err = arm(w.shared, index); err != nil {
		ready <- err
		return nil
	}
	defer w.shooter.close()
	before := threadTimes()
	ready <- nil
	for f := range w.jobs {
		if failure := w.fire(f); failure != nil {
			w.shared.stop.Store(true) // the others must not go on alone
			err = failure
		}
	}
	w.waited = threadTimes().since(before)
	return err
}

// fire makes hits until the block has no tickets left or the run is cancelled.
func (w *worker) fire(f *firing) (err error) {
	defer f.done.Done()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("a worker panicked: %v\n%s", r, debug.Stack())
		}
	}()
	for !w.shared.stop.Load() {
		now := w.shared.now()
		due, ok := f.next(now)
		if !ok {
			break
		}
		for now = w.shared.now(); now < due && !w.shared.stop.Load(); now = w.shared.now() {
			if len(w.batch) > 0 && due-now > int64(time.Millisecond) {
				w.flush(now, true)
			}
			w.shooter.sleep(due)
		}
		if w.shared.stop.Load() {
			break
		}
		if f.tooLate(due, now) { // looked at here: a stall may have come after the ticket
			continue
		}
		w.batch = append(w.batch, hit{due: due})
		h := &w.batch[len(w.batch)-1]
		w.shooter.hit(f.target, h)
		if f.users != nil {
			f.users.finished(h.done)
		}
		if full := len(w.batch) == batchSize; full || h.done-w.flushed >= int64(batchAge) {
			w.flush(h.done, full)
		}
	}
	w.flush(w.shared.now(), true)
	return nil
}

func (w *worker) flush(now int64, wait bool) {
	if w.recorder.add(w.batch, wait) {
		w.batch, w.flushed = w.batch[:0], now
	}
}
