package probe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"kpadvisor/files"
	"kpadvisor/plain"
)

// Schema names the file format. Fields may be added to it, never renamed.
const Schema = "kpadvisor.probe/v1"

// maxFile is far above what a run writes (about 100 KB for two targets).
const maxFile = 64 << 20

// file is the format: everything needed to show a run again and to make it
// again. Units are in the names.
type file struct {
	Schema      string                    `json:"schema"`
	Environment Environment               `json:"environment"`
	Plan        Plan                      `json:"plan"`
	Started     time.Time                 `json:"started"`
	Elapsed     time.Duration             `json:"elapsedNs"`
	Partial     bool                      `json:"partial"`
	Stopped     string                    `json:"stopped,omitempty"` // why it ended itself
	Targets     []fileTarget              `json:"targets"`
	Controls    []fileTarget              `json:"controls,omitempty"`    // for each target the same thing reached directly
	Comparison  *PerPhase[fileDifference] `json:"comparison,omitempty"`  // of two targets; derived from their blocks
	Comparisons []fileComparison          `json:"comparisons,omitempty"` // of more than two: each with the first
	Direct      *PerPhase[fileDifference] `json:"direct,omitempty"`      // of the two controls, derived as well
	Units       []Unit                    `json:"units,omitempty"`       // of a run from several nodes
	Overlap     string                    `json:"overlap,omitempty"`     // why its sides cannot be compared
	Windows     []Window                  `json:"windows,omitempty"`
	Others      []Tally                   `json:"others,omitempty"`
	Warnings    []string                  `json:"warnings,omitempty"` // of the comparison
	SelfCheck   SelfCheck                 `json:"selfCheck"`
	Budget      Budget                    `json:"budget"`
	Findings    []Finding                 `json:"findings"`
	Notes       []string                  `json:"notes"`
	Labels      map[string]string         `json:"labels,omitempty"`
}

type fileTarget struct {
	Target
	From       string            `json:"from,omitempty"`
	Kernel     string            `json:"kernel,omitempty"` // of where it was measured, if From is given
	Resolved   string            `json:"resolved"`
	Requests   int64             `json:"requests"`
	Errors     map[Class]int64   `json:"errors"`
	OtherError string            `json:"otherError,omitempty"`
	Events     Events            `json:"events"`
	WarmUp     Tally             `json:"warmUp,omitzero"`
	Phases     PerPhase[Stats]   `json:"phases"`
	Blocks     []Block           `json:"blocks"`
	Intervals  []Interval        `json:"intervals"`
	Histograms PerPhase[Encoded] `json:"histograms"` // HdrHistogram V2 compressed, base64
}

// fileComparison is a Comparison among more than two targets.
type fileComparison struct {
	A        string                   `json:"a"`
	B        string                   `json:"b"`
	Phases   PerPhase[fileDifference] `json:"phases"`
	Warnings []string                 `json:"warnings,omitempty"`
}

// fileDifference is a Difference whose unknown numbers are null.
type fileDifference struct {
	MedianDiffNs *int64  `json:"medianDiffNs"`
	LowNs        *int64  `json:"lowNs"`
	HighNs       *int64  `json:"highNs"`
	Confidence   float64 `json:"confidence"`
	Detected     bool    `json:"detected"`
	Blocks       int     `json:"blocks"`
	SmallestNs   *int64  `json:"smallestNs,omitempty"` // older files have blocksNeeded instead, which nobody reads
	Usable       bool    `json:"usable"`
	Why          string  `json:"why,omitempty"`
	Over         Over    `json:"over,omitempty"`  // nodes or Services; rounds if absent
	Units        *[2]int `json:"units,omitempty"` // how many of those on each side
}

