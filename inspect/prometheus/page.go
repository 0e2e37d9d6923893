package prometheus

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Metrics of kube-proxy that are asked for.
func histograms() []string {
	return []string{
		"kubeproxy_sync_proxy_rules_duration_seconds", "kubeproxy_sync_full_proxy_rules_duration_seconds",
		"kubeproxy_sync_partial_proxy_rules_duration_seconds", "kubeproxy_network_programming_duration_seconds",
	}
}

func plainMetrics() []string {
	const sync = "kubeproxy_sync_proxy_rules_"
	return []string{
		sync + "last_timestamp_seconds", sync + "last_queued_timestamp_seconds", sync + "iptables_total",
		sync + "service_changes_pending", sync + "endpoint_changes_pending",
		sync + "nftables_sync_failures_total", sync + "nftables_cleanup_failures_total", "kubernetes_build_info",
	}
}

// wanted are the names of the series.
func wanted() []string {
	out := plainMetrics()
	for _, h := range histograms() {
		out = append(out, h+"_(bucket|sum|count)")
	}
	return out
}

// ownLabels are those of the metrics themselves that matter: the rest are the target's.
func ownLabels() []string { return []string{"ip_family", "table", "le", "git_version"} }

// page is a page of metrics as kube-proxy serves it, of what was kept of it.
type page struct{ lines map[string][]line } // by the family

// line is a line of a page, with the upper bound of its bucket: buckets stand in order.
type line struct {
	text  string
	bound float64
}

// mostLines is what one kube-proxy has several times over.
const mostLines = 4_000

// add enters a series.
func (p *page) add(s series) {
	family := s.name()
	for _, h := range histograms() {
		if strings.HasPrefix(family, h+"_") {
			family = h
		}
	}
	if p.lines == nil {
		p.lines = map[string][]line{}
	}
	if len(p.lines[family]) == mostLines {
		return
	}
	var labels []string
	for _, name := range ownLabels() {
		if v, has := s.labels[name]; has {
			labels = append(labels, name+`="`+strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(v)+`"`)
		}
	}
	bound, err := strconv.ParseFloat(s.labels["le"], 64)
	if err != nil {
		bound = math.Inf(1)
	}
	p.lines[family] = append(
		p.lines[family],
		line{
			fmt.Sprintf("%s{%s} %s\n", s.name(), strings.Join(labels, ","), strconv.FormatFloat(s.value, 'g', -1, 64)),
			bound,
		},
	)
}

// text is the page.
func (p page) text() []byte {
	var b bytes.Buffer
	kinds := map[string]string{}
	for _, h := range histograms() {
		kinds[h] = "histogram"
	}
	for _, family := range append(plainMetrics(), histograms()...) {
		lines := p.lines[family]
		if len(lines) == 0 {
			continue
		}
		kind := kinds[family]
		if kind == "" {
			kind = "untyped"
		}
		fmt.Fprintf(&b, "# TYPE %s %s\n", family, kind)
		slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.bound, b.bound) })
		for _, l := range lines {
			b.WriteString(l.text)
		}
	}
	return b.Bytes()
}
