package page

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Change is a request to change the mode, as whoever grants it reads it: what is asked
// for, what stands in its way, what was tried and measured, how it is done, when it is
// stopped, and how it is undone.
type Change struct {
	Audit        // its Move is what is asked for; nil where nothing is
	Named bool   // it may name nodes, Services and the cluster
	Data  string // what it was made from; empty where it does not carry that
}

// Page lays out the request, what decides first.
func (c Change) Page() Document {
	v := c.Voice
	d := Document{
		Voice: v, Title: c.title(), Tone: Strong, Banner: banner(v, c.Facts.Origin), Problem: saidAgain(v, c.Problem), Data: c.Data,
		About: slices.Concat(program(c.Version), []string{v.Text("change request")}, about(v, c.Facts)),
	}
	if c.Empty() {
		return d
	}
	d.Sections = sections(v, slices.Concat(
		[]draft{verdict(v, c.Audit), c.against(), c.blocks(), c.rehearsal()},
		c.measurements(),
		[]draft{
			costs(v, c.Advice.Curve), c.runbook(), c.thresholds(), c.rollback(),
			groups(v, c.Advice), c.nodeGroups(), nodesSaid(v, c.Facts), reuseSection(v, c.Advice), findings(v, c.Advice),
			seen(v, c.Facts), connections(v, c.Audit), unread(v, c.Audit), answers(v, c.Habits), unanswered(v, c.Audit),
			sources(v, c.Advice, c.said()...), c.check(),
		},
	)...)
	return d
}

// said are the reasons that stand in the request.
func (c Change) said() [][]advisor.Reason {
	all := [][]advisor.Reason{c.Advice.Because, c.Advice.First[:min(1, len(c.Advice.First))]} // on the card
	switch {
	case c.Move == nil:
	case c.Move.Advised:
		all = append(all, c.Advice.First)
	default:
		all = append(all, c.Move.Differs)
	}
	return all
}

// title is what is asked for, in one sentence.
func (c Change) title() string {
	if c.Move == nil {
		return c.Voice.Sprintf("No change is asked for: %s", Action(c.Voice, c.Advice))
	}
	return c.Voice.Sprintf("Change request: move to %s", Mode(c.Voice, c.Move.To))
}

// against says what speaks against a move that is not the advice.
func (c Change) against() draft {
	if c.Move == nil || c.Move.Advised {
		return draft{}
	}
	d := differs(c.Voice, c.Move)
	d.Tone = Warn
	return d
}

// blocks is what has to be done before the mode can run everywhere.
func (c Change) blocks() draft {
	v, m := c.Voice, c.Move
	if m == nil {
		return draft{}
	}
	d, to := draft{ID: "blocks", Title: v.Text("What stands in the way")}, Mode(v, m.To)
	if m.Advised {
		d.Items = first(v, c.Advice).Items
	} else {
		for _, g := range c.Advice.Groups {
			switch {
			case g.Can[m.To] == release.CanNo:
				d.Items = append(d.Items, Item{Mark: "-", Text: v.Sprintf("cannot run %s on %s: %s", to, Nodes(v, g.Nodes), g.Group)})
			case g.Can[m.To] == release.CanUnknown:
				text := v.Sprintf("not known whether %s can run on %s: %s", to, Nodes(v, g.Nodes), g.Group)
				d.Items = append(d.Items, Item{Mark: "-", Text: text})
			}
		}
	}
	switch {
	case len(d.Items) > 0:
		d.Tone = Warn
	case m.Can == release.CanYes:
		d.Intro = []string{v.Sprintf("Nothing that this program knows of: every node that counts can run %s as it is.", to)}
	default:
		d.Tone = Warn
		d.Intro = []string{v.Sprintf("Nothing that this program knows of; but whether every node can run %s is not known.", to)}
	}
	return d
}

// rehearsal is what drills saw.
func (c Change) rehearsal() draft {
	v := c.Voice
	if c.Move == nil && len(c.Measured.Drills) == 0 { // what is not asked for need not be rehearsed
		return draft{}
	}
	d := drills(v, c.Measured)
	d.ID = "rehearsal"
	if len(c.Measured.Drills) > 0 {
		d.Title = v.Text("Rehearsed: issue 81775, in drills")
		d.After = append(d.After, v.Text("The change itself was not rehearsed: a drill replaces a pod in each mode, and does not go from one mode to another."))
		return d
	}
	d.Title, d.Tone, d.Intro = v.Text("Rehearsal"), Warn, []string{v.Text("Nothing was rehearsed.")}
	d.Items = List{{
		Mark: "-", Text: v.Text("a drill of issue 81775 on this machine, in every mode, and the request with what it saw:"),
		Commands: []string{"kpadvisor lab drill --in uml --save drill.json", "kpadvisor report --measured drill.json -o change.html"},
	}}
	return d
}

