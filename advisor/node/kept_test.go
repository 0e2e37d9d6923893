package node

import (
	"os"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
)

// TestInferred: metrics show a mode by what one mode alone counts, and a page of which a
// part may be missing shows nothing by what it lacks. What the process says stands above.
func TestInferred(t *testing.T) {
	syncs := page(allSyncs, 1, 5, 6)
	full := strings.ReplaceAll(syncs, "sync_proxy", "sync_full_proxy")
	rules := "# TYPE kubeproxy_sync_proxy_rules_iptables_total gauge\nkubeproxy_sync_proxy_rules_iptables_total{table=\"nat\",ip_family=\"IPv4\"} 7\n"
	failures := "kubeproxy_sync_proxy_rules_nftables_sync_failures_total{ip_family=\"IPv4\"} 0\n"
	for name, c := range map[string]struct {
		section, text string
		want          advisor.Mode
	}{
		"rules":                {pageSection, syncs + rules, advisor.IPTables},
		"rules that were kept": {keptSection, syncs + rules, advisor.IPTables},
		"full syncs":           {pageSection, syncs + full, advisor.NFTables},
		"full syncs kept":      {keptSection, syncs + full, ""}, // its rules may have been dropped
		"failures":             {keptSection, syncs + failures, advisor.NFTables},
		"both":                 {pageSection, rules + failures, ""},
		"neither":              {pageSection, syncs, ""},
	} {
		r := only(t, written(c.section, c.text))
		if r.Mode.IsKnown() || r.Inferred.Value != c.want {
			t.Errorf("%s: %v, inferred %v", name, r.Mode, r.Inferred)
		}
	}
	r := only(t, written("kube-proxy.mode", "iptables", pageSection, syncs+rules))
	if r.Inferred.IsKnown() || r.Mode.Value != advisor.IPTables {
		t.Errorf("inferred although it was asked: %+v", r)
	}
	if r := only(t, written("kube-proxy.mode", "nftables", pageSection, syncs+rules)); r.Inferred.IsKnown() || r.Mode.IsKnown() {
		t.Errorf("what contradicts itself shows nothing: %+v", r)
	}
}

// TestOfMetrics: a saved page is a report of the node that it is said to be of.
func TestOfMetrics(t *testing.T) {
	text, err := os.ReadFile("testdata/iptables.txt")
	if err != nil {
		t.Fatal(err)
	}
	raws, err := split(text)
	if err != nil {
		t.Fatal(err)
	}
	page := raws[0].sections[pageSection].out
	r, err := OfMetrics("node-7", page)
	if err != nil || r.Node != "node-7" || r.Inferred.Value != advisor.IPTables || len(r.Syncs) == 0 || !r.Rules.IsKnown() || !r.Version.IsKnown() {
		t.Errorf("%v: %+v", err, r)
	}
	for name, page := range map[string]string{
		"nothing": "", "HTML": "<html><body>login</body></html>", "another's": "# TYPE go_goroutines gauge\ngo_goroutines 7\n",
		"a flood": strings.Repeat("x", MostSection+1), "broken": "kubeproxy_sync_proxy_rules_duration_seconds_bucket{le=\"",
	} {
		if r, err := OfMetrics("node-7", []byte(page)); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestKeptRates: a counter of the kernel says how many there were at least, and none that
// there was none. What is not known stays so.
func TestKeptRates(t *testing.T) {
	for name, c := range map[string]struct {
		kept KeptRates
		rate float64
		open int
	}{
		"all":            {KeptRates{time.Hour, 25, 50}, 25, 50},
		"without open":   {KeptRates{time.Hour, 25, -1}, 25, -1},
		"no connections": {KeptRates{time.Hour, 0, 0}, -1, 0},
		"only open":      {KeptRates{time.Hour, -1, 7}, -1, 7},
	} {
		r, err := Written("node-1", func(w *Writer) { w.Rates(c.kept) })
		if err != nil || r.NewConnections.Or(-1) != c.rate || r.AtLeast != (c.rate > 0) || c.rate > 0 && r.Over != time.Hour {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
		if (len(r.Habits) == 1) != (c.open >= 0) || len(r.Habits) == 1 && (r.Habits[0].Open.Value != c.open || r.Habits[0].New.IsKnown()) {
			t.Errorf("%s: %+v", name, r.Habits)
		}
	}
	for _, text := range []string{"", "new NaN\nseconds 60", "new 1e300\nseconds 60", "new 5", "new 5\nseconds -1", "new 5\nseconds 1e9", "open 5"} {
		if r := only(t, written(ratesSection, text)); r.Habits != nil || r.NewConnections.IsKnown() {
			t.Errorf("%q: %+v", text, r)
		}
	}
}
