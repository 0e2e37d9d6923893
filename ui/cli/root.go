package cli

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/report"
)

func themes() []string { return []string{"auto", "dark", "light"} }

// rootCommand is the program: without a command it is the terminal interface.
func (a *app) rootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kpadvisor",
		Short: "Say which kube-proxy mode a cluster should run",
		Long: `Which kube-proxy mode should this cluster run, and what will Kubernetes issue
81775 do to it? kpadvisor reads the current kubeconfig's cluster, asks how it is
used, and advises. It only reads.

On a terminal it opens its screens and ends with 0 whatever it advised; leaving
them prints the verdict, and the command that prints everything. Where there is
no terminal, or with --no-tui, it prints the report at once and ends as
"kpadvisor audit" does. If nothing names a cluster the screens offer made-up
ones, and the plain report is of a demo, says so, and the exit code is 1.

` + exitHelp,
		Example: `  kpadvisor
  kpadvisor --context prod --connections long
  kpadvisor --demo mixed`,
		Args:          noArgs,
		Version:       versionLine(buildInfo()),
		SilenceErrors: true,
		SilenceUsage:  true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: a.program},
		RunE:          func(cmd *cobra.Command, _ []string) error { return a.root(cmd.Context(), cmd) },
	}
	cmd.SetVersionTemplate("kpadvisor {{.Version}}\n")
	cmd.SetFlagErrorFunc(flagError)
	cmd.SetUsageFunc(a.usage)
	cmd.SuggestionsMinimumDistance = 2
	a.addSource(cmd)
	a.addAdvice(cmd)
	d := &a.flags.display
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVar(&d.theme, "theme", "auto", "auto, dark or light background; auto reads COLORFGBG or asks the terminal")
		fs.BoolVar(&d.accessible, "accessible", false, "ask line by line and move nothing on the screen (as does ACCESSIBLE)")
		fs.BoolVar(&d.noTUI, "no-tui", false, "print the report instead of opening the screens")
		fs.BoolVar(&d.noState, "no-state", false, "on the screens keep no answer for the next time, and use none of the last")
	})
	complete(cmd, "theme", themes())
	a.addConnection(cmd)
	a.addLang(cmd)
	cmd.AddCommand(a.auditCommand(), a.inspectCommand(), a.reportCommand(), a.probeCommand(), a.labCommand(), a.snapshotCommand(), a.nodeScriptCommand(), a.rbacCommand(), a.imageCommand(), a.cleanCommand(), a.agentCommand(), a.agentNodeCommand(), a.keysCommand(), a.versionCommand())
	return cmd
}

func (a *app) root(ctx context.Context, cmd *cobra.Command) error {
	if err := oneOf(cmd, "theme", a.flags.display.theme, themes()); err != nil {
		return err
	}
	if err := mayWriteSnapshot(a.flags.saveFacts); err != nil {
		return err
	}
	h, err := a.answers()
	if err != nil {
		return err
	}
	if a.measured, err = readMeasured(ctx, a.flags.measured); err != nil {
		return err
	}
	t := describe(a.env, a.tty, a.flags.display)
	if t.screen && len(a.onInput()) == 0 { // the keyboard is no snapshot
		return a.screens(ctx, cmd, t, h)
	}
	return a.plain(ctx, cmd, t, h)
}

// plain prints the report, in accessible mode after asking its questions.
func (a *app) plain(ctx context.Context, cmd *cobra.Command, t terminal, h advisor.Habits) error {
	f, err := a.read(ctx, cmd, t)
	if isNoCluster(err) {
		return a.withoutCluster(ctx, err, h, t)
	}
	if err != nil {
		return err
	}
	if t.accessible {
		h = askEach(ctx, a.in, a.err, a.voice, f, h)
	}
	return a.deliver(ctx, f, h, "text", t)
}

// withoutCluster shows what the program would say, on a demo that calls itself
// one. It is a failure all the same: nobody asked about the demo.
func (a *app) withoutCluster(ctx context.Context, err error, h advisor.Habits, t terminal) error {
	f := explain(ctx, err)
	code := a.complain(f)
	if demos := cluster.Demos(); len(demos) > 0 {
		if err := report.Text(a.out, a.document(demos[0], h, a.voice).Page(), t.report()); err != nil {
			return err
		}
	}
	return exit(code)
}
