package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/inspect/forward"
	"kpadvisor/inspect/prometheus"
	"kpadvisor/plain"
)

// What --port-forward takes beside names of nodes.
const (
	oneOfEach = "groups" // one node of each group
	everyNode = "all"
)

// addAsked declares the ways to ask nodes over the network, which nothing takes by itself.
func (a *app) addAsked(cmd *cobra.Command) {
	s := &a.flags.source
	group(cmd, groupAsked, func(fs *pflag.FlagSet) {
		fs.StringVar(&s.portForward, "port-forward", "", "ask kube-proxy itself for its mode, settings and metrics, through port-forward to a pod that uses the node's network: on one node of each group, or =all, or =NODE,...; nothing is created")
		fs.Lookup("port-forward").NoOptDefVal = oneOfEach
		p := &s.prometheus
		fs.StringVar(&p.URL, "prometheus", "", "read the metrics of kube-proxy, and of IPVS from node_exporter, from the Prometheus server at this URL")
		fs.StringVar(&p.Match, "prometheus-match", "", "label matchers for the series of this cluster, such as 'cluster=\"prod\"'")
		fs.DurationVar(&p.Window, "prometheus-window", prometheus.DefaultWindow, "time that rates of connections are taken over")
		fs.StringVar(&p.TokenFile, "prometheus-token-file", "", "file with a bearer token for Prometheus; PROMETHEUS_TOKEN may hold one instead")
		fs.StringVar(&p.CAFile, "prometheus-certificate-authority", "", "file with certificates that sign that of Prometheus")
		fs.StringVar(&p.CertFile, "prometheus-client-certificate", "", "file with a client certificate for Prometheus")
		fs.StringVar(&p.KeyFile, "prometheus-client-key", "", "file with its key")
		fs.BoolVar(&p.Insecure, "prometheus-insecure-skip-tls-verify", false, "do not check the certificate of Prometheus")
	})
}

// prepareAsking refuses what cannot work before anything is read.
func (a *app) prepareAsking(ctx context.Context, cmd *cobra.Command) error {
	o := a.flags.source.prometheus
	var others []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && strings.HasPrefix(f.Name, "prometheus-") {
			others = append(others, "--"+f.Name)
		}
	})
	switch {
	case o.URL == "" && len(others) > 0:
		return usagef(cmd, "%s is of no use without --prometheus", others[0])
	case o.URL == "":
		return nil
	case o.Window <= 0:
		return usagef(cmd, "--prometheus-window %v is below 0, or 0", o.Window)
	case (o.CertFile == "") != (o.KeyFile == ""):
		return usagef(cmd, "--prometheus-client-certificate and --prometheus-client-key go together")
	}
	if o.TokenFile == "" {
		o.Token = lookup(a.env)("PROMETHEUS_TOKEN")
	}
	var err error
	a.asked, err = prometheus.New(ctx, o)
	return inFailure(err)
}

// askPrometheus adds what Prometheus has of the nodes, whose addresses are known where a
// cluster was read. What somebody gave as a file stands above it.
func (a *app) askPrometheus(ctx context.Context, f advisor.Facts, addresses map[netip.Addr]string) error {
	if a.asked == nil {
		return nil
	}
	reports, said, err := a.asked.Read(ctx, prometheusNodes(f, addresses))
	if err != nil {
		return inFailure(err)
	}
	a.heard(reports, said)
	return nil
}

// prometheusNodes are the nodes of the facts.
func prometheusNodes(f advisor.Facts, addresses map[netip.Addr]string) []prometheus.Node {
	at := map[string][]netip.Addr{}
	for address, name := range addresses {
		at[plain.Text(name)] = append(at[plain.Text(name)], address)
	}
	var out []prometheus.Node
	for i, g := range f.Groups {
		if g.OS == "windows" {
			continue
		}
		for _, name := range g.Members {
			out = append(out, prometheus.Node{Name: name, Group: i, Addresses: at[name]})
		}
	}
	return out
}

// askByForward adds what kube-proxies say through port-forward, if that is wanted.
func (a *app) askByForward(ctx context.Context, t terminal, config *rest.Config, f advisor.Facts) error {
	wanted := a.flags.source.portForward
	if wanted == "" {
		return nil
	}
	client, err := forward.Connect(config)
	if err != nil {
		return err
	}
	groups, all := forwardGroups(f, wanted)
	var done, of atomic.Int64
	stop := showProgress(a.cursor, t.progress, func() string {
		return a.voice.Sprintf("Asking kube-proxies: %s of %s", plain.Number(int(done.Load())), plain.Number(int(of.Load())))
	})
	result, err := client.Ask(ctx, groups, all, func(n, most int) { done.Store(int64(n)); of.Store(int64(most)) })
	stop()
	switch {
	case ctx.Err() != nil:
		return nil // as far as the read came
	case err != nil:
		return inFailure(err)
	}
	a.heard(result.Reports, result.Said)
	return nil
}

// forwardGroups are the nodes to ask: those of a group stand for each other, unless each is
// wanted. Nodes that run no pods of others, or Windows, are left out unless they are named.
func forwardGroups(f advisor.Facts, wanted string) (groups []forward.Group, all bool) {
	named := strings.Split(wanted, ",")
	all = wanted != oneOfEach
	known := map[string]bool{}
	for _, g := range f.Groups {
		nodes := g.Members
		if all && wanted != everyNode {
			nodes = slices.DeleteFunc(slices.Clone(nodes), func(n string) bool { return !slices.Contains(named, n) })
		} else if g.OS == "windows" || g.Managed != "" {
			continue
		}
		for _, n := range nodes {
			known[n] = true
		}
		if len(nodes) > 0 {
			groups = append(groups, forward.Group{Nodes: nodes, Port: g.Proxy.Config.MetricsPort})
		}
	}
	if all && wanted != everyNode { // one that was not read is asked as well
		for _, n := range named {
			if n = strings.TrimSpace(n); n != "" && !known[n] {
				groups = append(groups, forward.Group{Nodes: []string{n}})
			}
		}
	}
	return groups, all
}

// heard adds reports that came over the network, of which more than one may be of a node:
// what kube-proxy itself says stands above what somebody kept of it. What was given as a
// file stands above both.
func (a *app) heard(reports []advisor.NodeReport, said []string) {
	for _, r := range reports {
		i := slices.IndexFunc(a.overNetwork, func(o advisor.NodeReport) bool { return o.Node != "" && strings.EqualFold(o.Node, r.Node) })
		if i < 0 {
			a.overNetwork = append(a.overNetwork, r)
		} else {
			a.overNetwork[i] = r.Above(a.overNetwork[i])
		}
	}
	for _, s := range said {
		fmt.Fprintln(a.err, a.voice.Said(plain.Line(s, mostSentence)))
	}
}

// inFailure is an error in the words of the user, as a command ends with it.
func inFailure(err error) error {
	var p *plain.Error
	if errors.As(err, &p) {
		return failure{p.Problem, Failure}
	}
	return err
}
