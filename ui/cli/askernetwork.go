package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"kpadvisor/advisor"
	"kpadvisor/inspect/forward"
	"kpadvisor/inspect/prometheus"
	"kpadvisor/plain"
	"kpadvisor/ui/tui/ask"
)

// overNetwork is an asking that creates nothing.
type overNetwork struct {
	run      func(ctx context.Context, tell func(done, of int)) (ask.Answer, error)
	done, of atomic.Int64
}

// Progress implements [ask.Asking].
func (o *overNetwork) Progress() ask.Progress {
	return ask.Progress{Done: int(o.done.Load()), Of: int(o.of.Load())}
}

// Ask implements [ask.Asking].
func (o *overNetwork) Ask(ctx context.Context) (ask.Answer, error) {
	out, err := o.run(ctx, func(done, of int) {
		o.done.Store(int64(done))
		o.of.Store(int64(of))
	})
	if err != nil {
		err = inWords(clusterFailure(ctx, err))
	}
	return out, err
}

// byForward asks kube-proxies through port-forward.
func (a asker) byForward(ctx context.Context, r ask.Request, facts advisor.Facts) (ask.Plan, error) {
	client, err := forward.Connect(a.live.config)
	if err != nil {
		return ask.Plan{}, err
	}
	groups, all := []forward.Group{{Nodes: r.Group.Members, Port: r.Group.Proxy.Config.MetricsPort}}, r.Scope == ask.AllNodes
	if r.Scope == ask.EachGroup {
		groups, all = forwardGroups(facts, oneOfEach)
	}
	answers, err := client.Review(ctx, groups)
	if err != nil {
		return ask.Plan{}, err
	}
	nodes := len(groups)
	if all {
		nodes = len(r.Group.Members)
	}
	return ask.Plan{
		Does: []string{
			fmt.Sprintf("A connection to 127.0.0.1:%d of %s is made through a pod that uses the node's network.", cmp.Or(groups[0].Port, forward.MetricsPort), plain.Count(nodes, "node")),
			"/proxyMode, /configz and /metrics of kube-proxy are read.",
		},
		Rights: rightsNeeded(answers), Denied: missingRights(answers, forward.RoleCommand, answers[0].Namespace),
		Asking: &overNetwork{run: func(ctx context.Context, tell func(done, of int)) (ask.Answer, error) {
			got, err := client.Ask(ctx, groups, all, tell)
			return ask.Answer{Reports: got.Reports, Said: got.Said, Again: forwardedAgain(r.Scope, got.Reports)}, err
		}},
	}, nil
}

// forwardedAgain is the flag that asks the same nodes again.
func forwardedAgain(scope ask.Scope, reports []advisor.NodeReport) string {
	const most = 20 // names in a command
	var names []string
	for _, r := range reports {
		names = append(names, r.Node)
	}
	switch {
	case scope == ask.EachGroup:
		return "--port-forward"
	case len(names) == 0:
		return ""
	case len(names) > most:
		return "--port-forward=" + everyNode
	}
	return "--port-forward=" + shellWord(strings.Join(names, ","))
}

// byPrometheus reads what a Prometheus server keeps of the nodes. It is asked once.
func (a asker) byPrometheus(ctx context.Context, r ask.Request, facts advisor.Facts) (ask.Plan, error) {
	client, err := prometheus.New(ctx, prometheus.Options{URL: r.URL, Match: r.Match, Token: lookup(a.app.env)("PROMETHEUS_TOKEN")})
	if err != nil {
		return ask.Plan{}, err
	}
	wanted := map[string]bool{}
	for _, name := range r.Group.Members {
		wanted[name] = true
	}
	nodes := prometheusNodes(facts, a.live.addresses())
	for i := range nodes {
		nodes[i].Spared = r.Scope != ask.EachGroup && !wanted[nodes[i].Name]
	}
	again := "--prometheus " + shellWord(withoutUser(r.URL))
	if r.Match != "" {
		again += " --prometheus-match " + shellWord(r.Match)
	}
	return ask.Plan{
		Does: []string{
			fmt.Sprintf("Prometheus at %s is asked for the metrics of kube-proxy, and of IPVS from node_exporter.", client.Server()),
			"No node is asked.",
		},
		Asking: &overNetwork{run: func(ctx context.Context, _ func(done, of int)) (ask.Answer, error) {
			reports, said, err := client.Read(ctx, nodes)
			return ask.Answer{Reports: reports, Said: said, Again: again}, err
		}},
	}, nil
}
