package incluster

import (
	"bytes"
	"math/rand/v2"
	"time"

	"kpadvisor/probe"
)

// script is how a scripted agent differs from one that does as it was told.
type script struct {
	ahead  time.Duration // of its clock
	change func(*Line)   // of every line, before it is written
	rounds int           // after which it falls silent; 0 is never
	talks  bool          // it does not fall silent, and says that it measures, for ever
	words  string        // its last words, if it falls silent and ends then
	hits   int           // in each block; 0 is 10
	alike  bool          // both groups take 20 us
}

// measure writes what an agent writes that keeps the schedule: every block of
// every round takes as long as it should, and each hit's handshake is 20 us for
// group A and 10 us for group B, 5 us less without the Service.
func (p *fakePod) measure(s script) {
	now := func() time.Time { return time.Now().Add(s.ahead) }
	out := &writer{to: lineWriter{p, now}, now: now}
	write := func(l Line) {
		if s.change != nil {
			s.change(&l)
		}
		_ = out.write(l) // into memory
	}
	sched := p.orders.Schedule
	first := sched.First(now())
	hello := Hello{Run: p.orders.Run, Node: p.Node, Group: p.orders.Group, Index: p.index, First: first, Environment: probe.Environment{Kernel: "6.1.0-test", Engine: "script"}}
	for _, t := range p.orders.Targets {
		hello.Resolved = append(hello.Resolved, t.Address)
	}
	write(Line{Hello: &hello})
	random := rand.New(rand.NewPCG(uint64(p.orders.Group), uint64(p.index)))
	for round := first; round < first+p.orders.Rounds; round++ {
		if s.rounds > 0 && round == first+s.rounds {
			if s.words != "" {
				p.Write(now(), s.words+"\n")
				return
			}
			for s.talks {
				select {
				case <-time.After(50 * time.Millisecond):
					p.Write(now(), "measuring, believe me\n")
					write(Line{Progress: &Stage{State: probe.Measuring}})
					p.Write(now(), "{")
				case <-p.Killed:
					return
				}
			}
			<-p.Killed
			return
		}
		for block := range p.orders.Targets {
			start := sched.Start(round, p.orders.Group, block)
			end := start.Add(sched.Slot - sched.Guard)
			select {
			case <-time.After(end.Sub(now())):
			case <-p.Killed:
				write(Line{End: &End{Told: true, Check: &probe.SelfCheck{Usable: true}}})
				return
			}
			group := p.orders.Group
			if s.alike {
				group = 0
			}
			r := scriptedBlock(random, group, block, max(s.hits, 10))
			r.Target, r.Block.Round, r.Block.At, r.Block.Length = block, round, start.Sub(sched.Epoch), sched.Slot-sched.Guard
			write(Line{Seen: []Seen{{Target: block, Interval: probe.Interval{At: r.Block.At, Length: 100 * time.Millisecond, Requests: r.Block.Requests}}}})
			write(Line{Record: &r})
		}
	}
	write(Line{End: &End{Check: &probe.SelfCheck{Usable: true}}})
}

// scriptedBlock is a block of so many hits.
func scriptedBlock(random *rand.Rand, group, block, hits int) probe.Record {
	ns := int64(20_000 - 10_000*group - 5_000*block)
	var values probe.Sample
	for range hits {
		v := ns + int64(random.IntN(3))*1000
		one := probe.Sample{N: 1, MinNs: v, MaxNs: v, MeanNs: float64(v), Counts: []int64{v, 1}}
		values = addSamples(values, one)
	}
	place := probe.Place{}
	place.N[probe.Handshake], place.MedianNs[probe.Handshake] = int64(hits), values.MeanNs
	late := probe.Sample{N: int64(hits), MinNs: 1000, MaxNs: 1000, MeanNs: 1000, Counts: []int64{1000, int64(hits)}}
	return probe.Record{Lateness: late, Whole: true, Block: probe.Block{Requests: int64(hits)}, Phases: probe.PerPhase[probe.Sample]{probe.Handshake: values, probe.Connect: values}, Places: []probe.Place{place}}
}

// addSamples adds one value to a sample.
func addSamples(s, one probe.Sample) probe.Sample {
	v, n := one.MinNs, s.N+1
	if s.N == 0 {
		return one
	}
	delta := float64(v) - s.MeanNs
	s.MeanNs += delta / float64(n)
	s.SquareNs2 += delta * (float64(v) - s.MeanNs)
	s.N, s.MinNs, s.MaxNs = n, min(s.MinNs, v), max(s.MaxNs, v)
	for i := 0; i < len(s.Counts); i += 2 {
		switch {
		case s.Counts[i] == v:
			s.Counts[i+1]++
			return s
		case s.Counts[i] > v:
			s.Counts = append(s.Counts[:i:i], append([]int64{v, 1}, s.Counts[i:]...)...)
			return s
		}
	}
	s.Counts = append(s.Counts, v, 1)
	return s
}

// lineWriter writes whole lines into a pod's log.
type lineWriter struct {
	p   *fakePod
	now func() time.Time
}

func (w lineWriter) Write(b []byte) (int, error) {
	w.p.Write(w.now(), string(bytes.Clone(b)))
	return len(b), nil
}
