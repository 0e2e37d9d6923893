package probe

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fake answers every hit after took; it lives in virtual time.
type fake struct {
	*shared
	took func(target int, n int64) time.Duration
	n    *atomic.Int64
}

func (f fake) hit(target int, h *hit) {
	took := f.took(target, f.n.Add(1))
	h.sent = f.now()
	time.Sleep(took)
	h.connected, h.written, h.first, h.done = h.sent+1000, h.sent+1000, f.now(), f.now()
	h.handshakeNs, h.hasHandshake, h.reached = int64(took)/1000, true, answered
	h.dropped = f.stop.Load()
}

func (f fake) close() {}

func (f fake) sleep(until int64) { time.Sleep(min(time.Duration(until-f.now()), patience)) }

// fakeRun runs a plan against fakes, in virtual time.
func fakeRun(ctx context.Context, t *testing.T, plan Plan, took func(target int, n int64) time.Duration) Result {
	t.Helper()
	r, err := NewRunner(plan, Target{Name: "A", Address: "127.0.0.1:9", Kind: HTTP}, Target{Name: "B", Address: "127.0.0.2:9", Kind: HTTP})
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	r.arm = func(s *shared, _ int) (shooter, error) { return fake{shared: s, took: took, n: &n}, nil }
	out, err := r.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func always(took time.Duration) func(int, int64) time.Duration {
	return func(int, int64) time.Duration { return took }
}

// A stall must show in an open loop: every hit that was due while it lasted is
// late, or counted as not sent; a closed loop hides it, which is why the notes name the loop.
func TestOpenLoopCountsFromDue(t *testing.T) {
	stall := func(_ int, n int64) time.Duration {
		if n == 11 {
			return time.Second
		}
		return 2 * time.Millisecond
	}
	plan := DefaultPlan()
	plan.Concurrency, plan.WarmUp, plan.Blocks, plan.Requests = 1, 0, 1, 100
	for _, open := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			if plan.Rate = 0; open {
				plan.Rate = 100
			}
			r := fakeRun(t.Context(), t, plan, stall)
			slow := r.Series[0]
			if r.Series[1].Phases[Total].MaxNs > slow.Phases[Total].MaxNs {
				slow = r.Series[1] // whichever came first
			}
			s, missed := slow.Phases[Total], slow.Events.NotSent
			if s.MaxNs < int64(time.Second) || s.N+missed != 100 {
				t.Fatalf("open %v: %+v, %d not sent", open, s, missed)
			}
			// 100 were due in that second; the last two of them are not long overdue after it.
			if open && (missed < 85 || missed > 98) || !open && missed != 0 {
				t.Errorf("open %v: %d are said to be not sent", open, missed)
			}
			if late := time.Duration(r.SelfCheck.LatenessP99Ns); late > plan.Overdue() && open {
				t.Errorf("hits were sent %v late", late)
			}
			if word := map[bool]string{true: "open loop", false: "closed loop"}[open]; !strings.Contains(strings.Join(r.Notes, ";"), word) {
				t.Errorf("the notes do not say %q: %q", word, r.Notes)
			}
		})
	}
}

// frozen is fake on a machine that stands still for a while.
type frozen struct {
	fake
	from, to int64 // run's clock
	sent     func(at int64)
}

func (f frozen) thaw() {
	if now := f.now(); now >= f.from && now < f.to {
		time.Sleep(time.Duration(f.to - now))
	}
}

func (f frozen) hit(target int, h *hit) {
	f.sent(f.now())
	f.fake.hit(target, h)
	f.thaw()
}

func (f frozen) sleep(until int64) { f.fake.sleep(until); f.thaw() }

// However long the machine stands still, the rate is never passed afterwards: each
// of 64 threads holds a hit that was due meanwhile, and none of these is sent but the
// last.
func TestNoBurstAfterAStall(t *testing.T) {
	for _, rate := range []float64{5, 100, 3000} {
		synctest.Test(t, func(t *testing.T) {
			plan := DefaultPlan()
			plan.Requests, plan.Duration, plan.Rate, plan.Concurrency, plan.Blocks, plan.WarmUp = 0, 10*time.Second, rate, 64, 1, 0
			r, err := NewRunner(plan, Target{Name: "A", Address: "127.0.0.1:9", Kind: HTTP})
			if err != nil {
				t.Fatal(err)
			}
			var n atomic.Int64
			var mu sync.Mutex
			var times []int64
			sent := func(at int64) {
				mu.Lock()
				defer mu.Unlock()
				times = append(times, at)
			}
			r.arm = func(s *shared, _ int) (shooter, error) {
				return frozen{fake{shared: s, n: &n, took: always(time.Millisecond)}, 2e9, 6e9, sent}, nil
			}
			out, err := r.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(times)
			for i, from := range times {
				for j := i; j < len(times); j++ {
					within := time.Duration(times[j] - from)
					if most := rate*(within+plan.Overdue()).Seconds() + 2; float64(j-i+1) > most {
						t.Fatalf("%g/s: %d hits within %v of %v", rate, j-i+1, within, time.Duration(from))
					} else if within > 100*time.Millisecond {
						break
					}
				}
			}
			s := out.Series[0]
			if all := float64(s.Requests + s.Events.NotSent); all != 10*rate || float64(s.Events.NotSent) < 3.5*rate {
				t.Errorf("%g/s: %d sent, %d not", rate, s.Requests, s.Events.NotSent)
			}
		})
	}
}

