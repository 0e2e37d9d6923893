package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/report"
)

// typedFlags are those that describe a cluster without reading one.
func typedFlags() []string {
	return []string{"services", "endpoints", "nodes", "kernel", "kubernetes-version"}
}

// fixed returns the facts that do not come from a cluster; false if a cluster
// is to be read.
func (a *app) fixed(cmd *cobra.Command) (advisor.Facts, bool, error) {
	s := a.flags.source
	typed := slices.ContainsFunc(typedFlags(), cmd.Flags().Changed)
	given := 0
	for _, is := range []bool{s.facts != "", s.demo != "", typed} {
		if is {
			given++
		}
	}
	if given > 1 {
		return advisor.Facts{}, false, usagef(cmd, "--facts, --demo and typed figures (--%s) exclude each other", strings.Join(typedFlags(), ", --"))
	}
	if s.proxy != "" {
		if err := oneOf(cmd, "proxy-mode", s.proxy, proxyModes()); err != nil {
			return advisor.Facts{}, false, err
		}
	}
	var f advisor.Facts
	var err error
	switch {
	case s.facts != "":
		f, err = a.readFacts(s.facts)
	case s.demo != "":
		f, err = a.demo(cmd, s.demo)
	case typed:
		f, err = a.typed(cmd)
	default:
		return f, false, nil
	}
	if err != nil {
		return f, true, err
	}
	return withMode(f, s.proxy), true, nil
}

// withMode fills in the mode that --proxy-mode names where the facts do not
// show one; what was seen is never overruled.
func withMode(f advisor.Facts, mode string) advisor.Facts {
	if mode == "" {
		return f
	}
	const source = "--proxy-mode"
	f.Groups = slices.Clone(f.Groups)
	for i := range f.Groups {
		p := &f.Groups[i].Proxy
		impl, seen := p.Implementation.Get()
		if p.Mode.State != advisor.Unknown || seen && impl != advisor.KubeProxy {
			continue
		}
		p.Implementation = advisor.KnownFrom(advisor.KubeProxy, source)
		p.Mode = advisor.KnownFrom(advisor.Mode(mode), source)
		if mode == "none" {
			p.Implementation = advisor.AbsentFrom[advisor.Implementation](source)
			p.Mode = advisor.AbsentFrom[advisor.Mode](source)
		}
		p.Evidence = append(slices.Clone(p.Evidence), advisor.Evidence{Source: source, Says: mode})
	}
	return f
}

func (a *app) readFacts(file string) (advisor.Facts, error) {
	if file == "-" {
		return decodeFacts(a.in, "standard input")
	}
	return openFacts(file)
}

// openFacts reads a snapshot file.
func openFacts(file string) (advisor.Facts, error) {
	f, err := os.Open(file)
	if err != nil {
		return advisor.Facts{}, failure{report.Problem{
			Sentence: fmt.Sprintf("The snapshot cannot be read: %v.", err),
			Remedy:   "Write one with \"kpadvisor snapshot -o FILE\".",
		}, Failure}
	}
	defer f.Close()
	return decodeFacts(f, file)
}

func decodeFacts(r io.Reader, name string) (advisor.Facts, error) {
	f, err := cluster.ReadSnapshot(r)
	if err != nil {
		return f, failure{report.Problem{
			Sentence: fmt.Sprintf("The snapshot %s cannot be used: %v.", name, unwrapAll(err)),
			Remedy:   "Write one with \"kpadvisor snapshot -o FILE\".",
		}, Failure}
	}
	return f, nil
}

func (a *app) demo(cmd *cobra.Command, name string) (advisor.Facts, error) {
	for _, f := range a.demos {
		if demoName(f) == demoName(advisor.Facts{Name: name}) {
			return f, nil
		}
	}
	return advisor.Facts{}, usagef(cmd, "--demo %q is none of %s", name, strings.Join(a.demoNames(), ", "))
}

// demoName is what --demo calls a demo: "short" for "demo-short".
func demoName(f advisor.Facts) string { return strings.TrimPrefix(f.Name, "demo-") }

func (a *app) demoNames() []string {
	names := make([]string, len(a.demos))
	for i, f := range a.demos {
		names[i] = demoName(f)
	}
	return names
}

// read returns the facts for a report: fixed ones, or a whole read of the
// cluster with its progress on stderr. When ctx ends first it returns what has
// been read so far, without an error; the caller sees ctx.
func (a *app) read(ctx context.Context, cmd *cobra.Command, t terminal) (advisor.Facts, error) {
	if f, ok, err := a.fixed(cmd); ok || err != nil {
		return f, err
	}
	return a.readCluster(ctx, t)
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
	stop := showProgress(a.err, t.progress, func() string { return progressLine(survey.Reading()) })
	r := survey.Wait()
	stop()
	if r.Err != nil && ctx.Err() == nil {
		return r.Facts, r.Err
	}
	return r.Facts, nil
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