// measurements are differences with their intervals.
func (c Change) measurements() []draft {
	v, m := c.Voice, c.Measured
	switch {
	case len(m.Comparisons)+len(m.BreakEvens) > 0:
	case c.Move == nil:
		return nil
	default:
		return []draft{{
			ID: "measured", Title: v.Text("Measurements"), Tone: Warn,
			Intro: []string{v.Text("Nothing was measured: every time in this document is an estimate, or was measured elsewhere.")},
			Items: List{
				{Mark: "-", Text: v.Text("the modes beside one another on this machine:"), Commands: []string{"kpadvisor lab sweep --quick --save sweep.json"}},
				{
					Mark: "-", Text: v.Text("two nodes of the cluster that run different modes:"),
					Commands: []string{"kpadvisor probe --in-cluster --image IMAGE --save nodes.json"},
				},
				{
					Mark: "-", Text: v.Text("the request with both:"),
					Commands: []string{"kpadvisor report --measured sweep.json --measured nodes.json -o change.html"},
				},
			},
		}}
	}
	between, sweeps := measured(v, m), breakEvens(v, m)
	if len(m.Comparisons) > 0 { // the picture has the numbers: beside it stands what they hold for
		between.Parts, between.Table = append(between.Parts, comparedIntervals(v, m.Comparisons)), Table{}
		for _, c := range m.Comparisons {
			between.Items = append(between.Items, Item{Label: Mode(v, c.A) + " - " + Mode(v, c.B), Text: holdsFor(v, c)})
		}
	}
	paced := slices.ContainsFunc(m.BreakEvens, func(e advisor.BreakEven) bool { return e.Arrival == advisor.Cold })
	for _, e := range m.BreakEvens {
		if paced == (e.Arrival == advisor.Cold) && len(e.Differences) > 0 && len(sweeps.Parts) < mostShown { // of those that count
			sweeps.Parts = append(sweeps.Parts, sweptIntervals(v, e))
		}
	}
	return []draft{between, sweeps}
}

// holdsFor is where something was measured, and what it holds for.
func holdsFor(v say.Voice, c advisor.Comparison) string {
	all := []string{Arrival(v, c.Arrival), v.Sprintf("kernel %s", c.Kernel)}
	if c.Services > 0 {
		all = append(all, v.Count(c.Services, "Service"))
	}
	return v.Clauses(append(all, v.Again(c.Where))...)
}

