package drill

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"kpadvisor/probe"
)

// Part is a part of the rolling update. A connection belongs to the phase it
// was begun in.
type Part string

// The phases, in order. A pod that drains is never Unheard, and one that is lost
// never Draining.
const (
	Steady   Part = "steady"   // before the old pod's endpoint terminates
	Draining Part = "draining" // the endpoint terminates, the pod still serves
	Unheard  Part = "unheard"  // the pod is dead, and kube-proxy does not know yet
	PodGone  Part = "podGone"  // the pod is dead, and kube-proxy knows
	Deleted  Part = "deleted"  // and its real server is deleted; IPVS only
)

// Parts are all of them, in order.
func Parts() []Part { return []Part{Steady, Draining, Unheard, PodGone, Deleted} }

// Counts are the connections of one phase. OK and Failed are all of them.
type Counts struct {
	OK       int                 `json:"ok"`
	Failed   int                 `json:"failed"`
	ToOldPod int                 `json:"toOldPod"`       // of both: sent to the old pod
	Late     int                 `json:"late,omitempty"` // of OK: connected only after the SYN was sent again, 1 s later
	ByClass  map[probe.Class]int `json:"byClass"`        // of Failed
}

// Total is all connections.
func (c Counts) Total() int { return c.OK + c.Failed }

// Plus adds up.
func (c Counts) Plus(d Counts) Counts {
	sum := Counts{OK: c.OK + d.OK, Failed: c.Failed + d.Failed, ToOldPod: c.ToOldPod + d.ToOldPod, Late: c.Late + d.Late, ByClass: map[probe.Class]int{}}
	for class, n := range c.ByClass {
		sum.ByClass[class] += n
	}
	for class, n := range d.ByClass {
		sum.ByClass[class] += n
	}
	return sum
}

// Mark is a step that was taken. Connections are what IPVS then counted for the
// old real server, active and inactive ones; nil where nobody asked.
type Mark struct {
	Do          Action        `json:"do"`
	At          time.Duration `json:"atNs"` // when it was done, since the first connection
	Connections *int          `json:"connections,omitempty"`
}

// Interval is one column of a sparkline: the connections that ended in it.
type Interval struct {
	At       time.Duration `json:"atNs"`
	OK       int           `json:"ok"`
	Failed   int           `json:"failed,omitempty"`
	Late     int           `json:"late,omitempty"`
	ToOldPod int           `json:"toOldPod,omitempty"`
	MedianNs int64         `json:"medianNs,omitempty"` // of connect(), of those that were OK
	MaxNs    int64         `json:"maxNs,omitempty"`
}

// Conn is one connection as the client saw it. Times count from the first one.
type Conn struct {
	Begun, Ended time.Duration
	Connect      time.Duration // of connect(); of a failed one it means nothing
	Class        probe.Class   // NoFailure if it was answered
	Resent       bool          // connected, but the kernel had sent its SYN again
	ToOldPod     bool
}

// Row is what one configuration came to.
type Row struct {
	Config
	Phases    map[Part]Counts `json:"phases"`
	Marks     []Mark          `json:"marks"`
	Intervals []Interval      `json:"intervals,omitempty"`
	// Skipped is how many connections were due and not begun: the source ports, or
	// the one whose turn it was, were still held by earlier ones.
	Skipped int `json:"skipped,omitempty"`
	// Problem is why the row ended early, one sentence; empty if it did not.
	Problem string `json:"problem,omitempty"`
}

// Part is the one that the row is in by its last mark.
func (r Row) Part() Part { return phaseAt(r.Marks, 1<<62) }

// Reached reports whether a step was taken.
func (r Row) Reached(do Action) bool {
	return slices.ContainsFunc(r.Marks, func(m Mark) bool { return m.Do == do })
}

// Left is what IPVS counted for the old real server when kube-proxy looked last;
// ok is false where nobody looked.
func (r Row) Left() (connections int, ok bool) {
	for _, m := range slices.Backward(r.Marks) {
		if m.Connections != nil {
			return *m.Connections, true
		}
	}
	return 0, false
}

// AfterDeath are the connections begun once the pod was dead and kube-proxy knew.
func (r Row) AfterDeath() Counts { return r.Phases[PodGone].Plus(r.Phases[Deleted]) }

// Total are all connections of the row.
func (r Row) Total() Counts {
	var sum Counts
	for _, c := range r.Phases {
		sum = sum.Plus(c)
	}
	return sum
}

