package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// drillFlags are the flags of lab drill as they were given.
type drillFlags struct {
	modes                    []string
	reuse, expire, conntrack []int
	like                     string // a snapshot file
	place                    placeFlags
	plan                     drill.Plan // without its configurations
	save                     string
}

const drillLong = `See Kubernetes issue 81775 happen, and see what takes it away: one pod of a
Service is replaced while a client opens short connections whose source ports
come round within IPVS's 120 s, once for every configuration, all at the same
time. What is lost, and what still goes to the dead pod, is counted phase by
phase and set beside the decision table that the advice uses.

Nothing of the host is read or changed: all of it lives in namespaces that
vanish with the program. Linux only; neither root nor a cluster is needed. IPVS
needs a kernel that has it: --in uml boots one. A drill holds for the kernel it
ran on; "kpadvisor audit --measured FILE" weighs a saved one for nodes with it.
`

func (a *app) labDrillCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "drill",
		Short: "Lose connections to issue 81775, and see what helps",
		Long:  drillLong + "\n" + labExitHelp,
		Example: `  kpadvisor lab drill --in uml
  kpadvisor lab drill --in uml --modes ipvs --conntrack 1 --speed 1
  kpadvisor lab drill --like-cluster facts.json -O drill.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.drill(cmd.Context(), cmd) },
	}
	f, d := &a.flags.drill, drill.DefaultPlan()
	group(cmd, groupLab, func(fs *pflag.FlagSet) {
		fs.StringSliceVar(&f.modes, "modes", nil, "of "+strings.Join(labModes(), ", ")+" (default all)")
		fs.IntSliceVar(&f.reuse, "conn-reuse-mode", []int{0, 1}, "of IPVS: the values of net.ipv4.vs.conn_reuse_mode to try")
		fs.IntSliceVar(&f.expire, "expire-nodest-conn", []int{0, 1}, "of IPVS: those of net.ipv4.vs.expire_nodest_conn")
		fs.IntSliceVar(&f.conntrack, "conntrack", []int{0, 1}, "of IPVS: those of net.ipv4.vs.conntrack")
		fs.StringVar(&f.like, "like-cluster", "", "try what the node groups of this snapshot file (- for stdin) have: the modes, and in IPVS mode what kube-proxy of their version leaves on their kernel")
		f.place.add(fs)
		fs.BoolVar(&f.plan.Lost, "lost", false, "lose the pod with its node, before kube-proxy hears of it, instead of draining it")
		fs.Float64Var(&f.plan.Speed, "speed", d.Speed, fmt.Sprintf("how many times faster kubelet and kube-proxy act than they do, 1 to %d; the kernel's times stay", drill.MaxSpeed))
		fs.Float64Var(&f.plan.Rate, "rate", d.Rate, "new connections per second to each Service")
		fs.IntVar(&f.plan.Ports, "ports", d.Ports, "source ports the client takes in turn")
		fs.IntVar(&f.plan.Backends, "backends", d.Backends, "pods of each Service; one is replaced")
		fs.DurationVar(&f.plan.Timeout, "timeout", d.Timeout, "the client's patience with one connection")
		for _, name := range []string{"conn-reuse-mode", "expire-nodest-conn", "conntrack"} {
			within(fs, name, 0, 1)
		}
		within(fs, "speed", 1, drill.MaxSpeed)
		within(fs, "rate", 1, drill.MaxRate)
		within(fs, "ports", 2, drill.MaxPorts)
		within(fs, "backends", 2, drill.MaxBackends)
	})
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.output, "output", "o", "text", "text, json, csv, markdown or html")
		fs.StringVarP(&f.save, "save", "O", "", "also write the result to this file: CSV, Markdown or HTML if it ends in .csv, .md or .html, else JSON")
	})
	a.addDisplay(cmd)
	complete(cmd, "output", report.Drills().Formats())
	complete(cmd, "in", placeNames())
	return cmd
}

// drillOptions makes of the flags what the drill is asked for, and says whose
// each configuration is.
func (a *app) drillOptions(ctx context.Context, cmd *cobra.Command) (lab.DrillOptions, map[string][]string, error) {
	f := a.flags.drill
	o := lab.DrillOptions{Plan: f.plan}
	if err := oneOf(cmd, "output", a.flags.output, report.Drills().Formats()); err != nil {
		return o, nil, err
	}
	var err error
	if o.In, o.UMLKernel, err = f.place.read(cmd); err != nil {
		return o, nil, err
	}
	for _, name := range f.modes {
		if err := oneOf(cmd, "modes", name, labModes()); err != nil {
			return o, nil, err
		}
	}
	all, of := drill.Matrix(), map[string][]string(nil)
	if f.like != "" {
		for _, name := range []string{"conn-reuse-mode", "expire-nodest-conn", "conntrack"} {
			if cmd.Flags().Changed(name) {
				return o, nil, usagef(cmd, "--like-cluster takes --%s from the snapshot", name)
			}
		}
		if all, of, err = a.drillLike(ctx, f.like); err != nil {
			return o, nil, err
		}
	}
	for _, values := range []struct {
		name string
		of   []int
	}{{"conn-reuse-mode", f.reuse}, {"expire-nodest-conn", f.expire}, {"conntrack", f.conntrack}} {
		if len(values.of) == 0 || slices.ContainsFunc(values.of, func(v int) bool { return v != 0 && v != 1 }) {
			return o, nil, usagef(cmd, "--%s takes 0, 1 or both", values.name)
		}
	}
	o.Plan.Configs = slices.DeleteFunc(all, func(c drill.Config) bool { return !f.wants(c) })
	if len(o.Plan.Configs) == 0 {
		return o, nil, usagef(cmd, "nothing is left to try: --modes %s is in none of the snapshot's node groups", strings.Join(f.modes, ","))
	}
	if err := o.Validate(); err != nil {
		return o, nil, usagef(cmd, "%v", err)
	}
	return o, of, nil
}

// wants reports whether the flags ask for a configuration.
func (f drillFlags) wants(c drill.Config) bool {
	both := strings.HasPrefix(c.Mode, "iptables-") && slices.Contains(f.modes, "iptables")
	if len(f.modes) > 0 && !both && !slices.Contains(f.modes, c.Mode) {
		return false
	}
	s := c.Sysctls
	return s == nil || slices.Contains(f.reuse, s.ConnReuseMode) && slices.Contains(f.expire, s.ExpireNodestConn) && slices.Contains(f.conntrack, s.Conntrack)
}

// drillLike lists the configurations of a snapshot's node groups, and whose each is.
func (a *app) drillLike(ctx context.Context, file string) ([]drill.Config, map[string][]string, error) {
	facts, err := a.readFacts(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	all, of := evidence.ConfigsOf(facts)
	if len(all) == 0 {
		return nil, nil, failure{plain.Problem{
			Sentence: fmt.Sprintf("The snapshot %s has no node group in a mode of kube-proxy.", plain.Text(file)),
			Remedy:   "Leave --like-cluster out, or write a snapshot that read the nodes and kube-proxy.",
		}, Failure}
	}
	return all, of, nil
}

func (a *app) drill(ctx context.Context, cmd *cobra.Command) error {
	o, of, err := a.drillOptions(ctx, cmd)
	if err != nil {
		return err
	}
	if err := maySave(a.flags.drill.save); err != nil {
		return err
	}
	t := describe(a.env, a.tty, a.flags.display)
	view := drillView{plan: o.Plan, voice: a.voice, width: a.tty.width, ascii: t.ascii, rewrite: t.progress}
	stop := func() {}
	if t.progress {
		stop = showProgress(a.cursor, true, view.text)
	}
	result, err := lab.Drill(ctx, o, view.follow)
	stop()
	if of != nil {
		result.Environment.Notes = append(result.Environment.Notes, fmt.Sprintf("The configurations are those of the node groups of %s. Their kernels are not this one.", plain.Text(filepath.Base(a.flags.drill.like))))
	}
	return a.deliverDrill(ctx, page.Drill{Voice: a.voice, Result: result, Of: of, Version: a.version()}, err, t)
}

// deliverDrill saves and prints what was seen and ends with its exit code.
func (a *app) deliverDrill(ctx context.Context, doc page.Drill, ran error, t terminal) error {
	code := Fine
	again := "Run it again and let it finish, or take more --speed."
	switch none := len(doc.Result.Rows) == 0; {
	case ctx.Err() != nil && none:
		return failure{plain.Problem{Sentence: "Interrupted before the first connection.", Remedy: again}, Interrupted}
	case ctx.Err() != nil:
		doc.Problem, code = &plain.Problem{Sentence: "Interrupted before the end of the drill.", Remedy: again}, Interrupted
	case ran != nil:
		p := labProblem(ran)
		if none && len(doc.Result.Missing) == 0 {
			return failure{p, Failure}
		}
		doc.Problem, code = &p, Failure
	case none:
		doc.Problem, code = &plain.Problem{Sentence: "No configuration could be tried here.", Remedy: "Do what the report says under \"Not tried\"."}, Failure
	}
	return deliver(a, report.Drills(), doc, a.flags.drill.save, doc.Problem, code, t)
}
