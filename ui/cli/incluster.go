package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/incluster"
)

// inClusterFlags are those of probe --in-cluster alone.
type inClusterFlags struct {
	on           bool
	nodeA, nodeB string
	nodes        int
	services     int
	guard        time.Duration
	watch        bool
	podFlags
}

// addInCluster declares them.
func (a *app) addInCluster(cmd *cobra.Command) {
	f := &a.flags.probe.inCluster
	group(cmd, groupInCluster, func(fs *pflag.FlagSet) {
		fs.BoolVar(&f.on, "in-cluster", false, "measure from pods on the cluster's nodes: on nodes of one kube-proxy mode and of another, in turn; the argument is then a Service, or none for an echo server of the run's own")
		fs.StringVar(&f.nodeA, "node-a", "", "node for A, with --node-b; not given, two are picked that differ in the mode alone")
		fs.StringVar(&f.nodeB, "node-b", "", "node for B")
		fs.IntVar(&f.nodes, "nodes", 0, "nodes on each side; two where there are if not given, for two of one mode tell how much nodes differ")
		fs.IntVar(&f.services, "echo-services", 0, fmt.Sprintf("Services that stand for the run's own echo server, each at a place of its own among the rules; %d if not given, fewer for more than 50 nodes on each side", incluster.DefaultServices))
		fs.DurationVar(&f.guard, "guard", incluster.DefaultGuard, "pause between two sides' turns: by how much the nodes' clocks may differ")
		fs.BoolVar(&f.watch, "watch-rollout", false, "watch the Service's EndpointSlices and count failures around each change, while you roll it out; without a control, for its pods go")
		within(fs, "nodes", 1, incluster.MostNodes)
		within(fs, "echo-services", 1, incluster.MostServices)
	})
	f.add(cmd, incluster.DefaultStart, fmt.Sprintf("the same for a run without a cap (--rate 0) or on more than %d nodes on each side, for which --yes is not enough", incluster.MostUnasked))
}

// checkInCluster refuses flags that have no meaning together.
func (p probeFlags) checkInCluster(cmd *cobra.Command, args []string, output string) error {
	f, given := p.inCluster, cmd.Flags().Changed
	if !f.on {
		for _, name := range append([]string{"node-a", "node-b", "nodes", "watch-rollout", "echo-services"}, podFlagNames()...) {
			if given(name) {
				return usagef(cmd, "--%s has no use without --in-cluster", name)
			}
		}
		return nil
	}
	for flag, mode := range map[string]string{"mode-a": p.modeA, "mode-b": p.modeB} {
		if mode != "" {
			if err := oneOf(cmd, flag, mode, modeNames()); err != nil {
				return err
			}
		}
	}
	switch {
	case len(args) > 1:
		return usagef(cmd, "--in-cluster takes one Service at most, and %d arguments were given", len(args))
	case given("requests"), p.ab, len(p.sources) > 0:
		return usagef(cmd, "with --in-cluster blocks end by the clock and pods have one address: -n, --ab and --sources have no use")
	case p.from != "":
		return usagef(cmd, "--from shows a run that was made already: --in-cluster has no use beside it")
	case given("echo-services") && (len(args) > 0 || f.services < 1 || f.services > incluster.MostServices):
		return usagef(cmd, "--echo-services is from 1 to %d, and has no use with a Service of yours", incluster.MostServices)
	case given("nodes") && f.nodes < 1 || f.nodes > incluster.MostNodes:
		return usagef(cmd, "--nodes %d is not from 1 to %d", f.nodes, incluster.MostNodes)
	case f.nodes > 1 && (f.nodeA != "" || f.nodeB != ""):
		return usagef(cmd, "--node-a and --node-b are one node each: --nodes has no use beside them")
	case p.modeA != "" && p.modeA == p.modeB:
		return usagef(cmd, "--mode-a and --mode-b are both %s: there is nothing to learn about another mode", p.modeA)
	case f.watch && len(args) == 0:
		return usagef(cmd, "--watch-rollout needs a Service of yours: nobody rolls out the echo server")
	}
	return f.check(cmd, output)
}

