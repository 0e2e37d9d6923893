package measure

import (
	"math"
	"time"

	"kpadvisor/probe"
	"kpadvisor/ui/kit"
)

// keepEvents is more than the widest terminal shows, and more than a look at the
// engine can bring.
const keepEvents = 512

// event is one column of a row: an interval, or a change of the backends.
type event struct {
	interval probe.Interval
	rollout  bool
}

// track is what has happened to one target, in the order in which it became known.
type track struct {
	events   []event       // the last ones
	total    int           // ever
	until    time.Duration // the end of the newest interval
	rollouts int           // of the list of changes, how many are in
}

// add takes what is new in the intervals of a target and in the list of changes
// of its backends. Changes from before the run are skipped.
func (t *track) add(intervals []probe.Interval, rollouts []time.Time, started time.Time) {
	next := rollouts[min(t.rollouts, len(rollouts)):]
	t.rollouts = max(t.rollouts, len(rollouts))
	mark := func(until time.Duration) {
		for len(next) > 0 && next[0].Sub(started) < until {
			if next[0].After(started) {
				t.push(event{rollout: true})
			}
			next = next[1:]
		}
	}
	for _, i := range intervals {
		if i.At < t.until {
			continue
		}
		mark(i.At + i.Length)
		t.push(event{interval: i})
		t.until = i.At + i.Length
	}
	mark(math.MaxInt64) // the others are as new as what comes next
}

func (t *track) push(e event) {
	t.events = append(t.events, e)
	t.total++
	if len(t.events) > 2*keepEvents {
		t.events = append([]event(nil), t.events[len(t.events)-keepEvents:]...)
	}
}

// columns is the track of one phase, ready to draw.
func (t *track) columns(e experiment, kind probe.Kind, p probe.Phase) []kit.Column {
	out := make([]kit.Column, 0, keepEvents)
	for _, ev := range t.events[max(len(t.events)-keepEvents, 0):] {
		out = append(out, ev.column(e, kind, p))
	}
	return out
}

func (ev event) column(e experiment, kind probe.Kind, p probe.Phase) kit.Column {
	i := ev.interval
	mark := kit.MarkNoReply
	if i.Empty() {
		mark = kit.MarkStalled
	}
	switch {
	case ev.rollout:
		mark = kit.MarkRollout
	case i.Retransmitted > 0:
		mark = kit.MarkLate
	case i.N[p] > 0 && i.Warm:
		mark = kit.MarkWarm
	case i.N[p] > 0:
		mark = kit.MarkValue
	case i.N[probe.Connect] > 0 && (p == probe.Handshake || kind == probe.TCP):
		mark = kit.MarkNone // it was answered, but this time is not known
	case i.Errors == 0 && e.plan.OpenLoop() && e.plan.Rate*i.Length.Seconds() < 1:
		mark = kit.MarkNone // perhaps nothing was due
	}
	return kit.Column{Mark: mark, Value: float64(i.MedianNs[p])}
}
