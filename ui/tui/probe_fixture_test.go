package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
)

// fakeProber is a run whose numbers are made up. Like the real one it runs once,
// refuses what the real one refuses, and returns what there is when it is cancelled.
type fakeProber struct {
	snapshot func() probe.Snapshot
	result   probe.Result
	err      error
	hold     chan struct{} // Run returns when it is closed or ctx ends; nil is at once
	rollouts []time.Time
	gaps     map[string]string // by address

	mu     sync.Mutex
	ran    bool
	pauses []bool
	looks  int
}

func (f *fakeProber) Rollouts(address string) ([]time.Time, string) {
	return f.rollouts, f.gaps[address]
}

func (f *fakeProber) Run(ctx context.Context) (probe.Result, error) {
	f.mu.Lock()
	again := f.ran
	f.ran = true
	f.mu.Unlock()
	if again {
		return probe.Result{}, errors.New("this runner has run already; make another")
	}
	if f.hold == nil {
		return f.result, f.err
	}
	select {
	case <-f.hold:
		return f.result, f.err
	case <-ctx.Done():
		r := f.result
		r.Partial = true
		return r, nil
	}
}

func (f *fakeProber) Snapshot() probe.Snapshot {
	f.mu.Lock()
	f.looks++
	f.mu.Unlock()
	return f.snapshot()
}

func (f *fakeProber) looked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.looks
}

func (f *fakeProber) Pause(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pauses = append(f.pauses, on)
}

// with is a screen on which that run, and no other, can be started.
func with(o Options, f *fakeProber) Options {
	engineOf(&o).prepare = func(plan probe.Plan, targets ...probe.Target) (Prober, error) {
		if _, err := probe.NewRunner(plan, targets...); err != nil {
			return nil, err
		}
		return f, nil
	}
	o = withLab(o, &fakeLab{})
	clusterOf(&o).offers = func(context.Context) ([]Offer, error) { return offered(), nil }
	o.Store = fakeStore{}
	return o
}

func enough(plan probe.Plan) probe.Budget {
	return probe.Budget{
		Verdict: probe.Enough, Target: "A", Ports: 28232, Free: 28231, Need: plan.Workers(),
		Why: "8 connections at once need as many source ports; 28231 of 28232 are free",
	}
}

// plan types two targets into the form and leaves it.
func (a app) plan(addresses ...string) app {
	if a.press("4", "j", "enter"); a.pane() == "plan" {
		a.press("enter")
	}
	for _, address := range addresses {
		a.typed(address).press("enter")
	}
	for range pairFields() {
		if a.pane() == "edit" {
			a.press("enter")
		}
	}
	return a
}

// begin starts the run and runs none of its commands: the test looks for itself.
func (a app) begin() app {
	a.Update(keyPress("enter"))
	return a
}

// look takes one look at the run.
func (a app) look() app {
	a.Update(a.probe.run.trial.look())
	return a
}

// end waits for the run and tells the screen.
func (a app) end() app {
	<-a.probe.run.trial.ended
	a.Update(endedMsg{a.probe.run.trial})
	return a
}

// offered is what a cluster has to measure.
func offered() []Offer {
	ends := func(e Ends, err error) func(context.Context) (Ends, error) {
		return func(context.Context) (Ends, error) { return e, err }
	}
	return []Offer{
		{"shop/cart:http", "10.96.0.10:80 and a pod behind it", ends(Ends{A: "10.96.0.10:80", B: "10.244.1.7:8080"}, nil)},
		{
			"shop/cart:http", "NodePort 30080 on n1 (iptables) and n2 (nftables)",
			ends(Ends{A: "192.0.2.1:30080", B: "192.0.2.2:30080", ModeA: advisor.IPTables, ModeB: advisor.NFTables}, nil),
		},
		{"shop/empty:http", "10.96.0.11:80 and a pod behind it", ends(Ends{}, errors.New("the Service has no ready endpoint"))},
	}
}

func twoTargets() []probe.Target {
	return []probe.Target{
		{Name: "A", Address: "10.96.0.10:80", Kind: probe.HTTP, Path: "/"},
		{Name: "B", Address: "10.96.0.11:80", Kind: probe.HTTP, Path: "/"},
	}
}

// wobble is a number from -1 to 1, always the same for the same arguments.
func wobble(i, salt int) float64 {
	h := uint64(i+1)*0x9e3779b97f4a7c15 + uint64(salt+1)*0xbf58476d1ce4e5b9
	h = (h ^ h>>30) * 0x94d049bb133111eb
	return float64((h^h>>31)%2001)/1000 - 1
}

