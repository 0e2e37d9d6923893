package measure

import (
	"cmp"
	"slices"
	"time"

	"kpadvisor/probe"
	"kpadvisor/ui/kit"
)

// keptIntervals is how many of a target are kept at least: more than the time shown has,
// and more than a look at the engine can bring.
const keptIntervals = 512

// track is what has happened to one target.
type track struct {
	intervals []probe.Interval // the last ones
	troubled  []probe.Interval // the last ones in which something went wrong, as long as they may be over
	until     time.Duration    // the end of the newest
	since     time.Duration    // from then on troubled has all of them
}

// add takes what is new in the intervals of a target.
func (t *track) add(intervals []probe.Interval) {
	if t.until > 0 && len(intervals) > 0 && intervals[0].At >= t.until { // nobody looked for long: the engine has let go of some
		t.since = intervals[0].At
	}
	for _, i := range intervals {
		if i.At < t.until {
			continue
		}
		t.intervals, t.until = append(t.intervals, i), i.At+i.Length
		if i.Retransmitted > 0 || i.Errors > 0 || i.Empty() {
			t.troubled = append(t.troubled, i)
		}
	}
	known := len(t.troubled)
	t.intervals, t.troubled = latest(t.intervals), latest(t.troubled)
	if len(t.troubled) < known {
		t.since = max(t.since, t.troubled[0].At)
	}
}

// latest lets go of what is old, now and then.
func latest(all []probe.Interval) []probe.Interval {
	if len(all) <= 2*keptIntervals {
		return all
	}
	return append([]probe.Interval(nil), all[len(all)-keptIntervals:]...)
}

// recent are the intervals of one phase, ready to draw.
func (t *track) recent(e experiment, kind probe.Kind, p probe.Phase) []kit.StripPoint {
	kept := t.intervals[max(len(t.intervals)-keptIntervals, 0):]
	out := make([]kit.StripPoint, len(kept))
	for i, v := range kept {
		out[i] = kit.StripPoint{At: v.At, Value: float64(v.MedianNs[p]), Mark: markOf(v, e, kind, p)}
	}
	return out
}

// whole is the run from its beginning: the median of each block, which is an observation
// of the comparison, the blocks in which every hit failed, and what else went wrong, as far
// back as that is kept.
func (t *track) whole(blocks []probe.Block, e experiment, kind probe.Kind, p probe.Phase) []kit.StripPoint {
	var out []kit.StripPoint
	for _, b := range blocks {
		switch at := b.At + b.Length/2; {
		case b.N[p] > 0:
			out = append(out, kit.StripPoint{At: at, Value: b.MedianNs[p], Mark: kit.MarkValue})
		case b.Requests > 0 && b.Failed == b.Requests:
			out = append(out, kit.StripPoint{At: at, Mark: kit.MarkNoReply})
		}
	}
	for _, v := range t.troubled {
		if m := markOf(v, e, kind, p); m.Token() != kit.Normal {
			out = append(out, kit.StripPoint{At: v.At, Mark: m})
		}
	}
	slices.SortStableFunc(out, func(x, y kit.StripPoint) int { return cmp.Compare(x.At, y.At) })
	return out
}

// markOf is what an interval shows of a phase.
func markOf(i probe.Interval, e experiment, kind probe.Kind, p probe.Phase) kit.Mark {
	switch {
	case i.Retransmitted > 0:
		return kit.MarkLate
	case i.N[p] > 0 && i.Warm:
		return kit.MarkWarm
	case i.N[p] > 0:
		return kit.MarkValue
	case i.N[probe.Connect] > 0 && (p == probe.Handshake || kind == probe.TCP):
		return kit.MarkNone // it was answered, but this time is not known
	case i.Errors == 0 && e.plan.OpenLoop() && e.plan.Rate*i.Length.Seconds() < 1:
		return kit.MarkNone // perhaps nothing was due
	case i.Empty():
		return kit.MarkStalled
	}
	return kit.MarkNoReply
}
