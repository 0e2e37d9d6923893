//go:build unix && !race

// Not under the race detector: the library's terminal reader (ultraviolet) is not
// joined before its file is closed when a context ends. make test runs these apart.

package tui

import (
	"io"
	"strings"
	"testing"
	"time"

	"kpadvisor/probe"
)

// lively is a run in which everything moves at every look: a column of each row
// and every number of the table.
func lively(f *fakeProber) func() probe.Snapshot {
	whole := runOf(43e3, 31e3, 300)
	return func() probe.Snapshot {
		n := f.looked()
		r := whole
		r.Series = append([]probe.Series{}, whole.Series...)
		for i := range r.Series {
			s := &r.Series[i]
			s.Blocks = s.Blocks[:min(n/2, len(s.Blocks))]
			s.Intervals = s.Intervals[max(min(n, len(s.Intervals))-256, 0):min(n, len(s.Intervals))]
			for p := range s.Phases {
				v := &s.Phases[p]
				v.MeanNs *= 1 + wobble(n, 1)/200
				v.SDNs *= 1 + wobble(n, 2)/200
				v.MedianNs += int64(float64(v.MedianNs) * wobble(n, 3) / 200)
				v.P90Ns += int64(float64(v.P90Ns) * wobble(n, 4) / 200)
				v.P99Ns += int64(float64(v.P99Ns) * wobble(n, 5) / 100)
				v.MaxNs += int64(n/10) * 1e6
			}
		}
		s := live(r)()
		s.Turns, s.Elapsed = 1202, time.Duration(n)*100*time.Millisecond
		return s
	}
}

// TestBytesOfARun: a redraw of the live screen costs at most a kilobyte, and
// nothing is written while it is frozen.
func TestBytesOfARun(t *testing.T) {
	s := openTerminal(t)
	f := &fakeProber{hold: make(chan struct{}), result: runOf(43e3, 31e3, 20)}
	f.snapshot = lively(f)
	o := with(done(mixedFacts()), f)
	o.Style = Style{Color: true, Dark: true}
	ended := s.run(t.Context(), o)
	s.waitFor(t, "4,312")
	write := func(keys string) {
		if _, err := io.WriteString(s.control, keys); err != nil {
			t.Fatal(err)
		}
	}
	write("4\r10.96.0.10:80\r10.96.0.11:80\r\r\r\r\r\r")
	s.waitFor(t, "enough")
	write("\r")
	s.waitFor(t, "measuring")
	measure := func() (bytes, looks int) {
		before, seen := len(s.all()), f.looked()
		time.Sleep(3 * time.Second) // of real time: this is the measurement
		return len(s.all()) - before, f.looked() - seen
	}
	time.Sleep(500 * time.Millisecond)
	bytes, looks := measure()
	t.Logf("sweep: %d bytes in %d redraws, %d each", bytes, looks, bytes/max(looks, 1))
	if looks < 10 || looks > 31 || bytes > looks*1024 {
		t.Errorf("%d bytes in %d redraws of 3 s, want at most 1024 each and at most 30 of them", bytes, looks)
	}
	write("m")
	time.Sleep(300 * time.Millisecond)
	bytes, looks = measure()
	t.Logf("scroll: %d bytes in %d redraws, %d each", bytes, looks, bytes/max(looks, 1))
	write("f")
	s.waitFor(t, "FROZEN")
	time.Sleep(300 * time.Millisecond)
	if bytes, looks = measure(); bytes > 0 || looks > 0 {
		t.Errorf("frozen: %d bytes, %d looks", bytes, looks)
	}
	write("q")
	if o := <-ended; o.err != nil || o.result.Probe == nil || !o.result.Probe.Partial {
		t.Errorf("ended with %+v", o)
	}
	s.restored(t)
	if strings.Contains(s.all(), "goroutine") {
		t.Error("a stack trace went to the terminal")
	}
}
