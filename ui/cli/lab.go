package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// labFlags are the flags of lab run and lab sweep as they were given.
type labFlags struct {
	services     int   // of run
	sizes        []int // of sweep
	quick        bool
	endpoints    int
	like         string // a snapshot file
	modes        []string
	position     string
	seed         uint64
	rulesPerPort int
	builds       int
	coldRate     float64
	evictMiB     int
	place        placeFlags
	save         string
}

const labLong = `Build kube-proxy's modes side by side on this machine and measure new
connections through each, with the kernel's real rules. Nothing of the host is
read or changed: all of it lives in namespaces that vanish with the program.
Linux only; neither root nor a cluster is needed. A lab measures rule lookup on
this kernel, not your cluster.

Connections come in two ways. Hot: one after the other, so that the CPU's caches
hold the rules; the least that a mode costs. Cold: now and then, the caches
emptied before each; what a busy node sees, and all that counts in advice.
`

func (a *app) labCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Build the modes side by side on this machine and measure them",
		Long:  labLong + "\n" + labExitHelp,
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef(cmd, "say which: lab run, lab sweep or lab drill")
		},
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(a.labRunCommand(), a.labSweepCommand(), a.labDrillCommand())
	return cmd
}

func (a *app) labRunCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Measure every mode at one number of Services",
		Long:  labLong + "\n" + labExitHelp,
		Example: `  kpadvisor lab run --services 4000
  kpadvisor lab run --like-cluster current --modes iptables,nftables
  kpadvisor lab run --in uml -o json --save lab.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.lab(cmd.Context(), cmd) },
	}
	group(cmd, groupLab, func(fs *pflag.FlagSet) {
		fs.IntVar(&a.flags.lab.services, "services", 1000, "number of Services, of one port each")
		within(fs, "services", 1, rules.MaxServices)
	})
	a.addLab(cmd)
	return cmd
}

func (a *app) labSweepCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Measure every mode at many sizes, and where they break even",
		Long: labLong + `
The numbers are those of the UK8S guide's own test, whose figures stand beside,
and 10,000; --quick takes three of them, in about a minute
(in user-mode Linux about six).

