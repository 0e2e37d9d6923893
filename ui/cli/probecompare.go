package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// mostRuns is how many files one comparison takes.
const mostRuns = 1000

// probeCompareCommand compares saved runs.
func (a *app) probeCompareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare FILE... [-- FILE...]",
		Short: "Say what many saved runs come to, or how two groups of them differ",
		Long: `Read runs that probe --save wrote and put them together. Each run is one
observation: the interval counts what differs from run to run, of which the
interval of a single run knows nothing. Six runs or more assume nothing of how
they are distributed; fewer are taken for normal. Files after -- are a second
group, with which the first is compared (Mann-Whitney U test). Nothing is measured.`,
		Example: `  for i in 1 2 3 4 5 6; do kpadvisor probe A B --save a$i.json; done
  kpadvisor probe compare a*.json
  kpadvisor probe compare before*.json -- after*.json -o json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.probeCompare(cmd, args) },
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.output, "output", "o", "text", "text, json, markdown or html")
		fs.StringVar(&a.flags.probe.phase, "phase", "", "the phase to compare by (default as in the report of the first run)")
	})
	a.addDisplay(cmd)
	complete(cmd, "output", report.ManyRuns().Formats())
	complete(cmd, "phase", phaseNames())
	return cmd
}

func (a *app) probeCompare(cmd *cobra.Command, args []string) error {
	if err := oneOf(cmd, "output", a.flags.output, report.ManyRuns().Formats()); err != nil {
		return err
	}
	p := a.flags.probe
	if p.phase != "" {
		if err := oneOf(cmd, "phase", p.phase, phaseNames()); err != nil {
			return err
		}
	}
	split := cmd.ArgsLenAtDash()
	if split < 0 {
		split = len(args)
	}
	switch {
	case split == 0:
		return usagef(cmd, "give the files of the runs to compare")
	case len(args) > mostRuns:
		return usagef(cmd, "%d files are more than %d", len(args), mostRuns)
	}
	var runs []probe.NamedRun
	for _, file := range args {
		r, err := a.readResult(cmd.Context(), file)
		if err != nil {
			return err
		}
		runs = append(runs, probe.NamedRun{Name: file, Result: r})
	}
	compared, err := probe.CompareRuns(p.basis(runs[0].Result), runs[:split], runs[split:])
	if err != nil {
		return failure{plain.Problem{
			Sentence: "The runs cannot be compared: " + plain.Text(err.Error()) + ".",
			Remedy:   "Name runs of the same targets; --phase chooses another phase.",
		}, Failure}
	}
	return printReport(a, report.ManyRuns(), page.Runs{Voice: a.voice, Runs: compared, Version: a.version()}, a.flags.output, describe(a.env, a.tty, a.flags.display))
}
