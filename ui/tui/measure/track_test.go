package measure

import (
	"fmt"
	"testing"
	"time"

	"kpadvisor/probe"
	"kpadvisor/ui/kit"
)

func interval(at time.Duration, medianNs, answers int64) probe.Interval {
	v := probe.Interval{At: at, Length: 100 * time.Millisecond}
	for _, p := range probe.Phases() {
		v.N[p], v.MedianNs[p] = answers, medianNs
	}
	return v
}

// TestTrack: whatever a look brings again is not added again, and what went wrong is kept
// when the rest has been forgotten.
func TestTrack(t *testing.T) {
	t.Parallel()
	const step = 100 * time.Millisecond
	var tr track
	values := func() string {
		out := ""
		for _, at := range tr.recent(experiment{}, probe.HTTP, probe.Total) {
			out += fmt.Sprintf("%v:%.0f ", at.At, at.Value)
		}
		return out
	}
	ivs := []probe.Interval{interval(0, 10, 5), interval(step, 20, 5)}
	tr.add(ivs)
	tr.add(ivs)
	ivs = append(ivs[1:], interval(2*step, 30, 5)) // the engine has forgotten the first
	tr.add(ivs)
	if got := values(); got != "0s:10 100ms:20 200ms:30 " {
		t.Errorf("three intervals: %q", got)
	}
	late := interval(3*step, 40, 5)
	late.Retransmitted = 1
	tr.add([]probe.Interval{late})
	for i := range 3 * keptIntervals {
		tr.add([]probe.Interval{interval(time.Duration(10+i)*step, 80, 5)})
	}
	if n := len(tr.intervals); n > 2*keptIntervals || len(tr.recent(experiment{}, probe.HTTP, probe.Total)) != keptIntervals {
		t.Errorf("a long run: %d intervals kept", n)
	}
	block := probe.Block{At: 4 * step, Length: 2 * step}
	block.N[probe.Total], block.MedianNs[probe.Total] = 9, 50
	whole := tr.whole([]probe.Block{block}, experiment{}, probe.HTTP, probe.Total)
	if len(whole) != 2 || whole[0].Mark != kit.MarkLate || whole[0].At != 3*step || whole[1].At != 5*step || whole[1].Value != 50 {
		t.Errorf("the whole run: %+v", whole)
	}
}

// TestWholeRunKeepsOutages: what is told by blocks is told of the whole run, and where the
// rest has been let go of, or was never seen, that is known.
func TestWholeRunKeepsOutages(t *testing.T) {
	t.Parallel()
	const step = 100 * time.Millisecond
	var blocks []probe.Block
	for i := range 3 { // one that answered, one lost, one that nothing is known of
		b := probe.Block{Round: i, At: time.Duration(2*i) * step, Length: 2 * step, Requests: 9}
		blocks = append(blocks, b)
	}
	blocks[0].N[probe.Total], blocks[0].MedianNs[probe.Total], blocks[1].Failed, blocks[2].Failed = 9, 50, 9, 3
	var tr track
	whole := tr.whole(blocks, experiment{}, probe.HTTP, probe.Total)
	if len(whole) != 2 || whole[0].Mark != kit.MarkValue || whole[1] != (kit.StripPoint{At: 3 * step, Mark: kit.MarkNoReply}) {
		t.Errorf("a lost block: %+v", whole)
	}
	at := func(from, n int, answers int64) []probe.Interval {
		var out []probe.Interval
		for i := range n {
			out = append(out, interval(time.Duration(from+i)*step, 10, answers))
		}
		return out
	}
	tr.add(at(0, 10, 5))
	if tr.add(at(5, 10, 5)); tr.since != 0 {
		t.Errorf("everything was seen, and it is known since %v", tr.since)
	}
	if tr.add(at(100, 10, 5)); tr.since != 100*step {
		t.Errorf("after a gap it is known since %v", tr.since)
	}
	for i := range 3 * keptIntervals {
		tr.add(at(105+i, 2, 0))
	}
	if first := tr.troubled[0].At; tr.since != first || first <= 110*step {
		t.Errorf("after %d outages it is known since %v, the first kept is of %v", 3*keptIntervals, tr.since, first)
	}
	w := watch{tracks: []track{{}, tr}, progress: probe.Progress{Elapsed: tr.until}, other: true}
	if last, cut := w.marked(); !cut || last != tr.until-tr.since {
		t.Errorf("marks of the last %v, cut %v", last, cut)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	silent := interval(0, 0, 0)
	failed, late, warm, shaken, connected := silent, interval(0, 10, 5), interval(0, 10, 5), interval(0, 10, 5), silent
	failed.Errors, late.Retransmitted, warm.Warm = 3, 1, true
	shaken.N[probe.Handshake] = 0
	connected.N[probe.Connect] = 4
	slowly := experiment{plan: probe.Plan{Rate: 5}}
	for _, tt := range []struct {
		name  string
		iv    probe.Interval
		e     experiment
		kind  probe.Kind
		phase probe.Phase
		want  kit.Mark
	}{
		{"answered", interval(0, 10, 5), experiment{}, probe.HTTP, probe.Total, kit.MarkValue},
		{"warm-up", warm, experiment{}, probe.HTTP, probe.Total, kit.MarkWarm},
		{"nothing came back", silent, experiment{}, probe.HTTP, probe.Total, kit.MarkStalled},
		{"all failed", failed, slowly, probe.HTTP, probe.Total, kit.MarkNoReply},
		{"perhaps nothing was due", silent, slowly, probe.HTTP, probe.Total, kit.MarkNone},
		{"connected late", late, experiment{}, probe.HTTP, probe.Total, kit.MarkLate},
		{"connected, not answered", connected, experiment{}, probe.HTTP, probe.Total, kit.MarkNoReply},
		{"connected, and tcp has no answer", connected, experiment{}, probe.TCP, probe.Total, kit.MarkNone},
		{"answered, the kernel told no time", shaken, experiment{}, probe.HTTP, probe.Handshake, kit.MarkNone},
	} {
		if got := markOf(tt.iv, tt.e, tt.kind, tt.phase); got != tt.want {
			t.Errorf("%s: mark %d, want %d", tt.name, got, tt.want)
		}
	}
}
