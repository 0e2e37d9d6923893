package tui

import (
	"fmt"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/spark"
	"kpadvisor/ui/words"
)

// side is how target i is painted; its colour says no more than its name does.
func side(i int) token { return []token{sideA, sideB, sideC, sideD, sideE}[i%5] }

// label is the name of target i: a letter, or a mode of the lab.
func (w *watch) label(i int) string {
	name := w.targets[i].Name
	if w.lab != nil {
		return words.Lane(lab.Mode(name))
	}
	return name
}

// labelCells is the room for the longest of them and a blank.
func (w *watch) labelCells() int {
	n := 0
	for i := range w.targets {
		n = max(n, cells(plain.Text(w.label(i))))
	}
	return min(n, maxLabel) + 1
}

// maxLabel is where a name is cut.
const maxLabel = 16

// headRoom is what the rows and the difference leave to the rest at least.
const headRoom = 4

// live is the run: what must always be seen, and under it the rest, a window at
// a time.
func (s *probeScreen) live(f frame) []line {
	w := f.Body.W
	head := append([]line{s.names(w), s.state(w)}, s.why(w)...)
	head = append(append(head, s.scaleLine(w)), s.sparks(w)...)
	head = append(head, s.difference(w)...)
	head = append(head, s.counts(w)...)
	rest := join(append(s.taken(w), s.problems(w)...), s.construction(w), s.table(w), append(s.unmarked(w), s.remarks(w)...))
	if len(s.watch.series) == 0 {
		rest = join(s.problems(w), s.construction(w))
	}
	g := &s.watch.pager
	if len(head) > f.Body.H-headRoom {
		return g.show(append(head, rest...), f.Body.H, s.palette)
	}
	if len(head)+len(rest) < f.Body.H || f.Body.H >= roomyBody {
		head = append(head, nil)
	}
	return append(head, g.show(rest, f.Body.H-len(head), s.palette)...)
}

// names says what is measured: the kind of run, and what is in it, or the address
// that each letter stands for.
func (s *probeScreen) names(w int) line {
	p := s.palette
	targets := s.watch.targets
	out := line{p.strong(s.watch.kind + ": ")}
	if s.watch.title != "" {
		return append(out, p.strong(s.watch.title)).cut(w, p.ellipsis)
	}
	room := (w-out.width())/len(targets) - 5
	for i, t := range targets {
		name := string(t.Kind) + "://" + t.Address + t.Path
		out = append(out, p.as(side(i), s.watch.label(i)), p.text(" "))
		out = append(out, line{p.strong(name)}.cut(room, p.ellipsis)...)
		out = append(out, p.text("   "))
	}
	return out
}

// state is the loop, what the engine does, and how far it is.
func (s *probeScreen) state(w int) line {
	p, r := s.palette, &s.watch
	g := r.progress
	out := line{p.text(r.loop() + "   ")}
	if r.frozen {
		out = append(out, p.as(warn, "FROZEN"), p.text(", "))
	}
	word, blocks := string(g.State), fmt.Sprintf("block %s of %s", plain.Number(min(g.Turn+1, g.Turns)), plain.Number(g.Turns))
	switch {
	case r.err != nil:
		return append(out, p.as(bad, "failed"))
	case r.result != nil && r.result.Partial:
		out = append(out, p.as(warn, "stopped"), p.text(fmt.Sprintf(" after %s of %s", plain.Number(wholeBlocks(r.result.Series)), plain.Count(len(r.targets)*r.plan.Blocks, "block"))))
	case r.result != nil:
		out = append(out, p.as(good, "finished"), p.text(", "+plain.Count(len(r.targets)*r.plan.Blocks, "block")))
	case g.State == "" || g.State == probe.Idle:
		out = append(out, p.text("starting"))
		if !s.trial.over && s.trial.paused {
			out = append(out, p.as(warn, ", pausing then"))
		}
	case s.stopping():
		out = append(out, p.as(warn, "stopping"), p.text(", "+blocks))
		if waits(g.State) {
			out = append(out[:len(out)-1], p.text(", "), p.strong(word)) // removing what it made
		}
	case s.trial.paused && g.State != probe.Paused:
		out = append(out, p.as(warn, "pausing after this block"), p.text(", "+blocks))
	case g.State == probe.Measuring || g.State == probe.WarmingUp:
		out = append(out, p.strong(word))
		if g.Target < len(r.targets) {
			out = append(out, p.text(" "), p.as(side(g.Target), r.label(g.Target)))
		}
		out = append(out, p.text(", "+blocks))
	default:
		out = append(out, p.as(warn, word))
		if !waits(g.State) {
			out = append(out, p.text(", "+blocks))
		}
	}
	return append(out.cut(w-10, p.ellipsis), p.text("   "+g.Elapsed.Truncate(time.Second).String()))
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
func (s *probeScreen) why(w int) []line {
	g := s.watch.progress
	if s.watch.over() || g.Why == "" {
		return nil
	}
	return wrap(line{s.palette.text(g.Why)}, w, 2)
}

// scaleLine says what the rows show and on which scale.
func (s *probeScreen) scaleLine(w int) line {
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
	out := line{p.strong(phaseName(r.phase)), p.text("   " + top)}
	if len(r.targets) > 1 {
		out = append(out, p.text(map[bool]string{true: ", both rows", false: ", all rows"}[len(r.targets) == 2]))
	}
	return append(out, p.muted("   medians of 100 ms, "+moves)).cut(w, p.ellipsis)
}

// sparkStats is the room beside a row: "  p50 43.1  p99  117 us".
const sparkStats = 2 + 4 + numberWidth + 2 + 4 + numberWidth + 3

// sparks are the rows, and a legend of the marks that are in them.
func (s *probeScreen) sparks(w int) []line {
	p, r := s.palette, &s.watch
	wide := r.labelCells()
	style := spark.Style{Width: w - wide - sparkStats, Top: r.scale.Top, Scroll: r.scroll, ASCII: p.ascii}
	seen := map[spark.Mark]bool{}
	var out []line
	ms := r.inMilliseconds(r.phase)
	for i := range r.targets {
		l := p.column(side(i), r.label(i), wide)
		for _, run := range style.Row(r.columns(i), r.tracks[i].total) {
			seen[run.Mark] = true
			l = append(l, p.as(markToken(run.Mark, i), run.Text))
		}
		st := r.stats(i, r.phase)
		l = append(l, p.muted("  p50 "), p.right(strong, figure(float64(st.MedianNs), st.N, ms), numberWidth),
			p.muted("  p99 "), p.right(strong, figure(float64(st.P99Ns), st.N, ms), numberWidth), p.muted(" "+unit(ms)))
		out = append(out, l)
	}
	out = append(out, s.absent(w)...)
	var legend line
	for _, m := range spark.Marks() {
		if seen[m] {
			legend = append(legend, p.as(markToken(m, 0), style.Glyph(m)), p.text(" "+markWords(m)+"   "))
		}
	}
	return append(out, legend)
}

// markToken is how a run of row i is painted.
func markToken(m spark.Mark, i int) token {
	switch m {
	case spark.Value:
		return side(i)
	case spark.Warm:
		return muted
	case spark.NoReply, spark.Late:
		return bad
	case spark.Over, spark.Stalled:
		return warn
	case spark.Rollout:
		return accent
	case spark.None:
	}
	return normal
}

func markWords(m spark.Mark) string {
	return map[spark.Mark]string{
		spark.NoReply: "no answer", spark.Stalled: "stalled", spark.Over: "over the scale", spark.Late: "connected after 1 s or more", spark.Rollout: "backends changed",
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
