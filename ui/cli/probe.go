package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

func (a *app) probeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "probe A [B] | --in-cluster [SERVICE]",
		Short: "Measure new connections to one target, or compare two",
		Long: `Open short connections to A and B in turn, block by block in random order, and
say what the difference is and how sure that is. A target is host:port or
http://host:port/path (an HTTP/1.0 GET on each connection), tcp://host:port
(connected and closed), or udp://host:port/name (a DNS query from a new port for
the addresses of that name; without one for the root's name servers). Nothing
else is touched, and no cluster is read.

With --in-cluster pods measure, on nodes of one kube-proxy mode (A) and of
another (B) that are alike in the rest, in turn: a Service of yours, given as
NAMESPACE/NAME:PORT[/path] (asked by HTTP; tcp:// in front connects and closes,
for which some servers, databases above all, block the host it comes from), or an
echo server of the run's own. What will be created is shown and asked for
first, is capped at a rate, and is removed afterwards; "kpadvisor clean" removes
what a killed run left.

Standard output holds the report and nothing else; the port budget, progress and
problems go to standard error. -o json prints, and --save writes, the document of
schema ` + probe.Schema + `: --from shows it again.

` + probeExitHelp,
		Example: `  kpadvisor probe 10.96.0.20:80 10.244.1.7:80
  kpadvisor probe A B --rate 100 --mode-a iptables --mode-b nftables -O ab.json
  kpadvisor probe --from ab.json -o markdown
  kpadvisor probe --in-cluster --image registry.example/kpadvisor:v1 shop/cart:80`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.probe(cmd.Context(), cmd, args) },
	}
	p := &a.flags.probe
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.output, "output", "o", "text", "text, json, csv, markdown or html")
		fs.StringVarP(&p.save, "save", "O", "", "also write the result to this file, for --from and audit --measured")
		fs.StringVar(&p.raw, "raw", "", "also write each connection as a line of CSV to this file (warm-up marked; not with --in-cluster)")
		fs.StringVar(&p.from, "from", "", "show the result in this file (- for stdin) instead of measuring")
		fs.StringVar(&p.phase, "phase", "", "handshake, established, first-packet, connect, processing, waiting, total or kept-alive: what the headline and the thresholds are about (default first-packet between nodes, else handshake, or connect where the kernel gives none)")
	})
	a.addDisplay(cmd)
	a.addInCluster(cmd)
	a.addPlan(cmd)
	group(cmd, groupThresholds, func(fs *pflag.FlagSet) {
		fs.DurationVar(&p.maxP99, "max-p99", 0, "exit with 6 unless 99 % of the hits on each target are known to take at most this")
		fs.DurationVar(&p.maxDiff, "max-diff", 0, "exit with 6 unless the interval of the difference lies within this, either way")
	})
	group(cmd, groupModes, func(fs *pflag.FlagSet) {
		fs.StringVar(&p.modeA, "mode-a", "", "the mode that A runs: iptables, ipvs or nftables")
		fs.StringVar(&p.modeB, "mode-b", "", "the mode that B runs")
		fs.IntVar(&p.services, "services", 0, "number of Services programmed while measuring")
	})
	a.addConnection(cmd)
	showNamespace(cmd, "namespace for what --in-cluster creates; that of the context if not given")
	complete(cmd, "output", report.Probes().Formats())
	complete(cmd, "phase", phaseNames())
	complete(cmd, "mode-a", modeNames())
	complete(cmd, "mode-b", modeNames())
	cmd.AddCommand(a.probeCompareCommand())
	return cmd
}

func phaseNames() []string {
	var names []string
	for _, ph := range probe.Phases() {
		names = append(names, ph.String())
	}
	return names
}

func modeNames() []string {
	var names []string
	for _, m := range advisor.Modes() {
		names = append(names, string(m))
	}
	return names
}

