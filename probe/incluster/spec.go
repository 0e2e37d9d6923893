package incluster

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"kpadvisor/jobs"
	"kpadvisor/probe"
)

// The defaults of a run.
const (
	// DefaultRate is the cap: new connections per second, all pods together. A
	// Service that could not take them would not live through a browser's reload.
	DefaultRate  = 100
	DefaultBlock = time.Second
	DefaultGuard = 200 * time.Millisecond
	// DefaultTimeout is of a hit: long enough for a SYN that is sent three times, after
	// 1 s and 3 s, and no longer, for a hit that hangs keeps its side from its next turn.
	DefaultTimeout = 5 * time.Second
	DefaultStart   = 2 * time.Minute // until all pods measure
	MostNodes      = 1000            // on each side
	// DefaultServices is how many echo Services stand for the same servers. Each has its
	// own place among kube-proxy's rules, and only several tell what places contribute.
	DefaultServices = 16
	MostServices    = probe.MaxBesides + 1
)

// Spec is a run, as it was decided on. The zero value of a field that has a
// default is that default.
type Spec struct {
	jobs.Pods
	Pair     Pair
	Service  *Service // nil for an echo server of the run's own
	Services int      // of the echo server; fewer than DefaultServices for more than 50 nodes on each side
	// Plan is of one side: Rate is that of all its pods together, 0 a closed loop in
	// each pod. Its Duration is of each target over all blocks, its Requests 0.
	Plan  probe.Plan
	Guard time.Duration
	Start time.Duration // how long pods may take to start
	Epoch time.Time     // of the schedule; set by NewSpec
	Made  time.Time     // when the objects are made; NewSpec's time until then
}

// DefaultPlan measures 20 rounds; each second of a side's turn makes DefaultRate
// connections.
func DefaultPlan() probe.Plan {
	p := probe.DefaultPlan()
	p.Requests, p.Duration, p.Rate, p.Concurrency = 0, time.Duration(p.Blocks)*DefaultBlock, DefaultRate, 16
	p.Timeout = DefaultTimeout
	return p
}

// NewSpec gives a run its name and its place in time, and fills in defaults.
func NewSpec(s Spec, now time.Time) Spec {
	if s.Run == "" {
		s.Run = strings.ToLower(rand.Text()[:6])
	}
	if s.Plan.Blocks == 0 {
		s.Plan = DefaultPlan()
	}
	if s.Guard == 0 {
		s.Guard = DefaultGuard
	}
	if s.Start == 0 {
		s.Start = DefaultStart
	}
	switch {
	case s.Service != nil:
		s.Services = 0
	case s.Services == 0:
		s.Services = usualServices(s.each())
	}
	if s.PullPolicy == "" {
		s.PullPolicy = "IfNotPresent"
	}
	s.Made = now
	s.Epoch = now.Add(-back).UTC().Truncate(time.Second)
	return s
}

// usualServices keeps what every kube-proxy is sent within mostEndpoints: an echo
// Service has an endpoint on each node that measures. Many nodes sample places by
// themselves.
func usualServices(each int) int { return min(DefaultServices, max(1, mostEndpoints/(2*each))) }

const mostEndpoints = 1600

// back is how long before the run the schedule begins, so that a node's clock may be
// wrong by that much.
const back = 24 * time.Hour

// Validate says in one sentence what is wrong with the run.
func (s Spec) Validate() error {
	if err := s.Pods.Validate(); err != nil {
		return err
	}
	each := len(s.Pair.A.Nodes)
	switch {
	case each == 0 || len(s.Pair.B.Nodes) != each || each > MostNodes:
		return fmt.Errorf("the two sides have %d and %d nodes: not the same number from 1 to %d", each, len(s.Pair.B.Nodes), MostNodes)
	case s.Service == nil && (s.Services < 1 || s.Services > MostServices):
		return fmt.Errorf("%d echo Services are not from 1 to %d", s.Services, MostServices)
	case s.Plan.Requests > 0 || s.Plan.Duration <= 0:
		return errors.New("in the cluster blocks end by the clock: give a duration, not a number of requests")
	case len(s.Plan.Sources) > 0:
		return errors.New("pods have one address: source addresses cannot be chosen in the cluster")
	case s.Block() < 50*time.Millisecond:
		return fmt.Errorf("a block of %v is too short, at least 50ms are needed: more duration or fewer blocks", s.Block())
	case s.Guard < 10*time.Millisecond || s.Guard > time.Minute || s.Start < time.Second || s.Start > time.Hour:
		return errors.New("the guard is not from 10ms to 1m, or the time to start not from 1s to 1h")
	case s.Plan.Rate > 0 && s.stagger() > s.Block():
		return fmt.Errorf("%d nodes at %g hits/s together need blocks of %v, these last %v: more duration, fewer blocks or a higher rate",
			each, s.Plan.Rate, time.Duration(float64(each)/s.Plan.Rate*float64(time.Second)), s.Block())
	}
	for group := range s.Pair.Groups() {
		if err := s.orders(group, 0, s.anyServices("192.0.2.%d:80")).Validate(); err != nil {
			return err
		}
	}
	return nil
}

