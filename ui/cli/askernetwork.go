package cli

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"kpadvisor/advisor"
	"kpadvisor/inspect/forward"
	"kpadvisor/inspect/prometheus"
	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/ui/tui/ask"
)

// byForward asks kube-proxies through port-forward.
func (a asker) byForward(ctx context.Context, r ask.Request, facts advisor.Facts) (ask.Plan, error) {
	client, err := forward.Connect(a.live.config)
	if err != nil {
		return ask.Plan{}, err
	}
	rights, err := jobs.Connect(a.live.config)
	if err != nil {
		return ask.Plan{}, err
	}
	answers, err := rights.Review(ctx, []jobs.Right{forward.Right("kube-system")})
	if err != nil {
		return ask.Plan{}, err
	}
	f := &forwarding{client: client, all: r.Scope == ask.AllNodes, again: "--port-forward=" + strings.Join(r.Group.Members, ",")}
	if r.Scope == ask.EachGroup {
		f.groups, f.all = forwardGroups(facts, oneOfEach)
		f.again = "--port-forward"
	} else {
		f.groups = []forward.Group{{Nodes: r.Group.Members, Port: r.Group.Proxy.Config.MetricsPort}}
	}
	return ask.Plan{
		Does: []string{
			"kube-proxy is asked for /proxyMode, /configz and /metrics at the loopback of its node, through port-forward to a pod that uses the node's network.",
			"Which pods run on the node is asked of the API server. Nothing is created.",
		},
		Rights: rightsNeeded(answers), Asking: f, // a pod of another namespace may do where this one is denied
	}, nil
}

// forwarding is that as a screen runs it.
type forwarding struct {
	client   *forward.Client
	groups   []forward.Group
	all      bool
	again    string
	done, of atomic.Int64
}

// Progress implements [ask.Asking].
func (f *forwarding) Progress() ask.Progress {
	return ask.Progress{Done: int(f.done.Load()), Of: int(f.of.Load())}
}

// Ask implements [ask.Asking].
func (f *forwarding) Ask(ctx context.Context) (ask.Answer, error) {
	result, err := f.client.Ask(ctx, f.groups, f.all, func(n, of int) { f.done.Store(int64(n)); f.of.Store(int64(of)) })
	out := ask.Answer{Reports: result.Reports, Said: result.Said, Again: f.again}
	if err != nil {
		return out, inWords(clusterFailure(ctx, inFailure(err)))
	}
	return out, nil
}

// byPrometheus reads what a Prometheus server keeps; token and certificates are those of
// the command line.
func (a asker) byPrometheus(ctx context.Context, r ask.Request, facts advisor.Facts) (ask.Plan, error) {
	o := a.app.flags.source.prometheus
	o.URL, o.Match = r.URL, r.Match
	if o.TokenFile == "" {
		o.Token = lookup(a.app.env)("PROMETHEUS_TOKEN")
	}
	client, err := prometheus.New(ctx, o)
	if err != nil {
		return ask.Plan{}, inFailure(err)
	}
	return ask.Plan{
		Does:   []string{fmt.Sprintf("The Prometheus server at %s is asked for the metrics of the nodes. Nothing is created.", client.Server())},
		Asking: scraped{client, prometheusNodes(facts, a.live.addresses()), "--prometheus " + shellWord(withoutUser(plain.Text(r.URL)))},
	}, nil
}

// scraped is that as a screen runs it.
type scraped struct {
	client *prometheus.Client
	nodes  []prometheus.Node
	again  string
}

// Progress implements [ask.Asking].
func (s scraped) Progress() ask.Progress { return ask.Progress{} }

// Ask implements [ask.Asking].
func (s scraped) Ask(ctx context.Context) (ask.Answer, error) {
	reports, said, err := s.client.Read(ctx, s.nodes)
	out := ask.Answer{Reports: reports, Said: said, Again: s.again}
	if err != nil {
		return out, inWords(clusterFailure(ctx, inFailure(err)))
	}
	return out, nil
}
