package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"kpadvisor/ui/evidence"
	"kpadvisor/ui/page"

	"github.com/HdrHistogram/hdrhistogram-go"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// spread is a fixed distribution around a centre with a long tail.
func spread(centreNs, tailNs int64) []int64 {
	var out []int64
	for i := range int64(600) {
		out = append(out, centreNs+(i%41-20)*centreNs/100)
	}
	return append(out, tailNs/3, tailNs)
}

// statsOf are the figures of values, and their histogram as a file holds it.
func statsOf(t *testing.T, values []int64) (probe.Stats, probe.Encoded) {
	t.Helper()
	if len(values) == 0 {
		return probe.Stats{}, ""
	}
	h := hdrhistogram.New(1, int64(probe.MaxTimeout), 3)
	var sum, squares float64
	for _, v := range values {
		if err := h.RecordValue(v); err != nil {
			t.Fatal(err)
		}
		sum += float64(v)
	}
	mean := sum / float64(len(values))
	for _, v := range values {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	sorted := slices.Sorted(slices.Values(values))
	at := func(q float64) int64 { return sorted[int(q*float64(len(sorted)-1))] }
	s := probe.Stats{N: int64(len(values)), MinNs: at(0), MeanNs: mean, MedianNs: at(0.5), P90Ns: at(0.9), P99Ns: at(0.99), MaxNs: at(1)}
	if s.N > 1 {
		s.SDNs = math.Sqrt(squares / float64(s.N-1))
	}
	return s, probe.Encoded(encoded)
}

// seriesOf is a target whose phases take so long, and whose blocks are so far
// from that in each round.
func seriesOf(t *testing.T, r *probe.Result, name, address string, centres probe.PerPhase[int64], tail int64, noise []int64) {
	t.Helper()
	s := probe.Series{
		Target:   probe.Target{Name: name, Address: address, Kind: probe.HTTP, Path: "/"},
		Resolved: address, Errors: map[probe.Class]int64{},
		Intervals:  []probe.Interval{{Length: 100 * time.Millisecond, Warm: true, Errors: 1, Retransmitted: 1}},
		Conditions: probe.Conditions{Kernel: r.Environment.Kernel, Engine: r.Environment.Engine, Plan: r.Plan, Started: r.Started},
	}
	for ph, centre := range centres {
		if centre > 0 {
			s.Phases[ph], s.Histograms[ph] = statsOf(t, spread(centre, tail))
		}
	}
	for round, off := range noise {
		b := probe.Block{Round: round, At: time.Duration(round) * time.Second, Length: 800 * time.Millisecond, Requests: 100}
		for ph, centre := range centres {
			if centre > 0 {
				b.N[ph], b.MedianNs[ph] = 100, float64(centre+off)
			}
		}
		s.Blocks = append(s.Blocks, b)
	}
	s.Requests = 602
	r.Series = append(r.Series, s)
}

// emptyRun is a run of which nothing has been filled in but where it was made.
func emptyRun() probe.Result {
	plan := probe.DefaultPlan()
	plan.Requests, plan.Blocks = 602, 6
	return probe.Result{
		Plan: plan, Started: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Elapsed: 12*time.Second + 345*time.Millisecond,
		Environment: probe.Environment{Version: "v0.1.0", Kernel: "5.15.0-105-generic", System: "linux/amd64", Go: "go1.26.8", CPUs: 4, Engine: "blocking sockets"},
		SelfCheck: probe.SelfCheck{
			Usable: true, Threads: 8, LatenessP99Ns: 12_300, AchievedRate: 812.4, ConnectBiasNs: 14_000, BiasKnown: true,
			Steal: probe.Share{Known: true, Value: 0.002}, CPUWait: probe.Share{Known: true, Value: 0.031},
		},
		Budget: probe.Budget{
			Verdict: probe.Enough, Why: "8 connections at once need as many source ports; 28231 of 28231 are free",
			Target: "A", Ports: 28231, Free: 28231, Need: 8,
		},
		Notes: []string{
			"closed loop, 8 at once: a slow answer delays the next hit, so stalls weigh less than a user would feel",
			"Handshake is the kernel's SYN to SYN-ACK in whole µs, not given for a resent SYN; Connect adds this machine's own delay",
		},
	}
}

// compared is two targets of which A is slower, with the modes they run.
func compared(t *testing.T) page.Probe {
	t.Helper()
	r := emptyRun()
	seriesOf(t, &r, "A", "10.0.0.1:80", probe.PerPhase[int64]{43_000, 57_000, 410_000, 380_000, 468_000, 9_000, 34_000, 385_000}, 4_200_000, []int64{0, 300, -200, 400, 100, -300})
	seriesOf(t, &r, "B", "10.0.0.2:80", probe.PerPhase[int64]{31_000, 45_000, 409_800, 379_900, 455_000, 9_000, 22_000, 385_000}, 3_900_000, []int64{100, -100, 300, -100, 200, 0})
	r.Labels = map[string]string{evidence.LabelModeA: "iptables", evidence.LabelModeB: "nftables", evidence.LabelServices: "4000"}
	return page.Probe{Result: r, Basis: probe.Handshake, Version: "v0.1.0", Command: "kpadvisor probe http://10.0.0.1:80/ http://10.0.0.2:80/ -n 602 --blocks 6"}
}

// fourModes is a run of the lab: each mode against direct, one of them no different.
func fourModes(t *testing.T) page.Probe {
	t.Helper()
	r := emptyRun()
	for i, name := range []string{"direct", "iptables-legacy", "nftables", "ipvs"} {
		more := []int64{0, 18_800, 3_100, 0}[i]
		noise := [][]int64{{0, 300, -200, 400, 100, -300}, {100, -100, 300, -100, 200, 0}, {0, 200, 100, -300, 100, 0}, {200, 100, -400, 500, -100, 100}}[i]
		seriesOf(t, &r, name, "10.96.0.20:80", probe.PerPhase[int64]{15_000 + more, 31_000 + more, 210_000, 180_000, 241_000 + more}, 900_000, noise)
		r.Series[i].Target.Address = "10.96.0." + strconv.Itoa(20+i) + ":80"
		r.Series[i].Resolved = r.Series[i].Target.Address
	}
	r.Labels = map[string]string{evidence.LabelLab: "this machine, 1,000 Services of 5 endpoints, target random among the rules", evidence.LabelServices: "1000"}
	return page.Probe{Result: r, Basis: probe.Handshake, Version: "v0.1.0"}
}

// same is A/A: no difference to be found.
func same(t *testing.T) page.Probe {
	t.Helper()
	r := emptyRun()
	centres := probe.PerPhase[int64]{15_000, 31_000, 210_000, 180_000, 241_000}
	seriesOf(t, &r, "A", "10.0.0.1:80", centres, 900_000, []int64{900, -800, 700, 400, -600, 300})
	seriesOf(t, &r, "B", "10.0.0.1:80", centres, 900_000, []int64{-200, 300, 100, -900, 800, -100})
	return page.Probe{Result: r, Version: "v0.1.0"}
}

// troubled is a run with everything that can go wrong in it.
func troubled(t *testing.T) page.Probe {
	t.Helper()
	p := same(t)
	r := &p.Result
	r.Plan.Rate, r.Plan.Ports = 500, probe.SourcePorts{Mode: probe.ReusePorts, Low: 40000, High: 40999}
	r.Partial, r.Stopped = true, "51 of the last 60 hits on A failed (refused)"
	a, b := &r.Series[0], &r.Series[1]
	a.Errors = map[probe.Class]int64{probe.Refused: 12, probe.Timeout: 3, probe.OtherFailure: 1}
	a.OtherError = "too many open files"
	a.Events = probe.Events{From1s: 4, From3s: 2, From7s: 1, ResentSYNs: 19, SYNTimeouts: 3, ResentRequests: 2, NotSent: 41}
	a.WarmUp = probe.Tally{Requests: 100, Failed: 1, Late: 6, ResentSYNs: 7}
	a.Phases[probe.Connect], a.Histograms[probe.Connect] = statsOf(t, spread(31_000, 7_100_000_000))
	b.Blocks = b.Blocks[:5] // too few for an interval
	r.Findings = []probe.Finding{{
		Target: "A", Cause: probe.DeadPod, Text: "Some connections to the address reach a backend and some do not: a backend is gone and still receives connections.",
		How: "0 no route, 12 refused, 3 timed out unconnected, 0 reset; 586 connected",
	}}
	r.SelfCheck.Usable, r.SelfCheck.Why = false, []string{"312.0 hits/s were sent of 500.0 planned: the answers are too slow for 8 at once, or this machine is"}
	r.SelfCheck.PlannedRate, r.SelfCheck.AchievedRate, r.SelfCheck.Abandoned = 500, 312, 8
	r.Budget.Conntrack = probe.Conntrack{Known: true, Count: 214, Max: 262144, Holds: 2 * time.Minute, Need: 1204}
	r.Notes = append(r.Notes, "source ports are reused on purpose: a Service in IPVS mode may send such connections to pods that are gone (Kubernetes issue 81775)")
	p.Problem = &plain.Problem{Sentence: "Stopped by itself: 51 of the last 60 hits on A failed (refused).", Remedy: "Look at the target first: more load would not mend it. --stop-at-failed 0 lets a run go on whatever fails."}
	return p
}

// dialed is one tcp target measured where the kernel gives no Handshake.
func dialed(t *testing.T) page.Probe {
	t.Helper()
	r := emptyRun()
	r.Environment.Engine, r.Environment.Kernel, r.Environment.System = "net.Dialer", "", "darwin/arm64"
	r.Plan.Requests, r.Plan.Duration, r.Plan.Blocks = 0, 30*time.Second, 1
	seriesOf(t, &r, "A", "db.example:5432", probe.PerPhase[int64]{0, 57_000}, 250_000_000, []int64{0})
	r.Series[0].Target.Kind, r.Series[0].Target.Path, r.Series[0].Resolved = probe.TCP, "", "10.9.8.7:5432"
	r.SelfCheck.BiasKnown, r.SelfCheck.Steal = false, probe.Share{}
	r.Budget = probe.Budget{Verdict: probe.Enough, Why: "this system does not say how many source ports are free", Target: "A"}
	return page.Probe{Result: r, Basis: page.Basis(r), Version: "v0.1.0"}
}

func refused(*testing.T) page.Probe {
	return page.Probe{Version: "v0.1.0", Problem: &plain.Problem{Sentence: "Not started: 28232 source ports are too few for 60000 connections, each used once: widen the range or choose reuse.", Remedy: "Change the plan as it says, or --force the run: hits without a source port then count as \"address not available\"."}}
}

// inCluster is one Service from two nodes, with its pods as controls, while it was
// rolled out.
func inCluster(t *testing.T) page.Probe {
	t.Helper()
	p := compared(t)
	r := &p.Result
	controls := emptyRun()
	seriesOf(t, &controls, "A direct", "10.244.1.7:8080", probe.PerPhase[int64]{24_000, 38_000, 390_000, 360_000, 428_000, 9_000, 15_000}, 4_000_000, []int64{100, 100, -200, 500, 0, -100})
	seriesOf(t, &controls, "B direct", "10.244.1.7:8080", probe.PerPhase[int64]{22_000, 36_000, 389_000, 359_000, 425_000, 9_000, 13_000}, 3_800_000, []int64{0, -200, 100, -100, 300, 100})
	r.Controls = controls.Series
	for i := range 2 {
		r.Series[i].Target.Address, r.Series[i].Resolved = "10.96.0.20:80", "10.96.0.20:80"
		r.Series[i].From = []string{"node-a", "node-b"}[i]
		r.Controls[i].From = r.Series[i].From
		r.Controls[i].Target.Besides = "10.244.2.9:8080"
	}
	r.Labels[evidence.LabelModesFrom] = evidence.ModesFromCluster
	r.Windows = []probe.Window{{
		From: 10 * time.Second, To: 135 * time.Second,
		Changes: []probe.Change{{At: 12 * time.Second, What: "1 added"}, {At: 14 * time.Second, What: "1 terminating"}},
		Targets: []probe.Tally{{Requests: 1200, Failed: 3, Late: 1}, {Requests: 1198}},
	}}
	r.Others = []probe.Tally{{Requests: 2400}, {Requests: 2403}}
	p.Basis = page.Basis(*r)
	p.Command = "kpadvisor probe --in-cluster http://shop/cart:80/ --node-a node-a --node-b node-b --image registry.example/kpadvisor:v1 --namespace default"
	return p
}

// fourNodes are two nodes of each mode with four Services, at places of their own in
// iptables mode.
func fourNodes(t *testing.T) page.Probe {
	t.Helper()
	p := inCluster(t)
	r := &p.Result
	r.Series[0].From, r.Series[1].From = "node-a, node-c", "node-b, node-d"
	r.Windows, r.Others = nil, nil
	for i, node := range []string{"node-a", "node-c", "node-b", "node-d"} {
		for service := range 4 {
			u := probe.Unit{Series: i / 2, Node: node, Service: fmt.Sprintf("10.96.0.%d:80", 20+service)}
			u.N[probe.Handshake], u.MedianNs[probe.Handshake] = 20, float64(40_000+2_000*(i%2)+20_000*service*(1-i/2))
			u.N[probe.FirstPacket], u.MedianNs[probe.FirstPacket] = 20, u.MedianNs[probe.Handshake]-9_000
			r.Units = append(r.Units, u)
		}
	}
	p.Command = "kpadvisor probe --in-cluster --nodes 2 --mode-a iptables --mode-b nftables --image registry.example/kpadvisor:v1 --namespace default"
	return p
}
