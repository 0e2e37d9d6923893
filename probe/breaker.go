package probe

import (
	"fmt"
	"strings"
)

// breaker ends a run whose target fails: going on would load what is failing
// already, and measure nothing. It trips when more than a share of a target's hits
// failed, of at least breakerHits in the last breakerSpan intervals of its blocks,
// 10 s of them at most; warm-up counts too.
type breaker struct {
	share float64 // 0 is never
	stop  func()  // ends the run
	why   string  // it tripped
}

const (
	breakerHits = 50
	breakerSpan = 100 // intervals
)

func newBreaker(p Plan, stop func()) breaker {
	b := breaker{share: p.StopAtFailed, stop: stop}
	if p.Reuses() {
		b.share = 0
	}
	return b
}

// look is called when hits of the target have failed. The recorder's lock must be
// held.
func (b *breaker) look(t *ledger) {
	if b.share == 0 || b.why != "" {
		return
	}
	requests, failed := t.ring.recent(breakerSpan)
	if requests < breakerHits || float64(failed) <= b.share*float64(requests) {
		return
	}
	b.why = fmt.Sprintf("%d of the last %d hits on %s failed", failed, requests, t.target.Name)
	var classes []string
	for _, c := range Classes() {
		if t.errors[c] > 0 {
			classes = append(classes, c.String())
		}
	}
	if len(classes) > 0 {
		b.why += " (" + strings.Join(classes, ", ") + ")"
	}
	b.stop()
}
