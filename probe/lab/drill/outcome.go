package drill

// Outcome is what a row shows of issue 81775.
type Outcome string

// The outcomes.
const (
	StalePod Outcome = "stale-pod" // connections were sent to the dead pod
	SynDelay Outcome = "syn-delay" // none was, but many waited for a second SYN
	Safe     Outcome = "safe"      // neither
	Unclear  Outcome = "unclear"   // it ended too early to tell, or connections failed that nobody sent to the old pod, after its death or before anything changed
)

// What an outcome takes.
const (
	// leastAfter is the fewest connections after the pod's death that say
	// anything: with two backends half of them would go astray.
	leastAfter = 20
	// tolerated is the share of connections that may be late, or fail for another
	// reason than the old pod: a busy machine does that to one now and then.
	tolerated = 0.05
)

// Outcome judges the row by what it counted, whatever was expected. Only
// connections that were sent to the dead pod make it StalePod: others fail
// because this machine is busy.
func (r Row) Outcome() Outcome {
	after, all := r.AfterDeath(), Counts{}
	for phase, n := range r.Phases {
		if phase != Unheard { // where every mode waits for a dead pod
			all = all.Plus(n)
		}
	}
	switch {
	case after.ToOldPod > 0:
		return StalePod
	case after.Total() < leastAfter || r.Problem != "" || tooMany(after.Failed, after) || r.Busy():
		return Unclear
	case tooMany(all.Late, all):
		return SynDelay
	}
	return Safe
}

// Busy reports that connections failed before anything changed: this machine was too busy
// for them. Fewer entries were made then than planned, so that none that led to the dead
// pod says little.
func (r Row) Busy() bool { return tooMany(r.Phases[Steady].Failed, r.Phases[Steady]) }

func tooMany(n int, of Counts) bool { return float64(n) > tolerated*float64(of.Total()) }
