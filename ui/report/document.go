// Package report writes advice for people and programs: as text for a terminal
// or a mail, as JSON for scripts and as Markdown for a ticket. All of them, and
// the screens, say the same; text and Markdown are drawn from one list of
// sections, so that neither can leave something out.
package report

import (
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// Document is one report: the advice, and the facts and answers it rests on.
type Document struct {
	Advice   advisor.Advice
	Facts    advisor.Facts
	Habits   advisor.Habits
	Measured advisor.Measured // what the advice was given besides the facts
	Move     *advisor.Move    // the move that somebody asked for; its runbook stands for the advice's. Nil for none
	Problem  *plain.Problem   // why there is no advice, or only a part of it; nil when all went well
	Version  string           // of this program
}

// Style says how a text report is drawn.
type Style struct {
	Width int  // columns; 0 means 80. Commands are never broken, so that they can be copied
	Color bool // ANSI colours; nothing is said by colour alone
	ASCII bool // no character above U+007E
}

// noAdvice reports whether the document has nothing to tell but its problem.
func (d Document) noAdvice() bool { return d.Problem != nil && d.Advice.Headline == "" }

// about says in one line which cluster this is and how it was seen.
func about(f advisor.Facts) []string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(f.Name)
	if v, ok := f.Version.Get(); ok {
		add("Kubernetes " + v)
	}
	if p, ok := f.Platform.Get(); ok {
		add(string(p))
	}
	if !f.TakenAt.IsZero() {
		add("read " + f.TakenAt.UTC().Format(time.DateOnly+" 15:04 MST"))
	}
	return parts
}

// banner warns of facts that are not a cluster's; empty for a cluster.
func banner(o advisor.Origin) string {
	switch o {
	case advisor.FromDemo:
		return "DEMO, not your cluster: every figure below is made up."
	case advisor.FromTyped:
		return "No cluster was read: this rests on the figures given as flags."
	case advisor.FromSnapshot:
		return "From a snapshot file: no cluster was read for this report."
	}
	return ""
}
