package evidence

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
)

// OfRun is what a run of the probe, or of the lab, says about the modes that it was
// about. It refuses what cannot stand for a difference of modes.
func OfRun(r probe.Result) ([]advisor.Comparison, error) {
	if r.Labels[LabelLab] != "" {
		return ofLab(r)
	}
	if len(r.Series) != 2 {
		return nil, fmt.Errorf("it has %d targets, not two", len(r.Series))
	}
	a, b := advisor.Mode(r.Labels[LabelModeA]), advisor.Mode(r.Labels[LabelModeB])
	if !slices.Contains(advisor.Modes(), a) || !slices.Contains(advisor.Modes(), b) || a == b {
		return nil, errors.New("it does not say which two modes its targets run")
	}
	if r.Series[0].Resolved == r.Series[1].Resolved && r.Series[0].From == r.Series[1].From {
		return nil, errors.New("both targets are the same address")
	}
	c, err := difference(r, 0, 1)
	c.A, c.B = a, b
	c.Where = fmt.Sprintf("probe of %s and %s %s", placeOf(r.Series[0]), placeOf(r.Series[1]), c.Where)
	switch d := r.Compare(0, 1).Phases[basisOf(r)]; {
	case d.Over == probe.OverNodes:
		c.Where += fmt.Sprintf("; over %d and %d nodes", d.Units[0], d.Units[1])
	case d.Over == probe.OverServices:
		c.Where += fmt.Sprintf("; over %d and %d Services", d.Units[0], d.Units[1])
	case a == advisor.IPTables || b == advisor.IPTables:
		c.Where += "; one Service, whose place among the rules of iptables changes with each sync"
	}
	c.Single = r.Series[0].From != r.Series[1].From && r.Compare(0, 1).Phases[basisOf(r)].Over != probe.OverNodes
	return []advisor.Comparison{c}, err
}

// placeOf is what a series is of: an address, and the node that it was measured from.
func placeOf(s probe.Series) string {
	if s.From != "" {
		return s.Resolved + " from " + s.From
	}
	return s.Resolved
}

// difference compares two targets of a run; Where says when and by what.
func difference(r probe.Result, i, j int) (advisor.Comparison, error) {
	var c advisor.Comparison
	basis := basisOf(r)
	compared := r.Compare(i, j)
	d := compared.Phases[basis]
	switch {
	case r.Partial: // whoever stops a run when it shows a difference finds one more often than there is one
		return c, errors.New("it was stopped before its plan was done")
	case !d.Usable:
		return c, fmt.Errorf("the run supports no conclusion: %s", d.Why)
	case !d.Bounded, d.Blocks < probe.MinBlocks:
		return c, fmt.Errorf("%d blocks are too few, %d are needed", d.Blocks, probe.MinBlocks)
	}
	if text := r.Labels[LabelServices]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return c, errors.New("its number of Services is not a number")
		}
		c.Services = n
	}
	about := append([]string{fmt.Sprintf("by %s, %s", basis, r.Started.UTC().Format(time.DateOnly))}, compared.Warnings...)
	c.Where, c.Kernel = strings.Join(about, "; "), r.Environment.Kernel
	if r.Series[0].From != "" {
		c.Kernel = r.Series[0].Conditions.Kernel
	}
	c.MedianDiffNs, c.LowNs, c.HighNs = wholeNs(d.MedianDiffNs), wholeNs(d.LowNs), wholeNs(d.HighNs)
	c.Detected, c.Blocks, c.Arrival = d.Detected, d.Blocks, arrival(r.Plan)
	return c, nil
}

// basisOf is the phase by which targets are compared.
func basisOf(r probe.Result) probe.Phase { return probe.Between(r.Series...) }

func wholeNs(ns float64) int64 { return int64(math.Round(ns)) }
