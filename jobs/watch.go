package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"

	"kpadvisor/plain"
)

// Watcher keeps a run told of its pods. All of its functions are set; none is called
// after Watch has returned.
type Watcher struct {
	Client *Client
	Pods   Pods
	Role   string // the command that prints the rights that it takes
	Link   *Link
	Retry  Retry
	Now    func() time.Time

	Event   func(ctx context.Context, p *Pod, gone bool) // of one pod
	Fail    func(*plain.Error)                           // the run cannot go on
	Reasons func(ctx context.Context)                    // ask for what no pod can tell
}

// Retry is the pause between two tries of a stream, doubled up to the last.
type Retry struct{ First, Last time.Duration }

// UsualRetry is that of a run.
func UsualRetry() Retry { return Retry{200 * time.Millisecond, 5 * time.Second} }

// Next is the pause after one.
func (r Retry) Next(pause time.Duration) time.Duration { return min(2*pause, r.Last) }

// Watch tells of the pods until ctx ends.
func (w *Watcher) Watch(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			w.Fail(plain.Fail(fmt.Sprintf("The run ended because of a defect in kpadvisor: %v.", v), "", nil))
		}
	}()
	known := map[string]*Pod{}
	pause := w.Retry.First
	for ctx.Err() == nil {
		began := w.Now()
		err := w.once(ctx, known)
		w.Reasons(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case apierrors.IsUnauthorized(err), apierrors.IsForbidden(err):
			w.Fail(Trouble("The pods cannot be watched", err, w.Role))
			return
		case err != nil && Passes(err):
			w.Link.Unreached(w.Now(), err)
		}
		if w.Now().Sub(began) > time.Second {
			pause = w.Retry.First
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = w.Retry.Next(pause)
	}
}

// once lists the pods and watches them until the server ends that. Pods that
// were known and are not listed are gone.
func (w *Watcher) once(ctx context.Context, known map[string]*Pod) error {
	all, version, err := List[Pod](ctx, w.Client, Collection("Pod", w.Pods.Namespace), w.Pods.Selector())
	if err != nil {
		return err
	}
	w.Link.Reached()
	listed := map[string]bool{}
	for i := range all {
		p := &all[i]
		known[p.Metadata.Name], listed[p.Metadata.Name] = p, true
		w.Event(ctx, p, false)
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !listed[name] {
			w.Event(ctx, known[name], true)
			delete(known, name)
		}
	}
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	looking := make(chan struct{})
	go func() { // while there is nothing to watch yet, events say why
		defer close(looking)
		defer func() { _ = recover() }() // the reasons are a courtesy
		w.lookForReasons(watching)
	}()
	err = w.Client.watchPods(watching, w.Pods.Namespace, w.Pods.Selector(), version, func(kind watch.EventType, p *Pod) {
		gone := kind == watch.Deleted
		if known[p.Metadata.Name] = p; gone {
			delete(known, p.Metadata.Name)
		}
		w.Event(ctx, p, gone) // whose log is followed for longer than this watch lasts
	})
	cancel()
	<-looking
	return err
}

const reasonsEvery = 2 * time.Second

// MostReasons is about how many objects are asked for reasons at a time.
const MostReasons = 4

// lookForReasons asks from time to time.
func (w *Watcher) lookForReasons(ctx context.Context) {
	tick := time.NewTicker(reasonsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.Reasons(ctx)
		}
	}
}

// Link is whether the API server answers. It is safe for concurrent use.
type Link struct {
	mu    sync.Mutex
	since time.Time // it has not answered; zero if it does
	why   string
}

// Reached notes that it answered.
func (l *Link) Reached() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since = time.Time{}
}

// Unreached notes that it did not.
func (l *Link) Unreached(now time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		l.since = now
	}
	l.why = ErrorText(err)
}

// Down is for how long the API server has not answered, and why; 0 if it does.
func (l *Link) Down(now time.Time) (time.Duration, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		return 0, ""
	}
	return max(1, now.Sub(l.since)), l.why
}
