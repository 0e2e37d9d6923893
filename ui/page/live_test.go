package page

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/say"
)

func gap(diff, low, high float64, blocks int) probe.Difference {
	d := probe.Difference{Blocks: blocks, MedianDiffNs: diff * 1e3, LowNs: low * 1e3, HighNs: high * 1e3, Usable: true, Confidence: 0.96}
	d.Bounded = blocks >= probe.MinBlocks
	d.Detected = d.Bounded && (low > 0 || high < 0)
	d.SmallestNs = (high - low) / 2 * 1e3
	return d
}

// TestSentence: nothing is said before there are blocks enough, the faster one is named
// first whichever it is, and what holds for one build alone says so in the end.
func TestSentence(t *testing.T) {
	t.Parallel()
	bad := gap(22, 17, 35, 20)
	bad.Usable, bad.Why = false, "the self-check failed"
	for _, tt := range []struct {
		d       probe.Difference
		ended   bool
		inBuild bool
		want    string
		tone    Tone
	}{
		{gap(22, 17, 35, 20), true, false, "b is 22.0 µs faster than a [17.0, 35.0].", Strong},
		{gap(-22, -35, -17, 20), true, true, "a is 22.0 µs faster than b [17.0, 35.0] in this build.", Strong},
		{gap(22, 17, 35, 20), false, true, "So far b is 22.0 µs faster than a [17.0, 35.0].", Strong},
		{gap(1, -3, 5, 20), false, false, "a, b: no difference so far; one of 4.0 µs could have shown.", Normal},
		{gap(1, -3, 5, 20), true, false, "a, b: no difference detected; one of 4.0 µs could have shown.", Normal},
		{gap(1, -3, 5, 20), true, true, "a, b: no difference detected in this build; one of 4.0 µs could have shown.", Normal},
		{gap(0, -0.04, 0.04, 20), true, false, "a, b: no difference detected; one of <0.05 µs could have shown.", Normal},
		{gap(0.03, 0.02, 0.06, 20), true, false, "b is <0.05 µs faster than a [0.0, 0.1].", Strong},
		{gap(-190_000, -310_000, 1, 20), true, false, "a, b: no difference detected; one of 155.0 ms could have shown.", Normal},
		{gap(22, 17, 35, 3), false, false, "a, b: too early to tell, 3 of at least 6 blocks.", Muted},
		{gap(0, 0, 0, 0), false, false, "a, b: too early to tell, 0 of at least 6 blocks.", Muted},
		{gap(22, 17, 35, 3), true, false, "a, b: no conclusion from 3 blocks, it takes 6.", Warn},
		{bad, true, false, "No conclusion: the self-check failed.", Bad},
		{gap(250_000, 190_000, 310_000, 20), true, false, "b is 250.0 ms faster than a [190.0, 310.0].", Strong},
	} {
		got, tone := Versus{A: "a", B: "b", Difference: tt.d, InBuild: tt.inBuild, Ended: tt.ended}.Sentence(say.Voice{})
		if got != tt.want || tone != tt.tone {
			t.Errorf("%+v: %q (%d), want %q (%d)", tt.d, got, tone, tt.want, tt.tone)
		}
	}
}

// TestSentenceOfAStoppedRun: who stops a run when it shows something does not get the
// words of one that came to its end.
func TestSentenceOfAStoppedRun(t *testing.T) {
	t.Parallel()
	const stopped = " The run was stopped before its plan was done."
	for _, tt := range []struct {
		d        probe.Difference
		want, of string
	}{
		{gap(22, 17, 35, 8), "So far b is 22.0 µs faster than a [17.0, 35.0]." + stopped, "a minus b, 95 %, so far"},
		{gap(1, -3, 5, 8), "a, b: no difference so far; one of 4.0 µs could have shown." + stopped, "a minus b, 95 %, so far"},
		{gap(22, 17, 35, 3), "a, b: no conclusion from 3 blocks, it takes 6.", "a minus b, 95 %, so far"},
	} {
		x := Versus{A: "a", B: "b", Difference: tt.d, Ended: true, Stopped: true}
		if got, _ := x.Sentence(say.Voice{}); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
		if got := Differences(say.Voice{}, []Versus{x}).Of; got != tt.of {
			t.Errorf("%q, want %q", got, tt.of)
		}
	}
	if got := Differences(say.Voice{}, []Versus{{A: "a", B: "b", Difference: gap(22, 17, 35, 8)}}).Of; got != "a minus b, 95 %, so far" {
		t.Errorf("while it lasts: %q", got)
	}
}

