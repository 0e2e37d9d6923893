package habit

import (
	"time"

	"kpadvisor/advisor"
)

// Namespace is a network namespace at one moment.
type Namespace struct {
	ID    uint64 // never 0
	Opens uint64 // connections begun since it was made: ActiveOpens of /proc/net/snmp
	Open  int    // of those how many are established; negative where that is not known
}

// Processes counts what the network namespaces of pods began. Those that come and go
// while it is counted take part from when they were made to when they were last seen.
type Processes struct {
	first, last time.Duration
	looks       int
	counters    map[uint64]counter
	open        int // at the last look
	seenOpen    int // at all looks together
	blind       string
}

type counter struct{ last, began uint64 }

// mostNamespaces is more than any node has pods.
const mostNamespaces = 10_000

// NewProcesses counts nothing yet.
func NewProcesses() *Processes { return &Processes{counters: map[uint64]counter{}} }

// Blind tells in one clause why not all namespaces are seen.
func (p *Processes) Blind(why string) { p.blind = why }

// Look tells all namespaces of pods as they are at some time.
func (p *Processes) Look(at time.Duration, all []Namespace) {
	if p.looks == 0 {
		p.first = at
	}
	p.last, p.open = at, 0
	for _, n := range all {
		c, known := p.counters[n.ID]
		switch {
		case !known && len(p.counters) == mostNamespaces:
			p.Blind("there are too many network namespaces")
			continue
		case !known && p.looks == 0:
			c.last = n.Opens
		case n.Opens < c.last: // another namespace of the same number
			c.last = 0
		}
		c.began += n.Opens - c.last
		c.last = n.Opens
		p.counters[n.ID] = c
		if p.open >= 0 && n.Open >= 0 {
			p.open += n.Open
		} else {
			p.open = -1
		}
	}
	if p.seenOpen >= 0 && p.open >= 0 {
		p.seenOpen += p.open
	} else {
		p.seenOpen = -1
	}
	p.looks++
}

// Habits is what was begun from the first look to the last.
func (p *Processes) Habits() advisor.NodeHabits {
	over := p.last - p.first
	h := advisor.NodeHabits{Method: advisor.ByProcesses, Over: over}
	h.Reused = unknown[float64]("the counters of a network namespace tell no ports")
	if len(p.counters) == 0 {
		p.Blind("no process of a pod is seen")
	}
	if p.blind != "" {
		h.New, h.Busiest, h.Life = unknown[float64](p.blind), unknown[float64](p.blind), unknown[time.Duration](p.blind)
		h.Open, h.Addresses = unknown[int](p.blind), unknown[int](p.blind)
		return h
	}
	if over <= 0 {
		return h
	}
	from := source("counters of network namespaces")
	var sum, most uint64
	beginning := 0
	for _, c := range p.counters {
		sum, most = sum+c.began, max(most, c.began)
		if c.began > 0 {
			beginning++
		}
	}
	h.New, h.Busiest = advisor.KnownFrom(perSecond(sum, over), from), advisor.KnownFrom(perSecond(most, over), from)
	h.Addresses = advisor.KnownFrom(beginning, from)
	if h.Open = unknown[int]("the sockets of pods could not be counted"); p.open >= 0 {
		h.Open = advisor.KnownFrom(p.open, source("sockets of network namespaces"))
	}
	h.Life = p.life(sum, over)
	return h
}

// life follows from how many are open at a time.
func (p *Processes) life(begun uint64, over time.Duration) advisor.Fact[time.Duration] {
	if p.seenOpen < 0 {
		return unknown[time.Duration]("the sockets of pods could not be counted")
	}
	return lifeByLittle(p.seenOpen, p.looks, begun, over, "sockets and counters of network namespaces, by Little's law")
}
