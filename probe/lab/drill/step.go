package drill

import (
	"fmt"
	"strings"
	"time"
)

// Action is one thing that happens in a rolling update.
type Action string

// The actions, in the order of a pod that drains.
const (
	NewPod        Action = "newPod"        // the new pod is ready: kube-proxy adds its endpoint
	Terminating   Action = "terminating"   // the old pod's endpoint terminates: kube-proxy takes it out
	ListenerDown  Action = "listenerDown"  // the old pod's process ends: its address refuses
	AddressGone   Action = "addressGone"   // the old pod's network is gone
	Check         Action = "check"         // kube-proxy would delete the old real server, if it has no connection left
	ServerDeleted Action = "serverDeleted" // and so it did; never planned, only seen
	End           Action = "end"
)

// AfterRound reports whether an action waits, on a machine that is slower than
// planned, until every source port has come round since the step before: only
// then does what follows it show what it must.
func (a Action) AfterRound() bool { return a == NewPod || a == ListenerDown || a == Check }

// Step is an action and its time, since the first connection. On a slow machine
// steps come later, never closer together.
type Step struct {
	At time.Duration
	Do Action
}

// Steps is the rolling update in order of time. Only IPVS has real servers, and
// so checks; the other modes replace their rules at once.
func (p Plan) Steps(realServers bool) []Step {
	ready := steady + overlap
	hears := ready
	steps := []Step{{steady, NewPod}, {hears, Terminating}, {ready + drainTime, ListenerDown}, {ready + drainTime + sandboxTime, AddressGone}}
	if p.Lost {
		hears = ready + unheard
		steps = []Step{{steady, NewPod}, {ready, ListenerDown}, {ready + lostAt, AddressGone}, {hears, Terminating}}
	}
	for n := 1; n <= checks && realServers; n++ {
		steps = append(steps, Step{hears + time.Duration(n)*checkEvery, Check})
	}
	// What follows the last check must show: the end comes half a minute later.
	steps = append(steps, Step{hears + checks*checkEvery + checkEvery/2, End})
	for i := range steps {
		steps[i].At = p.scaled(steps[i].At)
	}
	return steps
}

// Says is what the action is in a mode, for people.
func (a Action) Says(mode string) string {
	ipvs := mode == IPVS
	switch a {
	case NewPod:
		if ipvs {
			return "new pod ready: real server added"
		}
		return "new pod ready: rules replaced"
	case Terminating:
		if ipvs {
			return "old pod's endpoint terminating: its real server gets weight 0"
		}
		return "old pod's endpoint terminating: rules replaced"
	case ListenerDown:
		return "old pod's process gone: its address refuses"
	case AddressGone:
		return "old pod's network gone"
	case Check:
		return "kube-proxy's check: delete the old real server if it has no connection"
	case ServerDeleted:
		return "old real server deleted"
	case End:
		return "end"
	}
	return string(a)
}

// Describe is the plan of one mode in words, one step a line: what the goldens hold.
func (p Plan) Describe(mode string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%8v  %g connections/s from %d source ports, each used again after %v\n", time.Duration(0), p.Rate, p.Ports, p.Round())
	for _, s := range p.Steps(mode == IPVS) {
		fmt.Fprintf(&b, "%8v  %s\n", s.At, s.Do.Says(mode))
	}
	return b.String()
}
