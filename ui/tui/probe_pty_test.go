//go:build unix && !race

// Not under the race detector: the library's terminal reader (ultraviolet) is not
// joined before its file is closed when a context ends. make test runs these apart.

package tui

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/measuretest"
)

// lively is a run in which everything moves at every look: a column of each row
// and every number of the table.
func lively(f *measuretest.Prober) func() probe.Snapshot {
	whole := measuretest.RunOf(43e3, 31e3, 300)
	return func() probe.Snapshot {
		n := f.Looked()
		r := whole
		r.Series = append([]probe.Series{}, whole.Series...)
		for i := range r.Series {
			r.Series[i] = part(r.Series[i], n)
		}
		s := measuretest.Live(r)()
		s.Turns, s.Elapsed = 1202, time.Duration(n)*100*time.Millisecond
		return s
	}
}

// part is a series as it is seen at look n: every number has moved.
func part(s probe.Series, n int) probe.Series {
	now := time.Duration(n) * 100 * time.Millisecond
	blocks, _ := slices.BinarySearchFunc(s.Blocks, now, func(b probe.Block, at time.Duration) int { return cmp.Compare(b.At+b.Length, at) })
	seen, _ := slices.BinarySearchFunc(s.Intervals, now, func(v probe.Interval, at time.Duration) int { return cmp.Compare(v.At, at) })
	s.Blocks, s.Intervals = s.Blocks[:blocks], s.Intervals[max(seen-256, 0):seen]
	for p := range s.Phases {
		v := &s.Phases[p]
		v.MeanNs *= 1 + measuretest.Wobble(n, 1)/200
		v.SDNs *= 1 + measuretest.Wobble(n, 2)/200
		v.MedianNs += int64(float64(v.MedianNs) * measuretest.Wobble(n, 3) / 200)
		v.P90Ns += int64(float64(v.P90Ns) * measuretest.Wobble(n, 4) / 200)
		v.P99Ns += int64(float64(v.P99Ns) * measuretest.Wobble(n, 5) / 100)
		v.MaxNs += int64(n/10) * 1e6
		moved := slices.Clone(s.Quantiles[p])
		for i := range moved {
			moved[i] += int64(float64(moved[i]) * measuretest.Wobble(n, 6+i) / 100)
		}
		s.Quantiles[p] = moved
	}
	return s
}

// write types into the terminal.
func (s *terminal) write(t *testing.T) func(keys string) {
	return func(keys string) {
		if _, err := io.WriteString(s.control, keys); err != nil {
			t.Fatal(err)
		}
	}
}

// measure counts what is written, and how often the run is looked at, in 3 s.
func (s *terminal) measure(looked func() int) (bytes, looks int) {
	before, seen := len(s.all()), looked()
	time.Sleep(3 * time.Second) // of real time: this is the measurement
	return len(s.all()) - before, looked() - seen
}

// leastRedraw is what a redraw of a run costs at least: the clock and a dot of the course
// have moved.
const leastRedraw = 16

// cheap fails unless a redraw costs at most so many bytes, but is one, and there are at
// most ten a second.
func cheap(t *testing.T, bytes, looks, most int) {
	t.Helper()
	t.Logf("%d bytes in %d redraws, %d each", bytes, looks, bytes/max(looks, 1))
	if looks < 10 || looks > 31 || bytes > looks*most || bytes < looks*leastRedraw {
		t.Errorf("%d bytes in %d redraws of 3 s, want %d to %d each and 10 to 30 of them", bytes, looks, leastRedraw, most)
	}
}

// TestBytesOfALab: a redraw of a lab that runs costs at most a kilobyte on a small screen
// and four on a large one.
func TestBytesOfALab(t *testing.T) {
	for _, size := range []struct{ w, h, most int }{{80, 24, 1024}, {120, 40, 4096}, {200, 60, 8192}} {
		s := openTerminal(t)
		s.size(t, size.w, size.h)
		f := measuretest.HeldLab()
		whole := measuretest.LabResult(300)
		f.Lively = func(n int) lab.State {
			state := measuretest.LabState(4871, 0)
			state.Snapshot.Series = nil
			for i := range whole.Series {
				state.Snapshot.Series = append(state.Snapshot.Series, part(whole.Series[i], n))
			}
			state.Snapshot.Elapsed, state.Snapshot.Turn, state.Snapshot.Turns = time.Duration(n)*100*time.Millisecond, n, 1202
			return state
		}
		all := measuretest.Everything(&measuretest.Prober{})
		measuretest.SetLab(&all, f)
		o := with(done(mixedFacts()), all)
		o.Style = kit.Style{Color: true, Dark: true}
		ended := s.run(t.Context(), o)
		s.waitFor(t, "4,312")
		write := s.write(t)
		for _, step := range [][2]string{{"4", "What to measure"}, {"\r", "can run"}, {"\r", "measuring"}} {
			write(step[0])
			s.waitFor(t, step[1])
		}
		for _, key := range []string{"", "m"} { // the last 30 s, and the whole run
			write(key)
			time.Sleep(500 * time.Millisecond)
			bytes, looks := s.measure(f.Looked)
			cheap(t, bytes, looks, size.most)
		}
		write("q")
		if o := <-ended; o.err != nil || len(o.result.Probes) != 1 || !o.result.Probes[0].Partial || f.Closed() != 1 {
			t.Errorf("ended with %v, %d labs closed", o.err, f.Closed())
		}
		s.restored(t)
	}
}

// TestBytesOfARun: a redraw of the live screen costs at most a kilobyte, and
// nothing is written while it is frozen.
func TestBytesOfARun(t *testing.T) {
	s := openTerminal(t)
	f := &measuretest.Prober{Hold: make(chan struct{}), Result: measuretest.RunOf(43e3, 31e3, 20)}
	f.Shows = lively(f)
	o := with(done(mixedFacts()), measuretest.Everything(f))
	o.Style = kit.Style{Color: true, Dark: true}
	ended := s.run(t.Context(), o)
	s.waitFor(t, "4,312")
	write := s.write(t)
	for _, step := range [][2]string{{"4", "What to measure"}, {"j\r", "Two targets"}, {"\r10.96.0.10:80\r10.96.0.11:80\r\r\r\r\r\r\r\r", "enough"}, {"\r", "measuring"}} {
		write(step[0])
		s.waitFor(t, step[1])
	}
	measure := func() (bytes, looks int) { return s.measure(f.Looked) }
	time.Sleep(500 * time.Millisecond)
	bytes, looks := measure()
	cheap(t, bytes, looks, 1024)
	write("f")
	s.waitFor(t, "FROZEN")
	time.Sleep(300 * time.Millisecond)
	if bytes, looks = measure(); bytes > 0 || looks > 0 {
		t.Errorf("frozen: %d bytes, %d looks", bytes, looks)
	}
	write("q")
	if o := <-ended; o.err != nil || len(o.result.Probes) != 1 || !o.result.Probes[0].Partial {
		t.Errorf("ended with %+v", o)
	}
	s.restored(t)
	if strings.Contains(s.all(), "goroutine") {
		t.Error("a stack trace went to the terminal")
	}
}