` + labExitHelp,
		Example: `  kpadvisor lab sweep --quick
  kpadvisor lab sweep --endpoints 20 --rules-per-port 2 --save sweep.csv`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.lab(cmd.Context(), cmd) },
	}
	group(cmd, groupLab, func(fs *pflag.FlagSet) {
		fs.BoolVar(&a.flags.lab.quick, "quick", false, "only "+list(lab.QuickSizes())+" Services")
		fs.IntSliceVar(&a.flags.lab.sizes, "services", lab.SweepSizes(), "numbers of Services, of one port each")
		within(fs, "services", 1, rules.MaxServices)
	})
	a.addLab(cmd)
	return cmd
}

// addLab declares what both commands take.
func (a *app) addLab(cmd *cobra.Command) {
	l := &a.flags.lab
	group(cmd, groupLab, func(fs *pflag.FlagSet) {
		fs.IntVar(&l.endpoints, "endpoints", 5, "endpoints of each Service; the guide had 20")
		fs.StringVar(&l.like, "like-cluster", "", "take the ports and endpoints per port from this snapshot file (- for stdin), or from the \"current\" cluster")
		fs.StringSliceVar(&l.modes, "modes", nil, "of "+strings.Join(labModes(), ", ")+" (default all); direct is measured always")
		fs.StringVar(&l.position, "position", string(rules.Middle), "first, middle, last or random: the target's place among the rules in the tables; all are measured")
		fs.Uint64Var(&l.seed, "seed", 0, "of the random place, the order of rules and that of blocks; 0 draws one, which the report names")
		fs.IntVar(&l.builds, "builds", 0, "how often each mode is built, with a new order of rules each time (default 3, for one size 6)")
		fs.Float64Var(&l.coldRate, "cold-rate", lab.DefaultPerSecond, "connections per second of the cold load")
		fs.IntVar(&l.evictMiB, "evict", lab.DefaultEvictBytes>>20, "MiB of other memory written before each cold connection")
		fs.IntVar(&l.rulesPerPort, "rules-per-port", 1, "rules of iptables mode for each port: 1, or 2 as kube-proxy wrote until 1.21")
		within(fs, "endpoints", 0, rules.MaxEndpoints)
		within(fs, "builds", 1, lab.MaxBuilds)
		within(fs, "cold-rate", 1, lab.MaxPerSecond)
		within(fs, "evict", 0, lab.MaxEvictMiB)
		within(fs, "rules-per-port", 1, 2)
		l.place.add(fs)
	})
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.output, "output", "o", "text", "text, json, csv, markdown or html")
		fs.StringVarP(&l.save, "save", "O", "", "also write the result to this file: CSV, Markdown or HTML if it ends in .csv, .md or .html, else JSON")
	})
	a.addDisplay(cmd)
	a.addConnection(cmd)
	complete(cmd, "output", report.Labs().Formats())
	complete(cmd, "position", positionNames())
	complete(cmd, "in", placeNames())
}

// labModes are the names --modes takes: the lab's, and iptables for both of its
// backends.
func labModes() []string {
	names := []string{"iptables"}
	for _, m := range lab.Proxies() {
		names = append(names, string(m))
	}
	return names
}

func positionNames() []string {
	var names []string
	for _, p := range rules.Positions() {
		names = append(names, string(p))
	}
	return names
}

func list(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// checkLab refuses flags that make no sense or contradict each other.
func (a *app) checkLab(cmd *cobra.Command) error {
	l := a.flags.lab
	for _, f := range []struct {
		name, value string
		allowed     []string
	}{
		{"output", a.flags.output, report.Labs().Formats()},
		{"position", l.position, positionNames()},
	} {
		if err := oneOf(cmd, f.name, f.value, f.allowed); err != nil {
			return err
		}
	}
	given := cmd.Flags().Changed
	switch {
	case l.quick && given("services"):
		return usagef(cmd, "--quick and --services exclude each other")
	case given("like-cluster") && given("endpoints"), given("like-cluster") && given("services") && cmd.Name() == "run":
		return usagef(cmd, "--like-cluster takes both --services and --endpoints from the snapshot")
	}
	if l.rulesPerPort != 1 && l.rulesPerPort != 2 {
		return usagef(cmd, "--rules-per-port %d: kube-proxy writes 1, until 1.21 it wrote 2", l.rulesPerPort)
	}
	for _, name := range l.modes {
		if err := oneOf(cmd, "modes", name, labModes()); err != nil {
			return err
		}
	}
	return nil
}

// options makes of the flags what the lab is asked for.
func (a *app) options(cmd *cobra.Command) (lab.Options, error) {
	l := a.flags.lab
	if l.seed == 0 {
		l.seed = probe.NewSeed()
	}
	o := lab.Options{
		Shape:  rules.Shape{Services: l.services, Endpoints: l.endpoints, RulesPerPort: l.rulesPerPort, Seed: l.seed},
		Builds: l.builds, Cold: lab.Pacing{PerSecond: l.coldRate, EvictBytes: min(l.evictMiB, lab.MaxEvictMiB+1) << 20},
	}
	if err := a.checkLab(cmd); err != nil {
		return o, err
	}
	var err error
	if o.In, o.UMLKernel, err = l.place.read(cmd); err != nil {
		return o, err
	}
	shape := plain.Number(l.endpoints) + " endpoints in each Service"
	if l.like != "" {
		if shape, err = a.likeCluster(cmd.Context(), &o.Shape, describe(a.env, a.tty, a.flags.display)); err != nil {
			return o, err
		}
	}
	o.Notes = []string{fmt.Sprintf("%s; rules per port in iptables mode: %d.", shape, l.rulesPerPort)}
	o.Modes = slices.DeleteFunc(lab.Modes(), func(m lab.Mode) bool {
		backend := strings.HasPrefix(string(m), "iptables-") && slices.Contains(l.modes, "iptables")
		return len(l.modes) > 0 && m != lab.Direct && !backend && !slices.Contains(l.modes, string(m))
	})
	if cmd.Name() == "sweep" {
		o.Sizes = l.sizes
		if l.quick {
			o = o.Quick()
		}
	}
	if err := o.Validate(); err != nil {
		return o, usagef(cmd, "%v", err)
	}
	return o, nil
}

func (a *app) lab(ctx context.Context, cmd *cobra.Command) error {
	o, err := a.options(cmd)
	if err != nil {
		return err
	}
	if err := maySave(a.flags.lab.save); err != nil {
		return err
	}
	t := describe(a.env, a.tty, a.flags.display)
	var now labProgress
	stop := func() {}
	if t.progress {
		stop = showProgress(a.cursor, true, func() string { return now.line(a.voice) })
	}
	sweep := lab.Run
	if cmd.Name() == "sweep" {
		sweep = lab.Sweep
	}
	result, err := sweep(ctx, o, now.follow)
	stop()
	doc := page.Lab{Voice: a.voice, Result: result, Position: rules.Position(a.flags.lab.position), Version: a.version()}
	return a.deliverLab(ctx, doc, err, t)
}

// deliverLab saves and prints what was measured and ends with its exit code.
func (a *app) deliverLab(ctx context.Context, doc page.Lab, ran error, t terminal) error {
	code, r := Fine, doc.Result
	switch proxied := slices.ContainsFunc(r.Points, func(p lab.Point) bool { return p.Mode != lab.Direct }); {
	case ctx.Err() != nil && !proxied:
		return failure{plain.Problem{Sentence: "Interrupted before anything was measured.", Remedy: "Run it again and let it finish, or take fewer Services."}, Interrupted}
	case ctx.Err() != nil:
		doc.Problem = &plain.Problem{Sentence: "Interrupted before all was measured.", Remedy: "Run it again and let it finish, or take fewer Services."}
		code = Interrupted
	case ran != nil:
		p := labProblem(ran)
		if len(r.Points) == 0 {
			return failure{p, Failure}
		}
		doc.Problem, code = &p, Failure
	case !proxied:
		doc.Problem, code = &plain.Problem{Sentence: "No mode of kube-proxy could be measured here.", Remedy: "Do what the report says under \"Not measured\"."}, Failure
	}
	return deliver(a, report.Labs(), doc, a.flags.lab.save, doc.Problem, code, t)
}

// labProblem finds the words for a lab that failed.
func labProblem(err error) plain.Problem {
	reason, remedy := lab.Explain(err)
	if remedy == "" {
		remedy = "Run it again; if it fails again, take fewer Services or other --modes"
	}
	return plain.Problem{Sentence: sentence(plain.Text(reason)), Remedy: sentence(plain.Text(remedy))}
}

// labProgress keeps what the lab is doing for the line of progress.
type labProgress struct {
	mu  sync.Mutex
	now lab.Stage
}

func (p *labProgress) follow(e lab.Event) {
	if e.Stage == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = *e.Stage
}

// line is "programming nftables, 1000 Services: 34 %".
func (p *labProgress) line(v say.Voice) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now.What == "" {
		return v.Text("starting the lab")
	}
	what := strings.TrimSpace(v.Said(p.now.What) + " " + string(p.now.Mode))
	return plain.Text(v.Sprintf("%s, %s Services: %.0f %%", what, plain.Number(p.now.Services), p.now.Share*100))
}