// Write writes the result as one JSON document, with what its targets come to
// when compared as [Pairs] says.
func Write(w io.Writer, r Result) error {
	f := file{
		Schema: Schema, Environment: r.Environment, Plan: r.Plan, Started: r.Started, Elapsed: r.Elapsed, Partial: r.Partial, Stopped: r.Stopped,
		Targets: targetsToFile(r.Series), Controls: targetsToFile(r.Controls), Windows: r.Windows, Others: r.Others, SelfCheck: r.SelfCheck, Budget: r.Budget, Findings: r.Findings, Notes: r.Notes, Labels: r.Labels,
		Units: r.Units, Overlap: r.Overlap,
	}
	if f.Findings == nil {
		f.Findings = []Finding{}
	}
	for _, c := range r.Comparisons() {
		phases := differencesToFile(c)
		if len(r.Series) == 2 {
			f.Comparison, f.Warnings = &phases, c.Warnings
		} else {
			f.Comparisons = append(f.Comparisons, fileComparison{A: c.A, B: c.B, Phases: phases, Warnings: c.Warnings})
		}
	}
	if c, ok := r.Direct(); ok {
		direct := differencesToFile(c)
		f.Direct = &direct
	}
	b, err := plain.JSON(f)
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil {
		return fmt.Errorf("could not write the result: %w", err)
	}
	return nil
}

func targetsToFile(series []Series) []fileTarget {
	out := make([]fileTarget, 0, len(series))
	for _, s := range series {
		t := fileTarget{
			Target: s.Target, From: s.From, Resolved: s.Resolved, Requests: s.Requests, Errors: s.Errors,
			OtherError: s.OtherError, Events: s.Events, WarmUp: s.WarmUp, Phases: s.Phases, Blocks: s.Blocks, Intervals: s.Intervals, Histograms: s.Histograms,
		}
		if s.From != "" {
			t.Kernel = s.Conditions.Kernel
		}
		out = append(out, t)
	}
	return out
}

func (f file) series(targets []fileTarget) []Series {
	var out []Series
	for _, t := range targets {
		if t.Errors == nil {
			t.Errors = map[Class]int64{}
		}
		kernel := f.Environment.Kernel
		if t.From != "" {
			kernel = t.Kernel
		}
		out = append(out, Series{
			Target: t.Target, From: t.From, Resolved: t.Resolved, Requests: t.Requests, Errors: t.Errors,
			OtherError: t.OtherError, Events: t.Events, WarmUp: t.WarmUp, Phases: t.Phases, Blocks: t.Blocks, Intervals: t.Intervals, Histograms: t.Histograms,
			Conditions: Conditions{Kernel: kernel, Engine: f.Environment.Engine, Plan: f.Plan, Started: f.Started},
		})
	}
	return out
}

func differencesToFile(c Comparison) PerPhase[fileDifference] {
	var out PerPhase[fileDifference]
	for _, p := range Phases() {
		out[p] = inFile(c.Phases[p])
	}
	return out
}

func inFile(d Difference) fileDifference {
	f := fileDifference{Confidence: d.Confidence, Detected: d.Detected, Blocks: d.Blocks, Usable: d.Usable, Why: d.Why, Over: d.Over}
	if d.Over != OverRounds {
		f.Units = &d.Units
	}
	whole := func(ns float64) *int64 {
		n := int64(math.Round(ns))
		return &n
	}
	if d.Blocks > 0 {
		f.MedianDiffNs = whole(d.MedianDiffNs)
	}
	if d.Bounded {
		f.LowNs, f.HighNs, f.SmallestNs = whole(d.LowNs), whole(d.HighNs), whole(d.SmallestNs)
	}
	return f
}

