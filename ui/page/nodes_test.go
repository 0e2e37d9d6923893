package page

import (
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/say"
)

// TestWaitingText: a wait is told as what it is, a lower bound in whole seconds.
func TestWaitingText(t *testing.T) {
	for want, waiting := range map[string]advisor.Fact[time.Duration]{
		"for at least 1,042 s": advisor.KnownFrom(1_042*time.Second, ""),
		"none":                 advisor.KnownFrom(time.Duration(0), ""),
		"-":                    {},
	} {
		if got := waitingText(say.Voice{}, advisor.NodeReport{Waiting: waiting}); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
