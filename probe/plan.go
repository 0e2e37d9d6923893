package probe

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"
)

// Limits of a plan. In a closed loop threads are few by default: they are always
// busy, and more of them than it takes to fill the CPUs only compete for it; an
// open loop's mostly sleep, and hits that are due must not wait for a slow
// server. Histograms end at 60 s.
const (
	DefaultThreads = 8
	OpenThreads    = 64 // DefaultThreads of an open loop
	MaxThreads     = 256
	MaxRate        = 1_000_000 // connections per second
	MaxConcurrency = 100_000
	MaxTimeout     = 60 * time.Second
	MaxBlocks      = 10_000

	DefaultStopAtFailed = 0.5
)

// Plan says how a run is made. Targets take turns: a round gives each target
// one block, in a balanced order drawn from Seed; targets are never measured at the
// same time.
type Plan struct {
	Concurrency int           `json:"concurrency"`       // hits in flight (closed loop) or at most in flight (open loop)
	Threads     int           `json:"threads,omitempty"` // hits on the wire at once; 0 is the smaller of Concurrency and DefaultThreads or OpenThreads
	Requests    int           `json:"requests"`          // per target, over all blocks; 0 when Duration rules
	Duration    time.Duration `json:"durationNs"`        // per target, over all blocks; 0 when Requests rules
	Rate        float64       `json:"rate"`              // open loop: hits per second, a cap at any time (see Overdue); 0 is a closed loop
	Jitter      bool          `json:"jitter,omitempty"`  // open loop: each hit is due at a time drawn from Seed within its 1/Rate, not at its beginning
	Blocks      int           `json:"blocks"`            // measured blocks per target; 6 is the least that gives an interval
	WarmUp      int           `json:"warmUp"`            // blocks per target before them, not counted
	Seed        uint64        `json:"seed"`              // of the order of blocks and of jitter
	Ports       SourcePorts   `json:"sourcePorts"`
	Sources     []netip.Addr  `json:"sources,omitempty"`   // source addresses, in turn; none is the kernel's choice
	Timeout     time.Duration `json:"timeoutNs"`           // of a whole hit, at most 60 s
	KeptAlive   bool          `json:"keptAlive,omitempty"` // besides each hit on an HTTP target a request on a connection that is kept (Linux only)
	Force       bool          `json:"force,omitempty"`     // run even if the port budget says no
	// StopAtFailed is the share of failed hits above which the run ends itself: of at
	// least 50 of one target in the last 10 s of its blocks. 0 is never, and so is a
	// plan that Reuses: failures are what that looks for.
	StopAtFailed float64 `json:"stopAtFailed,omitempty"`
}

// PortMode says who chooses the source port.
type PortMode string

// The port modes.
const (
	KernelPorts     PortMode = "kernel"     // the kernel
	SequentialPorts PortMode = "sequential" // Low to High in turn, each once
	ReusePorts      PortMode = "reuse"      // Low to High over and over: the condition of Kubernetes issue 81775
)

// SourcePorts is the choice of source ports; Low and High, both included, have
// no meaning for KernelPorts.
type SourcePorts struct {
	Mode PortMode `json:"mode"`
	Low  int      `json:"low,omitempty"`
	High int      `json:"high,omitempty"`
}

// DefaultPlan measures 20 alternating blocks of 200 hits, 8 at a time. Its seed is
// always the same: whoever makes a plan for a person to run draws one (see NewSeed).
func DefaultPlan() Plan {
	return Plan{
		Concurrency: 8, Requests: 4000, Blocks: 20, WarmUp: 1, Seed: 1, Jitter: true,
		Ports: SourcePorts{Mode: KernelPorts}, Timeout: 10 * time.Second, StopAtFailed: DefaultStopAtFailed,
	}
}

// ABPlan is the run of the UK8S guide, "ab -c 1000 -n 10000": 10,000 hits, 1000
// due at once, one target after the other. One block can't carry a comparison.
func ABPlan() Plan {
	return Plan{
		Concurrency: 1000, Requests: 10_000, Blocks: 1, Seed: 1, Jitter: true,
		Ports: SourcePorts{Mode: KernelPorts}, Timeout: 30 * time.Second, StopAtFailed: DefaultStopAtFailed,
	}
}

