package cli

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
)

// Typed figures complete what is read and never overrule it. With --services and
// no other source they describe a cluster of which nothing is read.

// typedFlags are those of the figures.
func typedFlags() []string {
	return []string{"services", "endpoints", "nodes", "kernel", "kubernetes-version", "proxy-mode"}
}

// connectionFlags are those that mean that a cluster is read.
func connectionFlags() []string {
	return []string{
		"kubeconfig", "context", "cluster", "server", "user", "token", "as", "as-group", "as-uid", "client-certificate",
		"client-key", "certificate-authority", "tls-server-name", "insecure-skip-tls-verify", "proxy-url",
	}
}

// given are those of the flags that the command line has, with their dashes.
func given(cmd *cobra.Command, flags ...string) []string {
	var all []string
	for _, f := range flags {
		if cmd.Flags().Changed(f) {
			all = append(all, "--"+f)
		}
	}
	return all
}

// checkTyped refuses figures that cannot be true, before anything is read.
func (a *app) checkTyped(cmd *cobra.Command) error {
	t := a.figures()
	for _, n := range []struct {
		flag string
		n    int
		why  string
	}{
		{"services", t.Services, "a cluster has at least the Service kubernetes"},
		{"endpoints", t.Endpoints, "a cluster has at least the endpoint of the Service kubernetes"},
		{"nodes", t.Nodes, "without a node there is nothing to run kube-proxy"},
	} {
		if n.n == 0 && cmd.Flags().Changed(n.flag) {
			return usagef(cmd, "--%s 0 is of no cluster, because %s: leave it out if the number is not known", n.flag, n.why)
		}
	}
	if t.ProxyMode != "" {
		if err := oneOf(cmd, "proxy-mode", t.ProxyMode, proxyModes()); err != nil {
			return err
		}
	}
	if err := t.Check(); err != nil {
		return usagef(cmd, "%v", err)
	}
	return nil
}

// figures are those given as flags.
func (a *app) figures() cluster.TypedFacts {
	t := a.flags.source.typed
	t.ProxyMode = a.flags.source.proxy
	return t
}

// completed enters what nodes say and fills in what could not be read, and says on stderr
// what was read otherwise.
func (a *app) completed(f advisor.Facts) (advisor.Facts, error) {
	f, said, err := withReports(f, slices.Concat(a.overNetwork, a.reports))
	if err != nil {
		return f, err
	}
	f, more, err := cluster.Complete(f, a.figures())
	said = append(said, more...)
	for _, s := range said {
		fmt.Fprintln(a.err, a.voice.Said(s))
	}
	return f, err
}

// unused says on stderr which flags have no effect, and why.
func (a *app) unused(why string, flags []string) {
	switch len(flags) {
	case 0:
	case 1:
		fmt.Fprintln(a.err, a.voice.Sprintf("%s is not used, because %s.", flags[0], why))
	default:
		fmt.Fprintln(a.err, a.voice.Sprintf("%s are not used, because %s.", strings.Join(flags, ", "), why))
	}
}

// nothingToComplete turns the lack of a cluster into what the figures given would
// need.
func (a *app) nothingToComplete(cmd *cobra.Command, err error) error {
	flags := given(cmd, typedFlags()...)
	if !isNoCluster(err) || len(flags) == 0 {
		return err
	}
	const without = "give --services as well to describe a cluster without reading it"
	if len(flags) == 1 {
		return usagef(cmd, "%s completes what is read of a cluster, and no kubeconfig names one: "+without, flags[0])
	}
	return usagef(cmd, "%s complete what is read of a cluster, and no kubeconfig names one: "+without, strings.Join(flags, ", "))
}

// completing is a read whose facts are completed once it has ended: until then
// what is not known may still be read.
type completing struct {
	reading func() advisor.Reading
	figures cluster.TypedFacts
	reports []advisor.NodeReport

	mu   sync.Mutex
	done *advisor.Reading
	said []string
}

// look returns the reading, completed if it is over.
func (c *completing) look() advisor.Reading { return c.finish(c.reading()) }

func (c *completing) finish(r advisor.Reading) advisor.Reading {
	if !r.Done || r.Err != nil && !r.Facts.Nodes.IsKnown() && !r.Facts.Services.IsKnown() {
		return r
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		f, said := advisor.WithReports(r.Facts, c.reports)
		f, more, err := cluster.Complete(f, c.figures)
		if err == nil { // the figures were checked before
			r.Facts, c.said = f, append(said, more...)
		}
		c.done = &r
	}
	out := *c.done
	out.Facts.Groups = slices.Clone(out.Facts.Groups)
	return out
}
