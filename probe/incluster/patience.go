package incluster

import (
	"time"

	"kpadvisor/jobs"
)

// patience is how long a session waits for what may never come.
type patience struct {
	retry   jobs.Retry    // of a stream
	quiet   time.Duration // without a line: the stream may be dead, it is opened again
	silence time.Duration // without a line: the pod is given up
	idle    time.Duration // without a line that says what was measured: the same
	outage  time.Duration // of the API server: the run is given up
	refused time.Duration // a Job that can make no pod: the first try may come before an account or a policy is there
	told    time.Duration // until the reason for the end of a pod arrives, from the API server or in its log
	remove  time.Duration // until everything is removed
}

func usualPatience() patience {
	return patience{
		retry: jobs.UsualRetry(),
		quiet: 8 * time.Second, silence: 30 * time.Second, outage: 90 * time.Second,
		refused: 8 * time.Second, told: 3 * time.Second, remove: jobs.RemoveWithin,
	}
}

// idleIn is how long a pod of a run may have nothing to tell of what it measured: as long
// as hits that hang make it miss its turns, some rounds more, and the silence.
func (p patience) idleIn(s Spec) time.Duration {
	const more = 4
	round := s.Schedule().Round()
	missed := s.Plan.Timeout/round + 1
	return (missed+more+time.Duration(s.Plan.WarmUp))*round + p.silence
}

// plus is the patience where each log is read once in a sweep.
func (p patience) plus(sweep time.Duration) patience {
	p.quiet, p.silence, p.idle, p.told = p.quiet+sweep, p.silence+2*sweep, p.idle+2*sweep, p.told+sweep
	return p
}

// Every log that is followed holds a connection of the API server and one of a
// kubelet. No more than mostStreams are read at once; where there are more pods they
// take turns of a visit each, which is long enough for a line to be read as it is
// written, by which the clocks are judged.
const (
	mostStreams = 64
	visit       = 3 * time.Second
)

// reading is how the logs are read.
type reading struct {
	slots chan struct{} // one for each that is read
	visit time.Duration // 0 if all can be read at once
	sweep time.Duration // until each has had its turn; 0 as well
}

func newReading(most, pods int) reading {
	r := reading{slots: make(chan struct{}, most)}
	if pods > most {
		r.visit, r.sweep = visit, time.Duration((pods+most-1)/most)*visit
	}
	return r
}
