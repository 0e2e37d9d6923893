package cli

import (
	"fmt"
	"math"
	"time"

	"kpadvisor/probe"
	"kpadvisor/ui/page"
)

// missed lists the thresholds that the run does not keep, each with the reason.
// A threshold that the run cannot decide is missed: a gate must not open because
// nothing could be seen.
func (p probeFlags) missed(doc page.Probe) []string {
	var out []string
	if p.maxP99 > 0 {
		for _, s := range doc.Result.Series {
			if why := overP99(s, doc.Basis, p.maxP99, doc.Result.SelfCheck); why != "" {
				out = append(out, why)
			}
		}
	}
	if p.maxDiff > 0 {
		c := doc.Result.Compare(0, 1)
		if why := overDiff(c.Phases[doc.Basis], doc.Basis, p.maxDiff); why != "" {
			out = append(out, why)
		}
	}
	return out
}

// overP99 says why 99 % of the hits are not known to take at most limit. A hit
// without a time (it failed, or its SYN was sent again, which costs a second)
// took longer than any limit.
func overP99(s probe.Series, ph probe.Phase, limit time.Duration, check probe.SelfCheck) string {
	stats, name := s.Phases[ph], s.Target.Name
	switch without := s.Requests - stats.N; {
	case !check.Usable:
		return fmt.Sprintf("the p99 of %s on %s cannot be told, for the self-check failed.", ph, name)
	case s.Requests == 0 || without*100 > s.Requests:
		return fmt.Sprintf("%d of %d hits on %s have no %s, which is more than the 1 %% beyond a p99.", without, s.Requests, name, ph)
	case time.Duration(stats.P99Ns) > limit:
		return fmt.Sprintf("the p99 of %s on %s is %v, above %v.", ph, name, time.Duration(stats.P99Ns), limit)
	}
	return ""
}

// overDiff says why the difference is not known to be within limit.
func overDiff(d probe.Difference, ph probe.Phase, limit time.Duration) string {
	switch farthest := math.Max(math.Abs(d.LowNs), math.Abs(d.HighNs)); {
	case !d.Usable:
		return fmt.Sprintf("the difference in %s cannot be told: %s.", ph, d.Why)
	case !d.Bounded:
		return fmt.Sprintf("the difference in %s cannot be told: %d blocks are too few.", ph, d.Blocks)
	case farthest > float64(limit):
		return fmt.Sprintf("the difference in %s lies between %v and %v, which is not within %v.", ph,
			time.Duration(math.Round(d.LowNs)), time.Duration(math.Round(d.HighNs)), limit)
	}
	return ""
}
