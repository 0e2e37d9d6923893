package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/inspect/prometheus"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// Run runs the command named by args (without the program's name) and returns
// the exit code. It writes to nothing but the writers and ends when ctx does.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	code, _ := begin(ctx, args, stdin, stdout, stderr)
	return code
}

// begin is Run for whoever goes on afterwards, as main does not: join waits for what was
// left because it did not end in time.
func begin(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int, join func()) {
	a := &app{
		program: programName(os.Args[0]), args: args, env: os.Environ(),
		in: stdin, out: stdout, err: stderr,
		tty: ttyOf(stdin, stdout, stderr), screen: stdout, ending: newEnding(),
	}
	return a.run(ctx), a.ending.left.Wait
}

// app is one run of the program: what it was given, and its flags.
type app struct {
	program string
	args    []string
	env     []string
	in      io.Reader
	out     io.Writer
	err     io.Writer
	tty     tty
	screen  io.Writer // out as it was given, for the screens
	cursor  io.Writer // err without its guard, for lines that are rewritten
	ending  *ending
	flags   flags
	voice   say.Voice // of what it says to a person

	measured advisor.Measured     // what --measured read
	reports  []advisor.NodeReport // what --metrics and --node-report read
	asked    *prometheus.Client   // of --prometheus

	overNetwork []advisor.NodeReport // what Prometheus and kube-proxies were asked for
}

func (a *app) run(ctx context.Context) int {
	out, errOut := &gate{to: a.out}, &gate{to: a.err}
	a.guard(out, errOut)
	a.speak()
	restore := a.tty.restorer(a.in)
	running := *a // it may be left behind, and must then have nothing in common with a but the gates
	err := a.ending.run(ctx, func() error { return exit(running.finish(ctx, running.command(ctx))) })
	if !errors.Is(err, errLeft) {
		return a.finish(ctx, err)
	}
	used := out.close()
	errOut.close()
	a.guard(out.past(), errOut.past())
	if used {
		a.args = nil // a second document would not make the first one whole
	}
	a.ending.soon(func() {
		restore()
		a.finish(ctx, context.Cause(ctx))
	})
	return Interrupted
}

// guard lets nothing get out that a terminal obeys but colours, where there are any:
// each string is cleaned where it is put into words, and what was forgotten here.
func (a *app) guard(out, errOut io.Writer) {
	a.cursor = errOut
	t := describe(a.env, a.tty, displayFlags{})
	a.out = plain.NewWriter(out, plain.Passes{Styles: t.color, Links: t.links})
	a.err = plain.NewWriter(errOut, plain.Passes{})
}

// command runs the command that was given.
func (a *app) command(ctx context.Context) error {
	root := a.rootCommand()
	inVoice(root, a.voice)
	completions(root, a.args)
	root.SetArgs(append([]string{}, a.args...)) // nil would mean os.Args to cobra
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return root.ExecuteContext(ctx)
}

// finish reports what ended the run and turns it into the exit code. Advice that
// ends in a code of its own has been written already and needs no words.
func (a *app) finish(ctx context.Context, err error) int {
	var ended exit
	switch {
	case err == nil:
		return Fine
	case errors.As(err, &ended):
		return int(ended)
	}
	f := explain(ctx, err)
	written := f.short()
	if werr := a.writeProblem(&written.Problem); werr != nil {
		fmt.Fprintln(a.err, a.voice.Said(werr.Error()))
	}
	return a.complain(f)
}

// complain says on stderr what went wrong and returns the exit code. It was said in
// English where it happened, and is said again here.
func (a *app) complain(f failure) int {
	f.Sentence, f.Remedy = a.voice.Said(plain.Line(f.Sentence, 0)), a.voice.Said(plain.Line(f.Remedy, 0))
	f = f.short()
	fmt.Fprintln(a.err, f.Sentence)
	if f.Remedy != "" {
		fmt.Fprintln(a.err, a.voice.Sprintf("Remedy: %s", f.Remedy))
	}
	return f.code
}

// warn says on stderr what went wrong beside what went well.
func (a *app) warn(p plain.Problem) {
	fmt.Fprintln(a.err, a.voice.Sprintf("Warning: %s", a.voice.Said(plain.Text(p.Sentence))))
	if p.Remedy != "" {
		fmt.Fprintln(a.err, a.voice.Sprintf("Remedy: %s", a.voice.Said(plain.Text(p.Remedy))))
	}
}

// writeProblem makes the report that a script asked for of a problem alone;
// a person reads stderr.
func (a *app) writeProblem(p *plain.Problem) error {
	command, format := a.formatWanted()
	v := a.voiceOf(format)
	switch {
	case format == "text":
		return nil
	case command == "probe":
		return report.Probes().Write(a.out, page.Probe{Voice: v, Version: a.version(), Problem: p}, format, report.Style{})
	case command == "drill":
		return report.Drills().Write(a.out, page.Drill{Voice: v, Version: a.version(), Problem: p}, format, report.Style{})
	case command == "lab":
		return report.Labs().Write(a.out, page.Lab{Voice: v, Version: a.version(), Problem: p}, format, report.Style{})
	}
	return report.Audits().Write(a.out, page.Audit{Voice: v, Version: a.version(), Problem: p}, format, report.Style{})
}

