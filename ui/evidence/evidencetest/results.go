// Package evidencetest holds results of measurements for the tests of who weighs and
// shows them.
package evidencetest

import (
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/evidence"
)

// Run is a run in which A is 30 µs slower than B by Handshake, which ran
// the two modes named.
func Run() probe.Result {
	plan := probe.DefaultPlan()
	plan.Blocks, plan.Rate = 6, 100
	r := probe.Result{
		Plan: plan, Started: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Environment: probe.Environment{Kernel: "5.15.0-105-generic"}, SelfCheck: probe.SelfCheck{Usable: true},
		Labels: map[string]string{evidence.LabelModeA: "iptables", evidence.LabelModeB: "nftables", evidence.LabelServices: "900"},
	}
	for i, name := range []string{"A", "B"} {
		address := []string{"10.0.0.1:80", "10.0.0.2:80"}[i]
		s := probe.Series{Target: probe.Target{Name: name, Address: address, Kind: probe.TCP}, Resolved: address, Requests: 60}
		for round := range 6 {
			b := probe.Block{Round: round, Requests: 10}
			for _, ph := range []probe.Phase{probe.Handshake, probe.Connect} {
				b.N[ph], b.MedianNs[ph] = 10, 40_000-float64(i)*30_000+float64(round*100*i)
			}
			s.Blocks = append(s.Blocks, b)
		}
		r.Series = append(r.Series, s)
	}
	return r
}

// Sweep is a result of the lab in which iptables-legacy crosses IPVS at 1,200
// Services and iptables-nft was measured at one size alone.
func Sweep() lab.Result {
	r := lab.Result{Schema: lab.Schema, Environment: lab.Environment{
		Kernel: "5.15.0-105-generic", Where: lab.OnThisMachine, RulesPerPort: 1, Cold: lab.Pacing{PerSecond: 100, EvictBytes: 8 << 20}, Started: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), Notes: []string{},
	}}
	add := func(m lab.Mode, services int, ns int64) {
		p := lab.Point{Mode: m, Services: services, Position: rules.Middle}
		for i := range 3 {
			p.Builds = append(p.Builds, lab.Observation{Build: i, HotNs: ns / 2, ColdNs: ns + int64(i*len(m))})
		}
		r.Points = append(r.Points, p)
	}
	for _, n := range []int{100, 1000, 4000} {
		add(lab.IPTablesLegacy, n, 40_000+int64(5*n))
		add(lab.IPVS, n, 46_000)
	}
	add(lab.IPTablesNFT, 100, 41_000)
	return r
}

// Drill is one on a kernel in which conn_reuse_mode=0 with expire_nodest_conn=1 had an
// outcome.
func Drill(kernel string, outcome drill.Outcome) lab.DrillResult {
	r := lab.DrillResult{Schema: lab.DrillSchema, Plan: drill.DefaultPlan()}
	r.Environment = lab.DrillEnvironment{Kernel: kernel, Where: "user-mode Linux", Started: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	after := drill.Counts{OK: 500, ByClass: map[probe.Class]int{}}
	switch outcome {
	case drill.StalePod:
		after.Failed, after.ToOldPod, after.ByClass[probe.NoRoute] = 159, 159, 159
	case drill.Unclear:
		after.OK = 3
	case drill.Safe, drill.SynDelay:
	}
	r.Rows = []drill.Row{{
		Config: drill.InIPVS(0, 1, 1), Phases: map[drill.Part]drill.Counts{drill.Steady: {OK: 100}, drill.PodGone: after},
		Marks: []drill.Mark{{Do: drill.Terminating, At: 6 * time.Second}, {Do: drill.ListenerDown, At: 9 * time.Second}},
	}}
	return r
}