// Targets that never answer hold a block up by one timeout, however many hits are due.
func TestOpenLoopEndsThoughAllHang(t *testing.T) {
	for name, change := range map[string]func(*Plan){
		"a time":  func(p *Plan) { p.Requests, p.Duration = 0, 10*time.Second },
		"a count": func(p *Plan) { p.Requests = 10_000 },
	} {
		synctest.Test(t, func(t *testing.T) {
			plan := DefaultPlan()
			plan.Rate, plan.Blocks, plan.WarmUp, plan.Timeout = 1000, 10, 0, 7*time.Second
			change(&plan)
			r := fakeRun(t.Context(), t, plan, always(plan.Timeout))
			if most := 2 * 10 * (time.Second + plan.Timeout); r.Elapsed > most {
				t.Errorf("%s: took %v, want at most %v", name, r.Elapsed, most)
			}
			if s := r.Series[0]; s.Requests+s.Events.NotSent != 10_000 {
				t.Errorf("%s: %d sent, %d not", name, s.Requests, s.Events.NotSent)
			}
		})
	}
}

func TestOpenLoopKeepsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := DefaultPlan()
		plan.Requests, plan.Duration, plan.Rate = 0, 20*time.Second, 50
		r := fakeRun(t.Context(), t, plan, always(3*time.Millisecond))
		for _, s := range r.Series {
			if s.Requests != 1000 || len(s.Blocks) != 20 {
				t.Errorf("%s: %d requests in %d blocks, want 1000 in 20", s.Target.Name, s.Requests, len(s.Blocks))
			}
		}
		// Usable would depend on what else this machine does: steal is real here.
		if r.SelfCheck.AchievedRate < 49 {
			t.Errorf("self-check %+v", r.SelfCheck)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		plan := DefaultPlan()
		plan.Rate, plan.Concurrency = 1000, 2
		r := fakeRun(t.Context(), t, plan, always(10*time.Millisecond)) // 200/s is all it can do
		if r.SelfCheck.Usable || r.Compare(0, 1).Phases[Handshake].Usable {
			t.Errorf("a run that missed its rate is usable: %+v", r.SelfCheck)
		}
	})
}

// More users than threads: what waits for a thread is late, and in no phase.
func TestClosedLoopQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := DefaultPlan()
		plan.Concurrency, plan.Threads, plan.Blocks, plan.WarmUp, plan.Requests = 8, 2, 1, 0, 200
		r := fakeRun(t.Context(), t, plan, always(10*time.Millisecond))
		if got := r.Series[0].Phases[Total]; got.MaxNs != int64(10*time.Millisecond) {
			t.Errorf("Total is %+v, want 10 ms", got)
		}
		// 8 users, 2 at a time: each waits while 3 pairs go before it.
		if late := time.Duration(r.SelfCheck.LatenessP99Ns); late < 29*time.Millisecond || late > 31*time.Millisecond {
			t.Errorf("lateness is %v, want 30 ms", late)
		}
		if !strings.Contains(strings.Join(r.Notes, ";"), "8 hits due at once 2 are on the wire") {
			t.Errorf("the notes do not tell: %q", r.Notes)
		}
	})
}

func TestKnownDifferenceIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := fakeRun(t.Context(), t, DefaultPlan(), func(target int, n int64) time.Duration {
			return 20*time.Millisecond + time.Duration(n%7)*time.Millisecond - time.Duration(target)*5*time.Millisecond
		})
		d := r.Compare(0, 1).Phases[Total]
		// A histogram of 3 digits knows 23 ms to 16 us.
		if !d.Detected || math.Abs(d.MedianDiffNs-5e6) > 16e3 || d.Blocks != 20 {
			t.Errorf("a difference of 5 ms is seen as %+v", d)
		}
		if r.Series[0].Requests != 4000 || r.Series[1].Requests != 4000 || r.Partial {
			t.Errorf("requests %d %d, partial %v: warm-up counted?", r.Series[0].Requests, r.Series[1].Requests, r.Partial)
		}
	})
}

// A cancel returns what there is, and every worker has ended: synctest fails
// if a goroutine of the bubble is left.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1505*time.Millisecond)
		defer cancel()
		r := fakeRun(ctx, t, DefaultPlan(), always(10*time.Millisecond))
		if !r.Partial || r.Elapsed > 2*time.Second {
			t.Errorf("partial %v after %v", r.Partial, r.Elapsed)
		}
		total, inBlocks := int64(0), int64(0)
		for _, s := range r.Series {
			total += s.Requests
			for _, b := range s.Blocks {
				inBlocks += b.Requests
			}
		}
		// 150 rounds of 8 hits, 400 of them warm-up; 5 ms into the next 8 are dropped.
		if total != 800 || inBlocks != 800 || r.SelfCheck.Abandoned != 8 {
			t.Errorf("%d requests, %d in blocks, %d abandoned", total, inBlocks, r.SelfCheck.Abandoned)
		}
	})
}

