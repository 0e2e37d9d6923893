package measuretest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/tui/measure/tools"
)

// Lab is a lab whose numbers are made up. Like the real one it refuses what
// cannot be built, and gives back what there is when it is stopped.
type Lab struct {
	Hold    chan struct{} // a size is Measured when something comes out; nil is at once
	Waiting chan struct{} // something comes out when the run waits for its end; nil is not told
	Err     error
	Lively  func(n int) lab.State // what look number n sees while it measures; nil is always the same

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

// Looked counts the looks at it.
func (f *Lab) Looked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.looks
}

// Begin is what starts it, as [tools.LabBench] says.
func (f *Lab) Begin(_ context.Context, o lab.Options) (tools.Lab, error) {
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
func (f *Lab) measure(services int) {
	f.sizes = append(f.sizes, services)
	f.done, f.told = make(chan struct{}), false
	f.state = LabState(services, 14)
	if f.Hold == nil {
		f.finish(20)
		return
	}
	done := f.done
	go func() {
		select {
		case <-f.Hold:
		case <-done:
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.finish(20)
	}()
}

// finish ends the size after so many blocks; the lock must be held.
func (f *Lab) finish(blocks int) {
	if f.state.Finished {
		return
	}
	f.state = LabState(f.sizes[len(f.sizes)-1], blocks)
	f.state.Finished, f.state.Err = true, f.Err
	if f.Err == nil {
		r := LabResult(blocks)
		r.Partial = blocks < 20
		f.state.Result = &r
	}
	close(f.done)
}

// State implements [tools.Lab].
func (f *Lab) State() lab.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	if f.Lively != nil && !f.state.Finished {
		return f.Lively(f.looks)
	}
	return f.state
}

// Resize implements [tools.Lab].
func (f *Lab) Resize(services int) error {
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

// Stop implements [tools.Lab].
func (f *Lab) Stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped++
	f.finish(4)
	return nil
}

// Wait implements [tools.Lab].
func (f *Lab) Wait(ctx context.Context) lab.State {
	f.mu.Lock()
	done, told := f.done, f.told
	f.told = true
	f.mu.Unlock()
	if f.Waiting != nil && !told {
		f.Waiting <- struct{}{}
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
	return f.State()
}

// Close implements [tools.Lab].
func (f *Lab) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	if !f.state.Finished {
		f.state.Finished, f.state.Err = true, errors.New("the lab ended")
		close(f.done)
	}
}

// HeldLab is one that goes on until it is told to end.
func HeldLab() *Lab {
	return &Lab{Hold: make(chan struct{}), Waiting: make(chan struct{}, 8)}
}

// NoIPVS is what a kernel without IPVS lacks.
func NoIPVS() []lab.Missing {
	return []lab.Missing{{Mode: lab.IPVS, Reason: "this kernel has no IPVS (ip_vs)", Remedy: "load it as root with modprobe ip_vs ip_vs_rr, or run the lab in user-mode Linux: --in uml"}}
}

// LabState is a lab that has measured so many blocks of each mode.
func LabState(services, blocks int) lab.State {
	r := LabResult(blocks)
	s := lab.State{
		Environment: lab.Environment{Kernel: "6.18.44", Where: "this machine"}, Missing: NoIPVS(),
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

// LabResult is what that comes to.
func LabResult(blocks int) probe.Result {
	r := RunOf(43e3, 31e3, blocks)
	r.Series, r.Elapsed = nil, 2*r.Elapsed
	for i, m := range []lab.Mode{lab.Direct, lab.IPTablesLegacy, lab.IPTablesNFT, lab.NFTables} {
		t := probe.Target{Name: string(m), Address: fmt.Sprintf("10.%d.0.10:80", 96+3*i), Kind: probe.HTTP, Path: "/"}
		r.Series = append(r.Series, Measured(t, i, 4, blocks, []float64{17e3, 25.4e3, 32.6e3, 23e3}[i]))
	}
	return r
}

// Started lists the labs that were started.
func (f *Lab) Started() []lab.Options {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.started
}

// Sizes lists the numbers of Services that were measured.
func (f *Lab) Sizes() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sizes
}

// Closed counts how often it was closed.
func (f *Lab) Closed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// Set changes what it says of itself.
func (f *Lab) Set(change func(s *lab.State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
}
