package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/files"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/report"
)

// readMeasured turns saved results of probes, sweeps and drills into evidence.
func readMeasured(ctx context.Context, names []string) (advisor.Measured, error) {
	var m advisor.Measured
	for _, name := range names {
		text, err := files.Read(ctx, name, maxInput)
		if err == nil {
			err = addMeasured(&m, text)
		} else {
			err = unwrapAll(err)
		}
		if err != nil {
			return m, unread(ctx, err, "The result %s is no evidence: %s.", name,
				"Save one with \"kpadvisor lab sweep --save FILE\", with \"kpadvisor lab drill --save FILE\", or with \"kpadvisor probe A B --rate 100 --mode-a MODE --mode-b MODE --services N --save FILE\"; --from takes the place of A and B for a run that was made already.")
		}
	}
	return m, nil
}

// addMeasured adds one document, a sweep's or a drill's if it says so and a probe's
// otherwise.
func addMeasured(m *advisor.Measured, text []byte) error {
	var head struct {
		Schema string `json:"schema"`
	}
	_ = json.Unmarshal(text, &head) // what is wrong with it is said below
	switch head.Schema {
	case lab.Schema:
		r, err := lab.Read(bytes.NewReader(text))
		if err != nil {
			return unwrapAll(err)
		}
		found, err := breakEvens(r)
		m.BreakEvens = append(m.BreakEvens, found...)
		return err
	case lab.DrillSchema:
		d, err := readDrill(bytes.NewReader(text))
		m.Drills = append(m.Drills, d)
		return err
	}
	r, err := probe.Read(bytes.NewReader(text))
	if err != nil {
		return unwrapAll(err)
	}
	found, err := evidence(r)
	m.Comparisons = append(m.Comparisons, found...)
	return err
}

// breakEvens is what a sweep says about modes changing places. User-mode Linux
// is no node's kernel whatever its number, so that is never a match.
func breakEvens(r lab.Result) ([]advisor.BreakEven, error) {
	kernel := r.Environment.Kernel
	if r.Environment.Where != lab.OnThisMachine {
		kernel += ", " + r.Environment.Where
	}
	var out []advisor.BreakEven
	for _, e := range r.BreakEven {
		if e.Outcome == lab.OneSize {
			continue
		}
		b := advisor.BreakEven{
			A: advisor.IPTables, Backend: release.BackendLegacy, B: advisor.Mode(e.B), Outcome: advisor.BreakEvenOutcome(e.Outcome),
			Services: e.Services, Low: e.Low, High: e.High, RulesPerPort: max(1, r.Environment.RulesPerPort), Kernel: kernel,
			Arrival: sweptArrival(e.Load, r.Environment.Cold),
			Where:   fmt.Sprintf("lab sweep, %s, %s", r.Environment.Where, r.Environment.Started.UTC().Format(time.DateOnly)),
		}
		if e.A == lab.IPTablesNFT {
			b.Backend = release.BackendNFT
		}
		for _, d := range lab.EffectsOf(r.Points, e.Load, e.A, e.B) {
			b.Differences = append(b.Differences, advisor.SizeDifference{Services: d.Services, DiffNs: d.Ns, LowNs: d.LowNs, HighNs: d.HighNs})
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		return nil, errors.New("it has not measured iptables and another mode at two numbers of Services or more")
	}
	return out, nil
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
	if r.Series[0].Resolved == r.Series[1].Resolved && r.Series[0].From == r.Series[1].From {
		return nil, errors.New("both targets are the same address")
	}
	c, err := difference(r, 0, 1)
	c.A, c.B = a, b
	c.Where = fmt.Sprintf("probe of %s and %s %s", placeOf(r.Series[0]), placeOf(r.Series[1]), c.Where)
	switch d := r.Compare(0, 1).Phases[report.Basis(r)]; {
	case d.Over == probe.OverNodes:
		c.Where += fmt.Sprintf("; over %d and %d nodes", d.Units[0], d.Units[1])
	case d.Over == probe.OverServices:
		c.Where += fmt.Sprintf("; over %d and %d Services", d.Units[0], d.Units[1])
	case a == advisor.IPTables || b == advisor.IPTables:
		c.Where += "; one Service, whose place among the rules of iptables changes with each sync"
	}
	c.Single = r.Series[0].From != r.Series[1].From && r.Compare(0, 1).Phases[report.Basis(r)].Over != probe.OverNodes
	return []advisor.Comparison{c}, err
}

// placeOf is what a series is of: an address, and the node that it was measured from.
func placeOf(s probe.Series) string {
	if s.From != "" {
		return s.Resolved + " from " + s.From
	}
	return s.Resolved
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
		c.A, c.B, c.Single = pair[0], pair[1], true // a session builds each mode once
		if strings.HasPrefix(r.Labels[report.LabelLab], lab.InUML) {
			c.Kernel += ", " + lab.InUML // no node's kernel, whatever its number
		}
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
	if r.Series[0].From != "" {
		c.Kernel = r.Series[0].Conditions.Kernel
	}
	c.MedianDiffNs, c.LowNs, c.HighNs = wholeNs(d.MedianDiffNs), wholeNs(d.LowNs), wholeNs(d.HighNs)
	c.Detected, c.Blocks, c.Arrival = d.Detected, d.Blocks, arrival(r.Plan)
	return c, nil
}

// What stands for a node that does other work between two connections: the pace and
// the least of memory written that cold figures were compared with the published ones
// at (100 per second; 1 and 64 MiB gave the same within their intervals). Faster, or
// with caches left alone, nobody has.
const (
	mostPaced       = lab.DefaultPerSecond
	leastEvictBytes = 1 << 20
)

// arrival is how the connections of a plan come: paced by a clock, or one as soon
// as another has ended.
func arrival(p probe.Plan) advisor.Arrival {
	if p.OpenLoop() && p.Rate <= mostPaced {
		return advisor.Cold
	}
	return advisor.Hot
}

// sweptArrival is that of a load of a sweep: its cold load may have been asked to be
// fast, or to leave the caches alone.
func sweptArrival(l lab.Load, p lab.Pacing) advisor.Arrival {
	if l == lab.Cold && p.PerSecond <= mostPaced && p.EvictBytes >= leastEvictBytes {
		return advisor.Cold
	}
	return advisor.Hot
}

func wholeNs(ns float64) int64 { return int64(math.Round(ns)) }
