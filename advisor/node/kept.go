package node

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// MostSection is how long a section may be, in bytes: of a longer one the rest is missing.
const MostSection = scriptLimit - 1

// OfMetrics is the report of a node of which a page of kube-proxy's metrics is known, and
// nothing else. The error is one sentence that says what is wrong with the page.
func OfMetrics(node string, page []byte) (advisor.NodeReport, error) {
	if len(page) > MostSection {
		return advisor.NodeReport{}, fmt.Errorf("it is larger than %d MiB", scriptLimit>>20)
	}
	if len(parseMetrics(string(page))) == 0 {
		return advisor.NodeReport{}, errors.New("it holds no metrics of kube-proxy")
	}
	return Written(node, func(w *Writer) { w.Page(page, nil) })
}

// Written is what a report says that write writes, under the name that its node has in the
// API.
func Written(node string, write func(*Writer)) (advisor.NodeReport, error) {
	var b bytes.Buffer
	w := NewWriter(&b)
	if node != "" {
		w.Section(SectionNode, []byte(node), nil)
	}
	write(w)
	if err := w.Close(); err != nil {
		return advisor.NodeReport{}, err
	}
	all, err := Parse(b.Bytes())
	if err != nil {
		return advisor.NodeReport{}, err
	}
	r := all[0]
	if node != "" {
		r.Node = plain.Text(node)
	}
	return r, nil
}

// KeptRates is what somebody kept of node_exporter's metrics of IPVS. A number below 0 is
// not known.
type KeptRates struct {
	Over         time.Duration // the time that NewPerSecond is the mean of
	NewPerSecond float64       // node_ipvs_connections_total
	Open         float64       // the sum of node_ipvs_backend_connections_active, at its end
}

const ratesSection = "ipvs.kept"

// Kept writes what somebody kept of kube-proxy's page of metrics, of which any part may
// have been dropped.
func (w *Writer) Kept(page []byte) { w.Section(keptSection, page, nil) }

// Page writes kube-proxy's page of metrics.
func (w *Writer) Page(page []byte, problem error) { w.Section(pageSection, page, problem) }

// Rates writes them as a section.
func (w *Writer) Rates(k KeptRates) {
	var b bytes.Buffer
	for _, line := range []struct {
		key string
		x   float64
	}{{"seconds", k.Over.Seconds()}, {"new", k.NewPerSecond}, {"open", k.Open}} {
		if line.x >= 0 {
			fmt.Fprintf(&b, "%s %s\n", line.key, strconv.FormatFloat(line.x, 'g', -1, 64))
		}
	}
	w.Section(ratesSection, b.Bytes(), nil)
}

// keptRates reads them. The counter is that of the kernel: whether it counted connections
// on a reused 5-tuple is not known here.
func (r raw) keptRates(out *advisor.NodeReport) {
	text, ok := r.sections[ratesSection].text()
	if !ok || text == "" {
		return
	}
	value := map[string]float64{}
	for line := range strings.Lines(text) {
		key, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if x, err := strconv.ParseFloat(number, 64); err == nil && x >= 0 && x <= mostPerSecond && len(value) < 8 {
			value[key] = x
		}
	}
	const unsure = "with conn_reuse_mode 0 node_exporter counts no connection on a reused 5-tuple"
	over := seconded(value["seconds"])
	rate, counted := value["new"]
	switch {
	case over < time.Second || over > longestHabits || out.NewConnections.IsKnown():
		return
	case counted && rate > 0:
		out.NewConnections, out.AtLeast, out.Over = advisor.KnownFrom(rate, source("node_ipvs_connections_total of node_exporter")), true, over
	case counted:
		out.NewConnections = advisor.UnknownFor[float64](advisor.Unreadable, unsure)
	}
	if x, known := value["open"]; known && !slices.ContainsFunc(out.Habits, func(h advisor.NodeHabits) bool { return h.Method == advisor.ByIPVS }) {
		out.Habits = append(out.Habits, advisor.NodeHabits{
			Method: advisor.ByIPVS, Over: over, New: advisor.UnknownFor[float64](advisor.Unreadable, unsure),
			Open: advisor.KnownFrom(int(x+0.5), source("node_ipvs_backend_connections_active of node_exporter")),
		})
	}
}
