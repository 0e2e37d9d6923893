package evidence

import (
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
)

// Only what was paced as the cold figures were that agree with the published ones is
// weighed.
func TestArrival(t *testing.T) {
	for rate, want := range map[float64]advisor.Arrival{0: advisor.Hot, 1: advisor.Cold, 100: advisor.Cold, 101: advisor.Hot, 1000: advisor.Hot} {
		if got := arrival(probe.Plan{Rate: rate}); got != want {
			t.Errorf("%g/s is %s", rate, got)
		}
	}
	for _, c := range []struct {
		load lab.Load
		pace lab.Pacing
		want advisor.Arrival
	}{
		{lab.Cold, lab.Pacing{PerSecond: lab.DefaultPerSecond, EvictBytes: lab.DefaultEvictBytes}, advisor.Cold},
		{lab.Cold, lab.Pacing{PerSecond: lab.DefaultPerSecond}, advisor.Hot},
		{lab.Cold, lab.Pacing{PerSecond: 1000, EvictBytes: lab.DefaultEvictBytes}, advisor.Hot},
		{lab.Hot, lab.Pacing{PerSecond: lab.DefaultPerSecond, EvictBytes: lab.DefaultEvictBytes}, advisor.Hot},
	} {
		if got := sweptArrival(c.load, c.pace); got != c.want {
			t.Errorf("%s at %+v is %s", c.load, c.pace, got)
		}
	}
}
