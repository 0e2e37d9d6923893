package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/inspect/prometheus"
)

// flags are all flags of all commands; each command declares those it takes.
type flags struct {
	connection *genericclioptions.ConfigFlags
	source     sourceFlags
	display    displayFlags
	habits     map[advisor.HabitID]*string
	log        string
	saveFacts  string
	output     string // of audit, probe and lab: a format
	file       string // of snapshot and report
	withNames  bool
	verify     string   // of report: a file
	measured   []string // saved results of probes, sweeps and drills and of the lab
	probe      probeFlags
	lab        labFlags
	drill      drillFlags
	sysctls    []string // files with live sysctls
	to         string   // a mode to plan a move to
}

// sourceFlags say where the facts come from.
type sourceFlags struct {
	facts    string // a snapshot file, "-" for stdin
	demo     string
	typed    cluster.TypedFacts
	proxy    string // as given; fills in what could not be seen
	pageSize int64
	maxPages int
	whole    time.Duration

	nodeReports []string // files with what nodes say of themselves
	metrics     []string // files with the metrics of kube-proxies, NODE=FILE
	portForward string   // which nodes are asked through port-forward; empty for none
	prometheus  prometheus.Options
}

// wholeRead is how long the read of a cluster may take that nobody set a time for.
const wholeRead = 2 * time.Minute

// displayFlags say how to talk to the terminal.
type displayFlags struct {
	theme                             string
	ascii, noColor, accessible, noTUI bool
	noState                           bool // answers are not kept, nor those kept looked at
	unicode                           bool // what is said has other characters than ASCII, whatever the locale says
}

// The groups of flags, in the order of the help.
const (
	groupOutput     = "Output"
	groupLab        = "Lab"
	groupInCluster  = "In the cluster"
	groupPlan       = "Plan"
	groupPorts      = "Source ports"
	groupThresholds = "Thresholds"
	groupModes      = "Modes, for kpadvisor audit --measured"
	groupSource     = "Facts"
	groupAsked      = "Nodes, asked over the network"
	groupHabits     = "Habits, each the answer to a question"
	groupConnection = "Connection, as in kubectl"
	groupOther      = "Other"
)

const groupAnnotation = "kpadvisor_group"

// group declares flags on a set of their own and adds them to the command under
// one heading of its help.
func group(cmd *cobra.Command, name string, declare func(*pflag.FlagSet)) {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	declare(fs)
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[groupAnnotation] = []string{name}
	})
	cmd.Flags().SortFlags = false
	cmd.Flags().AddFlagSet(fs)
}

// addConnection declares every connection flag of kubectl.
func (a *app) addConnection(cmd *cobra.Command) {
	if a.flags.connection == nil {
		a.flags.connection = genericclioptions.NewConfigFlags(true)
	}
	group(cmd, groupConnection, func(fs *pflag.FlagSet) {
		a.flags.connection.AddFlags(fs)
		// Accepted so that an alias of kubectl with them works, and of no effect:
		// nothing is cached on disk and the whole cluster is read.
		fs.Lookup("cache-dir").Hidden = true
		fs.Lookup("namespace").Hidden = true
		if cmd.Flags().ShorthandLookup("n") != nil {
			fs.Lookup("namespace").Shorthand = "" // of probe it is the number of requests, as in ab
		}
		fs.Lookup("request-timeout").Usage = "time to wait for a single server request (1s, 2m); 0 means 30s"
	})
	group(cmd, groupOther, func(fs *pflag.FlagSet) {
		fs.StringVar(&a.flags.log, "log", "", "file for the warnings of the Kubernetes client, which are dropped otherwise")
	})
}

// addSource declares what replaces a cluster and what bounds the read of one.
func (a *app) addSource(cmd *cobra.Command) {
	s := &a.flags.source
	group(cmd, groupSource, func(fs *pflag.FlagSet) {
		fs.StringVar(&s.facts, "facts", "", "read the facts from this snapshot file (- for stdin) instead of a cluster")
		fs.StringVar(&s.demo, "demo", "", "use a made-up cluster: "+strings.Join(demoNames(), ", "))
		fs.IntVar(&s.typed.Services, "services", 0, "number of Services; without --facts, --demo or a flag that names a cluster none is read")
		fs.IntVar(&s.typed.Endpoints, "endpoints", 0, "number of endpoints, where they are not read")
		fs.IntVar(&s.typed.Nodes, "nodes", 0, "number of nodes, where they are not read")
		fs.StringVar(&s.typed.Kernel, "kernel", "", "kernel of the nodes, where it is not read: what uname -r, uname -a or cat /proc/version_signature print")
		fs.StringVar(&s.typed.KubernetesVersion, "kubernetes-version", "", "version of kube-proxy, where it is not read: v1.33.4, 1.33, or OpenShift's 4.16")
		fs.StringVar(&s.proxy, "proxy-mode", "", "iptables, ipvs, nftables or none (no kube-proxy), where the mode is not seen")
		fs.StringArrayVar(&s.nodeReports, "node-report", nil, "what \"kpadvisor node-script\" printed on a node, which stands above what the API says of it: a file, a tar of such files, - for stdin, or NODE=FILE; may be repeated")
		fs.StringArrayVar(&s.metrics, "metrics", nil, "a saved page of kube-proxy's metrics (curl 127.0.0.1:10249/metrics on a node), as NODE=FILE or NODE=- for stdin; may be repeated")
		fs.Int64Var(&s.pageSize, "page-size", 500, "objects in one request")
		fs.DurationVar(&s.whole, "timeout", wholeRead, "time for the whole read of a cluster, of which it then shows what it has; 0 for no bound")
		fs.IntVar(&s.maxPages, "max-pages", 0, "requests for one kind of object before the read is cut short; 0 for no bound")
		within(fs, "services", 1, cluster.MaxTypedServices)
		within(fs, "endpoints", 1, cluster.MaxTypedEndpoints)
		within(fs, "nodes", 1, cluster.MaxTypedNodes)
	})
	complete(cmd, "demo", demoNames())
	complete(cmd, "proxy-mode", proxyModes())
}

