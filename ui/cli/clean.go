package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor/cluster"
	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// cleanFlags are those of clean alone.
type cleanFlags struct{ everywhere, list, yes, running bool }

func (a *app) cleanCommand() *cobra.Command {
	var f cleanFlags
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove what a probe or an inspection left in the cluster",
		Long: `Remove the Jobs and Services of in-cluster probes and of inspections from a namespace,
and say what was removed: a run removes them itself, unless it was killed. A run of
yours that is under way would lose them too. One of somebody else's that may be under
way is left alone: until the time that its objects name, by which the cluster has ended
its pods.

With --all-namespaces it shows what it found and asks. A namespace is removed only if
a run made it (--temporary-namespace), and only with --all-namespaces, which finds
it.`,
		Example: `  kpadvisor clean -n default
  kpadvisor clean --all-namespaces --list`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.clean(cmd.Context(), cmd, f) },
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.BoolVarP(&f.everywhere, "all-namespaces", "A", false, "in all namespaces")
		fs.BoolVar(&f.list, "list", false, "list what is there and remove nothing")
		fs.BoolVar(&f.yes, "yes", false, "with --all-namespaces remove without asking")
		fs.BoolVar(&f.running, "running", false, "remove also what others may have under way")
	})
	a.addConnection(cmd)
	showNamespace(cmd, "namespace to clean; that of the context if not given")
	return cmd
}

// showNamespace makes a flag of kubectl's visible that means something here.
func showNamespace(cmd *cobra.Command, usage string) {
	f := cmd.Flags().Lookup("namespace")
	f.Hidden, f.Usage = false, usage
}

func (a *app) clean(ctx context.Context, cmd *cobra.Command, f cleanFlags) error {
	asks := f.everywhere && !f.list && !f.yes
	if asks && !a.tty.in {
		return usagef(cmd, "nobody can be asked whether to remove what is in all namespaces: --yes removes it, --list shows it")
	}
	client, namespace, err := a.connectPods(ctx)
	if err != nil {
		return err
	}
	nothing := a.voice.Sprintf("Nothing of a run is left in namespace %s.", plain.Line(namespace, 0))
	if f.everywhere {
		namespace, nothing = "", a.voice.Text("Nothing of a run is left in any namespace.")
	}
	all, err := client.Leftovers(ctx, namespace)
	if err != nil {
		return clusterFailure(ctx, err)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(a.out, nothing)
		return err
	}
	user, now := client.User(ctx), time.Now()
	spared := func(l jobs.Leftover) bool { return !f.running && l.Running(user, now) }
	ours := slices.DeleteFunc(slices.Clone(all), spared)
	if f.list || asks {
		for _, l := range all {
			a.say(a.voice.Text("found"), l, spared(l))
		}
	} else {
		for _, l := range all {
			if spared(l) {
				a.say(a.voice.Text("left"), l, true)
			}
		}
	}
	if f.list || len(ours) == 0 {
		return nil
	}
	if asks {
		agreed, err := a.ask(ctx, a.voice.Sprintf("Remove %s? [y/N] ", a.voice.Count(len(ours), "object")), "y", "yes")
		if err != nil {
			return err
		}
		if !agreed {
			return failure{plain.Problem{Sentence: "Nothing was removed.", Remedy: "Answer y to remove what was found, or give --yes."}, Failure}
		}
	}
	if err := client.Remove(ctx, ours, func(l jobs.Leftover) { a.say(a.voice.Text("removed"), l, false) }); err != nil {
		return clusterFailure(ctx, err)
	}
	return nil
}

// say tells what becomes of an object, and if it is spared, why.
func (a *app) say(verb string, l jobs.Leftover, spared bool) {
	made := l.Created.UTC().Format(time.DateTime + " MST")
	note := a.voice.Sprintf("run %s, made %s", l.Run, made)
	if l.By != "" {
		note = a.voice.Sprintf("run %s, made %s by %s", l.Run, made, l.By)
	}
	if spared {
		note = a.voice.Clauses(note, a.voice.Sprintf("may be under way until %s, --running removes it all the same", l.Until.UTC().Format("15:04 MST")))
	}
	fmt.Fprintln(a.out, plain.Text(a.voice.Sprintf("%s %s (%s)", verb, l, note)))
}

// clusterFailure finds the words for a request that failed.
func clusterFailure(ctx context.Context, err error) error {
	var f failure
	var known *plain.Error
	switch {
	case errors.As(err, &f):
		return f
	case ctx.Err() != nil:
		return failure{plain.Problem{Sentence: "Interrupted.", Remedy: "Run it again and let it finish."}, Interrupted}
	case errors.As(err, &known):
		return failure{plain.Problem{Sentence: sentence(plain.Text(known.Sentence)), Remedy: plain.Text(known.Remedy)}, Failure}
	}
	if p := jobs.Forbidden(err); p != "" {
		return failure{plain.Problem{Sentence: sentence(plain.Text(p)), Remedy: "\"kpadvisor rbac --probe\" prints the Role to ask an administrator for."}, Failure}
	}
	p := cluster.Explain(err)
	return failure{plain.Problem{Sentence: p.Sentence, Remedy: p.Remedy}, Failure}
}