// A target so slow that the threads are the bound is named; a fast one, enough
// threads, or an open loop, is not.
func TestThreadsBoundAClosedLoop(t *testing.T) {
	slow := func(target int, _ int64) time.Duration { return []time.Duration{5, 25}[target] * time.Millisecond }
	for name, tt := range map[string]struct {
		change func(*Plan)
		want   bool
	}{
		"more at once than threads": {func(p *Plan) { p.Concurrency = 16 }, true},
		"as many threads":           {func(*Plan) {}, false},
		"open loop":                 {func(p *Plan) { p.Concurrency, p.Rate = 16, 100 }, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			plan := DefaultPlan()
			plan.Threads, plan.Requests, plan.Blocks, plan.WarmUp = 8, 200, 2, 0
			tt.change(&plan)
			notes := strings.Join(fakeRun(t.Context(), t, plan, slow).Notes, "\n")
			if got := strings.Contains(notes, "a hit on B takes 25ms (median), so 8 threads send about 320 hits/s"); got != tt.want || strings.Contains(notes, "a hit on A") {
				t.Errorf("%s: %s", name, notes)
			}
		})
	}
}

// Cancelled before anything counts, a run has no result: not before it began,
// not in the warm-up, not while it is paused.
func TestCancelBeforeTheFirstHit(t *testing.T) {
	for name, tt := range map[string]struct {
		after  time.Duration
		paused bool
	}{"at once": {after: 0}, "warming up": {after: 205 * time.Millisecond}, "paused": {after: time.Minute, paused: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				r, err := NewRunner(DefaultPlan(), Target{Name: "A", Address: "127.0.0.1:9", Kind: HTTP})
				if err != nil {
					t.Fatal(err)
				}
				var n atomic.Int64
				r.arm = func(s *shared, _ int) (shooter, error) {
					return fake{shared: s, n: &n, took: always(10 * time.Millisecond)}, nil
				}
				r.Pause(tt.paused)
				if tt.after == 0 {
					cancel()
				}
				defer time.AfterFunc(tt.after, cancel).Stop()
				out, err := r.Run(ctx)
				if !errors.Is(err, context.Canceled) || out.Series != nil {
					t.Errorf("%d series, error %v", len(out.Series), err)
				}
				if warm := n.Load() > 0; warm != (name == "warming up") {
					t.Errorf("%d hits", n.Load())
				}
			})
		})
	}
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := DefaultPlan()
		plan.Requests, plan.Blocks, plan.WarmUp, plan.Concurrency = 20, 2, 0, 1
		r, err := NewRunner(plan, Target{Name: "A", Address: "127.0.0.1:9", Kind: HTTP})
		if err != nil {
			t.Fatal(err)
		}
		var n atomic.Int64
		r.arm = func(s *shared, _ int) (shooter, error) {
			return fake{shared: s, n: &n, took: always(10 * time.Millisecond)}, nil
		}
		r.Pause(true)
		r.Pause(true)
		done := make(chan Result)
		go func() {
			out, err := r.Run(t.Context())
			if err != nil {
				t.Error(err)
			}
			done <- out
		}()
		time.Sleep(time.Minute)
		if s := r.Snapshot(); s.State != Paused || s.Series[0].Requests != 0 {
			t.Errorf("paused: %+v, %d requests", s.Progress, s.Series[0].Requests)
		}
		r.Pause(false)
		r.Pause(false)
		if out := <-done; out.Series[0].Requests != 20 || out.Elapsed != time.Minute+200*time.Millisecond {
			t.Errorf("%d requests in %v", out.Series[0].Requests, out.Elapsed)
		}
	})
}

func TestWorkerPanicIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := NewRunner(DefaultPlan(), Target{Name: "A", Address: "127.0.0.1:9", Kind: HTTP})
		if err != nil {
			t.Fatal(err)
		}
		var n atomic.Int64
		r.arm = func(s *shared, _ int) (shooter, error) {
			return fake{shared: s, n: &n, took: func(int, int64) time.Duration { panic("boom") }}, nil
		}
		if _, err := r.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("got %v", err)
		}
	})
}

func TestRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := DefaultPlan()
		plan.Requests, plan.Blocks = 10, 1
		r, err := NewRunner(plan, Target{Name: "A", Address: "127.0.0.1:9", Kind: HTTP})
		if err != nil {
			t.Fatal(err)
		}
		var n atomic.Int64
		r.arm = func(s *shared, _ int) (shooter, error) { return fake{shared: s, n: &n, took: always(0)}, nil }
		if s := r.Snapshot(); s.State != Idle || s.Turns != 2 || len(s.Series) != 1 {
			t.Errorf("before: %+v", s.Progress)
		}
		if _, err := r.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := r.Snapshot(); s.State != Finished || s.Turn != 2 {
			t.Errorf("after: %+v", s.Progress)
		}
		if _, err := r.Run(t.Context()); err == nil {
			t.Error("a second run passes")
		}
	})
}