// addAdvice declares what bears on the advice and how it is shown.
func (a *app) addAdvice(cmd *cobra.Command) {
	a.addHabits(cmd)
	a.addDisplay(cmd)
	a.addMeasured(cmd)
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVar(&a.flags.saveFacts, "save-facts", "", "also write the facts to this file, without names, for --facts")
	})
}

// addMeasured declares what counts besides the facts.
func (a *app) addMeasured(cmd *cobra.Command) {
	group(cmd, groupSource, func(fs *pflag.FlagSet) {
		fs.StringArrayVar(&a.flags.measured, "measured", nil, "also weigh this result of \"kpadvisor probe --save\", \"kpadvisor lab sweep --save\" or \"kpadvisor lab drill --save\"; may be repeated")
	})
}

// addDisplay declares how a report is drawn.
func (a *app) addDisplay(cmd *cobra.Command) {
	d := &a.flags.display
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.BoolVar(&d.ascii, "ascii", false, "no character beyond ASCII, and English")
		fs.BoolVar(&d.noColor, "no-color", false, "no colour (as does a non-empty NO_COLOR)")
	})
}

// addHabits declares a flag for every question, so that nothing can only be
// answered on a screen.
func (a *app) addHabits(cmd *cobra.Command) {
	if a.flags.habits == nil {
		a.flags.habits = map[advisor.HabitID]*string{}
	}
	group(cmd, groupHabits, func(fs *pflag.FlagSet) {
		for _, q := range advisor.QuestionsIn(a.voice) {
			if a.flags.habits[q.ID] == nil {
				a.flags.habits[q.ID] = new(string)
			}
			v := a.flags.habits[q.ID]
			fs.Var(&habitValue{v, q}, string(q.ID), habitHelp(q))
			if slices.Equal(choices(q), []string{"yes", "no"}) {
				fs.Lookup(string(q.ID)).NoOptDefVal = "yes" // the flag alone says so
			}
		}
	})
	for _, q := range advisor.Questions() {
		complete(cmd, string(q.ID), choices(q))
	}
}

// habitHelp is the question in the help of its flag.
func habitHelp(q advisor.Question) string {
	return strings.TrimSpace(q.Text + " " + strings.Join(choices(q), ", "))
}

// choices are the values that a question takes; none for a number.
func choices(q advisor.Question) []string {
	values := make([]string, len(q.Choices))
	for i, c := range q.Choices {
		values[i] = c.Value
	}
	return values
}

// habitValue validates an answer as it is parsed, in the advisor's own words.
type habitValue struct {
	v *string
	q advisor.Question
}

func (h *habitValue) String() string { return *h.v }

func (h *habitValue) Set(s string) error {
	if _, err := (advisor.Habits{}).Set(h.q.ID, s, ""); err != nil {
		return err
	}
	*h.v = s
	return nil
}

func (h *habitValue) Type() string {
	switch {
	case len(h.q.Choices) > 0:
		return "answer"
	case h.q.Integer:
		return "int"
	}
	return "number"
}

// answers are the habits given as flags.
func (a *app) answers() (advisor.Habits, error) {
	var h advisor.Habits
	for _, q := range advisor.Questions() {
		v := a.flags.habits[q.ID]
		if v == nil || *v == "" {
			continue
		}
		var err error
		if h, err = h.Set(q.ID, *v, "--"+string(q.ID)); err != nil {
			return h, fmt.Errorf("read --%s: %w", q.ID, err)
		}
	}
	return h, nil
}

func proxyModes() []string { return append(moveModes(), "none") }

// moveModes are those that one can move to.
func moveModes() []string {
	var names []string
	for _, m := range advisor.Modes() {
		names = append(names, string(m))
	}
	return names
}

// choicesOf is the annotation of a flag that holds the values which the shell completes.
const choicesOf = "kpadvisor-choices"

// complete lets the shell complete the values of a flag.
func complete(cmd *cobra.Command, flag string, values []string) {
	if f := cmd.Flag(flag); f != nil {
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[choicesOf] = values
	}
}

// completions tells cobra what it completes, when it is asked to. It keeps that for the life
// of the process, and with it every command that it was told of.
func completions(cmd *cobra.Command, args []string) {
	if len(args) == 0 || args[0] != cobra.ShellCompRequestCmd && args[0] != cobra.ShellCompNoDescRequestCmd {
		return
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if values, ok := f.Annotations[choicesOf]; ok {
			// Its error is of a flag that is completed already, or that there is not: it is here.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	})
	for _, c := range cmd.Commands() {
		completions(c, args)
	}
}

// oneOf refuses a value outside a list.
func oneOf(cmd *cobra.Command, flag, value string, values []string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return usagef(cmd, "--%s %s is none of %s", flag, quoted(value), strings.Join(values, ", "))
}
