package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/report"
)

// readMeasured turns saved results of probes and of drills into evidence.
func readMeasured(files []string) (advisor.Measured, error) {
	var m advisor.Measured
	for _, file := range files {
		if err := addMeasured(&m, file); err != nil {
			return m, failure{report.Problem{
				Sentence: fmt.Sprintf("The result %s is no evidence: %v.", file, plainText(err.Error())),
				Remedy:   "Save one with \"kpadvisor lab drill --save FILE\", or with \"kpadvisor probe A B --mode-a MODE --mode-b MODE --services N --save FILE\"; --from takes the place of A and B for a run that was made already.",
			}, Failure}
		}
	}
	return m, nil
}

// addMeasured adds one file, a drill's if it says so and a probe's otherwise.
func addMeasured(m *advisor.Measured, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return unwrapAll(err)
	}
	var head struct{ Schema string }
	if json.Unmarshal(text, &head) == nil && head.Schema == lab.DrillSchema {
		d, err := readDrill(bytes.NewReader(text))
		m.Drills = append(m.Drills, d)
		return err
	}
	r, err := probe.Read(bytes.NewReader(text))
	if err != nil {
		return unwrapAll(err)
	}
	c, err := evidence(r)
	m.Comparisons = append(m.Comparisons, c)
	return err
}

// evidence is the one place where a measurement and the modes that it is about
// come together. It refuses what cannot stand for a difference of modes.
func evidence(r probe.Result) (advisor.Comparison, error) {
	var c advisor.Comparison
	if len(r.Series) != 2 {
		return c, fmt.Errorf("it has %d targets, not two", len(r.Series))
	}
	c.A, c.B = advisor.Mode(r.Labels[report.LabelModeA]), advisor.Mode(r.Labels[report.LabelModeB])
	if !slices.Contains(advisor.Modes(), c.A) || !slices.Contains(advisor.Modes(), c.B) || c.A == c.B {
		return c, errors.New("it does not say which two modes its targets run")
	}
	if r.Series[0].Resolved == r.Series[1].Resolved {
		return c, errors.New("both targets are the same address")
	}
	basis := report.Basis(r)
	compared := r.Compare(0, 1)
	d := compared.Phases[basis]
	switch {
	case !d.Usable:
		return c, fmt.Errorf("the run supports no conclusion: %s", d.Why)
	case !d.Bounded:
		return c, fmt.Errorf("%d blocks are too few, %d are needed", d.Blocks, probe.MinBlocks)
	}
	if text := r.Labels[report.LabelServices]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return c, errors.New("its number of Services is not a number")
		}
		c.Services = n
	}
	about := append([]string{fmt.Sprintf("probe of %s and %s by %s, %s", r.Series[0].Resolved, r.Series[1].Resolved, basis,
		r.Started.UTC().Format(time.DateOnly))}, compared.Warnings...)
	c.Where, c.Kernel = strings.Join(about, "; "), r.Environment.Kernel
	c.MedianDiffNs, c.LowNs, c.HighNs = wholeNs(d.MedianDiffNs), wholeNs(d.LowNs), wholeNs(d.HighNs)
	c.Detected, c.Blocks = d.Detected, d.Blocks
	return c, nil
}

func wholeNs(ns float64) int64 { return int64(math.Round(ns)) }