// inClusterPlan is the plan that the flags ask for, by the clock.
func (p probeFlags) inClusterPlan(cmd *cobra.Command) (probe.Plan, error) {
	plan, err := p.makePlan(cmd)
	if err != nil {
		return plan, err
	}
	d, given := incluster.DefaultPlan(), cmd.Flags().Changed
	plan.Requests = 0
	if !given("duration") {
		plan.Duration = time.Duration(plan.Blocks) * incluster.DefaultBlock
		if longer := time.Duration(float64(p.inCluster.nodes) / d.Rate * float64(plan.Blocks) * float64(time.Second)); p.inCluster.nodes > 1 && longer > plan.Duration {
			plan.Duration = longer // so that each node makes a connection in each block
		}
	}
	if !given("rate") {
		plan.Rate = d.Rate
	}
	if !given("concurrency") {
		plan.Concurrency = d.Concurrency
	}
	if !given("timeout") {
		plan.Timeout = d.Timeout
	}
	return plan, nil
}

// connectPods prepares a client for what an in-cluster probe does, and says which
// namespace the flags or the context name.
func (a *app) connectPods(ctx context.Context) (*incluster.Client, string, error) {
	if _, _, err := quiet(a.flags.log); err != nil {
		return nil, "", err
	}
	reader, config, err := a.connect()
	if err != nil {
		return nil, "", err
	}
	if err := a.signIn(ctx, reader, config); err != nil {
		return nil, "", err
	}
	client, err := incluster.Connect(config)
	if err != nil {
		return nil, "", err
	}
	namespace, _, err := a.flags.connection.ToRawKubeConfigLoader().Namespace()
	return client, namespace, err
}

// inCluster decides on a run, shows it, asks, and makes it.
func (a *app) inCluster(ctx context.Context, cmd *cobra.Command, args []string, t terminal) (probeRun, error) {
	p := a.flags.probe
	w, err := p.podsWanted(cmd, args)
	if err != nil {
		return probeRun{}, err
	}
	client, namespace, err := a.connectPods(ctx)
	if err != nil {
		return probeRun{}, err
	}
	w.pods.Namespace = namespace
	facts, err := a.readNodes(ctx, t)
	if err != nil {
		return probeRun{}, err
	}
	spec, err := w.spec(ctx, client, facts)
	if err != nil {
		return probeRun{}, clusterFailure(ctx, err)
	}
	if err := spec.Validate(); err != nil {
		return probeRun{}, usagef(cmd, "%v", err)
	}
	if p.inCluster.dryRun != "" {
		return probeRun{}, a.printManifests(a.creation(spec))
	}
	if err := a.consent(ctx, cmd, client.Client, p.inCluster.podFlags, a.creation(spec)); err != nil {
		return probeRun{}, err
	}
	session, err := incluster.NewSession(client, spec)
	if err != nil {
		return probeRun{}, clusterFailure(ctx, err)
	}
	return a.runSession(ctx, session, spec, facts, t)
}

// podsWanted is what the flags ask for.
func (p probeFlags) podsWanted(cmd *cobra.Command, args []string) (podsWanted, error) {
	f := p.inCluster
	w := podsWanted{
		services: f.services, guard: f.guard, start: f.start, temporary: f.temporary, watch: f.watch,
		want: incluster.Want{NodeA: f.nodeA, NodeB: f.nodeB, ModeA: p.modeA, ModeB: p.modeB, Each: f.nodes},
	}
	var err error
	if w.pods, err = f.pods(cmd); err != nil {
		return w, err
	}
	w.want.Tolerate = w.pods.Tolerate
	if w.plan, err = p.inClusterPlan(cmd); err != nil {
		return w, err
	}
	if len(args) == 1 {
		ref, err := incluster.ParseServiceRef(args[0])
		if err != nil {
			return w, usagef(cmd, "%v", err)
		}
		w.service = &ref
	}
	return w, nil
}

