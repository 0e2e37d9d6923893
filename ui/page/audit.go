package page

import (
	"strings"
	"time"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// Audit is the report on a cluster: the advice, and the facts and answers it rests on.
type Audit struct {
	Advice   advisor.Advice
	Facts    advisor.Facts
	Habits   advisor.Habits
	Measured advisor.Measured // what the advice was given besides the facts
	Voice    say.Voice        // what the report is said in; the advice is in its language already
	Move     *advisor.Move    // the move that somebody asked for; its runbook stands for the advice's. Nil for none
	Problem  *plain.Problem   // why there is no advice, or only a part of it; nil when all went well
	Version  string           // of this program
}

// Empty reports whether the audit has nothing to tell but its problem.
func (a Audit) Empty() bool { return a.Problem != nil && a.Advice.Headline == "" }

// Page lays out the whole report, most important first.
func (a Audit) Page() Document {
	v := a.Voice
	d := Document{Voice: v, Title: Micro(a.Advice.Headline), Tone: Strong, About: append(program(a.Version), about(v, a.Facts)...), Problem: saidAgain(v, a.Problem)}
	if a.Empty() {
		return d
	}
	d.Banner = banner(v, a.Facts.Origin)
	d.Sections = sections(v,
		verdict(v, a), first(v, a.Advice), ranking(v, a.Advice), groups(v, a.Advice), twoMode(v, a.Advice), reuseSection(v, a.Advice),
		seen(v, a.Facts), proxies(v, a.Facts), nodesSaid(v, a.Facts), autopsies(v, a.Facts), connections(v, a), unread(v, a),
		measured(v, a.Measured), breakEvens(v, a.Measured), drills(v, a.Measured), estimates(v, a.Advice), costs(v, a.Advice.Curve),
		reasons(v, "lifecycle", v.Text("Lifecycle"), a.Advice.Lifecycle), findings(v, a.Advice),
		reasons(v, "growth", v.Text("Growth"), a.Advice.Growth), flips(v, a.Advice),
		answers(v, a.Habits), unanswered(v, a), differs(v, a.Move), runbook(v, a), sources(v, a.Advice, a.said()...),
	)
	return d
}

// said are the reasons that stand in the report.
func (a Audit) said() [][]advisor.Reason {
	all := [][]advisor.Reason{a.Advice.Because, a.Advice.First, a.Advice.Lifecycle, a.Advice.Growth, a.Advice.Unseen}
	if a.Move != nil {
		all = append(all, a.Move.Differs)
	}
	for _, r := range a.Advice.Ranking {
		all = append(all, r.Reasons)
	}
	return all
}

// program is this program, as every report begins.
func program(version string) []string { return []string{strings.TrimSpace("kpadvisor " + version)} }

// Moment is a time as every report writes it.
func Moment(t time.Time) string { return t.UTC().Format(time.DateOnly + " 15:04 MST") }

// about says in one line which cluster this is and how it was seen.
func about(v say.Voice, f advisor.Facts) []string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(f.Name)
	if known, ok := f.Version.Get(); ok {
		add("Kubernetes " + known)
	}
	if p, ok := f.Platform.Get(); ok {
		add(string(p))
	}
	if !f.TakenAt.IsZero() {
		add(v.Sprintf("read %s", Moment(f.TakenAt)))
	}
	return parts
}

// banner warns of facts that are not a cluster's; empty for a cluster.
func banner(v say.Voice, o advisor.Origin) string {
	switch o {
	case advisor.FromDemo:
		return v.Text("DEMO, not your cluster: every figure below is made up.")
	case advisor.FromTyped:
		return v.Text("No cluster was read: this rests on the figures given as flags.")
	case advisor.FromSnapshot:
		return v.Text("From a snapshot file: no cluster was read for this report.")
	}
	return ""
}

// Brief is what a report comes to: its verdict and what comes first, and with the habits
// what that rests on. all is the command that prints everything; empty where none does.
func (d Document) Brief(all string, habits bool) Document {
	var kept []Section
	for _, s := range d.Sections {
		if s.ID == "verdict" || s.ID == "first" || habits && s.ID == "habits" {
			kept = append(kept, s)
		}
	}
	if all != "" && len(kept) < len(d.Sections) {
		kept = append(kept, Section{ID: "all", Title: d.Voice.Text("All of it, with every source"), Blocks: []Block{
			List{{Mark: "-", Text: d.Voice.Text("the same facts and answers as a report"), Commands: []string{all}}},
		}})
	}
	d.Sections = kept
	return d
}
