package probe

import (
	"slices"
	"strings"
	"testing"
)

func TestDiagnose(t *testing.T) {
	reuse := DefaultPlan()
	reuse.Ports = SourcePorts{ReusePorts, 40000, 40063}
	for _, c := range []struct {
		name   string
		series Series
		made   int64
		want   []Cause
		says   string
	}{
		{"nothing wrong", Series{Requests: 10}, 10, nil, ""},
		{"no ports left", Series{Requests: 10, Errors: map[Class]int64{AddressNotAvailable: 4}}, 6, []Cause{PortExhaustion}, "not to blame"},
		{"the listen queue is full", Series{Requests: 10, Events: Events{ResentRequests: 3, From1s: 2, ResentSYNs: 2}}, 10, []Cause{BacklogFull, SYNRetransmit}, "511 in nginx"},
		{"every SYN lost", Series{Requests: 10, Errors: map[Class]int64{Timeout: 10}, Events: Events{SYNTimeouts: 10, ResentSYNs: 30}}, 0, []Cause{Unreachable}, "Nothing behind"},
		{"some SYNs lost", Series{Requests: 10, Events: Events{From1s: 3, ResentSYNs: 3}}, 10, []Cause{SYNRetransmit}, "costs 1 s"},
		{"some SYNs never answered", Series{Requests: 10, Errors: map[Class]int64{Timeout: 2}, Events: Events{SYNTimeouts: 2, ResentSYNs: 6}}, 8, []Cause{DeadPod}, "others never"},
		{"some late, some never", Series{Requests: 10, Errors: map[Class]int64{Timeout: 2}, Events: Events{SYNTimeouts: 2, ResentSYNs: 7, From1s: 1}}, 8, []Cause{SYNRetransmit}, "costs 1 s"},
		{"one backend has no route", Series{Requests: 10, Errors: map[Class]int64{NoRoute: 3}}, 7, []Cause{DeadPod}, "a backend is gone"},
		{"one backend refuses", Series{Requests: 10, Errors: map[Class]int64{Refused: 3}}, 7, []Cause{DeadPod}, "a backend is gone"},
		{"refused by all", Series{Requests: 10, Errors: map[Class]int64{Refused: 10}}, 0, []Cause{Unreachable}, "Nothing behind"},
		{"reset after connect", Series{Requests: 10, Errors: map[Class]int64{Reset: 3}}, 10, []Cause{DeadPod}, "reset"},
		{"81775 (a)", Series{Requests: 10, Errors: map[Class]int64{NoRoute: 3}, Conditions: Conditions{Plan: reuse}}, 7, []Cause{DeadPod}, "81775"},
		{"81775 (b)", Series{Requests: 10, Events: Events{From1s: 3, ResentSYNs: 3}, Conditions: Conditions{Plan: reuse}}, 10, []Cause{SYNRetransmit}, "81775"},
		{"not found", Series{Requests: 10, Errors: map[Class]int64{BadResponse: 10}}, 10, []Cause{ServerFault}, "2xx"},
		{"slow answers", Series{Requests: 10, Errors: map[Class]int64{Timeout: 4}}, 10, []Cause{ServerFault}, "in time"},
		{"too many files", Series{Requests: 10, OtherError: "too many open files", Errors: map[Class]int64{OtherFailure: 4}}, 6, []Cause{LocalLimit}, "This machine"},
		{"all at once", Series{Requests: 10, Errors: map[Class]int64{AddressNotAvailable: 1, NoRoute: 1}, Events: Events{From3s: 1}}, 8, []Cause{PortExhaustion, DeadPod, SYNRetransmit}, "ran out"},
	} {
		c.series.Phases[Connect].N = c.made
		var causes []Cause
		text := ""
		for _, f := range Diagnose(c.series) {
			causes, text = append(causes, f.Cause), text+f.Text+"\n"
			if f.How == "" {
				t.Errorf("%s: %s does not say how it is known", c.name, f.Cause)
			}
		}
		if !slices.Equal(causes, c.want) || !strings.Contains(text, c.says) {
			t.Errorf("%s: %v %q, want %v with %q", c.name, causes, text, c.want, c.says)
		}
	}
}

// Two targets with resent SYNs may lead to one pod; one target, or a run that reuses
// ports on purpose, has another cause.
func TestDiagnoseShared(t *testing.T) {
	lost := Series{Target: Target{Name: "A"}, Events: Events{ResentSYNs: 3, From1s: 3}}
	quiet := Series{Target: Target{Name: "B"}}
	reuse := lost
	reuse.Conditions.Plan.Ports = SourcePorts{ReusePorts, 40000, 40063}
	for name, c := range map[string]struct {
		series []Series
		want   bool
	}{
		"two":        {[]Series{lost, quiet}, true},
		"one":        {[]Series{lost}, false},
		"none lost":  {[]Series{quiet, quiet}, false},
		"on purpose": {[]Series{reuse, quiet}, false},
	} {
		f, ok := diagnoseShared(c.series)
		if ok != c.want || ok && (f.Cause != SharedPod || f.Target != "A") {
			t.Errorf("%s: %+v, %v", name, f, ok)
		}
	}
}