// measured is what a target would have after so many blocks of 200 hits.
func measured(t probe.Target, salt, blocks int, handshakeNs float64) probe.Series {
	s := probe.Series{Target: t, Resolved: t.Address, Requests: int64(blocks) * 200, Errors: map[probe.Class]int64{}}
	scale := probe.PerPhase[float64]{
		probe.Handshake: handshakeNs, probe.Connect: handshakeNs + 17e3, probe.Processing: handshakeNs * 9, probe.Waiting: handshakeNs * 8,
		probe.Total: handshakeNs*10 + 17e3, probe.Established: 9e3, probe.FirstPacket: handshakeNs - 9e3,
	}
	for i := range blocks {
		b := probe.Block{Round: i, At: time.Duration(2*i+salt) * 200 * time.Millisecond, Length: 200 * time.Millisecond, Requests: 200}
		for half := range 2 {
			v := probe.Interval{At: b.At + time.Duration(half)*100*time.Millisecond, Length: 100 * time.Millisecond, Round: i, Warm: i == 0}
			for _, p := range probe.Phases() {
				v.N[p], v.MedianNs[p] = 100, int64(scale[p]*(1+wobble(2*i+half, salt)/4))
			}
			s.Intervals = append(s.Intervals, v)
		}
		for _, p := range probe.Phases() {
			b.N[p], b.MedianNs[p] = 200, scale[p]*(1+wobble(i, salt)/20)
		}
		s.Blocks = append(s.Blocks, b)
	}
	for _, p := range probe.Phases() {
		v := scale[p]
		s.Phases[p] = probe.Stats{
			N: s.Requests, MinNs: int64(v * 0.7), MeanNs: v * 1.06, SDNs: v * 0.31, MedianNs: int64(v), P90Ns: int64(v * 1.4),
			P99Ns: int64(v * 2.7), MaxNs: int64(v * 31),
		}
	}
	return s
}

// run is a run of two targets whose handshakes take so long, after some of its blocks.
func runOf(a, b float64, blocks int) probe.Result {
	targets := twoTargets()
	plan := probe.DefaultPlan()
	return probe.Result{
		Plan: plan, Started: time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC), Elapsed: time.Duration(blocks) * 400 * time.Millisecond,
		Series: []probe.Series{measured(targets[0], 0, blocks, a), measured(targets[1], 1, blocks, b)},
		SelfCheck: probe.SelfCheck{
			Usable: true, Threads: 8, LatenessP99Ns: 41_000, AchievedRate: 998.5,
			CPUWait: probe.Share{Known: true, Value: 0.021}, Steal: probe.Share{Known: true},
		},
		Budget: enough(plan),
		Notes:  []string{"closed loop, 8 at once: a slow answer delays the next hit, so stalls weigh less than a user would feel"},
	}
}

// live is what a look at that run gives while it lasts.
func live(r probe.Result) func() probe.Snapshot {
	return func() probe.Snapshot {
		s := probe.Snapshot{Series: r.Series}
		n := len(r.Series[0].Blocks)
		s.Progress = probe.Progress{State: probe.Measuring, Target: 1, Turn: 2*n + 1, Turns: 42, Elapsed: r.Elapsed}
		return s
	}
}

