package page

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
)

// Change is a request to change the mode, as whoever grants it reads it: what is asked
// for, what stands in its way, what was tried and measured, how it is done, when it is
// stopped, and how it is undone.
type Change struct {
	Audit        // its Move is what is asked for; nil where nothing is
	Named bool   // it may name nodes, Services and the cluster
	Data  string // what it was made from
}

// Page lays out the request, what decides first.
func (c Change) Page() Document {
	d := Document{
		Title: c.title(), Tone: Strong, Banner: banner(c.Facts.Origin), Problem: c.Problem, Data: c.Data,
		About: slices.Concat(program(c.Version), []string{"change request"}, about(c.Facts)),
	}
	if c.Empty() {
		return d
	}
	d.Sections = sections(slices.Concat(
		[]draft{verdict(c.Audit), c.against(), c.blocks(), c.rehearsal()}, c.measurements(),
		[]draft{
			costs(c.Advice.Curve), c.runbook(), c.thresholds(), c.rollback(), groups(c.Advice), c.nodeGroups(), reuseSection(c.Advice), findings(c.Advice),
			seen(c.Facts), unread(c.Audit), answers(c.Habits), unanswered(c.Audit), sources(c.Audit), c.check(),
		},
	)...)
	return d
}

// title is what is asked for, in one sentence.
func (c Change) title() string {
	if c.Move == nil {
		return "No change is asked for: " + Action(c.Advice)
	}
	return "Change request: move to " + Mode(c.Move.To)
}

// against says what speaks against a move that is not the advice.
func (c Change) against() draft {
	if c.Move == nil || c.Move.Advised {
		return draft{}
	}
	d := differs(c.Move)
	d.Tone = Warn
	return d
}

// blocks is what has to be done before the mode can run everywhere.
func (c Change) blocks() draft {
	m := c.Move
	if m == nil {
		return draft{}
	}
	d := draft{ID: "blocks", Title: "What stands in the way"}
	if m.Advised {
		d.Items = first(c.Advice).Items
	} else {
		for _, g := range c.Advice.Groups {
			switch {
			case g.Can[m.To] == release.CanNo:
				d.Items = append(d.Items, Item{Mark: "-", Text: "cannot run " + Mode(m.To) + " on " + Nodes(g.Nodes) + ": " + g.Group})
			case g.Can[m.To] == release.CanUnknown:
				d.Items = append(d.Items, Item{Mark: "-", Text: "not known whether " + Mode(m.To) + " can run on " + Nodes(g.Nodes) + ": " + g.Group})
			}
		}
	}
	switch {
	case len(d.Items) > 0:
		d.Tone = Warn
	case m.Can == release.CanYes:
		d.Intro = []string{"Nothing that this program knows of: every node that counts can run " + Mode(m.To) + " as it is."}
	default:
		d.Tone, d.Intro = Warn, []string{"Nothing that this program knows of; but whether every node can run " + Mode(m.To) + " is not known."}
	}
	return d
}

// rehearsal is what drills saw.
func (c Change) rehearsal() draft {
	if c.Move == nil && len(c.Measured.Drills) == 0 { // what is not asked for need not be rehearsed
		return draft{}
	}
	d := drills(c.Measured)
	d.ID = "rehearsal"
	if len(c.Measured.Drills) > 0 {
		d.Title = "Rehearsed: issue 81775, in drills"
		d.After = append(d.After, "The change itself was not rehearsed: a drill replaces a pod in each mode, and does not go from one mode to another.")
		return d
	}
	d.Title, d.Tone = "Rehearsal", Warn
	d.Intro = []string{"Nothing was rehearsed."}
	d.Items = List{{Mark: "-", Text: "a drill of issue 81775 on this machine, in every mode, and the request with what it saw:", Commands: []string{
		"kpadvisor lab drill --in uml --save drill.json", "kpadvisor report --measured drill.json -o change.html",
	}}}
	return d
}

// measurements are differences with their intervals.
func (c Change) measurements() []draft {
	m := c.Measured
	if len(m.Comparisons)+len(m.BreakEvens) == 0 {
		if c.Move == nil {
			return nil
		}
		return []draft{{
			ID: "measured", Title: "Measurements", Tone: Warn, Intro: []string{"Nothing was measured: every time in this document is an estimate, or was measured elsewhere."},
			Items: List{
				{Mark: "-", Text: "the modes beside one another on this machine:", Commands: []string{"kpadvisor lab sweep --quick --save sweep.json"}},
				{Mark: "-", Text: "two nodes of the cluster that run different modes:", Commands: []string{"kpadvisor probe --in-cluster --image IMAGE --save nodes.json"}},
				{Mark: "-", Text: "the request with both:", Commands: []string{"kpadvisor report --measured sweep.json --measured nodes.json -o change.html"}},
			},
		}}
	}
	between, sweeps := measured(m), breakEvens(m)
	if len(m.Comparisons) > 0 {
		between.Parts = append(between.Parts, comparedIntervals(m.Comparisons))
	}
	for _, e := range m.BreakEvens {
		if len(e.Differences) > 0 && (e.Arrival == advisor.Cold || !slices.ContainsFunc(m.BreakEvens, func(o advisor.BreakEven) bool { return o.Arrival == advisor.Cold })) {
			sweeps.Parts = append(sweeps.Parts, sweptIntervals(e)) // of those that count
		}
	}
	return []draft{between, sweeps}
}

