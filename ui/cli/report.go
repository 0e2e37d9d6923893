package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/ui/pack"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

func (a *app) reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write a change request: one file with all that decides it",
		Long: `Write one file for whoever grants the change: the decision, what stands in the
way, what was rehearsed and measured (--measured), the runbook, when to go on,
to stop and to go back, and the rollback. It is HTML without scripts, or Markdown
or text if FILE ends in .md or .txt. Names of nodes, Services and the cluster, and
addresses, are left out as in a snapshot; --with-names keeps them.

The HTML file holds the data that all of it was made from. --verify makes it again
from them, and says whether it is the same, byte for byte: a word that somebody
changed is found. Whether the data are true it does not say.

Exit codes (the first that applies):
  130  interrupted
  1    failure: no cluster could be read, or the file could not be written; with
       --verify: the file is not what its data make, or cannot be read
  2    the command line cannot be understood
  5    something could not be read: the file is written then as well, and says
       what is missing; with --verify: another version of the program made the
       file, so that nothing can be compared
  0    written; with --verify: the same, byte for byte`,
		Example: `  kpadvisor report -o change.html
  kpadvisor report --to nftables --measured drill.json -o change.html
  kpadvisor report --verify change.html`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("verify") {
				return a.verify(cmd.Context(), cmd)
			}
			return a.report(cmd.Context(), cmd)
		},
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.file, "output", "o", "-", "file to write; - for stdout")
		fs.BoolVar(&a.flags.withNames, "with-names", false, "keep the names of nodes, Services and the context")
		fs.StringVar(&a.flags.to, "to", "", "ask for this mode, advised or not, instead of what is advised: "+strings.Join(moveModes(), ", "))
		fs.StringVar(&a.flags.verify, "verify", "", "say whether this file (- for stdin) is what its data make, instead of writing one")
	})
	complete(cmd, "to", moveModes())
	a.addSource(cmd)
	a.addAsked(cmd)
	a.addSysctls(cmd)
	a.addMeasured(cmd)
	a.addHabits(cmd)
	a.addConnection(cmd)
	return cmd
}

// report writes a change request.
func (a *app) report(ctx context.Context, cmd *cobra.Command) error {
	file := a.flags.file
	write, bare, err := requestFace(cmd, file)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("to") {
		if err := oneOf(cmd, "to", a.flags.to, moveModes()); err != nil {
			return err
		}
	}
	if file != "-" {
		if err := files.Check(file); err != nil {
			return requestNotWritten(err)
		}
	}
	measured, err := readEvidence(ctx, a.flags.measured, a.flags.withNames)
	if err != nil {
		return err
	}
	h, err := a.answers()
	if err != nil {
		return err
	}
	f, err := a.readWithSysctls(ctx, cmd, describe(a.env, a.tty, a.flags.display))
	if err != nil {
		return err
	}
	doc, err := pack.Make(pack.Request{
		Facts: f, Habits: h, Measured: measured, To: advisor.Mode(a.flags.to), Named: a.flags.withNames,
		Language: a.voice.Language(), Version: a.version(), Bare: bare,
	})
	if err != nil {
		return failure{plain.Problem{
			Sentence: fmt.Sprintf("The change request cannot be made: %s.", plain.Text(err.Error())),
			Remedy:   "Leave out what it names, such as a file of --measured, and write the request again.",
		}, Failure}
	}
	switch err := a.writeRequest(file, write, doc); {
	case err != nil:
		return requestNotWritten(err)
	case ctx.Err() != nil:
		return exit(Interrupted)
	case !f.Coverage.Complete():
		return exit(Partial)
	}
	return nil
}

// requestFace is how a change request is written to a file of that name, and whether it
// does without its data.
func requestFace(cmd *cobra.Command, file string) (write func(*bytes.Buffer, page.Document) error, bare bool, err error) {
	if slices.Contains(report.Probes().Formats(), file) { // as --output of other commands takes them
		return nil, false, usagef(cmd, "--output names a file here, such as change.html, and %s was given", quoted(file))
	}
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".html", ".htm", "":
		return func(b *bytes.Buffer, d page.Document) error { return report.HTML(b, d) }, false, nil
	case ".md":
		return func(b *bytes.Buffer, d page.Document) error { return report.Markdown(b, d) }, true, nil
	case ".txt":
		return func(b *bytes.Buffer, d page.Document) error { return report.Text(b, d, report.Style{}) }, true, nil
	default:
		return nil, false, usagef(cmd, "a change request is .html, .md or .txt, and --output ends in %s", quoted(ext))
	}
}

// writeRequest writes a document in one piece, once it is whole.
func (a *app) writeRequest(file string, write func(*bytes.Buffer, page.Document) error, doc page.Document) error {
	var b bytes.Buffer
	if err := write(&b, doc); err != nil {
		return err
	}
	if file == "-" {
		_, err := a.out.Write(b.Bytes())
		return err
	}
	mode := files.Ordinary
	if a.flags.withNames {
		mode = files.Private
	}
	return files.Write(file, mode, b.Bytes())
}

func requestNotWritten(err error) error {
	return failure{plain.Problem{
		Sentence: fmt.Sprintf("The change request was not written: %s.", plain.Text(err.Error())),
		Remedy:   "Name a file in a directory that you may write to.",
	}, Failure}
}

// verify says whether a file is what its data make.
func (a *app) verify(ctx context.Context, cmd *cobra.Command) error {
	var others []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "verify" && f.Name != "lang" {
			others = append(others, "--"+f.Name)
		}
	})
	a.unused("--verify looks at one file", others)
	file, name := a.flags.verify, plain.Text(a.flags.verify)
	if file == "-" {
		name = "standard input"
	}
	text, err := a.input(ctx, file)
	var v pack.Verdict
	if err == nil {
		v, err = pack.Verify(text, a.version())
	} else {
		err = unwrapAll(err)
	}
	if err := notVerified(ctx, name, v, err); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, a.voice.Sprintf(
		"The change request %s is what its data make, byte for byte (kpadvisor %s). Whether the data are true it does not say.", a.voice.Said(name), v.MadeBy))
	return err
}

// notVerified is the failure of a file that is not what its data make, or cannot be
// compared; nil where it is.
func notVerified(ctx context.Context, name string, v pack.Verdict, err error) error {
	var other *pack.OtherVersionError
	switch {
	case errors.As(err, &other):
		remedy := fmt.Sprintf("Verify it with kpadvisor %s.", other.MadeBy)
		if other.Unnamed() {
			remedy = "Verify it with the very program that wrote it."
		}
		return failure{plain.Problem{
			Sentence: fmt.Sprintf("The change request %s cannot be verified: %s.", name, err.Error()), Remedy: remedy,
		}, Partial}
	case err != nil:
		return unread(ctx, err, "The change request %s cannot be verified: %s.", name, "Name a file that \"kpadvisor report -o FILE.html\" wrote.")
	case !v.Same:
		return failure{plain.Problem{
			Sentence: fmt.Sprintf("The change request %s is not what its data make: the first difference is %s, line %s.", name, v.Differ.Where, plain.Number(v.Differ.Line)),
			Remedy:   fmt.Sprintf("Ask who changed it: it has %s where %s belongs.", orNothing(v.Differ.Has), orNothing(v.Differ.Wants)),
		}, Failure}
	}
	return nil
}

func orNothing(s string) string {
	if s == "" {
		return "no text"
	}
	return quoted(s)
}
