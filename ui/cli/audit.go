package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

func (a *app) auditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Print the advice without the terminal interface",
		Long: `Read the cluster, decide, and print the report. Standard output holds the
report and nothing else; progress and problems go to standard error. With
-o json it is one valid document (schema ` + report.Schema + `) also on failure.

Figures (--services, --endpoints, --nodes, --kernel, --kubernetes-version,
--proxy-mode) complete a cluster, a snapshot or a demo where it could not be
read, and never overrule what was; what disagrees is said. --services without
--facts, --demo or a flag that names a cluster (--context, --kubeconfig, ...)
describes a cluster of which nothing is read.

` + exitHelp,
		Example: `  kpadvisor audit
  kpadvisor audit --context prod -o json --connections short --new-connections 300
  kpadvisor audit --services 4000 --kernel 5.15.0 --kubernetes-version 1.33
  kpadvisor audit --to nftables
  ssh node-1 sysctl kernel.osrelease net.ipv4.vs | kpadvisor audit --sysctls -`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.audit(cmd.Context(), cmd) },
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.output, "output", "o", "text", "text, json, markdown or html")
		fs.StringVar(&a.flags.to, "to", "",
			"print the runbook of a move to this mode, advised or not, and what would differ: "+strings.Join(moveModes(), ", "))
	})
	complete(cmd, "to", moveModes())
	complete(cmd, "output", report.Audits().Formats())
	a.addSource(cmd)
	a.addAsked(cmd)
	a.addSysctls(cmd)
	a.addAdvice(cmd)
	a.addConnection(cmd)
	return cmd
}

func (a *app) audit(ctx context.Context, cmd *cobra.Command) error {
	if err := oneOf(cmd, "output", a.flags.output, report.Audits().Formats()); err != nil {
		return err
	}
	if cmd.Flags().Changed("to") {
		if err := oneOf(cmd, "to", a.flags.to, moveModes()); err != nil {
			return err
		}
	}
	if err := mayWriteSnapshot(a.flags.saveFacts); err != nil {
		return err
	}
	var err error
	if a.measured, err = readMeasured(ctx, a.flags.measured); err != nil {
		return err
	}
	t := describe(a.env, a.tty, a.flags.display)
	f, err := a.readWithSysctls(ctx, cmd, t)
	if err != nil {
		return err
	}
	h, err := a.answers()
	if err != nil {
		return err
	}
	return a.deliver(ctx, f, h, a.flags.output, t)
}

// deliver decides, writes the report and ends with its exit code.
func (a *app) deliver(ctx context.Context, f advisor.Facts, h advisor.Habits, format string, t terminal) error {
	doc := a.document(f, h, a.voiceOf(format))
	code := exitCode(doc.Advice)
	if ctx.Err() != nil {
		code = Interrupted
		doc.Problem = &plain.Problem{
			Sentence: "Interrupted before everything was read.",
			Remedy:   "Run it again and let it finish; --max-pages shortens the read.",
		}
	}
	if err := a.saveFacts(f); err != nil {
		return err
	}
	if err := printReport(a, report.Audits(), doc, format, t); err != nil {
		return err
	}
	return exit(code)
}

// document is the report on these facts and answers, said in a voice.
func (a *app) document(f advisor.Facts, h advisor.Habits, v say.Voice) page.Audit {
	h = advisor.Prefill(f, h)
	doc := page.Audit{
		Voice: v, Advice: advisor.DecideIn(v, f, h, a.measured),
		Facts: f, Habits: h, Measured: a.measured, Version: a.version(),
	}
	if a.flags.to != "" {
		move := advisor.MoveToIn(v, f, h, a.measured, advisor.Mode(a.flags.to))
		doc.Move = &move
	}
	return doc
}

// saveFacts writes the facts to the file of --save-facts, if there is one.
func (a *app) saveFacts(f advisor.Facts) error {
	if a.flags.saveFacts == "" {
		return nil
	}
	return writeSnapshot(a.flags.saveFacts, a.out, f, false)
}

// writeSnapshot writes facts to a file, or to stdout for "-". The file is
// written in one piece, once the snapshot is known to be whole.
func writeSnapshot(file string, stdout io.Writer, f advisor.Facts, withNames bool) error {
	var b bytes.Buffer
	err := cluster.WriteSnapshot(&b, f, withNames)
	if err == nil && file == "-" {
		_, err = stdout.Write(b.Bytes())
	} else if err == nil {
		mode := files.Ordinary
		if withNames {
			mode = files.Private
		}
		err = files.Write(file, mode, b.Bytes())
	}
	return notWritten(err)
}

// mayWriteSnapshot looks, before a read that may take minutes, whether the facts can
// be written.
func mayWriteSnapshot(file string) error {
	if file == "" || file == "-" {
		return nil
	}
	return notWritten(files.Check(file))
}

func notWritten(err error) error {
	if err == nil {
		return nil
	}
	return failure{plain.Problem{
		Sentence: fmt.Sprintf("The snapshot was not written: %s.", plain.Text(err.Error())),
		Remedy:   "Name a file in a directory that you may write to.",
	}, Failure}
}