// exit ends a run whose words have been written.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// failure is an error in the words of the user.
type failure struct {
	plain.Problem
	code int
}

func (f failure) Error() string { return f.Sentence }

// What a person reads of a sentence and of a remedy: a value that somebody gave, a
// name or a path in them may be of any length.
const (
	mostSentence = 320
	mostRemedy   = 640 // commands are in it
)

// short is what a terminal and a person can take of it.
func (f failure) short() failure {
	f.Sentence, f.Remedy = plain.Short(plain.Text(f.Sentence), mostSentence), plain.Short(plain.Text(f.Remedy), mostRemedy)
	return f
}

// explain finds the words and the code for any error.
func explain(ctx context.Context, err error) failure {
	var f failure
	var wrong usageError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &wrong):
		return failure{plain.Problem{Sentence: sentence(plain.Text(wrong.text)), Remedy: "See " + wrong.command + " --help."}, Usage}
	case ctx.Err() != nil:
		return failure{plain.Problem{Sentence: "Interrupted.", Remedy: "Run it again and let it finish; --max-pages shortens the read."}, Interrupted}
	}
	p := cluster.Explain(err)
	return failure{plain.Problem{Sentence: p.Sentence, Remedy: p.Remedy}, Failure}
}

// usageError is a command line that cannot be understood.
type usageError struct {
	command string // "kpadvisor audit"
	text    string
}

func (u usageError) Error() string { return u.text }

// isUsage reports a command line that cannot be understood.
func isUsage(err error) bool {
	var wrong usageError
	return errors.As(err, &wrong)
}

func usagef(cmd *cobra.Command, format string, args ...any) error {
	return usageError{cmd.CommandPath(), fmt.Sprintf(format, args...)}
}

// sentence makes a sentence of an error text: a capital and a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	first, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[n:]
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}

// noArgs refuses arguments; on the root these are misspelt commands.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasSubCommands() {
		return usagef(cmd, "this command takes no argument, and %s was given", quoted(args[0]))
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef(cmd, "there is no command %s; did you mean %s?", quoted(args[0]), strings.Join(near, " or "))
	}
	return usagef(cmd, "there is no command %s", quoted(args[0]))
}

// formatWanted is the command that reports and the output format of the command
// line, even if the flags could not all be parsed: a script that asked for JSON
// gets JSON. Where no report was asked for the format is text.
func (a *app) formatWanted() (command, format string) {
	fs := pflag.NewFlagSet("output", pflag.ContinueOnError)
	fs.ParseErrorsAllowlist.UnknownFlags = true
	fs.SetOutput(io.Discard)
	fs.StringVarP(&format, "output", "o", "text", "")
	_ = fs.Parse(a.args) // what is wrong with the other flags is being reported already
	known := map[string][]string{"audit": report.Audits().Formats(), "inspect": report.Audits().Formats(), "probe": report.Probes().Formats(), "lab": report.Labs().Formats()}
	for i, arg := range a.args {
		if all, ok := known[arg]; ok && slices.Contains(all, format) {
			if arg == "lab" && i+1 < len(a.args) && a.args[i+1] == "drill" {
				arg = "drill" // its document is another
			}
			return arg, format
		}
	}
	return "", "text"
}

// programName is how the user calls the program: a kubectl plugin is called
// through kubectl.
func programName(argv0 string) string {
	base := strings.TrimSuffix(filepath.Base(argv0), ".exe")
	if name, ok := strings.CutPrefix(base, "kubectl-"); ok {
		return "kubectl " + strings.ReplaceAll(name, "_", "-")
	}
	return "kpadvisor"
}

// tty says which of the three streams are terminals, and how wide the output is.
type tty struct {
	in, out, err bool
	width        int
}

func ttyOf(in io.Reader, out, errOut io.Writer) tty {
	isTerminal := func(v any) (int, bool) {
		f, ok := v.(*os.File)
		if !ok {
			return 0, false
		}
		return int(f.Fd()), term.IsTerminal(int(f.Fd()))
	}
	var t tty
	_, t.in = isTerminal(in)
	_, t.err = isTerminal(errOut)
	fd, ok := isTerminal(out)
	t.out = ok
	if !ok && t.err { // what is rewritten there must not be wider
		fd = int(errOut.(*os.File).Fd())
	}
	if t.out || t.err {
		if w, _, err := term.GetSize(fd); err == nil {
			t.width = w
		}
	}
	return t
}

// restorer gives the terminal back as it is now, should the screens be left behind.
func (t tty) restorer(in io.Reader) func() {
	f, ok := in.(*os.File)
	if !ok || !t.in {
		return func() {}
	}
	was, err := term.GetState(int(f.Fd()))
	if err != nil {
		return func() {}
	}
	return func() { _ = term.Restore(int(f.Fd()), was) }
}