// comparedIntervals is the picture of comparisons.
func comparedIntervals(all []advisor.Comparison) Intervals {
	u := Unit{"µs", 1e3}
	out := intervals("a new connection in one mode minus another, median", u)
	out.Over = "blocks"
	for _, c := range all {
		row := modeInterval(c.A, c.B, c.MedianDiffNs, c.LowNs, c.HighNs, u)
		row.Name, row.Series, row.Over = Mode(c.A)+" - "+Mode(c.B), ModeSeries(c.A), plain.Number(c.Blocks)
		if c.NotWeighed() != "" {
			row.Verdict, row.Tone = joinedBy(", ", row.Verdict, "not weighed"), Normal
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// sweptIntervals is the picture of a sweep: what a mode costs more at each size.
func sweptIntervals(e advisor.BreakEven) Intervals {
	u := Unit{"µs", 1e3}
	out := intervals(Mode(e.A)+" ("+string(e.Backend)+") - "+Mode(e.B)+", a new connection, "+Arrival(e.Arrival), u)
	for _, at := range e.Differences {
		row := modeInterval(e.A, e.B, at.DiffNs, at.LowNs, at.HighNs, u)
		row.Name, row.Series = plain.Count(at.Services, "Service"), ModeSeries(e.B)
		out.Rows = append(out.Rows, row)
	}
	return out
}

// modeInterval is a difference of two modes with its interval.
func modeInterval(a, b advisor.Mode, ns, low, high int64, u Unit) Interval {
	row := Interval{Low: float64(low) / u.ns, Value: float64(ns) / u.ns, High: float64(high) / u.ns, Bounded: true}
	switch {
	case low <= 0 && high >= 0:
		row.Figure, row.Verdict = "~", "not detected"
	case ns > 0:
		row.Figure, row.Verdict, row.Tone = u.signed(float64(ns)), Mode(a)+" is slower", Strong
	default:
		row.Figure, row.Verdict, row.Tone = u.signed(float64(ns)), Mode(b)+" is slower", Strong
	}
	return row
}

// runbook is that of the move without its last step, which is the rollback.
func (c Change) runbook() draft {
	if c.Move == nil {
		return draft{}
	}
	doc, move := c.Audit, *c.Move
	if _, ok := move.Back(); ok {
		move.Runbook = move.Runbook[:len(move.Runbook)-1]
	}
	doc.Move = &move
	d := runbook(doc)
	d.Title = "Runbook"
	return d
}

// thresholds say when to go on, to stop and to go back, where that is founded.
func (c Change) thresholds() draft {
	if c.Move == nil || len(c.Move.Thresholds) == 0 {
		return draft{}
	}
	d := draft{
		ID: "thresholds", Title: "Go on, stop or go back",
		Intro: []string{
			"Look at these on each node before the next one. To stop means no further node; to go back, this one as well.",
			"Nobody has published how slow a new connection may become, or how many may fail, before a change is stopped, and no figure is made up here: compare with what you measured before.",
		},
	}
	for _, t := range c.Move.Thresholds {
		d.Items = append(d.Items, Item{
			Label: t.Watch, Text: "go on: " + t.GoOn, Commands: []string{t.Command},
			Notes: nonEmpty(Prefixed("stop: ", t.Stop), Prefixed("go back: ", t.Back), Prefixed("founded on: ", t.Source)),
		})
	}
	d.Items = append(d.Items, Item{
		Label: "What you measured before", Text: "the same Service from the same node before the change and after it, a few times each; what differs by more than the interval has changed",
		Commands: []string{
			"for i in 1 2 3 4 5 6; do kpadvisor probe CLUSTER-IP:PORT --rate 100 --save before$i.json; done",
			"for i in 1 2 3 4 5 6; do kpadvisor probe CLUSTER-IP:PORT --rate 100 --save after$i.json; done",
			"kpadvisor probe compare after*.json -- before*.json",
		},
	})
	return d
}

// rollback is how the change is undone, and what that brings back.
func (c Change) rollback() draft {
	if c.Move == nil {
		return draft{}
	}
	back, ok := c.Move.Back()
	if !ok {
		return draft{}
	}
	d := draft{ID: "rollback", Title: "Rollback", Steps: Steps{{Title: back.Title, Text: back.Text, Commands: back.Commands}}}
	d.After = []string{"In force before the change: " + InForce(c.Advice.Current) + "."}
	if text, tone := issue(c.Advice); tone != Normal {
		d.After = append(d.After, "Issue 81775 there: "+text+".")
	}
	return d
}

// nodeGroups has a few names of nodes behind each group, where names may be given.
func (c Change) nodeGroups() draft {
	d := proxies(c.Facts)
	for i := range d.Table.Rows {
		if names := c.Facts.Groups[i].NodeNames; c.Named && len(names) > 0 {
			d.Table.Rows[i].Open = []Block{Text{Paragraphs: []string{"For example " + strings.Join(names, ", ") + "."}}}
		}
	}
	return d
}

// check says how anybody can see that the request follows from its data.
func (c Change) check() draft {
	names := "Names of nodes, Services and the cluster, and addresses, are left out; --with-names keeps them."
	if c.Named {
		names = "It names nodes, Services and the cluster."
	}
	return draft{
		ID: "check", Title: "How to check this document",
		Intro: []string{"All of it follows from the facts, answers and results that are kept as data at the end of the HTML file. This makes it again from them, and says whether it is the same, byte for byte:"},
		Items: List{
			{Mark: "-", Text: "with the same version of the program", Commands: []string{"kpadvisor report --verify change.html"}},
			{Mark: "-", Text: "SHA-256 of the data: " + fingerprint(c.Data)},
		},
		After: []string{"Whether the data are true it does not say.", names},
	}
}

// fingerprint is the SHA-256 of a text, in groups that fold.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	var groups []string
	for group := range slices.Chunk(sum[:], 4) {
		groups = append(groups, hex.EncodeToString(group))
	}
	return strings.Join(groups, " ")
}
