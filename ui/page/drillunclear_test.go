package page

import (
	"strings"
	"testing"

	"kpadvisor/probe/lab/drill"
	"kpadvisor/say"
)

// A row that tells nothing says why, and what it lost before anything changed comes before
// what it lost then.
func TestUnclearWords(t *testing.T) {
	dead := []drill.Mark{{Do: drill.Terminating}, {Do: drill.ListenerDown}}
	row := func(steady, gone drill.Counts) drill.Row {
		return drill.Row{Marks: dead, Phases: map[drill.Part]drill.Counts{drill.Steady: steady, drill.PodGone: gone}}
	}
	for want, r := range map[string]drill.Row{
		"It ended early: x.":                          {Problem: "x"},
		"before the old pod was dead":                 {},
		"6 of 100 connections failed before anything": row(drill.Counts{OK: 94, Failed: 6}, drill.Counts{OK: 100, Failed: 50}),
		"50 of 150 connections after the pod's death": row(drill.Counts{OK: 100}, drill.Counts{OK: 100, Failed: 50}),
		"Only 3 connections came":                     row(drill.Counts{OK: 100}, drill.Counts{OK: 3}),
	} {
		if got := unclearWords(say.Voice{}, r); !strings.Contains(got, want) || r.Outcome() != drill.Unclear {
			t.Errorf("%s: %q, want %q", r.Outcome(), got, want)
		}
	}
}
