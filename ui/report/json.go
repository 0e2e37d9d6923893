package report

import (
	"fmt"
	"io"
	"slices"

	"kpadvisor/ui/page"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
)

// Schema names the JSON document. Fields may be added to it, never renamed.
const Schema = "kpadvisor.audit/v1"

// audit is the document of schema kpadvisor.audit/v1.
type audit struct {
	Schema  string         `json:"schema"`
	Version string         `json:"version,omitempty"`
	Error   *plain.Problem `json:"error,omitempty"`
	advisor.Advice
	// Estimates stands for Advice.Estimates, keyed by mode.
	Estimates map[advisor.Mode]advisor.Estimate `json:"estimates"`
	Coverage  coverage                          `json:"coverage"`
	Facts     advisor.Facts                     `json:"facts"`
	Habits    advisor.Habits                    `json:"habits"`
	Measured  []advisor.Comparison              `json:"measured,omitempty"`
	// BreakEvens beside Measured are those of sweeps.
	BreakEvens []advisor.BreakEven `json:"measuredBreakEvens,omitempty"`
	Drills     []advisor.Drill     `json:"drills,omitempty"`
	Move       *advisor.Move       `json:"move,omitempty"`
}

// failure is the same document when there is nothing to tell but the problem.
type failure struct {
	Schema  string         `json:"schema"`
	Version string         `json:"version,omitempty"`
	Error   *plain.Problem `json:"error"`
	Action  advisor.Action `json:"action"`
}

type coverage struct {
	Complete bool              `json:"complete"`
	Missing  []advisor.Missing `json:"missing"`
}

// JSON writes the document of schema kpadvisor.audit/v1 (see the file in
// schema/). It is one valid document even when there is no advice.
func JSON(w io.Writer, doc page.Audit) error {
	var v any
	if doc.Empty() {
		v = failure{Schema: Schema, Version: doc.Version, Error: doc.Problem, Action: advisor.CannotTell}
	} else {
		v = audit{
			Schema: Schema, Version: doc.Version, Error: doc.Problem,
			Advice:    withLists(doc.Advice),
			Estimates: byMode(doc.Advice.Estimates),
			Coverage:  coverage{doc.Facts.Coverage.Complete(), list(doc.Facts.Coverage.Missing)},
			Facts:     doc.Facts, Habits: doc.Habits, Measured: doc.Measured.Comparisons, BreakEvens: doc.Measured.BreakEvens, Drills: doc.Measured.Drills,
			Move: moveWithLists(doc.Move),
		}
	}
	return document(w, v)
}

// document writes v as JSON.
func document(w io.Writer, v any) error {
	b, err := plain.JSON(v)
	if err != nil {
		return fmt.Errorf("encode the report as JSON: %w", err)
	}
	return written(w, string(b))
}

// withLists returns the advice with [] where it would be null, so that a script
// may iterate without asking. The caller's advice is not touched.
func withLists(a advisor.Advice) advisor.Advice {
	a.Current, a.Because = list(a.Current), list(a.Because)
	a.ConfidenceBecause, a.First = list(a.ConfidenceBecause), list(a.First)
	a.Lifecycle, a.Findings = list(a.Lifecycle), list(a.Findings)
	a.Growth, a.Flips, a.Runbook = list(a.Growth), list(a.Flips), list(a.Runbook)
	a.Unanswered, a.Unseen = list(a.Unanswered), list(a.Unseen)
	a.Ranking = list(slices.Clone(a.Ranking))
	for i := range a.Ranking {
		a.Ranking[i].Reasons = list(a.Ranking[i].Reasons)
	}
	a.Reuse = list(slices.Clone(a.Reuse))
	for i := range a.Reuse {
		a.Reuse[i].Remedy = list(a.Reuse[i].Remedy)
	}
	a.Groups = list(slices.Clone(a.Groups))
	for i := range a.Groups {
		g := &a.Groups[i]
		if g.Blockers = list(g.Blockers); g.Can == nil {
			g.Can = map[advisor.Mode]release.Can{}
		}
	}
	return a
}

// moveWithLists is the same for a move; nil for none.
func moveWithLists(m *advisor.Move) *advisor.Move {
	if m == nil {
		return nil
	}
	out := *m
	out.Differs, out.Runbook = list(out.Differs), list(out.Runbook)
	return &out
}

func byMode(all []advisor.Estimate) map[advisor.Mode]advisor.Estimate {
	out := map[advisor.Mode]advisor.Estimate{}
	for _, e := range all {
		out[e.Mode] = e
	}
	return out
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