// OpenLoop reports whether hits are due by the clock and not by answers.
func (p Plan) OpenLoop() bool { return p.Rate > 0 }

// Overdue is how late a hit of an open loop may be sent; later it is not sent, and
// counted as that. It makes Rate a token bucket: however long this machine or the
// targets stall, in any time t at most Rate x (t + Overdue) + 2 hits are sent, and
// no backlog makes all later hits late. The bucket holds two hits, or those of 20 ms
// at higher rates, within which a busy scheduler wakes a thread.
func (p Plan) Overdue() time.Duration {
	return max(20*time.Millisecond, time.Duration(2/p.Rate*float64(time.Second)))
}

// Reuses reports whether the plan recreates the condition of Kubernetes issue
// 81775 on purpose; a screen warns before it starts such a plan.
func (p Plan) Reuses() bool { return p.Ports.Mode == ReusePorts }

// Workers is how many hits are on the wire at once; Concurrency above it waits
// in a queue, and the wait is reported as lateness.
func (p Plan) Workers() int {
	threads := p.Threads
	switch {
	case threads > 0:
	case p.OpenLoop():
		threads = OpenThreads
	default:
		threads = DefaultThreads
	}
	return min(p.Concurrency, threads)
}

// Validate says in one sentence what is wrong with the plan.
func (p Plan) Validate(targets []Target) error {
	switch {
	case p.Concurrency < 1 || p.Concurrency > MaxConcurrency:
		return fmt.Errorf("concurrency %d is not from 1 to %d", p.Concurrency, MaxConcurrency)
	case p.Threads < 0 || p.Threads > MaxThreads:
		return fmt.Errorf("threads %d is not from 0 to %d", p.Threads, MaxThreads)
	case p.Requests < 0 || p.Duration < 0:
		return errors.New("requests and duration can't be negative")
	case (p.Requests > 0) == (p.Duration > 0):
		return errors.New("give either a number of requests or a duration")
	case p.Rate < 0 || math.IsNaN(p.Rate) || p.Rate > MaxRate:
		return fmt.Errorf("rate %g is not from 0 to 1,000,000 per second", p.Rate)
	case p.StopAtFailed < 0 || p.StopAtFailed > 1 || math.IsNaN(p.StopAtFailed):
		return fmt.Errorf("the share of failed hits to stop at, %g, is not from 0 to 1", p.StopAtFailed)
	case p.Blocks < 1 || p.WarmUp < 0 || p.Blocks > MaxBlocks || p.WarmUp > MaxBlocks:
		return fmt.Errorf("blocks %d, warm-up %d: at least 1 and 0, at most %d", p.Blocks, p.WarmUp, MaxBlocks)
	case p.Requests > 0 && p.Requests < p.Blocks:
		return fmt.Errorf("%d requests are too few for %d blocks", p.Requests, p.Blocks)
	case p.Timeout <= 0 || p.Timeout > MaxTimeout:
		return fmt.Errorf("timeout %v is not above 0 and at most %v", p.Timeout, MaxTimeout)
	}
	return p.validatePorts(targets)
}

func (p Plan) validatePorts(targets []Target) error {
	s := p.Ports
	switch s.Mode {
	case KernelPorts:
		return nil
	case SequentialPorts, ReusePorts:
	default:
		return fmt.Errorf("source ports %q: not kernel, sequential or reuse", s.Mode)
	}
	if s.Low < 1 || s.High > 65535 || s.Low > s.High {
		return fmt.Errorf("source ports %d-%d are not a range within 1-65535", s.Low, s.High)
	}
	if s.High-s.Low+1 < p.Workers() {
		return fmt.Errorf("%d source ports are too few for %d connections at once", s.High-s.Low+1, p.Workers())
	}
	for _, t := range targets {
		if t.Kind == TCP && s.Mode == ReusePorts {
			return fmt.Errorf("target %s: reuse needs an http target, whose server closes first; a tcp target leaves each port in TIME_WAIT here", t.Name)
		}
	}
	return nil
}

// blockRequests is the size of block i of n; the first ones take the rest.
func (p Plan) blockRequests(i int) int {
	size := p.Requests / p.Blocks
	if i < p.Requests%p.Blocks {
		size++
	}
	return size
}
