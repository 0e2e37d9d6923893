package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/plain"
)

// fixed returns the facts that do not come from a cluster; false if a cluster
// is to be read.
func (a *app) fixed(ctx context.Context, cmd *cobra.Command) (advisor.Facts, bool, error) {
	s := a.flags.source
	if s.facts != "" && s.demo != "" {
		return advisor.Facts{}, false, usagef(cmd, "--facts and --demo exclude each other")
	}
	if s.whole < 0 {
		return advisor.Facts{}, false, usagef(cmd, "--timeout %v is below 0; 0 sets no bound", s.whole)
	}
	if err := a.checkTyped(cmd); err != nil {
		return advisor.Facts{}, false, err
	}
	if err := a.oneInput(cmd); err != nil {
		return advisor.Facts{}, false, err
	}
	a.reports, a.overNetwork = nil, nil
	if err := a.readMetrics(ctx, cmd); err != nil {
		return advisor.Facts{}, false, err
	}
	if err := a.readNodeReports(ctx); err != nil {
		return advisor.Facts{}, false, err
	}
	if err := a.prepareAsking(ctx, cmd); err != nil {
		return advisor.Facts{}, false, err
	}
	connection := given(cmd, connectionFlags()...)
	var f advisor.Facts
	var err error
	var instead string
	switch {
	case s.facts != "":
		instead = a.voice.Text("--facts is read instead of a cluster")
		f, err = a.readFacts(ctx, s.facts)
	case s.demo != "":
		instead = a.voice.Text("--demo takes the place of a cluster")
		f, err = a.demo(cmd, s.demo)
	case cmd.Flags().Changed("services") && len(connection) == 0:
		instead = a.voice.Text("--services describes a cluster of which nothing is read")
		f, err = cluster.Typed(a.figures())
	default:
		return f, false, nil
	}
	if err != nil {
		return f, true, err
	}
	a.unused(instead, append(connection, given(cmd, "port-forward", "page-size", "max-pages", "timeout", "request-timeout")...))
	if err := a.askPrometheus(ctx, f, nil); err != nil {
		return f, true, err
	}
	f, err = a.completed(f)
	return f, true, err
}

// readFacts reads a snapshot file, or standard input for "-".
func (a *app) readFacts(ctx context.Context, file string) (advisor.Facts, error) {
	const remedy = "Write one with \"kpadvisor snapshot -o FILE\"."
	name := file
	if file == "-" {
		name = "standard input"
	}
	var f advisor.Facts
	text, err := a.input(ctx, file)
	if err != nil && file != "-" && ctx.Err() == nil { // it names the file itself
		return f, failure{plain.Problem{Sentence: fmt.Sprintf("The snapshot cannot be read: %s.", plain.Text(err.Error())), Remedy: remedy}, Failure}
	}
	if err == nil {
		if f, err = cluster.ReadSnapshot(bytes.NewReader(text)); err != nil {
			err = unwrapAll(err)
		}
	}
	return f, unread(ctx, err, "The snapshot %s cannot be used: %s.", name, remedy)
}

func (a *app) demo(cmd *cobra.Command, name string) (advisor.Facts, error) {
	for _, f := range cluster.Demos() {
		if demoName(f.Name) == demoName(name) {
			return f, nil
		}
	}
	return advisor.Facts{}, usagef(cmd, "--demo %q is none of %s", name, strings.Join(demoNames(), ", "))
}

// demoName is what --demo calls a demo: "short" for "demo-short".
func demoName(name string) string { return strings.TrimPrefix(name, "demo-") }

func demoNames() []string {
	names := cluster.DemoNames()
	for i := range names {
		names[i] = demoName(names[i])
	}
	return names
}

// read returns the facts for a report: fixed ones, or a whole read of the
// cluster with its progress on stderr. When ctx ends first it returns what has
// been read so far, without an error; the caller sees ctx.
func (a *app) read(ctx context.Context, cmd *cobra.Command, t terminal) (advisor.Facts, error) {
	if f, ok, err := a.fixed(ctx, cmd); ok || err != nil {
		return f, err
	}
	f, err := a.readCluster(ctx, t)
	if err != nil {
		return f, a.nothingToComplete(cmd, err)
	}
	return a.completed(f)
}

// readCluster reads the whole cluster of the kubeconfig.
func (a *app) readCluster(ctx context.Context, t terminal) (advisor.Facts, error) {
	_, closeLog, err := quiet(a.flags.log)
	if err != nil {
		return advisor.Facts{}, err
	}
	defer closeLog()
	client, config, err := a.connect()
	if err != nil {
		return advisor.Facts{}, err
	}
	if err := a.signIn(ctx, client, config); err != nil {
		return advisor.Facts{}, err
	}
	survey := client.Start(ctx)
	stop := showProgress(a.cursor, t.progress, func() string { return progressLine(a.voice, survey.Reading()) })
	r := survey.Wait()
	stop()
	if r.Err != nil && ctx.Err() == nil {
		return r.Facts, r.Err
	}
	if ctx.Err() != nil {
		return r.Facts, nil
	}
	if err := a.askPrometheus(ctx, r.Facts, survey.Addresses()); err != nil {
		return r.Facts, err
	}
	return r.Facts, a.askByForward(ctx, t, config, r.Facts)
}

// isNoCluster reports whether nothing names a cluster at all, as on a machine
// that has never seen Kubernetes.
func isNoCluster(err error) bool { return errors.Is(err, clientcmd.ErrEmptyConfig) }

func unwrapAll(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