// TestDifferences: one unit for all, an interval only where there are blocks enough, and
// figures that say the same as the picture.
func TestDifferences(t *testing.T) {
	t.Parallel()
	one := Differences(say.Voice{}, []Versus{{A: "A", B: "B", Difference: gap(-12, -13, -11, 20), Ended: true}})
	if one.Of != "A minus B, 95 %" || one.Rows[0].Name != "A - B" || one.Written(one.Rows[0]) != "-12.0 [-13.0, -11.0]" || one.Unit != "µs" {
		t.Errorf("one pair: %+v", one)
	}
	many := Differences(say.Voice{}, []Versus{
		{A: "iptables", B: "direct", Difference: gap(46, 40, 55, 20), Ended: true},
		{A: "nftables", B: "direct", Difference: gap(2, -1, 5, 20), Ended: true},
		{A: "IPVS", B: "direct", Difference: gap(9, 8, 9, 2), Ended: true},
	})
	var said []string
	for _, r := range many.Rows {
		said = append(said, r.Name+" "+many.Written(r))
	}
	if got := strings.Join(said, "; "); many.Of != "over direct, 95 %" || got != "iptables +46.0 [+40.0, +55.0]; nftables ~ [-1.0, +5.0]; IPVS 2 of 6 blocks" || many.Rows[2].Bounded {
		t.Errorf("three: %s: %s", many.Of, got)
	}
}

// TestNoConclusionHasNoInterval: what the sentence refuses is not drawn beside it.
func TestNoConclusionHasNoInterval(t *testing.T) {
	t.Parallel()
	for ended, want := range map[bool]string{true: "no conclusion", false: "+22.0 [+17.0, +35.0]"} {
		d := gap(22, 17, 35, 20)
		d.Usable, d.Why = false, "the self-check failed"
		block := Differences(say.Voice{}, []Versus{{A: "a", B: "b", Difference: d, Ended: ended}})
		if got := block.Written(block.Rows[0]); got != want || block.Rows[0].Bounded == ended {
			t.Errorf("ended %v: %q in %+v", ended, got, block.Rows[0])
		}
	}
}

// units are what nodes of two sides measured of their Services in so many rounds; side 0
// is 22 µs slower.
func units(nodes, services, rounds int) []probe.Unit {
	var out []probe.Unit
	for side := range 2 {
		for node := range nodes {
			for service := range services {
				u := probe.Unit{Series: side, Node: fmt.Sprintf("%c%d", 'a'+side, node), Service: fmt.Sprint(service)}
				u.N[probe.Handshake], u.MedianNs[probe.Handshake] = int64(rounds), 60e3-22e3*float64(side)+1e3*float64(node+service)
				out = append(out, u)
			}
		}
	}
	return out
}

// TestSentenceOfNodes: what nodes or Services tell needs as many rounds as what rounds
// tell, and says what it rests on.
func TestSentenceOfNodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		units []probe.Unit
		ended bool
		want  string
	}{
		{units(2, 1, 1), false, "a, b: too early to tell, 1 of at least 6 blocks. | 1 of 6 blocks"},
		{units(2, 1, 5), true, "a, b: no conclusion from 5 blocks, it takes 6. | 5 of 6 blocks"},
		{units(1, 3, 5), false, "a, b: too early to tell, 5 of at least 6 blocks. | 5 of 6 blocks"},
		{units(2, 1, 6), true, "b is 22.0 µs faster than a [19.0, 25.0], 2 and 2 nodes. | +22.0 [+19.0, +25.0]"},
		{units(2, 1, 6), false, "So far b is 22.0 µs faster than a [19.0, 25.0], 2 and 2 nodes. | +22.0 [+19.0, +25.0]"},
		{units(1, 3, 6), true, "b is 22.0 µs faster than a [19.7, 24.3], between these nodes, whatever their modes. | +22.0 [+19.7, +24.3]"},
	} {
		d, ok := probe.CompareUnits(tt.units, 0, 1, probe.Handshake)
		x := Versus{A: "a", B: "b", Difference: d, Ended: tt.ended}
		said, _ := x.Sentence(say.Voice{})
		block := Differences(say.Voice{}, []Versus{x})
		if got := said + " | " + block.Written(block.Rows[0]); !ok || got != tt.want {
			t.Errorf("%d units: %q, want %q", len(tt.units), got, tt.want)
		}
	}
}

