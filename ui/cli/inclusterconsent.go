package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kpadvisor/plain"
	"kpadvisor/probe/incluster"
)

// printManifests is --dry-run=client.
func (a *app) printManifests(spec incluster.Spec) error {
	text, err := spec.Manifests()
	if err != nil {
		return err
	}
	a.describeRun(spec)
	if _, err := io.WriteString(a.out, text); err != nil {
		return err
	}
	return exit(Fine)
}

// describeRun says on stderr what the run is about.
func (a *app) describeRun(spec incluster.Spec) {
	for _, g := range spec.Pair.Groups() {
		fmt.Fprintf(a.err, "%s: %s, kube-proxy mode %s\n", g.Name, plain.Text(strings.Join(g.Names(), ", ")), plain.Text(orUnknown(g.Mode)))
	}
	fmt.Fprintln(a.err, plain.Text(spec.Pair.Why))
	for _, d := range spec.Pair.Differ {
		fmt.Fprintln(a.err, "Warning: A and B differ in the "+plain.Text(d))
	}
	fmt.Fprintf(a.err, "Load: %s.\n", plain.Text(spec.Cap()))
	for _, cost := range spec.Costs() {
		fmt.Fprintln(a.err, "Note: "+plain.Text(cost))
	}
	fmt.Fprintf(a.err, "About %v once the pods have started; without this program they end after %v at the latest.\n", spec.Lasts().Round(time.Second), spec.Deadline().Round(time.Second))
}

func orUnknown(mode string) string {
	if mode == "" {
		return "not known"
	}
	return mode
}

// consent shows rights and manifests and asks; with --yes it only looks whether
// the rights are there.
func (a *app) consent(ctx context.Context, cmd *cobra.Command, client *incluster.Client, spec incluster.Spec) error {
	f := a.flags.probe.inCluster
	heavy := strings.Join(spec.Heavy(), ", and ")
	yes := f.really || f.yes && heavy == ""
	switch {
	case heavy != "" && !f.really && (f.yes || !a.tty.in):
		return usagef(cmd, "this run wants a second word, for %s: --yes-really says so", plain.Text(heavy))
	case !yes && !a.tty.in:
		return usagef(cmd, "nobody can be asked whether to create the objects: --yes creates them, --dry-run=client prints them")
	}
	answers, err := client.Review(ctx, spec.Rights())
	if err != nil {
		return clusterFailure(ctx, err)
	}
	a.describeRun(spec)
	if denied := incluster.Denied(answers); len(denied) > 0 {
		var names []string
		for _, d := range denied {
			names = append(names, d.String())
		}
		return failure{plain.Problem{
			Sentence: "These rights are missing: " + strings.Join(names, ", ") + ".",
			Remedy:   fmt.Sprintf("\"kpadvisor rbac --probe -n %s\" prints the Role to ask an administrator for.", spec.Namespace),
		}, Failure}
	}
	if yes {
		for _, o := range spec.Listed() {
			fmt.Fprintf(a.err, "Creating %s in namespace %s\n", plain.Line(fmt.Sprint(o), 0), plain.Line(spec.Namespace, 0))
		}
		return nil
	}
	text, err := spec.Manifests()
	if err != nil {
		return err
	}
	fmt.Fprintln(a.err, "\nRights that are used, all of them granted unless it says so:")
	for _, answer := range answers {
		note := ""
		if !answer.Allowed {
			note = "  (denied: the run does without, and says less)"
		}
		fmt.Fprintf(a.err, "  %s%s\n", plain.Line(fmt.Sprintf("%s: %s", answer, answer.Why), 0), note)
	}
	question, want := "Create these objects? [y/N] ", []string{"y", "yes"}
	if heavy != "" {
		question, want = "This run wants a second word, for "+plain.Text(heavy)+".\nType really to create these objects: ", []string{"really"}
	}
	fmt.Fprintf(a.err, "\nManifests:\n%s\n", text)
	agreed, err := a.ask(ctx, question, want...)
	if err != nil {
		return err
	}
	if !agreed {
		return failure{plain.Problem{Sentence: "Nothing was created.", Remedy: fmt.Sprintf("Answer %s to create the objects, or give --yes.", want[0])}, Failure}
	}
	return nil
}

// ask asks on standard error and reports whether the answer is one of those wanted. The
// end of the input is no answer.
func (a *app) ask(ctx context.Context, question string, want ...string) (bool, error) {
	fmt.Fprint(a.err, question)
	select {
	case line := <-readLines(ctx, a.in):
		return slices.Contains(want, strings.ToLower(line)), nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