// Validate says in one sentence what no row can be: one may come from a file.
func (r Row) Validate() error {
	if err := r.Config.Validate(); err != nil {
		return err
	}
	for phase, c := range r.Phases {
		if !slices.Contains(Parts(), phase) {
			return fmt.Errorf("%q is no phase of a drill", phase)
		}
		failed := 0
		for _, n := range c.ByClass {
			if failed += n; n < 0 || failed > c.Failed {
				return fmt.Errorf("the classes of phase %s are not those of its failed connections", phase)
			}
		}
		if c.OK < 0 || c.ToOldPod < 0 || c.Late < 0 || failed != c.Failed || c.Late > c.OK || c.ToOldPod > c.Total() || c.Total() > MaxConnections {
			return fmt.Errorf("the counts of phase %s make no sense", phase)
		}
	}
	return nil
}

// MaxConnections is more than any phase of a drill can hold.
const MaxConnections = 10_000_000

// phaseAt is the phase of a connection begun at a time.
func phaseAt(marks []Mark, at time.Duration) Part {
	was := func(do Action) bool {
		return slices.ContainsFunc(marks, func(m Mark) bool { return m.Do == do && m.At <= at })
	}
	dead, heard := was(ListenerDown), was(Terminating)
	switch {
	case was(ServerDeleted) && dead:
		return Deleted
	case dead && heard:
		return PodGone
	case dead:
		return Unheard
	case heard:
		return Draining
	}
	return Steady
}

// Tally counts the connections of one configuration. It is not safe for
// concurrent use.
type Tally struct {
	row     Row
	length  time.Duration // of an interval
	closed  bool
	current Interval
	times   []int64 // of connect() in the current interval
	taken   int     // intervals handed out by Take
}

// NewTally makes an empty one for a configuration of a plan.
func NewTally(p Plan, c Config) *Tally {
	t := &Tally{length: p.IntervalLength(), row: Row{Config: c, Phases: map[Part]Counts{}, Marks: []Mark{}}}
	for _, phase := range Parts() {
		if phase != Unheard || p.Lost {
			t.row.Phases[phase] = Counts{ByClass: map[probe.Class]int{}}
		}
	}
	return t
}

// Mark notes a step.
func (t *Tally) Mark(m Mark) { t.row.Marks = append(t.row.Marks, m) }

// Skip notes a connection that was due and not begun.
func (t *Tally) Skip() { t.row.Skipped++ }

// Stop notes why the row ends early.
func (t *Tally) Stop(why string) { t.row.Problem = why }

// Add counts a connection that ended.
func (t *Tally) Add(c Conn) {
	t.Advance(c.Ended)
	phase := phaseAt(t.row.Marks, c.Begun)
	n := t.row.Phases[phase].Plus(Counts{})
	if c.Class != probe.NoFailure {
		n.Failed++
		n.ByClass[c.Class]++
		t.current.Failed++
	} else {
		n.OK++
		t.current.OK++
		t.times = append(t.times, int64(c.Connect))
		if c.Resent {
			n.Late++
			t.current.Late++
		}
	}
	if c.ToOldPod {
		n.ToOldPod++
		t.current.ToOldPod++
	}
	t.row.Phases[phase] = n
}

// Advance closes the intervals that ended before now, the empty ones too.
func (t *Tally) Advance(now time.Duration) {
	for !t.closed && now >= t.current.At+t.length {
		t.closeInterval()
	}
}

// Close ends the drill and its last interval, in which stands what still comes.
func (t *Tally) Close(now time.Duration) {
	t.Advance(now)
	t.closed = true
}

func (t *Tally) closeInterval() {
	if len(t.times) > 0 {
		slices.Sort(t.times)
		t.current.MedianNs, t.current.MaxNs = t.times[len(t.times)/2], t.times[len(t.times)-1]
		t.times = t.times[:0]
	}
	t.row.Intervals = append(t.row.Intervals, t.current)
	t.current = Interval{At: t.current.At + t.length}
}

// Take copies the row with those intervals alone that no earlier Take returned.
// last hands out the interval that is being filled, too: nothing may come after it.
func (t *Tally) Take(last bool) Row {
	if last {
		t.closeInterval()
	}
	r := t.row
	r.Phases, r.Marks = maps.Clone(r.Phases), slices.Clone(r.Marks)
	for p, c := range r.Phases {
		r.Phases[p] = c.Plus(Counts{})
	}
	r.Intervals = slices.Clone(r.Intervals[t.taken:])
	t.taken = len(t.row.Intervals)
	return r
}

// Row is the row as it stands, intervals included; it is not a copy.
func (t *Tally) Row() Row { return t.row }
