package node

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
)

// metrics are the families of kube-proxy's metrics that matter, by name; nil where none
// were read.
type metrics map[string]*dto.MetricFamily

const prefix = "kubeproxy_sync_"

// What a page has of these families is some hundred lines; and a parsed line takes more
// memory than its text.
const (
	maxLines = 5_000
	maxLine  = 2 << 10
)

// The sections of metrics: the page that kube-proxy serves, and what somebody kept of one,
// of which any part may have been dropped.
const (
	pageSection = "kube-proxy.metrics"
	keptSection = "kube-proxy.metrics.kept"
)

// metrics parses the page, or what was kept of one where there is none. whole is whether
// what it lacks is lacking at kube-proxy as well.
func (r raw) metrics() (m metrics, whole bool) {
	name := pageSection
	if _, known := r.sections[pageSection]; !known {
		name = keptSection
	}
	text, ok := r.sections[name].text()
	if !ok {
		return nil, false
	}
	return parseMetrics(text), name == pageSection
}

// parseMetrics parses a page, without the lines that do not matter.
func parseMetrics(text string) metrics {
	var b bytes.Buffer
	n := 0
	for line := range strings.Lines(text) {
		name := strings.TrimPrefix(line, "# TYPE ")
		if !strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, "kubeproxy_network_programming_duration_seconds") &&
			!strings.HasPrefix(name, "kubernetes_build_info") {
			continue
		}
		if n++; n > maxLines || len(line) > maxLine {
			return nil
		}
		b.WriteString(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r") + "\n")
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(&b)
	if err != nil || len(families) == 0 {
		return nil
	}
	return families
}

// each visits the samples of a family.
func (m metrics) each(name string, visit func(labels map[string]string, s *dto.Metric)) {
	for _, s := range m[name].GetMetric() {
		labels := map[string]string{}
		for _, l := range s.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		visit(labels, s)
	}
}

// value is that of a gauge or counter; ok is false where it is no number.
func value(s *dto.Metric) (x float64, ok bool) {
	switch {
	case s.GetGauge() != nil:
		x = s.GetGauge().GetValue()
	case s.GetCounter() != nil:
		x = s.GetCounter().GetValue()
	case s.GetUntyped() != nil:
		x = s.GetUntyped().GetValue()
	default:
		return 0, false
	}
	return x, x >= 0 && x < 1e12
}

// version is kube-proxy's own.
func (m metrics) version() advisor.Fact[string] {
	out := advisor.Fact[string]{}
	m.each("kubernetes_build_info", func(labels map[string]string, _ *dto.Metric) {
		v := labels["git_version"]
		if _, err := release.ParseVersion(v); err == nil && len(v) < 64 {
			out = advisor.KnownFrom(v, source("metrics of kube-proxy"))
		}
	})
	return out
}

// contradicts reports metrics that a kube-proxy in a mode does not have: it counts
// iptables rules in iptables mode alone, and knows full syncs apart in all but IPVS.
func (m metrics) contradicts(mode advisor.Mode) bool {
	full := 0
	m.each(prefix+"full_proxy_rules_duration_seconds", func(_ map[string]string, s *dto.Metric) {
		if s.GetHistogram().GetSampleCount() > 0 {
			full++
		}
	})
	rules := m[prefix+"proxy_rules_iptables_total"] != nil
	return rules && mode == advisor.NFTables || full > 0 && mode == advisor.IPVS
}

// infers is the mode that metrics show: by what kube-proxy counts in one mode alone. A
// page from which something was dropped shows nothing by what it lacks; and no metric is
// of IPVS mode alone.
func (m metrics) infers(whole bool) advisor.Fact[advisor.Mode] {
	iptables := len(m[prefix+"proxy_rules_iptables_total"].GetMetric()) > 0
	nftables := len(m[prefix+"proxy_rules_nftables_sync_failures_total"].GetMetric())+
		len(m[prefix+"proxy_rules_nftables_cleanup_failures_total"].GetMetric()) > 0
	full := len(m[prefix+"full_proxy_rules_duration_seconds"].GetMetric()) > 0
	from := source("inferred from metrics of kube-proxy")
	switch {
	case iptables && !nftables:
		return advisor.KnownFrom(advisor.IPTables, from)
	case nftables && !iptables, whole && full && !iptables:
		return advisor.KnownFrom(advisor.NFTables, from)
	}
	return advisor.Fact[advisor.Mode]{}
}

// syncs are the times of syncs, by kind and family.
func (m metrics) syncs(mode advisor.Mode) []advisor.SyncTimes {
	kinds := []struct {
		kind advisor.SyncKind
		name string
	}{
		{advisor.AllSyncs, prefix + "proxy_rules_duration_seconds"},
		{advisor.FullSyncs, prefix + "full_proxy_rules_duration_seconds"},
		{advisor.PartialSyncs, prefix + "partial_proxy_rules_duration_seconds"},
		{advisor.Programming, "kubeproxy_network_programming_duration_seconds"},
	}
	var out []advisor.SyncTimes
	for _, k := range kinds {
		if (k.kind == advisor.FullSyncs || k.kind == advisor.PartialSyncs) && mode != advisor.IPTables && mode != advisor.NFTables {
			continue
		}
		m.each(k.name, func(labels map[string]string, s *dto.Metric) {
			family := labels["ip_family"]
			if t, ok := times(s.GetHistogram()); ok && (family == "" || family == "IPv4" || family == "IPv6") && len(out) < 16 {
				t.Kind, t.Family = k.kind, family
				out = append(out, t)
			}
		})
	}
	return out
}

// times are what a histogram tells for sure; ok is false where it is empty or cannot be
// true.
func times(h *dto.Histogram) (t advisor.SyncTimes, ok bool) {
	count, sum := h.GetSampleCount(), h.GetSampleSum()
	const most = 1e8 // seconds, and syncs: three years
	if count == 0 || count > most || !(sum >= 0 && sum <= most) {
		return t, false
	}
	last := uint64(0)
	for _, b := range h.GetBucket() {
		if b.GetCumulativeCount() < last || b.GetCumulativeCount() > count || math.IsNaN(b.GetUpperBound()) {
			return t, false
		}
		last = b.GetCumulativeCount()
	}
	if !slices.IsSortedFunc(h.GetBucket(), func(a, b *dto.Bucket) int { return cmp.Compare(a.GetUpperBound(), b.GetUpperBound()) }) {
		return t, false
	}
	t = advisor.SyncTimes{Count: int(count), Sum: seconded(sum)}
	t.Half, t.Most = where(h, 0.5, 3), where(h, 0.99, 100)
	return t, true
}

// where is the bucket that a quantile lies in, if there are enough samples to speak of it.
func where(h *dto.Histogram, quantile float64, least uint64) advisor.TimeRange {
	if h.GetSampleCount() < least || len(h.GetBucket()) == 0 {
		return advisor.TimeRange{Unknown: true}
	}
	rank := uint64(math.Ceil(quantile * float64(h.GetSampleCount())))
	low := 0.0
	for _, b := range h.GetBucket() {
		high := b.GetUpperBound()
		if b.GetCumulativeCount() >= rank && !math.IsInf(high, 1) {
			return advisor.TimeRange{Low: seconded(low), High: seconded(high)}
		}
		if !math.IsInf(high, 1) {
			low = high
		}
	}
	return advisor.TimeRange{Low: seconded(low), Open: true}
}

// seconded is a time given in seconds.
func seconded(s float64) time.Duration {
	return time.Duration(min(max(s, 0), 1e9) * float64(time.Second))
}

// waiting is for how long at least changes had waited for a sync at the time of the report,
// in seconds since 1970: each change asks for a sync again, so that it is the wait of the
// newest. It is in whole seconds, as date tells them, and unknown below one. A sync that
// was long ago is no symptom: only one that was asked for since.
func (m metrics) waiting(now string) (wait advisor.Fact[time.Duration], pending bool) {
	at, err := strconv.ParseFloat(now, 64)
	queued, last := m.stamps("last_queued_timestamp_seconds"), m.stamps("last_timestamp_seconds")
	longest, known := 0.0, false
	for family, q := range queued {
		l, synced := last[family]
		if !synced { // its first sync goes on, or it has nothing to do: which one is not told
			continue
		}
		known = true
		if q > l {
			pending, longest = true, max(longest, at-q)
		}
	}
	if err != nil || !known || pending && longest < 1 {
		return advisor.Fact[time.Duration]{}, pending
	}
	return advisor.KnownFrom(seconded(longest).Truncate(time.Second), source("metrics of kube-proxy")), pending
}

// stamps are the values of a family by IP family.
func (m metrics) stamps(name string) map[string]float64 {
	out := map[string]float64{}
	m.each(prefix+"proxy_rules_"+name, func(labels map[string]string, s *dto.Metric) {
		if x, ok := value(s); ok && x > 0 {
			out[labels["ip_family"]] = x
		}
	})
	return out
}

// rules is what kube-proxy counts of its own in IPv4, where nothing is about to change it.
// Before 1.33 both families wrote the same figure.
func (m metrics) rules(mode advisor.Mode, pending bool) advisor.Fact[int] {
	if mode != advisor.IPTables {
		return advisor.Fact[int]{}
	}
	for _, name := range []string{"service_changes_pending", "endpoint_changes_pending"} {
		m.each(prefix+"proxy_rules_"+name, func(_ map[string]string, s *dto.Metric) {
			x, _ := value(s)
			pending = pending || x > 0
		})
	}
	if pending {
		return advisor.UnknownFor[int](advisor.Late, "changes were waiting")
	}
	sum, tables := 0.0, map[string]bool{}
	m.each(prefix+"proxy_rules_iptables_total", func(labels map[string]string, s *dto.Metric) {
		if x, ok := value(s); ok && labels["ip_family"] == "IPv4" && x < 1e8 {
			sum += x
			tables[labels["table"]] = true
		}
	})
	if len(tables) != 2 || !tables["nat"] || !tables["filter"] {
		return advisor.Fact[int]{}
	}
	return advisor.KnownFrom(int(sum), source("metrics of kube-proxy"))
}
