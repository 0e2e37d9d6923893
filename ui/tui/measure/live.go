package measure

import (
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

// lines are what is measured and the answer, which are always seen, and under it pictures
// and the rest, a window at a time. On a wide screen the pictures are always seen as well.
func (s *runPane) lines(f screen.Frame) []kit.Line {
	w, wide := f.Body.W, f.Right.W > 0
	head := append([]kit.Line{s.names(w), s.state(w, !wide)}, s.why(w)...)
	head = append(head, s.sentence(w)...)
	if s.tells() && !wide {
		head = append(head, kit.Line{s.palette.Text(s.weighed)}.Cut(w, s.palette.Ellipsis)) // whole below
	}
	const hint = 1
	counts, room := s.counts(w), f.Body.H-len(head)-hint
	rest := kit.Join(append(s.taken(w), s.problems(w)...), s.construction(w), s.table(w), append(s.unmarked(w), s.remarks(w)...))
	var pictures []kit.Line
	if wide {
		pictures = append(s.pictures(f, room-len(counts)), counts...)
	} else {
		pictures, rest = s.pictures(f, room), kit.Join(counts, rest)
	}
	if len(s.watch.series) == 0 {
		rest = kit.Join(s.problems(w), s.construction(w))
	}
	s.scrolls = false
	switch room := f.Body.H - len(head) - len(pictures); {
	case wide && room > headRoom, len(rest) < room:
		head = append(append(head, pictures...), nil)
	case len(rest) > 0:
		rest, s.scrolls = append(append(pictures, nil), rest...), true
	}
	return append(head, s.watch.pager.Show(rest, f.Body.H-len(head), s.palette)...)
}

// names says what is measured: the kind of run, and what is in it, or the address
// that each letter stands for.
func (s *runPane) names(w int) kit.Line {
	p := s.palette
	targets := s.watch.targets
	out := kit.Line{p.Strong(s.watch.kind + p.Voice.Text(": "))}
	if s.watch.title != "" {
		return append(out, p.Strong(s.watch.title)).Cut(w, p.Ellipsis)
	}
	room := (w-out.Width())/len(targets) - 5
	for i, t := range targets {
		name := string(t.Kind) + "://" + p.Voice.Said(t.Address) + t.Path
		out = append(out, p.As(side(i), s.watch.label(i)), p.Text(" "))
		out = append(out, kit.Line{p.Strong(name)}.Cut(room, p.Ellipsis)...)
		out = append(out, p.Text("   "))
	}
	return out
}

// state is the loop, what the engine does, how far it is and, where that is asked for,
// how many errors there were.
func (s *runPane) state(w int, counted bool) kit.Line {
	p, v, r := s.palette, s.palette.Voice, &s.watch
	g := r.progress
	out := kit.Line{p.Text(page.Loop(v, r.plan) + "   ")}
	comma := v.Sprintf("%s, %s", "", "")
	if r.frozen {
		out = append(out, p.As(kit.Warn, v.Text("FROZEN")), p.Text(comma))
	}
	word, blocks := v.Said(string(g.State)), v.Sprintf("block %s of %s", plain.Number(min(g.Turn+1, g.Turns)), plain.Number(g.Turns))
	switch {
	case r.err != nil:
		return append(out, p.As(kit.Bad, v.Text("failed")))
	case r.stopped():
		out = append(out, p.As(kit.Warn, v.Text("stopped")), p.Text(v.Sprintf(" after %s of %s", plain.Number(wholeBlocks(r.result.Series)), v.Count(len(r.targets)*r.plan.Blocks, "block"))))
	case r.result != nil:
		out = append(out, p.As(kit.Good, v.Text("finished")), p.Text(comma+v.Count(len(r.targets)*r.plan.Blocks, "block")))
	case g.State == "" || g.State == probe.Idle:
		out = append(out, p.Text(v.Text("starting")))
		if !s.trial.over && s.trial.paused {
			out = append(out, p.As(kit.Warn, v.Text(", pausing then")))
		}
	case s.stopping():
		out = append(out, p.As(kit.Warn, v.Text("stopping")), p.Text(comma+blocks))
		if waits(g.State) {
			out = append(out[:len(out)-1], p.Text(comma), p.Strong(word)) // removing what it made
		}
	case s.trial.paused && g.State != probe.Paused:
		out = append(out, p.As(kit.Warn, v.Text("pausing after this block")), p.Text(comma+blocks))
	case g.State == probe.Measuring || g.State == probe.WarmingUp:
		out = append(out, p.Strong(word))
		if g.Target < len(r.targets) {
			out = append(out, p.Text(" "), p.As(side(g.Target), r.label(g.Target)))
		}
		out = append(out, p.Text(comma+blocks))
	default:
		out = append(out, p.As(kit.Warn, word))
		if !waits(g.State) {
			out = append(out, p.Text(comma+blocks))
		}
	}
	tail := kit.Line{p.Text("   " + page.Clock(g.Elapsed.Truncate(time.Second)))}
	if counted && len(r.series) > 0 {
		tail = append(tail, s.total()...)
	}
	return append(out.Cut(w-tail.Width(), p.Ellipsis), tail...)
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
	return kit.Wrap(kit.Line{s.palette.Text(s.palette.Voice.Said(g.Why))}, w, 2)
}

// wholeBlocks counts the blocks that are observations.
func wholeBlocks(series []probe.Series) int {
	n := 0
	for _, s := range series {
		n += len(s.Blocks)
	}
	return n
}
