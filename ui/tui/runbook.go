package tui

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// runbook is the change as something one works through: steps that can be ticked, and
// commands of which one is copied at a time.
type runbook struct {
	palette kit.Palette
	session *session
	list    selection
	stops   []stop // what the pointer can be on, as last drawn
}

// stop is a command, or a step that has none.
type stop struct {
	step    int
	command string // empty: the step has none
	lines   int    // that it takes
}

// steps are those of the runbook that is looked at, the mode that it leads to, and
// whether they are known yet.
func (s *session) steps() (all []advisor.Step, to advisor.Mode, known bool) {
	if s.to == "" {
		return s.advice.Runbook, s.advice.Recommended, true
	}
	if m := s.move(); m != nil {
		return m.Runbook, s.to, true
	}
	return nil, s.to, false
}

// stepKey is what tells a step from others, also in the next run: all that it says. A step
// that has changed, or is said in another language, is another.
func stepKey(step advisor.Step) string {
	text := append([]string{step.Title, step.Text}, step.Commands...)
	sum := sha256.Sum256([]byte(strings.Join(text, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// ticked reports whether somebody has done a step.
func (s *session) ticked(to advisor.Mode, step advisor.Step) bool {
	return slices.Contains(s.memory.kept.Steps[string(to)], stepKey(step))
}

// tick marks one of all steps as done, or as not done after all. Ticks of steps that are in
// the runbook no more are forgotten, once the whole cluster was read: what is kept has a
// bound.
func (s *session) tick(to advisor.Mode, all []advisor.Step, step advisor.Step) {
	done := slices.Clone(s.memory.kept.Steps[string(to)])
	if !s.busy() {
		var there []string
		for _, other := range all {
			there = append(there, stepKey(other))
		}
		done = slices.DeleteFunc(done, func(key string) bool { return !slices.Contains(there, key) })
	}
	at, found := slices.BinarySearch(done, stepKey(step))
	if found {
		done = slices.Delete(done, at, at+1)
	} else {
		done = slices.Insert(done, at, stepKey(step))
	}
	s.memory.steps(string(to), done)
	s.revision++
}

// adapt enables what can be done with what the pointer is on.
func (r *runbook) adapt(k *screen.KeyMap) {
	at, ok := r.at()
	k.Tick.SetEnabled(ok)
	k.Copy.SetEnabled(false)
	k.Take.SetEnabled(ok && at.command != "")
}

// at is what the pointer is on.
func (r *runbook) at() (stop, bool) {
	if r.list.at >= len(r.stops) {
		return stop{}, false
	}
	return r.stops[r.list.at], true
}

// key ticks, or moves the pointer.
func (r *runbook) key(press tea.KeyPressMsg, k screen.KeyMap, g *kit.Pager) {
	if key.Matches(press, k.Tick) {
		r.tick()
		return
	}
	r.list.update(press, k.PagerKeys, g)
}

// tick ticks the step that the pointer is on, or takes that back.
func (r *runbook) tick() {
	if at, ok := r.at(); ok {
		all, to, _ := r.session.steps()
		r.session.tick(to, all, all[at.step])
	}
}

// lines are the head of the runbook and its steps.
func (r *runbook) lines(w int, newer kit.Line, differs func(title string, all []advisor.Reason, w int) []kit.Line) []kit.Line {
	p, to := r.palette, r.session.to
	r.stops, r.list.rows = nil, nil
	all, target, known := r.session.steps()
	v := p.Voice
	title, none := v.Text("Runbook"), v.Text("There is nothing to change, so there is nothing to run.")
	switch {
	case to != "":
		title, none = page.MoveTitle(v, to), v.Text("There is nothing to run.")
	case r.session.advice.Action == advisor.Change && len(all) > 0:
		title = v.Sprintf("Runbook: to %s, as advised", page.Mode(v, target))
	}
	out := kit.Wrap(append(append(kit.Line{p.Strong(title)}, r.progress(all, target)...), newer...), w, 2)
	switch {
	case !known:
		return append(out, nil, kit.Line{p.Text(v.Text("Working it out…"))})
	case to != "":
		out = kit.Join(out, differs(v.Text("What would differ"), r.session.move().Differs, w))
	}
	if out = append(out, nil); len(all) == 0 {
		return append(out, kit.Line{p.Text(none)})
	}
	for i, step := range all {
		if i > 0 {
			out = append(out, nil)
		}
		out = r.step(out, i, step, target, w)
	}
	return out
}

// progress is how much is done.
func (r *runbook) progress(all []advisor.Step, to advisor.Mode) kit.Line {
	p, done := r.palette, 0
	for _, step := range all {
		if r.session.ticked(to, step) {
			done++
		}
	}
	if len(all) == 0 {
		return nil
	}
	return kit.Line{
		p.Text("   "), p.As(kit.Good, strings.Repeat("━", done)), p.Muted(strings.Repeat("─", len(all)-done)),
		p.Text(" " + p.Voice.Sprintf("%d of %d", done, len(all))).Whole(len(all)),
	}
}

// The columns of a step, after that of the pointer.
const (
	pointCells = 2
	stepCells  = 4 // the tick
)

// step adds one step to lines, and notes what the pointer can be on.
func (r *runbook) step(out []kit.Line, i int, step advisor.Step, to advisor.Mode, w int) []kit.Line {
	p := r.palette
	put := func(hang int, l ...kit.Span) {
		for _, part := range kit.Wrap(l, w-pointCells, hang) {
			out = append(out, append(kit.Line{p.Text("  ")}, part...))
		}
	}
	stands := func(command string) {
		r.stops = append(r.stops, stop{step: i, command: command})
		r.list.rows = append(r.list.rows, len(out))
	}
	ends := func() { // of what the pointer can be on
		last := len(r.stops) - 1
		r.stops[last].lines = len(out) - r.list.rows[last]
	}
	mark := p.Text("[ ] ")
	if r.session.ticked(to, step) {
		mark = p.As(kit.Good, "[x] ")
	}
	if len(step.Commands) == 0 {
		stands("")
	}
	put(stepCells+3, mark, p.Accent(fmt.Sprintf("%-3d", i+1)), p.Strong(step.Title))
	if step.Text != "" {
		put(stepCells, p.Text(strings.Repeat(" ", stepCells)+step.Text))
	}
	if len(step.Commands) == 0 {
		ends()
	}
	for _, c := range step.Commands {
		stands(strings.Join(plain.Lines(c), "\n"))
		for _, row := range strings.Split(c, "\n") {
			put(stepCells+4, p.Text(strings.Repeat(" ", stepCells)), p.Accent("$ "), p.Text(row))
		}
		ends()
	}
	return out
}
