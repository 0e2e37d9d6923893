package habit

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"time"

	"kpadvisor/advisor"
)

// Flow is a TCP connection that a node tracks.
type Flow struct {
	From, To netip.AddrPort // as it was begun
	// Server is where it was sent, which answers: another than To where a Service or a
	// port of the host leads there.
	Server netip.AddrPort
}

// Local reports a connection within the node's loopback, which no Service has part in.
func (f Flow) Local() bool { return f.From.Addr().IsLoopback() && f.To.Addr().IsLoopback() }

// State is that of a TCP connection, as conntrack numbers them (enum tcp_conntrack in
// nf_conntrack_tcp.h).
type State uint8

// The states. From FinWait on a connection is being closed.
const (
	None State = iota
	SynSent
	SynRecv
	Established
	FinWait
	CloseWait
	LastAck
	TimeWait
	Close // by a reset
	SynSent2
)

func (s State) closing() bool { return s >= FinWait && s <= Close }

// Conntrack counts connections by the events of conntrack: what is in its table is told by
// Seed and Established, then Begin, then events as they come. Events before Begin count as
// what was seen before.
type Conntrack struct {
	keeps  time.Duration
	seed   maphash.Seed
	tuples map[uint64]tuple
	who    clients

	counting      bool
	began         time.Duration
	begun, onward uint64 // connections, and those sent to another address than they were begun to
	all, late     reuse  // late are those that began Recent after Begin or later
	ended, reset  uint64
	lives         time.Duration // of those that ended
	lost          bool
	seeded, full  bool
	established   int
	looked        bool // at the table, for those that are established
}

// reuse counts connections, and those whose tuple had just been used.
type reuse struct{ of, again uint64 }

func (r *reuse) add(again bool) {
	r.of++
	if again {
		r.again++
	}
}

// tuple is what is kept of a 5-tuple.
type tuple struct {
	used   time.Duration // last, as far as is known
	begun  time.Duration
	counts bool // it began after Begin, and has not ended
	state  State
}

// NewConntrack is of a node that keeps TIME_WAIT for so long
// (net.netfilter.nf_conntrack_tcp_timeout_time_wait).
func NewConntrack(keeps time.Duration) *Conntrack {
	return &Conntrack{keeps: keeps, seed: maphash.MakeSeed(), tuples: map[uint64]tuple{}, who: newClients()}
}

// key is a 5-tuple in 64 bits: of half a million, two are the same once in 100 million times.
func (c *Conntrack) key(f Flow) uint64 {
	return maphash.Comparable(c.seed, [2]netip.AddrPort{f.From, f.To})
}

// Seed tells an entry of the table as it was at some time: its state, and in how long it
// times out. What an event has told of the same tuple is newer.
func (c *Conntrack) Seed(at time.Duration, f Flow, s State, left time.Duration) {
	key := c.key(f)
	if _, known := c.tuples[key]; known || f.Local() {
		return
	}
	used := at
	if s == TimeWait {
		used = at - max(0, c.keeps-left)
	}
	c.keep(key, tuple{used: used, state: s}, at)
}

// Established tells how many connections the last look at the table found open.
func (c *Conntrack) Established(n int) { c.established, c.looked = n, true }

// Begin begins to count.
func (c *Conntrack) Begin(at time.Duration) { c.began, c.counting, c.seeded = at, true, c.looked }

// Lost tells that events were lost.
func (c *Conntrack) Lost() { c.lost = true }

// New is an event of a connection that is tracked from now on. One that is not in the
// state of its first packet began before: conntrack had forgotten it.
func (c *Conntrack) New(at time.Duration, f Flow, s State) {
	if f.Local() {
		return
	}
	key := c.key(f)
	before, known := c.tuples[key]
	begins := s == SynSent && c.counting
	if begins {
		c.begun++
		if f.Server.IsValid() && f.Server != f.To {
			c.onward++
		}
		again := known && (before.used >= at-Recent || before.state == Established)
		c.all.add(again)
		if at-c.began >= Recent {
			c.late.add(again)
		}
		c.who.add(f.From.Addr(), f.To)
	}
	c.keep(key, tuple{used: at, begun: at, counts: begins, state: s}, at)
}

// Update is an event of a connection that changes.
func (c *Conntrack) Update(at time.Duration, f Flow, s State) {
	key := c.key(f)
	t, known := c.tuples[key]
	if !known {
		return // it is too old for events, or did not fit
	}
	if s == Close && t.state >= Established && t.state != Close {
		c.reset++
	}
	if s.closing() && t.state == Established && t.counts {
		c.ended++
		c.lives += at - t.begun
		t.counts = false
	}
	t.used, t.state = at, s
	c.tuples[key] = t
}

