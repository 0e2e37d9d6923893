package habit

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"time"

	"kpadvisor/advisor"
)

// How long IPVS keeps an entry of TCP that nothing uses (tcp_timeouts in
// ip_vs_proto_tcp.c). That after a reset is the shortest of all.
const (
	ipvsTimeWait = 2 * time.Minute
	ipvsClose    = 10 * time.Second
)

// IPVS counts connections by readings of the table and of the counters of IPVS, each of
// them between Begin and End. No entry is kept for less than 10 s, so that readings 5 s
// apart see all of them. For each the table is told before and after: what is younger than
// it would have become was used by another connection.
type IPVS struct {
	reuse   int // net.ipv4.vs.conn_reuse_mode; negative where it is not known
	seed    maphash.Seed
	entries map[uint64]entry
	who     clients

	readings    int
	first, at   time.Duration
	firstConns  uint64
	conns       uint64 // by the counters
	made, other uint64 // entries: of TCP, and of other protocols
	again       uint64 // TCP entries used by another connection than before
	reset       uint64 // of both
	closed      int    // entries of the reading before that were closed
	recurred    int    // of those how many were used again
	busy        bool   // nearly all were: they may have been used several times
	open        int    // at this reading
	seenOpen    int    // at all readings together
	slow, full  bool
	broken      bool
}

// entry is what is kept of one, for as long as its tuple counts as just used.
type entry struct {
	reading int
	at      time.Duration
	state   State
	used    time.Duration // last, as far as is known
}

type ipvsKey struct {
	from, to netip.AddrPort
	tcp      bool
}

// IPVSEntry is one of the table.
type IPVSEntry struct {
	Flow  Flow
	TCP   bool
	State State // of TCP
	Left  time.Duration
}

// NewIPVS is of a node with this net.ipv4.vs.conn_reuse_mode; negative is unknown. With 0
// the counters do not count a connection that uses an entry again.
func NewIPVS(reuseMode int) *IPVS {
	return &IPVS{reuse: reuseMode, seed: maphash.MakeSeed(), entries: map[uint64]entry{}, who: newClients()}
}

// Begin begins a reading, with the sum of the counters of all CPUs.
func (v *IPVS) Begin(at time.Duration, conns uint64) {
	v.readings++
	if v.readings == 1 {
		v.first, v.firstConns = at, conns
	} else {
		v.slow = v.slow || at-v.at >= ipvsClose
		v.broken = v.broken || conns < v.conns || at <= v.at
	}
	v.at, v.conns = at, conns
	v.open, v.recurred = 0, 0
}

// Entry is one of the table.
func (v *IPVS) Entry(e IPVSEntry) {
	key := maphash.Comparable(v.seed, ipvsKey{e.Flow.From, e.Flow.To, e.TCP})
	before, known := v.entries[key]
	if !known && len(v.entries) >= mostTuples {
		v.full = true
		return
	}
	v.entries[key] = entry{reading: v.readings, at: v.at, state: e.State, used: v.at - e.age()}
	if e.TCP && e.State == Established {
		v.open++
	}
	known = known && before.used >= v.at-Recent
	switch {
	case v.readings == 1:
	case !e.TCP && !known:
		v.other++
	case !e.TCP:
	case !known:
		v.made++
		v.began(e)
	case v.usedAgain(before, e):
		v.again++
		v.recurred++
		v.began(e)
	}
}

func (v *IPVS) began(e IPVSEntry) {
	if e.State == Close {
		v.reset++
	}
	v.who.add(e.Flow.From.Addr(), e.Flow.To)
}

// age is for how long an entry has not been used, where its state tells.
func (e IPVSEntry) age() time.Duration {
	switch {
	case !e.TCP:
		return 0
	case e.State == TimeWait:
		return max(0, ipvsTimeWait-e.Left)
	case e.State == Close:
		return max(0, ipvsClose-e.Left)
	}
	return 0
}

// usedAgain reports that another connection used an entry since the reading before: it
// was not there then, or it was closed and has got younger.
func (v *IPVS) usedAgain(before entry, e IPVSEntry) bool {
	const slack = 2 * time.Second // its last packets make it younger as well, at once
	switch {
	case before.reading != v.readings-1:
		return true
	case !before.state.closing():
		return false
	case e.State == Established || e.State == SynRecv || before.state == Close && e.State != Close:
		return true
	case before.state == e.State && (e.State == TimeWait || e.State == Close):
		return v.at-e.age() > before.used+slack
	}
	return false
}

