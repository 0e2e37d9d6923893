package probe

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Collector puts together what several Runners measured elsewhere, each a source
// with a number of its own, as if one Runner had measured it all: the hits of all
// sources on a target in one round are one block. It holds the same however long
// a run lasts and however many sources there are: the rounds that are not
// complete yet, at most maxOpen, and one ledger per target.
//
// The first rounds that are complete count, as many as the plan has blocks. A
// round is complete once every source has told all of it; until then, or if it
// never comes to that, none of its hits count. So both targets rest on the same
// rounds, and it does not matter in which order they arrive or whether they
// arrive twice.
type Collector struct {
	plan Plan

	mu       sync.Mutex
	ledgers  []*ledger // of the targets, then of the controls
	targets  int
	lateness *distribution
	sources  map[int][]bool // by source: which ledgers it tells of
	expected int            // targets of all sources, each counted
	first    int            // rounds before it do not count
	started  bool           // first is known
	open     map[int]*round
	complete map[int]bool
	dropped  int // rounds that were given up
	scratch  *ledger
	seconds  []timeline // of the targets
	units    gatheredUnits
}

// maxOpen is how many incomplete rounds are kept: as many as may pass while a
// stream is broken.
const maxOpen = 64

// round is a round that is not complete yet.
type round struct {
	told map[[2]int][]Place // source and ledger
	sums []*sum             // by ledger; nil before the first record
}

// sum is what the sources told of one target in one round. Times are kept as
// the histogram's counts, of which few are not 0.
type sum struct {
	counters
	at, length time.Duration
	lateness   sparse
	phases     PerPhase[sparse]
}

// sparse is a Sample that is added to.
type sparse struct {
	Sample
	counts map[int64]int64
}

// NewCollector collects what is told of the targets and, for each or for none,
// of a control: the same thing reached directly.
func NewCollector(plan Plan, targets, controls []Target) *Collector {
	c := &Collector{
		plan: plan, targets: len(targets), lateness: newDistribution(), sources: map[int][]bool{},
		open: map[int]*round{}, complete: map[int]bool{}, scratch: newLedger(Target{}),
		seconds: make([]timeline, len(targets)), units: gatheredUnits{},
	}
	for _, t := range slices.Concat(targets, controls) {
		c.ledgers = append(c.ledgers, newLedger(t))
	}
	return c
}

// Expect makes rounds wait for a source that tells of these targets; controls
// follow the targets in number.
func (c *Collector) Expect(source int, targets ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := make([]bool, len(c.ledgers))
	for _, t := range targets {
		of[t] = true
	}
	c.sources[source] = of
	c.expected += len(targets)
}

// Leave lets rounds go without a source: it is gone. Rounds that lacked it alone
// become complete.
func (c *Collector) Leave(source int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, is := range c.sources[source] {
		if is {
			c.expected--
		}
	}
	delete(c.sources, source)
	c.promote()
}

// Begin says which round is the first that counts. Records may arrive before.
func (c *Collector) Begin(first int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first, c.started = first, true
	for number := range c.open {
		if number < first {
			delete(c.open, number)
		}
	}
	c.promote()
}

