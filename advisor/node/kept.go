package node

import (
	"bytes"
	"errors"
	"fmt"
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

// KeptRates is what somebody kept of node_exporter's metrics of IPVS: means over a time,
// and what was open at its end. A number below 0 is not known.
type KeptRates struct {
	Over         time.Duration
	NewPerSecond float64 // node_ipvs_connections_total
	Open         float64 // the sum of node_ipvs_backend_connections_active, at the end
	MeanOpen     float64 // the same, the mean over the time
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
	}{{"seconds", k.Over.Seconds()}, {"new", k.NewPerSecond}, {"open", k.Open}, {"mean", k.MeanOpen}} {
		if line.x >= 0 {
			fmt.Fprintf(&b, "%s %s\n", line.key, strconv.FormatFloat(line.x, 'g', -1, 64))
		}
	}
	w.Section(ratesSection, b.Bytes(), nil)
}

// keptHabits reads them. The mean life is by Little's law, of means over the same time.
func (r raw) keptHabits() []advisor.NodeHabits {
	text, ok := r.sections[ratesSection].text()
	if !ok {
		return nil
	}
	value := map[string]float64{}
	for line := range strings.Lines(text) {
		key, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if x, err := strconv.ParseFloat(number, 64); err == nil && x >= 0 && x < 1e9 && len(value) < 8 {
			value[key] = x
		}
	}
	perSecond, known := value["new"]
	if !known || value["seconds"] < 1 {
		return nil
	}
	h := advisor.NodeHabits{
		Method: advisor.ByIPVS, Over: seconded(value["seconds"]),
		New: advisor.KnownFrom(perSecond, source("node_ipvs_connections_total of node_exporter")),
	}
	const open = "node_ipvs_backend_connections_active of node_exporter"
	if x, known := value["open"]; known {
		h.Open = advisor.KnownFrom(int(x+0.5), source(open))
	}
	if x, known := value["mean"]; known && perSecond > 0 && x/perSecond < 1e6 {
		h.Life = advisor.KnownFrom(seconded(x/perSecond), source(open+" by Little's law"))
	}
	return []advisor.NodeHabits{h}
}
