package advisor

import (
	"strings"
	"testing"

	"kpadvisor/advisor/release"
)

const measuredKernel = "5.4.200-custom"

// sizeDifference has an interval of 1 us to either side.
func sizeDifference(services int, ns int64) SizeDifference {
	return SizeDifference{Services: services, DiffNs: ns, LowNs: ns - 1_000, HighNs: ns + 1_000}
}

// sweptAt is a sweep of iptables and another mode that cross at 1,200 ports: 2.5
// ns for each rule.
func sweptAt(b Mode, backend release.Backend) BreakEven {
	return BreakEven{
		A: IPTables, Backend: backend, B: b, Outcome: Crosses, Services: 1_200, Low: 1_000, High: 1_400, RulesPerPort: 1,
		Kernel: measuredKernel, Where: "lab sweep, 2026-11-25", Arrival: Cold,
		Differences: []SizeDifference{sizeDifference(100, -2_750), sizeDifference(1_000, -500), sizeDifference(4_000, 7_000), sizeDifference(10_000, 22_000)},
	}
}

func TestBreakEvenPlace(t *testing.T) {
	crosses := sweptAt(IPVS, release.BackendLegacy)
	with := func(o BreakEvenOutcome) BreakEven {
		e := crosses
		e.Outcome = o
		return e
	}
	for _, c := range []struct {
		e       BreakEven
		entries int
		want    int
		reaches bool
	}{
		{crosses, 50, -1, true},
		{crosses, 999, -1, true},
		{crosses, 1_000, 0, true},
		{crosses, 1_400, 0, true},
		{crosses, 30_000, 1, true}, // it has crossed once and for all
		{with(ACheaper), 10_000, -1, true},
		{with(ACheaper), 10_001, -1, false}, // nobody measured there
		{with(BCheaper), 100, 1, true},
		{with(BCheaper), 99, 1, false},
		{with(AtMost), 1_401, 1, true},
		{with(AtMost), 700, 0, true},
		{with(AtMost), 50, 0, false},
		{with(NotDetected), 5_000, 0, true},
		{with(NotDetected), 20_000, 0, false},
		{with("something new"), 1_000, 0, false},
		{BreakEven{Outcome: Crosses}, 1_000, 0, false},
	} {
		place, reaches := c.e.place(c.entries)
		if reaches != c.reaches || reaches && place != c.want {
			t.Errorf("%s at %d: %d, %t, want %d, %t", c.e.Outcome, c.entries, place, reaches, c.want, c.reaches)
		}
	}
}

func TestBreakEvenDifference(t *testing.T) {
	e := sweptAt(NFTables, release.BackendLegacy)
	for entries, want := range map[int]int64{100: -2_750, 1_000: -500, 2_500: 3_250, 10_000: 22_000, 20_000: 22_000} {
		if got, ok := e.difference(entries); !ok || got != (span{want - 1_000, want, want + 1_000}) {
			t.Errorf("at %d: %v, %t, want %d", entries, got, ok, want)
		}
	}
	for _, entries := range []int{0, 99, 20_001} {
		if got, ok := e.difference(entries); ok {
			t.Errorf("at %d, where nothing was measured: %v", entries, got)
		}
	}
}

