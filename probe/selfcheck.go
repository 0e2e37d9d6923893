package probe

import (
	"fmt"
	"time"
)

// SelfCheck is what the engine found out about itself and its machine.
type SelfCheck struct {
	Usable        bool     `json:"usable"` // the run can support a conclusion from Handshake, or Connect where there is none
	Why           []string `json:"why,omitempty"`
	Threads       int      `json:"threads"`          // hits on the wire at once
	LatenessP99Ns int64    `json:"latenessP99Ns"`    // sent minus due; in a closed loop the wait for a thread
	PlannedRate   float64  `json:"plannedRate"`      // open loop, per second; 0 in a closed loop
	AchievedRate  float64  `json:"achievedRate"`     // hits per second within blocks
	Steal         Share    `json:"steal"`            // CPU time the hypervisor gave to others
	CPUWait       Share    `json:"cpuWait"`          // of the time the threads wanted a CPU: waiting for one
	ConnectBiasNs int64    `json:"connectBiasNs"`    // median Connect minus median Handshake of the worst target
	BiasKnown     bool     `json:"connectBiasKnown"` // ConnectBiasNs means something
	Abandoned     int64    `json:"abandoned"`        // hits in flight when the run was cancelled, not counted
}

// Limits of the self-check.
const (
	leastRate   = 0.95                   // of the planned rate
	mostSteal   = 0.05                   // of the CPU
	mostBias    = 100 * time.Microsecond // between Connect and Handshake
	mostLateFor = 0.5                    // lateness p99, as a part of the effect
)

// observed is what the self-check judges.
type observed struct {
	plan     Plan
	lateness Stats
	rate     float64
	steal    Share
	cpuWait  Share
	dropped  int64
	series   []Series
}

func (o observed) check() SelfCheck {
	c := SelfCheck{
		Usable: true, Threads: o.plan.Workers(), LatenessP99Ns: o.lateness.P99Ns, PlannedRate: o.plan.Rate,
		AchievedRate: o.rate, Steal: o.steal, CPUWait: o.cpuWait, Abandoned: o.dropped,
	}
	for _, s := range o.series {
		if s.Phases[Handshake].N > 0 {
			bias := s.Phases[Connect].MedianNs - s.Phases[Handshake].MedianNs
			c.ConnectBiasNs, c.BiasKnown = max(c.ConnectBiasNs, bias), true
		}
	}
	unusable := func(format string, args ...any) {
		c.Usable = false
		c.Why = append(c.Why, fmt.Sprintf(format, args...))
	}
	if o.lateness.N == 0 {
		unusable("nothing was measured")
		return c
	}
	if o.plan.OpenLoop() && o.rate < leastRate*o.plan.Rate {
		unusable("%.1f hits/s were sent of %.1f planned: the answers are too slow for %d at once, or this machine is", o.rate, o.plan.Rate, c.Threads)
	}
	if o.steal.Known && o.steal.Value > mostSteal {
		unusable("%.0f %% of this machine's CPU time was taken by other machines", o.steal.Value*100)
	}
	return c
}

// judge marks the phases of a comparison that this run cannot support.
func (c SelfCheck) judge(plan Plan, cmp *Comparison) {
	for _, p := range Phases() {
		d := &cmp.Phases[p]
		switch {
		case !c.Usable:
			d.Usable, d.Why = false, "the self-check failed"
		case !p.Kernel() && c.BiasKnown && time.Duration(c.ConnectBiasNs) > mostBias:
			d.Usable, d.Why = false, fmt.Sprintf("connect() took %v longer than the kernel's handshake: this machine is short of CPU; compare by handshake",
				time.Duration(c.ConnectBiasNs).Round(time.Microsecond))
		case p == Total && plan.OpenLoop() && d.Detected && float64(c.LatenessP99Ns) > mostLateFor*max(d.MedianDiffNs, -d.MedianDiffNs):
			d.Usable, d.Why = false, fmt.Sprintf("hits were sent up to %v late (p99), which is not far below the difference",
				time.Duration(c.LatenessP99Ns).Round(time.Microsecond))
		}
	}
}