func (a *app) probe(ctx context.Context, cmd *cobra.Command, args []string) error {
	p := a.flags.probe
	if err := p.checkInCluster(cmd, args, a.flags.output); err != nil {
		return err
	}
	if p.inCluster.dryRun == "" {
		if err := oneOf(cmd, "output", a.flags.output, report.Probes().Formats()); err != nil {
			return err
		}
	}
	if err := p.check(cmd); err != nil {
		return err
	}
	t := describe(a.env, a.tty, a.flags.display)
	run, err := a.probeRun(ctx, cmd, args, t)
	if err != nil {
		return err
	}
	result := run.result
	if err := p.fit(cmd, len(result.Series)); err != nil {
		return err
	}
	if p.modeA != "" && !p.inCluster.on {
		result.Labels = map[string]string{evidence.LabelModeA: p.modeA, evidence.LabelModeB: p.modeB}
		if p.services > 0 {
			result.Labels[evidence.LabelServices] = strconv.Itoa(p.services)
		}
	}
	doc := page.Probe{Voice: a.voice, Result: result, Basis: p.basis(result), Command: run.command, Version: a.version(), Problem: run.problem}
	return a.deliverProbe(doc, run.code, t)
}

// probeRun is a run and how it went.
type probeRun struct {
	result  probe.Result
	command string         // makes it again
	problem *plain.Problem // why it is only a part of what was planned
	code    int            // then
}

// probeRun measures, here or in the cluster, or reads the file of --from.
func (a *app) probeRun(ctx context.Context, cmd *cobra.Command, args []string, t terminal) (probeRun, error) {
	var run probeRun
	var err error
	if a.flags.probe.inCluster.on {
		run, err = a.inCluster(ctx, cmd, args, t)
	} else {
		run.result, err = a.probeResult(ctx, cmd, args, t)
		run.command = commandLine(a.program, run.result)
	}
	switch {
	case err != nil || !run.result.Partial || run.problem != nil || a.flags.probe.from != "":
	case run.result.Stopped != "":
		run.code, run.problem = Failure, stopped(run.result.Stopped)
	default:
		run.code = Interrupted
		run.problem = &plain.Problem{Sentence: "Interrupted before the plan was done.", Remedy: "Run it again and let it finish, or plan less."}
	}
	return run, err
}

// check refuses flags that contradict each other.
func (p probeFlags) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	if p.phase != "" {
		if err := oneOf(cmd, "phase", p.phase, phaseNames()); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		flag  string
		value time.Duration
	}{{"max-p99", p.maxP99}, {"max-diff", p.maxDiff}} {
		if given(t.flag) && t.value <= 0 {
			return usagef(cmd, "--%s %v is not above 0", t.flag, t.value)
		}
	}
	if p.inCluster.on {
		if p.raw != "" {
			return usagef(cmd, "--raw has no use with --in-cluster: pods tell of blocks, not of each connection")
		}
		if given("services") {
			return usagef(cmd, "--services has no use with --in-cluster, which counts them")
		}
		return nil
	}
	if p.modeA == "" && p.modeB == "" {
		if given("services") {
			return usagef(cmd, "--services has no use without --mode-a and --mode-b")
		}
		return nil
	}
	for flag, mode := range map[string]string{"mode-a": p.modeA, "mode-b": p.modeB} {
		if err := oneOf(cmd, flag, mode, modeNames()); err != nil {
			return err
		}
	}
	switch {
	case p.modeA == p.modeB:
		return usagef(cmd, "--mode-a and --mode-b are both %s: there is nothing to learn about another mode", p.modeA)
	case p.services < 0:
		return usagef(cmd, "--services %d is negative", p.services)
	}
	return nil
}

// fit refuses flags about two targets where there are not two.
func (p probeFlags) fit(cmd *cobra.Command, targets int) error {
	if targets != 2 && (p.modeA != "" || p.maxDiff > 0) {
		return usagef(cmd, "--mode-a, --mode-b and --max-diff are about two targets, not %d", targets)
	}
	return nil
}

// basis is the phase that was asked for, or the one that modes are compared by.
func (p probeFlags) basis(r probe.Result) probe.Phase {
	for _, ph := range probe.Phases() {
		if ph.String() == p.phase {
			return ph
		}
	}
	return page.Basis(r)
}

