package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/advisor/autopsy"
	"kpadvisor/files"
	"kpadvisor/inspect"
	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/report"
)

// inspectFlags are those of inspect alone.
type inspectFlags struct {
	all               bool
	nodes             []string
	connections, deep bool
	measured          time.Duration
	save              string
	podFlags
}

func (a *app) inspectCommand() *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect",
		Short: "Read nodes by short-lived pods, and advise",
		Long: `Start a pod on one node of each group, which reads what runs there, writes a report
to its log and ends; then print the advice as "kpadvisor audit" does. What a node
says stands above what the API says of it. Before anything is made it says what,
where, with which rights and what the pods can see, and asks; whatever it made it
removes, however it ends.

A pod is on the network of its node, as uid 65532, without a capability, a token or
a file of the node. With --connections it also sees the node's processes (hostPID)
and counts for --for what they connect; with --deep it runs as root with NET_ADMIN
alone, counts rules and follows conntrack. The namespace has to admit such pods:
one that enforces the Pod Security Standard "baseline" does not.

A node that was chosen and could not be read makes a 5 of a 0 below.

` + exitHelp,
		Example: `  kpadvisor inspect --image registry.example/kpadvisor:v1
  kpadvisor inspect --image registry.example/kpadvisor:v1 --temporary-namespace --connections
  kpadvisor inspect --image registry.example/kpadvisor:v1 --nodes node-1,node-2 --save nodes.tar
  kpadvisor inspect --image registry.example/kpadvisor:v1 --dry-run`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.inspect(cmd.Context(), cmd, f) },
	}
	a.addInspect(cmd, &f)
	a.addDisplay(cmd)
	a.addMeasured(cmd)
	a.addConnection(cmd)
	showNamespace(cmd, "namespace of the Jobs; that of the context if not given")
	return cmd
}

func (a *app) addInspect(cmd *cobra.Command, f *inspectFlags) {
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.output, "output", "o", "text", "text, json, markdown or html")
		fs.StringVar(&a.flags.to, "to", "",
			"print the runbook of a move to this mode, advised or not, and what would differ: "+strings.Join(moveModes(), ", "))
		fs.StringVar(&f.save, "save", "", "also write the reports as they came to this file, for --node-report; never over a file")
	})
	group(cmd, groupInCluster, func(fs *pflag.FlagSet) {
		fs.BoolVar(&f.all, "all", false, "read all nodes, and not one of each group")
		fs.StringSliceVar(&f.nodes, "nodes", nil, "read these nodes")
		fs.BoolVar(&f.connections, "connections", false, "count the connections of all processes of the nodes, for which the pods see them (hostPID)")
		fs.BoolVar(&f.deep, "deep", false, "count rules and follow conntrack, for which the pods are root with NET_ADMIN; wants --yes-really")
		fs.DurationVar(&f.measured, "for", inspect.DefaultFor, "how long connections are counted, with --connections or --deep")
	})
	f.add(cmd, inspect.DefaultStart, fmt.Sprintf("the same with --deep or on more than %d nodes, for which --yes is not enough", inspect.MostUnasked))
	complete(cmd, "to", moveModes())
	complete(cmd, "output", report.Audits().Formats())
}

// check refuses flags that have no meaning together, before anything is read.
func (f inspectFlags) check(cmd *cobra.Command, output string) error {
	if err := f.podFlags.check(cmd, output); err != nil {
		return err
	}
	switch {
	case f.all && len(f.nodes) > 0:
		return usagef(cmd, "--all and --nodes exclude each other")
	case cmd.Flags().Changed("for") && !f.connections && !f.deep:
		return usagef(cmd, "--for has no use without --connections or --deep")
	case f.dryRun != "":
		return nil
	}
	return oneOf(cmd, "output", output, report.Audits().Formats())
}

func (a *app) inspect(ctx context.Context, cmd *cobra.Command, f inspectFlags) (err error) {
	if err := f.check(cmd, a.flags.output); err != nil {
		return err
	}
	if cmd.Flags().Changed("to") {
		if err := oneOf(cmd, "to", a.flags.to, moveModes()); err != nil {
			return err
		}
	}
	if f.save != "" {
		if err := files.Check(f.save); err != nil {
			return notSaved(err)
		}
	}
	if a.measured, err = readMeasured(ctx, a.flags.measured); err != nil {
		return err
	}
	client, namespace, err := a.connectPods(ctx)
	if err != nil {
		return err
	}
	t := describe(a.env, a.tty, a.flags.display)
	facts, err := a.readNodes(ctx, t)
	if err != nil {
		return err
	}
	spec, missing, err := f.spec(ctx, cmd, client.Client, namespace, facts)
	if err != nil {
		return clusterFailure(ctx, err)
	}
	c := a.inspection(ctx, client.Client, spec, missing)
	if f.dryRun != "" {
		return a.printManifests(c)
	}
	if err := a.consent(ctx, cmd, client.Client, f.podFlags, c); err != nil {
		return err
	}
	result, code, err := a.runInspection(ctx, client.Client, spec, f.save, t)
	if err != nil {
		return err
	}
	result.Missing = append(missing, result.Missing...)
	return a.deliverInspection(ctx, facts, result, code, t)
}

