package measure

import (
	"fmt"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// side is how target i is painted; its colour says no more than its name does.
func side(i int) kit.Token {
	return []kit.Token{kit.SideA, kit.SideB, kit.SideC, kit.SideD, kit.SideE}[i%5]
}

// label is the name of target i: a letter, or a mode of the lab.
func (w *watch) label(i int) string {
	name := w.targets[i].Name
	if w.lab != nil {
		return page.Lane(lab.Mode(name))
	}
	return name
}

// labelCells is the room for the longest of them and a blank.
func (w *watch) labelCells() int {
	n := 0
	for i := range w.targets {
		n = max(n, kit.Cells(plain.Text(w.label(i))))
	}
	return min(n, maxLabel) + 1
}

// maxLabel is where a name is cut.
const maxLabel = 16

// headRoom is what the rows and the difference leave to the rest at least.
const headRoom = 4

// lines are what must always be seen, and under it the rest, a window at a time.
func (s *runPane) lines(f screen.Frame) []kit.Line {
	w := f.Body.W
	head := append([]kit.Line{s.names(w), s.state(w)}, s.why(w)...)
	head = append(append(head, s.scaleLine(w)), s.sparks(w)...)
	head = append(head, s.difference(w)...)
	head = append(head, s.counts(w)...)
	rest := kit.Join(append(s.taken(w), s.problems(w)...), s.construction(w), s.table(w), append(s.unmarked(w), s.remarks(w)...))
	if len(s.watch.series) == 0 {
		rest = kit.Join(s.problems(w), s.construction(w))
	}
	g := &s.watch.pager
	if len(head) > f.Body.H-headRoom {
		return g.Show(append(head, rest...), f.Body.H, s.palette)
	}
	if len(head)+len(rest) < f.Body.H || f.Body.H >= screen.RoomyBody {
		head = append(head, nil)
	}
	return append(head, g.Show(rest, f.Body.H-len(head), s.palette)...)
}

// names says what is measured: the kind of run, and what is in it, or the address
// that each letter stands for.
func (s *runPane) names(w int) kit.Line {
	p := s.palette
	targets := s.watch.targets
	out := kit.Line{p.Strong(s.watch.kind + ": ")}
	if s.watch.title != "" {
		return append(out, p.Strong(s.watch.title)).Cut(w, p.Ellipsis)
	}
	room := (w-out.Width())/len(targets) - 5
	for i, t := range targets {
		name := string(t.Kind) + "://" + t.Address + t.Path
		out = append(out, p.As(side(i), s.watch.label(i)), p.Text(" "))
		out = append(out, kit.Line{p.Strong(name)}.Cut(room, p.Ellipsis)...)
		out = append(out, p.Text("   "))
	}
	return out
}

// state is the loop, what the engine does, and how far it is.
func (s *runPane) state(w int) kit.Line {
	p, r := s.palette, &s.watch
	g := r.progress
	out := kit.Line{p.Text(r.loop() + "   ")}
	if r.frozen {
		out = append(out, p.As(kit.Warn, "FROZEN"), p.Text(", "))
	}
	word, blocks := string(g.State), fmt.Sprintf("block %s of %s", plain.Number(min(g.Turn+1, g.Turns)), plain.Number(g.Turns))
	switch {
	case r.err != nil:
		return append(out, p.As(kit.Bad, "failed"))
	case r.result != nil && r.result.Partial:
		out = append(out, p.As(kit.Warn, "stopped"), p.Text(fmt.Sprintf(" after %s of %s", plain.Number(wholeBlocks(r.result.Series)), plain.Count(len(r.targets)*r.plan.Blocks, "block"))))
	case r.result != nil:
		out = append(out, p.As(kit.Good, "finished"), p.Text(", "+plain.Count(len(r.targets)*r.plan.Blocks, "block")))
	case g.State == "" || g.State == probe.Idle:
		out = append(out, p.Text("starting"))
		if !s.trial.over && s.trial.paused {
			out = append(out, p.As(kit.Warn, ", pausing then"))
		}
	case s.stopping():
		out = append(out, p.As(kit.Warn, "stopping"), p.Text(", "+blocks))
		if waits(g.State) {
			out = append(out[:len(out)-1], p.Text(", "), p.Strong(word)) // removing what it made
		}
	case s.trial.paused && g.State != probe.Paused:
		out = append(out, p.As(kit.Warn, "pausing after this block"), p.Text(", "+blocks))
	case g.State == probe.Measuring || g.State == probe.WarmingUp:
		out = append(out, p.Strong(word))
		if g.Target < len(r.targets) {
			out = append(out, p.Text(" "), p.As(side(g.Target), r.label(g.Target)))
		}
		out = append(out, p.Text(", "+blocks))
	default:
		out = append(out, p.As(kit.Warn, word))
		if !waits(g.State) {
			out = append(out, p.Text(", "+blocks))
		}
	}
	return append(out.Cut(w-10, p.Ellipsis), p.Text("   "+g.Elapsed.Truncate(time.Second).String()))
}

// waits reports a state in which nothing is measured: something is being built,
// started or removed.
func waits(st probe.State) bool {
	switch st {
	case probe.Measuring, probe.WarmingUp, probe.Paused, probe.PortsWait, probe.Finished, probe.Idle:
		return false
	}
	return true
}

// why is what is being waited for.
func (s *runPane) why(w int) []kit.Line {
	g := s.watch.progress
	if s.watch.over() || g.Why == "" {
		return nil
	}
	return kit.Wrap(kit.Line{s.palette.Text(g.Why)}, w, 2)
}

// scaleLine says what the rows show and on which scale.
func (s *runPane) scaleLine(w int) kit.Line {
	p, r := s.palette, &s.watch
	top := "no scale yet"
	if r.scale.Top > 0 {
		top = "0 to " + round(r.scale.Top)
		if r.scale.Fixed {
			top += " fixed"
		}
	}
	moves := "sweep"
	if r.scroll {
		moves = "scroll"
	}
	out := kit.Line{p.Strong(page.PhaseName(r.phase)), p.Text("   " + top)}
	if len(r.targets) > 1 {
		out = append(out, p.Text(map[bool]string{true: ", both rows", false: ", all rows"}[len(r.targets) == 2]))
	}
	return append(out, p.Muted("   medians of 100 ms, "+moves)).Cut(w, p.Ellipsis)
}

// sparkStats is the room beside a row: "  p50 43.1  p99  117 us".
const sparkStats = 2 + 4 + numberWidth + 2 + 4 + numberWidth + 3

// sparks are the rows, and a legend of the marks that are in them.
func (s *runPane) sparks(w int) []kit.Line {
	p, r := s.palette, &s.watch
	wide := r.labelCells()
	style := kit.Spark{Width: w - wide - sparkStats, Top: r.scale.Top, Scroll: r.scroll, ASCII: p.ASCII}
	seen := map[kit.Mark]bool{}
	var out []kit.Line
	u := r.unit(r.phase)
	for i := range r.targets {
		l := p.Column(side(i), r.label(i), wide)
		for _, run := range style.Row(r.columns(i), r.tracks[i].total) {
			seen[run.Mark] = true
			l = append(l, p.As(markToken(run.Mark, i), run.Text))
		}
		st := r.stats(i, r.phase)
		l = append(l, p.Muted("  p50 "), p.Right(kit.Strong, figure(float64(st.MedianNs), st.N, u), numberWidth),
			p.Muted("  p99 "), p.Right(kit.Strong, figure(float64(st.P99Ns), st.N, u), numberWidth), p.Muted(" "+u.Name))
		out = append(out, l)
	}
	out = append(out, s.absent(w)...)
	var legend kit.Line
	for _, m := range kit.Marks() {
		if seen[m] {
			legend = append(legend, p.As(markToken(m, 0), style.Glyph(m)), p.Text(" "+markWords(m)+"   "))
		}
	}
	return append(out, legend)
}

// markToken is how a run of row i is painted.
func markToken(m kit.Mark, i int) kit.Token {
	switch m {
	case kit.MarkValue:
		return side(i)
	case kit.MarkWarm:
		return kit.Muted
	case kit.MarkNoReply, kit.MarkLate:
		return kit.Bad
	case kit.MarkOver, kit.MarkStalled:
		return kit.Warn
	case kit.MarkRollout:
		return kit.Accent
	case kit.MarkNone:
	}
	return kit.Normal
}

func markWords(m kit.Mark) string {
	return map[kit.Mark]string{
		kit.MarkNoReply: "no answer", kit.MarkStalled: "stalled", kit.MarkOver: "over the scale", kit.MarkLate: "connected after 1 s or more", kit.MarkRollout: "backends changed",
	}[m]
}

// wholeBlocks counts the blocks that are observations.
func wholeBlocks(series []probe.Series) int {
	n := 0
	for _, s := range series {
		n += len(s.Blocks)
	}
	return n
}
