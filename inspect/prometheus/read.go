package prometheus

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/plain"
)

// MostNodes is how many nodes are read: of each group in turn.
const MostNodes = 200

// perQuery is how many targets one query is about, and how long it may be, in bytes: it
// is part of an address.
const (
	perQuery  = 20
	longQuery = 4_000
)

// Read makes reports of what the server keeps of the nodes. Without nodes, every target is
// taken for one that goes by the name that its labels give. said has a sentence for what
// was left out. The error is a [plain.Error] that says why nothing could be read.
func (c *Client) Read(ctx context.Context, nodes []Node) (reports []advisor.NodeReport, said []string, err error) {
	r := reading{Client: c, nodes: nodes, directory: directoryOf(nodes), found: map[string]*subject{}}
	proxies, err := r.discover(ctx, "kubeproxy_sync_proxy_rules_last_timestamp_seconds", "ip_family")
	if err != nil {
		return nil, nil, err
	}
	exporters, err := r.discover(ctx, "node_ipvs_connections_total")
	if err != nil {
		return nil, nil, err
	}
	if len(proxies)+len(exporters) == 0 {
		return nil, nil, plain.Fail(
			fmt.Sprintf("Prometheus at %s has no metrics of kube-proxy, nor of IPVS from node_exporter.", c.Server()),
			"Let it scrape port 10249 of the nodes, or widen --prometheus-match.",
			nil,
		)
	}
	r.place(proxies, func(s *subject) **target { return &s.proxy }, "kube-proxy")
	r.place(exporters, func(s *subject) **target { return &s.exporter }, "node_exporter")
	chosen := r.choose()
	if len(chosen) == 0 && r.spared > 0 {
		return nil, nil, plain.Fail(
			fmt.Sprintf("Prometheus at %s has metrics of other nodes, and none of those asked for.", c.Server()),
			"Let it scrape port 10249 of the nodes, or widen --prometheus-match.",
			nil,
		)
	}
	if len(chosen) == 0 {
		return nil, nil, plain.Fail(
			fmt.Sprintf("Prometheus at %s has metrics of %s, and none is of a node of this cluster.",
				c.Server(), plain.Count(len(proxies)+len(exporters), "target")),
			"Let the targets have a label node with the name of their node, or name this cluster's with --prometheus-match.",
			nil,
		)
	}
	if err := r.pages(ctx, chosen); err != nil {
		return nil, nil, err
	}
	if err := r.rates(ctx, chosen); err != nil {
		if ctx.Err() != nil {
			return nil, nil, err
		}
		r.said = append(r.said, err.Error())
	}
	for _, s := range chosen {
		report, err := s.report()
		if err != nil {
			return nil, nil, fmt.Errorf("writing the report of a node: %w", err)
		}
		reports = append(reports, report)
	}
	return reports, r.said, nil
}

// reading is one read of a server.
type reading struct {
	*Client
	nodes []Node
	directory
	found map[string]*subject // by name, or by address where there is none
	at    float64             // the time that all is of, as the server has it
	said  []string

	spared int // targets of nodes that were not asked for
}

// subject is a node, and what is known of it.
type subject struct {
	name            string
	group           int
	proxy, exporter *target
	page            page
	kept            node.KeptRates
}

// discover are the targets that have a metric.
func (r *reading) discover(ctx context.Context, metric string, own ...string) ([]target, error) {
	all, err := r.all(ctx, fmt.Sprintf("timestamp(%s{%s})", metric, strings.TrimSuffix(r.selector, ",")))
	if err != nil {
		return nil, err
	}
	return targets(all, own...), nil
}

// all are the series of a query.
func (r *reading) all(ctx context.Context, query string) ([]series, error) {
	var out []series
	at, err := r.get(ctx, query, r.at, func(s series) { out = append(out, s) })
	if r.at == 0 {
		r.at = at
	}
	return out, err
}

// place finds the nodes of targets. Of two targets that are of one node nobody knows which
// one is.
func (r *reading) place(all []target, of func(*subject) **target, what string) {
	strangers, doubtful := 0, map[string]bool{}
	for _, t := range all {
		name, group := hostOf(t), 0
		if len(r.nodes) > 0 {
			i, found := r.find(t)
			if !found {
				strangers++
				continue
			}
			if r.nodes[i].Spared {
				r.spared++
				continue
			}
			name, group = r.nodes[i].Name, r.nodes[i].Group
		}
		s := r.found[name]
		if s == nil {
			s = &subject{name: name, group: group}
			r.found[name] = s
		}
		if *of(s) != nil {
			doubtful[name] = true
		}
		*of(s) = &t
	}
	for name := range doubtful {
		*of(r.found[name]) = nil
	}
	if strangers > 0 {
		r.said = append(
			r.said,
			fmt.Sprintf("Prometheus has metrics of %s from %s, of no node of this cluster: they are not used.",
				what, plain.Count(strangers, "target")),
		)
	}
	if n := len(doubtful); n > 0 {
		r.said = append(
			r.said,
			fmt.Sprintf(
				"Prometheus has metrics of %s from several targets for %s, and they are not used: --prometheus-match tells clusters apart.",
				what,
				plain.Count(n, "node"),
			),
		)
	}
}

