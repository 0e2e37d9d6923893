package advisor

import (
	"strings"
	"testing"

	"kpadvisor/say"
)

// TestFirstSync: the range holds every first sync that was published or measured.
func TestFirstSync(t *testing.T) {
	for _, c := range []struct {
		ports, endpoints int
		version, kernel  string
		low, high        float64 // seconds seen
		what             string
	}{
		{5_001, 100_000, "v1.37.2", "6.18.1", 4.8, 6.2, "ours, live"},
		{5_001, 100_000, "v1.34.4", "6.18.1", 88, 88, "ours, live"},
		{10_000, 40_000, "v1.37.2", "6.18.1", 35, 56, "ours"},
		{8_006, 240_180, "v1.32.6", "6.12.46", 290, 334, "guessi"},
		{8_006, 240_180, "v1.32.6", "6.1.144", 732, 1_143, "guessi"},
		{44_125, 44_125, "v1.36.1", "", 1_003, 1_003, "kubernetes issue 139513"},
		{10_000, 10_000, "v1.33.0", "6.8.0-45-generic", 194, 194, "kubernetes PR 130119"},
		{5_006, 250_000, "v1.34.0", "6.8.0-45-generic", 334, 1_200, "kubernetes issue 135639, the upper part"},
	} {
		s := newSituation(typed(c.ports, c.endpoints, c.kernel, c.version, IPTables), Habits{}, Measured{})
		low, high, text, known := s.nftFirstSync()
		if !known || float64(low) > c.low*1e9 || float64(high) < c.high*1e9 || text.Source == "" {
			t.Errorf("%s: seen %g to %g s, estimated %s, %t", c.what, c.low, c.high, lasting(say.Voice{}, low, high), known)
		}
		if float64(high) > 15*float64(low) {
			t.Errorf("%s: %s says nothing", c.what, lasting(say.Voice{}, low, high))
		}
		if measured := strings.Contains(c.kernel, "6.8"); measured != strings.Contains(text.Text, "was not measured") {
			t.Errorf("%s: %q", c.what, text.Text)
		}
	}
}

func TestFirstSyncNeedsItsFacts(t *testing.T) {
	f := typed(5_000, 40_000, "6.12.1", "v1.34.0", IPTables)
	f.Load, f.Endpoints = Fact[Load]{}, Fact[EndpointCounts]{}
	if _, _, _, known := newSituation(f, Habits{}, Measured{}).nftFirstSync(); known {
		t.Error("known before 1.36 without endpoints")
	}
	f.Version = KnownFrom("v1.36.0", "GET /version")
	if _, _, _, known := newSituation(f, Habits{}, Measured{}).nftFirstSync(); !known {
		t.Error("not known on 1.36, where endpoints do not count")
	}
	f.Version = KnownFrom("v1.30.0", "GET /version")
	if _, _, _, known := newSituation(f, Habits{}, Measured{}).nftFirstSync(); known {
		t.Error("known on 1.30, which has no nftables mode to start")
	}
	if s := newSituation(f, Habits{}, Measured{}); s.nftWeight() != syncNone || iptablesNFT(s).FullSync == "" {
		t.Error("an unknown first sync weighs")
	}
}

func iptablesNFT(s *situation) Estimate {
	f := typed(5_000, 40_000, "6.12.1", "v1.30.0", IPTables)
	return s.with(f, Habits{}).estimate(NFTables)
}

// TestSlowestGroupCounts: one group on a slow kernel makes the first sync of the
// cluster.
func TestSlowestGroupCounts(t *testing.T) {
	f := typed(8_006, 240_180, "6.12.46", "v1.32.6", IPTables)
	alone := newSituation(f, Habits{}, Measured{})
	f.Groups = append(f.Groups, NodeGroup{OS: "linux", Kernel: "6.1.144", Nodes: 1, Proxy: proxyIn(IPTables)})
	low, _, _, _ := alone.nftFirstSync()
	with, _, text, _ := newSituation(f, Habits{}, Measured{}).nftFirstSync()
	if with <= low || !strings.Contains(text.Text, "6.1.144") {
		t.Errorf("%d ns, with a node of 6.1: %d (%s)", low, with, text.Text)
	}
}

func TestBetween(t *testing.T) {
	points := []syncPoint{{10, 1, 2}, {100, 10, 20}, {1_000, 1_000, 1_000}}
	for _, c := range []struct{ size, low, high float64 }{
		{0, 0, 0}, {-1, 0, 0}, {1, 0.1, 0.2}, {10, 1, 2}, {100, 10, 20}, {1_000, 1_000, 1_000}, {10_000, 50_000, 100_000},
	} {
		low, high := between(points, c.size)
		if low < 0.999*c.low || low > 1.001*c.low || high < 0.999*c.high || high > 1.001*c.high {
			t.Errorf("at %g: %g to %g, want %g to %g", c.size, low, high, c.low, c.high)
		}
	}
}

// TestWeakSpotTexts: the rules say what is true of the version at hand.
func TestWeakSpotTexts(t *testing.T) {
	for _, c := range []struct {
		ports, endpoints int
		version, kernel  string
		rule             RuleID
		says, saysNot    string
	}{
		{5_000, 100_000, "v1.35.4", "6.12.30", KPA015, "chain per endpoint", "6.1 "},
		{5_000, 100_000, "v1.36.1", "6.12.30", KPA015, "", "chain per endpoint"},
		{8_000, 240_000, "v1.34.4", "6.1.144", KPA016, "6.1 took 12 to 19 min", "not measured"},
		{8_000, 240_000, "v1.36.1", "6.1.144", KPA016, "not measured with this kube-proxy", ""},
		{44_125, 44_125, "v1.36.1", "6.12.30", KPA017, "lists them by nft --json", ""},
		{44_125, 44_125, "v1.37.2", "6.12.30", KPA017, "one transaction", "nft --json"},
		{2_000, 8_000, "v1.37.2", "6.12.30", KPA017, "", "one transaction"},
	} {
		s := newSituation(typed(c.ports, c.endpoints, c.kernel, c.version, IPTables), Habits{}, Measured{})
		text := s.reason(c.rule).Text
		if !strings.Contains(text, c.says) || c.says == "" && text != "" || c.saysNot != "" && strings.Contains(text, c.saysNot) {
			t.Errorf("%d x %d, %s, %s: %s says %q", c.ports, c.endpoints, c.version, c.kernel, c.rule, text)
		}
	}
}