// spec decides on nodes; nothing is created.
func (f inspectFlags) spec(ctx context.Context, cmd *cobra.Command, client *jobs.Client, namespace string, facts advisor.Facts) (inspect.Spec, []inspect.Missing, error) {
	pods, err := f.pods(cmd)
	if err != nil {
		return inspect.Spec{}, nil, err
	}
	pods.Namespace = namespace
	nodes, err := client.Nodes(ctx)
	if err != nil {
		return inspect.Spec{}, nil, err
	}
	var groups [][]string
	for _, g := range facts.Groups {
		groups = append(groups, g.Members)
	}
	chosen, missing, err := inspect.Choose(nodes, groups, inspect.Want{All: f.all, Names: f.nodes, Tolerate: pods.Tolerate})
	if err != nil {
		return inspect.Spec{}, nil, err
	}
	pods.By = client.User(ctx)
	spec := inspect.NewSpec(inspect.Spec{
		Pods: pods, Nodes: chosen, Connections: f.connections, Deep: f.deep, For: f.measured, Start: f.start,
	}, time.Now())
	spec.Pods = ownNamespace(spec.Pods, f.temporary)
	if err := spec.Validate(); err != nil {
		return spec, nil, usagef(cmd, "%v", err)
	}
	return spec, missing, nil
}

// inspection is what an inspection makes.
func (a *app) inspection(ctx context.Context, client *jobs.Client, spec inspect.Spec, missing []inspect.Missing) creation {
	return creation{
		describe: func() { a.describeInspection(spec, missing) }, objects: spec.Objects(), rights: spec.Rights(), heavy: spec.Heavy(),
		namespace: spec.Namespace, role: inspect.RoleCommand,
		admits: func(answers []jobs.Answer) error { return spec.Admission(ctx, client, answers) },
	}
}

// describeInspection says on stderr what is read, by what, and what that can see.
func (a *app) describeInspection(spec inspect.Spec, missing []inspect.Missing) {
	v := a.voice
	const most = 20
	names := strings.Join(spec.Nodes[:min(len(spec.Nodes), most)], ", ")
	if more := len(spec.Nodes) - most; more > 0 {
		names = v.Sprintf("%s and %s", names, v.Plural(more, "more node", "more nodes"))
	}
	fmt.Fprintln(a.err, v.Sprintf("A pod on each of these nodes reads it: %s.", plain.Text(names)))
	a.sayMissing(missing)
	for _, s := range spec.Sees() {
		fmt.Fprintln(a.err, v.Said(s))
	}
	fmt.Fprintln(a.err, v.Sprintf("About %v once the pods have started; without this program they end after %v at the latest.", spec.Lasts().Round(time.Second), spec.Deadline().Round(time.Second)))
}

// sayMissing says of which nodes there is no report, and why.
func (a *app) sayMissing(missing []inspect.Missing) {
	for _, m := range missing {
		fmt.Fprintln(a.err, a.voice.Sprintf("Node %s is not read: %s.", plain.Line(m.Node, 0), a.voice.Said(plain.Text(m.Why))))
	}
}

// runInspection reads the nodes, with the progress on stderr. The code is Failure where
// not everything could be removed or saved.
func (a *app) runInspection(ctx context.Context, client *jobs.Client, spec inspect.Spec, save string, t terminal) (inspect.Result, int, error) {
	defer a.ending.hold()() // what was created is removed, however long that takes
	session, err := inspect.NewSession(client, spec)
	if err != nil {
		return inspect.Result{}, Failure, clusterFailure(ctx, err)
	}
	session.Parse = autopsy.Parse
	var kept reportArchive
	if save != "" {
		session.Keep = kept.add
	}
	stop := showProgress(a.cursor, t.progress, func() string { return inspectLine(a.voice, session.Progress()) })
	result, err := session.Run(ctx)
	stop()
	code := Fine
	for _, left := range session.Left() {
		a.warn(left.Problem)
		code = Failure
	}
	if err != nil {
		return result, Failure, clusterFailure(ctx, err)
	}
	if save != "" {
		if err := kept.write(a, save); err != nil {
			a.complain(notSaved(err))
			code = Failure
		}
	}
	return result, code, nil
}

// inspectLine is "reading nodes: 2 of 5; node-a: the pod is pending".
func inspectLine(v say.Voice, p inspect.Progress) string {
	var line string
	switch p.State {
	case inspect.Idle, inspect.Finished:
		return ""
	case inspect.Reading, inspect.Starting:
		line = v.Sprintf("%s: %d of %d", v.Said(string(p.State)), p.Done, p.Nodes)
		if p.Why != "" {
			line = v.Clauses(line, v.Said(p.Why))
		}
	default:
		line = v.Said(string(p.State))
		if p.Why != "" {
			line = v.Sprintf("%s: %s", line, v.Said(p.Why))
		}
	}
	return plain.Text(line)
}

// deliverInspection prints the audit of a cluster with what nodes said. A node that was
// chosen and could not be read makes the read a partial one.
func (a *app) deliverInspection(ctx context.Context, facts advisor.Facts, result inspect.Result, code int, t terminal) error {
	a.sayMissing(result.Missing)
	for _, m := range result.Cut {
		fmt.Fprintln(a.err, a.voice.Sprintf("The report of node %s is cut off: %s.", plain.Line(m.Node, 0), a.voice.Said(plain.Text(m.Why))))
	}
	a.reports = append(a.reports, result.Reports...)
	facts, err := a.completed(facts)
	if err != nil {
		return err
	}
	err = a.deliver(ctx, facts, advisor.Habits{}, a.flags.output, t)
	var advised exit
	switch {
	case !errors.As(err, &advised):
		return err
	case code != Fine && advised != Interrupted:
		return exit(code)
	case advised == Fine && len(result.Missing)+len(result.Cut) > 0:
		return exit(Partial)
	}
	return err
}
