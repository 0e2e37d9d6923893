package incluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// Orders are all that an agent is told, as an argument of its pod.
type Orders struct {
	Run   string `json:"run"`
	Group int    `json:"group"`
	First int    `json:"first,omitempty"` // index within the group of the first pod of its Job
	// Targets are measured one after the other in each of the group's turns: the
	// Service, and what it stands for reached directly.
	Targets []probe.Target `json:"targets"`
	// Echo says that the first target's server is an Echo: the agent waits until it
	// answers, and takes the address that it names for a second target.
	Echo     bool       `json:"echo,omitempty"`
	Plan     probe.Plan `json:"plan"` // of this pod alone
	Schedule Schedule   `json:"schedule"`
	Rounds   int        `json:"rounds"` // of the schedule, after which the pod ends; missed ones count
	// Stagger delays the blocks of the pod with index i by i times this, so that the
	// hits of a group come evenly and not all at once.
	Stagger time.Duration `json:"staggerNs,omitempty"`
}

// Validate says in one sentence what is wrong with the orders.
func (o Orders) Validate() error {
	if err := o.Schedule.Validate(); err != nil {
		return err
	}
	blocks := len(o.Targets)
	if o.Echo {
		blocks++
	}
	switch {
	case o.Run == "" || o.Group < 0 || o.First < 0 || o.Group >= o.Schedule.Groups || o.Stagger < 0:
		return errors.New("the orders name no run, no group of the schedule or a stagger below 0")
	case len(o.Targets) == 0 || blocks > o.Schedule.Blocks:
		return fmt.Errorf("the orders have %d targets for %d blocks a round", blocks, o.Schedule.Blocks)
	case o.Echo && (len(o.Targets) != 1 || o.Targets[0].Kind != probe.HTTP):
		return errors.New("the orders want an echo server of one http target")
	case o.Rounds < 1 || o.Rounds > probe.MaxBlocks:
		return fmt.Errorf("the orders are for %d rounds, not for 1 to %d", o.Rounds, probe.MaxBlocks)
	case o.Plan.Duration <= 0:
		return errors.New("the orders' plan has no duration, so that its blocks would not end in time")
	}
	if err := o.Plan.Validate(o.Targets); err != nil {
		return err
	}
	for _, t := range o.Targets {
		if err := t.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// String is the orders as the argument of a pod: JSON, one value a line, for
// whoever reads the manifest.
func (o Orders) String() string {
	text, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err.Error() // can't be: they hold nothing that JSON cannot
	}
	return string(text)
}

// ReadOrders reads what String wrote.
func ReadOrders(text string) (Orders, error) {
	var o Orders
	// An order that is not understood must not be ignored.
	if err := plain.DecodeStrict([]byte(text), &o); err != nil {
		return o, fmt.Errorf("the orders cannot be read (is the image of another version?): %w", err)
	}
	return o, o.Validate()
}