// troubled is a run in which target B fails in every way.
func troubled() probe.Result {
	r := runOf(31e3, 43e3, 20)
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

// unusable is a run on a machine that had no CPU left for it.
func unusable() probe.Result {
	r := runOf(43e3, 31e3, 20)
	r.SelfCheck.Usable = false
	r.SelfCheck.Why = []string{"21 % of this machine's CPU time was taken by other machines"}
	return r
}

// probeStates are the faces of the Probe screen, each reached as a user would.
func probeStates() map[string]func(o Options, w, h int) app {
	screen := func(o Options, w, h int, f *fakeProber) app {
		r := done(mixedFacts())
		r.Style, r.Engine = o.Style, o.Engine
		return start(with(r, f), w, h).read()
	}
	planned := func(o Options, w, h int, f *fakeProber) app {
		return screen(o, w, h, f).plan("10.96.0.10:80", "10.96.0.11:80")
	}
	running := func(r probe.Result) func(o Options, w, h int) app {
		return func(o Options, w, h int) app {
			return planned(o, w, h, &fakeProber{snapshot: live(r), result: r}).begin().look()
		}
	}
	finished := func(r probe.Result) func(o Options, w, h int) app {
		return func(o Options, w, h int) app { return running(r)(o, w, h).end() }
	}
	failed := func(err error) func(o Options, w, h int) app {
		return func(o Options, w, h int) app {
			none := func() probe.Snapshot { return probe.Snapshot{} }
			return planned(o, w, h, &fakeProber{snapshot: none, err: err}).begin().end()
		}
	}
	stopped := runOf(43e3, 31e3, 4)
	stopped.Partial = true
	return map[string]func(o Options, w, h int) app{
		"probe": func(o Options, w, h int) app { return screen(o, w, h, &fakeProber{}).press("4") },
		"probe-typing": func(o Options, w, h int) app {
			return screen(o, w, h, &fakeProber{}).press("4", "j", "enter", "enter").typed("10.96.0.10:80").press("tab").typed("ftp://x:1")
		},
		"probe-invalid": func(o Options, w, h int) app {
			a := screen(o, w, h, &fakeProber{}).press("4", "j", "enter", "enter").typed("10.96.0.10:80").press("tab").typed("ftp://x:1")
			return a.press("enter", "enter", "enter", "enter", "enter", "enter", "enter", "enter")
		},
		"probe-offers": func(o Options, w, h int) app {
			return screen(o, w, h, &fakeProber{}).press("4", "j", "enter", "v")
		},
		"probe-offer-failed": func(o Options, w, h int) app {
			return screen(o, w, h, &fakeProber{}).press("4", "j", "enter", "v").typed("empty").press("enter")
		},
		"probe-ready": func(o Options, w, h int) app { return planned(o, w, h, &fakeProber{}) },
		"probe-ab":    func(o Options, w, h int) app { return planned(o, w, h, &fakeProber{}).press("a") },
		"probe-refused": func(o Options, w, h int) app {
			engineOf(&o).budget = func(_ context.Context, plan probe.Plan, _ ...probe.Target) (probe.Budget, error) {
				return probe.Budget{
					Verdict: probe.Refuse, Ports: 100, Free: 3, Need: plan.Workers(),
					Why: "8 connections at once need as many source ports; 3 of 100 are free, and too few can become free: other connections to the target hold 97",
				}, nil
			}
			a := screen(o, w, h, &fakeProber{}).press("4", "j", "enter", "enter").typed("10.96.0.10:80").press("shift+tab", "shift+tab", "shift+tab", "ctrl+u").typed("reuse 20000-20099").press("enter", "enter")
			return a.press("enter")
		},
		"probe-running":  running(runOf(43e3, 31e3, 14)),
		"probe-finished": finished(runOf(43e3, 31e3, 20)),
		"probe-same":     finished(runOf(31e3, 31.05e3, 20)),
		"probe-slow":     finished(runOf(21e6, 31e3, 20)),
		"probe-errors":   finished(troubled()),
		"probe-unusable": finished(unusable()),
		"probe-stopped":  finished(stopped),
		"probe-failed":   failed(&probe.BudgetError{Budget: probe.Budget{Why: "8 connections at once need as many source ports; 3 of 100 are free"}}),
		"probe-frozen": func(o Options, w, h int) app {
			return running(runOf(43e3, 31e3, 14))(o, w, h).press("f", "m", "+", "c")
		},
		"probe-alone": func(o Options, w, h int) app {
			r := runOf(43e3, 31e3, 20)
			r.Series = r.Series[:1]
			a := screen(o, w, h, &fakeProber{snapshot: live(r), result: r}).plan("10.96.0.10:80", "")
			return a.begin().look().end()
		},
		"probe-rollout": func(o Options, w, h int) app {
			r := runOf(43e3, 31e3, 14)
			f := &fakeProber{snapshot: live(r), result: r, rollouts: []time.Time{
				r.Started.Add(-time.Hour), r.Started.Add(900 * time.Millisecond), r.Started.Add(3 * time.Second),
			}, gaps: map[string]string{"10.96.0.11:80": "rollout marks: endpointslices watch forbidden"}}
			a := planned(o, w, h, f).begin()
			m := a.probe.run.trial.look()
			m.started = r.Started
			a.Update(m)
			return a
		},
	}
}

// hostileRun has such strings wherever a server or a kernel can put one.
func hostileRun(w *watch) {
	h := hostile()
	for i := range w.targets {
		w.targets[i].Address, w.targets[i].Path = strings.Repeat(h, 2), h
	}
	w.gaps = slices.Repeat([]string{h}, len(w.targets))
	w.progress.Why, w.progress.State = h, probe.State(h)
	w.progress.Turn, w.progress.Turns = 1<<60, 1<<61
	w.title = h
	w.differences = []versus{{comparison: probe.Comparison{Warnings: []string{h, h}}}}
	if len(w.targets) == 0 {
		w.differences = nil
	}
	if w.lab != nil {
		w.lab.Missing = []lab.Missing{{Mode: lab.Mode(h), Reason: h, Remedy: h}}
		w.lab.Skipped = []lab.Skipped{{Mode: lab.Mode(h), Reason: h}}
	}
	w.series = append([]probe.Series{}, w.series...)
	for i := range w.series {
		for _, p := range probe.Phases() {
			w.series[i].Phases[p] = probe.Stats{N: 1 << 60, MinNs: 1 << 62, MeanNs: 1e30, SDNs: 1e-30, MedianNs: int64(i), P90Ns: -5, P99Ns: 1 << 62, MaxNs: 1 << 62}
		}
		w.series[i].Errors = map[probe.Class]int64{}
		for _, c := range probe.Classes() {
			w.series[i].Errors[c] = 1 << 60
		}
		w.series[i].Events = probe.Events{From1s: 1 << 60, From3s: 1 << 60, From7s: 1 << 60, ResentSYNs: 1 << 60}
	}
	if w.result != nil {
		r := *w.result
		r.Findings = []probe.Finding{{Target: h, Cause: probe.Cause(h), Text: h, How: h}}
		r.Notes = []string{h}
		r.SelfCheck.Usable, r.SelfCheck.Why = false, []string{h, h}
		w.result = &r
	}
	if w.err != nil {
		w.err = errors.New(h)
	}
}
