package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kpadvisor/jobs"
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
	v := a.voice
	for _, g := range spec.Pair.Groups() {
		fmt.Fprintln(a.err, v.Sprintf("%s: %s, kube-proxy mode %s", g.Name, plain.Text(strings.Join(g.Names(), ", ")), v.Said(plain.Text(orUnknown(g.Mode)))))
	}
	fmt.Fprintln(a.err, v.Said(plain.Text(spec.Pair.Why)))
	for _, d := range spec.Pair.Differ {
		fmt.Fprintln(a.err, v.Sprintf("Warning: A and B differ in the %s", v.Said(plain.Text(d))))
	}
	fmt.Fprintln(a.err, v.Sprintf("Load: %s.", v.Said(plain.Text(spec.Cap()))))
	for _, cost := range spec.Costs() {
		fmt.Fprintln(a.err, v.Sprintf("Note: %s", v.Said(plain.Text(cost))))
	}
	fmt.Fprintln(a.err, v.Sprintf("About %v once the pods have started; without this program they end after %v at the latest.", spec.Lasts().Round(time.Second), spec.Deadline().Round(time.Second)))
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
	if denied := jobs.Denied(answers); len(denied) > 0 {
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
			fmt.Fprintln(a.err, a.voice.Sprintf("Creating %s in namespace %s", plain.Line(fmt.Sprint(o), 0), plain.Line(spec.Namespace, 0)))
		}
		return nil
	}
	text, err := spec.Manifests()
	if err != nil {
		return err
	}
	v := a.voice
	fmt.Fprintln(a.err, "\n"+v.Text("Rights that are used, all of them granted unless it says so:"))
	for _, answer := range answers {
		note := ""
		if !answer.Allowed {
			note = "  " + v.Text("(denied: the run does without, and says less)")
		}
		right := v.Sprintf("%s: %s", v.Said(answer.String()), v.Said(answer.Why))
		fmt.Fprintf(a.err, "  %s%s\n", plain.Line(right, 0), note)
	}
	question, want := v.Text("Create these objects? [y/N] "), []string{"y", "yes"}
	if heavy != "" {
		question = v.Said("This run wants a second word, for "+plain.Text(heavy)+".") + "\n" + v.Text("Type really to create these objects: ")
		want = []string{"really"}
	}
	fmt.Fprintf(a.err, "\n%s\n%s\n", v.Text("Manifests:"), text)
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
