package probe

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// faulty is fake, of which so many of 10 hits fail after a time.
type faulty struct {
	fake
	of10  int64
	after time.Duration
}

func (f faulty) hit(target int, h *hit) {
	f.fake.hit(target, h)
	if target == 1 && h.done >= int64(f.after) && f.n.Load()%10 < f.of10 {
		h.reached, h.failure = connected, Reset
	}
}

func TestBreaker(t *testing.T) {
	for name, tt := range map[string]struct {
		of10   int64
		share  float64
		rate   float64
		broken bool
	}{
		"all fail":            {10, 0.5, 0, true},
		"most fail, paced":    {7, 0.5, 100, true},
		"some fail":           {3, 0.5, 0, false},
		"more than a quarter": {3, 0.25, 0, true},
		"never":               {10, 0, 0, false},
		"too few to tell":     {10, 0.5, 4, false},
		"what reuse is for":   {10, 0.5, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := DefaultPlan()
				plan.Requests, plan.Duration, plan.Rate, plan.StopAtFailed, plan.Jitter = 0, 40*time.Second, tt.rate, tt.share, false
				if name == "what reuse is for" {
					plan.Ports = SourcePorts{ReusePorts, 40000, 40999}
				}
				r, err := NewRunner(plan, Target{Name: "A", Address: "127.0.0.1:9", Kind: HTTP}, Target{Name: "B", Address: "127.0.0.2:9", Kind: HTTP})
				if err != nil {
					t.Fatal(err)
				}
				var n atomic.Int64
				r.arm = func(s *shared, _ int) (shooter, error) {
					return faulty{fake{shared: s, n: &n, took: always(5 * time.Millisecond)}, tt.of10, 20 * time.Second}, nil
				}
				out, err := r.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if out.Partial != tt.broken || (out.Stopped != "") != tt.broken || tt.broken && !strings.Contains(out.Stopped, "hits on B failed (reset)") {
					t.Errorf("partial %v, stopped %q", out.Partial, out.Stopped)
				}
				// It is not hasty, and looks at 10 s of the target's blocks at most.
				if tt.broken && (out.Elapsed < 20*time.Second || out.Elapsed > 60*time.Second || out.Series[1].Failed() == 0) {
					t.Errorf("stopped after %v, %d failed", out.Elapsed, out.Series[1].Failed())
				}
			})
		})
	}
}
