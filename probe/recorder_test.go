package probe

import (
	"reflect"
	"sync"
	"testing"
	"time"
)

func goodHit(at, connect int64) hit {
	return hit{
		due: at - 10, sent: at, connected: at + connect, written: at + connect + 5, first: at + connect + 100,
		done: at + connect + 200, handshakeNs: 7000, hasHandshake: true, establishedNs: 5000, hasEstablished: true, reached: answered,
	}
}

func TestHitPhases(t *testing.T) {
	h := goodHit(1000, 50)
	for _, c := range []struct {
		p        Phase
		openLoop bool
		want     int64
	}{{Handshake, false, 7000}, {Established, false, 5000}, {FirstPacket, false, 2000}, {Connect, false, 50}, {Waiting, false, 95}, {Processing, false, 200}, {Total, false, 250}, {Total, true, 260}} {
		if got, ok := h.phase(c.p, c.openLoop); got != c.want || !ok {
			t.Errorf("%s is %d, %v; want %d", c.p, got, ok, c.want)
		}
	}
	h.establishedNs = 8000 // can't be, but the kernel is not ours
	if got, ok := h.phase(FirstPacket, false); got != 0 || !ok {
		t.Errorf("a first packet faster than the fastest: %d, %v", got, ok)
	}
	for _, lacks := range []func(*hit){func(h *hit) { h.hasHandshake = false }, func(h *hit) { h.hasEstablished = false }} {
		g := h
		lacks(&g)
		if _, ok := g.phase(FirstPacket, false); ok {
			t.Errorf("a difference of what is not known: %+v", g)
		}
	}
	h.hasEstablished = false
	h.reached = connected // reset after connect: what came before still counts
	for p, want := range map[Phase]bool{Handshake: true, Established: false, FirstPacket: false, Connect: true, Waiting: false, Processing: false, Total: false} {
		if _, ok := h.phase(p, false); ok != want {
			t.Errorf("a hit that only connected: %s counts: %v", p, ok)
		}
	}
}

func TestGoodStatus(t *testing.T) {
	for head, want := range map[string]bool{
		"HTTP/1.1 200": true, "HTTP/1.0 204": true, "HTTP/1.1 404": false, "HTTP/1.1 302": false,
		"HTTP/1.1 2": false, "": false, "SSH-2.0-Open": false, "HTTP/1.1 2xx": false, "HTTP/2.0 200": false,
	} {
		if goodStatus([]byte(head)) != want {
			t.Errorf("%q: good is %v", head, !want)
		}
	}
}

func TestRecorderCounts(t *testing.T) {
	r := newRecorder([]Target{{Name: "A"}, {Name: "B"}}, false)
	r.begin(Turn{Target: 1, Warm: true}, 0)
	slow := goodHit(10, 1.02e9)
	slow.resentSYNs = 1
	r.add([]hit{goodHit(10, 50), slow, {sent: 1, connected: 5, done: 5, failure: Refused}}, true)
	r.end(1e9, 0, true)
	r.begin(Turn{Target: 1, Round: 0}, 1e9)
	late := goodHit(1e9, 1.02e9)
	late.hasHandshake, late.resentSYNs = false, 1
	r.add([]hit{
		goodHit(1e9, 50), goodHit(1e9, 50), late,
		{sent: 1e9, connected: 1e9 + 5, done: 1e9 + 5, failure: Refused},
		{sent: 1e9, connected: 3e9, done: 3e9, failure: Timeout, resentSYNs: 2},
		{sent: 1e9, connected: 1e9 + 5, done: 1e9 + 5, dropped: true, failure: Timeout},
	}, true)
	r.end(4e9, 0, true)
	r.begin(Turn{Target: 1, Round: 1}, 4e9)
	r.add([]hit{goodHit(4e9, 50)}, true)
	r.end(5e9, 0, false) // cancelled

	a, s := r.ledgers[0].series(), r.ledgers[1].series()
	if a.Requests != 0 || a.Phases[Connect].N != 0 || len(a.Intervals) != 0 {
		t.Errorf("the idle target has %+v", a)
	}
	if want := (Tally{Requests: 3, Failed: 1, Late: 1, ResentSYNs: 1}); s.WarmUp != want || a.WarmUp != (Tally{}) {
		t.Errorf("warm-up %+v, want %+v", s.WarmUp, want)
	}
	if s.Requests != 6 || s.Errors[Refused] != 1 || s.Errors[Timeout] != 1 || len(s.Errors) != 2 || r.dropped != 1 {
		t.Errorf("requests %d errors %v dropped %d", s.Requests, s.Errors, r.dropped)
	}
	if want := (Events{From1s: 1, ResentSYNs: 3, SYNTimeouts: 1}); s.Events != want {
		t.Errorf("events are %+v, want %+v", s.Events, want)
	}
	if s.Phases[Connect].N != 4 || s.Phases[Handshake].N != 3 {
		t.Errorf("phases are %+v", s.Phases)
	}
	if len(s.Blocks) != 1 || s.Blocks[0].Requests != 5 || s.Blocks[0].Failed != 2 || s.Blocks[0].N[Connect] != 3 || s.Blocks[0].MedianNs[Handshake] != 7000 {
		t.Errorf("blocks are %+v", s.Blocks)
	}
	if s.Failed() != 2 || s.ErrorClasses()[0] != Refused {
		t.Errorf("failed %d, classes %v", s.Failed(), s.ErrorClasses())
	}
}

