package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
)

// fakeLab is a lab whose numbers are made up. Like the real one it refuses what
// cannot be built, and gives back what there is when it is stopped.
type fakeLab struct {
	hold    chan struct{} // a size is measured when something comes out; nil is at once
	waiting chan struct{} // something comes out when the run waits for its end; nil is not told
	err     error
	lively  func(n int) lab.State // what look number n sees while it measures; nil is always the same

	mu      sync.Mutex
	state   lab.State
	done    chan struct{}
	started []lab.Options
	sizes   []int
	stopped int
	closed  int
	looks   int
	told    bool // the run waits for the end of this size
}

func (f *fakeLab) looked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.looks
}

func (f *fakeLab) start(ctx context.Context, o lab.Options) (Lab, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, o)
	f.measure(o.Shape.Services)
	return f, nil
}

// measure begins a size; the lock must be held.
func (f *fakeLab) measure(services int) {
	f.sizes = append(f.sizes, services)
	f.done, f.told = make(chan struct{}), false
	f.state = labState(services, 14)
	if f.hold == nil {
		f.finish(20)
		return
	}
	done := f.done
	go func() {
		select {
		case <-f.hold:
		case <-done:
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.finish(20)
	}()
}

// finish ends the size after so many blocks; the lock must be held.
func (f *fakeLab) finish(blocks int) {
	if f.state.Finished {
		return
	}
	f.state = labState(f.sizes[len(f.sizes)-1], blocks)
	f.state.Finished, f.state.Err = true, f.err
	if f.err == nil {
		r := labResult(blocks)
		r.Partial = blocks < 20
		f.state.Result = &r
	}
	close(f.done)
}

func (f *fakeLab) State() lab.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	if f.lively != nil && !f.state.Finished {
		return f.lively(f.looks)
	}
	return f.state
}

func (f *fakeLab) Resize(services int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if services < 1 || services > rules.MaxServices {
		return errors.New("the lab takes 1 to 50000 Services")
	}
	if !f.state.Finished {
		close(f.done)
	}
	f.measure(services)
	return nil
}

func (f *fakeLab) Stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped++
	f.finish(4)
	return nil
}

func (f *fakeLab) Wait(ctx context.Context) lab.State {
	f.mu.Lock()
	done, told := f.done, f.told
	f.told = true
	f.mu.Unlock()
	if f.waiting != nil && !told {
		f.waiting <- struct{}{}
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
	return f.State()
}

func (f *fakeLab) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	if !f.state.Finished {
		f.state.Finished, f.state.Err = true, errors.New("the lab ended")
		close(f.done)
	}
}

// heldLab is one that goes on until it is told to end.
func heldLab() *fakeLab {
	return &fakeLab{hold: make(chan struct{}), waiting: make(chan struct{}, 8)}
}

// noIPVS is what a kernel without IPVS lacks.
func noIPVS() []lab.Missing {
	return []lab.Missing{{Mode: lab.IPVS, Reason: "this kernel has no IPVS (ip_vs)", Remedy: "load it as root with modprobe ip_vs ip_vs_rr, or run the lab in user-mode Linux: uml"}}
}

func labState(services, blocks int) lab.State {
	r := labResult(blocks)
	s := lab.State{
		Environment: lab.Environment{Kernel: "6.18.44", Where: "this machine"}, Missing: noIPVS(),
		Stage: lab.Stage{What: "measuring", Services: services, Share: 0.7},
		Built: []lab.Built{
			{Mode: lab.Direct, Services: services},
			{Mode: lab.IPTablesLegacy, Services: services, ProgramNs: 121e6, Counts: lab.Counts{Rules: 17 * services, Chains: 6 * services}},
			{Mode: lab.IPTablesNFT, Services: services, ProgramNs: 1421e6, Counts: lab.Counts{Rules: 17 * services, Chains: 6 * services}},
			{Mode: lab.NFTables, Services: services, ProgramNs: 311e6, Counts: lab.Counts{Rules: services + 22, Chains: services + 15, Elements: 2 * services}},
		},
	}
	for i, m := range []lab.Mode{lab.Direct, lab.IPTablesLegacy, lab.IPTablesNFT, lab.NFTables} {
		s.Hot = append(s.Hot, lab.Point{Mode: m, Services: services, Connect: lab.Quantiles{P10Ns: []int64{19_200, 26_800, 31_400, 21_500}[i]}})
	}
	s.Snapshot = probe.Snapshot{Series: r.Series, Progress: probe.Progress{State: probe.Measuring, Target: 2, Turn: 4 * blocks, Turns: 84, Elapsed: r.Elapsed}}
	return s
}

