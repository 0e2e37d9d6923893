package measure

import (
	"strings"
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

func drawn(t *track, e experiment, kind probe.Kind, p probe.Phase) string {
	style := kit.Spark{Width: 20, Top: 80, Scroll: true}
	var b strings.Builder
	for _, r := range style.Row(t.columns(e, kind, p), t.total) {
		b.WriteString(r.Text)
	}
	return strings.TrimLeft(b.String(), " ")
}

// TestTrack: whatever a look brings again is not added again, changes of the
// backends stand where they belong, and those before the run nowhere.
func TestTrack(t *testing.T) {
	t.Parallel()
	const step = 100 * time.Millisecond
	zero := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return zero.Add(d) }
	var tr track
	e := experiment{}
	ivs := []probe.Interval{interval(0, 10, 5), interval(step, 20, 5)}
	changes := []time.Time{at(-time.Hour)}
	tr.add(ivs, changes, zero)
	if got := drawn(&tr, e, probe.HTTP, probe.Total); got != "▁▂" {
		t.Errorf("two intervals: %q", got)
	}
	changes = append(changes, at(step*5/2), at(step*7/2))
	ivs = append(ivs, interval(2*step, 30, 5))
	tr.add(ivs, changes, zero) // the second change is newer than any interval
	tr.add(ivs, changes, zero)
	if got := drawn(&tr, e, probe.HTTP, probe.Total); got != "▁▂│▃│" || tr.total != 5 {
		t.Errorf("with two changes: %q, %d", got, tr.total)
	}
	ivs = append(ivs[2:], interval(3*step, 40, 5)) // the engine has forgotten the first
	tr.add(ivs, changes, zero)
	if got := drawn(&tr, e, probe.HTTP, probe.Total); got != "▁▂│▃│▄" {
		t.Errorf("after another look: %q", got)
	}
	for i := range 3 * keepEvents {
		tr.add([]probe.Interval{interval(time.Duration(10+i)*step, 80, 5)}, changes, zero)
	}
	if tr.total != 6+3*keepEvents || len(tr.events) > 2*keepEvents || len(tr.columns(e, probe.HTTP, probe.Total)) != keepEvents {
		t.Errorf("a long run: %d events kept of %d", len(tr.events), tr.total)
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
		if got := (event{interval: tt.iv}).column(tt.e, tt.kind, tt.phase); got.Mark != tt.want {
			t.Errorf("%s: mark %d, want %d", tt.name, got.Mark, tt.want)
		}
	}
}