// keep enters a tuple, if need be in the place of those that no longer count.
func (c *Conntrack) keep(key uint64, t tuple, at time.Duration) {
	if _, known := c.tuples[key]; !known && len(c.tuples) >= mostTuples {
		if c.full {
			return
		}
		for k, old := range c.tuples {
			if old.state != Established && old.used < at-Recent {
				delete(c.tuples, k)
			}
		}
		if c.full = len(c.tuples) >= mostTuples*9/10; c.full {
			return
		}
	}
	c.tuples[key] = t
}

// Habits is what was seen from Begin until now.
func (c *Conntrack) Habits(now time.Duration) advisor.NodeHabits {
	over := now - c.began
	h := advisor.NodeHabits{Method: advisor.ByConntrack, Over: over}
	if over <= 0 {
		return h
	}
	if h.Open = unknown[int]("the table of conntrack was not read"); c.looked {
		h.Open = advisor.KnownFrom(c.established, source("table of conntrack"))
	}
	if c.lost {
		why := fmt.Sprintf("events of conntrack were lost: at least %.1f a second", perSecond(c.begun, over))
		h.New, h.Onward, h.Busiest, h.Reused = unknown[float64](why), unknown[float64](why), unknown[float64](why), unknown[float64](why)
		h.Addresses, h.Life = unknown[int](why), unknown[time.Duration](why)
		return h
	}
	if c.begun == 0 && len(c.tuples) == 0 {
		const why = "conntrack holds no connection: nothing here may ask it to"
		h.New, h.Onward, h.Busiest, h.Reused = unknown[float64](why), unknown[float64](why), unknown[float64](why), unknown[float64](why)
		h.Open, h.Addresses, h.Life = unknown[int](why), unknown[int](why), unknown[time.Duration](why)
		return h
	}
	from := source("events of conntrack")
	h.New = advisor.KnownFrom(perSecond(c.begun, over), from)
	h.Onward = advisor.KnownFrom(perSecond(c.onward, over), from)
	h.Reused = c.share(from)
	h.Life = c.life(now, h)
	c.who.say(&h, over, from)
	return h
}

// share is how many of the connections used a tuple again. Of the time before Begin the
// seed tells what ended, as far back as TIME_WAIT is kept, but for resets, which are
// forgotten in 10 s. Where that is not enough, only the late connections count.
func (c *Conntrack) share(from string) advisor.Fact[float64] {
	r := c.all
	blind := !c.seeded || c.keeps < Recent || c.reset*10 > c.begun
	if blind && float64(r.again) < 0.9*float64(r.of) { // otherwise it can be little more
		r = c.late
	}
	switch {
	case c.full:
		return tooMany[float64]("there were too many connections to keep them all in mind")
	case c.begun < enough:
		return unknown[float64](fmt.Sprintf("fewer than %d connections began", enough))
	case r.of >= enough:
		return advisor.KnownFrom(float64(r.again)/float64(r.of), from)
	case !c.seeded:
		return unknown[float64]("the table of conntrack was not read before: it takes more than 2 minutes")
	case c.keeps < Recent:
		return unknown[float64]("conntrack forgets a connection here sooner than 2 minutes after its end: it takes more than 2 minutes")
	}
	return unknown[float64]("many connections end by a reset, which conntrack forgets in 10 s: it takes more than 2 minutes")
}

// life is the mean of those that began and ended, if nearly all that had half of the time
// to end did so; of others it follows from how many are open.
func (c *Conntrack) life(now time.Duration, h advisor.NodeHabits) advisor.Fact[time.Duration] {
	half := c.began + (now-c.began)/2
	open := uint64(0)
	for _, t := range c.tuples {
		if t.counts && t.begun < half && t.state == Established {
			open++
		}
	}
	switch {
	case c.full:
		return tooMany[time.Duration]("there were too many connections to keep them all in mind")
	case c.ended+open < enough:
		return unknown[time.Duration](fmt.Sprintf("fewer than %d connections were seen from begin to end", enough))
	case open*9 <= c.ended:
		return advisor.KnownFrom(c.lives/time.Duration(c.ended), source("events of conntrack, from begin to close"))
	case h.Open.IsKnown() && h.New.Value > 0:
		return advisor.KnownFrom(byLittle(float64(h.Open.Value), h.New.Value), source("events and table of conntrack, by Little's law"))
	}
	return unknown[time.Duration]("most connections that began had not ended")
}
