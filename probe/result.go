package probe

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"kpadvisor/plain"
)

// engineDialer is the portable engine's name.
const engineDialer = "net.Dialer"

// Environment is what a run was made on.
type Environment struct {
	Version string `json:"version"` // of kpadvisor; set by the caller
	Kernel  string `json:"kernel"`  // uname -r; empty if not known
	System  string `json:"system"`  // GOOS/GOARCH
	Go      string `json:"go"`
	CPUs    int    `json:"cpus"`
	Engine  string `json:"engine"` // "blocking sockets" (Linux) or "net.Dialer"
}

// ThisEnvironment is that of a run made here, by a program of that version.
func ThisEnvironment(version string) Environment {
	return Environment{
		Version: version, Kernel: kernelRelease(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version(), CPUs: runtime.NumCPU(), Engine: engineName,
	}
}

// Result is a whole run, or as much of it as there was when it was cancelled.
type Result struct {
	Environment Environment
	Plan        Plan
	Started     time.Time
	Elapsed     time.Duration
	Partial     bool     // cancelled or stopped; every finished hit counts, the block it was in is no observation
	Stopped     string   // why the run ended itself before the plan was done, in one sentence; empty if it did not
	Series      []Series // in the order of the targets
	Controls    []Series // for each of Series the same thing reached directly, or none at all
	Units       []Unit   // of a run from several nodes, what each measured of each Service
	Overlap     string   // why series were measured partly at the same time, so that they cannot be compared; empty if they were not
	SelfCheck   SelfCheck
	Budget      Budget // before the run
	Findings    []Finding
	Notes       []string          // how to read the numbers: engine, loop, queue
	Windows     []Window          // around changes of what is behind the targets
	Others      []Tally           // the hits outside the windows, by target; nil if there are no windows
	Labels      map[string]string // what the caller knows besides, for instance which mode a target runs; kept in the file, never read here
}

// Phases are those to show: what is measured only if asked for is there if it was.
func (r Result) Phases() []Phase {
	all := Phases()
	return slices.DeleteFunc(slices.Clone(all[:]), func(p Phase) bool {
		return p == KeptAlive && !slices.ContainsFunc(r.Series, func(s Series) bool { return s.Phases[p].N > 0 })
	})
}

// Compare compares series i and j; what the self-check does not support is
// marked.
func (r Result) Compare(i, j int) Comparison {
	c := Compare(r.Series[i], r.Series[j])
	compareUnits(&c, r.Units, i, j)
	r.judge(&c)
	return c
}

// Comparisons are those of the series that [Pairs] names.
func (r Result) Comparisons() []Comparison {
	var out []Comparison
	for _, p := range Pairs(len(r.Series)) {
		out = append(out, r.Compare(p[0], p[1]))
	}
	return out
}

// Cost compares series i with its control. False if there is no control. In
// iptables mode it can be below 0: a connection that goes to no Service passes the
// rules of all of them, one that goes to a Service only those before its own.
func (r Result) Cost(i int) (Comparison, bool) {
	if len(r.Controls) != len(r.Series) {
		return Comparison{}, false
	}
	c := Compare(r.Series[i], r.Controls[i])
	r.SelfCheck.judge(r.Plan, &c)
	return c, true
}

// Direct compares the controls of series 0 and 1: what connections differ in that
// go to no Service. False if there are not two series with controls.
func (r Result) Direct() (Comparison, bool) {
	if len(r.Series) != 2 || len(r.Controls) != 2 {
		return Comparison{}, false
	}
	c := Compare(r.Controls[0], r.Controls[1])
	r.judge(&c)
	return c, true
}

// judge marks what the self-check does not support, and everything if series that
// should have taken turns did not.
func (r Result) judge(c *Comparison) {
	r.SelfCheck.judge(r.Plan, c)
	if r.Overlap == "" {
		return
	}
	for _, p := range Phases() {
		c.Phases[p].Usable, c.Phases[p].Why = false, r.Overlap
	}
}

// result puts a finished run together.
func (r *Runner) result(s *shared, budget Budget, waited, machine cpuTimes, partial bool) (Result, error) {
	out := Result{
		Plan: r.plan, Started: s.started.UTC().Round(0), Elapsed: time.Since(s.started), Partial: partial, Budget: budget,
		Environment: ThisEnvironment(""),
	}
	out.Environment.Engine = r.engine
	r.recorder.mu.Lock()
	defer r.recorder.mu.Unlock()
	out.Stopped = r.recorder.breaker.why
	for i, t := range r.recorder.ledgers {
		series := t.series()
		series.Resolved = s.aims[i].addresses[0].String()
		series.Conditions = Conditions{
			Kernel: out.Environment.Kernel, Engine: out.Environment.Engine, Plan: r.plan,
			Started: out.Started,
		}
		for _, p := range Phases() {
			var err error
			series.Quantiles[p] = nil
			if series.Histograms[p], err = encode(t.phases[p]); err != nil {
				return Result{}, fmt.Errorf("could not encode the %s histogram: %w", p, err)
			}
		}
		out.Series = append(out.Series, series)
		out.Findings = append(out.Findings, Diagnose(series)...)
	}
	if shared, ok := diagnoseShared(out.Series); ok {
		out.Findings = append(out.Findings, shared)
	}
	out.SelfCheck = observed{
		plan: r.plan, lateness: r.recorder.lateness.stats(), rate: achieved(out.Series),
		steal: machine.share(), cpuWait: waited.share(), dropped: r.recorder.dropped, series: out.Series,
	}.check()
	out.Notes = append(notes(r.plan, out.Environment.Engine), bounds(r.plan, out.Series)...)
	if r.recorder.raw != nil {
		if err := r.recorder.raw.flush(); err != nil {
			out.Notes = append(out.Notes, "the raw samples could not be written: "+plain.Text(err.Error()))
		}
	}
	return out, nil
}

// achieved is the rate within the measured blocks, all targets together.
func achieved(series []Series) float64 {
	var hits int64
	var length time.Duration
	for _, s := range series {
		for _, b := range s.Blocks {
			hits += b.Requests
			length += b.Length
		}
	}
	if length == 0 {
		return 0
	}
	return float64(hits) / length.Seconds()
}

// notes says how the numbers are to be read.
func notes(p Plan, engine string) []string {
	var out []string
	if p.OpenLoop() {
		even := "evenly spaced"
		if p.Jitter {
			even = "each at a random time within its turn"
		}
		out = append(out, fmt.Sprintf("open loop, %g hits/s, %s: Total runs from when a hit was due; one that is overdue by more than %v is not sent, so nothing bursts after a stall",
			p.Rate, even, p.Overdue().Round(time.Millisecond)))
	} else {
		out = append(out, fmt.Sprintf("closed loop, %d at once: a slow answer delays the next hit, so stalls weigh less than a user would feel", p.Concurrency))
	}
	if w := p.Workers(); p.Concurrency > w && !p.OpenLoop() {
		out = append(out, fmt.Sprintf("of %d hits due at once %d are on the wire; the others wait, which is reported as lateness and is in no phase", p.Concurrency, w))
	}
	if engine == engineDialer {
		out = append(out, dialerNote)
	} else {
		out = append(out, "Handshake is the kernel's SYN to SYN-ACK in whole µs, not given for a resent SYN; Connect adds this machine's own delay",
			"Established is the same connection's shortest round trip, read after the answer (none for tcp targets, which send nothing); First-packet is Handshake minus Established: server, distance and node are in both and cancel")
	}
	if p.KeptAlive && engine == engineDialer {
		out = append(out, "requests on a kept connection are measured on Linux only")
	} else if p.KeptAlive {
		out = append(out, "Kept-alive is a request on a connection that each thread keeps, from when it is written to the first byte: a mode costs only the first packet of a connection, so connections that live on do not notice it")
	}
	if p.Reuses() {
		out = append(out, "source ports are reused on purpose: a Service in IPVS mode may send such connections to pods that are gone (Kubernetes issue 81775)")
	}
	return out
}

// slowHit is a hit that leaves a thread idle for long: against such a target the
// threads, and not the concurrency, decide how much is sent.
const slowHit = 10 * time.Millisecond

// bounds says, of targets so slow that it shows, how little the threads can
// send of what is due in a closed loop.
func bounds(p Plan, series []Series) []string {
	if p.OpenLoop() || p.Concurrency <= p.Workers() {
		return nil
	}
	var out []string
	for _, s := range series {
		whole := s.Phases[s.Target.Kind.Last()]
		if whole.N == 0 || whole.MedianNs < int64(slowHit) {
			continue
		}
		took := time.Duration(whole.MedianNs)
		out = append(out, fmt.Sprintf("a hit on %s takes %v (median), so %d threads send about %.0f hits/s and hold %d connections, not %d: more threads would load it more",
			s.Target.Name, took.Round(100*time.Microsecond), p.Workers(), float64(p.Workers())/took.Seconds(), p.Workers(), p.Concurrency))
	}
	return out
}
