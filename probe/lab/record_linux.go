package lab

import (
	"slices"
	"time"

	"kpadvisor/probe/lab/rules"
)

// records are what all builds of a job said so far, by size, mode and position.
type records map[place]*record

type place struct {
	services int
	mode     Mode
	position rules.Position
}

// record is a Point in the making.
type record struct {
	hot, cold       sample
	cpu             time.Duration
	program, update []time.Duration
	memory          []int64
	counts          Counts
	endpoints       int
	builds          []Observation
}

// add takes in a lane of a build, and returns what is known of its place now.
func (r records) add(number int, l *lane, shape rules.Shape, took cost) Point {
	at := place{shape.Services, l.node.mode, l.position}
	known := r[at]
	if known == nil {
		known = &record{}
		r[at] = known
	}
	known.hot.join(l.hot)
	known.cold.join(l.cold)
	known.cpu += l.cpu
	known.program, known.update, known.memory = append(known.program, took.program), append(known.update, took.update), append(known.memory, took.memory)
	known.counts = took.counts
	if l.node.mode.hasRules() {
		known.endpoints = len(l.node.services[shape.Index(l.position)].Endpoints)
	}
	slices.Sort(l.cold.times)
	if len(l.hot.blocks) > 0 {
		known.builds = append(known.builds, Observation{Build: number, HotNs: undisturbed(l.hot.blocks), ColdNs: quantile(l.cold.times, 0.5)})
	}
	return known.point(at)
}

func (r *record) point(at place) Point {
	p := Point{
		Mode: at.mode, Services: at.services, Endpoints: r.endpoints, Position: at.position,
		Connect: r.hot.quantiles(), Connections: len(r.hot.times), Failed: r.hot.failed + r.cold.failed, BlocksNs: slices.Clone(r.hot.blocks),
		Cold: r.cold.quantiles(), ColdConnections: len(r.cold.times), Builds: slices.Clone(r.builds),
		ProgramNs: int64(median(r.program)), UpdateNs: int64(median(r.update)), MemoryBytes: median(r.memory),
		Counts: r.counts, Rules: r.counts.Rules,
	}
	if n := len(r.hot.times) + r.hot.failed; n > 0 {
		p.CPUNs = int64(r.cpu) / int64(n)
	}
	return p
}

func (s *sample) join(more sample) {
	s.times, s.blocks, s.failed = append(s.times, more.times...), append(s.blocks, more.blocks...), s.failed+more.failed
	slices.Sort(s.times)
}

func (s *sample) quantiles() Quantiles {
	return Quantiles{P10Ns: quantile(s.times, 0.10), P50Ns: quantile(s.times, 0.50), P99Ns: quantile(s.times, 0.99)}
}

func median[T time.Duration | int64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
