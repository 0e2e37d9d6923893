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
	"kpadvisor/probe/lab"
	"kpadvisor/ui/report"
)

// readMeasured turns saved results of probes into evidence.
func readMeasured(files []string) (advisor.Measured, error) {
	var m advisor.Measured
	for _, file := range files {
		found, err := readComparisons(file)
		if err != nil {
			return m, failure{report.Problem{
				Sentence: fmt.Sprintf("The result %s is no evidence: %v.", file, plainText(err.Error())),
				Remedy:   "Save one with \"kpadvisor probe A B --mode-a MODE --mode-b MODE --services N --save FILE\"; --from takes the place of A and B for a run that was made already.",
			}, Failure}
		}
		m.Comparisons = append(m.Comparisons, found...)
	}
	return m, nil
}

func readComparisons(file string) ([]advisor.Comparison, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, unwrapAll(err)
	}
	defer f.Close()
	r, err := probe.Read(f)
	if err != nil {
		return nil, unwrapAll(err)
	}
	return evidence(r)
}

// evidence is the one place where a measurement and the modes that it is about
// come together. It refuses what cannot stand for a difference of modes.
func evidence(r probe.Result) ([]advisor.Comparison, error) {
	if r.Labels[report.LabelLab] != "" {
		return labEvidence(r)
	}
	if len(r.Series) != 2 {
		return nil, fmt.Errorf("it has %d targets, not two", len(r.Series))
	}
	a, b := advisor.Mode(r.Labels[report.LabelModeA]), advisor.Mode(r.Labels[report.LabelModeB])
	if !slices.Contains(advisor.Modes(), a) || !slices.Contains(advisor.Modes(), b) || a == b {
		return nil, errors.New("it does not say which two modes its targets run")
	}
	if r.Series[0].Resolved == r.Series[1].Resolved {
		return nil, errors.New("both targets are the same address")
	}
	c, err := difference(r, 0, 1)
	c.A, c.B = a, b
	c.Where = strings.Join(append([]string{fmt.Sprintf("probe of %s and %s", r.Series[0].Resolved, r.Series[1].Resolved)}, c.Where), " ")
	return []advisor.Comparison{c}, err
}

// labEvidence compares the modes of a lab. Of iptables' two backends it takes
// the cheaper: which one a node uses is not known, and iptables must not look
// dearer than it may be.
func labEvidence(r probe.Result) ([]advisor.Comparison, error) {
	basis, at, backend := report.Basis(r), map[advisor.Mode]int{}, ""
	for i, s := range r.Series {
		switch m := lab.Mode(s.Target.Name); m {
		case lab.IPTablesLegacy, lab.IPTablesNFT:
			old, known := at[advisor.IPTables]
			if !known || s.Phases[basis].MedianNs < r.Series[old].Phases[basis].MedianNs {
				at[advisor.IPTables], backend = i, string(m)
			}
		case lab.NFTables:
			at[advisor.NFTables] = i
		case lab.IPVS:
			at[advisor.IPVS] = i
		case lab.Direct:
		}
	}
	var out []advisor.Comparison
	for _, pair := range [][2]advisor.Mode{{advisor.IPTables, advisor.NFTables}, {advisor.IPTables, advisor.IPVS}, {advisor.IPVS, advisor.NFTables}} {
		i, a := at[pair[0]]
		j, b := at[pair[1]]
		if !a || !b {
			continue
		}
		c, err := difference(r, i, j)
		if err != nil {
			return nil, err
		}
		c.A, c.B = pair[0], pair[1]
		c.Where = "lab on " + r.Labels[report.LabelLab] + " " + c.Where
		if backend != "" && c.A == advisor.IPTables {
			c.Where += ", " + backend
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("fewer than two modes were measured")
	}
	return out, nil
}

// difference compares two targets of a run; Where says when and by what.
func difference(r probe.Result, i, j int) (advisor.Comparison, error) {
	var c advisor.Comparison
	basis := report.Basis(r)
	compared := r.Compare(i, j)
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
	about := append([]string{fmt.Sprintf("by %s, %s", basis, r.Started.UTC().Format(time.DateOnly))}, compared.Warnings...)
	c.Where, c.Kernel = strings.Join(about, "; "), r.Environment.Kernel
	c.MedianDiffNs, c.LowNs, c.HighNs = wholeNs(d.MedianDiffNs), wholeNs(d.LowNs), wholeNs(d.HighNs)
	c.Detected, c.Blocks = d.Detected, d.Blocks
	return c, nil
}

func wholeNs(ns float64) int64 { return int64(math.Round(ns)) }
