package page

import (
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// Audit is the report on a cluster: the advice, and the facts and answers it rests on.
type Audit struct {
	Advice   advisor.Advice
	Facts    advisor.Facts
	Habits   advisor.Habits
	Measured advisor.Measured // what the advice was given besides the facts
	Move     *advisor.Move    // the move that somebody asked for; its runbook stands for the advice's. Nil for none
	Problem  *plain.Problem   // why there is no advice, or only a part of it; nil when all went well
	Version  string           // of this program
}

// Empty reports whether the audit has nothing to tell but its problem.
func (a Audit) Empty() bool { return a.Problem != nil && a.Advice.Headline == "" }

// Page lays out the whole report, most important first.
func (a Audit) Page() Document {
	d := Document{Title: Micro(a.Advice.Headline), Tone: Strong, About: append(program(a.Version), about(a.Facts)...), Problem: a.Problem}
	if a.Empty() {
		return d
	}
	d.Banner = banner(a.Facts.Origin)
	d.Sections = sections(
		verdict(a), first(a.Advice), ranking(a.Advice), groups(a.Advice), twoMode(a.Advice), reuseSection(a.Advice),
		seen(a.Facts), proxies(a.Facts), unread(a),
		measured(a.Measured), breakEvens(a.Measured), drills(a.Measured), estimates(a.Advice), costs(a.Advice.Curve),
		reasons("lifecycle", "Lifecycle", a.Advice.Lifecycle), findings(a.Advice),
		reasons("growth", "Growth", a.Advice.Growth), flips(a.Advice),
		answers(a.Habits), unanswered(a), differs(a.Move), runbook(a), sources(a),
	)
	return d
}

// program is this program, as every report begins.
func program(version string) []string { return []string{strings.TrimSpace("kpadvisor " + version)} }

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

// Brief is what a report comes to: its verdict and what comes first. all is the command
// that prints everything; empty where none does.
func (d Document) Brief(all string) Document {
	var kept []Section
	for _, s := range d.Sections {
		if s.ID == "verdict" || s.ID == "first" {
			kept = append(kept, s)
		}
	}
	if all != "" && len(kept) < len(d.Sections) {
		kept = append(kept, Section{ID: "all", Title: "All of it, with every source", Blocks: []Block{
			List{{Mark: "-", Text: "the same facts and answers as a report", Commands: []string{all}}},
		}})
	}
	d.Sections = kept
	return d
}