func TestBandOf(t *testing.T) {
	for _, c := range []struct {
		took time.Duration
		band Band
		ok   bool
	}{
		{900 * time.Millisecond, 0, false},
		{995 * time.Millisecond, Band1s, true},
		{2 * time.Second, Band1s, true},
		{3001 * time.Millisecond, Band3s, true},
		{7 * time.Second, Band7s, true},
		{30 * time.Second, Band7s, true},
	} {
		if band, ok := bandOf(int64(c.took)); band != c.band || ok != c.ok {
			t.Errorf("%v is band %d, %v", c.took, band, ok)
		}
	}
}

// Same numbers whether or not somebody looks on, and no worker waits for them.
func TestSnapshotsChangeNothing(t *testing.T) {
	measure := func(watched bool) PerPhase[Stats] {
		run, err := NewRunner(DefaultPlan(), Target{Name: "A", Address: "h:1", Kind: HTTP})
		if err != nil {
			t.Fatal(err)
		}
		r := run.recorder
		r.begin(Turn{}, 0)
		done, ready := make(chan struct{}), make(chan struct{})
		var watcher sync.WaitGroup
		if watched {
			watcher.Go(func() {
				run.Snapshot()
				close(ready)
				for {
					select {
					case <-done:
						return
					default:
						run.Snapshot()
					}
				}
			})
			<-ready
		}
		var left []hit
		for i := range int64(20_000) {
			left = append(left, goodHit(i*1000, i%977+1))
			if r.add(left, len(left) >= batchSize) {
				left = left[:0]
			}
		}
		r.add(left, true)
		close(done)
		watcher.Wait()
		r.end(20_000_000, 0, true)
		return r.ledgers[0].series().Phases
	}
	if alone, watched := measure(false), measure(true); !reflect.DeepEqual(alone, watched) {
		t.Errorf("alone   %+v\nwatched %+v", alone, watched)
	}
}

func TestRing(t *testing.T) {
	const step = int64(intervalLength)
	r := newRing()
	r.begin(0, Turn{Round: 3})
	r.record(Connect, 100)
	r.record(Connect, 300)
	r.record(Connect, 200)
	r.current.Errors++
	r.advance(3*step + 1) // two silent intervals follow
	r.record(Connect, 50)
	r.end(3*step + step/2)
	got := r.intervals()
	if len(got) != 4 {
		t.Fatalf("%d intervals, want 4: %+v", len(got), got)
	}
	if got[0].MedianNs[Connect] < 199 || got[0].MedianNs[Connect] > 202 || got[0].MaxNs[Connect] != 300 || got[0].Errors != 1 || got[0].Round != 3 || got[0].Empty() {
		t.Errorf("the first is %+v", got[0])
	}
	if !got[1].Empty() || !got[2].Empty() || got[2].At != 2*intervalLength {
		t.Errorf("the silent ones are %+v %+v", got[1], got[2])
	}
	if got[3].Length != intervalLength/2 || got[3].N[Connect] != 1 {
		t.Errorf("the last is %+v", got[3])
	}
	r.advance(100 * step) // between blocks nothing moves
	if len(r.intervals()) != 4 {
		t.Error("the ring moves between blocks")
	}
	r.begin(100*step, Turn{})
	r.advance(1_000_000 * step)
	if n := len(r.intervals()); n != ringSize {
		t.Errorf("%d intervals after a long silence, want %d", n, ringSize)
	}
}