// Read reads what Write wrote. The file may come from anybody: strings with
// control characters, impossible plans and histograms that do not hold what
// the table says are refused. A comparison is made anew from the blocks.
func Read(r io.Reader) (Result, error) {
	data, err := files.Bounded(r, maxFile)
	if err != nil {
		return Result{}, fmt.Errorf("could not read the result: %w", err)
	}
	var f file
	if err := plain.Decode(data, &f); err != nil {
		return Result{}, fmt.Errorf("could not read the result: %w", err)
	}
	if f.Schema != Schema {
		return Result{}, fmt.Errorf("this is not a probe result: its schema is %q, not %q", plain.Text(f.Schema), Schema)
	}
	if err := FileBounds().Check(f, ""); err != nil {
		return Result{}, fmt.Errorf("could not read the result: %w", err)
	}
	if err := f.validate(data); err != nil {
		return Result{}, fmt.Errorf("could not read the result: %w", err)
	}
	out := Result{
		Environment: f.Environment, Plan: f.Plan, Started: f.Started, Elapsed: f.Elapsed, Partial: f.Partial, Stopped: f.Stopped,
		SelfCheck: f.SelfCheck, Budget: f.Budget, Findings: f.Findings, Notes: f.Notes, Labels: f.Labels,
		Series: f.series(f.Targets), Controls: f.series(f.Controls), Windows: f.Windows, Others: f.Others,
		Units: f.Units, Overlap: f.Overlap,
	}
	return out, nil
}

// FileBounds are those of every number in a file of what was measured, most of which
// are nanoseconds: 115 days, of which hundreds add up without running over.
func FileBounds() plain.Bounds {
	const most = 10_000_000_000_000_000
	return plain.Bounds{Low: -most, High: most, Longest: most}
}

func (f file) validate(data []byte) error {
	if err := PlainStrings(data); err != nil {
		return err
	}
	if len(f.Targets) == 0 {
		return errors.New("it has no target")
	}
	var targets []Target
	if n := len(f.Controls); n > 0 && n != len(f.Targets) {
		return fmt.Errorf("it has %d controls for %d targets", n, len(f.Targets))
	}
	for _, t := range slices.Concat(f.Targets, f.Controls) {
		if err := t.validate(); err != nil {
			return err
		}
		targets = append(targets, t.Target)
	}
	if err := f.validateWindows(); err != nil {
		return err
	}
	if len(f.Units) > maxUnits {
		return errors.New("it has too many units")
	}
	for _, u := range f.Units {
		if err := u.validate(len(f.Targets)); err != nil {
			return err
		}
	}
	return f.Plan.Validate(targets)
}

// validateWindows refuses windows that are not about the targets.
func (f file) validateWindows() error {
	if len(f.Windows) > MaxBlocks {
		return errors.New("it has too many windows")
	}
	tallies := [][]Tally{f.Others}
	for _, w := range f.Windows {
		tallies = append(tallies, w.Targets)
	}
	for _, of := range tallies {
		if len(f.Windows) > 0 && len(of) != len(f.Targets) {
			return fmt.Errorf("a window counts %d targets of %d", len(of), len(f.Targets))
		}
	}
	return nil
}

func (t fileTarget) validate() error {
	if err := t.Target.Validate(); err != nil {
		return err
	}
	if len(t.Blocks) > MaxBlocks || len(t.Intervals) > ringSize {
		return fmt.Errorf("target %s has too many blocks or intervals", t.Name)
	}
	for class, n := range t.Errors {
		if n < 0 || n > t.Requests {
			return fmt.Errorf("target %s: %d errors %q of %d requests", t.Name, n, class, t.Requests)
		}
	}
	for _, p := range Phases() {
		h, err := t.Histograms[p].Histogram()
		if err != nil {
			return fmt.Errorf("target %s: the %s histogram: %w", t.Name, p, err)
		}
		var n int64
		if h != nil {
			n = h.TotalCount()
		}
		if n != t.Phases[p].N {
			return fmt.Errorf("target %s: the %s histogram holds %d values, the table says %d", t.Name, p, n, t.Phases[p].N)
		}
	}
	return nil
}

// PlainStrings refuses JSON with control characters in any of its strings, for
// strings end up on a terminal.
func PlainStrings(data []byte) error {
	tokens := json.NewDecoder(bytes.NewReader(data))
	for {
		token, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if text, ok := token.(string); ok && !plain.Safe(text) {
			return fmt.Errorf("%q holds control characters", text)
		}
	}
}
