package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor/cluster"
	"kpadvisor/probe/incluster"
	"kpadvisor/ui/report"
)

func (a *app) cleanCommand() *cobra.Command {
	var everywhere, list bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove what an in-cluster probe left that was killed",
		Long: `Remove the Jobs and Services of in-cluster probes from a namespace, and say what was
removed: a probe removes them itself, unless it was killed. A probe that is under
way would lose them too.

A namespace is removed only if a probe made it (--temporary-namespace), and only
with --all-namespaces, which finds it.`,
		Example: `  kpadvisor clean -n default
  kpadvisor clean --all-namespaces --list`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.clean(cmd.Context(), everywhere, list) },
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.BoolVarP(&everywhere, "all-namespaces", "A", false, "in all namespaces")
		fs.BoolVar(&list, "list", false, "list what is there and remove nothing")
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

func (a *app) clean(ctx context.Context, everywhere, list bool) error {
	client, namespace, err := a.connectPods(ctx)
	if err != nil {
		return err
	}
	where := "namespace " + namespace
	if everywhere {
		namespace, where = "", "any namespace"
	}
	all, err := client.Leftovers(ctx, namespace)
	if err != nil {
		return clusterFailure(ctx, err)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintf(a.out, "Nothing of a probe is left in %s.\n", where)
		return err
	}
	say := func(verb string, l incluster.Leftover) {
		fmt.Fprintf(a.out, "%s %s (run %s, made %s)\n", verb, l, l.Run, l.Created.UTC().Format(time.DateTime+" MST"))
	}
	if list {
		for _, l := range all {
			say("found", l)
		}
		return nil
	}
	if err := client.Remove(ctx, all, func(l incluster.Leftover) { say("removed", l) }); err != nil {
		return clusterFailure(ctx, err)
	}
	return nil
}

// clusterFailure finds the words for a request that failed.
func clusterFailure(ctx context.Context, err error) error {
	var f failure
	var trouble *incluster.Trouble
	var none *incluster.NoPairError
	switch {
	case errors.As(err, &f):
		return f
	case ctx.Err() != nil:
		return failure{report.Problem{Sentence: "Interrupted.", Remedy: "Run it again and let it finish."}, Interrupted}
	case errors.As(err, &trouble):
		return failure{report.Problem{Sentence: sentence(plainText(trouble.Sentence)), Remedy: plainText(trouble.Remedy)}, Failure}
	case errors.As(err, &none):
		return failure{report.Problem{Sentence: sentence(plainText(none.Sentence)), Remedy: plainText(none.Remedy)}, Failure}
	}
	if p := incluster.Forbidden(err); p != "" {
		return failure{report.Problem{Sentence: sentence(plainText(p)), Remedy: "\"kpadvisor rbac --probe\" prints the Role to ask an administrator for."}, Failure}
	}
	p := cluster.Explain(err)
	return failure{report.Problem{Sentence: p.Sentence, Remedy: p.Remedy}, Failure}
}