// comparedIntervals is the picture of comparisons.
func comparedIntervals(v say.Voice, all []advisor.Comparison) Intervals {
	u := Unit{"µs", 1e3}
	out := intervals(v.Text("a new connection in one mode minus another, median"), u)
	out.Over = v.Head("blocks")
	for _, c := range all[:min(len(all), mostShown)] {
		row := modeInterval(v, c.A, c.B, c.MedianDiffNs, c.LowNs, c.HighNs, u)
		row.Name, row.Series, row.Over = Mode(v, c.A)+" - "+Mode(v, c.B), ModeSeries(c.A), plain.Number(c.Blocks)
		if c.NotWeighed() != "" {
			row.Verdict, row.Tone = v.Sprintf("%s, not weighed", row.Verdict), Normal
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// sweptIntervals is the picture of a sweep: what a mode costs more at each size.
func sweptIntervals(v say.Voice, e advisor.BreakEven) Intervals {
	u := Unit{"µs", 1e3}
	a := v.Sprintf("%s (%s)", Mode(v, e.A), e.Backend)
	out := intervals(v.Sprintf("%s - %s, a new connection, %s", a, Mode(v, e.B), Arrival(v, e.Arrival)), u)
	for _, at := range e.Differences[:min(len(e.Differences), mostShown)] {
		row := modeInterval(v, e.A, e.B, at.DiffNs, at.LowNs, at.HighNs, u)
		row.Name, row.Series = v.Count(at.Services, "Service"), ModeSeries(e.B)
		out.Rows = append(out.Rows, row)
	}
	return out
}

// modeInterval is a difference of two modes with its interval.
func modeInterval(v say.Voice, a, b advisor.Mode, ns, low, high int64, u Unit) Interval {
	row := Interval{Low: float64(low) / u.ns, Value: float64(ns) / u.ns, High: float64(high) / u.ns, Bounded: true}
	if low <= 0 && high >= 0 {
		row.Figure, row.Verdict = "~", v.Text("not detected")
		return row
	}
	if ns < 0 {
		a = b
	}
	row.Figure, row.Verdict, row.Tone = u.signed(float64(ns)), v.Sprintf("%s is slower", Mode(v, a)), Strong
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
	d := runbook(c.Voice, doc)
	d.Title = c.Voice.Text("Runbook")
	return d
}

// thresholds say when to go on, to stop and to go back, where that is founded.
func (c Change) thresholds() draft {
	v := c.Voice
	if c.Move == nil || len(c.Move.Thresholds) == 0 {
		return draft{}
	}
	d := draft{
		ID: "thresholds", Title: v.Text("Go on, stop or go back"),
		Intro: []string{
			v.Text("Look at these on each node before the next one. To stop means no further node; to go back, this one as well."),
			v.Text("Nobody has published how slow a new connection may become, or how many may fail, before a change is stopped, and no figure is made up here: compare with what you measured before."),
		},
	}
	for _, t := range c.Move.Thresholds {
		d.Items = append(d.Items, threshold(v, t))
	}
	d.Items = append(d.Items, Item{
		Label: v.Text("What you measured before"),
		Text:  v.Text("the same Service from the same node, a few times before the change and after it; the comparison says what has changed"),
		Commands: []string{
			"for i in 1 2 3 4 5 6; do kpadvisor probe CLUSTER-IP:PORT --rate 100 --save before$i.json; done",
			"for i in 1 2 3 4 5 6; do kpadvisor probe CLUSTER-IP:PORT --rate 100 --save after$i.json; done",
			"kpadvisor probe compare after*.json -- before*.json",
		},
	})
	return d
}

func threshold(v say.Voice, t advisor.Threshold) Item {
	it := Item{Label: t.Watch, Text: v.Sprintf("go on: %s", t.GoOn), Commands: []string{t.Command}}
	if t.Stop != "" {
		it.Notes = append(it.Notes, v.Sprintf("stop: %s", t.Stop))
	}
	if t.Back != "" {
		it.Notes = append(it.Notes, v.Sprintf("go back: %s", t.Back))
	}
	it.Notes = append(it.Notes, v.Sprintf("founded on: %s", t.Source))
	return it
}

// rollback is how the change is undone, and what that brings back.
func (c Change) rollback() draft {
	v := c.Voice
	if c.Move == nil {
		return draft{}
	}
	back, ok := c.Move.Back()
	if !ok {
		return draft{}
	}
	d := draft{ID: "rollback", Title: v.Text("Rollback"), Steps: Steps{{Title: back.Title, Text: back.Text, Commands: back.Commands}}}
	d.After = []string{v.Sprintf("In force before the change: %s.", InForce(v, c.Advice.Current))}
	if text, tone := issue(v, c.Advice); tone != Normal {
		d.After = append(d.After, v.Sprintf("Issue 81775 there: %s.", text))
	}
	return d
}

// nodeGroups has a few names of nodes behind each group, where names may be given.
func (c Change) nodeGroups() draft {
	d := proxies(c.Voice, c.Facts)
	for i := range d.Table.Rows {
		if names := c.Facts.Groups[i].NodeNames; c.Named && len(names) > 0 {
			d.Table.Rows[i].Open = []Block{Text{Paragraphs: []string{c.Voice.Sprintf("For example %s.", strings.Join(names, ", "))}}}
		}
	}
	return d
}

// check says how anybody can see that the request follows from its data.
func (c Change) check() draft {
	v := c.Voice
	names := v.Text("Names of nodes, Services and the cluster, and addresses, are left out; --with-names keeps them.")
	if c.Named {
		names = v.Text("It names nodes, Services and the cluster.")
	}
	if c.Data == "" {
		return draft{ID: "names", Title: v.Text("What is left out"), Intro: []string{names}}
	}
	return draft{
		ID: "check", Title: v.Text("How to check this document"),
		Intro: []string{v.Text("All of it follows from the facts, answers and results that are kept as data at the end of the HTML file. This makes it again from them, and says whether it is the same, byte for byte:")},
		Items: List{
			{Mark: "-", Text: v.Text("with the same version of the program"), Commands: []string{"kpadvisor report --verify change.html"}},
			{Mark: "-", Text: v.Sprintf("SHA-256 of the data: %s", fingerprint(c.Data))},
		},
		After: []string{v.Text("Whether the data are true it does not say."), names},
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