// readNodes surveys the cluster, with the names of all nodes of each group.
func (a *app) readNodes(ctx context.Context, t terminal) (advisor.Facts, error) {
	config, name, err := kubeconfig(a.flags.connection, lookup(a.env))
	if err != nil {
		return advisor.Facts{}, err
	}
	reader, err := cluster.Connect(config, cluster.Options{WithNames: true, Name: name, Whole: wholeRead})
	if err != nil {
		return advisor.Facts{}, err
	}
	survey := reader.Start(ctx)
	stop := showProgress(a.cursor, t.progress, func() string { return progressLine(a.voice, survey.Reading()) })
	r := survey.Wait()
	stop()
	if r.Err != nil && ctx.Err() == nil {
		return r.Facts, r.Err
	}
	if ctx.Err() != nil {
		return r.Facts, notMeasured(ctx, ctx.Err())
	}
	return r.Facts, nil
}

// runSession makes the run, with its progress on stderr.
func (a *app) runSession(ctx context.Context, session *incluster.Session, spec incluster.Spec, facts advisor.Facts, t terminal) (probeRun, error) {
	defer a.ending.hold()() // what was created is removed, however long that takes
	stop := showProgress(a.cursor, t.progress, func() string { return probeLine(a.voice, session.Snapshot()) })
	result, err := session.Run(ctx)
	stop()
	for _, left := range session.Left() {
		a.warn(left.Problem)
	}
	if err != nil {
		if ctx.Err() != nil {
			return probeRun{}, notMeasured(ctx, err)
		}
		return probeRun{}, clusterFailure(ctx, err)
	}
	result.Environment.Version = a.version()
	result.Labels = inClusterLabels(spec, facts)
	run := probeRun{result: result, command: inClusterCommand(a.program, spec, a.flags.probe.inCluster.watch)}
	if len(session.Left()) > 0 {
		run.code = Failure // the result is whole, and a promise is not kept
	}
	if trouble := session.Trouble(); trouble != nil {
		run.problem = &plain.Problem{Sentence: sentence(plain.Text(trouble.Sentence)), Remedy: plain.Text(trouble.Remedy)}
		run.code = Failure
	}
	return run, nil
}

// inClusterCommand is the command that makes the run again.
func inClusterCommand(program string, spec incluster.Spec, watch bool) string {
	words := []string{program, "probe", "--in-cluster"}
	if s := spec.Service; s != nil {
		words = append(words, shellWord(string(s.Kind)+"://"+s.String()+s.Path))
	}
	if n := len(spec.Pair.A.Nodes); n == 1 {
		words = append(words, "--node-a", shellWord(spec.Pair.A.Nodes[0].Name), "--node-b", shellWord(spec.Pair.B.Nodes[0].Name))
	} else {
		words = append(words, "--nodes", strconv.Itoa(n), "--mode-a", spec.Pair.A.Mode, "--mode-b", spec.Pair.B.Mode)
	}
	words = append(words, "--image", shellWord(spec.Image))
	if spec.Make {
		words = append(words, "--temporary-namespace")
	} else {
		words = append(words, "--namespace", spec.Namespace)
	}
	if n := spec.Services; spec.Service == nil && n != incluster.DefaultServices && n > 0 {
		words = append(words, "--echo-services", strconv.Itoa(n))
	}
	if spec.PriorityClass != "" {
		words = append(words, "--priority-class", shellWord(spec.PriorityClass))
	}
	for _, t := range spec.Tolerate {
		words = append(words, "--tolerate", shellWord(t.String()))
	}
	if watch {
		words = append(words, "--watch-rollout")
	}
	words = append(words, planWords(spec.Plan, incluster.DefaultPlan())...)
	if spec.Guard != incluster.DefaultGuard {
		words = append(words, "--guard", spec.Guard.String())
	}
	return strings.Join(words, " ")
}
