package measure

import (
	"slices"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// watch is what the Probe screen knows of a run, and how it shows it. It is
// made of copies: nothing in it belongs to the engine.
type watch struct {
	experiment
	kind        string       // of the run, in a word
	budget      probe.Budget // before the run, if it was asked for
	progress    probe.Progress
	series      []probe.Series
	differences []versus
	told        *versus           // the one that is said in words; nil for none
	gaps        []string          // per target: why the changes of its backends are not seen
	lab         *lab.State        // of a run of the lab
	direct      *probe.Comparison // of the controls, once a run that has them has ended
	result      *probe.Result     // once it has ended
	err         error             // why there is none

	tracks   []track
	rollouts [][]time.Duration // per target: when its backends changed
	scale    kit.Scale
	other    bool // the other time than usual is shown: the whole run while it lasts, its end when it has ended
	frozen   bool
	phase    probe.Phase
	chosen   bool // the phase was chosen by hand
	pager    kit.Pager
}

// versus is the comparison of target a with target b.
type versus struct {
	a, b       int
	comparison probe.Comparison
}

// compared are the differences of series, each pair that is compared, and the one that is
// said in words: of a lab one beside them, or else the only one there is.
func compared(all []probe.Series, inLab bool, compare func(a, b int) probe.Comparison) (differences []versus, told *versus) {
	for _, p := range probe.Pairs(len(all)) {
		differences = append(differences, versus{p[0], p[1], compare(p[0], p[1])})
	}
	if inLab {
		modes := make([]lab.Mode, len(all))
		for i, s := range all {
			modes[i] = lab.Mode(s.Target.Name)
		}
		if a, b, ok := page.Told(modes); ok {
			x, y := slices.Index(modes, a), slices.Index(modes, b)
			return differences, &versus{x, y, compare(x, y)}
		}
	}
	if len(differences) == 1 {
		told = &differences[0]
	}
	return differences, told
}

// again is a watch of another run, looked at in the same way.
func (w watch) again(kind string, e experiment) watch {
	next := watch{experiment: e, kind: kind, tracks: make([]track, len(e.targets)), phase: w.phase, chosen: w.chosen}
	if w.scale.Fixed {
		next.scale = w.scale
	}
	return next
}

// pulled takes a look at the run.
func (w *watch) pulled(msg pulledMsg) {
	w.progress, w.differences, w.told, w.gaps = msg.snapshot.Progress, msg.differences, msg.told, msg.gaps
	if msg.lab != nil {
		w.lab = msg.lab
	}
	w.take(msg.snapshot.Series, msg.rollouts, msg.started)
}

// ended takes the last look: what is shown from now on is the result itself.
func (w *watch) ended(t *trial) {
	if state := t.prober.says(); state != nil {
		w.lab = state
	}
	if t.err != nil {
		w.err = t.err
		return
	}
	w.result = &t.result
	w.progress.State, w.progress.Elapsed = probe.Finished, t.result.Elapsed
	if !w.stopped() {
		w.progress.Turn = w.progress.Turns
	}
	w.differences, w.told = compared(t.result.Series, w.lab != nil, t.result.Compare)
	if direct, ok := t.result.Direct(); ok {
		w.direct = &direct
	}
	changes, gaps := t.changes()
	w.gaps = gaps
	w.take(t.spread, changes, t.result.Started)
}

func (w *watch) take(series []probe.Series, rollouts [][]time.Time, started time.Time) {
	w.series = series
	if len(w.targets) != len(series) && len(series) > 0 { // the run found them itself
		w.targets, w.tracks = nil, make([]track, len(series))
		for _, s := range series {
			w.targets = append(w.targets, s.Target)
		}
	}
	w.rollouts = make([][]time.Duration, len(w.tracks))
	for i := range w.tracks {
		if i < len(rollouts) {
			w.rollouts[i] = since(started, rollouts[i])
		}
		if i < len(series) {
			w.tracks[i].add(series[i].Intervals)
		}
	}
	if !w.chosen {
		w.phase = probe.Between(series...)
	}
	w.follow()
}

// since is how long after the beginning each of some times was; those before it are none.
func since(started time.Time, all []time.Time) []time.Duration {
	var out []time.Duration
	for _, at := range all {
		if at.After(started) {
			out = append(out, at.Sub(started))
		}
	}
	return out
}

// whole reports whether the whole run is shown.
func (w *watch) whole() bool { return w.over() != w.other }

// marked is how much of the end of the whole run has all its marks, if that is shown and
// does not have all.
func (w *watch) marked() (last time.Duration, cut bool) {
	since := time.Duration(0)
	for i := range w.tracks {
		since = max(since, w.tracks[i].since)
	}
	return max(w.progress.Elapsed-since, 0), since > 0 && w.whole()
}

// near is how much of a run is shown while it lasts, and step the pace at which that moves
// on: what is drawn stays where it is meanwhile.
const (
	near = 30 * time.Second
	step = 5 * time.Second
)

// shown is the time that the picture has.
func (w *watch) shown() (from, to time.Duration) {
	now := w.progress.Elapsed
	switch {
	case w.whole() && w.over():
		return 0, max(now, time.Second)
	case w.whole():
		return 0, roundUp(now)
	}
	to = max((now+step-1)/step*step, near)
	return to - near, to
}

// roundUp is the first of some round times that is not before d.
func roundUp(d time.Duration) time.Duration {
	round := 10 * time.Second
	for _, factor := range []time.Duration{1, 2, 3, 6, 9, 12, 18, 30, 60, 120, 180, 360} {
		if round = factor * 10 * time.Second; round >= d {
			return round
		}
	}
	return (d + round - 1) / round * round
}

// points are those of target i, as they are drawn.
func (w *watch) points(i int) []kit.StripPoint {
	if w.whole() && i < len(w.series) {
		return w.tracks[i].whole(w.series[i].Blocks, w.experiment, w.targets[i].Kind, w.phase)
	}
	return w.tracks[i].recent(w.experiment, w.targets[i].Kind, w.phase)
}

// follow adapts the scale to what the picture shows of the phase.
func (w *watch) follow() {
	var counted, warm []float64
	from, to := w.shown()
	for i := range w.tracks {
		for _, at := range w.points(i) {
			switch {
			case at.At < from || at.At > to:
			case at.Mark == kit.MarkValue:
				counted = append(counted, at.Value)
			case at.Mark == kit.MarkWarm:
				warm = append(warm, at.Value)
			}
		}
	}
	if len(counted) == 0 {
		counted = warm
	}
	w.scale = w.scale.Follow(counted)
}

// nextPhase goes round the phases there are.
func (w *watch) nextPhase() {
	all := w.phases() // the phase of the run before may not be among them
	w.phase, w.chosen = all[(slices.Index(all, w.phase)+1)%len(all)], true
	if !w.scale.Fixed {
		w.scale = kit.Scale{}
	}
	w.follow()
}

// stopped reports whether the run has ended before its plan was done.
func (w *watch) stopped() bool { return w.result != nil && w.result.Partial }

// over reports whether the run has ended, as far as it is shown.
func (w *watch) over() bool { return w.result != nil || w.err != nil }
