package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// creation is what somebody has to agree to before it is made in a cluster.
type creation struct {
	describe  func() // says on stderr what it is about
	objects   []jobs.Object
	rights    []jobs.Right
	heavy     []string // why --yes is not enough, as clauses
	namespace string
	role      string                    // the command that prints the rights
	admits    func([]jobs.Answer) error // whether it would be let in; nil if that is not asked
}

// printManifests is --dry-run=client.
func (a *app) printManifests(c creation) error {
	text, err := jobs.Manifests(c.objects)
	if err != nil {
		return err
	}
	c.describe()
	if _, err := io.WriteString(a.out, text); err != nil {
		return err
	}
	return exit(Fine)
}

// consent shows rights and manifests and asks; with --yes it only looks whether
// the rights are there.
func (a *app) consent(ctx context.Context, cmd *cobra.Command, client *jobs.Client, f podFlags, c creation) error {
	heavy := strings.Join(c.heavy, ", and ")
	yes := f.really || f.yes && heavy == ""
	switch {
	case heavy != "" && !f.really && (f.yes || !a.tty.in):
		return usagef(cmd, "this run wants a second word, for %s: --yes-really says so", plain.Text(heavy))
	case !yes && !a.tty.in:
		return usagef(cmd, "nobody can be asked whether to create the objects: --yes creates them, --dry-run=client prints them")
	}
	answers, err := client.Review(ctx, c.rights)
	if err != nil {
		return clusterFailure(ctx, err)
	}
	c.describe()
	if denied := jobs.Denied(answers); len(denied) > 0 {
		var names []string
		for _, d := range denied {
			names = append(names, d.String())
		}
		return failure{plain.Problem{
			Sentence: "These rights are missing: " + strings.Join(names, ", ") + ".",
			Remedy:   fmt.Sprintf("\"%s -n %s\" prints the Role to ask an administrator for.", c.role, c.namespace),
		}, Failure}
	}
	if c.admits != nil {
		if err := c.admits(answers); err != nil {
			return clusterFailure(ctx, err)
		}
	}
	if yes {
		for _, o := range jobs.Listed(c.objects) {
			fmt.Fprintln(a.err, a.voice.Sprintf("Creating %s in namespace %s", plain.Line(fmt.Sprint(o), 0), plain.Line(c.namespace, 0)))
		}
		return nil
	}
	return a.agreed(ctx, c, answers)
}

// agreed shows all of it and asks.
func (a *app) agreed(ctx context.Context, c creation, answers []jobs.Answer) error {
	text, err := jobs.Manifests(c.objects)
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
	if heavy := strings.Join(c.heavy, ", and "); heavy != "" {
		question = v.Said("This run wants a second word, for "+plain.Text(heavy)+".") + "\n" + v.Text("Type really to create these objects: ")
		want = []string{"really"}
	}
	fmt.Fprintf(a.err, "\n%s\n%s\n", v.Text("Manifests:"), text)
	yes, err := a.ask(ctx, question, want...)
	if err != nil {
		return err
	}
	if !yes {
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
