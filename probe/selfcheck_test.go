package probe

import (
	"strings"
	"testing"
)

func TestSelfCheck(t *testing.T) {
	open := DefaultPlan()
	open.Rate = 100
	fine := Stats{N: 1000, P99Ns: 50_000}
	for _, c := range []struct {
		name string
		in   observed
		why  string // empty is usable
	}{
		{"closed loop", observed{plan: DefaultPlan(), lateness: fine, rate: 5}, ""},
		{"open loop on time", observed{plan: open, lateness: fine, rate: 99}, ""},
		{"open loop behind", observed{plan: open, lateness: fine, rate: 80}, "80.0 hits/s were sent of 100.0"},
		{"stolen CPU", observed{plan: open, lateness: fine, rate: 100, steal: Share{true, 0.2}}, "20 %"},
		{"steal not known", observed{plan: open, lateness: fine, rate: 100, steal: Share{false, 0.2}}, ""},
		{"nothing", observed{plan: open}, "nothing was measured"},
	} {
		got := c.in.check()
		if got.Usable != (c.why == "") || !strings.Contains(strings.Join(got.Why, ";"), c.why) {
			t.Errorf("%s: usable %v %q, want %q", c.name, got.Usable, got.Why, c.why)
		}
	}
}

func TestSelfCheckJudgesPhases(t *testing.T) {
	open := DefaultPlan()
	open.Rate = 100
	var detected Comparison
	for _, p := range Phases() {
		detected.Phases[p] = Difference{Blocks: 20, MedianDiffNs: -10_000, Bounded: true, Detected: true, Usable: true}
	}
	for _, c := range []struct {
		name     string
		check    SelfCheck
		plan     Plan
		unusable []Phase
	}{
		{"fine", SelfCheck{Usable: true, BiasKnown: true, ConnectBiasNs: 12_000, LatenessP99Ns: 1000}, open, nil},
		{"failed", SelfCheck{}, open, []Phase{Handshake, Established, FirstPacket, Connect, Processing, Waiting, Total, KeptAlive}},
		{"short of CPU: the kernel's handshake stands", SelfCheck{Usable: true, BiasKnown: true, ConnectBiasNs: 300_000}, DefaultPlan(), []Phase{Connect, Processing, Waiting, Total, KeptAlive}},
		{"late: what is counted from due falls", SelfCheck{Usable: true, LatenessP99Ns: 6000}, open, []Phase{Total}},
		{"late in a closed loop is only a queue", SelfCheck{Usable: true, LatenessP99Ns: 6000}, DefaultPlan(), nil},
	} {
		cmp := detected
		c.check.judge(c.plan, &cmp)
		bad := map[Phase]bool{}
		for _, p := range c.unusable {
			bad[p] = true
		}
		for _, p := range Phases() {
			if d := cmp.Phases[p]; d.Usable == bad[p] || d.Usable != (d.Why == "") {
				t.Errorf("%s: %s is usable %v, %q", c.name, p, d.Usable, d.Why)
			}
		}
	}
}
