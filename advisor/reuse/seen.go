package reuse

import (
	"time"

	"kpadvisor/say"
)

// Seen is the reuse of 5-tuples as it was measured at one node.
type Seen struct {
	Share     float64       // of new connections whose 5-tuple had been used within the window before, 0 to 1
	PerSecond float64       // new connections, those among them; 0 where that was not counted
	Over      time.Duration // how long was looked
}

// What a measure must have seen to speak. The first two are what the model of Likely has:
// the share from which it says likely behind a NAT, and as many reuses as that share is of
// the rate from which it says likely without one, so that one busy client is not lost among
// many others. All are judgements of this project, no source.
const (
	reusesLikely = shareLikely * rateLikely // a second, at one node
	shareCertain = 0.5                      // a client that uses every port within the window has 1, beside others that have none
	fewReuses    = 3                        // below it a share is chance
	mostWithout  = 300                      // connections without a reuse say at 95 % that the share is below 1 % (3/n)
)

// likely is what one node shows by itself: unknown where that is nothing.
func (m Seen) likely() Likelihood {
	n := m.reuses()
	switch {
	case n < fewReuses:
	case m.Share >= shareCertain:
		return Certain
	case m.Share >= shareLikely || n/m.Over.Seconds() >= reusesLikely:
		return LikelyReuse
	}
	return UnknownLikelihood
}

// reuses is how many were seen, and connections out of how many.
func (m Seen) reuses() float64      { return m.Share * m.connections() }
func (m Seen) connections() float64 { return m.PerSecond * m.Over.Seconds() }

// LikelySeen says how likely issue 81775 strikes by the reuse that was measured, which is
// the risk itself and stands for what [Likely] models. told is false where too few
// connections were seen to say anything.
//
// The worst node speaks: certain where half of its new connections reused a 5-tuple, likely
// from 1 % of them or from 1.18 a second, at three reuses at least. Where no node shows
// that, it is unlikely if all of them saw 300 connections together and less than 1 % reuse.
// Reuse that was too seldom to weigh is unknown, and so is one of connections that nobody
// counted. Rollouts count as in Likely.
func LikelySeen(seen []Seen, steady *bool, rolloutsPerDay *float64) (l Likelihood, told bool) {
	l = UnknownLikelihood
	var reuses, connections float64
	some := false
	for _, m := range seen {
		if at := m.likely(); at == Certain || at == LikelyReuse && l != Certain {
			l = at
		}
		some = some || m.Share >= shareLikely
		reuses, connections = reuses+m.reuses(), connections+m.connections()
	}
	switch {
	case l != UnknownLikelihood:
	case connections >= mostWithout && reuses < shareLikely*connections:
		l = Unlikely
	case !some:
		return l, false
	}
	return afterRollouts(l, steady, rolloutsPerDay), true
}

// SeenTextIn says it in words. on is where and how it was measured, a clause; most is the
// largest share at any of the nodes.
func SeenTextIn(v say.Voice, on string, nodes int, most float64, l Likelihood, rolloutsPerDay *float64) string {
	share := percent(most)
	text := v.Sprintf("Reuse %s: %s of new connections reused a 5-tuple of the last %d s.", on, share, reuseWindow)
	if nodes > 1 {
		text = v.Sprintf("Reuse %s: at the node with most of it %s of new connections reused a 5-tuple of the last %d s.", on, share, reuseWindow)
	}
	if l == UnknownLikelihood {
		text = v.Sentences(text, v.Text("That was of too few connections: measure longer."))
	}
	return withRollouts(v, text, rolloutsPerDay)
}
