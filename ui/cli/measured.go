package cli

import (
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
	"kpadvisor/ui/report"
)

// readMeasured turns saved results of probes into evidence.
func readMeasured(files []string) (advisor.Measured, error) {
	var m advisor.Measured
	for _, file := range files {
		c, err := readComparison(file)
		if err != nil {
			return m, failure{report.Problem{
				Sentence: fmt.Sprintf("The result %s is no evidence: %v.", file, plainText(err.Error())),
				Remedy:   "Save one with \"kpadvisor probe A B --mode-a MODE --mode-b MODE --services N --save FILE\"; --from takes the place of A and B for a run that was made already.",
			}, Failure}
		}
		m.Comparisons = append(m.Comparisons, c)
	}
	return m, nil
}

func readComparison(file string) (advisor.Comparison, error) {
	f, err := os.Open(file)
	if err != nil {
		return advisor.Comparison{}, unwrapAll(err)
	}
	defer f.Close()
	r, err := probe.Read(f)
	if err != nil {
		return advisor.Comparison{}, unwrapAll(err)
	}
	return evidence(r)
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
	if r.Series[0].Resolved == r.Series[1].Resolved && r.Series[0].From == r.Series[1].From {
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
	what := []string{r.Series[0].Resolved, r.Series[1].Resolved}
	for i := range what {
		if from := r.Series[i].From; from != "" {
			what[i] += " from " + from
		}
	}
	about := append([]string{fmt.Sprintf("probe of %s and %s by %s, %s", what[0], what[1], basis,
		r.Started.UTC().Format(time.DateOnly))}, compared.Warnings...)
	c.Where, c.Kernel = strings.Join(about, "; "), r.Environment.Kernel
	if r.Series[0].From != "" {
		c.Kernel = r.Series[0].Conditions.Kernel
	}
	c.MedianDiffNs, c.LowNs, c.HighNs = wholeNs(d.MedianDiffNs), wholeNs(d.LowNs), wholeNs(d.HighNs)
	c.Detected, c.Blocks = d.Detected, d.Blocks
	return c, nil
}

func wholeNs(ns float64) int64 { return int64(math.Round(ns)) }