// Add takes one block of a target or control (r.Target) from a source. Warm-up,
// blocks cut short and what is known already are dropped without an error.
func (c *Collector) Add(source int, r Record) error {
	if err := r.Validate(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Target < 0 || r.Target >= len(c.ledgers) {
		return fmt.Errorf("there is no target %d", r.Target)
	}
	number := r.Block.Round
	if r.Warm || !r.Whole || c.complete[number] || c.started && number < c.first {
		return nil
	}
	o := c.open[number]
	if o == nil {
		o = &round{told: map[[2]int][]Place{}, sums: make([]*sum, len(c.ledgers))}
		c.open[number] = o
		c.forgetOldest()
	}
	key := [2]int{source, r.Target}
	if _, told := o.told[key]; !told {
		o.told[key] = r.Places
		o.add(r)
		c.promote()
	}
	return nil
}

// forgetOldest gives up the oldest round when there are too many.
func (c *Collector) forgetOldest() {
	if len(c.open) <= maxOpen {
		return
	}
	oldest := slices.Min(slices.Collect(maps.Keys(c.open)))
	delete(c.open, oldest)
	c.dropped++
}

func (o *round) add(r Record) {
	s := o.sums[r.Target]
	if s == nil {
		s = &sum{at: r.Block.At}
		o.sums[r.Target] = s
	}
	s.at, s.length = min(s.at, r.Block.At), max(s.length, r.Block.Length)
	s.counters.add(r.counted())
	s.lateness.add(r.Lateness)
	for _, p := range Phases() {
		s.phases[p].add(r.Phases[p])
	}
}

func (s *sparse) add(other Sample) {
	if other.N == 0 {
		return
	}
	if s.counts == nil {
		s.counts = map[int64]int64{}
	}
	for i := 0; i+1 < len(other.Counts); i += 2 {
		s.counts[other.Counts[i]] += other.Counts[i+1]
	}
	s.Sample = s.merged(other)
}

// whole is the sample with its counts.
func (s *sparse) whole() Sample {
	out := s.Sample
	for value, n := range s.counts {
		out.Counts = append(out.Counts, value, n)
	}
	return out
}

// promote counts every round that has become complete.
func (c *Collector) promote() {
	if !c.started || len(c.sources) == 0 {
		return
	}
	for _, number := range slices.Sorted(maps.Keys(c.open)) {
		if len(c.complete) == c.plan.Blocks {
			return
		}
		if o := c.open[number]; c.isComplete(o) {
			delete(c.open, number)
			c.complete[number] = true
			for i, s := range o.sums {
				if s != nil {
					c.count(i, number, s)
				}
			}
			for key, at := range o.told {
				if key[1] < c.targets {
					c.units.add(key[0], key[1], at)
				}
			}
		}
	}
}

// isComplete reports whether every source has told all of the round, and every
// target was told of.
func (c *Collector) isComplete(o *round) bool {
	if len(o.told) < c.expected {
		return false
	}
	for source, of := range c.sources {
		for i, is := range of {
			if _, told := o.told[[2]int{source, i}]; is && !told {
				return false
			}
		}
	}
	return !slices.Contains(o.sums, nil)
}

// count adds a complete round of one target to its ledger.
func (c *Collector) count(i, number int, s *sum) {
	t, block := c.ledgers[i], c.scratch
	t.counters.add(s.counters)
	c.lateness.add(s.lateness.whole())
	for _, p := range Phases() {
		sample := s.phases[p].whole()
		t.phases[p].add(sample)
		block.block[p].add(sample)
		if m := block.micros[p]; m != nil {
			m.addSample(sample)
		}
	}
	var failed int64
	for _, n := range s.errors {
		failed += n
	}
	t.blocks = append(t.blocks, block.observe(Block{Round: number, At: s.at, Length: s.length, Requests: s.requests, Failed: failed}))
}

// Interval takes what a source saw of a target in 100 ms: for a screen, and for
// what happened around a change. What several sources saw at the same time is
// put together: the median is then the mean of theirs, by their hits.
func (c *Collector) Interval(target int, i Interval) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if target < 0 || target >= c.targets || i.At < 0 || i.Length < 0 {
		return
	}
	c.seconds[target].add(i)
	c.ledgers[target].ring.merge(i)
}

// Rounds is how many rounds are complete, and how many were given up.
func (c *Collector) Rounds() (complete, dropped int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.complete), c.dropped
}

// Series copies what a screen shows of the targets.
func (c *Collector) Series() []Series {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.series(c.ledgers[:c.targets])
}

// series are those of some ledgers. The lock must be held.
func (c *Collector) series(of []*ledger) []Series {
	var all []Series
	for _, t := range of {
		s := t.series()
		slices.SortFunc(s.Blocks, func(a, b Block) int { return cmp.Compare(a.Round, b.Round) })
		all = append(all, s)
	}
	return all
}