// Block is how long a block lasts.
func (s Spec) Block() time.Duration { return s.Plan.Duration / time.Duration(max(1, s.Plan.Blocks)) }

// each is the number of nodes on each side.
func (s Spec) each() int { return max(1, len(s.Pair.A.Nodes)) }

// stagger is by how much the last pod of a side begins later than the first, so
// that together they keep an even rate.
func (s Spec) stagger() time.Duration {
	if s.Plan.Rate <= 0 || s.each() == 1 {
		return 0
	}
	return time.Duration(float64(s.each()) / s.Plan.Rate * float64(time.Second))
}

// Schedule is the one that all pods keep.
func (s Spec) Schedule() Schedule {
	blocks := 2
	if s.Service != nil && len(s.Service.Backends) == 0 {
		blocks = 1
	}
	return Schedule{
		Epoch: s.Epoch, Slot: s.Block() + s.stagger() + s.Guard, Guard: s.Guard,
		Groups: 2, Blocks: blocks, Seed: s.Plan.Seed,
	}
}

// rounds is how many rounds a pod measures at most: those that are wanted, and
// those that may pass until the last pod measures too.
func (s Spec) rounds() int {
	spare := int(math.Ceil(float64(s.Start) / float64(s.Schedule().Round())))
	return min(s.Plan.Blocks+spare+s.Plan.Blocks/4+1, probe.MaxBlocks)
}

// Lasts is about how long the run measures once all pods have started.
func (s Spec) Lasts() time.Duration {
	return time.Duration(s.Plan.Blocks+s.Plan.WarmUp+1) * s.Schedule().Round()
}

// Deadline is how long after their creation the cluster itself ends the pods.
func (s Spec) Deadline() time.Duration {
	return s.Start + time.Duration(s.rounds()+s.Plan.WarmUp+2)*s.Schedule().Round() + time.Minute
}

// Until is when the cluster itself has ended the pods, if nobody else has.
func (s Spec) Until() time.Time { return s.Made.Add(s.Deadline()) }

// Cap says in words how much load the run makes.
func (s Spec) Cap() string {
	to := "the run's own echo server"
	if s.Services > 1 {
		to += fmt.Sprintf(" by %d Services", s.Services)
	}
	if s.Service != nil {
		to = "Service " + s.Service.String()
		if n := len(s.Service.Backends); n > 0 {
			to += fmt.Sprintf(" and %d of its pods", n)
		}
	}
	pods := "one node"
	if s.each() > 1 {
		pods = fmt.Sprintf("%d nodes together", s.each())
	}
	if s.Plan.Rate == 0 {
		return fmt.Sprintf("NO CAP: a closed loop of %d connections at once on %s, to %s", s.Plan.Concurrency*s.each(), pods, to)
	}
	return fmt.Sprintf("at most %g new connections per second at any time, from %s, to %s", s.Plan.Rate, pods, to)
}

// orders are those of the pods of one group from an index on, for echo Services at
// these addresses.
func (s Spec) orders(group, first int, echo []string) Orders {
	o := Orders{
		Run: s.Run, Group: group, First: first, Schedule: s.Schedule(), Plan: s.Plan,
		Echo:    s.Service == nil,
		Targets: s.targets(group, echo),
		Stagger: s.stagger() / time.Duration(s.each()),
	}
	o.Rounds = s.rounds()
	o.Plan.Blocks = o.Rounds
	o.Plan.Duration = s.Block() * time.Duration(o.Plan.Blocks)
	o.Plan.Rate /= float64(s.each())
	return o
}

// anyServices are addresses that stand for those of the echo Services.
func (s Spec) anyServices(format string) []string {
	var out []string
	for i := range max(1, s.Services) {
		out = append(out, fmt.Sprintf(format, i+1))
	}
	return out
}

// targets are what a group measures: the Service, and its pods unless only they
// know where they are.
func (s Spec) targets(group int, echo []string) []probe.Target {
	name := s.Pair.Groups()[group].Name
	if s.Service == nil {
		return []probe.Target{{Name: name, Address: echo[0], Besides: strings.Join(echo[1:], ","), Kind: probe.HTTP, Path: "/"}}
	}
	return s.Service.targets(name)
}
