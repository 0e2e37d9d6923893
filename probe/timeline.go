package probe

import (
	"slices"
	"time"
)

// Change is something that happened to what is behind the targets, as the caller
// saw it: the backends of a Service, for instance.
type Change struct {
	At   time.Duration `json:"atNs"` // since the start of the run
	What string        `json:"what"`
}

// Window is a time around one or more changes, and what came of the hits in it.
type Window struct {
	From    time.Duration `json:"fromNs"` // since the start of the run
	To      time.Duration `json:"toNs"`
	Changes []Change      `json:"changes"`
	Targets []Tally       `json:"targets"` // in the order of the targets
}

// Tally counts hits, those of warm-up and of rounds that do not count included.
type Tally struct {
	Requests int64 `json:"requests"`
	Failed   int64 `json:"failed"`
	Late     int64 `json:"late"` // connected after 1 s or more
	// ResentSYNs is known of warm-up alone: SYNs the kernel sent again (Linux only).
	ResentSYNs int64 `json:"resentSYNs,omitempty"`
}

func (t *Tally) add(u Tally) {
	t.Requests += u.Requests
	t.Failed += u.Failed
	t.Late += u.Late
	t.ResentSYNs += u.ResentSYNs
}

// timeline counts by the second, up to a day: more is not kept.
type timeline []Tally

const maxTimeline = 24 * 60 * 60

func (l *timeline) add(i Interval) {
	at := int(i.At / time.Second)
	if at >= maxTimeline {
		return
	}
	if missing := at + 1 - len(*l); missing > 0 {
		*l = append(*l, make(timeline, missing)...)
	}
	(*l)[at].add(Tally{Requests: i.Requests, Failed: i.Errors, Late: i.Retransmitted})
}

// within sums up whole seconds.
func (l timeline) within(from, to time.Duration) Tally {
	var sum Tally
	first, last := int(max(0, from)/time.Second), int((to+time.Second-1)/time.Second)
	for i := first; i < min(last, len(l)); i++ {
		sum.add(l[i])
	}
	return sum
}

// Around returns, for each change, what came of the hits from before until after
// it; windows that overlap are one. The second value is what came of all other
// hits, by target.
func (c *Collector) Around(changes []Change, before, after time.Duration) (windows []Window, others []Tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, change := range changes {
		// Hits are counted by the second: a window begins and ends with one.
		from := max(0, change.At-before).Truncate(time.Second)
		to := (change.At + after + time.Second - 1).Truncate(time.Second)
		if n := len(windows); n > 0 && from <= windows[n-1].To {
			windows[n-1].To = max(windows[n-1].To, to)
			windows[n-1].Changes = append(windows[n-1].Changes, change)
			continue
		}
		windows = append(windows, Window{From: from, To: to, Changes: []Change{change}})
	}
	others = make([]Tally, c.targets)
	for t, line := range c.seconds {
		others[t] = line.within(0, maxTimeline*time.Second)
		for i := range windows {
			in := line.within(windows[i].From, windows[i].To)
			windows[i].Targets = append(windows[i].Targets, in)
			others[t].add(Tally{Requests: -in.Requests, Failed: -in.Failed, Late: -in.Late})
		}
	}
	return windows, others
}

// merge takes an interval that somebody else measured. Intervals of the same 100
// ms are put together, and the last ringSize of them are kept.
func (r *ring) merge(i Interval) {
	slot := i.At / intervalLength
	for back := 1; back <= r.count; back++ {
		at := (r.next - back + ringSize) % ringSize
		switch have := r.kept[at].At / intervalLength; {
		case have == slot:
			r.kept[at].join(i)
			return
		case have < slot:
			r.insert(i, back-1)
			return
		}
	}
	if r.count < ringSize {
		r.insert(i, r.count)
	}
}

// insert puts an interval before the last so many.
func (r *ring) insert(i Interval, before int) {
	if before == 0 { // as almost always
		r.kept[r.next] = i
		r.next, r.count = (r.next+1)%ringSize, min(r.count+1, ringSize)
		return
	}
	all := slices.Insert(r.intervals(), r.count-before, i)
	r.count = copy(r.kept[:], all[max(0, len(all)-ringSize):])
	r.next = r.count % ringSize
}

// join adds what another source saw in the same 100 ms.
func (i *Interval) join(j Interval) {
	for _, p := range Phases() {
		if n := i.N[p] + j.N[p]; n > 0 {
			i.MedianNs[p] = int64((float64(i.MedianNs[p])*float64(i.N[p]) + float64(j.MedianNs[p])*float64(j.N[p])) / float64(n))
			i.N[p] = n
		}
		i.MaxNs[p] = max(i.MaxNs[p], j.MaxNs[p])
	}
	i.Length = max(i.Length, j.Length)
	i.Warm = i.Warm && j.Warm
	i.Requests += j.Requests
	i.Errors += j.Errors
	i.Retransmitted += j.Retransmitted
}