// choose takes nodes of each group in turn.
func (r *reading) choose() []*subject {
	groups := map[int][]*subject{}
	n := 0
	for _, s := range r.found {
		if s.proxy != nil || s.exporter != nil {
			groups[s.group] = append(groups[s.group], s)
			n++
		}
	}
	var order []int
	for g, of := range groups {
		slices.SortFunc(of, func(a, b *subject) int { return strings.Compare(a.name, b.name) })
		order = append(order, g)
	}
	slices.Sort(order)
	var out []*subject
	for i := 0; len(out) < min(n, MostNodes); i++ {
		for _, g := range order {
			if of := groups[g]; i < len(of) && len(out) < MostNodes {
				out = append(out, of[i])
			}
		}
	}
	if n > len(out) {
		r.said = append(
			r.said,
			fmt.Sprintf(
				"Of %s that Prometheus has metrics of, %s are read, of each group in turn.",
				plain.Count(n, "node"),
				plain.Number(len(out)),
			),
		)
	}
	return out
}

// batches cuts targets into those of one query, with the matcher for them.
func batches(all []*subject, of func(*subject) *target, take func(matcher string, some []*subject) error) error {
	var some []*subject
	var instances []string
	length := 0
	flush := func() error {
		if len(some) == 0 {
			return nil
		}
		err := take("instance=~"+strconv.Quote(strings.Join(instances, "|")), some)
		some, instances, length = nil, nil, 0
		return err
	}
	for _, s := range all {
		t := of(s)
		if t == nil {
			continue
		}
		text := regexp.QuoteMeta(t.labels["instance"])
		if len(some) == perQuery || length+len(text) > longQuery {
			if err := flush(); err != nil {
				return err
			}
		}
		some, instances, length = append(some, s), append(instances, text), length+len(text)
	}
	return flush()
}

// pages reads the metrics of kube-proxies.
func (r *reading) pages(ctx context.Context, all []*subject) error {
	of := func(s *subject) *target { return s.proxy }
	return batches(all, of, func(matcher string, some []*subject) error {
		found, err := r.all(ctx, fmt.Sprintf("{%s%s,__name__=~%q}", r.selector, matcher, strings.Join(wanted(), "|")))
		for _, s := range found {
			for _, sub := range some {
				if sub.proxy.owns(s) {
					sub.page.add(s)
				}
			}
		}
		return err
	})
}

// rates reads what node_exporters count of IPVS: new connections over the window where it
// is whole, and what is open.
func (r *reading) rates(ctx context.Context, all []*subject) error {
	window := promDuration(r.o.Window)
	const active = "sum without (local_address,local_port,local_mark,remote_address,remote_port,proto) (node_ipvs_backend_connections_active{%s})"
	for _, s := range all {
		s.kept = node.KeptRates{Over: r.o.Window, NewPerSecond: -1, Open: -1}
	}
	of := func(s *subject) *target { return s.exporter }
	return batches(all, of, func(matcher string, some []*subject) error {
		selector := r.selector + matcher
		for _, q := range []struct {
			query string
			into  func(*node.KeptRates) *float64
		}{
			{
				fmt.Sprintf(
					"rate(node_ipvs_connections_total{%[1]s}[%[2]s]) and node_ipvs_connections_total{%[1]s} offset %[2]s",
					selector, window,
				),
				func(k *node.KeptRates) *float64 { return &k.NewPerSecond },
			},
			{fmt.Sprintf(active, selector), func(k *node.KeptRates) *float64 { return &k.Open }},
		} {
			found, err := r.all(ctx, q.query)
			if err != nil {
				return err
			}
			for _, s := range found {
				for _, sub := range some {
					if sub.exporter.owns(s) {
						*q.into(&sub.kept) = s.value
					}
				}
			}
		}
		return nil
	})
}

// promDuration is a time as PromQL has it.
func promDuration(d time.Duration) string {
	return strconv.FormatInt(max(1, int64(d/time.Millisecond)), 10) + "ms"
}

// report is what is known of a node.
func (s *subject) report() (advisor.NodeReport, error) {
	return node.Written(s.name, func(w *node.Writer) {
		if s.proxy != nil {
			w.Kept(s.page.text())
			w.Section("time", strconv.AppendFloat(nil, s.proxy.at, 'f', 3, 64), nil)
		}
		if s.exporter != nil {
			w.Rates(s.kept)
		}
	})
}
