package page

import (
	"strings"
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

// TestTook: a time has no more digits than it deserves, and is no power of ten.
func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 70 * time.Nanosecond: "0 ms", 1_234 * time.Microsecond: "1.23 ms", 999_400 * time.Microsecond: "999 ms",
		999_700 * time.Microsecond: "1.0 s", time.Second: "1.0 s", 83 * time.Second: "83.0 s",
	} {
		if got := took(say.Voice{}, d); got != want {
			t.Errorf("%v: %q, not %q", d, got, want)
		}
	}
}

// TestRulesBeside: what kube-proxy counts stands beside the formula, with the difference.
func TestRulesBeside(t *testing.T) {
	f := advisor.Facts{Load: advisor.KnownFrom(advisor.Load{Family: "IPv4", Ports: 100, Endpoints: 300, NodePorts: 10}, "")}
	r := advisor.NodeReport{Placed: true, Version: advisor.KnownFrom("v1.37.2", "")}
	const formula = 9 + 2*100 + 3*300 + 10 + 2*10 + 10
	for n, want := range map[int]string{
		formula: "1,149 rules, as many as the formula gives", formula + 5: "1,154 rules, 5 more than the formula gives for the Services of this reading",
		formula - 1_000: "149 rules, 1,000 fewer than the formula gives for the Services of this reading",
	} {
		r.Rules = advisor.KnownFrom(n, "")
		if got := rulesBeside(say.Voice{}, n, f, r); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := rulesBeside(say.Voice{}, 5, advisor.Facts{}, r); got != "5 rules" {
		t.Errorf("%q", got)
	}
}

// TestProgramming: what a histogram of few changes does not tell is not told.
func TestProgramming(t *testing.T) {
	ms := time.Millisecond
	few, r := advisor.TimeRange{Unknown: true}, advisor.NodeReport{}
	if got := programming(say.Voice{}, r); len(got) != 0 {
		t.Errorf("%q", got)
	}
	r.Syncs = []advisor.SyncTimes{{Kind: advisor.AllSyncs, Count: 9, Sum: ms}, {Kind: advisor.Programming, Count: 1, Sum: 250 * ms, Half: few, Most: few}}
	if got := strings.Join(programming(say.Voice{}, r), "; "); got != "from the change of an endpoint to the rules 250 ms in the mean of 1 change" {
		t.Errorf("%q", got)
	}
	r.Syncs[1] = advisor.SyncTimes{
		Kind: advisor.Programming, Count: 200, Sum: 60 * time.Second,
		Half: advisor.TimeRange{Low: 250 * ms, High: 500 * ms}, Most: advisor.TimeRange{Low: 300 * time.Second, Open: true},
	}
	const want = "from the change of an endpoint to the rules 300 ms in the mean of 200 changes; median 250 ms to 500 ms; 99th percentile over 300.0 s"
	if got := strings.Join(programming(say.Voice{}, r), "; "); got != want {
		t.Errorf("%q", got)
	}
}
