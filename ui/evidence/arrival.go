package evidence

import (
	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
)

// What stands for a node that does other work between two connections: the pace and
// the least of memory written that cold figures were compared with the published ones
// at (100 per second; 1 and 64 MiB gave the same within their intervals). Faster, or
// with caches left alone, nobody has.
const (
	mostPaced       = lab.DefaultPerSecond
	leastEvictBytes = 1 << 20
)

// arrival is how the connections of a plan come: paced by a clock, or one as soon
// as another has ended.
func arrival(p probe.Plan) advisor.Arrival {
	if p.OpenLoop() && p.Rate <= mostPaced {
		return advisor.Cold
	}
	return advisor.Hot
}

// sweptArrival is that of a load of a sweep: its cold load may have been asked to be
// fast, or to leave the caches alone.
func sweptArrival(l lab.Load, p lab.Pacing) advisor.Arrival {
	if l == lab.Cold && p.PerSecond <= mostPaced && p.EvictBytes >= leastEvictBytes {
		return advisor.Cold
	}
	return advisor.Hot
}
