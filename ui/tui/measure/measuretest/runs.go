package measuretest

import (
	"math"
	"time"

	"kpadvisor/probe"
)

// TwoTargets are what those runs measure.
func TwoTargets() []probe.Target {
	return []probe.Target{
		{Name: "A", Address: "10.96.0.10:80", Kind: probe.HTTP, Path: "/"},
		{Name: "B", Address: "10.96.0.11:80", Kind: probe.HTTP, Path: "/"},
	}
}

// Wobble is a number from -1 to 1, always the same for the same arguments.
func Wobble(i, salt int) float64 {
	h := uint64(i+1)*0x9e3779b97f4a7c15 + uint64(salt+1)*0xbf58476d1ce4e5b9
	h = (h ^ h>>30) * 0x94d049bb133111eb
	return float64((h^h>>31)%2001)/1000 - 1
}

// Measured is what the target at a place among so many would have after so many blocks of
// 200 hits, which take turns.
func Measured(t probe.Target, salt, of, blocks int, handshakeNs float64) probe.Series {
	s := probe.Series{Target: t, Resolved: t.Address, Requests: int64(blocks) * 200, Errors: map[probe.Class]int64{}}
	scale := probe.PerPhase[float64]{
		probe.Handshake: handshakeNs, probe.Connect: handshakeNs + 17e3, probe.Processing: handshakeNs * 9, probe.Waiting: handshakeNs * 8,
		probe.Total: handshakeNs*10 + 17e3, probe.Established: 9e3, probe.FirstPacket: handshakeNs - 9e3,
	}
	for i := range blocks {
		b := probe.Block{Round: i, At: time.Duration(of*i+salt) * 200 * time.Millisecond, Length: 200 * time.Millisecond, Requests: 200}
		for half := range 2 {
			v := probe.Interval{At: b.At + time.Duration(half)*100*time.Millisecond, Length: 100 * time.Millisecond, Round: i, Warm: i == 0}
			for _, p := range probe.Phases() {
				v.N[p], v.MedianNs[p] = 100, int64(scale[p]*(1+Wobble(2*i+half, salt)/4))
			}
			s.Intervals = append(s.Intervals, v)
		}
		for _, p := range probe.Phases() {
			b.N[p], b.MedianNs[p] = 200, scale[p]*(1+Wobble(i, salt)/20)
		}
		s.Blocks = append(s.Blocks, b)
	}
	for _, p := range probe.Phases() {
		v := scale[p]
		quantile := func(share float64) int64 { // log-normal, as times often are
			return int64(v * math.Exp(0.2*math.Sqrt2*math.Erfinv(2*share-1)))
		}
		s.Phases[p] = probe.Stats{
			N: s.Requests, MinNs: int64(v * 0.5), MeanNs: v * 1.06, SDNs: v * 0.31, MedianNs: int64(v), P90Ns: quantile(0.9),
			P99Ns: quantile(0.99), MaxNs: int64(v * 31),
		}
		for _, share := range probe.Shares() {
			s.Quantiles[p] = append(s.Quantiles[p], quantile(share))
		}
	}
	return s
}

// RunOf is a run of two targets whose handshakes take so long, after some of its blocks.
func RunOf(a, b float64, blocks int) probe.Result {
	targets := TwoTargets()
	plan := probe.DefaultPlan()
	return probe.Result{
		Plan: plan, Started: time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC), Elapsed: time.Duration(blocks) * 400 * time.Millisecond,
		Series: []probe.Series{Measured(targets[0], 0, 2, blocks, a), Measured(targets[1], 1, 2, blocks, b)},
		SelfCheck: probe.SelfCheck{
			Usable: true, Threads: 8, LatenessP99Ns: 41_000, AchievedRate: 998.5,
			CPUWait: probe.Share{Known: true, Value: 0.021}, Steal: probe.Share{Known: true},
		},
		Budget: Enough(plan),
		Notes:  []string{"closed loop, 8 at once: a slow answer delays the next hit, so stalls weigh less than a user would feel"},
	}
}

// Live is what a look at that run gives while it lasts.
func Live(r probe.Result) func() probe.Snapshot {
	return func() probe.Snapshot {
		s := probe.Snapshot{Series: r.Series}
		n := len(r.Series[0].Blocks)
		s.Progress = probe.Progress{State: probe.Measuring, Target: 1, Turn: 2*n + 1, Turns: 42, Elapsed: r.Elapsed}
		return s
	}
}

// Troubled is a run in which target B fails in every way.
func Troubled() probe.Result {
	r := RunOf(31e3, 43e3, 20)
	b := &r.Series[1]
	b.Errors = map[probe.Class]int64{probe.Refused: 12, probe.Timeout: 3, probe.BadResponse: 1405}
	b.Events = probe.Events{From1s: 4, From3s: 1, ResentSYNs: 9, SYNTimeouts: 3, NotSent: 2}
	b.WarmUp = probe.Tally{Requests: 200, ResentSYNs: 2}
	for i := range r.Series {
		r.Series[i].Conditions.Plan = r.Plan
	}
	b.Phases[probe.Connect].MaxNs = 3_021_000_000
	for i := range b.Intervals {
		v := &b.Intervals[i]
		switch {
		case i%9 == 4:
			v.N, v.MedianNs = probe.PerPhase[int64]{}, probe.PerPhase[int64]{}
		case i%9 == 5:
			v.N, v.MedianNs, v.Errors = probe.PerPhase[int64]{}, probe.PerPhase[int64]{}, 12
		case i%9 == 6:
			v.Retransmitted = 1
		case i%13 == 5:
			v.MedianNs[probe.Handshake] = 9_000_000
		}
	}
	r.Findings = probe.Diagnose(*b)
	return r
}

// Unusable is a run on a machine that had no CPU left for it.
func Unusable() probe.Result {
	r := RunOf(43e3, 31e3, 20)
	r.SelfCheck.Usable = false
	r.SelfCheck.Why = []string{"21 % of this machine's CPU time was taken by other machines"}
	return r
}
