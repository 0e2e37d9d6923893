// Package habit turns what was seen of the connections of a node into how connections are
// made there: events of conntrack, entries of IPVS and counters of network namespaces in,
// [advisor.NodeHabits] out. It is pure, and its memory is bounded: what does not fit is
// told, and what it would have decided is unknown.
//
// What each method is worth was measured beside loads of known rates: all of them find the
// rate within 5 %. What a method cannot know, it does not say.
//   - [Conntrack] sees each connection that the node tracks begin and end. It is blind
//     to what events were lost, and behind NAT to who began them.
//   - [IPVS] sees what its table holds each time it is read. It cannot tell apart two
//     connections of one 5-tuple within the time between, but by the counters.
//   - [Processes] sees how many connections each network namespace began, to whatever
//     destination, and none of their ports.
//
// All times are durations since one moment that the caller chooses.
package habit

import (
	"fmt"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// Recent is how long a 5-tuple counts as just used: as long as conntrack, IPVS and most
// kernels keep a TIME_WAIT.
const Recent = 120 * time.Second

// What is kept of one measurement. A tuple takes about 80 bytes.
const (
	mostTuples = 1 << 19
	mostPairs  = 1 << 16
)

// enough is of how many connections a mean is taken, at least.
const enough = 20

// source is where facts of a method come from.
func source(what string) string { return advisor.NodeReportSource + ", " + what }

// unknown says in one clause why a method cannot tell something.
func unknown[T any](detail string) advisor.Fact[T] {
	return advisor.UnknownFor[T](advisor.Unreadable, detail)
}

// tooMany is of what did not fit.
func tooMany[T any](what string) advisor.Fact[T] {
	return advisor.UnknownFor[T](advisor.Bounded, what)
}

// perSecond is a rate over a time that is not 0.
func perSecond(n uint64, over time.Duration) float64 { return float64(n) / over.Seconds() }

// byLittle is the mean life of connections of which so many are open on average, by
// Little's law.
func byLittle(open, perSecond float64) time.Duration {
	return time.Duration(min(open/perSecond, 1e9) * float64(time.Second))
}

// lifeByLittle is the mean life of connections of which so many were seen open at several
// looks together, if those are enough to say.
func lifeByLittle(seenOpen, looks int, begun uint64, over time.Duration, from string) advisor.Fact[time.Duration] {
	if begun < enough {
		return unknown[time.Duration](fmt.Sprintf("fewer than %d connections began", enough))
	}
	rate := perSecond(begun, over)
	if seenOpen < enough { // so few are rarely seen where more than twice as many are to be expected
		most := byLittle(2*enough/float64(looks), rate)
		return unknown[time.Duration](fmt.Sprintf("too few were seen open to say: less than %s", roughly(most)))
	}
	return advisor.KnownFrom(byLittle(float64(seenOpen)/float64(looks), rate), source(from))
}

// roughly is a time in two digits.
func roughly(d time.Duration) time.Duration {
	unit := time.Microsecond
	for d >= 100*unit {
		unit *= 10
	}
	return d.Round(unit)
}

// Failed are habits of a method that could not be used, with the reason.
func Failed(method advisor.HabitMethod, over time.Duration, err error) advisor.NodeHabits {
	why := plain.Line(err.Error(), 200)
	rate := advisor.UnknownFor[float64](advisor.Failed, why)
	count := advisor.UnknownFor[int](advisor.Failed, why)
	return advisor.NodeHabits{
		Method: method, Over: over, New: rate, Onward: rate, Busiest: rate, Reused: rate, Open: count, Addresses: count,
		Life: advisor.UnknownFor[time.Duration](advisor.Failed, why),
	}
}