// A measured break-even beats the published band (1,400 to 3,000 ports) for
// nodes of that kernel alone.
func TestMeasuredBreakEvenBeatsTheBand(t *testing.T) {
	decide := func(services int, kernel string, e ...BreakEven) Advice {
		return Decide(typed(services, services*8, kernel, "v1.28.0", IPTables), habits("connections", "short"), Measured{BreakEvens: e})
	}
	e := sweptAt(IPVS, release.BackendLegacy)
	for _, c := range []struct {
		services     int
		kernel       string
		before, with TwoModeAnswer
		why          string
	}{
		{1_300, measuredKernel, TwoIPTables, TwoEither, "inside the measured interval"},
		{1_500, measuredKernel, TwoEither, TwoIPVS, "above it; 5.4.200 has the fix of 81775"},
		{900, measuredKernel, TwoIPTables, TwoIPTables, "below both"},
		{1_500, "5.4.201-custom", TwoEither, TwoEither, "another kernel keeps the table's answer"},
	} {
		if a := decide(c.services, c.kernel); a.TwoMode != c.before {
			t.Errorf("%d on %s: %s without a measurement, want %s", c.services, c.kernel, a.TwoMode, c.before)
		}
		a := decide(c.services, c.kernel, e)
		if a.TwoMode != c.with {
			t.Errorf("%d on %s: %s, want %s: %s", c.services, c.kernel, a.TwoMode, c.with, c.why)
		}
		if measured := strings.Contains(a.TwoModeWhy, "measured on "+measuredKernel+" at 1,200 ports (95 % interval 1,000 to 1,400)"); measured != (c.kernel == measuredKernel) {
			t.Errorf("%d on %s: %q", c.services, c.kernel, a.TwoModeWhy)
		}
		if said := strings.Contains(lastText(a.Because), "does not stand for this cluster"); said == (c.kernel == measuredKernel) {
			t.Errorf("%d on %s: %+v", c.services, c.kernel, a.Because)
		}
	}
	e.RulesPerPort = 2 // as kube-proxy wrote until 1.21, and this is 1.28
	if a := decide(1_500, measuredKernel, e); a.TwoMode != TwoEither {
		t.Errorf("another layout of rules: %s", a.TwoMode)
	}
	other := sweptAt(IPVS, release.BackendNFT)
	other.Outcome = ACheaper
	if a := decide(5_000, measuredKernel, sweptAt(IPVS, release.BackendLegacy), other); a.TwoMode != TwoEither {
		t.Errorf("the backends disagree and nobody knows which one runs: %s", a.TwoMode)
	}
}

// Nodes of other kernels in the same cluster keep the band; where the two
// disagree neither mode is better by rule.
func TestMeasuredBreakEvenOnSomeNodes(t *testing.T) {
	node := func(kernel string) NodeGroup {
		return NodeGroup{Nodes: 2, OS: "linux", Kernel: kernel, Kubelet: "v1.28.0", Proxy: proxyIn(IPTables)}
	}
	measured := Measured{BreakEvens: []BreakEven{sweptAt(IPVS, release.BackendLegacy)}}
	for services, want := range map[int]TwoModeAnswer{900: TwoIPTables, 1_300: TwoEither, 2_000: TwoEither, 4_000: TwoIPVS} {
		a := Decide(groups(services, "v1.28.0", node(measuredKernel), node("5.10.200-other")), habits("connections", "short"), measured)
		if a.TwoMode != want || !strings.Contains(a.TwoModeWhy, "on the other nodes break-even band 1,400 to 3,000") || !strings.Contains(lastText(a.Because), "It holds for 2 nodes") {
			t.Errorf("%d: %s, want %s: %s; %+v", services, a.TwoMode, want, a.TwoModeWhy, lastText(a.Because))
		}
	}
}

// The curve of a sweep replaces the estimate of what a change would gain, and is
// no veto: the end of IPVS and what cannot run here stay what they are.
func TestMeasuredCurveBeatsTheEstimate(t *testing.T) {
	kernel := "6.6.0-custom"
	decide := func(services int, mode Mode, version string, e BreakEven) Advice {
		e.Kernel = kernel
		return Decide(typed(services, services*2, kernel, version, mode), habits("connections", "short"), Measured{BreakEvens: []BreakEven{e}})
	}
	e := sweptAt(NFTables, release.BackendLegacy)
	// Estimated 25 us at 2,500 ports, measured 3.25.
	if a := decide(2_500, IPTables, "v1.36.0", e); a.Action != Keep || !strings.Contains(a.Because[0].Text, "Measured, nftables would save 3.2 us") {
		t.Errorf("measured 3 us: %s, %+v", a.Action, a.Because)
	}
	if a := decide(10_000, IPTables, "v1.36.0", e); a.Action != Change || !strings.Contains(a.Because[0].Text, "22 us per new connection slower than nftables, measured on "+kernel) {
		t.Errorf("measured 22 us: %s, %+v", a.Action, a.Because)
	}
	if a := decide(10_000, IPVS, "v1.36.0", sweptAt(IPVS, release.BackendLegacy)); a.Recommended != NFTables {
		t.Errorf("IPVS measured faster: %q; it is at its end all the same", a.Recommended)
	}
	if a := decide(1_900, IPTables, "v1.28.0", sweptAt(IPVS, release.BackendLegacy)); a.Recommended != IPTables || a.TwoMode != TwoIPVS {
		t.Errorf("IPVS measured 2 us faster: %q, %s; below what is worth a change", a.Recommended, a.TwoMode)
	}
}
