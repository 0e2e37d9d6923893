package probe

import (
	"fmt"
	"time"
)

// Conntrack is the room for tracked connections in the network namespace of the
// process: each hit takes an entry, which outlives it (nf_conntrack_count, _max and
// _tcp_timeout_time_wait). A full table drops packets of whoever comes next. What a
// pod's connections take in the table of its node cannot be read from the pod.
type Conntrack struct {
	Known bool          `json:"known"` // false where connections are not tracked, or one can't read it
	Count int           `json:"count"` // entries
	Max   int           `json:"max"`
	Holds time.Duration `json:"holdsNs"` // how long the entry of a closed connection stays
	Need  int           `json:"need"`    // entries of the run at most at once; 0 if that is not known beforehand
}

// tracked refuses a plan whose connections do not fit into the table.
func (b Budget) tracked(plan Plan, targets int, c Conntrack) Budget {
	if !c.Known {
		return b
	}
	c.Need = plan.total() * targets
	if within := int(plan.Rate * c.Holds.Seconds()); plan.OpenLoop() {
		c.Need = min(c.Need, within)
	}
	b.Conntrack = c
	if room := c.Max - c.Count; c.Need > room && b.Verdict != Refuse {
		return b.refuse("%d connections within %v need as many entries of conntrack, of whose %d (nf_conntrack_max) %d are free: fewer of them, a lower rate or a larger table",
			c.Need, c.Holds, c.Max, max(0, room))
	}
	return b
}

// String is "12 of 262144 entries, the run adds up to 4200".
func (c Conntrack) String() string {
	text := fmt.Sprintf("%d of %d entries", c.Count, c.Max)
	if c.Need > 0 {
		text += fmt.Sprintf(", the run adds up to %d", c.Need)
	}
	return text
}
