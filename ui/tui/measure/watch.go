package measure

import (
	"slices"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
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
	gaps        []string          // per target: why the changes of its backends are not seen
	lab         *lab.State        // of a run of the lab
	direct      *probe.Comparison // of the controls, once a run that has them has ended
	result      *probe.Result     // once it has ended
	err         error             // why there is none

	tracks []track
	scale  kit.Scale
	scroll bool
	frozen bool
	phase  probe.Phase
	chosen bool // the phase was chosen by hand
	pager  kit.Pager
}

// versus is the comparison of target a with target b.
type versus struct {
	a, b       int
	comparison probe.Comparison
}

// again is a watch of another run, looked at in the same way.
func (w watch) again(kind string, e experiment) watch {
	next := watch{experiment: e, kind: kind, tracks: make([]track, len(e.targets)), scroll: w.scroll, phase: w.phase, chosen: w.chosen}
	if w.scale.Fixed {
		next.scale = w.scale
	}
	return next
}

// pulled takes a look at the run.
func (w *watch) pulled(msg pulledMsg) {
	w.progress, w.differences, w.gaps = msg.snapshot.Progress, msg.differences, msg.gaps
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
	if !t.result.Partial {
		w.progress.Turn = w.progress.Turns
	}
	w.differences = nil
	for _, p := range probe.Pairs(len(t.result.Series)) {
		w.differences = append(w.differences, versus{p[0], p[1], t.result.Compare(p[0], p[1])})
	}
	if direct, ok := t.result.Direct(); ok {
		w.direct = &direct
	}
	changes, gaps := t.changes()
	w.gaps = gaps
	w.take(t.result.Series, changes, t.result.Started)
}

func (w *watch) take(series []probe.Series, rollouts [][]time.Time, started time.Time) {
	w.series = series
	if len(w.targets) != len(series) && len(series) > 0 { // the run found them itself
		w.targets, w.tracks = nil, make([]track, len(series))
		for _, s := range series {
			w.targets = append(w.targets, s.Target)
		}
	}
	for i := range w.tracks {
		var changes []time.Time
		if i < len(rollouts) {
			changes = rollouts[i]
		}
		if i < len(series) {
			w.tracks[i].add(series[i].Intervals, changes, started)
		}
	}
	if !w.chosen {
		w.phase = probe.Between(series...)
	}
	w.follow()
}

// recent is how many columns of each row the scale follows.
const recent = 120

// follow adapts the scale to what the rows show of the phase.
func (w *watch) follow() {
	var counted, warm []float64
	for i := range w.tracks {
		columns := w.columns(i)
		for _, c := range columns[max(len(columns)-recent, 0):] {
			switch c.Mark {
			case kit.MarkValue:
				counted = append(counted, c.Value)
			case kit.MarkWarm:
				warm = append(warm, c.Value)
			case kit.MarkNone, kit.MarkNoReply, kit.MarkStalled, kit.MarkOver, kit.MarkLate, kit.MarkRollout:
			}
		}
	}
	if len(counted) == 0 {
		counted = warm
	}
	w.scale = w.scale.Follow(counted)
}

func (w *watch) columns(i int) []kit.Column {
	return w.tracks[i].columns(w.experiment, w.targets[i].Kind, w.phase)
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

// stats are the figures of target i, without any before the first look.
func (w *watch) stats(i int, p probe.Phase) probe.Stats {
	if i >= len(w.series) {
		return probe.Stats{}
	}
	return w.series[i].Phases[p]
}

// over reports whether the run has ended, as far as it is shown.
func (w *watch) over() bool { return w.result != nil || w.err != nil }