func labResult(blocks int) probe.Result {
	r := runOf(43e3, 31e3, blocks)
	r.Series = nil
	for i, m := range []lab.Mode{lab.Direct, lab.IPTablesLegacy, lab.IPTablesNFT, lab.NFTables} {
		t := probe.Target{Name: string(m), Address: fmt.Sprintf("10.%d.0.10:80", 96+3*i), Kind: probe.HTTP, Path: "/"}
		r.Series = append(r.Series, measured(t, i, blocks, []float64{17e3, 25.4e3, 32.6e3, 23e3}[i]))
	}
	return r
}

// withLab is a screen on which that lab can be started.
func withLab(o Options, f *fakeLab) Options {
	if survey := o.Survey; survey != nil {
		o.Survey = fakeSurvey(func() advisor.Reading {
			r := survey.Reading()
			if c, ok := r.Facts.Services.Get(); ok {
				r.Facts.Load = advisor.KnownFrom(advisor.Load{Family: "IPv4", Ports: c.Ports, Endpoints: 5 * c.Ports}, "test")
			}
			return r
		})
	}
	benchOf(&o).start = f.start
	benchOf(&o).check = func(_ context.Context, o lab.Options) (lab.Environment, []lab.Missing, error) {
		if o.Shape.Services = 1; o.Validate() != nil {
			return lab.Environment{}, nil, o.Validate()
		}
		return lab.Environment{Kernel: "6.18.44", Where: "this machine"}, noIPVS(), nil
	}
	return o
}

// pair is the subject of two addresses.
func (a app) pair() *pair {
	for _, o := range a.probe.subjects {
		if p, ok := o.(*pair); ok {
			return p
		}
	}
	return &pair{}
}

// labStates are the faces of the lab on the Probe screen.
func labStates() map[string]func(o Options, w, h int) app {
	screen := func(o Options, w, h int, f *fakeLab) app {
		r := withLab(done(mixedFacts()), f)
		r.Style = o.Style
		r.Store = fakeStore{}
		engineOf(&r).prepare = func(plan probe.Plan, targets ...probe.Target) (Prober, error) { return &fakeProber{}, nil }
		return start(r, w, h).read()
	}
	planned := func(o Options, w, h int, f *fakeLab) app { return screen(o, w, h, f).press("4", "enter") }
	return map[string]func(o Options, w, h int) app{
		"lab-plan":    func(o Options, w, h int) app { return planned(o, w, h, &fakeLab{}) },
		"lab-cluster": func(o Options, w, h int) app { return planned(o, w, h, &fakeLab{}).press("a") },
		"lab-invalid": func(o Options, w, h int) app {
			return planned(o, w, h, &fakeLab{}).press("t", "tab", "tab").typed(", userspace").press("enter", "enter", "enter", "enter", "enter")
		},
		"lab-running": func(o Options, w, h int) app {
			f := heldLab()
			a := planned(o, w, h, f).begin()
			<-f.waiting
			return a.look()
		},
		"lab-building": func(o Options, w, h int) app {
			f := heldLab()
			a := planned(o, w, h, f).begin()
			<-f.waiting
			f.mu.Lock()
			f.state.Stage = lab.Stage{Mode: lab.NFTables, Services: 4871, What: "programming", Share: 0.6}
			f.state.Snapshot, f.state.Built = probe.Snapshot{}, f.state.Built[:3]
			f.mu.Unlock()
			return a.look()
		},
		"lab-finished": func(o Options, w, h int) app { return planned(o, w, h, &fakeLab{}).begin().end() },
		"lab-failed": func(o Options, w, h int) app {
			return planned(o, w, h, &fakeLab{err: errors.New("the lab ended without saying so: killed")}).begin().end()
		},
	}
}
