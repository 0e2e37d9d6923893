package cli

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/probe"
)

// probeFlags are the flags of probe as they were given.
type probeFlags struct {
	plan            probe.Plan
	ab              bool
	portMode, ports string
	sources         []string
	phase           string
	maxP99, maxDiff time.Duration
	from, save, raw string
	modeA, modeB    string
	services        int
	inCluster       inClusterFlags
}

// addPlan declares the plan of a run, with the engine's own defaults.
func (a *app) addPlan(cmd *cobra.Command) {
	p, d := &a.flags.probe, probe.DefaultPlan()
	group(cmd, groupPlan, func(fs *pflag.FlagSet) {
		fs.IntVarP(&p.plan.Concurrency, "concurrency", "c", d.Concurrency, "connections at once (at most, with --rate)")
		fs.IntVarP(&p.plan.Requests, "requests", "n", d.Requests, "connections to each target, over all blocks")
		fs.DurationVar(&p.plan.Duration, "duration", 0, "time for each target, over all blocks, instead of a number of connections")
		fs.Float64Var(&p.plan.Rate, "rate", 0, "connections per second, due by the clock (open loop); 0 lets each answer start the next (closed loop); with --in-cluster that of all pods together, 100 if not given")
		fs.BoolVar(&p.plan.Jitter, "jitter", d.Jitter, "with --rate: each connection at a random time within its turn; --jitter=false spaces them evenly")
		fs.Float64Var(&p.plan.StopAtFailed, "stop-at-failed", d.StopAtFailed, "end the run when more than this share of a target's recent connections failed (of 50 or more, in 10s of its blocks at most); 0 never does")
		fs.IntVar(&p.plan.Blocks, "blocks", d.Blocks, fmt.Sprintf("blocks for each target, in turn with the other's; %d is the least that can show a difference", probe.MinBlocks))
		fs.IntVar(&p.plan.WarmUp, "warm-up", d.WarmUp, "blocks before them that do not count")
		fs.Uint64Var(&p.plan.Seed, "seed", 0, "of the order of blocks, and of --jitter (default drawn anew, and recorded)")
		fs.IntVar(&p.plan.Threads, "threads", 0, fmt.Sprintf("connections on the wire at once; 0 is the smaller of -c and %d, or %d with --rate; raise it for slow servers", probe.DefaultThreads, probe.OpenThreads))
		fs.DurationVar(&p.plan.Timeout, "timeout", d.Timeout, "of one connection and its answer")
		fs.BoolVar(&p.plan.KeptAlive, "kept-alive", false, "besides each connection to an http target a request on one that is kept open: the mode costs only the first packet (a row of its own)")
		fs.BoolVar(&p.ab, "ab", false, "the UK8S guide's run of ab: -c 1000 -n 10000 in one block, one target after the other; flags given besides still hold")
		for name, most := range map[string]int{"concurrency": probe.MaxConcurrency, "blocks": probe.MaxBlocks} {
			within(fs, name, 1, most)
		}
		for name, most := range map[string]int{"warm-up": probe.MaxBlocks, "threads": probe.MaxThreads, "rate": probe.MaxRate, "stop-at-failed": 1} {
			within(fs, name, 0, most)
		}
	})
	group(cmd, groupPorts, func(fs *pflag.FlagSet) {
		fs.StringVar(&p.portMode, "source-ports", string(d.Ports.Mode), "kernel, sequential (each of --ports once) or reuse (over and over: what Kubernetes issue 81775 needs)")
		fs.StringVar(&p.ports, "ports", "", "range for sequential and reuse, as 40000-49999")
		fs.StringSliceVar(&p.sources, "sources", nil, "source addresses of this machine, used in turn")
		fs.BoolVar(&p.plan.Force, "force", false, "run even if the source ports do not last")
	})
	complete(cmd, "source-ports", portModes())
}

func portModes() []string {
	return []string{string(probe.KernelPorts), string(probe.SequentialPorts), string(probe.ReusePorts)}
}