// probeResult measures, or reads the file of --from.
func (a *app) probeResult(ctx context.Context, cmd *cobra.Command, args []string, t terminal) (probe.Result, error) {
	p := a.flags.probe
	if p.from != "" {
		var plan string
		cmd.Flags().Visit(func(f *pflag.Flag) {
			if g := f.Annotations[groupAnnotation]; len(g) > 0 && (g[0] == groupPlan || g[0] == groupPorts) {
				plan = "--" + f.Name
			}
		})
		if len(args) > 0 || plan != "" || p.raw != "" {
			return probe.Result{}, usagef(cmd, "--from shows a run that was made already: targets and flags of a plan have no use beside it")
		}
		return a.readResult(ctx, p.from)
	}
	if len(args) < 1 || len(args) > 2 {
		return probe.Result{}, usagef(cmd, "give one target or two, not %d", len(args))
	}
	plan, targets, err := p.prepare(cmd, args)
	if err != nil {
		return probe.Result{}, err
	}
	for _, file := range []string{p.save, p.raw} {
		if err := maySave(file); err != nil {
			return probe.Result{}, err
		}
	}
	return a.measure(ctx, plan, targets, t)
}

// prepare makes the plan and the targets, which must fit each other.
func (p probeFlags) prepare(cmd *cobra.Command, args []string) (probe.Plan, []probe.Target, error) {
	plan, err := p.makePlan(cmd)
	if err != nil {
		return plan, nil, err
	}
	var targets []probe.Target
	for i, arg := range args {
		t, err := probe.ParseTarget([]string{"A", "B"}[i], arg)
		if err != nil {
			return plan, nil, usagef(cmd, "%v", err)
		}
		for _, ph := range probe.Phases() {
			if ph.String() == p.phase && !t.Kind.Has(ph) {
				return plan, nil, usagef(cmd, "--phase %s is not measured of the %s target %s", p.phase, t.Kind, t.Address)
			}
		}
		targets = append(targets, t)
	}
	if err := plan.Validate(targets); err != nil {
		return plan, nil, usagef(cmd, "%v", err)
	}
	if err := p.fit(cmd, len(targets)); err != nil {
		return plan, nil, err
	}
	if p.maxDiff > 0 && plan.Blocks < probe.MinBlocks {
		return plan, nil, usagef(cmd, "--max-diff needs at least %d blocks, and the plan has %d", probe.MinBlocks, plan.Blocks)
	}
	return plan, targets, nil
}

// deliverProbe saves and prints the result and ends with its exit code, which is
// cut if the run was cut short. What
// took minutes to measure is printed even if it cannot be saved.
func (a *app) deliverProbe(doc page.Probe, cut int, t terminal) error {
	p := a.flags.probe
	saved := saveResult(a, report.Probes(), p.save, "json", doc)
	if err := printReport(a, report.Probes(), doc, a.flags.output, t); err != nil {
		return err
	}
	code := Fine
	for _, miss := range p.missed(doc) {
		fmt.Fprintln(a.err, a.voice.Sprintf("Threshold missed: %s", a.voice.Said(miss)))
		code = Missed
	}
	for _, err := range []error{unanswered(doc.Result), saved} {
		var f failure
		if errors.As(err, &f) {
			code = a.complain(f)
		}
	}
	if doc.Problem != nil && cut == Failure {
		code = a.complain(failure{*doc.Problem, Failure})
	} else if cut != Fine {
		code = cut
	}
	return exit(code)
}

// unanswered is the failure of a run with a target that never answered well.
func unanswered(r probe.Result) error {
	for _, s := range r.Series {
		if s.Phases[s.Target.Kind.Last()].N == 0 && s.Requests > 0 && (!r.Partial || r.Stopped != "") {
			return failure{plain.Problem{
				Sentence: fmt.Sprintf("Target %s (%s) never answered: %d of %d hits failed.", s.Target.Name, plain.Text(s.Target.Address), s.Failed(), s.Requests),
				Remedy:   "Look at the errors and likely causes in the report.",
			}, Failure}
		}
	}
	return nil
}