// TestTold: the pair that is put into words depends on what was measured, and never on
// what came out.
func TestTold(t *testing.T) {
	t.Parallel()
	for want, modes := range map[string][]lab.Mode{
		"nftables iptables-nft true":    {lab.Direct, lab.IPTablesLegacy, lab.IPTablesNFT, lab.NFTables, lab.IPVS},
		"nftables iptables-legacy true": {lab.Direct, lab.NFTables, lab.IPTablesLegacy},
		"ipvs iptables-nft true":        {lab.IPVS, lab.Direct, lab.IPTablesNFT},
		"nftables  false":               {lab.Direct, lab.NFTables, lab.IPVS},
		"  false":                       {lab.Direct},
	} {
		if a, b, ok := Told(modes); fmt.Sprint(string(a), " ", string(b), " ", ok) != want {
			t.Errorf("of %v: %s, %s, %v; want %s", modes, a, b, ok, want)
		}
	}
}

func TestWordsOfARun(t *testing.T) {
	t.Parallel()
	troubled := probe.Series{
		Errors: map[probe.Class]int64{probe.Refused: 12, probe.Timeout: 1_405}, Events: probe.Events{From1s: 4, From3s: 1, ResentSYNs: 9, NotSent: 2},
		WarmUp: probe.Tally{ResentSYNs: 2},
	}
	o := lab.Options{Plan: probe.DefaultPlan(), Shape: rules.Shape{Services: 1000, Endpoints: 5}, Position: rules.Middle}
	o.Plan.Rate, o.Plan.Blocks = 100, 20
	closed := probe.DefaultPlan()
	closed.Blocks = 2
	what, why := NoResult(say.Voice{}, fmt.Errorf("waiting: %w", context.Canceled))
	not, because := NoResult(say.Voice{}, &probe.BudgetError{Budget: probe.Budget{Why: "no port is free"}})
	failed, of := NoResult(say.Voice{}, errors.New("could not resolve x"))
	for got, want := range map[string]string{
		Failures(say.Voice{}, troubled): "12 refused, 1,405 timeout, 2 not sent", Failures(say.Voice{}, probe.Series{}): "0",
		Resent(say.Voice{}, troubled): "5 (4 of 1 s, 1 of 3 s, SYNs resent: 9, warming up: 2)", fmt.Sprint(Resent(say.Voice{}, probe.Series{}), Troubled(probe.Series{}), Troubled(troubled)): "0false true",
		what + why: "Stopped before the first hit.", not + because: "Not started. no port is free", failed + of: "The run failed: could not resolve x",
		LabPlan(say.Voice{}, o):                                                  "1,000 Services of 5 endpoints, target middle among the rules; cold: 100/s, caches emptied meanwhile, 20 blocks of each mode in turn",
		RunPlan(say.Voice{}, probe.ABPlan(), 2):                                  "as ab -c 1,000 -n 10,000, one target after the other; closed loop, 1,000 at once; an interval for the difference needs 6 blocks",
		RunPlan(say.Voice{}, closed, 2):                                          "closed loop, 8 at once; an interval for the difference needs 6 blocks",
		RunPlan(say.Voice{}, closed, 1):                                          "closed loop, 8 at once; one target alone: no difference",
		PodsPlan(say.Voice{}, "", 20, 100):                                       "to an echo server of its own; 20 blocks of each side in turn, at most 100/s",
		PodsPlan(say.Voice{}, "a/b:http", 6, 0.5):                                "to a/b:http; 6 blocks of each side in turn, at most 0.5/s",
		Objects(say.Voice{}, lab.Counts{Rules: 1, Chains: 6013, RealServers: 2}): "2 real servers, 1 rule, 6,013 chains",
		StageLine(say.Voice{}, lab.Stage{Mode: lab.IPTablesNFT, Services: 1000}): "ipt nft, 1,000 Services",
		Scale(say.Voice{}, 5e4) + ", " + Scale(say.Voice{}, 2e6) + ", " + Scale(say.Voice{}, 1e9) + Scale(say.Voice{}, 10): "50 µs, 2 ms, 1 s10 ns",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	check := SelfCheckLine(say.Voice{}, probe.SelfCheck{AchievedRate: 98.6, PlannedRate: 100, Threads: 4, LatenessP99Ns: 41_300, Steal: probe.Share{Known: true, Value: 0.021}, Abandoned: 2})
	if check != "self-check: 99 hits/s of 100 planned on 4 threads, sent up to 41µs late (p99), 2.1 % of the CPU taken by other machines, 2 hits in flight when it was stopped" {
		t.Error(check)
	}
}