// makePlan is the plan that the flags ask for: the base's values where nothing
// else was given.
func (p probeFlags) makePlan(cmd *cobra.Command) (probe.Plan, error) {
	plan := probe.DefaultPlan()
	if p.ab {
		plan = probe.ABPlan()
	}
	plan.Seed = probe.NewSeed()
	given := cmd.Flags().Changed
	for name, take := range map[string]func(){
		"concurrency":    func() { plan.Concurrency = p.plan.Concurrency },
		"requests":       func() { plan.Requests = p.plan.Requests },
		"rate":           func() { plan.Rate = p.plan.Rate },
		"blocks":         func() { plan.Blocks = p.plan.Blocks },
		"warm-up":        func() { plan.WarmUp = p.plan.WarmUp },
		"seed":           func() { plan.Seed = p.plan.Seed },
		"threads":        func() { plan.Threads = p.plan.Threads },
		"timeout":        func() { plan.Timeout = p.plan.Timeout },
		"force":          func() { plan.Force = p.plan.Force },
		"jitter":         func() { plan.Jitter = p.plan.Jitter },
		"kept-alive":     func() { plan.KeptAlive = p.plan.KeptAlive },
		"stop-at-failed": func() { plan.StopAtFailed = p.plan.StopAtFailed },
	} {
		if given(name) {
			take()
		}
	}
	if plan.Duration = p.plan.Duration; given("duration") && !given("requests") {
		plan.Requests = 0
	}
	for _, s := range p.sources {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return plan, usagef(cmd, "--sources %q is not an IP address", s)
		}
		plan.Sources = append(plan.Sources, addr)
	}
	return plan, p.takePorts(cmd, &plan)
}

func (p probeFlags) takePorts(cmd *cobra.Command, plan *probe.Plan) error {
	if err := oneOf(cmd, "source-ports", p.portMode, portModes()); err != nil {
		return err
	}
	plan.Ports.Mode = probe.PortMode(p.portMode)
	if wants := plan.Ports.Mode != probe.KernelPorts; wants != (p.ports != "") {
		return usagef(cmd, "--ports LOW-HIGH and --source-ports sequential or reuse go together")
	} else if !wants {
		return nil
	}
	low, high, _ := strings.Cut(p.ports, "-")
	var err1, err2 error
	plan.Ports.Low, err1 = strconv.Atoi(low)
	plan.Ports.High, err2 = strconv.Atoi(high)
	if err1 != nil || err2 != nil {
		return usagef(cmd, "--ports %q is not a range as 40000-49999", p.ports)
	}
	return nil
}

// commandLine is the command that makes a run again, without what depends on
// where its output went.
func commandLine(program string, r probe.Result) string {
	words := []string{program, "probe"}
	for _, s := range r.Series {
		words = append(words, shellWord(string(s.Target.Kind)+"://"+s.Target.Address+s.Target.Path))
	}
	return strings.Join(append(words, planWords(r.Plan, probe.DefaultPlan())...), " ")
}

// planWords are the flags that make a plan of the default one.
func planWords(p, d probe.Plan) []string {
	var words []string
	flag := func(name string, value, standard any) {
		if !reflect.DeepEqual(value, standard) {
			words = append(words, name, fmt.Sprint(value))
		}
	}
	flag("-c", p.Concurrency, d.Concurrency)
	if p.Duration > 0 {
		flag("--duration", p.Duration, d.Duration)
	} else {
		flag("-n", p.Requests, d.Requests)
	}
	flag("--rate", p.Rate, d.Rate)
	if p.OpenLoop() && p.Jitter != d.Jitter {
		words = append(words, fmt.Sprintf("--jitter=%v", p.Jitter))
	}
	flag("--stop-at-failed", p.StopAtFailed, d.StopAtFailed)
	flag("--blocks", p.Blocks, d.Blocks)
	flag("--warm-up", p.WarmUp, d.WarmUp)
	words = append(words, "--seed", strconv.FormatUint(p.Seed, 10)) // drawn anew without it
	flag("--threads", p.Threads, d.Threads)
	flag("--timeout", p.Timeout, d.Timeout)
	if p.Ports.Mode != probe.KernelPorts {
		flag("--source-ports", p.Ports.Mode, d.Ports.Mode)
		words = append(words, "--ports", fmt.Sprintf("%d-%d", p.Ports.Low, p.Ports.High))
	}
	for _, s := range p.Sources {
		words = append(words, "--sources", s.String())
	}
	if p.KeptAlive {
		words = append(words, "--kept-alive")
	}
	if p.Force {
		words = append(words, "--force")
	}
	return words
}

// shellWord quotes s where a shell would take it for more than one word.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("-_./:%+=,@", r) || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