// End ends a reading.
func (v *IPVS) End() {
	v.busy = v.busy || v.recurred >= enough && float64(v.recurred) > 0.8*float64(v.closed)
	v.closed = 0
	for k, e := range v.entries {
		switch {
		case e.used < v.at-Recent:
			delete(v.entries, k)
		case e.reading == v.readings && e.state.closing():
			v.closed++
		}
	}
	v.seenOpen += v.open
}

// Habits is what was begun from the first reading to the last.
func (v *IPVS) Habits() advisor.NodeHabits {
	over := v.at - v.first
	h := advisor.NodeHabits{Method: advisor.ByIPVS, Over: over}
	why := ""
	switch {
	case v.readings < 2 || over <= 0:
		why = "the table of IPVS was not read twice"
	case v.broken:
		why = "the counters of IPVS went back"
	case v.full:
		why = "the table of IPVS is too large to follow"
	case v.slow:
		why = "the table of IPVS could not be read often enough"
	}
	if why != "" {
		h.New, h.Busiest, h.Reused = unknown[float64](why), unknown[float64](why), unknown[float64](why)
		h.Open, h.Addresses, h.Life = unknown[int](why), unknown[int](why), unknown[time.Duration](why)
		return h
	}
	seen := v.made + v.again
	begun, unsure := v.begun(seen)
	h.Open = advisor.KnownFrom(v.open, source("table of IPVS"))
	v.who.say(&h, over, source("table of IPVS"))
	if unsure != "" {
		h.New, h.Busiest, h.Life = unknown[float64](unsure), unknown[float64](unsure), unknown[time.Duration](unsure)
	} else {
		h.New = advisor.KnownFrom(perSecond(begun, over), source("counters and table of IPVS"))
		h.Life = v.life(begun, over)
	}
	if float64(begun) > 1.1*float64(seen) && h.Busiest.IsKnown() {
		if h.Busiest = unknown[float64]("the table of IPVS shows fewer connections than its counters"); len(v.who.began) == 1 {
			h.Busiest = h.New // all of them
		}
	}
	h.Reused = v.share(begun, seen, unsure, over)
	return h
}

// begun is how many connections of TCP began. unsure is why that cannot be known.
func (v *IPVS) begun(seen uint64) (n uint64, unsure string) {
	counted := v.conns - v.firstConns
	counted -= min(counted, v.other)
	differ := float64(max(counted, seen)-min(counted, seen)) > 0.1*float64(seen)+5
	switch {
	case v.reuse == 0 && v.busy:
		return seen, "5-tuples recur more often than the table of IPVS can be read, and are not counted with conn_reuse_mode 0"
	case v.reuse == 0:
		return seen, ""
	case v.reuse < 0 && differ:
		return seen, "the counters and the table of IPVS differ, and conn_reuse_mode is not known"
	case counted < seen && differ:
		return seen, "the table of IPVS shows more connections than its counters"
	}
	return counted, ""
}

// share is how many of them used a tuple again: all that made no entry of their own.
func (v *IPVS) share(begun, seen uint64, unsure string, over time.Duration) advisor.Fact[float64] {
	of := max(begun, seen)
	if of < enough {
		return unknown[float64](fmt.Sprintf("fewer than %d connections began", enough))
	}
	share := max(0, 1-float64(v.made)/float64(of))
	switch {
	case unsure != "" && share < 0.9: // what is not seen is reuse
		return unknown[float64](unsure)
	case v.reset*10 > seen && over < 2*Recent && share < 0.9:
		return unknown[float64]("many connections end by a reset, which IPVS forgets in 10 s: it takes more than 4 minutes")
	}
	return advisor.KnownFrom(share, source("counters and table of IPVS"))
}

// life follows from how many are open at a time, if enough were seen to say.
func (v *IPVS) life(begun uint64, over time.Duration) advisor.Fact[time.Duration] {
	return lifeByLittle(v.seenOpen, v.readings, begun, over, "table and counters of IPVS, by Little's law")
}
